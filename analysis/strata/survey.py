"""The survey as strata: which offices, sectors and months each row rests on, and its history.

Owns the arrangement of cells into strata, their order, and the survey of any stretch of two years
from one query. Computes no share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import numpy as np

from analysis.input.aggregates import EVERYTHING, Only, unflagged
from analysis.input.population import Dossiers, Population
from analysis.input.responses import Responses
from analysis.period import Period, last_months
from analysis.statistics.exact import Ints
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.strata import (
    FIVE,
    Design,
    MeasureKind,
    Stratum,
    draw_table,
    strata_of,
    table_of,
)
from analysis.strata.coverage import STATISTICS, Cover, Coverage, Grid, Place, alike, cover_of
from analysis.strata.pooling import (
    GENERAL,
    Family,
    Pooled,
    Questionnaires,
    blocks_of,
    family_of,
    first_with,
    sections,
)
from analysis.strata.running import Runs, months_over, read_told, runs
from analysis.targets import Targets
from questionnaires.layout import OPEN_CHANNELS, SIDES

__all__ = [
    "ALL",
    "ANY_ORDER",
    "DOMAIN",
    "Key",
    "Order",
    "Place",
    "Scope",
    "Survey",
    "sectors_named",
]

ALL: Final = "all"

DOMAIN: Final = "="
"""Before the value of a covariate that stands in the place of a channel, which begins with none."""

_UNANSWERED: Final[Mapping[str, MeasureKind]] = {"overall": "item", "index": "ratio"}

ByMonth = dict[str, Moments]
_Y_M: Final = [STATISTICS.index("y"), STATISTICS.index("m")]


@dataclass(frozen=True, slots=True)
class Order:
    """Offices and sectors in the order wanted; the others follow by name, `general` last."""

    offices: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()


ANY_ORDER: Final = Order()


@dataclass(frozen=True, slots=True)
class Scope:
    """An office and a sector of the document, or totals of them, and the places they consist of."""

    office: str
    sector: str
    places: tuple[Place, ...]
    family: Family


Key = tuple[Scope, str, str]
"""A scope, a measure and a channel: a row."""


class Survey:
    """All moments and dossiers of a period. Strata are office × sector × month (`running`)."""

    def __init__(
        self,
        pooled: Pooled,
        dossiers: Dossiers,
        period: Period,
        groups: Mapping[str, tuple[str, ...]],
        order: Order = ANY_ORDER,
        over: Collection[str] | None = None,
    ) -> None:
        """`over`: the months of the period that are over; all of them where left out."""
        self.pooled, self.dossiers, self.period = pooled, dossiers, period
        self.groups, self.order = groups, order
        self._over = frozenset(period.months if over is None else over)
        self._grid = Grid(pooled, dossiers, period.months)
        self.places = self._grid.places
        self._by_office = _by_office(self.places)
        self._scopes: dict[Place, Scope] = {}
        self._covers: dict[Place, Cover] = {}
        self._strata: dict[tuple[str, bool], Runs] = {}
        self._counts: dict[tuple[str, str], Ints] = {}
        self._asked: dict[tuple[str, str], Ints] = {}
        self._members: dict[Place, int] = {}
        self._numbers: list[Ints] = []
        self.offices = ordered((office for office, _ in self.places), order.offices)
        found = ordered((sector for _, sector in self.places), order.sectors)
        self.sectors = sorted(found, key=lambda sector: sector == GENERAL)

    @property
    def over(self) -> tuple[str, ...]:
        """The months of the period that are over."""
        return tuple(month for month in self.period.months if month in self._over)

    @property
    def about_sectors(self) -> list[str]:
        """Every sector that is one; not `general`."""
        return [sector for sector in self.sectors if sector != GENERAL]

    def scopes(self) -> Iterator[Scope]:
        """Every office and the total of offices, each with every sector, group and total."""
        keys = [*self.sectors, *self.groups, ALL]
        return (self.scope(office, sector) for office in [*self.offices, ALL] for sector in keys)

    def scope(self, office: str, sector: str) -> Scope:
        """The places that these two keys of a row stand for; none where nothing is known."""
        key = office, sector
        if key not in self._scopes:  # a country asks for each of them many times
            sectors = self._sectors_of(sector)
            near = self.places if office == ALL else self._by_office.get(office, ())
            places = tuple(place for place in near if place[1] in sectors)
            family = family_of(sector if sector != ALL else sectors[0])
            self._scopes[key] = Scope(office, sector, places, family)
        return self._scopes[key]

    def _sectors_of(self, sector: str) -> Sequence[str]:
        """`all` is every sector but `general`, whose questions differ, unless there is no other."""
        if sector == ALL:
            return self.about_sectors or [GENERAL]
        return self.groups.get(sector, (sector,))

    def measures(self, scope: Scope) -> Mapping[str, MeasureKind]:
        """Measures of the scope's questionnaires, in order; without answers, the two main ones."""
        return self.pooled.kinds[scope.family] or _UNANSWERED

    def size(self, scope: Scope) -> int:
        """The steps of the scale that the scope's answers are on."""
        return self.pooled.sizes.get(scope.family, FIVE)

    def channels(self, scope: Scope) -> list[str]:
        """The channels that answers came by, where there are several.

        Of totals, also those on site and elsewhere, where there are both.
        """
        if any(name.startswith(DOMAIN) for name in self._grid.channels):
            return self._domains(scope)
        if len(self._grid.channels) < 2:
            return []
        came_by = np.flatnonzero(self._grid.came_by[self._places_of(scope)].any(axis=0))
        found = {self._grid.channels[number] for number in came_by.tolist()}
        if len(found) < 2:
            return []
        single = [channel for channel in OPEN_CHANNELS if channel in found]
        both = all(found.intersection(side) for side in SIDES.values())
        return [*single, *(SIDES if both and scope.sector in (ALL, GENERAL) else ())]

    def _domains(self, scope: Scope) -> list[str]:
        """The values of a covariate that the scope's answers have, also where it is one."""
        came_by = np.flatnonzero(self._grid.came_by[self._places_of(scope)].any(axis=0))
        return sorted(self._grid.channels[number] for number in came_by.tolist())

    def strata(self, scope: Scope, measure: str) -> list[Stratum]:
        """The whole scope's strata; one without answers or dossiers is left out."""
        return strata_of(self.table([(scope, measure, ALL)]))

    def design(self, keys: Sequence[Key]) -> Design:
        """The strata of many rows at once."""
        kinds = self._kinds(keys)
        sizes = [self.size(scope) for scope, _, _ in keys]
        return draw_table(self._table(keys, kinds), kinds, sizes)

    def _kinds(self, keys: Sequence[Key]) -> list[MeasureKind]:
        return [self.measures(scope).get(measure) or "item" for scope, measure, _ in keys]

    def table(self, keys: Sequence[Key]) -> Ints:
        """The strata of rows as columns (`table_of`): a country's totals hold them many times."""
        return self._table(keys, self._kinds(keys))

    def _table(self, keys: Sequence[Key], kinds: Sequence[MeasureKind]) -> Ints:
        alike: dict[tuple[str, str, bool], list[int]] = {}
        for number, (key, kind) in enumerate(zip(keys, kinds, strict=True)):
            alike.setdefault((key[1], key[2], kind == "item"), []).append(number)
        scopes = _whole([self._member(scope) for scope, _, _ in keys])
        tables = [
            self._rows(_whole(numbers), scopes[numbers], *which) for which, numbers in alike.items()
        ]
        return np.concatenate(tables, axis=1) if tables else table_of([])

    def _rows(self, cells: Ints, scopes: Ints, measure: str, channel: str, item: bool) -> Ints:
        """The strata of rows of one measure and channel; of a channel, those where it counts."""
        strata, whole = self._strata_of(measure, item=item), channel == ALL
        cell, place = _spread(cells, [self._numbers[scope] for scope in scopes.tolist()])
        many = strata.many[place]
        within = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        row, whose = np.repeat(strata.first[place], many) + within, np.repeat(cell, many)
        if whole:
            table = strata.table[:, row]
        else:
            inside = strata.inside(self._moments(measure, channel), item=item)
            weighted = np.isin(whose, cell[self._grid.counts[place].any(axis=1)])
            kept = (inside[3, row] > 0) & ((inside[1, row] > 0) | ~weighted)
            table, whose = inside[:, row[kept]], whose[kept]
        table[0] = whose
        return table

    def _strata_of(self, measure: str, *, item: bool) -> Runs:
        """The strata of every place. The agency itself has no dossiers: its months count alike."""
        key = measure, item
        if key not in self._strata:
            grid = self._grid
            general = np.array([sector == GENERAL for _, sector in self.places], np.bool_)
            alike = general & ~grid.counted.any(axis=1) & (len(self.period.months) > 1)
            self._strata[key] = Runs.of(
                grid.moments(measure), grid.counts, grid.counted, alike, item=item
            )
        return self._strata[key]

    def _moments(self, measure: str, channel: str) -> Ints:
        return self._grid.moments(
            measure, SIDES.get(channel, (channel,)) if channel != ALL else None
        )

    def _places_of(self, scope: Scope) -> Ints:
        return self._numbers[self._member(scope)]

    def _member(self, scope: Scope) -> int:
        """The scope by its number, under which its places are kept."""
        key = scope.office, scope.sector
        if key not in self._members:
            self._members[key] = len(self._numbers)
            self._numbers.append(_whole([self._grid.number[place] for place in scope.places]))
        return self._members[key]

    def runs(
        self, place: Place, answers: ByMonth, *, item: bool
    ) -> list[tuple[tuple[str, ...], int | None]]:
        """The months of each stratum of a place for answers given month by month, and dossiers."""
        months, row = self.period.months, self._grid.number[place]
        counts, counted = self._grid.counts[[row]], self._grid.counted[row]
        given = [answers.get(month, ZERO) for month in months]
        n, heard = (_whole([[getattr(m, name) for m in given]]) for name in ("n", "answered"))
        (found,) = runs(n > 0, heard if item else n, counts > 0)
        return [
            (
                tuple(month for month, same in zip(months, found == run, strict=True) if same),
                int(counts[0][found == run].sum()) if counted[found == run].any() else None,
            )
            for run in np.unique(found[found >= 0])
        ]

    def counts(self, scope: Scope, measure: str, channel: str = ALL) -> Ints:
        """(satisfied, answered) of a scope's places in every month: place × month × 2."""
        key = measure, channel
        if key not in self._counts:  # a side of the total is asked for by every office
            self._counts[key] = self._moments(measure, channel)[:, :, _Y_M]
        return self._counts[key][self._places_of(scope)]

    def cover(self, scope: Scope) -> Coverage:
        """How much of the scope's dossiers the months and sectors with answers hold."""
        return Coverage.of(self.covers(scope))

    def covers(self, scope: Scope) -> list[Cover]:
        """The same, place by place."""
        return [self._cover(place) for place in scope.places]

    def _cover(self, place: Place) -> Cover:
        if place not in self._covers:
            self._covers[place] = self._covered(place)
        return self._covers[place]

    def _covered(self, place: Place) -> Cover:
        grid, months, row = self._grid, self.period.months, self._grid.number[place]
        sheets = dict(zip(months, grid.sheets[row].tolist(), strict=True))
        known = zip(months, grid.counts[row].tolist(), grid.counted[row].tolist(), strict=True)
        counts = {month: n for month, n, counted in known if counted}
        if place[1] == GENERAL and not counts and len(months) > 1:
            return alike(place, self._over, sheets)
        due = self._over - self.dossiers.months.get(place[0], frozenset())
        return cover_of(place, months, sheets, counts, due)

    def completed(self, place: Place) -> int | None:
        """The dossiers of a place over the period's known months, None where none is known."""
        row = self._grid.number[place]
        return int(self._grid.counts[row].sum()) if self._grid.counted[row].any() else None

    def moments(self, place: Place, measure: str, channel: str = ALL) -> Moments:
        """The answers of a place over the whole period, by one channel or all."""
        return sum(self.by_month(place, measure, channel).values(), ZERO)

    def by_month(self, place: Place, measure: str, channel: str = ALL) -> ByMonth:
        """The answers of a place month by month, by one channel, side or all; months with some."""
        key = measure, channel
        if key not in self._asked:  # one place after the other is asked for
            self._asked[key] = self._moments(measure, channel)
        found = self._asked[key][self._grid.number[place]].tolist()
        months = zip(self.period.months, found, strict=True)
        return {month: Moments(*numbers) for month, numbers in months if numbers[0]}

    def within(self, period: Period) -> Survey:
        """The same survey of some of its months; what was arranged already serves both."""
        part = copy(self)
        part.period, part._over = period, self._over & set(period.months)
        part._grid = self._grid.within(period.months)
        part._covers, part._strata, part._counts, part._asked = {}, {}, {}, {}
        return part


