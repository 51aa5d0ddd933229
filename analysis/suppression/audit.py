"""The attack that suppression must withstand: adding and subtracting everything that was published.

Owns the search for what can be worked out about fewer than five people. Decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.design.headcounts import Headcounts
from analysis.design.pooling import GENERAL, Blocks
from analysis.design.scopes import ALL
from analysis.document import Document, period_of
from analysis.reading.columns import CHANNELS
from analysis.suppression.elimination import Unit, components, free_rows, light_sets
from analysis.suppression.overlap import MINIMUM_CELL, Counts

Cell = tuple[str, str, str, str, str]
"""Office, sector, month, channel and item."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Cells whose scores, in some sum or difference, follow from what was published."""

    cells: tuple[Cell, ...]
    people: int


def recoverable(
    documents: Iterable[Document],
    counts: Headcounts,
    blocks: Blocks,
    groups: Mapping[str, tuple[str, ...]],
) -> list[Leak]:
    """What the publishable rows of documents tell together about 1 to 4 people.

    Parameters
    ----------
    documents
        Of any periods; only keys, `answered` and `publishable` of their rows are read.
    counts
        People of every cell of all their months, which the attacker is taken to know.
    blocks
        Measure -> its items.
    groups
        Group -> its sectors.

    Returns
    -------
    list of Leak
        Empty where nothing can be worked out. Else the smallest sets of cells found.

    Notes
    -----
    Every publishable row gives one equation: the scores of its cells add up to a known number, be
    it satisfied answers, points or their squares. Weighted shares add nothing: they are made from
    these numbers (`pieces`). A vector of the rows' span that is zero outside some cells tells
    about the people in these cells, and about nobody else.
    """
    system = _System(counts, blocks, groups)
    rows = {row for document in documents for row in system.published(document)}
    return system.leaks(rows)


_Row = tuple[tuple[str, ...], str, str, str, str]


class _System:
    """Unknowns: the scores in every cell of one item. Equations: published rows."""

    def __init__(
        self, counts: Headcounts, blocks: Blocks, groups: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.counts, self.blocks, self.groups = counts, blocks, groups
        self.leaf = {block[0]: name for name, block in blocks.items() if len(block) == 1}
        self.leaf |= {block[0]: name for name, block in blocks.items() if name.startswith("item:")}
        self.cells: list[Cell] = [
            (office, sector, month, channel, item)
            for item, name in self.leaf.items()
            for office, sector, month, channel in self._places(counts.people[name])
        ]
        self.place = {cell: number for number, cell in enumerate(self.cells)}

    def _places(self, people: Counts) -> Iterator[tuple[str, str, str, str]]:
        found = self.counts
        for office, sector, month, channel in np.argwhere(people > 0).tolist():
            names = found.offices[office], found.sectors[sector], found.months[month]
            yield (*names, CHANNELS[channel])

    def published(self, document: Document) -> Iterator[_Row]:
        """The keys of rows with answers that may leave, and their months."""
        months = period_of(document).months
        for row in document["estimates"]:
            if row["publishable"] and row["answered"]:
                keys = (str(row[key]) for key in ("office", "sector", "measure", "channel"))
                yield (months, *keys)  # type: ignore[misc]  # four keys

    def _equation(self, row: _Row) -> list[int]:
        months, office, sector, measure, channel = row
        offices = self.counts.offices if office == ALL else (office,)
        channels = CHANNELS if channel == ALL else (channel,)
        return [
            place
            for item in self.blocks[measure]
            for one in offices
            for other in self._sectors(sector)
            for month in months
            for by in channels
            if (place := self.place.get((one, other, month, by, item))) is not None
        ]

    def _sectors(self, sector: str) -> Sequence[str]:
        if sector != ALL:
            return self.groups.get(sector, (sector,))
        about = tuple(name for name in self.counts.sectors if name != GENERAL)
        return about or (GENERAL,)

    def leaks(self, rows: Iterable[_Row]) -> list[Leak]:
        """Small sets of cells that the rows tell about."""
        equations = sorted({tuple(self._equation(row)) for row in rows} - {()})
        members: dict[tuple[int, ...], list[int]] = {}
        for cell, signature in self._columns(equations).items():
            members.setdefault(signature, []).append(cell)
        groups = sorted(members.items(), key=lambda group: self._people(group[1]) < MINIMUM_CELL)
        matrix = np.zeros((len(equations), len(groups)), dtype=np.int64)
        for column, (signature, _) in enumerate(groups):
            matrix[list(signature), column] = 1
        big = sum(self._people(cells) >= MINIMUM_CELL for _, cells in groups)
        free, small = free_rows(matrix, big), [cells for _, cells in groups[big:]]
        found = []
        for columns in components(free):
            units = self._units(columns, small)
            for chosen in light_sets(free[:, columns], units, MINIMUM_CELL - 1):
                cells = [cell for number in chosen for cell in small[columns[number]]]
                found.append(Leak(tuple(self.cells[cell] for cell in cells), self._people(cells)))
        return found

    def _units(self, columns: Sequence[int], small: Sequence[list[int]]) -> list[Unit]:
        """Columns alone, and all those of the same people together."""
        units = [Unit((n,), self._people(small[column])) for n, column in enumerate(columns)]
        places: dict[tuple[tuple[str, ...], ...], list[int]] = {}
        for number, column in enumerate(columns):
            place = tuple(sorted({self.cells[cell][:4] for cell in small[column]}))
            places.setdefault(place, []).append(number)
        for numbers in places.values():
            cells = [cell for number in numbers for cell in small[columns[number]]]
            if len(numbers) > 1:
                units.append(Unit(tuple(numbers), self._people(cells)))
        return [unit for unit in units if unit.people < MINIMUM_CELL]

    def _columns(self, equations: Sequence[tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
        """Cell -> the equations that it stands in: cells with equal ones cannot be told apart."""
        found: dict[int, list[int]] = {}
        for number, cells in enumerate(equations):
            for cell in cells:
                found.setdefault(cell, []).append(number)
        return {cell: tuple(numbers) for cell, numbers in found.items()}

    def _people(self, cells: Iterable[int]) -> int:
        """At least so many people answered in these cells; several items may be the same people."""
        places: dict[tuple[str, ...], set[str]] = {}
        for cell in cells:
            *place, item = self.cells[cell]
            places.setdefault(tuple(place), set()).add(item)
        return sum(self._at(place, items) for place, items in places.items())

    def _at(self, place: tuple[str, ...], items: set[str]) -> int:
        office, sector, month, channel = place
        where = (
            self.counts.offices.index(office),
            self.counts.sectors.index(sector),
            self.counts.months.index(month),
            CHANNELS.index(channel),
        )
        return max(
            int(self.counts.people[name][where])
            for name, block in self.blocks.items()
            if items.issuperset(block)
        )
