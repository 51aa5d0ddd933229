"""Whether the answers of one time are like those of another: the exact test behind every signal.

Owns the signal of one item's counts and its false-alarm rate. Weighs nothing by dossiers: it asks
whether answers changed within strata, not what the share of all is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.formulas.agreement import compare_channels
from analysis.formulas.hypergeometric import TIE, lower_tail, upper_tail
from analysis.formulas.intervals import Interval, check_level

YEAR: Final = 12
"""Signals of a year that is looked at every month: they share its risk of a false one."""

Signal = Literal["higher", "lower", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Departure:
    """One month against the months before it.

    `expected`: satisfied answers that it would have if it were like them. `usual`: the shares that
    give no signal, where the answers come from a single stratum. `p_value`: exact, two-sided.
    `signal`: "unknown" where the month or those before it have no answers.
    """

    expected: float | None
    usual: Interval | None
    p_value: float | None
    signal: Signal


UNKNOWN: Final = Departure(None, None, None, "unknown")


def departure(
    this: Sequence[tuple[int, int]],
    before: Sequence[tuple[int, int]],
    *,
    level: float = 0.95,
    looks: int = YEAR,
) -> Departure:
    """Whether a month's answers to one item are like those before, stratum by stratum.

    Parameters
    ----------
    this, before
        (satisfied, answered) of each stratum, in the same order.
    level
        With which none of `looks` signals is false as long as nothing changes.
    looks
        Signals that share the risk: the twelve of a year.

    Notes
    -----
    Given all satisfied answers, those of the month are hypergeometric within each stratum: the
    p-chart with exact limits. Each look takes (1 - level) / looks of the risk, so that a year of
    looking every month brings a false signal in at most 1 - level of years (Bonferroni). Neither
    independent looks nor many answers are needed.

    References
    ----------
    Shewhart (1931), Economic Control of Quality; Fisher (1935), JRSS 98:39, on the exact test.

    Examples
    --------
    >>> found = departure([(20, 40)], [(270, 300)])
    >>> found.signal, round(found.expected, 1)
    ('lower', 34.1)
    """
    alpha = (1 - check_level(level)) / looks
    compared = compare_channels({"this": this, "before": before})
    if not compared:
        return UNKNOWN
    month = compared[0]
    signal: Signal = "none"
    if month.p_value <= alpha * (1 + TIE):
        signal = "higher" if month.satisfied > month.expected else "lower"
    usual = _usual(this[0][1], before[0], alpha) if len(this) == 1 else None
    return Departure(month.expected, usual, month.p_value, signal)


def _usual(n: int, before: tuple[int, int], alpha: float) -> Interval:
    """The smallest and the largest share of n answers that give no signal."""
    (y, m), x = before, np.arange(n + 1)
    tails = np.minimum(lower_tail(x, n, y + x, m + n), upper_tail(x, n, y + x, m + n))
    quiet = np.flatnonzero(2 * tails > alpha * (1 + TIE))
    return Interval(float(quiet[0]) / n, float(quiet[-1]) / n)
