"""Do the channels agree? Poster, slip, kiosk and paper compared within the same sectors.

Owns the exact test that one channel's answers are like the others'. It cannot tell why they
differ: other people, other moments, or somebody answering for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.formulas.headline import holm
from analysis.formulas.hypergeometric import TIE, Floats, Ints, log_probability
from analysis.formulas.intervals import check_counts, check_level
from analysis.formulas.strata import Flags

_NEGLIGIBLE = 1e-18


@dataclass(frozen=True, slots=True)
class Channel:
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
) -> tuple[Channel, ...]:
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


_Counts = tuple[int, Floats]
"""The chances of satisfied answers, from the first count that matters on."""


def _p_value(satisfied: int, parts: list[_Counts]) -> float:
    first, chances = _null(parts)
    place = satisfied - first
    below, above = chances[: max(place + 1, 0)].sum(), chances[max(place, 0) :].sum()
    return float(min(1.0, 2 * min(below, above)))


def _null(parts: list[_Counts]) -> _Counts:
    """Chances of the channel's satisfied answers in all: neighbours added up, then their sums."""
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [_together(*pair) for pair in pairs] + parts[len(parts) // 2 * 2 :]
    return parts[0]


def _alone(asked: Sequence[tuple[Ints, Ints]]) -> list[list[_Counts]]:
    """The chances within the sectors of each, all computed at once."""
    table = np.concatenate([np.column_stack([c[:, 1], s]) for c, s in asked])
    whose = np.repeat(np.arange(len(asked)), [len(sectors) for _, sectors in asked])
    some = table[:, 0] > 0
    whose, (n, marked, total) = whose[some], table[some].T
    first, last = np.maximum(0, n + marked - total), np.minimum(n, marked)
    certain = first == last  # nothing is left to chance there
    found: list[list[_Counts]] = [[] for _ in asked]
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


def _together(one: _Counts, other: _Counts) -> _Counts:
    return _trimmed(one[0] + other[0], np.convolve(one[1], other[1]))


def _trimmed(first: int, chances: Floats) -> _Counts:
    kept = np.flatnonzero(chances > _NEGLIGIBLE)
    return first + int(kept[0]), chances[kept[0] : kept[-1] + 1]


def _channel(
    name: str,
    row: Ints,
    sectors: Ints,
    p: float,
    level: float,
) -> Channel:
    share = sectors[:, 0] / np.maximum(sectors[:, 1], 1)
    return Channel(
        channel=name,
        satisfied=int(row[:, 0].sum()),
        answered=int(row[:, 1].sum()),
        expected=float((row[:, 1] * share).sum()),
        p_value=p,
        differs=p <= (1 - level) * (1 + TIE),
    )
