"""Whether the answers of one time are like those of another: the exact test behind every signal.

Owns the signal of one item's counts and its false-alarm rate. Weighs nothing by dossiers: it asks
whether answers changed within strata, not what the share of all is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.formulas.agreement import p_values
from analysis.formulas.hypergeometric import TIE, Ints, lower_tail, upper_tail
from analysis.formulas.intervals import Interval, check_counts, check_level

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
    return departures([(this, before)], level=level, looks=looks)[0]


_Counts = Sequence[tuple[int, int]]


def departures(
    pairs: Sequence[tuple[_Counts, _Counts]], *, level: float = 0.95, looks: int = YEAR
) -> list[Departure]:
    """`departure` for many months at once, each with those before it; the same figures."""
    alpha = (1 - check_level(level)) / looks
    tables = [(_table(this), _table(before)) for this, before in pairs]
    if any(len(this) != len(before) for this, before in tables):
        raise ValueError("the two sides differ in their number of strata; give (0, 0) where none")
    heard = [all(side[:, 1].any() for side in sides) for sides in tables]
    asked = [sides for sides, both in zip(tables, heard, strict=True) if both]
    proofs = iter(p_values([(this, this + before) for this, before in asked]) if asked else ())
    usual = iter(_usual([sides for sides in asked if len(sides[0]) == 1], alpha))
    return [
        _departure(*sides, next(proofs), next(usual) if len(sides[0]) == 1 else None, alpha)
        if both
        else UNKNOWN
        for sides, both in zip(tables, heard, strict=True)
    ]


def _table(counts: _Counts) -> Ints:
    for satisfied, answered in counts:
        check_counts(satisfied, answered)
    return np.array(counts, dtype=np.int64).reshape(-1, 2)


def _departure(
    this: Ints, before: Ints, p: float, usual: Interval | None, alpha: float
) -> Departure:
    whole = this + before
    share = whole[:, 0] / np.maximum(whole[:, 1], 1)
    expected = float((this[:, 1] * share).sum())
    signal: Signal = "none"
    if p <= alpha * (1 + TIE):
        signal = "higher" if int(this[:, 0].sum()) > expected else "lower"
    return Departure(expected, usual, p, signal)


def _usual(asked: Sequence[tuple[Ints, Ints]], alpha: float) -> Iterator[Interval]:
    """The smallest and the largest share of n answers that give no signal, of single strata."""
    if not asked:
        return
    n = np.array([this[0, 1] for this, _ in asked])
    ends = np.cumsum(n + 1)
    x = np.arange(int(ends[-1])) - np.repeat(ends - n - 1, n + 1)
    y, m, n_x = (np.repeat(column, n + 1) for column in (*np.array([b[0] for _, b in asked]).T, n))
    tails = np.minimum(lower_tail(x, n_x, y + x, m + n_x), upper_tail(x, n_x, y + x, m + n_x))
    for size, part in zip(n.tolist(), np.split(tails, ends[:-1]), strict=True):
        quiet = np.flatnonzero(2 * part > alpha * (1 + TIE))
        yield Interval(float(quiet[0]) / size, float(quiet[-1]) / size)
