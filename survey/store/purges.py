"""Deletes the answers and comments of a year whose time is over, in one transaction.

What stays: the sealed documents, counts of dossiers, slips and calls, the seals, the log of staff.
A year goes whole: what may be published of one of its months depends on all the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, delete, func, select

from survey.store import seals, tables
from survey.store.comments import erase_tonight, purge_comments
from survey.store.staff_actions import By, note
from survey.store.transactions import one_moment, whole_transaction
from survey.store.upkeep import note_erasure

_row, _comment = tables.response.c, tables.comment.c


@dataclass(frozen=True, slots=True)
class Holding:
    """What is stored of a year."""

    year: int
    answers: int
    comments: int


@dataclass(frozen=True, slots=True)
class Purged:
    """What was deleted of a year. `wrong`: the months because of which nothing was."""

    held: Holding
    wrong: tuple[str, ...] = ()


def holdings(engine: Engine) -> list[Holding]:
    """Every year of which answers or comments are stored, the oldest first."""
    answers, comments = Counter[int](), Counter[int]()
    with engine.connect() as connection:
        days = select(_row.answered_on, func.count()).group_by(_row.answered_on)
        for day, count in connection.execute(days):
            answers[day.year] += count
        months = select(_comment.month, func.count()).group_by(_comment.month)
        for month, count in connection.execute(months):
            comments[int(month[:4])] += count
    return [Holding(year, answers[year], comments[year]) for year in sorted(answers | comments)]


def purged_months(engine: Engine) -> Mapping[str, date]:
    """Return the months whose answers were purged, and the day when they were."""
    with engine.connect() as connection:
        return seals.months_purged(connection)


def unsound_months(engine: Engine, year: int) -> tuple[str, ...]:
    """The months of a year that cannot be purged: no purge may cover up what was changed."""
    with one_moment(engine) as connection:
        return seals.unsound(connection, _months(connection, year))


def purge_year(
    engine: Engine, held: Holding, documents: Mapping[str, str], by: By, today: date
) -> Purged:
    """Delete a year's answers and comments, and those of months before it that are left.

    `documents`: the published ones of its longer periods, which are sealed first. Nothing is done
    while a month is not as it was sealed. What was deleted stays in the files until the rewrite.
    """
    with whole_transaction(engine) as connection:
        months = _months(connection, held.year)
        with seals.purging(connection, months, by) as wrong:
            if wrong:
                return Purged(held, wrong)
            for period, document in documents.items():
                seals.seal_document(connection, period, document)
            purge_comments(connection, date(held.year + 1, 1, 1), by)
            answers = _delete(connection, held.year)
        erase_tonight(connection)
        note_erasure(connection, today)
        known = seals.months_purged(connection)
        gone = [{"month": one, "purged_on": today} for one in months if one not in known]
        if gone:
            connection.execute(tables.purge.insert(), gone)
        told = {"year": str(held.year), "count": str(answers)}
        note(connection, by, "answers_purged", **told)
    return Purged(Holding(held.year, answers, held.comments))


def _months(connection: Connection, year: int) -> Sequence[str]:
    """The months of a year that have answers."""
    query = select(_row.answered_on).where(_row.answered_on.between(*_days(year))).distinct()
    return sorted({f"{day:%Y-%m}" for day in connection.execute(query).scalars()})


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _delete(connection: Connection, year: int) -> int:
    within = _row.answered_on.between(*_days(year))
    ids = select(_row.response_id).where(within)
    for key in (tables.choice.c.response_id, tables.comment_seal.c.response_id):
        connection.execute(delete(key.table).where(key.in_(ids)))
    # Internal figures made of them go too; those of other periods are computed again.
    connection.execute(delete(tables.overview_row))
    connection.execute(delete(tables.newest_answer))
    return connection.execute(delete(tables.response).where(within)).rowcount
