"""Which strata make up each row: offices and sectors, their totals, groups and channels, by month.

Owns the arrangement of cells into strata, their order, and how much of the dossiers they cover.
Computes no share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.counting.moments import ZERO, Moments
from analysis.design.coverage import Cover, Coverage, alike, cover_of
from analysis.design.pooling import GENERAL, Family, Pooled, family_of
from analysis.formulas.hypergeometric import Ints
from analysis.formulas.strata import FIVE, Design, Kind, Stratum, draw_table, table_of
from analysis.period import Period
from analysis.reading.columns import CHANNELS
from analysis.reading.population import Dossiers
from analysis.targets import Targets

ALL: Final = "all"
ON_SITE: Final = "on_site"
ELSEWHERE: Final = "elsewhere"
SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    ON_SITE: ("kiosk", "paper"),
    ELSEWHERE: ("poster", "slip"),
}
"""Channels on which people answer under the desk's eyes, and those on which they do not."""

LEAST: Final = 2
"""Fewer answers give no variance: such a month is joined with the next one that has answers."""

_UNANSWERED: Final[Mapping[str, Kind]] = {"overall": "item", "index": "ratio"}

Place = tuple[str, str]
"""Office and sector."""

ByMonth = dict[str, Moments]
_NO_COUNTS: Final[Mapping[str, int]] = {}


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
    """All moments and dossiers of a period. Strata are office × sector × month."""

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
        self._sums = _by_place(pooled)
        self._counts = _counts_by_place(dossiers)
        self.places = sorted({*self._sums, *self._counts})
        self._by_office = _by_office(self.places)
        self._scopes: dict[Place, Scope] = {}
        self._covers: dict[Place, Cover] = {}
        self._strata: dict[tuple[Place, str], list[Stratum]] = {}
        self._places: dict[Place, int] = {}
        self._numbers: dict[Place, Ints] = {}
        self.offices = _ordered((office for office, _ in self.places), order.offices)
        found = _ordered((sector for _, sector in self.places), order.sectors)
        self.sectors = sorted(found, key=lambda sector: sector == GENERAL)

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

    def measures(self, scope: Scope) -> Mapping[str, Kind]:
        """Measures of the scope's questionnaires, in order; without answers, the two main ones."""
        return self.pooled.kinds[scope.family] or _UNANSWERED

    def size(self, scope: Scope) -> int:
        """The steps of the scale that the scope's answers are on."""
        return self.pooled.sizes.get(scope.family, FIVE)

    def channels(self, scope: Scope) -> list[str]:
        """The channels that answers came by, where there are several.

        Of totals, also those on site and elsewhere, where there are both.
        """
        found = {name for place in scope.places for name in self._sums.get(place, ())} - {ALL}
        if len(found) < 2:
            return []
        single = [channel for channel in CHANNELS if channel in found]
        both = all(found.intersection(side) for side in SIDES.values())
        return [*single, *(SIDES if both and scope.sector in (ALL, GENERAL) else ())]

    def strata(self, scope: Scope, measure: str) -> list[Stratum]:
        """The whole scope's strata; one without answers or dossiers is left out."""
        return [s for place in scope.places for s in self._strata_of(place, scope, measure)]

    def _strata_of(self, place: Place, scope: Scope, measure: str) -> list[Stratum]:
        key = place, measure
        if key not in self._strata:
            whole, counts = self.by_month(place, measure), self._counts.get(place, _NO_COUNTS)
            if len(self.period.months) == 1:  # as a country has many
                self._strata[key] = _single(whole, counts, self.period.months[0])
                return self._strata[key]
            item = self.measures(scope).get(measure) == "item"
            found = [
                Stratum(_added(whole, months), known, weight=weight)
                for months, known, weight in self._parts(place, whole, item=item)
            ]
            self._strata[key] = [s for s in found if s.moments.n or s.population]
        return self._strata[key]

    def _parts(
        self, place: Place, whole: ByMonth, *, item: bool
    ) -> list[tuple[tuple[str, ...], int | None, int]]:
        """The months of each stratum of a place, their dossiers, and their weight without any.

        The agency in general has no dossiers of its own: its months count alike.
        """
        counts = self._counts.get(place, _NO_COUNTS)
        if place[1] == GENERAL and not counts and len(self.period.months) > 1:
            alike = dict.fromkeys(self.period.months, 1)
            joined = _joined(self.period.months, whole, alike, item=item)
            return [(months, None, len(months)) for months in joined if _some(months, whole)]
        joined = _joined(self.period.months, whole, counts, item=item)
        return [(months, _dossiers(counts, months), 0) for months in joined]

    def runs(
        self, place: Place, answers: ByMonth, *, item: bool
    ) -> list[tuple[tuple[str, ...], int | None]]:
        """The months of each stratum of a place for answers given month by month, and dossiers."""
        counts = self._counts.get(place, _NO_COUNTS)
        joined = _joined(self.period.months, answers, counts, item=item)
        return [(months, _dossiers(counts, months)) for months in joined]

    def design(self, keys: Sequence[Key]) -> Design:
        """The strata of many rows at once."""
        kinds = [self.measures(scope).get(measure, "item") for scope, measure, _ in keys]
        wholes: dict[tuple[str, Kind], list[int]] = {}
        for number, (key, kind) in enumerate(zip(keys, kinds, strict=True)):
            if key[2] == ALL:
                wholes.setdefault((key[1], kind), []).append(number)
        tables = [self._wholes(keys, numbers, *key) for key, numbers in wholes.items()]
        domains = [number for number, key in enumerate(keys) if key[2] != ALL]
        if domains:
            table = table_of([self.domain(*keys[number]) for number in domains])
            table[0] = np.array(domains)[table[0]]
            tables.append(table)
        table = np.concatenate(tables, axis=1) if tables else table_of([])
        return draw_table(table, kinds, [self.size(scope) for scope, _, _ in keys])

    def _wholes(self, keys: Sequence[Key], numbers: list[int], measure: str, kind: Kind) -> Ints:
        """The strata of rows of one measure: a country's totals hold the same ones many times."""
        parts = [self._strata_of(place, keys[numbers[0]][0], measure) for place in self.places]
        count = np.array([len(strata) for strata in parts], dtype=np.int64)
        first = np.cumsum(count) - count
        inside = [self._numbered(keys[number][0]) for number in numbers]
        place = np.concatenate(inside) if inside else np.zeros(0, np.int64)
        cell = np.repeat(np.array(numbers), [len(places) for places in inside])
        many = count[place]
        within = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        table = table_of(parts)[:, np.repeat(first[place], many) + within]
        table[0] = np.repeat(cell, many)
        return table

    def _numbered(self, scope: Scope) -> Ints:
        """The places of a scope by their number."""
        key = scope.office, scope.sector
        if key not in self._numbers:
            if not self._places:
                self._places.update((place, number) for number, place in enumerate(self.places))
            found = [self._places[place] for place in scope.places]
            self._numbers[key] = np.array(found, dtype=np.int64)
        return self._numbers[key]

    def domain(self, scope: Scope, measure: str, channel: str) -> list[Stratum]:
        """The answers of one channel (or side) inside the scope's strata, which stay whole."""
        item = self.measures(scope).get(measure) == "item"
        weighted = any(sum(self._counts.get(place, {}).values()) for place in scope.places)
        strata = []
        for place in scope.places:
            whole, inside = (self.by_month(place, measure, name) for name in (ALL, channel))
            for months, known, weight in self._parts(place, whole, item=item):
                answers = _added(inside, months)
                if answers.n and (known or not weighted):
                    full = _added(whole, months)
                    size = full.answered if item else full.n
                    strata.append(Stratum(answers, known, size, weight))
        return strata

    def cover(self, scope: Scope) -> Coverage:
        """How much of the scope's dossiers the months and sectors with answers hold."""
        return Coverage.of([self._cover(place) for place in scope.places])

    def _cover(self, place: Place) -> Cover:
        if place not in self._covers:
            measures = self._sums.get(place, {}).get(ALL, {})
            first = next(iter(measures.values()), {})  # every measure counts the same sheets
            sheets = {month: moments.n for month, moments in first.items()}
            if place[1] == GENERAL and place not in self._counts and len(self.period.months) > 1:
                self._covers[place] = alike(place, self._over, sheets)
                return self._covers[place]
            due = self._over - self.dossiers.months.get(place[0], frozenset())
            counts = self._counts.get(place, {})
            self._covers[place] = cover_of(place, self.period.months, sheets, counts, due)
        return self._covers[place]

    def completed(self, place: Place) -> int | None:
        """The dossiers of a place over the period's known months, None where none is known."""
        counts = self._counts.get(place)
        return None if counts is None else sum(counts.values())

    def moments(self, place: Place, measure: str, channel: str = ALL) -> Moments:
        """The answers of a place over the whole period, by one channel or all."""
        return _added(self.by_month(place, measure, channel), self.period.months)

    def by_month(self, place: Place, measure: str, channel: str = ALL) -> ByMonth:
        """The answers of a place month by month, by one channel, side or all; months with some."""
        sums = self._sums.get(place, {})
        if channel not in SIDES:
            return sums.get(channel, {}).get(measure, {})
        found: ByMonth = {}
        for name in SIDES[channel]:
            for month, moments in sums.get(name, {}).get(measure, {}).items():
                found[month] = found.get(month, ZERO) + moments
        return found

    def within(self, period: Period) -> Survey:
        """The same survey of some of its months; what was arranged already serves both."""
        part, months = copy(self), set(period.months)
        part.period, part._over = period, self._over & months
        part._counts = {
            place: {month: n for month, n in counts.items() if month in months}
            for place, counts in self._counts.items()
        }
        part._covers, part._strata = {}, {}
        return part


