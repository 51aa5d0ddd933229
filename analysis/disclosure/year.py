"""A year's rows in the order in which their periods close, each decided once and for good.

Owns the rule over time and over the parts of a sum. Knows lines of headcounts by number, not whose
they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.statistics.exact import Ints
from analysis.statistics.strata import Flags

Stretch = tuple[int, int]
"""Months of a year, from 0: the first, and the one after the last."""

YEAR: Final[Stretch] = (0, 12)
STRETCHES: Final = tuple(
    (end - length, end) for end in range(1, 13) for length in (12, 6, 3, 1) if end % length == 0
)
"""In the order of deciding: by their end, the longest first."""

_EXPECTED: Final = 3  # times the minimum; 30 expected answers are under 10 in 7 of a million years


@dataclass(frozen=True, slots=True)
class Lines:
    """The headcounts of every row's line through the year, L lines.

    Attributes
    ----------
    people
        Who answered, by month; shape (L, 12).
    late
        Who answered after their month was closed; shape (L,).
    inside
        Those of `people` who count in the sum that the line is a part of; shape (L, 12).
    parent
        The line of that sum; -1 where there is none.
    table
        Number of the partition of the sum (its sectors, its channels); -1 where there is none.
    depth
        0 an office's total, 1 its parts, 2 their parts.
    over
        The line of all offices together; -1 where there is none, or for that line itself.
    sector
        Whether the line is a sector's.
    """

    people: Ints
    late: Ints
    inside: Ints
    parent: Ints
    table: Ints
    depth: Ints
    over: Ints
    sector: Flags


def decide_year(lines: Lines, end: int, minimum: int) -> dict[Stretch, Flags]:
    """Which lines are published in each period that closes up to month `end` (1 to 12).

    A sector's months are decided, and its year is published at any rate; its quarters and
    half-years are sums of published months or nothing.
    """
    published: dict[Stretch, Flags] = {}
    offices = np.ones(lines.late.size, dtype=np.bool_)
    offices[lines.over[lines.over >= 0]] = False
    for stretch in (known for known in STRETCHES if known[1] <= end):
        allowed = _in_time(lines, published, stretch, minimum)
        flags = _in_tables(lines, allowed & offices, stretch, minimum)
        together = allowed & ~offices & _over_offices(lines, flags, stretch, minimum)
        published[stretch] = _in_tables(lines, flags | together, stretch, minimum)
    for stretch, flags in published.items():
        if 1 < stretch[1] - stretch[0] < 12:
            sums = (_rest(lines, published, stretch) == 0) & (_size(lines, stretch) >= minimum)
            published[stretch] = np.where(lines.sector, sums, flags)
    return published


def _in_time(
    lines: Lines, published: dict[Stretch, Flags], stretch: Stretch, minimum: int
) -> Flags:
    """Lines with enough people, where neither this period nor a longer one keeps a small rest.

    What is left of the year must be nothing or enough to publish the year beside its months. A
    sector keeps that much back from when fewer than `_EXPECTED` times as many are still to come.
    """
    allowed: Flags = _size(lines, stretch) >= minimum
    if stretch == YEAR:
        return allowed
    first, end = stretch
    allowed &= _whole(_rest(lines, published, stretch), minimum)
    if end - first > 1:
        allowed &= ~lines.sector
    for longer, flags in published.items():
        if longer[1] == end and longer[0] <= first:
            allowed &= ~flags | _whole(_rest(lines, published, longer, stretch), minimum)
    if end < 12:
        left = _rest(lines, published, (0, end), stretch)
        coming = lines.people[:, :end].sum(axis=1) * (12 - end) >= _EXPECTED * minimum * end
        allowed &= (left >= minimum) | ((left == 0) & (coming | ~lines.sector))
    return allowed


def _size(lines: Lines, stretch: Stretch) -> Ints:
    people: Ints = lines.people[:, slice(*stretch)].sum(axis=1)
    return people + lines.late if stretch == YEAR else people


def _whole(rest: Ints, minimum: int) -> Flags:
    flags: Flags = (rest == 0) | (rest >= minimum)
    return flags


def _rest(
    lines: Lines,
    published: dict[Stretch, Flags],
    stretch: Stretch,
    taken: Stretch | None = None,
) -> Ints:
    """People of a stretch whom no published shorter one holds, `taken` counting as published."""
    free = np.ones((lines.late.size, 12), dtype=np.bool_)
    for (first, last), flags in published.items():
        shorter = last - first < stretch[1] - stretch[0]
        if shorter and stretch[0] <= first and last <= stretch[1]:
            free[:, first:last] &= ~flags[:, None]
    if taken is not None:
        free[:, slice(*taken)] = False
    rest: Ints = (lines.people * free)[:, slice(*stretch)].sum(axis=1)
    return rest


def _in_tables(lines: Lines, allowed: Flags, stretch: Stretch, minimum: int) -> Flags:
    """Where the withheld parts of a published sum are few, the next smallest part goes with them.

    Of sectors in months only: in longer periods the total is rounded more coarsely instead.
    """
    flags = allowed.copy()
    size = lines.inside[:, slice(*stretch)].sum(axis=1)
    for depth in (1, 2):
        parts = lines.depth == depth
        if depth == 2:
            flags &= ~parts | flags[lines.parent]
        summed = parts & (lines.table >= 0) & allowed[lines.parent]
        if stretch[1] - stretch[0] > 1:
            summed &= ~lines.sector
        hidden = np.bincount(lines.table[summed], weights=(size * ~flags)[summed])
        few = (hidden > 0) & (hidden < minimum)
        shown = np.flatnonzero(summed & flags)
        shown = shown[few[lines.table[shown]]]
        shown = shown[np.argsort(size[shown], kind="stable")]
        smallest = np.unique(lines.table[shown], return_index=True)[1]
        flags[shown[smallest]] = False
    return flags


def _over_offices(lines: Lines, flags: Flags, stretch: Stretch, minimum: int) -> Flags:
    """Lines of all offices whose withheld offices are none, or several with enough people."""
    size = _size(lines, stretch)
    hidden = (lines.over >= 0) & ~flags & (size > 0)
    people = np.bincount(lines.over[hidden], weights=size[hidden], minlength=size.size)
    offices = np.bincount(lines.over[hidden], minlength=size.size)
    fine: Flags = (offices == 0) | ((offices > 1) & (people >= minimum)) | (lines.depth == 0)
    return fine | (lines.sector & (stretch == YEAR))
