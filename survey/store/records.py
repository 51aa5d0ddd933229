"""Seals what verdicts rest on beside answers: a month's dossier counts, points of the nine
indicators, what the office says it did, slips, re-check, and what was brought in from other tools.

Owns which rows these are. What staff change within `amending` is sealed again in the same
transaction, for everybody to see; what else is otherwise is a fault (`verification`).
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select

from questionnaires.bilingual import Told, joined
from survey.places import GENERAL
from survey.recheck.calls import Call, SectorCalls
from survey.records import (
    Key,
    Place,
    Records,
    Sealed,
    Values,
    amended,
    as_text,
    changed_places,
    differences,
    gone_on,
    read_text,
    text_digest,
)
from survey.seals import Fault, Seal, SealKind, SealReason
from survey.store import tables
from survey.store.seals import (
    append_document,
    days_of,
    forget_document,
    hold_chain,
    newest_document,
    note_seals,
    sealed_months,
)
from survey.store.staff_actions import By
from survey.told import sentence

KIND: Final = "records"

_count, _points, _did = tables.population_count.c, tables.desk_indicator.c, tables.improvement.c
_slip, _batch, _tally = tables.slip.c, tables.slip_batch.c, tables.slip_tally.c
_list, _sector, _call = tables.recheck.c, tables.recheck_sector.c, tables.recheck_call.c
_import = tables.past_import.c
_COUNTS: Final = [one for one in _count if not one.primary_key]
_POINTS: Final = [one for one in _points if not one.primary_key]
_TEXTS: Final = (_did.said_vi, _did.did_vi, _did.said_en, _did.did_en)
_SLIPS: Final = (_tally.issued, _tally.used, _tally.expired, _tally.withdrawn)


# --- what is stored -----------------------------------------------------------------------------


def read_records(connection: Connection, month: str, salt: str) -> Records:
    """The records of a month as they are stored now."""
    return {
        **_dossiers(connection, month),
        **_indicators(connection, month),
        **_improvements(connection, month, salt),
        **_slips(connection, month),
        **_own(connection, month, salt),
    }


def _own(connection: Connection, month: str, salt: str) -> Records:
    """Those to which the program's own work adds after the month was sealed."""
    return {
        **_rechecks(connection, month),
        **_calls(connection, month),
        **_imports(connection, month, salt),
    }


def _dossiers(connection: Connection, month: str) -> Records:
    query = select(_count.office, _count.sector, *_COUNTS).where(_count.period == month)
    return {
        ("dossiers", office, sector): _named(_COUNTS, values)
        for office, sector, *values in connection.execute(query)
    }


def _indicators(connection: Connection, month: str) -> Records:
    query = select(_points.office, _points.indicator, *_POINTS).where(_points.month == month)
    return {
        ("indicators", office, str(indicator)): _named(_POINTS, values)
        for office, indicator, *values in connection.execute(query)
    }


def _improvements(connection: Connection, month: str, salt: str) -> Records:
    """Those that are public, by a digest of their words."""
    query = select(_did.office, _did.id, _did.published_on, *_TEXTS)
    public = query.where(_did.month == month, _did.published_on.is_not(None))
    return {
        ("improvements", office, str(id_)): {
            "published_on": day.isoformat(),
            "words": text_digest(salt, "\n".join(texts)),
        }
        for office, id_, day, *texts in connection.execute(public)
    }


def _slips(connection: Connection, month: str) -> Records:
    """What became of slips in the month, by counter (its key) and sector; as `store.slips` counts,
    of a month that is over."""
    unused = (_slip.used_in.is_(None), _batch.withdrawn_in.is_(None))
    events: dict[str, tuple[ColumnElement[bool], ...]] = {
        "issued": (_batch.issued_in == month,),
        "used": (_slip.used_in == month,),
        "expired": (*unused, _batch.last_day.between(*days_of(month))),
        "withdrawn": (_slip.used_in.is_(None), _batch.withdrawn_in == month),
    }
    found: defaultdict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(events, 0))
    live = select(_batch.counter, _slip.sector, func.count()).join_from(
        tables.slip, tables.slip_batch, _slip.batch == _batch.id
    )
    for event, where in events.items():
        query = live.where(*where).group_by(_batch.counter, _slip.sector)
        for counter, sector, count in connection.execute(query):
            found["slips", counter, sector][event] += count
    sums = (func.sum(one) for one in _SLIPS)
    forgotten = select(_tally.counter, _tally.sector, *sums).where(_tally.month == month)
    for counter, sector, *counts in connection.execute(
        forgotten.group_by(_tally.counter, _tally.sector)
    ):
        for column, count in zip(_SLIPS, counts, strict=True):
            found["slips", counter, sector][column.name] += int(count)
    return {key: values for key, values in found.items() if any(values.values())}


