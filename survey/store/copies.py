"""Copies a whole database into a SQLite file and back, whatever kind it is.

Rows are written in the order of their keys, as of one moment: a copy tells no order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    event,
    func,
    select,
    update,
)
from sqlalchemy.exc import DatabaseError

from questionnaires.bilingual import joined
from survey.errors import StoreError
from survey.store import integrity, named, open_engine, sqlite
from survey.store.migrate import current_revision, upgrade, upgrade_within
from survey.store.views import build_views, drop_views
from survey.told import sentence

_NOT_COPIED: Final = ("alembic_version", "contact")
_PART: Final = 5000  # rows at a time


def copy_database(engine: Engine, to: Path) -> None:
    """Write the database, at the revision that it has, into a SQLite file that is new or empty."""
    if engine.dialect.name == "sqlite":
        sqlite.copy_file(engine, to)
        return
    revision = current_revision(engine)
    if revision is None:
        raise StoreError(sentence("setup.empty", database=named(engine)))
    with opened(to) as target:
        upgrade(target, revision)
        with (
            engine.connect().execution_options(isolation_level="REPEATABLE READ") as source,
            sqlite.immediate(target) as connection,
        ):
            _copy(source, connection)


def load_database(file: Path, engine: Engine, *, replace: bool) -> None:
    """Fill an empty PostgreSQL database from a copy of this revision, in one transaction, with
    the views over it.

    `replace`: what is there goes with it. Raises StoreError where something is there.
    """
    with opened(file) as source, engine.begin() as target:
        if current_revision(engine) is not None:
            if not replace:
                raise StoreError(sentence("backup.occupied", found=named(engine)))
            _drop_all(target)
        revision = current_revision(source)
        upgrade_within(target, revision or "head")
        with source.connect() as connection:
            _copy(connection, target)
        _go_on_counting(target)
        build_views(target)


@contextmanager
def opened(file: Path) -> Iterator[Engine]:
    """A copy as a database of its own; its log is folded in when it is closed."""
    engine = open_engine(f"sqlite:///{file.absolute().as_posix()}")
    try:
        yield engine
    finally:
        engine.dispose()


def count_rows(engine: Engine) -> Mapping[str, int]:
    """Return the number of rows of every table that is copied."""
    with engine.connect() as connection:
        found = _tables(connection)
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in found
        }


def check_copy(file: Path, counts: Mapping[str, int]) -> None:
    """Open a copy and count. Raises StoreError where it is damaged or holds something else."""
    try:
        with opened(file) as engine:
            found, sound = count_rows(engine), integrity(engine)
    except DatabaseError as error:  # no database at all, or one that cannot be read
        raise StoreError(sentence("backup.unsound", found=error.orig)) from error
    if sound != "ok":
        raise StoreError(sentence("backup.unsound", found=sound))
    if found != counts:
        names = sorted({*found, *counts})
        wrong = [
            sentence("backup.rows", table=name, found=found.get(name, 0), kept=counts.get(name, 0))
            for name in names
            if found.get(name, 0) != counts.get(name, 0)
        ]
        raise StoreError(sentence("backup.incomplete", wrong=joined(wrong, ", ")))


def _tables(connection: Connection) -> list[Table]:
    """The tables that are there, with types that both kinds of database know."""
    metadata = MetaData()

    @event.listens_for(metadata, "column_reflect")
    def generic(_inspector: object, _table: object, column: Any) -> None:
        column["type"] = column["type"].as_generic()

    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in _NOT_COPIED]


def _copy(source: Connection, target: Connection) -> None:
    for table in _tables(target):
        target.execute(table.delete())  # what a revision wrote there by itself
    for table in _tables(target):
        above = [column for column in table.columns if _refers_to(column, table)]
        rows = source.execution_options(yield_per=_PART).execute(
            select(table).order_by(*table.primary_key)
        )
        later: list[tuple[Any, Any]] = []
        for part in rows.mappings().partitions():
            values = [dict(row) for row in part]
            later += _without_parents(table, above, values)
            target.execute(table.insert(), values)
        for where, parents in later:
            target.execute(update(table).where(where).values(parents))


def _refers_to(column: Column[Any], table: Table) -> bool:
    return any(key.column.table is table for key in column.foreign_keys)


def _without_parents(
    table: Table, above: Iterable[Column[Any]], rows: Iterable[dict[str, Any]]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Take out what refers to rows of the same table, to be filled in when all are there."""
    (key,) = table.primary_key if above else (None,)
    for row in rows:
        taken = {column.name: row[column.name] for column in above if row[column.name] is not None}
        if taken and key is not None:
            row.update(dict.fromkeys(taken))
            yield key == row[key.name], taken


def _drop_all(connection: Connection) -> None:
    drop_views(connection)
    metadata = MetaData()
    metadata.reflect(connection)
    ours = {*_NOT_COPIED, *(table.name for table in _known_tables())}
    metadata.drop_all(
        connection, tables=[table for table in metadata.sorted_tables if table.name in ours]
    )


def _known_tables() -> Iterable[Table]:
    from survey.store import tables

    return tables.metadata.sorted_tables


def _go_on_counting(connection: Connection) -> None:
    """Let numbers that PostgreSQL gives go on after the highest that was copied."""
    for table in _tables(connection):
        for column in table.primary_key:
            if isinstance(column.type, Integer) and len(table.primary_key) == 1:
                highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(select(func.setval(sequence, highest, False)))
