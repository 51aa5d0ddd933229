"""A funnel: which offices are unlike the others by more than chance, however small they are.

Owns the limits around what all offices have in common. Whether one office departs from the others
is the exact test of `comparisons`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import binom

from analysis.statistics.comparisons import Signal, departures
from analysis.statistics.exact import Floats, Ints, check_level

SectorCounts = Sequence[tuple[int, int]]
"""(satisfied, answered) in each sector, in the same order for every office; (0, 0) where none."""

_STEPS: Final = 40


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
    office like the others lies.
    """

    centre: float | None
    points: tuple[FunnelPoint, ...]
    limits: tuple[tuple[int, float, float], ...]


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
    points = tuple(
        FunnelPoint(int(n), float(p) if n else None, departed.signal)
        for n, p, departed in zip(answered, share, found, strict=True)
    )
    return Funnel(centre, points, _curve(centre, answered, risk / 2))


def _pairs(counts: Ints) -> list[tuple[int, int]]:
    return [(int(y), int(m)) for y, m in counts]


def _curve(centre: float, answered: Ints, tail: float) -> tuple[tuple[int, float, float], ...]:
    """Limits from the fewest answers to the most, at steps that grow with them."""
    some = answered[answered > 0]
    sizes = np.unique(np.rint(np.geomspace(some.min(), some.max(), _STEPS)).astype(np.int64))
    low, high = limits(centre, sizes, tail)
    return tuple(zip(sizes.tolist(), low.tolist(), high.tolist(), strict=True))


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
