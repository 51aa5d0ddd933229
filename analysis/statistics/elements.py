"""The mean of element shares, with its linearised variance and KG-S limits.

Owns one way of joining elements to an index: each counts alike, however many answers it got. The
combined ratio, in which each answer counts alike, is `estimates`'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.statistics.estimates import columns_of
from analysis.statistics.exact import check_level
from analysis.statistics.moments import Moments
from analysis.statistics.strata import Design, MeasureKind, Stratum, Sums, draw


@dataclass(frozen=True, slots=True)
class ElementStratum:
    """The answers of one stratum to E elements, and its dossiers (None where unknown).

    `products[i][j]`: yy, ym and mm of element i's y and m with element j's (`moments.crossed`); on
    the diagonal the moments of the element itself, whose n, answered, y and m count too.
    """

    products: Sequence[Sequence[Moments]]
    population: int | None

    @property
    def elements(self) -> tuple[Moments, ...]:
        """The moments of each element."""
        return tuple(row[place] for place, row in enumerate(self.products))


@dataclass(frozen=True, slots=True)
class ElementMean:
    """The mean of element shares. Fractions 0..1; None where it cannot be had.

    `low`, `high`: two-sided; `lower`, `upper`: each one-sided at the level.
    """

    share: float | None
    low: float | None
    high: float | None
    lower: float | None
    upper: float | None
    se: float | None
    df: int | None
    n_eff: float | None


_NAMES = ("share", "low", "high", "lower", "upper", "se", "df", "n_eff")


def element_mean(
    strata: Sequence[ElementStratum],
    kinds: Sequence[MeasureKind],
    shares: Sequence[float | None],
    *,
    level: float = 0.95,
) -> ElementMean:
    """The mean of the shares of E elements.

    Parameters
    ----------
    strata
        With answers, each with the same elements.
    kinds
        Of each element: "ratio" over several items, "item" of a single one, as for `estimate`.
    shares
        Of each element, as estimated over these strata; the mean is None where one is None.
    level
        0 < level < 1.

    Notes
    -----
    Linearised over respondents (Taylor), so that elements answered by the same people may go
    together as they do:

        z_i = 1/E sum_e (w_e / w) (y_ei - R_e m_ei) / M_e,   M_e = sum w_e m_ei,   w = N_h / n_h

    with the variance of sum w z, stratum by stratum. With elements of several items, or where
    everybody answered every item, this is R's svycontrast() of svyratio() under svydesign(strata,
    fpc). An element of one item is estimated among those who answered it, so there w_e is N_h over
    these, R_e the share of the stratum, and n_h in the variance the fewest answers to an element:
    with a single element it is the variance of that element's own row. Where different people
    left elements out it is on the safe side, by the finite-population correction that the fewest
    answers miss: with 45 of 60 dossiers answered and a fifth leaving out each element, the
    standard error is 1.3 times the true one; where few answered it is as good as exact.

    The limits are KG-S, as for the combined ratio, with E elements in place of its items: the
    pseudo-value share + sum(w) z is one answer to each element that the person answered.

    References
    ----------
    Woodruff (1971), JASA 66:411; Korn & Graubard (1998), Survey Methodology 24:193; Lumley (2010),
    Complex Surveys, on svycontrast.
    """
    check_level(level)
    known = [share for share in shares if share is not None]
    kept = _answered(strata, kinds)
    if len(known) < len(shares) or not kept:
        return ElementMean(*(None,) * len(_NAMES))
    sizes = [min(size for size in _sizes(stratum, kinds) if size) for stratum in kept]
    cells = [
        Stratum(Moments(n=stratum.elements[0].n, answered=size), stratum.population)
        for stratum, size in zip(kept, sizes, strict=True)
    ]
    drawn = draw([cells], ["item"])  # n_h people who answered, though KG-S is to have the limits
    sums = _pseudo_values(kept, kinds, sum(known) / len(known), drawn)
    design = replace(drawn, satisfied=sums, item=np.array([False]))
    found = columns_of(design, level=level, names=_NAMES)
    return ElementMean(*(found[name][0] for name in _NAMES))


def _answered(
    strata: Sequence[ElementStratum], kinds: Sequence[MeasureKind]
) -> list[ElementStratum]:
    """Strata with answers; where any dossiers are known, those with dossiers alone."""
    weighted = any(stratum.population for stratum in strata)
    return [
        stratum
        for stratum in strata
        if any(_sizes(stratum, kinds)) and (stratum.population or not weighted)
    ]


def _sizes(stratum: ElementStratum, kinds: Sequence[MeasureKind]) -> list[int]:
    """n_h of each element: who answered it, or of several items everyone; 0 without answers."""
    return [
        moments.answered and (moments.answered if kind == "item" else moments.n)
        for moments, kind in zip(stratum.elements, kinds, strict=True)
    ]


def _pseudo_values(
    strata: Sequence[ElementStratum], kinds: Sequence[MeasureKind], mean: float, drawn: Design
) -> Sums:
    """Sums over each stratum of pseudo-values, to be read as a numerator and a denominator."""
    item = np.array([kind == "item" for kind in kinds])
    moments = [stratum.elements for stratum in strata]
    n, answers, y, m = (
        np.array([[getattr(one, name) for one in row] for row in moments], dtype=np.float64)
        for name in ("n", "answered", "y", "m")
    )
    yy, ym, mm = (
        np.array(
            [[[getattr(c, name) for c in row] for row in s.products] for s in strata],
            dtype=np.float64,
        )
        for name in ("yy", "ym", "mm")
    )
    sizes = np.array([_sizes(stratum, kinds) for stratum in strata], dtype=np.float64)
    weight = (drawn.dossiers / drawn.size)[:, None]
    own = np.where(sizes > 0, drawn.dossiers[:, None] / np.maximum(sizes, 1), 0.0)
    own = own if drawn.weighted[0] else (sizes > 0).astype(np.float64)
    whole = (own * m).sum(axis=0)
    centre = np.where(item, y / np.maximum(m, 1), (own * y).sum(axis=0) / whole)
    a = own / (whole * item.size * weight)
    b = a * centre
    z = (a * y - b * m).sum(axis=1)
    zz = np.einsum("hi,hj,hij->h", a, a, yy) + np.einsum("hi,hj,hij->h", b, b, mm)
    zz -= 2 * np.einsum("hi,hj,hij->h", a, b, ym)
    zz += z * z * (1 / drawn.size - 1 / n[:, 0])  # centred over all who answered, not the fewest
    given = answers.sum(axis=1)
    each, scale = given / drawn.size, float((weight[:, 0] * given).sum())
    total = mean * given + scale * z
    squares = mean * each * (total + scale * z) + scale**2 * zz
    return Sums(total, given, squares, each * total, each * given)
