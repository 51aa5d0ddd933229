"""Gives an office, sector or counter another id, and takes along everything that names it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, and_, select, update

from survey.errors import StoreError
from survey.places import Kind
from survey.store import tables
from survey.told import sentence

# Columns that name a place without being bound to its table: answers and counts outlive places.
_LOOSE: dict[Kind, tuple[Column[Any], ...]] = {
    "office": (
        tables.response.c.office,
        tables.population_count.c.office,
        tables.population_import.c.office,
    ),
    "sector": (tables.response.c.sector, tables.population_count.c.sector),
    "counter": (),
}


def rename(connection: Connection, kind: Kind, was: str, id_: str) -> None:
    """Move everything from one id to another, also where both are there; nothing without `was`.

    The former office or sector stays in its table, for a form that still names it when it is sent;
    a counter does not. Raises StoreError where both have dossier counts of the same months.
    """
    table = tables.metadata.tables[kind]
    row = connection.execute(select(table).where(table.c.id == was)).mappings().one_or_none()
    if row is None:
        return
    _refuse_two_counts(connection, kind, was, id_)
    if connection.execute(select(table.c.id).where(table.c.id == id_)).first() is None:
        connection.execute(table.insert().values({**row, "id": id_}))
    for column in (*_bound_to(table), *_LOOSE[kind]):
        if column.table is tables.counter_sector:
            _drop_doubles(connection, column, was, id_)
        connection.execute(update(column.table).where(column == was).values({column.name: id_}))
    if kind == "counter":
        connection.execute(table.delete().where(table.c.id == was))


def _bound_to(table: Table) -> list[Column[Any]]:
    return [
        key.parent
        for other in tables.metadata.sorted_tables
        for key in other.foreign_keys
        if key.column is table.c.id
    ]


def _drop_doubles(connection: Connection, column: Column[Any], was: str, id_: str) -> None:
    """Of a counter that serves both sectors, or a sector served by both counters, keep one row."""
    serves = tables.counter_sector
    (other,) = (c for c in (serves.c.counter, serves.c.sector) if c.name != column.name)
    both = select(other).where(column == id_)
    connection.execute(serves.delete().where(column == was, other.in_(both)))


def _refuse_two_counts(connection: Connection, kind: Kind, was: str, id_: str) -> None:
    if kind == "counter":
        return
    one, two = tables.population_count.alias(), tables.population_count.alias()
    other = "sector" if kind == "office" else "office"
    same = and_(one.c.period == two.c.period, one.c[other] == two.c[other])
    query = (
        select(one.c.period)
        .join(two, same)
        .where(one.c[kind] == was, two.c[kind] == id_)
        .distinct()
        .order_by(one.c.period)
    )
    months = connection.execute(query).scalars().all()
    if months:
        words = {"kind": kind, "was": was, "id": id_, "months": ", ".join(months)}
        raise StoreError(sentence("places.two_counts", **words))
