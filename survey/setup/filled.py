"""What somebody filled in at the first start, and the office that it makes: places and settings.

Pure. Problems are named by the keys of their sentences; the pages say them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from questionnaires import Questionnaire, Text, keys
from survey.address import Address
from survey.edits import new_id
from survey.places import (
    GENERAL,
    UNKNOWN,
    Counter,
    Office,
    Places,
    Sector,
    for_counters,
    parse_places,
    shipped_places,
    write_places,
)

LONGEST_NAME: Final = 120
MOST_COUNTERS: Final = 50
MOST_SECTORS: Final = 60
ALL_NETWORKS: Final = "0.0.0.0"  # noqa: S104  chosen by the officer, so that phones reach it


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must be filled in otherwise: the key of its sentence, and its words."""

    key: str
    words: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """The administrator to be. A printed one does not show the password."""

    name: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SectorRow:
    """A sector that the office may tick; `id` never changes, whatever it is called."""

    id: str
    name: str
    used: bool = True


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A counter, the questionnaire that it asks, and the sectors by their ids."""

    name: str
    questionnaire: str
    sectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """Everything that the pages ask. ``address`` is None where it is left for later."""

    office_vi: str = ""
    office_en: str = ""
    account: Account = Account()
    sectors: tuple[SectorRow, ...] = ()
    counters: tuple[CounterRow, ...] = ()
    address: Address | None = None

    @property
    def chosen(self) -> tuple[SectorRow, ...]:
        """The sectors that were ticked."""
        return tuple(row for row in self.sectors if row.used)

    def places(self) -> Places:
        """The places of the office, read back as a places file is. Raises PlacesError."""
        shipped, chosen = shipped_places(), {row.id for row in self.chosen}
        name = _text(self.office_vi, self.office_en)
        office = Office(id=new_id(self.office_vi, ()), name=name)
        known = {one.id: one for one in shipped.sector}
        return _read_back(
            Places(
                office=(office,),
                sector=tuple(_sector(row, known.get(row.id)) for row in self.chosen),
                procedure=tuple(one for one in shipped.procedure if one.sector in chosen),
                counter=tuple(_counters(self.counters, office.id, chosen)),
            )
        )

    def settings(self, trusted_proxies: int = 0) -> dict[str, str | int]:
        """What the settings file is to say of the address, so that phones do reach the server.

        Behind https another server stands before ours, on this machine; http is our own, which
        must then listen to the network. ``trusted_proxies``: as it is set.
        """
        if self.address is None:
            return {}
        found: dict[str, str | int] = {"base_url": self.address.url}
        if self.address.scheme == "https":
            return found | {"trusted_proxies": max(1, trusted_proxies)}
        return found | {"host": ALL_NETWORKS}


def _read_back(places: Places) -> Places:
    return parse_places(write_places(places), "places.toml")


def _text(vi: str, en: str = "") -> Text:
    return Text(vi=vi, en=en or vi)


def _sector(row: SectorRow, shipped: Sector | None) -> Sector:
    """Renamed, a sector has no English name any more but its own; its examples stay."""
    if shipped is None:
        return Sector(id=row.id, name=_text(row.name))
    name = shipped.name if row.name == shipped.name.vi else _text(row.name)
    return Sector(id=row.id, name=name, hint=shipped.hint)


def _counters(
    rows: Sequence[CounterRow], office: str, sectors: Collection[str]
) -> Iterator[Counter]:
    taken: set[str] = set()
    for row in rows:
        id_ = new_id(row.name, taken)
        taken.add(id_)
        yield Counter(
            id=id_,
            office=office,
            name=_text(row.name, _english(row.name)),
            questionnaire=row.questionnaire,
            sectors=tuple(one for one in row.sectors if one in sectors),
        )


def _english(name: str) -> str:
    """The English name of a counter that has a number; of another one its own."""
    number = re.fullmatch(r"Quầy(?: số)? ([0-9]+)", name, re.IGNORECASE)
    return f"Counter {number[1]}" if number else name


def first_sectors() -> tuple[SectorRow, ...]:
    """The shipped list, ticked."""
    return tuple(SectorRow(one.id, one.name.vi) for one in shipped_places().sector)


def with_more(rows: Sequence[SectorRow], names: Sequence[str]) -> tuple[SectorRow, ...]:
    """The rows, and the office's own sectors of these names; an empty name is none."""
    found = list(rows)
    for name in filter(None, map(keys.normal, names)):
        taken = {row.id for row in found} | {GENERAL, UNKNOWN}
        found.append(SectorRow(new_id(name, taken), name))
    return tuple(found)


def fitted(rows: Sequence[CounterRow], sectors: Sequence[SectorRow]) -> tuple[CounterRow, ...]:
    """Counters as they are once other sectors were ticked; a new office has one for all."""
    ids = tuple(row.id for row in sectors if row.used)
    if not rows:
        return (CounterRow("Quầy 1", default_questionnaire(), ids),)
    return tuple(
        replace(row, sectors=tuple(one for one in row.sectors if one in ids)) for row in rows
    )


def default_questionnaire() -> str:
    """What a counter asks where nothing else is chosen: as the first of the shipped commune."""
    return shipped_places().counter[0].questionnaire


def office_problem(vi: str, en: str) -> Problem | None:
    """What is wrong with the names of the office."""
    if not vi:
        return Problem("no_office")
    return _too_long(vi) or _too_long(en)


def _too_long(name: str) -> Problem | None:
    if len(name) > LONGEST_NAME:
        return Problem("long", {"name": keys.quoted(name), "most": LONGEST_NAME})
    return None


def sectors_problem(rows: Sequence[SectorRow]) -> Problem | None:
    """What is wrong with the sectors."""
    used = [row for row in rows if row.used]
    if not used:
        return Problem("no_sectors")
    if len(rows) > MOST_SECTORS:
        return Problem("many", {"most": MOST_SECTORS})
    if any(not row.name for row in used):
        return Problem("no_name")
    return _names_problem([row.name for row in used])


def _names_problem(names: Sequence[str]) -> Problem | None:
    seen: dict[str, str] = {}
    for name in names:
        if too_long := _too_long(name):
            return too_long
        if keys.appearance(name) in seen:
            return Problem("twice", {"name": keys.quoted(name)})
        seen[keys.appearance(name)] = name
    return None


def counters_problem(
    rows: Sequence[CounterRow], questionnaires: Mapping[str, Questionnaire]
) -> Problem | None:
    """What is wrong with the counters."""
    if not rows:
        return Problem("no_counters")
    if len(rows) > MOST_COUNTERS:
        return Problem("many", {"most": MOST_COUNTERS})
    for row in rows:
        asked = for_counters(questionnaires).get(row.questionnaire)
        if asked is None:
            return Problem("no_questionnaire", {"name": keys.quoted(row.name)})
        if asked.about_sector and not row.sectors:
            return Problem("needs_sector", {"name": keys.quoted(row.name)})
    return _names_problem([row.name for row in rows])


def address_problem(address: Address) -> Problem | None:
    """Whether phones could not open an address, whatever is done."""
    return Problem("nowhere", {"url": address.shown}) if address.reach == "here" else None
