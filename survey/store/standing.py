"""Finds a counter with its office and sectors: where a link or a tablet stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select

from questionnaires import Text
from survey.errors import StoreError
from survey.places import Counter, Office, Sector
from survey.store import tables
from survey.told import sentence

Standing = tuple[Counter, Office, tuple[Sector, ...]]
"""A counter with its office and sectors, whatever leads to it."""

_counters, _serves, _sectors_of = tables.counter.c, tables.counter_sector.c, tables.sector.c

# A row for each sector of each counter, or one row with no sector.
COUNTERS = (
    select(
        _counters.id.label("counter"),
        _counters.office,
        _counters.name_vi.label("counter_vi"),
        _counters.name_en.label("counter_en"),
        _counters.questionnaire,
        tables.office.c.name_vi.label("office_vi"),
        tables.office.c.name_en.label("office_en"),
        tables.office.c.parent,
        _serves.sector,
        _sectors_of.name_vi.label("sector_vi"),
        _sectors_of.name_en.label("sector_en"),
    )
    .select_from(tables.counter)
    .join(tables.office)
    .outerjoin(tables.counter_sector, _serves.counter == _counters.id)
    .outerjoin(tables.sector, _serves.sector == _sectors_of.id)
)
_STANDING = COUNTERS.where(_counters.id == bindparam("id")).order_by(_serves.position)


def find_standing(engine: Engine, counter: str) -> Standing | None:
    """Return a counter with its office and sectors, also where it was closed."""
    with engine.connect() as connection:
        rows = tuple(connection.execute(_STANDING, {"id": counter}))
    return standing(rows) if rows else None


@lru_cache(maxsize=1024)
def standing(rows: tuple[Row[Any], ...]) -> Standing:
    """Join the rows of one counter, a row a sector. The same rows are joined once."""
    row = rows[0]
    sectors = tuple(
        Sector(id=one.sector, name=Text(vi=one.sector_vi, en=one.sector_en))
        for one in rows
        if one.sector is not None
    )
    counter = Counter(
        id=row.counter,
        office=row.office,
        name=Text(vi=row.counter_vi, en=row.counter_en),
        questionnaire=row.questionnaire,
        sectors=tuple(sector.id for sector in sectors),
    )
    name = Text(vi=row.office_vi, en=row.office_en)
    return counter, Office(id=row.office, name=name, parent=row.parent), sectors


@dataclass(frozen=True, slots=True)
class Known:
    """Every office and sector that there is, or was: what is gone stays stored."""

    offices: frozenset[str]
    sectors: frozenset[str]


def known_places(engine: Engine) -> Known:
    """Return what answers may be about."""
    with engine.connect() as connection:
        offices = connection.execute(select(tables.office.c.id)).scalars()
        sectors = connection.execute(select(_sectors_of.id)).scalars()
        return Known(frozenset(offices), frozenset(sectors))


def require_counter(connection: Connection, counter: str) -> None:
    """Raise StoreError unless the counter is known and open."""
    query = select(_counters.id).where(~_counters.closed).order_by(_counters.position)
    known = connection.execute(query).scalars().all()
    if counter not in known:
        raise StoreError(sentence("places.unknown", counter=counter, known=", ".join(known)))