def _single(answers: ByMonth, counts: Mapping[str, int], month: str) -> list[Stratum]:
    """The stratum of a period of one month; none without answers and dossiers."""
    moments, known = answers.get(month, ZERO), counts.get(month)
    return [Stratum(moments, known)] if moments.n or known else []


def _joined(
    months: Sequence[str],
    answers: Mapping[str, Moments],
    counts: Mapping[str, int],
    *,
    item: bool,
) -> list[tuple[str, ...]]:
    """The months of each stratum of one office and sector.

    A month with answers is a stratum by itself. One with fewer than two answers to the measure is
    joined with the next month that has answers, the last one with the one before. Months without
    answers stay alone, as what they would say is not known; months whose dossiers are not counted
    are one stratum together, which the total leaves out.
    """
    runs: list[tuple[str, ...]] = []
    open_: tuple[str, ...] = ()
    heard = 0
    apart = tuple(m for m in months if m in answers and answers[m].n and not counts.get(m))
    for month in months:
        found = answers.get(month, ZERO)
        if not counts.get(month):
            continue
        if not found.n:
            runs.append((month,))
            continue
        open_, heard = (*open_, month), heard + (found.answered if item else found.n)
        if heard >= LEAST:
            runs.append(open_)
            open_, heard = (), 0
    if open_:
        before = next((i for i in reversed(range(len(runs))) if _some(runs[i], answers)), None)
        if before is None:
            runs.append(open_)
        else:
            runs[before] = (*runs[before], *open_)
    return [*runs, apart] if apart else runs


