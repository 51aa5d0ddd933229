"""Keeps the population: completed dossiers per month, office and sector, and the log of imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import Connection, Engine, select, text

from survey.dossiers import PopulationCount
from survey.store import tables


@dataclass(frozen=True, slots=True)
class Source:
    """Where counts come from. ``file_digest`` is the SHA-256 of the file, in hexadecimal."""

    imported_on: date
    file_name: str
    file_digest: str


@dataclass(frozen=True, slots=True)
class Import:
    """One line of the log: a month of an office, its total, and the total that it replaced."""

    source: Source
    period: str
    office: str
    completed: int
    replaced: int | None


def save_counts(
    engine: Engine, counts: Iterable[PopulationCount], *, log: Source
) -> tuple[Import, ...]:
    """Replace every month x office that ``counts`` speak of, whole, in one transaction.

    Returns the log lines written, one a month x office, ordered. ``replaced`` is None where
    nothing was known before.
    """
    ordered = sorted(counts, key=_month_and_office)
    with engine.begin() as connection:
        _one_import_at_a_time(connection)
        return tuple(
            _replace(connection, period, office, tuple(group), log)
            for (period, office), group in groupby(ordered, key=_month_and_office)
        )


def load_counts(engine: Engine, months: Iterable[str] | None = None) -> tuple[PopulationCount, ...]:
    """Return the counts of these months ("2026-10"), or all, by month, office and sector."""
    row = tables.population_count.c
    query = select(
        row.period, row.office, row.sector, row.completed, row.on_time, row.online
    ).order_by(row.period, row.office, row.sector)
    if months is not None:
        query = query.where(row.period.in_(list(months)))
    with engine.connect() as connection:
        return tuple(PopulationCount(*found) for found in connection.execute(query))


def list_imports(engine: Engine) -> tuple[Import, ...]:
    """Return the log of imports, oldest first."""
    table = tables.population_import
    with engine.connect() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).all()
    return tuple(
        Import(
            Source(row.imported_on, row.file_name, row.file_digest),
            row.period,
            row.office,
            row.completed,
            row.replaced,
        )
        for row in rows
    )


def _month_and_office(count: PopulationCount) -> tuple[str, str]:
    return count.period, count.office


def _one_import_at_a_time(connection: Connection) -> None:
    """Let a second import of the same month wait for the first, to replace it.

    SQLite has one writer at any time anyway. Reading goes on undisturbed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE population_count IN SHARE ROW EXCLUSIVE MODE"))


def _replace(
    connection: Connection,
    period: str,
    office: str,
    counts: tuple[PopulationCount, ...],
    log: Source,
) -> Import:
    row = tables.population_count.c
    # The deleted rows themselves tell what was replaced: nothing can come between look and act.
    before = connection.execute(
        tables.population_count.delete()
        .where(row.period == period, row.office == office)
        .returning(row.completed)
    ).scalars()
    known = list(before)
    replaced = sum(known) if known else None
    connection.execute(tables.population_count.insert(), [_values(count) for count in counts])
    entry = Import(log, period, office, sum(count.completed for count in counts), replaced)
    _write_log(connection, entry)
    return entry


def _values(count: PopulationCount) -> dict[str, object]:
    return {name: getattr(count, name) for name in PopulationCount.__slots__}


def _write_log(connection: Connection, entry: Import) -> None:
    connection.execute(
        tables.population_import.insert().values(
            imported_on=entry.source.imported_on,
            file_name=entry.source.file_name,
            file_digest=entry.source.file_digest,
            period=entry.period,
            office=entry.office,
            completed=entry.completed,
            replaced=entry.replaced,
        )
    )
