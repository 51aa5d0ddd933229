"""Gives an office, a sector or a counter another id, together with all that names it.

Answers and counts name offices and sectors by their ids, which are changed in each; what belongs
to a counter names it by its key, which stays.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

from sqlalchemy import Column, Connection, Row, and_, select, update

from questionnaires import Text, keys
from survey.edits import new_id, told_apart
from survey.errors import StoreError
from survey.places import Places, full_id, place_moves
from survey.store import indicators, records, seals, tables
from survey.store.staff_actions import By
from survey.told import sentence

_Named = Literal["office", "sector"]
"""What answers and counts name."""

# Columns that name a place without being bound to its table: answers and counts outlive places.
_LOOSE: dict[_Named, tuple[Column[Any], ...]] = {
    "office": (
        tables.response.c.office,
        tables.comment.c.office,
        tables.comment_deletion.c.office,
        tables.population_count.c.office,
        tables.population_import.c.office,
        tables.past_import.c.office,
        tables.slip_tally.c.office,
        tables.improvement.c.office,
    ),
    "sector": (
        tables.response.c.sector,
        tables.comment.c.sector,
        tables.comment_deletion.c.sector,
        tables.population_count.c.sector,
        tables.slip.c.sector,
        tables.slip_tally.c.sector,
    ),
}


def rename(connection: Connection, kind: _Named, was: str, id_: str, by: By) -> None:
    """Move everything from one id to another, also where both are there; nothing without `was`.

    Answers and records are sealed again with their new name. The former office or sector stays in
    its table, for a form that still names it when it is sent. Raises StoreError where both have
    dossier counts of the same months.
    """
    table = tables.metadata.tables[kind]
    row = connection.execute(select(table).where(table.c.id == was)).mappings().one_or_none()
    if row is None:
        return
    _refuse_two_counts(connection, kind, was, id_)
    if connection.execute(select(table.c.id).where(table.c.id == id_)).first() is None:
        connection.execute(table.insert().values({**row, "id": id_}))
    with (
        seals.amending(connection, "renamed", by),
        records.amending(connection, by, reason="renamed"),
    ):
        if kind == "office":
            indicators.add_up(connection, was, id_)
        for column in (*_bound_to(table.c.id), *_LOOSE[kind]):
            _point_elsewhere(connection, column, was, id_)


def _bound_to(column: Column[Any]) -> list[Column[Any]]:
    return [
        key.parent
        for other in tables.metadata.sorted_tables
        for key in other.foreign_keys
        if key.column is column
    ]


def _point_elsewhere(connection: Connection, column: Column[Any], was: str, now: str) -> None:
    if column.table is tables.counter_sector:
        _drop_doubles(connection, column, was, now)
    connection.execute(update(column.table).where(column == was).values({column.name: now}))


def _drop_doubles(connection: Connection, column: Column[Any], was: str, id_: str) -> None:
    """Of a counter that serves both sectors, or a sector served by both counters, keep one row."""
    serves = tables.counter_sector
    (other,) = (c for c in (serves.c.counter, serves.c.sector) if c.name != column.name)
    both = select(other).where(column == id_)
    connection.execute(serves.delete().where(column == was, other.in_(both)))


def _refuse_two_counts(connection: Connection, kind: _Named, was: str, id_: str) -> None:
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


# --- Counters ---------------------------------------------------------------------------------


def move_counters(connection: Connection, places: Places, by: By) -> None:
    """Give counters the ids that they have in ``places``: as a `was` says, or along with an office.

    Where a counter has the new one already, a `was` makes one of the two, with the addresses and
    tablets of both. Along with an office they stay apart: a closed one gets a free id, and of two
    that are open nothing is changed (StoreError).
    """
    rows = connection.execute(select(tables.counter).order_by(tables.counter.c.key)).all()
    there = {full_id(row.office, row.id): row for row in rows}
    told = {one.full_id for one in places.counter if one.was}
    twins = []
    for was, now in place_moves("counter", places, there).items():
        row, other = there.pop(was), there.get(now)
        if other is not None and now in told:
            with records.amending(connection, by, reason="renamed"):  # slips name their counter
                _join(connection, row, other)
        elif other is None or other.closed:
            if other is not None:
                _move(connection, other, _free(now, there), there)
            _move(connection, row, now, there)
        elif row.closed:
            _move(connection, row, _free(now, there), there)
        else:
            twins.append((was, now))
    if twins:
        named = ", ".join(f"{was} – {now}" for was, now in twins)
        raise StoreError(sentence("places.twins", counters=named, was=twins[0][0]))


def bring_closed(connection: Connection, office: str, into: str) -> None:
    """Let the closed counters of an office come back in the one that it became a part of."""
    counter = tables.counter.c
    office_names = select(tables.office.c.name_vi, tables.office.c.name_en)
    former = connection.execute(office_names.where(tables.office.c.id == office)).one()
    all_there = connection.execute(select(tables.counter).where(counter.office == into)).all()
    there = {full_id(into, row.id): row for row in all_there}
    names = {keys.appearance(row.name_vi) for row in all_there}
    closed = select(tables.counter).where(counter.office == office).order_by(counter.position)
    for row in connection.execute(closed).all():
        now = full_id(into, row.id)
        _move(connection, row, _free(now, there) if now in there else now, there)
        name = told_apart(
            Text(vi=row.name_vi, en=row.name_en), Text(vi=former.name_vi, en=former.name_en), names
        )
        called = update(tables.counter).where(counter.key == row.key)
        connection.execute(called.values(name_vi=name.vi, name_en=name.en))


def _move(connection: Connection, row: Row[Any], now: str, there: dict[str, Row[Any]]) -> None:
    office, _, id_ = now.partition("/")
    this = tables.counter.c.key == row.key
    connection.execute(update(tables.counter).where(this).values(office=office, id=id_))
    there[now] = row


def _free(taken: str, there: Collection[str]) -> str:
    """A full id of the same office that no counter has."""
    office, _, id_ = taken.partition("/")
    offices_own = (full.partition("/") for full in there)
    return full_id(office, new_id(id_, (own for its, _, own in offices_own if its == office)))


def _join(connection: Connection, row: Row[Any], other: Row[Any]) -> None:
    """Make one counter of two: what belongs to the first belongs to the other."""
    for column in _bound_to(tables.counter.c.key):
        _point_elsewhere(connection, column, row.key, other.key)
    connection.execute(tables.counter.delete().where(tables.counter.c.key == row.key))
