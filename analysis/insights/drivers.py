"""Which elements go with overall satisfaction: importance, for a look beside performance.

Owns the comparison of people satisfied with an element and people who are not. It is an
association: it cannot tell what would happen if the element became better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.counting.joint import Pair
from analysis.counting.moments import Moments
from analysis.design.scopes import Place
from analysis.formulas.differences import Difference, newcombe
from analysis.formulas.intervals import Interval, beta_limits, check_level
from analysis.formulas.ratios import ratios
from analysis.formulas.strata import Stratum, draw

MINIMUM_SIDE: Final = 10
"""Fewer people on either side give no figure: its interval would be some 60 points wide."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One element or item and how much overall satisfaction goes with it.

    satisfied, dissatisfied
        People compared: satisfied with the measure, or not, in places that have both kinds.
    left_out
        People who answered, in places where everyone or nobody was satisfied with the measure.
    share_satisfied, share_dissatisfied
        Overall satisfaction of either kind, 0..1, both as if spread alike over the places.
    importance
        The first less the second; None where a side has fewer than ten people.
    """

    measure: str
    satisfied: int
    dissatisfied: int
    left_out: int
    share_satisfied: float | None
    share_dissatisfied: float | None
    importance: Difference | None


def drivers(
    pairs: Mapping[str, Mapping[Place, Pair]], *, level: float = 0.95
) -> tuple[Driver, ...]:
    """Drivers of overall satisfaction, the surest first; those without a figure last.

    Parameters
    ----------
    pairs
        Measure -> place (office and sector) -> its counts with overall satisfaction.
    level
        Of each importance's interval.

    Returns
    -------
    tuple of Driver
        In the order of the interval's lower limit: what is surely important goes before what may
        be. One for each measure with answers.

    Notes
    -----
    People are compared within their place, so that a sector where both are high does not look
    like a link between them. Places are weighed by n1*n0/(n1+n0) (Mantel-Haenszel), the same on
    both sides. Each side has the interval of its weighted share (KG-S; one place: Clopper and
    Pearson), without finite-population correction, as importance is about citizens to come; the
    difference is Newcombe's.

    References
    ----------
    Cochran (1954), Biometrics 10:417; Mantel & Haenszel (1959); Newcombe (1998), method 10;
    Yan & Su (2010), Statistics in Biopharmaceutical Research 2:329, on stratified differences.

    Examples
    --------
    >>> place = ("trieu-son", "land")
    >>> found = drivers({"item:wait": {place: Pair(60, 40, 48, 38)}})[0]
    >>> found.share_satisfied, found.share_dissatisfied, round(found.importance.low, 2)
    (0.95, 0.5, 0.19)
    """
    check_level(level)
    compared = {measure: _compared(places) for measure, places in pairs.items()}
    figures = _figures({m: sides for m, sides in compared.items() if _enough(sides)}, level)
    found = [
        _driver(measure, compared[measure], sum(pair.n for pair in places.values()), figures)
        for measure, places in pairs.items()
        if any(pair.n for pair in places.values())
    ]
    return tuple(sorted(found, key=_place))


def _place(found: Driver) -> tuple[bool, float]:
    known = found.importance
    return known is None, -known.low if known else 0.0


_Sides = Sequence[tuple[tuple[int, int], tuple[int, int]]]
"""Per place: (satisfied overall, people) of those satisfied with the measure, then the others."""

_Figures = Mapping[str, tuple[float, float, Difference]]


def _compared(places: Mapping[Place, Pair]) -> _Sides:
    """The places with people on both sides, in an order that no engine chooses."""
    return [
        (
            (pair.with_both, pair.with_measure),
            (pair.with_overall - pair.with_both, pair.n - pair.with_measure),
        )
        for _, pair in sorted(places.items())
        if 0 < pair.with_measure < pair.n
    ]


def _people(sides: _Sides) -> tuple[int, int]:
    return sum(one[1] for one, _ in sides), sum(other[1] for _, other in sides)


def _enough(sides: _Sides) -> bool:
    return min(_people(sides)) >= MINIMUM_SIDE


def _figures(compared: Mapping[str, _Sides], level: float) -> _Figures:
    """Both shares and their difference for each measure, all computed at once."""
    if not compared:
        return {}
    cells = [
        [Stratum(_one_answer(*places[side]), 1) for places in sides]
        for sides in compared.values()
        for side in (0, 1)
    ]
    weights = [
        one[1] * other[1] / (one[1] + other[1])
        for sides in compared.values()
        for _ in (0, 1)
        for one, other in sides
    ]
    design = draw(cells, ["item"] * len(cells))
    design = replace(design, dossiers=np.array(weights), fraction=np.zeros(len(weights)))
    found = ratios(design, design.satisfied)
    alone = np.where(design.rows == 1, design.first(design.size), found.n_eff)
    low, high = beta_limits(found.share, alone, (1 - level) / 2)
    limits = [Interval(*pair) for pair in zip(low.tolist(), high.tolist(), strict=True)]
    sides = list(zip(found.share.tolist(), limits, strict=True))
    return {
        measure: (one[0], other[0], newcombe(*one, *other))
        for measure, one, other in zip(compared, sides[::2], sides[1::2], strict=True)
    }


def _one_answer(satisfied: int, people: int) -> Moments:
    return Moments(people, people, satisfied, people, satisfied, satisfied, people)


def _driver(measure: str, sides: _Sides, people: int, figures: _Figures) -> Driver:
    one, other = _people(sides)
    shares = figures.get(measure, (None, None, None))
    return Driver(measure, one, other, people - one - other, *shares)