def _rechecks(connection: Connection, month: str) -> Records:
    """A re-check's list, seed and draw by sector, and how its calls ended: of none which."""
    calls = (
        select(_call.office, _call.sector)
        .add_columns(
            func.count(_call.outcome).label("entered"),
            func.count().filter(_call.outcome == "answered").label("answered"),
        )
        .where(_call.month == month)
        .group_by(_call.office, _call.sector)
        .subquery()
    )
    ended = (func.coalesce(calls.c.entered, 0), func.coalesce(calls.c.answered, 0))
    query = (
        select(tables.recheck, _sector.sector, _sector.dossiers, _sector.size, *ended)
        .join_from(
            tables.recheck,
            tables.recheck_sector,
            (_list.month == _sector.month) & (_list.office == _sector.office),
        )
        .outerjoin(calls, (calls.c.office == _sector.office) & (calls.c.sector == _sector.sector))
        .where(_list.month == month)
    )
    return {
        ("rechecks", row.office, row.sector): {
            "list": row.list_digest,
            "listed_on": row.listed_on.isoformat(),
            "seed": row.seed,
            "source": row.seed_source,
            "seeded_on": None if row.seeded_on is None else row.seeded_on.isoformat(),
            "dossiers": row.dossiers,
            "size": row.size,
            "entered": row[-2],
            "answered": row[-1],
        }
        for row in connection.execute(query)
    }


def _calls(connection: Connection, month: str) -> Records:
    """How each call of a re-check ended, of sectors in which no call is open.

    While calls are made these are not sealed: what is sealed is of the night before, so that it
    would tell whom was called since, and with the answers that came since what they said.
    """
    ended: defaultdict[tuple[str, str], list[Call]] = defaultdict(list)
    query = select(_call.office, _call.sector, _call.position, _call.outcome)
    for office, sector, position, outcome in connection.execute(query.where(_call.month == month)):
        ended[office, sector].append(Call(sector, position, outcome))
    sizes = select(_sector.office, _sector.sector, _sector.dossiers, _sector.size)
    sectors = {
        (office, sector): SectorCalls(sector, dossiers, size, tuple(ended[office, sector]))
        for office, sector, dossiers, size in connection.execute(
            sizes.where(_sector.month == month)
        )
    }
    return {
        ("calls", office, sector, str(call.position)): {"outcome": call.outcome}
        for (office, sector), found in sectors.items()
        if not found.open
        for call in found.calls
        if call.outcome is not None
    }


def _imports(connection: Connection, month: str, salt: str) -> Records:
    """What was brought in from other tools; whose account did it by a digest of its name."""

    def account(name: str | None) -> str | None:
        return None if name is None else text_digest(salt, name)

    query = select(tables.past_import).where(_import.period == month)
    return {
        ("imports", row.office, str(row.id)): {
            "file": row.file_name,
            "digest": row.file_digest,
            "answers": row.answers,
            "brought_on": row.brought_on.isoformat(),
            "account": account(row.name),
            "undone_on": None if row.undone_on is None else row.undone_on.isoformat(),
            "undone_by": account(row.undone_by),
        }
        for row in connection.execute(query)
    }