def _spread(cells: Ints, members: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Each cell as often as it has members, and these."""
    sizes = [found.size for found in members]
    return np.repeat(cells, sizes), np.concatenate([np.zeros(0, np.int64), *members])


def _whole(numbers: Sequence[Any]) -> Ints:
    return np.array(numbers, dtype=np.int64)


def _by_office(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place[0], []).append(place)
    return found


def ordered(names: Iterable[str], order: Sequence[str]) -> list[str]:
    rank = {name: position for position, name in enumerate(order)}
    return sorted(set(names), key=lambda name: (rank.get(name, len(rank)), name))


def sectors_named(targets: Targets) -> tuple[str, ...]:
    """Sectors as the targets speak of them first."""
    named = [s for group in targets.group for s in group.sectors]
    named += [s for t in targets.target if t.sectors != "all" for s in t.sectors]
    return tuple(dict.fromkeys(named))


STRETCH: Final = 24
"""Months read: the twelve of a year, and as many before each of them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Whose answers are wanted, and how rows are arranged; as for `analyse`."""

    questionnaires: Questionnaires
    groups: Mapping[str, tuple[str, ...]]
    only: Only = EVERYTHING
    order: Order = ANY_ORDER
    today: date | None = None
    flagged: Literal["include", "exclude"] = "include"


class History:
    """One measure over a stretch of months.

    `stretch` is all of them, `rows` its survey: every office and sector that occurs in it.
    """

    def __init__(self, measure: str, stretch: Period, rows: Survey) -> None:
        self.measure, self.stretch, self.rows = measure, stretch, rows
        self._surveys: dict[tuple[str, ...], Survey] = {}

    def kind(self, scope: Scope) -> MeasureKind | None:
        """How the row's measure is counted; None without answers."""
        return self.rows.pooled.kinds[scope.family].get(self.measure)

    def strata(self, scope: Scope, period: Period) -> list[Stratum]:
        """A row's strata in a period within the stretch."""
        return self._survey(period).strata(scope, self.measure)

    def table(self, scopes: Sequence[Scope], periods: Sequence[Period]) -> Ints:
        """The strata of rows in periods within the stretch, as of `table_of`: row by row."""
        tables = []
        for number, period in enumerate(periods):
            keys = [(scope, self.measure, ALL) for scope in scopes]
            table = self._survey(period).table(keys)
            table[0] = table[0] * len(periods) + number
            tables.append(table)
        return np.concatenate(tables, axis=1)

    def counts(self, scope: Scope, period: Period) -> list[tuple[int, int]]:
        """(satisfied, answered) in every place of the row, (0, 0) where there are none."""
        found = self._survey(period).counts(scope, self.measure).sum(axis=1)
        return [(y, m) for y, m in found.tolist()]

    def _survey(self, period: Period) -> Survey:
        if period.months not in self._surveys:
            self._surveys[period.months] = self.rows.within(period)
        return self._surveys[period.months]


def read_history(
    responses: Responses,
    population: Population | None,
    period: Period,
    setting: Setting,
    measure: str = "overall",
) -> History | None:
    """The two years of one measure up to the end of a period; None where nobody was asked.

    Of the questionnaires that most people answered in these years; others are another history.
    """
    blocks = blocks_of(responses, setting.questionnaires)
    if measure not in blocks:
        return None
    block, stretch = {measure: blocks[measure]}, last_months(period, STRETCH)
    told, _ = read_told(responses, stretch, block, setting.only, (), setting.today)
    kept = told if setting.flagged == "include" else unflagged(told)
    first = first_with(sections(kept, block, setting.questionnaires), measure)
    dossiers = (population or Population("", ())).of(stretch, setting.only.office)
    over = months_over(stretch, setting.today)
    survey = Survey(first, dossiers, stretch, setting.groups, setting.order, over)
    return History(measure, stretch, survey)
