"""Deletes the answers and comments of a year whose time is over.

First, in one transaction, the seals and a row of each month say that its answers are gone, so that
no figure is computed of them any more. Then they are deleted in steps, between which citizens
answer; where that is cut, the next purge goes on.

What stays: the sealed documents, counts of dossiers, slips and calls, the seals, the log of staff.
A year goes whole: what may be published of one of its months depends on all the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, delete, func, select

from survey.store import seals, tables, transactions
from survey.store.comments import delete_old_comments, erase_tonight
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
    """Every year of which answers or comments are stored or half purged, the oldest first."""
    answers, comments = Counter[int](), Counter[int]()
    with engine.connect() as connection:
        days = select(_row.answered_on, func.count()).group_by(_row.answered_on)
        for day, count in connection.execute(days):
            answers[day.year] += count
        months = select(_comment.month, func.count()).group_by(_comment.month)
        for month, count in connection.execute(months):
            comments[int(month[:4])] += count
        for month in seals.half_purged(connection):
            answers[int(month[:4])] += 0
    years = sorted({*answers, *comments})
    return [Holding(year, answers[year], comments[year]) for year in years]


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
    while True:
        with one_moment(engine) as connection:
            months, after = _months(connection, held.year), seals.newest_number(connection)
            wrong = seals.unsound(connection, months)
        if wrong:
            return Purged(held, wrong)
        if _begin(engine, months, after, documents, by, today):
            break  # else staff had something sealed meanwhile
    delete_old_comments(engine, date(held.year + 1, 1, 1), by)
    deleted = _delete(engine, held.year)
    with whole_transaction(engine) as connection:
        note_erasure(connection, today)
        connection.execute(delete(tables.newest_answer))  # looked up again in minutes
        answers = seals.end_purge(connection, months) or deleted
        note(connection, by, "answers_purged", year=str(held.year), count=str(answers))
    return Purged(Holding(held.year, answers, held.comments))


def _begin(
    engine: Engine,
    months: Sequence[str],
    after: int,
    documents: Mapping[str, str],
    by: By,
    today: date,
) -> bool:
    """Say that the answers of these months are gone; False where there are seals since `after`."""
    with whole_transaction(engine) as connection:
        erase_tonight(connection)
        if seals.newest_number(connection) != after:
            return False
        known = seals.months_purged(connection)
        seals.begin_purge(connection, months, documents, by)
        gone = [{"month": one, "purged_on": today} for one in months if one not in known]
        if gone:
            connection.execute(tables.purge.insert(), gone)
        # Internal figures made of them go too; those of other periods are computed again.
        connection.execute(delete(tables.overview_row))
        connection.execute(delete(tables.newest_answer))
        note_erasure(connection, today)
    return True


def _months(connection: Connection, year: int) -> Sequence[str]:
    """The months of a year that have answers, or whose answers were being deleted."""
    query = select(_row.answered_on).where(_row.answered_on.between(*_days(year))).distinct()
    found = {f"{day:%Y-%m}" for day in connection.execute(query).scalars()}
    half = {one for one in seals.half_purged(connection) if one.startswith(f"{year}-")}
    return sorted(found | half)


def _days(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _delete(engine: Engine, year: int) -> int:
    """Delete a year's answers, step by step; return how many there were."""
    query, deleted = select(_row.response_id).where(_row.answered_on.between(*_days(year))), 0
    while True:
        with transactions.step(engine) as connection:
            ids = connection.execute(query.limit(transactions.STEP)).scalars().all()
            for key in (
                tables.choice.c.response_id,
                tables.comment_seal.c.response_id,
                _row.response_id,
            ):
                connection.execute(delete(key.table).where(key.in_(ids)))
        if not ids:
            return deleted
        deleted += len(ids)
