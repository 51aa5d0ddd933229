"""Edits of the places, one at a time: a counter, a sector or an office put in, changed, taken out.

Pure: from places to places. What people see is a name; an id is made out of it once and stays, so
that a new name is never a second place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeVar

from questionnaires import Questionnaire, Text, keys
from survey.places import Counter, Office, Places, Sector, check_places, for_counters

LONGEST_ID: Final = 64

_Place = TypeVar("_Place", Office, Sector, Counter)


class EditRefused(Exception):
    """An edit that cannot be made: the key of a sentence, and its words."""

    def __init__(self, key: str, **words: str) -> None:
        super().__init__(key)
        self.key, self.words = key, words


def new_id(name: str, taken: Iterable[str]) -> str:
    """An id for a new place, out of its name: `quay-4-ho-tich`.

    It is numbered where it is taken or Windows keeps it, as `con` of "Cồn".
    """
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    plain = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in letters if not unicodedata.combining(c)))
    base = plain.strip("-")[: LONGEST_ID - 4].rstrip("-") or "noi"
    used, found, number = {*taken, *keys.KEPT_BY_WINDOWS}, base, 2
    while found in used:
        found, number = f"{base}-{number}", number + 1
    return found


def put_counter(
    places: Places,
    counter: Counter,
    questionnaires: Mapping[str, Questionnaire],
    former: str | None = None,
) -> Places:
    """Change the counter of this full id, or add it as the last one.

    ``former``: the full id that it had, where it moves to another office; its addresses and tablets
    move along. Raises EditRefused where its office has another of that name, or it asks about a
    sector and has none.
    """
    if former not in (None, counter.full_id):
        counter = counter.model_copy(update={"was": former})
    others = [one for one in places.counter if one.office == counter.office]
    _require_own_name(counter, others)
    asked = for_counters(questionnaires).get(counter.questionnaire)
    if asked is None:
        raise EditRefused("no_questionnaire")
    if asked.about_sector and not counter.sectors:
        raise EditRefused("needs_sector")
    return _checked(places, counter=_put(places.counter, counter, former))


def close_counter(places: Places, full_id: str) -> Places:
    """Take a counter out of the list. Raises EditRefused where it is not in it."""
    kept = tuple(one for one in places.counter if one.full_id != full_id)
    if len(kept) == len(places.counter):
        raise EditRefused("gone")
    return _checked(places, counter=kept)


def put_sector(places: Places, sector: Sector) -> Places:
    """Change the sector of this id, or add it. Raises EditRefused where another has its name."""
    _require_own_name(sector, places.sector)
    return _checked(places, sector=_put(places.sector, sector))


def drop_sector(places: Places, id_: str) -> Places:
    """Take a sector out of the list, with its procedures; its answers stay.

    Raises EditRefused where a counter still asks about it.
    """
    asking = [one.name.vi for one in places.counter if id_ in one.sectors]
    if asking:
        raise EditRefused("asked_by", counters=", ".join(asking))
    return _checked(
        places,
        sector=tuple(one for one in places.sector if one.id != id_),
        procedure=tuple(one for one in places.procedure if one.sector != id_),
    )


def put_office(places: Places, office: Office) -> Places:
    """Change the office of this id, or add it; its opening hours stay (`put_hours`).

    Raises EditRefused where it would be its own.
    """
    office = office.model_copy(update={"opening_hours": _own_hours(places, office.id)})
    beside = [one for one in places.office if one.parent == office.parent]
    _require_own_name(office, beside)
    offices = _put(places.office, office)
    _require_apart(offices, office.id, office.parent)
    return _checked(places, office=offices)


def put_hours(places: Places, id_: str, hours: str | None) -> Places:
    """Give an office opening hours of its own, or (None) those of the office above it.

    Raises EditRefused where it is gone.
    """
    office = next((one for one in places.office if one.id == id_), None)
    if office is None:
        raise EditRefused("office_gone")
    changed = office.model_copy(update={"opening_hours": hours})
    return _checked(places, office=_put(places.office, changed))


def _own_hours(places: Places, id_: str) -> str | None:
    return next((one.opening_hours for one in places.office if one.id == id_), None)


def merge_office(places: Places, id_: str, into: str, taken: Collection[str] = ()) -> Places:
    """Make an office a part of another: its counters and the offices below it move there.

    Its answers and dossiers stay its own, and are counted in the other by the tree. A counter whose
    name the other has too is called after its former office as well; one whose id the other has,
    or had (``taken``), gets another out of its name. Raises EditRefused where the other is the
    office itself or below it.
    """
    _require_apart(places.office, id_, into)
    former = next(one.name for one in places.office if one.id == id_)
    theirs = [one for one in places.counter if one.office == into]
    names = {keys.appearance(one.name.vi) for one in theirs}
    used, moved = {*taken, *(one.id for one in theirs)}, dict[str, Counter]()
    for counter in places.counter:
        if counter.office == id_:
            name = told_apart(counter.name, former, names)
            own = new_id(name.vi, used) if counter.id in used else counter.id
            changed = {"id": own, "office": into, "name": name, "was": counter.full_id}
            moved[counter.full_id] = counter.model_copy(update=changed)
            _require_own_name(moved[counter.full_id], theirs)
            used.add(own)
    return _checked(
        places,
        office=tuple(
            one.model_copy(update={"parent": into}) if one.parent == id_ else one
            for one in places.office
            if one.id != id_
        ),
        counter=tuple(moved.get(one.full_id, one) for one in places.counter),
    )


def told_apart(name: Text, office: Text, names: Collection[str]) -> Text:
    """Return a counter's name, with that of its office behind it where ``names`` have it already.

    ``names``: as of `keys.appearance`.
    """
    if keys.appearance(name.vi) not in names:
        return name
    return Text(vi=f"{name.vi} ({office.vi})", en=f"{name.en} ({office.en})")


def _require_apart(offices: Iterable[Office], id_: str, above: str | None) -> None:
    """Refuse to put an office below itself, or below one that is below it."""
    parents = {one.id: one.parent for one in offices}
    while above is not None:
        if above == id_:
            raise EditRefused("circle")
        above = parents.get(above)


def _require_own_name(
    place: Office | Sector | Counter, others: Iterable[Office | Sector | Counter]
) -> None:
    """Refuse a name that people take for another's: no page or poster could tell them apart."""
    mine = keys.appearance(place.name.vi)
    for other in others:
        if other.full_id != place.full_id and keys.appearance(other.name.vi) == mine:
            raise EditRefused("same_name", name=other.name.vi)


def _put(
    entries: tuple[_Place, ...], place: _Place, former: str | None = None
) -> tuple[_Place, ...]:
    """Put a place where that of its full id stands, or of the former one, or at the end."""
    at = former or place.full_id
    if any(one.full_id == at for one in entries):
        return tuple(place if one.full_id == at else one for one in entries)
    return entries + (place,)  # noqa: RUF005  mypy follows the type of an addition


def _checked(places: Places, **changed: object) -> Places:
    edited = places.model_copy(update=changed)
    check_places(edited)
    return edited
