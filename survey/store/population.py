"""Keeps the population: completed dossiers per month, office and sector, and the log of imports."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, select, text

from survey.dossiers import PopulationCount
from survey.dossiers.plan import ImportPlan
from survey.errors import StoreError
from survey.store import tables
from survey.store.records import amending
from survey.store.seals import hold_chain
from survey.store.staff_actions import By, StaffAction, note
from survey.store.transactions import whole_transaction
from survey.told import sentence


@dataclass(frozen=True, slots=True)
class CountSource:
    """Where counts come from. ``file_digest`` is the SHA-256 of the file, in hexadecimal."""

    imported_on: date
    file_name: str
    file_digest: str


@dataclass(frozen=True, slots=True)
class Import:
    """One line of the log: a month of an office, its total, and the total that it replaced.

    ``undone_on``: the day on which this import was taken back. ``batch``: the same for all lines of
    one import; None for those of versions that did not keep it.
    """

    source: CountSource
    period: str
    office: str
    completed: int
    replaced: int | None
    undone_on: date | None = field(default=None)
    batch: str | None = field(default=None, compare=False)


def save_counts(
    engine: Engine, counts: Iterable[PopulationCount], *, log: CountSource
) -> tuple[Import, ...]:
    """Replace every month x office that ``counts`` speak of, whole, in one transaction.

    Returns the log lines written, one a month x office, ordered. ``replaced`` is None where
    nothing was known before.
    """
    ordered = sorted(counts, key=_month_and_office)
    batch = secrets.token_hex(16)
    months = [count.period for count in ordered]
    with (
        whole_transaction(engine) as connection,
        amending(connection, _by(log.imported_on), months),
    ):
        _one_import_at_a_time(connection)
        return tuple(
            _replace(connection, period, office, tuple(group), log, batch)
            for (period, office), group in groupby(ordered, key=_month_and_office)
        )


def apply_plan(
    engine: Engine, plan: ImportPlan, *, log: CountSource, by: By | None = None
) -> tuple[Import, ...]:
    """Do what a plan says, in one transaction; months that are known like this stay untouched.

    Raises StoreError where the counts are no longer those that the plan was made from.
    """
    batch = secrets.token_hex(16)
    months = [change.period for change in plan.changes]
    whom = by or _by(log.imported_on)
    with whole_transaction(engine) as connection, amending(connection, whom, months):
        _one_import_at_a_time(connection)
        for change in plan.changes:
            if _counts_of(connection, change.period, change.office) != change.before:
                told = {"period": change.period, "office": change.office}
                raise StoreError(sentence("dossiers.moved_on", **told))
        done = tuple(
            _replace(connection, change.period, change.office, change.after, log, batch)
            for change in plan.changes
            if change.kind != "unchanged"
        )
        _note(connection, by, "dossiers_imported", done)
        return done


def _note(
    connection: Connection, by: By | None, action: StaffAction, done: Sequence[Import]
) -> None:
    """A line for each office, with its months."""
    for office, entries in groupby(sorted(done, key=_office), key=_office):
        found = list(entries)
        months = ", ".join(sorted({entry.period for entry in found}))
        file = found[0].source.file_name
        note(connection, by, action, office, months=months, file=file)


def _office(entry: Import) -> str:
    return entry.office


def undo_last(
    engine: Engine, today: date, batch: str | None = None, *, by: By | None = None
) -> tuple[Import, ...]:
    """Take back the last import that was not taken back: its months are exactly as before it.

    Returns its lines of the log. Raises StoreError where there is none, where it was made by a
    version that did not keep what it replaced, or where it is not the ``batch`` that was meant.
    """
    table = tables.population_import
    with whole_transaction(engine) as connection:
        hold_chain(connection)
        _one_import_at_a_time(connection)
        lines = _last_batch(connection)
        if batch is not None and lines[0].batch != batch:
            raise StoreError(sentence("dossiers.not_last"))
        for line in lines:
            if line.before is None:
                told = {"file": line.file_name, "day": line.imported_on, "period": line.period}
                raise StoreError(sentence("dossiers.not_undone", **told))
        with amending(connection, by or _by(today), [line.period for line in lines]):
            for line in lines:
                _put_back(connection, line)
        connection.execute(
            table.update()
            .where(table.c.id.in_([line.id for line in lines]))
            .values(undone_on=today)
        )
        done = tuple(_import(line, undone_on=today) for line in lines)
        _note(connection, by, "import_undone", done)
        return done


def _last_batch(connection: Connection) -> Sequence[Row[Any]]:
    row = tables.population_import.c
    in_force = select(tables.population_import).where(row.undone_on.is_(None))
    last = connection.execute(in_force.order_by(row.id.desc()).limit(1)).one_or_none()
    if last is None:
        raise StoreError(sentence("dossiers.nothing_back"))
    if last.batch is None:
        return [last]
    return connection.execute(in_force.where(row.batch == last.batch).order_by(row.id)).all()


def _put_back(connection: Connection, line: Row[Any]) -> None:
    counts = [PopulationCount(line.period, line.office, *values) for values in line.before]
    row = tables.population_count.c
    connection.execute(
        tables.population_count.delete().where(row.period == line.period, row.office == line.office)
    )
    if counts:
        connection.execute(tables.population_count.insert(), [_values(count) for count in counts])


def load_counts(engine: Engine, months: Iterable[str] | None = None) -> tuple[PopulationCount, ...]:
    """Return the counts of these months ("2026-10"), or all, by month, office and sector."""
    row = tables.population_count.c
    query = select(*_columns()).order_by(row.period, row.office, row.sector)
    if months is not None:
        query = query.where(row.period.in_(list(months)))
    with engine.connect() as connection:
        return tuple(PopulationCount(*found) for found in connection.execute(query))


def completed_dossiers(engine: Engine, months: Iterable[str]) -> dict[tuple[str, str, str], int]:
    """Return the completed dossiers of these months by month, office and sector."""
    return {
        (count.period, count.office, count.sector): count.completed
        for count in load_counts(engine, months)
    }


def list_imports(engine: Engine) -> tuple[Import, ...]:
    """Return the log of imports, oldest first."""
    table = tables.population_import
    with engine.connect() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).all()
    return tuple(_import(row) for row in rows)


def last_import(engine: Engine) -> tuple[Import, ...]:
    """Return the lines of the import that `undo_last` would take back; none where there is none."""
    with engine.connect() as connection:
        try:
            return tuple(_import(line) for line in _last_batch(connection))
        except StoreError:
            return ()


def _import(row: Row[Any], undone_on: date | None = None) -> Import:
    source = CountSource(row.imported_on, row.file_name, row.file_digest)
    done = undone_on or row.undone_on
    return Import(source, row.period, row.office, row.completed, row.replaced, done, row.batch)


def _by(day: date) -> By:
    """Who imports where nobody is named: the command line, on that day."""
    return By(None, datetime.combine(day, time(12), UTC))


def _month_and_office(count: PopulationCount) -> tuple[str, str]:
    return count.period, count.office


def _one_import_at_a_time(connection: Connection) -> None:
    """Let a second import of the same month wait for the first, to replace it.

    SQLite has one writer at any time anyway. Reading goes on undisturbed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE population_count IN SHARE ROW EXCLUSIVE MODE"))


