"""Keeps what offices did about what people said. Each change is logged in its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select, update

from survey.improvements import MOST, Improvement, Texts, too_many
from survey.store import tables
from survey.store.records import amending
from survey.store.staff_actions import By, StaffAction, note
from survey.store.transactions import whole_transaction

_row = tables.improvement.c
_EVERY = select(tables.improvement).order_by(_row.id)


def list_improvements(
    engine: Engine, office: str, month: str, *, published: bool = False
) -> Sequence[Improvement]:
    """Return the entries of an office and month, in the order in which they were begun."""
    query = _EVERY.where(_row.office == office, _row.month == month)
    if published:
        query = query.where(_row.published_on.is_not(None))
    with engine.connect() as connection:
        return [_entry(row) for row in connection.execute(query)]


def find_improvement(engine: Engine, id_: int) -> Improvement | None:
    """Return an entry, or None."""
    with engine.connect() as connection:
        row = connection.execute(_EVERY.where(_row.id == id_)).one_or_none()
        return None if row is None else _entry(row)


def add_improvement(engine: Engine, office: str, month: str, texts: Texts, by: By) -> int:
    """Begin a draft; return its number. Raises HailongError where the month has its most."""
    with engine.begin() as connection:
        where = (_row.office == office, _row.month == month)
        known = select(func.count()).select_from(tables.improvement).where(*where)
        if connection.execute(known).scalar_one() >= MOST:
            raise too_many(month)
        values = {"month": month, "office": office, **asdict(texts)}
        made = tables.improvement.insert().values(values).returning(_row.id)
        id_: int = connection.execute(made).scalar_one()
        note(connection, by, "improvement_written", office, month=month, did=texts.did_vi)
        return id_


def change_improvement(engine: Engine, entry: Improvement, texts: Texts, by: By) -> bool:
    """Word a draft otherwise; False where it is gone or public: that is withdrawn first."""
    return _change(engine, entry, "improvement_written", by, _draft(), texts=texts)


def publish_improvement(engine: Engine, entry: Improvement, today: date, by: By) -> bool:
    """Make a draft public; False where it is gone or public already, or was worded otherwise."""
    same = tuple(_row[name] == text for name, text in asdict(entry.texts).items())
    return _change(engine, entry, "improvement_published", by, (*_draft(), *same), public=today)


def withdraw_improvement(engine: Engine, entry: Improvement, by: By) -> bool:
    """Make an entry a draft again; False where it is none that is public."""
    public = (_row.published_on.is_not(None),)
    return _change(engine, entry, "improvement_withdrawn", by, public, public=None)


def drop_improvement(engine: Engine, entry: Improvement, by: By) -> bool:
    """Delete a draft; False where it is gone or public."""
    with engine.begin() as connection:
        mine = tables.improvement.delete().where(_row.id == entry.id, *_draft())
        done = connection.execute(mine).rowcount == 1
        if done:
            _note(connection, entry, "improvement_dropped", entry.texts, by)
        return done


def _draft() -> tuple[ColumnElement[bool], ...]:
    return (_row.published_on.is_(None),)


def _change(
    engine: Engine,
    entry: Improvement,
    action: StaffAction,
    by: By,
    where: Sequence[ColumnElement[bool]],
    *,
    texts: Texts | None = None,
    public: date | None = None,
) -> bool:
    """Change an entry where it is still as it is thought to be, and log it."""
    values = {"published_on": public} if texts is None else asdict(texts)
    with whole_transaction(engine) as connection, amending(connection, by, [entry.month]):
        mine = update(tables.improvement).where(_row.id == entry.id, *where)
        done = connection.execute(mine.values(values)).rowcount == 1
        if done:
            _note(connection, entry, action, texts or entry.texts, by)
        return done


def _note(
    connection: Connection, entry: Improvement, action: StaffAction, texts: Texts, by: By
) -> None:
    note(connection, by, action, entry.office, month=entry.month, did=texts.did_vi)


def _entry(row: Row[tuple[object, ...]]) -> Improvement:
    texts = Texts(row.said_vi, row.did_vi, row.said_en, row.did_en)
    return Improvement(row.id, row.month, row.office, texts, row.published_on)
