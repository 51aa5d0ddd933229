"""Months that vary more than chance alone: Laney's p' chart behind the same signal.

Owns limits widened by the scatter of the months themselves. The exact test, which takes chance
alone, is `comparisons`'.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import stdtr, stdtrit

from analysis.statistics.comparisons import UNKNOWN, YEAR, Departure, Signal
from analysis.statistics.exact import TIE, Floats, Interval, check_counts, check_level

_RANGE: Final = 2 / np.sqrt(np.pi)
"""Mean range of two standard normal numbers, 1.128."""

_VARIANCE: Final = 2 - 4 / np.pi
"""Variance of such a range, 0.727."""

_SHARED: Final = (4 * np.sqrt(3) - 8) / np.pi + 2 / 3
"""Twice the covariance of two neighbouring ranges, which have a month in common, 0.326."""

_LEAST: Final = 2
"""Ranges: two of them, of three months, are the fewest that say how months scatter."""

StratumCounts = Sequence[tuple[int, int]]
"""(satisfied, answered) of each stratum."""


def laney(
    this: StratumCounts, before: Sequence[StratumCounts], *, level: float = 0.95, looks: int = YEAR
) -> Departure:
    """Whether a month departs from earlier ones by more than these scatter among themselves.

    Parameters
    ----------
    this
        (satisfied, answered) of each stratum in the month.
    before
        The same for each earlier month, in the order of time, strata in the same order.
    level, looks
        As for `comparisons.departure`: each look takes (1 - level) / looks of the risk.

    Returns
    -------
    Departure
        `usual`: the limits, cut to 0..1. "unknown" where the month or fewer than three earlier
        ones can be told from others: no answers, or everyone before satisfied, or nobody.

    Raises
    ------
    ValueError
        Impossible counts or level.

    Notes
    -----
    For one stratum, with p the share of all earlier months together and z_i = (p_i - p) /
    sqrt(p (1 - p) / n_i) of each of them, sigma is the mean of |z_i - z_(i-1)| over 1.128, and the
    limits are p -/+ k sigma sqrt(p (1 - p) / n). Of several strata, p n is the sum of p_h n_h and
    p (1 - p) n that of p_h (1 - p_h) n_h, so that a changing mix of sectors is no change.

    sigma below 1 counts as 1: months that happen to be alike do not make chance smaller. k is not
    the usual 3 but Student's quantile of the look's risk times sqrt(1 + 1 / months), as sigma and
    p come from few months: r ranges have (2 / pi) r^2 / ((2 - 4 / pi) r + 0.326 (r - 1)) degrees
    of freedom, 6.8 for a year, by the mean and variance of their mean. With k of the normal curve
    a quarter of years in which nothing changes would bring a false signal.

    References
    ----------
    Laney (2002), Improved control charts for attributes, Quality Engineering 14:531.

    Examples
    --------
    >>> steady = [[(27, 30)], [(26, 30)], [(28, 30)], [(27, 30)]] * 3
    >>> uneven = [[(30, 30)], [(22, 30)], [(29, 30)], [(27, 30)]] * 3
    >>> [laney([(18, 30)], before).signal for before in (steady, uneven)]
    ['lower', 'none']
    """
    alpha = (1 - check_level(level)) / looks
    month, earlier = _known(this, before)
    x, n = month.sum(axis=0)
    if not n or len(earlier) <= _LEAST:
        return UNKNOWN
    share = earlier[:, :, 0].sum(axis=0) / earlier[:, :, 1].sum(axis=0)
    ranges = np.abs(np.diff(_scores(earlier, share)))
    expected, spread = _chance(month, share)
    if ranges.size < _LEAST or not spread:
        return UNKNOWN
    sigma = max(float(ranges.mean()) / _RANGE, 1.0)
    wide = sigma * float(spread) * np.sqrt(1 + 1 / (ranges.size + 1))
    freedom = _freedom(ranges.size)
    p_value = float(2 * stdtr(freedom, -abs(x - expected) / wide))
    signal: Signal = "none"
    if p_value <= alpha * (1 + TIE):
        signal = "higher" if x > expected else "lower"
    reach = float(stdtrit(freedom, 1 - alpha / 2)) * wide
    usual = Interval(
        float(max(0.0, (expected - reach) / n)), float(min(1.0, (expected + reach) / n))
    )
    return Departure(float(expected), usual, p_value, signal)


def _known(this: StratumCounts, before: Sequence[StratumCounts]) -> tuple[Floats, Floats]:
    """Strata x 2 and months x strata x 2, of the strata that have earlier answers."""
    for counts in (this, *before):
        if len(counts) != len(this):
            raise ValueError("months differ in their number of strata; give (0, 0) where none")
        for satisfied, answered in counts:
            check_counts(satisfied, answered)
    month = np.array(this, dtype=np.float64).reshape(len(this), 2)
    earlier = np.array(before, dtype=np.float64).reshape(len(before), len(this), 2)
    known = earlier[:, :, 1].sum(axis=0) > 0
    return month[known], earlier[:, known]


def _chance(months: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Satisfied answers that chance alone would give, and their standard deviation."""
    n = months[..., 1]
    return (n * share).sum(axis=-1), np.sqrt((n * share * (1 - share)).sum(axis=-1))


def _scores(earlier: Floats, share: Floats) -> Floats:
    """z of every earlier month that can differ from the others at all."""
    expected, spread = _chance(earlier, share)
    some = spread > 0
    z: Floats = (earlier[..., 0].sum(axis=-1) - expected)[some] / spread[some]
    return z


def _freedom(ranges: int) -> float:
    """Degrees of freedom of the mean of so many moving ranges."""
    variance = _VARIANCE * ranges + _SHARED * (ranges - 1)
    return float((_RANGE * ranges) ** 2 / (2 * variance))
