"""What holds for an office: its own, or that of the nearest office above it that has one.

Owns the way up the tree of offices, for everything that is inherited.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import CTE, ColumnElement, Connection, Engine, Select, bindparam, literal, select

from survey.opening_hours import OpeningHours, parse_opening_hours
from survey.store import tables
from survey.store.compiled import CompiledSelect

_DEEPEST: Final = 64
"""Offices above each other: more than any administration has, so that a circle ends."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours that hold for an office, and whose they are: `office`, where one has set
    them; None where they are those of the installation."""

    text: str
    office: str | None

    @property
    def opening(self) -> OpeningHours:
        """The hours, read."""
        return parse_opening_hours(self.text)


def hours_of(engine: Engine, offices: Iterable[str], usual: str) -> dict[str, Hours]:
    """Return the hours of each office, as they are stored now.

    `usual`: of the installation, also for an office that is not stored.
    """
    wanted = frozenset(offices)
    with engine.connect() as connection:
        found = _nearest_hours(connection, wanted)
    return {office: found.get(office, Hours(usual, None)) for office in wanted}


def opening_of(engine: Engine, usual: str, office: str) -> OpeningHours:
    """Return when one office is open, as of `hours_of`."""
    rows = _HOURS_OF_ONE.rows(engine, {"office": office})
    return parse_opening_hours(rows[-1].opening_hours if rows else usual)


def _nearest_hours(connection: Connection, offices: frozenset[str]) -> dict[str, Hours]:
    rows = connection.execute(_HOURS_ABOVE, {"offices": list(offices)})
    return {row.start: Hours(row.opening_hours, row.id) for row in rows}


def _above(asked: ColumnElement[bool]) -> CTE:
    """Each office `asked` for (`start`) and all above it (`id`), with the steps up to there
    (`depth`)."""
    office = tables.office
    first = select(
        office.c.id.label("start"), office.c.id, office.c.parent, literal(0).label("depth")
    )
    way = first.where(asked).cte("above", recursive=True)
    step = select(way.c.start, office.c.id, office.c.parent, way.c.depth + 1)
    return way.union_all(step.join(way, office.c.id == way.c.parent).where(way.c.depth < _DEEPEST))


def _hours_above(asked: ColumnElement[bool]) -> Select[tuple[str, str, str | None]]:
    above, office = _above(asked), tables.office.c
    return (
        select(above.c.start, office.id, office.opening_hours)
        .join(above, above.c.id == office.id)
        .where(office.opening_hours.is_not(None))
        .order_by(above.c.depth.desc())  # the nearest comes last, and stays
    )


_office = tables.office.c.id
_HOURS_ABOVE: Final = _hours_above(_office.in_(bindparam("offices", expanding=True)))
_HOURS_OF_ONE: Final = CompiledSelect(_hours_above(_office == bindparam("office")))
