"""A funnel: which offices are unlike the others by more than chance, however small they are.

Owns the limits around what all offices have in common, and how far offices differ without any one
of them being remarkable. Whether chance alone explains one is the exact test of `comparisons`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import chdtri, ndtri, stdtrit
from scipy.stats import binom

from analysis.statistics.comparisons import Signal, departures
from analysis.statistics.exact import Floats, Ints, check_level

SectorCounts = Sequence[tuple[int, int]]
"""(satisfied, answered) in each sector, in the same order for every office; (0, 0) where none."""

_STEPS: Final = 40

CUT: Final = 0.1
"""Part of the offices on each side that say least about how far offices usually differ."""

FEWEST: Final = 10
"""Offices: of fewer nobody can tell how far they usually differ, as one would be cut on no side."""

_RISK: Final = 0.05


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One office. `share`: as if it had the sectors of all, 0..1; `answered`: its answers.

    `signal`: "unknown" where it has no answers or is alone.
    """

    answered: int
    share: float | None
    signal: Signal


@dataclass(frozen=True, slots=True)
class Funnel:
    """`centre`: the share of all answers together, None without any; `points`: an office each.

    `limits`: (answered, low, high), with more answers from one to the next: where the share of an
    office like the others lies. `between`: the standard deviation of the offices' own shares, by
    which the limits are widened; 0 where chance alone explains how the offices differ.
    """

    centre: float | None
    points: tuple[FunnelPoint, ...]
    limits: tuple[tuple[int, float, float], ...]
    between: float = 0.0


def funnel(offices: Sequence[SectorCounts], *, level: float = 0.95) -> Funnel:
    """Hold every office against all the others.

    Parameters
    ----------
    offices
        The answers of each by sector.
    level
        With which no office at all is told apart where they are truly alike, 0 < level < 1.

    Raises
    ------
    ValueError
        Impossible counts or level, or offices that differ in their number of sectors.

    Notes
    -----
    Each office is compared with the others sector by sector, given all satisfied answers
    (`comparisons.departures`: hypergeometric, exact, two-sided), and takes (1 - level) / offices of
    the risk (Bonferroni): with fifty offices that are alike, in at most one period of twenty is
    any one told apart. So few answers can prove nothing, and a small office is neither shamed nor
    praised by chance. A mix of other sectors is no difference: the share that is drawn is the
    centre and what the office has more, or less, than its sectors have everywhere.

    The limits are those of one binomial share at the centre, exact and interpolated between whole
    answers so that they do not jump (Spiegelhalter 2005, appendix A.1.1), at the same risk. They
    show what chance can do; the test decides.

    Many offices may differ by more than chance without any one being remarkable: then `between` is
    tau, and the reach of a limit becomes sqrt(reach^2 + (t tau)^2), with Student's t at the same
    risk, as tau comes from few offices. Only an office beyond both, chance and the widened limits,
    is told apart. For tau see `between_offices`.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in
    Medicine 24:1185.

    Examples
    --------
    >>> found = funnel([[(90, 100)], [(180, 200)], [(270, 300)], [(1, 2)], [(12, 20)]])
    >>> [point.signal for point in found.points]
    ['none', 'none', 'none', 'none', 'lower']
    """
    check_level(level)
    if not offices:
        return Funnel(None, (), ())
    counts: Ints = np.array(offices, dtype=np.int64).reshape(len(offices), -1, 2)
    whole = counts.sum(axis=0)
    risk = (1 - level) / max(1, int(counts[:, :, 1].any(axis=1).sum()))
    others = whole[None] - counts
    pairs = [(_pairs(own), _pairs(rest)) for own, rest in zip(counts, others, strict=True)]
    found = departures(pairs, level=1 - risk, looks=1)
    answered = counts[:, :, 1].sum(axis=1)
    satisfied, everyone = (int(total) for total in whole.sum(axis=0))
    if not everyone:
        return Funnel(None, tuple(FunnelPoint(0, None, "unknown") for _ in offices), ())
    centre = satisfied / everyone
    expected = (counts[:, :, 1] * (whole[:, 0] / np.maximum(whole[:, 1], 1))).sum(axis=1)
    more = (counts[:, :, 0].sum(axis=1) - expected) / np.maximum(answered, 1)
    share = np.clip(centre + more, 0.0, 1.0)
    some = answered > 0
    sizes: Ints = answered[some]
    spread = (counts[:, :, 1] * _variance(whole)).sum(axis=1)[some] / sizes**2
    between, freedom = between_offices(more[some], spread)
    wide = float(stdtrit(freedom, 1 - risk / 2)) * between if between else 0.0
    low, high = widened(centre, sizes, risk / 2, wide)
    beyond = np.zeros(len(offices), dtype=bool)
    beyond[some] = (centre + more[some] < low) | (centre + more[some] > high)
    points = tuple(
        FunnelPoint(int(n), float(p) if n else None, _signal(departed.signal, between, bool(out)))
        for n, p, departed, out in zip(answered, share, found, beyond, strict=True)
    )
    return Funnel(centre, points, _curve(centre, sizes, risk / 2, wide), between)


