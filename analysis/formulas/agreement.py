"""Do the channels agree? Poster, slip, kiosk and paper compared within the same sectors.

Owns the exact test that one channel's answers are like the others'. It cannot tell why they
differ: other people, other moments, or somebody answering for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.formulas.headline import holm
from analysis.formulas.hypergeometric import TIE, Floats, Ints, log_probability
from analysis.formulas.intervals import check_counts, check_level

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
    raw = [_p_value(channel, sectors) for channel in asked]
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


def _p_value(channel: Ints, sectors: Ints) -> float:
    satisfied = int(channel[:, 0].sum())
    first, chances = _null(channel[:, 1], sectors)
    place = satisfied - first
    below, above = chances[: max(place + 1, 0)].sum(), chances[max(place, 0) :].sum()
    return float(min(1.0, 2 * min(below, above)))


_Counts = tuple[int, Floats]
"""The chances of satisfied answers, from the first count that matters on."""


def _null(drawn: Ints, sectors: Ints) -> _Counts:
    """Chances of the channel's satisfied answers in all: neighbours added up, then their sums."""
    parts = _alone(drawn, sectors)
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [_together(*pair) for pair in pairs] + parts[len(parts) // 2 * 2 :]
    return parts[0]


def _alone(drawn: Ints, sectors: Ints) -> list[_Counts]:
    """The chances within each sector, all computed at once: a province has hundreds of them."""
    some = drawn > 0
    n, (marked, total) = drawn[some], sectors[some].T
    first, last = np.maximum(0, n + marked - total), np.minimum(n, marked)
    sizes = last - first + 1
    ends = np.cumsum(sizes)
    within = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
    x = np.repeat(first, sizes) + within
    chances = np.exp(log_probability(x, *(np.repeat(size, sizes) for size in (n, marked, total))))
    pieces = np.split(chances, ends[:-1]) if n.size else []
    certain = sizes == 1  # nothing is left to chance there
    found = [
        _trimmed(start, piece)
        for start, piece, sure in zip(first.tolist(), pieces, certain.tolist(), strict=True)
        if not sure
    ]
    return [*found, (int(first[certain].sum()), np.ones(1))]


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