def _named(columns: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> Values:
    return {column.name: value for column, value in zip(columns, values, strict=True)}


# --- what is sealed -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest seal of records, and what it binds; None where that is gone or was altered."""

    seal: Seal
    sealed: Sealed | None


def kept_records(connection: Connection, kind: SealKind, about: str | None) -> Kept | None:
    """The newest seal of a month's records, or of targets; None where they are not sealed."""
    found = newest_document(connection, kind, about)
    if found is None:
        return None
    if found.text is None or not found.sound:
        return Kept(found.seal, None)
    try:
        return Kept(found.seal, read_text(found.text))
    except ValueError:
        return Kept(found.seal, None)


def seal_records(connection: Connection, month: str) -> None:
    """Seal a month's records for the first time, or again where the program's own work went on.

    In a transaction that holds the chain. What is not as it was sealed is left so.
    """
    kept = kept_records(connection, KIND, month)
    if kept is None:
        salt = new_salt()
        text = as_text(Sealed(salt, read_records(connection, month, salt)))
        append_document(connection, KIND, month, "", text)
    elif kept.sealed is not None:
        seal_again(connection, kept, _gone_on(connection, month, kept.sealed), "late")


def _gone_on(connection: Connection, month: str, sealed: Sealed) -> Records:
    return gone_on(sealed.records, _own(connection, month, sealed.salt))


def reopen_calls(connection: Connection, month: str, office: str, sectors: Collection[str]) -> None:
    """Seal no more how each call of these sectors ended, until again none of them is open.

    Before a call is entered, or more are drawn, in the same transaction, which holds the chain:
    what is sealed never tells which calls those were. Where one is not as it was sealed, it stays.
    """
    kept = kept_records(connection, KIND, month)
    if kept is None or kept.sealed is None:
        return
    records, found = kept.sealed.records, _calls(connection, month)
    mine = [key for key in records if key[:2] == ("calls", office) and key[2] in sectors]
    if all(records[key] == found.get(key) for key in mine):
        left = {key: values for key, values in records.items() if key not in mine}
        seal_again(connection, kept, left, "late")


def new_salt() -> str:
    """A salt for a document of records."""
    return secrets.token_hex(32)


def seal_again(
    connection: Connection, kept: Kept, now: Records, reason: SealReason, about: str | None = None
) -> Seal | None:
    """Seal other records in the place of those that were; None where they are the same."""
    if kept.sealed is None or now == kept.sealed.records:
        return None
    text, old = as_text(Sealed(kept.sealed.salt, now)), kept.seal
    forget_document(connection, old.document)
    return append_document(connection, old.kind, about or old.about, reason, text)


def records_due(connection: Connection) -> list[str]:
    """The sealed months whose records are not sealed, or in which the program's own work went on
    since."""
    return [month for month in sorted(sealed_months(connection)) if _is_due(connection, month)]


def _is_due(connection: Connection, month: str) -> bool:
    kept = kept_records(connection, KIND, month)
    if kept is None:
        return True
    if kept.sealed is None:
        return False
    return _gone_on(connection, month, kept.sealed) != kept.sealed.records


# --- what staff may do --------------------------------------------------------------------------


@contextmanager
def amending(
    connection: Connection,
    by: By,
    months: Sequence[str] | None = None,
    reason: SealReason = "changed",
) -> Iterator[None]:
    """Seal again what staff change meanwhile in the records of these months, or of all.

    In the caller's transaction. What was not as it was sealed before stays so: the change of staff
    covers up no other. A line of the log names the seals.
    """
    hold_chain(connection)
    before, sealed_ones = {}, sealed_months(connection)
    for month in sorted(sealed_ones if months is None else sealed_ones.intersection(months)):
        kept = kept_records(connection, KIND, month)
        if kept is not None and kept.sealed is not None:
            before[month] = kept, kept.sealed, read_records(connection, month, kept.sealed.salt)
    yield
    made, changed = [], {}
    for month, (kept, sealed, was) in before.items():
        now = amended(sealed.records, was, read_records(connection, month, sealed.salt))
        one = seal_again(connection, kept, now, reason)
        if one is not None:
            made.append(one)
            changed[one.number] = changed_places(sealed.records, now)
    note_seals(connection, made, reason, by, changed)


def accept_records(connection: Connection, month: str) -> tuple[Seal, Sequence[Place]] | None:
    """Seal a month's records as they are now, and tell what of them was otherwise.

    None where they are as they were sealed; of records that nobody can read any more, none of
    which is told.
    """
    kept = kept_records(connection, KIND, month)
    if kept is None:
        return None
    if kept.sealed is None:  # nothing tells any more what they were
        salt = new_salt()
        text = as_text(Sealed(salt, read_records(connection, month, salt)))
        return append_document(connection, KIND, month, "accepted", text), ()
    now = read_records(connection, month, kept.sealed.salt)
    made = seal_again(connection, kept, now, "accepted")
    return None if made is None else (made, changed_places(kept.sealed.records, now))


# --- what is found ------------------------------------------------------------------------------


def record_faults(connection: Connection) -> Iterator[Fault]:
    """Every record of a sealed month that is not as it was sealed."""
    names = _names(connection)
    for month in sorted(sealed_months(connection)):
        kept = kept_records(connection, KIND, month)
        if kept is None:
            continue
        if kept.sealed is None:
            yield Fault("document", month)
            continue
        found = read_records(connection, month, kept.sealed.salt)
        for one in differences(kept.sealed.records, found):
            place = joined((names.get(part, part) for part in one.key[1:]), ", ")
            yield Fault("record", month, {"difference": one, "place": place})


def _names(connection: Connection) -> Mapping[str, Told]:
    """What offices, sectors and counters are called, by what records name them by."""
    found = {GENERAL: sentence("verify.general")}
    for table, key in ((tables.office, "id"), (tables.sector, "id"), (tables.counter, "key")):
        for row in connection.execute(select(table.c[key], table.c.name_en, table.c.name_vi)):
            found[row[0]] = Told(row.name_en, row.name_vi)
    return found
