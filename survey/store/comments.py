"""Reads what citizens wrote, in no order that tells who came when; deletes a comment for good."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Engine, String, cast, func, select

from survey.store import tables
from survey.store.staff_actions import By, note

_row, _comment, _gone = tables.response.c, tables.comment.c, tables.comment_deletion.c
_MONTH = func.substr(cast(_row.answered_on, String), 1, 7)


@dataclass(frozen=True, slots=True)
class Written:
    """One comment: its month ("2026-10"), office and sector; `response_id` is random."""

    response_id: str
    month: str
    office: str
    sector: str
    text: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """That a comment was deleted, when and by whom. What it said is nowhere."""

    deleted_on: date
    deleted_by: str
    month: str
    office: str
    sector: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments are wanted: from one day to another, of some offices, of a sector, or all."""

    first: date = date.min
    last: date = date.max
    offices: frozenset[str] | None = None
    sector: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What narrows a query over responses."""
        yield _row.answered_on.between(self.first, self.last)
        if self.offices is not None:
            yield _row.office.in_(self.offices)
        if self.sector is not None:
            yield _row.sector == self.sector


EVERY = Filter()


def list_comments(
    engine: Engine, wanted: Filter = EVERY, limit: int | None = None, offset: int = 0
) -> Sequence[Written]:
    """Return comments, the newest month first, in the order of their random ids within it."""
    query = (
        select(_row.response_id, _MONTH.label("month"), _row.office, _row.sector, _comment.text)
        .join(tables.comment, _comment.response_id == _row.response_id)
        .where(*wanted.conditions())
        .order_by(_MONTH.desc(), _row.response_id)
    )
    with engine.connect() as connection:
        rows = connection.execute(query.limit(limit).offset(offset))
        return [Written(*row) for row in rows]


def count_comments(engine: Engine, wanted: Filter = EVERY) -> int:
    """Return how many comments there are."""
    query = (
        select(func.count())
        .select_from(tables.comment)
        .join(tables.response, _comment.response_id == _row.response_id)
        .where(*wanted.conditions())
    )
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def delete_comment(engine: Engine, comment: Written, by: By) -> bool:
    """Delete a comment and keep that it was deleted, in one transaction; False where it is gone."""
    with engine.begin() as connection:
        done = connection.execute(
            tables.comment.delete().where(_comment.response_id == comment.response_id)
        )
        if done.rowcount == 0:
            return False
        connection.execute(
            tables.comment_deletion.insert().values(
                id=secrets.token_hex(16),
                deleted_on=by.at.date(),
                deleted_by=by.name,
                month=comment.month,
                office=comment.office,
                sector=comment.sector,
            )
        )
        told = {"month": comment.month, "sector": comment.sector}
        note(connection, by, "comment_deleted", comment.office, **told)
    return True


def list_deletions(engine: Engine, offices: frozenset[str]) -> Sequence[Deletion]:
    """Return what was deleted in these offices, the newest day first."""
    columns = (_gone.deleted_on, _gone.deleted_by, _gone.month, _gone.office, _gone.sector)
    query = select(*columns).where(_gone.office.in_(offices))
    with engine.connect() as connection:
        query = query.order_by(_gone.deleted_on.desc(), _gone.id)
        return [Deletion(*row) for row in connection.execute(query)]