def _some(months: Iterable[str], answers: Mapping[str, Moments]) -> bool:
    return any(month in answers and answers[month].n for month in months)


def _added(answers: Mapping[str, Moments], months: Sequence[str]) -> Moments:
    if len(months) == 1:
        return answers.get(months[0], ZERO)
    return sum((answers[month] for month in months if month in answers), ZERO)


def _dossiers(counts: Mapping[str, int], months: Iterable[str]) -> int | None:
    known = [counts[month] for month in months if month in counts]
    return sum(known) if known else None


def _by_office(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place[0], []).append(place)
    return found


def _counts_by_place(dossiers: Dossiers) -> dict[Place, dict[str, int]]:
    found: dict[Place, dict[str, int]] = {}
    for (office, sector, month), count in dossiers.counts.items():
        found.setdefault((office, sector), {})[month] = count
    return found


def _by_place(pooled: Pooled) -> dict[Place, dict[str, dict[str, ByMonth]]]:
    """Moments by place, channel (and `all`), measure and month; flagged or not."""
    sums: dict[Place, dict[str, dict[str, ByMonth]]] = {}
    for cell, measures in pooled.cells.items():
        channels = sums.setdefault((cell.office, cell.sector), {})
        _add(channels.setdefault(cell.channel, {}), cell.month, measures)
    for channels in sums.values():
        if len(channels) == 1:
            channels[ALL] = next(iter(channels.values()))
            continue
        total: dict[str, ByMonth] = {}
        for found in channels.values():
            for measure, months in found.items():
                for month, moments in months.items():
                    _add(total, month, {measure: moments})
        channels[ALL] = total
    return sums


def _add(total: dict[str, ByMonth], month: str, measures: Mapping[str, Moments]) -> None:
    for measure, moments in measures.items():
        months = total.setdefault(measure, {})
        known = months.get(month)
        months[month] = moments if known is None else known + moments


def _ordered(names: Iterable[str], order: Sequence[str]) -> list[str]:
    rank = {name: position for position, name in enumerate(order)}
    return sorted(set(names), key=lambda name: (rank.get(name, len(rank)), name))


def sectors_named(targets: Targets) -> tuple[str, ...]:
    """Sectors as the targets speak of them first."""
    named = [s for group in targets.group for s in group.sectors]
    named += [s for t in targets.target if t.sectors != "all" for s in t.sectors]
    return tuple(dict.fromkeys(named))
