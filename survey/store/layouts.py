"""Reads the store back in the published layouts, part by part, for files that leave it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, Engine, String, column, select, table
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.types import TypeEngine

from survey.store import tables
from survey.store.views import FIXED, published_items

_PART = 20_000  # rows held at a time
_TYPES: dict[str, TypeEngine[Any]] = {"answered_on": Date(), "late": Boolean()}


@dataclass(frozen=True, slots=True)
class Rows:
    """Responses of some days: `items` are those of the questionnaires answered in these days.

    `parts` yields lists of rows, the fixed columns first; in no order that means anything.
    """

    items: tuple[str, ...]
    questionnaires: tuple[str, ...]
    parts: Iterator[Sequence[Sequence[Any]]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row."""
        return (*FIXED, *self.items)


def read_rows(engine: Engine, first: date, last: date) -> Rows:
    """Return the responses answered from one day to another, both included."""
    days = tables.response.c.answered_on.between(first, last)
    with engine.connect() as connection:
        published = published_items(connection)
        questionnaire = tables.response.c.questionnaire
        answered = connection.execute(select(questionnaire).where(days).distinct()).scalars()
        present = tuple(sorted(answered))
    items = tuple(dict.fromkeys(i for key in present or published for i in published.get(key, ())))
    return Rows(items, present, _parts(engine, items, first, last))


def _parts(
    engine: Engine, items: Sequence[str], first: date, last: date
) -> Iterator[Sequence[Sequence[Any]]]:
    fixed: list[ColumnClause[Any]] = [column(name, _TYPES.get(name, String())) for name in FIXED]
    view = table("responses", *fixed, *(column(item) for item in items))
    query = select(view).where(view.c.answered_on.between(first, last))
    with engine.connect() as connection:
        found = connection.execution_options(yield_per=_PART).execute(query)
        for part in found.partitions():
            yield [tuple(row) for row in part]


def months_answered(engine: Engine) -> tuple[str, ...]:
    """Return every month ("2026-10") that has a response, in order."""
    with engine.connect() as connection:
        days = connection.execute(select(tables.response.c.answered_on).distinct()).scalars()
        return tuple(sorted({f"{day:%Y-%m}" for day in days}))