def _signal(by_chance: Signal, between: float, beyond: bool) -> Signal:
    """Chance alone decides where offices differ by no more; else the widened limits do, too."""
    unremarkable = between > 0 and not beyond and by_chance in ("higher", "lower")
    return "none" if unremarkable else by_chance


def _variance(whole: Ints) -> Floats:
    """Of one answer in each sector, by the share of all offices."""
    share = whole[:, 0] / np.maximum(whole[:, 1], 1)
    found: Floats = share * (1 - share)
    return found


def between_offices(effects: Floats, variances: Floats, *, cut: float = CUT) -> tuple[float, float]:
    """How far offices differ beyond chance, and the degrees of freedom that this is known with.

    Parameters
    ----------
    effects
        Of each office, its share less what is expected of it.
    variances
        Of each, what chance alone gives, in squares of a share; an office with none is left out.
    cut
        Part of the offices on each side whose distance counts as that of the last one before them,
        0 <= cut < 1/2, so that who is truly unlike does not widen the limits for itself.

    Returns
    -------
    tuple of float
        The standard deviation tau of the offices' own shares, 0 where `FEWEST` are not there or
        chance explains the differences; and k - 1 degrees of freedom of the k offices not cut.

    Notes
    -----
    With z = effect / sqrt(variance) of each of I offices, phi is the mean of the Winsorised z^2
    over what the same cut leaves of the variance of a normal curve, 0.679 at a tenth, so that the
    cut does not make offices more alike than they are. Offices differ by more than chance where
    I phi is above the upper 5% of chi-squared with I - 1 degrees of freedom. Then
    tau^2 = (I phi - (I - 1)) / (sum w - sum w^2 / sum w), w = 1 / variance: the additive (random
    effects) adjustment of Spiegelhalter (2005), section 3.2, by moments (DerSimonian and Laird
    1986). A multiplicative one would widen the limits of the smallest offices most, whose share
    chance explains already.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in
    Medicine 24:1185. DerSimonian and Laird (1986), Meta-analysis in clinical trials, Controlled
    Clinical Trials 7:177. Tukey and McLaughlin (1963), Sankhya A 25:331 (degrees of freedom).
    """
    known = variances > 0
    effects, variances = effects[known], variances[known]
    many = effects.size
    if many < FEWEST:
        return 0.0, 0.0
    z = effects / np.sqrt(variances)
    ends = np.quantile(z, (cut, 1 - cut))
    total = float((np.clip(z, *ends) ** 2).sum()) / _kept(cut)
    freedom = many - 2.0 * int(cut * many) - 1
    if total <= chdtri(many - 1, _RISK):
        return 0.0, freedom
    weights = 1 / variances
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return float(np.sqrt(max(0.0, total - (many - 1)) / scale)), freedom


def _kept(cut: float) -> float:
    """The variance of a standard normal number whose tails of `cut` are drawn in to their edge."""
    if not cut:
        return 1.0
    edge = float(ndtri(1 - cut))
    density = float(np.exp(-edge * edge / 2) / np.sqrt(2 * np.pi))
    return 1 - 2 * cut - 2 * edge * density + 2 * cut * edge * edge


def _pairs(counts: Ints) -> list[tuple[int, int]]:
    return [(int(y), int(m)) for y, m in counts]


def _curve(
    centre: float, answered: Ints, tail: float, wide: float
) -> tuple[tuple[int, float, float], ...]:
    """Limits from the fewest answers to the most, at steps that grow with them."""
    steps = np.geomspace(answered.min(), answered.max(), _STEPS)
    sizes = np.unique(np.rint(steps).astype(np.int64))
    low, high = widened(centre, sizes, tail, wide)
    return tuple(zip(sizes.tolist(), low.tolist(), high.tolist(), strict=True))


def widened(centre: float, answered: Ints, tail: float, wide: float) -> tuple[Floats, Floats]:
    """`limits` whose reach from the centre is joined with `wide`, as independent parts are."""
    low, high = limits(centre, answered, tail)
    if not wide:
        return low, high
    reach = np.hypot(centre - low, wide), np.hypot(high - centre, wide)
    return np.clip(centre - reach[0], 0.0, 1.0), np.clip(centre + reach[1], 0.0, 1.0)


def limits(centre: float, answered: Ints, tail: float) -> tuple[Floats, Floats]:
    """Where a share of so many answers lies, but for `tail` on each side; arrays, 0..1.

    With r the smallest count of which P(X <= r) > tail, the limit is r - a, where a is the part of
    P(X = r) that is above the tail: it falls evenly as the tail gets smaller.
    """
    lows = []
    for share in (centre, 1 - centre):
        r = binom.ppf(tail, answered, share)
        above = binom.cdf(r, answered, share) - tail
        part = np.divide(above, binom.pmf(r, answered, share), out=np.zeros(r.shape), where=r >= 0)
        lows.append(np.clip((r - np.clip(part, 0, 1)) / answered, 0.0, 1.0))
    return lows[0], 1 - lows[1]
