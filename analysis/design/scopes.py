"""Which strata make up each row: offices and sectors, their totals, groups and channels.

Owns the arrangement of cells into strata, and their order. Computes no share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.counting.moments import ZERO, Moments
from analysis.design.pooling import GENERAL, Family, Pooled, family_of
from analysis.formulas.strata import Kind, Stratum
from analysis.reading.columns import CHANNELS
from analysis.reading.population import Dossiers
from analysis.targets import Targets

ALL: Final = "all"
_NONE: Final = Dossiers(None)
_UNANSWERED: Final[Mapping[str, Kind]] = {"overall": "item", "index": "ratio"}

Place = tuple[str, str]
"""Office and sector: a stratum."""


@dataclass(frozen=True, slots=True)
class Order:
    """Offices and sectors in the order wanted; the others follow by name, `general` last."""

    offices: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()


ANY_ORDER: Final = Order()


@dataclass(frozen=True, slots=True)
class Scope:
    """An office and a sector of the document, or totals of them, and the strata they consist of."""

    office: str
    sector: str
    places: tuple[Place, ...]
    family: Family


class Survey:
    """All moments and dossiers of a period, by stratum."""

    def __init__(
        self,
        pooled: Pooled,
        dossiers: Mapping[Place, Dossiers],
        groups: Mapping[str, tuple[str, ...]],
        order: Order = ANY_ORDER,
    ) -> None:
        self.pooled, self.dossiers, self.groups, self.order = pooled, dossiers, groups, order
        self._sums = _by_place(pooled)
        self.places = sorted({*self._sums, *dossiers})
        self._by_office = _by_office(self.places)
        self._scopes: dict[Place, Scope] = {}
        self._missing: dict[Place, tuple[str, ...]] = {}
        self._strata: dict[tuple[Place, str], Stratum] = {}
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
        """The strata that these two keys of a row stand for; none where nothing is known."""
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

    def channels(self, scope: Scope) -> list[str]:
        """The channels that answers came by, where there are several."""
        found = {name for place in scope.places for name in self._sums.get(place, ())} - {ALL}
        return [channel for channel in CHANNELS if channel in found] if len(found) > 1 else []

    def strata(self, scope: Scope, measure: str) -> list[Stratum]:
        """The whole scope's strata; one without answers or dossiers is left out."""
        strata = [self.stratum(place, measure) for place in scope.places]
        return [stratum for stratum in strata if stratum.moments.n or stratum.population]

    def stratum(self, place: Place, measure: str) -> Stratum:
        """The answers and dossiers of one stratum; every total that holds it asks for it."""
        key = place, measure
        if key not in self._strata:
            self._strata[key] = Stratum(self.moments(place, measure), self.completed(place))
        return self._strata[key]

    def domain(self, scope: Scope, measure: str, channel: str) -> list[Stratum]:
        """The answers of one channel inside the scope's strata, whose samples stay whole."""
        item = self.measures(scope).get(measure) == "item"
        strata = []
        for place in scope.places:
            whole = self.stratum(place, measure)
            size = whole.moments.answered if item else whole.moments.n
            inside = self.moments(place, measure, channel)
            strata.append(Stratum(inside, whole.population, size))
        return [stratum for stratum in strata if stratum.moments.n]

    def missing_months(self, scope: Scope) -> tuple[str, ...]:
        """Months of the period for which an office of the scope has no dossier counts."""
        key = scope.office, scope.sector
        if key not in self._missing:
            months = {month for place in scope.places for month in self._known(place).missing}
            self._missing[key] = tuple(sorted(months))
        return self._missing[key]

    def _known(self, place: Place) -> Dossiers:
        return self.dossiers.get(place, _NONE)

    def completed(self, place: Place) -> int | None:
        """The dossiers of a stratum, None where they are not known."""
        return self._known(place).completed

    def moments(self, place: Place, measure: str, channel: str = ALL) -> Moments:
        """The answers of a stratum, by one channel or all."""
        return self._sums.get(place, {}).get(channel, {}).get(measure, ZERO)


def _by_office(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place[0], []).append(place)
    return found


def _by_place(pooled: Pooled) -> dict[Place, dict[str, dict[str, Moments]]]:
    """Moments of each stratum by channel, and under `all` over the channels; flagged or not."""
    sums: dict[Place, dict[str, dict[str, Moments]]] = {}
    for cell, measures in pooled.cells.items():
        place = sums.setdefault((cell.office, cell.sector), {})
        for channel in (cell.channel, ALL):
            total = place.setdefault(channel, {})
            for measure, moments in measures.items():
                total[measure] = total.get(measure, ZERO) + moments
    return sums


def _ordered(names: Iterable[str], order: Sequence[str]) -> list[str]:
    rank = {name: position for position, name in enumerate(order)}
    return sorted(set(names), key=lambda name: (rank.get(name, len(rank)), name))


def sectors_named(targets: Targets) -> tuple[str, ...]:
    """Sectors as the targets speak of them first."""
    named = [s for group in targets.group for s in group.sectors]
    named += [s for t in targets.target if t.sectors != "all" for s in t.sectors]
    return tuple(dict.fromkeys(named))
