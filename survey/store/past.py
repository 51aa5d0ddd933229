"""Keeps what was brought in from other tools, by whom and from which file, and takes it back.

An import is known by its answers until the next seal covers one of them: so long it can be undone.
Then the links to its answers go, and what is left is the file, the months and how many there were.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from survey.errors import StoreError
from survey.intake import Response, StoreReceipt, month_of
from survey.store import tables
from survey.store.comments import erase_tonight
from survey.store.records import amending
from survey.store.responses import insert_within, join_late
from survey.store.seals import JOINED, NEW, hold_answers, last_day
from survey.store.sqlite import require_same_file
from survey.store.staff_actions import By, note
from survey.store.transactions import in_steps, whole_transaction
from survey.store.upkeep import note_erasure
from survey.told import sentence

PastState = Literal["open", "sealed", "undone"]
"""Of an import: it can be undone, a seal covers its answers, or it was undone."""

_row, _line, _link = tables.response.c, tables.past_import.c, tables.past_import_answer.c
_NEW_LINK: Final = {
    "sqlite": sqlite.insert(tables.past_import_answer).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tables.past_import_answer).on_conflict_do_nothing(),
}


@dataclass(frozen=True, slots=True)
class PastSource:
    """The file that answers come from. `digest`: its SHA-256, in hexadecimal.

    `batch` is random: it stands for this import of the file, and is what an undo names.
    """

    file: str
    digest: str
    batch: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class PastPart:
    """How many answers of an office and month ("2026-10") an import brought."""

    office: str
    period: str
    answers: int


@dataclass(frozen=True, slots=True)
class PastImport:
    """One import. `name`: the account, None for the command line."""

    source: PastSource
    brought_on: date
    name: str | None
    parts: tuple[PastPart, ...]
    state: PastState
    undone_on: date | None = None
    undone_by: str | None = None

    @property
    def answers(self) -> int:
        """How many answers it brought."""
        return sum(part.answers for part in self.parts)

    @property
    def offices(self) -> frozenset[str]:
        """The offices that it brought answers to."""
        return frozenset(part.office for part in self.parts)


def add_past(
    engine: Engine, responses: Sequence[Response], by: By, source: PastSource
) -> list[StoreReceipt]:
    """Store answers of a former time in one durable transaction; a receipt each, in their order.

    Late ones of a sector and month join its figures once all are there, and not ten by ten. The
    log tells the file, and of citizens nothing. Raises StoreError, and stores none of these, where
    the import was undone meanwhile.
    """
    with engine.begin() as connection:
        receipts = [insert_within(connection, response) for response in responses]
        stored = [r for r, one in zip(responses, receipts, strict=True) if one == "stored"]
        _refuse_undone(connection, source)
        _link_to(connection, source.batch, [one.response_id for one in stored], own=True)
        late = {(r.office, r.sector, month_of(r.answered_on)): r for r in stored if r.late}
        for response in late.values():
            _link_to(connection, source.batch, join_late(connection, response), own=False)
        for (office, period), some in groupby(sorted(stored, key=_place), key=_place):
            part = PastPart(office, period, len(list(some)))
            connection.execute(tables.past_import.insert().values(_values(source, by, part)))
        for office in sorted({response.office for response in stored}):
            note(connection, by, "past_answers_taken", office, file=source.file)
    require_same_file(engine)
    return receipts


def _place(response: Response) -> tuple[str, str]:
    return response.office, month_of(response.answered_on)


def _values(source: PastSource, by: By, part: PastPart) -> dict[str, Any]:
    return {
        "batch": source.batch,
        "brought_on": by.at.date(),
        "name": by.name,
        "file_name": source.file,
        "file_digest": source.digest,
        "office": part.office,
        "period": part.period,
        "answers": part.answers,
    }


def _link_to(connection: Connection, batch: str, ids: Sequence[str], *, own: bool) -> None:
    """Keep that answers came by an import, or that they joined their month's figures through it.

    In the order of their random ids: a file may have them in the order in which people answered.
    """
    rows = [{"batch": batch, "response_id": one, "own": own} for one in sorted(ids)]
    if rows:
        connection.execute(_NEW_LINK[connection.dialect.name], rows)


def _refuse_undone(connection: Connection, source: PastSource) -> None:
    undone = (_line.batch == source.batch, _line.undone_on.is_not(None))
    if connection.execute(select(_line.id).where(*undone).limit(1)).first() is not None:
        raise StoreError(sentence("past.undone_meanwhile", file=source.file))


def list_past(engine: Engine) -> tuple[PastImport, ...]:
    """Return every import, the oldest first, its parts by office and month."""
    with engine.connect() as connection:
        return _imports(connection)


def undo_past(engine: Engine, batch: str, by: By) -> PastImport:
    """Take back an import: exactly its answers go, and who joined through them waits again.

    Raises StoreError where there is no such import, where it was undone before, and where a seal
    covers one of its answers: taking it out would be a change of sealed answers.
    """
    with whole_transaction(engine) as connection:
        hold_answers(connection)  # no seal, and no further part of it, between the look and the act
        found = next((one for one in _imports(connection) if one.source.batch == batch), None)
        if found is None:
            raise StoreError(sentence("past.no_import", batch=batch))
        if found.state != "open":
            day = found.undone_on or found.brought_on
            raise StoreError(sentence(f"past.is_{found.state}", file=found.source.file, day=day))
        erase_tonight(connection)
        note_erasure(connection, by.at.date())
        _take_out(connection, batch)
        mine = update(tables.past_import).where(_line.batch == batch)
        with amending(connection, by, [part.period for part in found.parts]):
            connection.execute(mine.values(undone_on=by.at.date(), undone_by=by.name))
        for office in sorted(found.offices):
            note(connection, by, "past_answers_undone", office, file=found.source.file)
        return replace(found, state="undone", undone_on=by.at.date(), undone_by=by.name)


def _take_out(connection: Connection, batch: str) -> None:
    query = select(_link.response_id, _link.own).where(_link.batch == batch)
    links = connection.execute(query.order_by(_link.response_id)).all()
    for some in in_steps([one.response_id for one in links if not one.own]):
        waits = update(tables.response).where(_row.response_id.in_(some), ~_row.late)
        connection.execute(waits.where(_row.since_seal == NEW).values(late=True))
        connection.execute(waits.where(_row.since_seal == JOINED).values(late=True, since_seal=""))
    for some in in_steps([one.response_id for one in links if one.own]):
        connection.execute(delete(tables.past_import_answer).where(_link.response_id.in_(some)))
        connection.execute(delete(tables.response).where(_row.response_id.in_(some)))
    connection.execute(delete(tables.past_import_answer).where(_link.batch == batch))
    connection.execute(delete(tables.newest_answer))  # looked up again in minutes


def forget_sealed(engine: Engine) -> None:
    """Delete the links to the answers of imports that a seal has covered: they are like all others.

    For the night, after the days are sealed.
    """
    with engine.begin() as connection:
        done = sorted(_sealed_batches(connection))
        for some in in_steps(done):
            connection.execute(delete(tables.past_import_answer).where(_link.batch.in_(some)))


def _sealed_batches(connection: Connection) -> frozenset[str]:
    """The imports of which a seal covers an answer as it came, or as having joined its month."""
    last = last_day(connection)
    if last is None:
        return frozenset()
    own = and_(_link.own, _row.since_seal != NEW)
    joined = and_(~_link.own, _row.since_seal == "", ~_row.late)
    query = (
        select(_link.batch)
        .join(tables.response, _row.response_id == _link.response_id)
        .where(_row.answered_on <= last, or_(own, joined))
        .distinct()
    )
    return frozenset(connection.execute(query).scalars())


def _imports(connection: Connection) -> tuple[PastImport, ...]:
    linked = connection.execute(select(_link.batch).where(_link.own).distinct()).scalars()
    undoable = frozenset(linked) - _sealed_batches(connection)
    first = select(_line.batch, func.min(_line.id).label("first")).group_by(_line.batch).subquery()
    query = (
        select(tables.past_import)
        .join(first, first.c.batch == _line.batch)
        .order_by(first.c.first, _line.office, _line.period, _line.id)
    )
    lines = connection.execute(query).all()
    return tuple(_import(list(some), undoable) for _, some in groupby(lines, lambda one: one.batch))


def _import(lines: Sequence[Any], undoable: frozenset[str]) -> PastImport:
    head = lines[0]
    parts = tuple(
        PastPart(*place, sum(one.answers for one in some))
        for place, some in groupby(lines, lambda one: (one.office, one.period))
    )
    state: PastState = "open" if head.batch in undoable else "sealed"
    return PastImport(
        PastSource(head.file_name, head.file_digest, head.batch),
        head.brought_on,
        head.name,
        parts,
        "undone" if head.undone_on is not None else state,
        head.undone_on,
        head.undone_by,
    )
