"""How many of the dossiers the strata with answers hold, and what no dossier count covers.

Owns answers and dossiers as arrays of places and months, and the figure of the 80% rule: a total
that leaves out much of the year says little of the year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Final

import numpy as np

from analysis.input.population import Dossiers
from analysis.statistics.exact import Ints
from analysis.statistics.strata import Flags
from analysis.strata.pooling import Pooled

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


REQUIRED: Final = 0.80
"""The share of its dossiers that a scope's strata with answers must hold for a verdict."""


@dataclass(frozen=True, slots=True)
class Cover:
    """One office and sector.

    `dossiers` are those of the months that have a count, `covered` those of months with answers
    too. `missing` estimates the dossiers of months without a count: the mean of the months that
    have one, and at least the answers that came. `months`: with answers that count; `uncounted`:
    months that should have a count and have none, or a count of 0 and answers; `faults`: months
    with more answers than dossiers.
    """

    office: str
    sector: str
    dossiers: int | None
    covered: int
    missing: int
    months: frozenset[str]
    uncounted: tuple[str, ...]
    faults: tuple[str, ...]


def cover_of(
    place: tuple[str, str],
    months: Sequence[str],
    sheets: Mapping[str, int],
    counts: Mapping[str, int],
    due: frozenset[str],
) -> Cover:
    """The cover of one place.

    Parameters
    ----------
    sheets, counts
        Answers and completed dossiers by month; a month without a row is not in `counts`.
    due
        Months that are over and for which the office has no count at all. In a month for which it
        has some, a sector without answers and without a row had no dossiers.
    """
    mean = round(sum(counts.values()) / len(counts)) if counts else 0
    lost = [m for m in months if m not in counts and (sheets.get(m) or (counts and m in due))]
    empty = [month for month in months if counts.get(month) == 0 and sheets.get(month)]
    missing = sum(max(sheets.get(month, 0), mean) for month in lost)
    missing += sum(sheets[month] for month in empty)
    heard = frozenset(month for month in months if sheets.get(month) and counts.get(month))
    return Cover(
        *place,
        dossiers=sum(counts.values()) if counts else None,
        covered=sum(counts[month] for month in heard),
        missing=missing,
        months=heard,
        uncounted=(*lost, *empty),
        faults=tuple(m for m in months if 0 < counts.get(m, 0) < sheets.get(m, 0)),
    )


def alike(place: tuple[str, str], months: Collection[str], sheets: Mapping[str, int]) -> Cover:
    """The cover of what has no dossiers of its own: each month that is over counts as one."""
    heard = frozenset(month for month in months if sheets.get(month))
    return Cover(*place, len(months), len(heard), 0, heard, (), ())


@dataclass(frozen=True, slots=True)
class Coverage:
    """A scope's dossiers and the part of them that the figures rest on.

    `share`: None where no dossiers are known at all. `months`: how many of the period's months
    have answers that count. `uncounted` and `faults`: names of places with the months concerned.
    """

    share: float | None
    months: int
    uncounted: tuple[tuple[str, str, tuple[str, ...]], ...]
    faults: tuple[tuple[str, str, tuple[str, ...]], ...]

    @property
    def gaps(self) -> bool:
        """Whether there is a place to name."""
        return bool(self.uncounted or self.faults)

    @classmethod
    def of(cls, covers: Iterable[Cover]) -> Coverage:
        """The places of a scope together."""
        found = list(covers)
        known = [cover.dossiers for cover in found if cover.dossiers is not None]
        whole = sum(known) + sum(cover.missing for cover in found)
        covered = sum(cover.covered for cover in found)
        return cls(
            share=covered / whole if sum(known) and whole else None,
            months=len(frozenset().union(*(cover.months for cover in found))),
            uncounted=tuple((c.office, c.sector, c.uncounted) for c in found if c.uncounted),
            faults=tuple((c.office, c.sector, c.faults) for c in found if c.faults),
        )
