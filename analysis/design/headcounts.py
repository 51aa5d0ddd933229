"""How many people stand behind every cell, month by month: what suppression decides by.

Owns these counts and their light query. Holds nothing of what anybody answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.counting.moments import CellMoments
from analysis.counting.scoring import (
    DATED,
    FLAGGED,
    Mark,
    Only,
    barrier,
    chosen,
    date_text,
    dated,
    given,
    number_type,
    scored,
    total,
)
from analysis.design.pooling import Blocks
from analysis.period import Period
from analysis.reading.columns import CHANNELS
from analysis.reading.layout import Responses
from analysis.reading.sources import run
from analysis.suppression.overlap import Counts

_PLACE = ("office", "sector", "channel")


@dataclass(frozen=True, slots=True)
class Headcounts:
    """People who answered a measure: arrays (offices, sectors, months, channels) per measure."""

    offices: tuple[str, ...]
    sectors: tuple[str, ...]
    months: tuple[str, ...]
    people: Mapping[str, Counts]

    def within(self, months: Sequence[str]) -> Headcounts:
        """The same in some of the months."""
        places = [self.months.index(month) for month in months]
        people = {name: counts[:, :, places] for name, counts in self.people.items()}
        return Headcounts(self.offices, self.sectors, tuple(months), people)


def headcounts_of(cells: CellMoments, period: Period) -> Headcounts:
    """The headcounts of a single month, from its moments."""
    (month,) = period.months
    measures = dict.fromkeys(name for found in cells.values() for name in found)
    keys = [(month, cell.office, cell.sector, cell.channel) for cell in cells]
    columns = {
        name: [found[name].answered if name in found else 0 for found in cells.values()]
        for name in measures
    }
    return _arranged(keys, columns, period)


def read_headcounts(
    responses: Responses,
    period: Period,
    blocks: Blocks,
    only: Only,
    *,
    without: Sequence[Mark] | None = None,
) -> Headcounts:
    """The headcounts of every month of a period, by one query that sums no score.

    `without`: flagged answers are left out, those of these marks too; None counts every answer.
    """
    items = sorted({item for block in blocks.values() for item in block})
    several = {name: block for name, block in blocks.items() if len(block) > 1}
    columns = {name: f"block{number}" for number, name in enumerate(several)}
    number = number_type(responses)
    rows = dated(chosen(responses, period, only), "month")
    rows = scored(rows, (DATED, *_PLACE), items, without or ())
    rows = barrier(rows if without is None else rows.filter(~rows[FLAGGED]), responses)
    answers = {
        columns[name]: total([given(rows[item], number) for item in block], number)
        for name, block in several.items()
    }
    sums = {item: given(rows[item], number).sum() for item in items}
    sums |= {column: given(answers[column], number).sum() for column in answers}
    found = list(run(responses.source, rows.group_by(DATED, *_PLACE).aggregate(**sums)))
    keys = [(date_text(row[DATED]), *(str(row[name]) for name in _PLACE)) for row in found]
    counts = {
        name: [int(row[columns.get(name, block[0])]) for row in found]
        for name, block in blocks.items()
    }
    return _arranged(keys, counts, period)


def _arranged(
    keys: Iterable[tuple[str, ...]], columns: Mapping[str, list[int]], period: Period
) -> Headcounts:
    listed = list(keys)
    offices = tuple(sorted({key[1] for key in listed}))
    sectors = tuple(sorted({key[2] for key in listed}))
    axes = [
        {name: place for place, name in enumerate(names)}
        for names in (period.months, offices, sectors, CHANNELS)
    ]
    places = [
        np.array([axis[key[number]] for key in listed], dtype=np.int64)
        for number, axis in enumerate(axes)
    ]
    month, office, sector, channel = places
    shape = (len(offices), len(sectors), len(period.months), len(CHANNELS))
    people = {}
    for name, values in columns.items():
        counts = np.zeros(shape, dtype=np.int64)
        np.add.at(counts, (office, sector, month, channel), np.array(values, dtype=np.int64))
        people[name] = counts
    return Headcounts(offices, sectors, period.months, people)
