"""Keeps what offices entered of the desk's nine indicators. Each change is logged along with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, Engine, select

from survey.indicators import Entered, Files, changed_meanwhile, changes, check_month
from survey.store import tables
from survey.store.records import amending
from survey.store.staff_actions import By, note
from survey.store.transactions import whole_transaction

_row = tables.desk_indicator.c
_FILES = (_row.two_points, _row.one_point, _row.no_points)


def load_indicators(engine: Engine, office: str, month: str) -> Entered:
    """Return what an office entered of a month; nothing where it was not assessed."""
    with engine.connect() as connection:
        return _entered(connection, office, month)


def list_indicators(
    engine: Engine, offices: Collection[str], months: Collection[str] | None = None
) -> Sequence[tuple[str, str, Entered]]:
    """Return month, office and what was entered, of these months or all, in order."""
    query = select(_row.month, _row.office, _row.indicator, *_FILES).where(_row.office.in_(offices))
    if months is not None:
        query = query.where(_row.month.in_(months))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(_row.month, _row.office, _row.indicator)).all()
    return [
        (month, office, {one.indicator: _files(one[3:]) for one in found})
        for (month, office), found in groupby(rows, key=lambda row: (row.month, row.office))
    ]


def enter_indicators(
    engine: Engine, office: str, month: str, entered: Entered, before: Entered, by: By
) -> bool:
    """Replace what is kept of an office and month; whether anything was otherwise.

    `before`: what whoever enters it saw. Raises StoreError where something else is there by now,
    HailongError where the month has not begun.
    """
    check_month(month, f"{by.at:%Y-%m}")
    with whole_transaction(engine) as connection:
        if _entered(connection, office, month, alone=True) != before:
            raise changed_meanwhile(month)
        otherwise = changes(before, entered)
        if not otherwise:
            return False
        with amending(connection, by, [month]):
            _replace(connection, office, month, entered)
        note(connection, by, "indicators_entered", office, month=month, changes=otherwise)
        return True


def _replace(connection: Connection, office: str, month: str, entered: Entered) -> None:
    connection.execute(tables.desk_indicator.delete().where(*_of(office, month)))
    if entered:
        connection.execute(
            tables.desk_indicator.insert(),
            [
                {"month": month, "office": office, "indicator": one, **_named(files)}
                for one, files in entered.items()
            ],
        )


def add_up(connection: Connection, was: str, into: str) -> None:
    """Add what an office entered to what another one entered of the same months, before the two
    become one: files of both are then files of one."""
    both = _row.month, _row.indicator
    query = select(*both, *_FILES).where(_row.office == was)
    there = {
        tuple(row[:2]): row[2:]
        for row in connection.execute(select(*both, *_FILES).where(_row.office == into))
    }
    for month, indicator, *files in connection.execute(query).all():
        if (month, indicator) not in there:
            continue
        own = (_row.month == month, _row.indicator == indicator)
        one, two = files, there[month, indicator]
        sums = _named(_files([left + right for left, right in zip(one, two, strict=True)]))
        kept = tables.desk_indicator.update().where(_row.office == into, *own)
        connection.execute(kept.values(sums))
        gone = tables.desk_indicator.delete().where(_row.office == was, *own)
        connection.execute(gone)


def _of(office: str, month: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _row.office == office, _row.month == month


def _entered(
    connection: Connection, office: str, month: str, *, alone: bool = False
) -> dict[int, Files]:
    """`alone`: no other transaction enters it meanwhile (PostgreSQL; on SQLite none can)."""
    if alone:
        place = tables.office.c.id
        connection.execute(select(place).where(place == office).with_for_update())
    query = select(_row.indicator, *_FILES).where(*_of(office, month))
    return {row.indicator: _files(row[1:]) for row in connection.execute(query)}


def _files(values: Sequence[int]) -> Files:
    two, one, none = values
    return two, one, none


def _named(files: Files) -> Mapping[str, int]:
    return dict(zip((column.name for column in _FILES), files, strict=True))
