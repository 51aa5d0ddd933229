"""Answers and dossiers of a survey by office and sector and by month, as arrays.

Owns the way from cells to numbers in rows and columns. Arranges no stratum and computes no share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Final

import numpy as np

from analysis.design.pooling import Pooled
from analysis.formulas.hypergeometric import Ints
from analysis.formulas.strata import Flags
from analysis.reading.population import Dossiers

Place = tuple[str, str]
"""Office and sector."""

STATISTICS: Final = ("n", "answered", "y", "m", "yy", "ym", "mm", "s", "ss", "sm")
"""The moments of a measure, in the order of `Moments`."""

_statistics = attrgetter(*STATISTICS)


class Grid:
    """A row for each office's sector (`places`, in order), a column for each of the `months`.

    `counts`: completed dossiers, where there is a count of them (`counted`). `channels`: those by
    which answers came, in any month.
    """

    def __init__(self, pooled: Pooled, dossiers: Dossiers, months: Sequence[str]) -> None:
        cells = pooled.cells
        self.places: list[Place] = sorted(
            {cell[:2] for cell in cells} | {spot[:2] for spot in dossiers.counts}
        )
        self.number = {place: row for row, place in enumerate(self.places)}
        self.months, self._shape = tuple(months), (len(self.places), len(months))
        self._columns = slice(len(months))
        self.channels = tuple(dict.fromkeys(cell.channel for cell in cells))
        self._measures = list(cells.values())
        self._spot = self._spots((cell.office, cell.sector, cell.month) for cell in cells)
        channel = {name: number for number, name in enumerate(self.channels)}
        self._channel = _whole([channel[cell.channel] for cell in cells])
        self._cells: dict[str, tuple[Ints, Ints]] = {}
        self._added: dict[str, Ints] = {}
        spots = self._spots(dossiers.counts)
        self.counts: Ints = np.zeros(self._shape, np.int64)
        self.counts.flat[spots] = _whole(list(dossiers.counts.values()))
        self.counted: Flags = np.zeros(self._shape, np.bool_)
        self.counted.flat[spots] = True

    def within(self, months: Sequence[str]) -> Grid:
        """The same places in months that follow each other; what was added up serves both."""
        part, start = copy(self), self.months.index(months[0])
        columns, begin = slice(start, start + len(months)), self._columns.start or 0
        part.months = self.months[columns]
        part._columns = slice(begin + start, begin + start + len(months))
        part.counts, part.counted = self.counts[:, columns], self.counted[:, columns]
        return part

    def moments(self, measure: str, channels: Sequence[str] | None = None) -> Ints:
        """The `STATISTICS` of a measure, place × month × 10, of some channels or all together."""
        if channels is None:
            if measure not in self._added:
                self._added[measure] = self._sum(*self._of(measure))
            return self._added[measure][:, self._columns]
        wanted = [number for number, name in enumerate(self.channels) if name in channels]
        cells, rows = self._of(measure)
        kept = np.isin(self._channel[cells], wanted)
        return self._sum(cells[kept], rows[kept])[:, self._columns]

    @property
    def sheets(self) -> Ints:
        """Answer sheets, place × month: every measure of a cell counts the same ones."""
        return self._sheets[:, self._columns]

    @cached_property
    def _sheets(self) -> Ints:
        firsts = [next(iter(measures.values()), None) for measures in self._measures]
        n = _whole([0 if first is None else first.n for first in firsts])
        return self._sum(np.arange(len(firsts)), n[:, None])[:, :, 0]

    @cached_property
    def came_by(self) -> Flags:
        """Whether any answer of a place came by a channel, place × channel."""
        found: Flags = np.zeros((len(self.places), len(self.channels)), np.bool_)
        found[self._spot // max(self._shape[1], 1), self._channel] = True
        return found

    def _spots(self, keys: Iterable[tuple[str, str, str]]) -> Ints:
        """Row and column of offices, sectors and months, in one number."""
        column, width = {month: at for at, month in enumerate(self.months)}, len(self.months)
        number = self.number
        return _whole([number[office, sector] * width + column[m] for office, sector, m in keys])

    def _of(self, measure: str) -> tuple[Ints, Ints]:
        """The cells that have a measure, and its moments in each."""
        if measure not in self._cells:
            cells = [i for i, measures in enumerate(self._measures) if measure in measures]
            found = (_statistics(self._measures[i][measure]) for i in cells)
            size = len(cells), len(STATISTICS)
            numbers = np.fromiter(chain.from_iterable(found), np.int64, count=size[0] * size[1])
            self._cells[measure] = _whole(cells), numbers.reshape(size)
        return self._cells[measure]

    def _sum(self, cells: Ints, rows: Ints) -> Ints:
        """Numbers of cells added up by place and month."""
        spots = self._spot[cells]
        order = np.argsort(spots, kind="stable")
        found, starts = np.unique(spots[order], return_index=True)
        total: Ints = np.zeros((self._shape[0] * self._shape[1], rows.shape[1]), np.int64)
        if found.size:
            total[found] = np.add.reduceat(rows[order], starts, axis=0)
        return total.reshape(*self._shape, rows.shape[1])


def _whole(numbers: Sequence[int]) -> Ints:
    return np.array(numbers, dtype=np.int64)
