"""Comparisons: two shares, two channels, one time against another.

Owns Newcombe's interval of a difference from each side's own limits, and the exact tests of whether
answers differ within strata, with their false-alarm rate. Cannot tell why they differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

import numpy as np

from analysis.statistics.estimates import Estimate
from analysis.statistics.exact import (
    TIE,
    Floats,
    Interval,
    Ints,
    check_counts,
    check_level,
    log_probability,
    lower_tail,
    upper_tail,
)
from analysis.statistics.strata import Flags
from analysis.statistics.verdicts import holm


@dataclass(frozen=True, slots=True)
class Difference:
    """First share minus second, as fractions -1..1, two-sided at the level of both sides."""

    difference: float
    low: float
    high: float

    @property
    def beyond_chance(self) -> bool:
        """Zero lies outside the interval."""
        return self.low > 0 or self.high < 0


def newcombe(first: float, limits: Interval, second: float, other: Interval) -> Difference:
    """Square-and-add: the difference of two independent shares from each side's own limits.

    Parameters
    ----------
    first, limits
        One share and its two-sided interval, by whatever method suits that side.
    second, other
        The share taken off, and its interval.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873, method 10; Zou & Donner (2008).

    Examples
    --------
    >>> found = newcombe(0.8, Interval(0.69, 0.88), 0.6, Interval(0.49, 0.70))
    >>> round(found.low, 3), round(found.high, 3)
    (0.051, 0.336)
    """
    below = sqrt((first - limits.low) ** 2 + (other.high - second) ** 2)
    above = sqrt((limits.high - first) ** 2 + (second - other.low) ** 2)
    gap = first - second
    return Difference(gap, gap - below, gap + above)


def difference(first: Estimate, second: Estimate) -> Difference | None:
    """First minus second; None where either has no answers.

    The two must be different people: two periods, two sectors, two offices. ValueError where
    their levels differ.
    """
    if first.level != second.level:
        raise ValueError(f"levels are {first.level} and {second.level}; estimate both at one level")
    limits, other = _limits(first), _limits(second)
    if first.share is None or second.share is None or limits is None or other is None:
        return None
    return newcombe(first.share, limits, second.share, other)


def _limits(side: Estimate) -> Interval | None:
    if side.low is None or side.high is None:
        return None
    return Interval(side.low, side.high)


_NEGLIGIBLE = 1e-18


@dataclass(frozen=True, slots=True)
class ChannelContrast:
    """One channel against all others together, sector by sector.

    `expected`: satisfied answers it would have if channel made no difference. `p_value`: exact,
    two-sided, Holm-adjusted over the channels. `differs`: beyond chance at the level asked.
    """

    channel: str
    satisfied: int
    answered: int
    expected: float
    p_value: float
    differs: bool


def compare_channels(
    counts: Mapping[str, Sequence[tuple[int, int]]], *, level: float = 0.95
) -> tuple[ChannelContrast, ...]:
    """Each channel's satisfied answers against what chance would give it within each sector.

    Parameters
    ----------
    counts
        By channel: (satisfied, answered) to one item for each sector, all in the same order.
    level
        With which no channel at all is named when none differs.

    Returns
    -------
    tuple of Channel
        Channels with answers, in the order given; empty where fewer than two have any.

    Notes
    -----
    Given each sector's satisfied answers and the channel's number of answers, the channel's
    satisfied ones are hypergeometric; their sum over sectors is the convolution. Comparing within
    sectors keeps a channel from looking different because it serves another sector. The
    two-sided p-value doubles the smaller tail.

    References
    ----------
    Cox (1970), Analysis of Binary Data, on the exact conditional test of combined 2 x 2 tables;
    Holm (1979).

    Raises
    ------
    ValueError
        Impossible counts, or channels with different numbers of sectors.

    Examples
    --------
    >>> found = compare_channels({"kiosk": [(30, 30)], "poster": [(20, 30)]})
    >>> [(c.channel, c.expected, c.differs) for c in found]
    [('kiosk', 25.0, True), ('poster', 25.0, True)]
    """
    check_level(level)
    _check(counts)
    sizes = (len(counts), len(next(iter(counts.values()), ())), 2)
    table = np.array(list(counts.values()), dtype=np.int64).reshape(sizes)
    used = table[:, :, 1].sum(axis=1) > 0
    if used.sum() < 2:
        return ()
    sectors = table.sum(axis=0)
    asked = table[used] if used.sum() > 2 else table[used][:1]
    raw = p_values([(channel, sectors) for channel in asked])
    # of two channels each is the other's rest: one question, asked once
    adjusted = raw * 2 if len(raw) == 1 else holm(raw)
    names = [name for name, use in zip(counts, used, strict=True) if use]
    return tuple(
        _channel(name, row, sectors, p, level)
        for name, row, p in zip(names, table[used], adjusted, strict=True)
    )


def _check(counts: Mapping[str, Sequence[tuple[int, int]]]) -> None:
    if len({len(sectors) for sectors in counts.values()}) > 1:
        raise ValueError("channels differ in their number of sectors; give (0, 0) where none")
    for sectors in counts.values():
        for satisfied, answered in sectors:
            check_counts(satisfied, answered)


def p_values(asked: Sequence[tuple[Ints, Ints]]) -> list[float]:
    """Two-sided, not adjusted: channels beside all channels together, (satisfied, answered) each.

    Both in the same order of sectors. Many comparisons together are far faster than one by one.
    """
    return [
        _p_value(int(channel[:, 0].sum()), parts)
        for (channel, _), parts in zip(asked, _alone(asked), strict=True)
    ]


def chance_of_fewer(part: Ints, whole: Ints) -> float:
    """P(as few satisfied answers in all, or fewer) where each part is drawn from its whole.

    Both (satisfied, answered) by stratum, in the same order; no part larger than its whole.
    """
    (parts,) = _alone([(part, whole)])
    below, _ = _tails(int(part[:, 0].sum()), parts)
    return min(1.0, below)


_SideCounts = tuple[int, Floats]
"""The chances of satisfied answers, from the first count that matters on."""


def _p_value(satisfied: int, parts: list[_SideCounts]) -> float:
    return min(1.0, 2 * min(_tails(satisfied, parts)))


def _tails(satisfied: int, parts: list[_SideCounts]) -> tuple[float, float]:
    """The chance of so many or fewer, and of so many or more."""
    first, chances = _null(parts)
    place = satisfied - first
    return float(chances[: max(place + 1, 0)].sum()), float(chances[max(place, 0) :].sum())


def _null(parts: list[_SideCounts]) -> _SideCounts:
    """Chances of the channel's satisfied answers in all: neighbours added up, then their sums."""
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [_together(*pair) for pair in pairs] + parts[len(parts) // 2 * 2 :]
    return parts[0]


def _alone(asked: Sequence[tuple[Ints, Ints]]) -> list[list[_SideCounts]]:
    """The chances within the sectors of each, all computed at once."""
    table = np.concatenate([np.column_stack([c[:, 1], s]) for c, s in asked])
    whose = np.repeat(np.arange(len(asked)), [len(sectors) for _, sectors in asked])
    some = table[:, 0] > 0
    whose, (n, marked, total) = whose[some], table[some].T
    first, last = np.maximum(0, n + marked - total), np.minimum(n, marked)
    certain = first == last  # nothing is left to chance there
    found: list[list[_SideCounts]] = [[] for _ in asked]
    for number, start, chances in _chances(whose, first, last, (n, marked, total), ~certain):
        found[number].append(_trimmed(start, chances))
    sure = np.zeros(len(asked), np.int64)
    np.add.at(sure, whose[certain], first[certain])
    return [
        [*parts, (start, np.ones(1))] for parts, start in zip(found, sure.tolist(), strict=True)
    ]


def _chances(
    whose: Ints, first: Ints, last: Ints, table: tuple[Ints, Ints, Ints], open_: Flags
) -> Iterator[tuple[int, int, Floats]]:
    """For each sector that is open: whose it is, its first count, and the chances from there."""
    first, sizes = first[open_], (last - first + 1)[open_]
    ends = np.cumsum(sizes)
    x = np.repeat(first - (ends - sizes), sizes) + np.arange(int(sizes.sum()))
    chances = np.exp(log_probability(x, *(np.repeat(size[open_], sizes) for size in table)))
    begins = (ends - sizes).tolist()
    for row in zip(whose[open_].tolist(), first.tolist(), begins, ends.tolist(), strict=True):
        yield row[0], row[1], chances[row[2] : row[3]]


def _together(one: _SideCounts, other: _SideCounts) -> _SideCounts:
    return _trimmed(one[0] + other[0], np.convolve(one[1], other[1]))


def _trimmed(first: int, chances: Floats) -> _SideCounts:
    kept = np.flatnonzero(chances > _NEGLIGIBLE)
    return first + int(kept[0]), chances[kept[0] : kept[-1] + 1]


def _channel(
    name: str,
    row: Ints,
    sectors: Ints,
    p: float,
    level: float,
) -> ChannelContrast:
    share = sectors[:, 0] / np.maximum(sectors[:, 1], 1)
    return ChannelContrast(
        channel=name,
        satisfied=int(row[:, 0].sum()),
        answered=int(row[:, 1].sum()),
        expected=float((row[:, 1] * share).sum()),
        p_value=p,
        differs=p <= (1 - level) * (1 + TIE),
    )


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


_MonthCounts = Sequence[tuple[int, int]]


def departures(
    pairs: Sequence[tuple[_MonthCounts, _MonthCounts]], *, level: float = 0.95, looks: int = YEAR
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


def _table(counts: _MonthCounts) -> Ints:
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
