"""Keeps the last that was heard of each tablet, apart from the answers: see tables.contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from kiosk.health import Contact, Heartbeat
from survey.store import tables
from survey.store.sqlite import BUSY_MILLISECONDS, create_file, database_file

_FIRST = {
    "sqlite": sqlite.insert(tables.contact).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tables.contact).on_conflict_do_nothing(),
}


def note_contact(
    engine: Engine, device_id: str, now: datetime, heartbeat: Heartbeat | None = None
) -> None:
    """Keep that a tablet was heard of, in the place of what was kept before."""
    told = None if heartbeat is None else asdict(heartbeat)
    values = {"seen_at": int(now.timestamp()), "heartbeat": told}
    with _store(engine) as connection:
        connection.execute(_FIRST[engine.dialect.name], {"kiosk": device_id, **values})
        row = tables.contact.c.kiosk == device_id
        connection.execute(update(tables.contact).where(row).values(values))


def list_contacts(engine: Engine) -> Mapping[str, Contact]:
    """Return the last contact of every tablet that was heard of, by the tablet's id."""
    with _store(engine) as connection:
        rows = connection.execute(select(tables.contact)).all()
    return {
        row.kiosk: Contact(
            datetime.fromtimestamp(row.seen_at, UTC),
            None if row.heartbeat is None else Heartbeat(**row.heartbeat),
        )
        for row in rows
    }


def contacts_file(engine: Engine) -> Path:
    """Return the file beside a SQLite database."""
    return database_file(engine).with_suffix(".tablets.sqlite3")


@contextmanager
def _store(engine: Engine) -> Iterator[Connection]:
    """A transaction where the contacts are."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with _beside(engine).begin() as connection:
        yield connection


def _beside(engine: Engine) -> Engine:
    """The file, ready; one that a power cut has damaged is made anew."""
    file = contacts_file(engine)
    beside = _open(file)
    try:
        tables.contacts.create_all(beside)
    except OperationalError:  # locked, full
        raise
    except DatabaseError:
        file.unlink(missing_ok=True)
        create_file(beside)
        tables.contacts.create_all(beside)
    return beside


def _open(file: Path) -> Engine:
    timeout = {"timeout": BUSY_MILLISECONDS / 1000}
    beside = create_engine(f"sqlite:///{file.as_posix()}", poolclass=NullPool, connect_args=timeout)
    create_file(beside)

    @event.listens_for(beside, "connect")
    def set_pragmas(connection: object, _record: object) -> None:
        for pragma in ("synchronous=OFF", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    return beside
