"""Which months of an office's sector make a stratum: the rule that joins those with few answers.

Owns the rule, and the strata of a measure in all offices and sectors at once. Computes no share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.design.grid import STATISTICS
from analysis.formulas.hypergeometric import Ints
from analysis.formulas.strata import Flags

LEAST: Final = 2
"""Fewer answers give no variance: such a month is joined with the next one that has answers."""

N, ANSWERED = STATISTICS.index("n"), STATISTICS.index("answered")


def runs(some: Flags, heard: Ints, counted: Flags) -> Ints:
    """The stratum of every month, by numbers in the order of a place's strata; -1: in none.

    Parameters
    ----------
    some, heard, counted
        Place × month: whether there are answers, how many of them count for a variance, and whether
        there are dossiers.

    Notes
    -----
    A month with answers is a stratum by itself. One with fewer than two answers to the measure is
    joined with the next month that has answers, the last one with the one before. Months without
    answers stay alone, as what they would say is not known; months whose dossiers are not counted
    are one stratum together, which the total leaves out.
    """
    months, joins = some.shape[1], some & counted
    ends, waiting = np.zeros_like(joins), np.zeros(len(joins), np.int64)
    for month in range(months):
        waiting += np.where(joins[:, month], heard[:, month], 0)
        ends[:, month] = joins[:, month] & (waiting >= LEAST)
        waiting[ends[:, month]] = 0
    last = months - 1 - ends[:, ::-1].argmax(axis=1)
    end = np.where(ends.any(axis=1), last, months)  # of the run that a month joins, from behind
    found: Ints = np.full(some.shape, -1, np.int64)
    for month in reversed(range(months)):
        end = np.where(ends[:, month], month, end)
        found[:, month] = np.where(joins[:, month], end, month)
    found[~counted] = -1
    found[some & ~counted] = months + 1
    return found


def added(values: Ints, found: Ints) -> Ints:
    """Numbers of months added up by run: place × month × … to place × run × …."""
    rows = np.arange(len(found))
    total: Ints = np.zeros((len(found), found.shape[1] + 2, *values.shape[2:]), np.int64)
    for month in range(found.shape[1]):
        inside = found[:, month] >= 0
        total[rows[inside], found[inside, month]] += values[inside, month]
    return total


@dataclass(frozen=True, slots=True)
class Runs:
    """The strata of a measure in every place, by place and run; none without answers and dossiers.

    `table`: as of `table_of`, with the place for the cell. `first`, `many`: where the strata of a
    place begin, and how many there are.
    """

    found: Ints
    run: Ints
    table: Ints
    first: Ints
    many: Ints

    @classmethod
    def of(cls, moments: Ints, counts: Ints, counted: Flags, weighs: Flags, *, item: bool) -> Runs:
        """Of moments (place × month × statistic) and dossiers.

        `counted`: which dossiers are known; `weighs`: places without any, whose months count alike.
        """
        n = moments[:, :, N]
        heard = moments[:, :, ANSWERED] if item else n
        found = runs(n > 0, heard, (counts > 0) | weighs[:, None])
        sums = added(moments, found)
        known = (added(counted.astype(np.int64), found) > 0) & ~weighs[:, None]
        dossiers = np.where(known, added(counts, found), -1)
        months = np.where(weighs[:, None], added(np.ones_like(counts), found), 0)
        place, run = np.nonzero((sums[:, :, N] > 0) | (dossiers > 0))
        own = np.full(place.size, -1)
        columns = [place, dossiers[place, run], own, *sums[place, run].T, months[place, run]]
        many = np.bincount(place, minlength=len(found))
        return cls(found, run, np.array(columns, np.int64), np.cumsum(many) - many, many)

    def inside(self, moments: Ints, *, item: bool) -> Ints:
        """The table of a part of the answers (a channel's) within the same strata, which stay."""
        table = self.table.copy()
        table[2] = table[3 + (ANSWERED if item else N)]
        table[3:-1] = added(moments, self.found)[table[0], self.run].T
        return table