def _counts_of(connection: Connection, period: str, office: str) -> tuple[PopulationCount, ...]:
    row = tables.population_count.c
    query = (
        select(*_columns()).where(row.period == period, row.office == office).order_by(row.sector)
    )
    return tuple(
        sorted((PopulationCount(*found) for found in connection.execute(query)), key=_by_sector)
    )


def _by_sector(count: PopulationCount) -> str:
    # Python's own order: databases sort letters by rules of theirs.
    return count.sector


def _replace(
    connection: Connection,
    period: str,
    office: str,
    counts: tuple[PopulationCount, ...],
    log: CountSource,
    batch: str,
) -> Import:
    row = tables.population_count.c
    # The deleted rows themselves tell what was replaced: nothing can come between look and act.
    before = connection.execute(
        tables.population_count.delete()
        .where(row.period == period, row.office == office)
        .returning(*_columns()[2:])
    ).all()
    replaced = sum(count.completed for count in before) if before else None
    connection.execute(tables.population_count.insert(), [_values(count) for count in counts])
    completed = sum(count.completed for count in counts)
    entry = Import(log, period, office, completed, replaced, batch=batch)
    _write_log(connection, entry, batch, [list(count) for count in before])
    return entry


def _columns() -> list[ColumnElement[Any]]:
    """The columns that make a count, in the order of its fields."""
    return [tables.population_count.c[name] for name in PopulationCount.__slots__]


def _values(count: PopulationCount) -> dict[str, object]:
    return {name: getattr(count, name) for name in PopulationCount.__slots__}


def _write_log(
    connection: Connection, entry: Import, batch: str, before: list[list[object]]
) -> None:
    connection.execute(
        tables.population_import.insert().values(
            imported_on=entry.source.imported_on,
            file_name=entry.source.file_name,
            file_digest=entry.source.file_digest,
            period=entry.period,
            office=entry.office,
            completed=entry.completed,
            replaced=entry.replaced,
            batch=batch,
            before=before,
        )
    )
