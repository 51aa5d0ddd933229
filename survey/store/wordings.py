"""Keeps which sentences of questionnaires somebody has held against the decision they come from.

What was checked is a sentence and its source: it stays checked in every version that has both, and
is to be checked again where either is changed. A published version itself never changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, select

from questionnaires import Questionnaire
from questionnaires.wording import Wording
from survey.errors import StoreError
from survey.store import tables
from survey.store.staff_actions import By, StaffAction, note
from survey.told import sentence

_row = tables.wording_check.c


@dataclass(frozen=True, slots=True)
class Checked:
    """When a sentence was checked, and by whom; `name` is None for the command line."""

    on: date
    name: str | None


def digest_of(wording: Wording) -> str:
    """Return what a sentence and its source are known by: 64 hex digits."""
    return hashlib.sha256(f"{wording.source.text}\n{wording.text.vi}".encode()).hexdigest()


def checked_wordings(engine: Engine) -> dict[str, Checked]:
    """Return every check by the digest of what was checked."""
    with engine.connect() as connection:
        rows = connection.execute(select(_row.digest, _row.checked_on, _row.name))
        return {digest: Checked(on, name) for digest, on, name in rows}


def left_to_check(questionnaire: Questionnaire, checked: Collection[str]) -> tuple[Wording, ...]:
    """Return the sentences that nobody has held against their decision yet; `checked`: digests."""
    return tuple(one for one in questionnaire.unverified if digest_of(one) not in checked)


def count_left(engine: Engine, questionnaires: Iterable[Questionnaire]) -> dict[str, int]:
    """Return by questionnaire how many of its sentences are still to be checked."""
    checked = checked_wordings(engine)
    return {one.key: len(left_to_check(one, checked)) for one in questionnaires}


def note_checked(
    engine: Engine, questionnaire: Questionnaire, places: Collection[str], by: By
) -> int:
    """Keep that the sentences at these places are those of their decision; return how many are new.

    Raises StoreError where the questionnaire has nothing to check at a place.
    """
    found = _at(questionnaire, places)
    with engine.begin() as connection:
        known = set(connection.execute(select(_row.digest)).scalars())
        new = {digest: place for digest, place in found.items() if digest not in known}
        if new:
            values = [{"digest": one, "checked_on": by.at.date(), "name": by.name} for one in new]
            connection.execute(tables.wording_check.insert(), values)
            _note(connection, by, "wordings_checked", questionnaire, new)
    return len(new)


def take_back(engine: Engine, questionnaire: Questionnaire, places: Collection[str], by: By) -> int:
    """Keep that the sentences at these places are to be checked again; return how many were not.

    Raises StoreError where the questionnaire has nothing to check at a place.
    """
    found = _at(questionnaire, places)
    with engine.begin() as connection:
        known = set(connection.execute(select(_row.digest)).scalars())
        gone = {digest: place for digest, place in found.items() if digest in known}
        if gone:
            connection.execute(tables.wording_check.delete().where(_row.digest.in_(gone)))
            _note(connection, by, "wordings_unchecked", questionnaire, gone)
    return len(gone)


def _at(questionnaire: Questionnaire, places: Collection[str]) -> dict[str, str]:
    """The sentences at places, by their digests. Raises StoreError."""
    known = {one.place: digest_of(one) for one in questionnaire.unverified}
    for place in places:
        if place not in known:
            told = {"questionnaire": questionnaire.key, "place": place}
            raise StoreError(sentence("wordings.no_place", **told, known="; ".join(known) or "–"))
    return {known[place]: place for place in places}


def _note(
    connection: Connection,
    by: By,
    action: StaffAction,
    questionnaire: Questionnaire,
    found: Mapping[str, str],
) -> None:
    about = {"questionnaire": questionnaire.key, "count": str(len(found))}
    note(connection, by, action, **about, places="; ".join(found.values()))
