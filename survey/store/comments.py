"""What citizens wrote, in no order that tells who came when, and what became of it.

A comment is new, read, to do or done, with a note; words that name somebody are blacked out. Most
came with answers (store.responses writes these); some came alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from questionnaires.layout import RECHECK
from survey.intake import Comment, StoreReceipt, month_of
from survey.store import seals, tables, transactions
from survey.store.sqlite import require_same_file
from survey.store.staff_actions import By, note

CommentState = Literal["new", "read", "todo", "done"]
COMMENT_STATES: Final[tuple[CommentState, ...]] = get_args(CommentState)
BLACK: Final = "█████"
"""Stands for blacked out words, however long they were."""

_row, _comment, _gone = tables.response.c, tables.comment.c, tables.comment_deletion.c
_NEW = {
    "sqlite": sqlite.insert(tables.comment).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tables.comment).on_conflict_do_nothing(),
}
_COUNT_IT = {"preserve_rowcount": True}


@dataclass(frozen=True, slots=True)
class Written:
    """One comment: its month ("2026-10"), office and sector; `id` is random."""

    id: str
    month: str
    office: str
    sector: str
    text: str
    state: CommentState = "new"
    note: str | None = None


def handle_of(secret: str, one: Written) -> str:
    """Month and a keyed digest of the random id: finds a comment again, and says nothing else."""
    key = f"comment {secret}".encode()
    digest = hmac.new(key, one.id.encode(), hashlib.sha256).hexdigest()
    return f"{one.month}.{digest[:32]}"


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
    """Which comments are wanted: of the months of some days, of some offices, of a sector, or all.

    Of the choices that stand beside them: those of these very days.
    """

    first: date = date.min
    last: date = date.max
    offices: frozenset[str] | None = None
    sector: str | None = None
    state: CommentState | None = None

    @property
    def _every_day(self) -> bool:
        # A range that is none would have the database go through every row by its date.
        return (self.first, self.last) == (date.min, date.max)

    def of_choices(self) -> Iterator[ColumnElement[bool]]:
        """What narrows a query over responses."""
        if not self._every_day:
            yield _row.answered_on.between(self.first, self.last)
        if self.offices is not None:
            yield _row.office.in_(self.offices)
        if self.sector is not None:
            yield _row.sector == self.sector

    def of_comments(self) -> Iterator[ColumnElement[bool]]:
        """What narrows a query over comments."""
        if not self._every_day:
            yield _comment.month.between(month_of(self.first), month_of(self.last))
        if self.offices is not None:
            yield _comment.office.in_(self.offices)
        if self.sector is not None:
            yield _comment.sector == self.sector
        if self.state is not None:
            yield _comment.state == self.state


EVERY = Filter()


def add_comment(engine: Engine, comment: Comment) -> StoreReceipt:
    """Store a comment that came alone, durable before this returns, unless its id is there already.

    The unique key decides, not a look beforehand, so that two requests at once store one row.
    """
    values = {
        "id": comment.comment_id,
        "office": comment.office,
        "sector": comment.sector,
        "month": comment.month,
        "text": comment.text,
    }
    insert = _NEW[engine.dialect.name].values(values)
    with engine.begin() as connection:
        result = connection.execute(insert, execution_options=_COUNT_IT)
        receipt: StoreReceipt = "stored"
        if result.rowcount == 0:
            content = select(_comment.office, _comment.sector, _comment.text)
            kept = connection.execute(content.where(_comment.id == comment.comment_id)).one()
            same = tuple(kept) == (comment.office, comment.sector, comment.text)
            receipt = "repeated" if same else "conflict"
    require_same_file(engine)
    return receipt


def is_kept(engine: Engine, comment_id: str) -> bool:
    """Tell whether a comment with this id is there."""
    query = select(_comment.id).where(_comment.id == comment_id)
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def list_comments(
    engine: Engine, wanted: Filter = EVERY, limit: int | None = None, offset: int = 0
) -> Sequence[Written]:
    """Return comments, the newest month first, in the order of their random ids within it."""
    about = (_comment.id, _comment.month, _comment.office, _comment.sector)
    query = (
        select(*about, _comment.text, _comment.state, _comment.note)
        .where(*wanted.of_comments())
        .order_by(_comment.month.desc(), _comment.id)
    )
    with engine.connect() as connection:
        rows = connection.execute(query.limit(limit).offset(offset))
        return [Written(*row) for row in rows]


def count_comments(engine: Engine, wanted: Filter = EVERY) -> int:
    """Return how many comments there are."""
    query = select(func.count()).select_from(tables.comment).where(*wanted.of_comments())
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def count_states(engine: Engine, offices: frozenset[str] | None) -> Mapping[str, int]:
    """Return how many comments are in each state, of some offices or all."""
    query = select(_comment.state, func.count()).group_by(_comment.state)
    if offices is not None:
        query = query.where(_comment.office.in_(offices))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return {row[0]: row[1] for row in rows}


def comment_months(engine: Engine, offices: frozenset[str]) -> Sequence[str]:
    """Return the months in which something was written to these offices, the newest first."""
    query = (
        select(_comment.month)
        .where(_comment.office.in_(offices))
        .distinct()
        .order_by(_comment.month.desc())
    )
    with engine.connect() as connection:
        return connection.execute(query).scalars().all()


ChosenReason = tuple[str, str, str]
"""A questionnaire's key, the question and the option."""


def count_reasons(engine: Engine, wanted: Filter = EVERY) -> Mapping[ChosenReason, int]:
    """Return how many people who chose to answer picked each option of each question."""
    chosen = tables.choice.c
    columns = (_row.questionnaire, chosen.question, chosen.option)
    query = (
        select(*columns, func.count())
        .join(tables.choice, chosen.response_id == _row.response_id)
        .where(*wanted.of_choices(), _row.channel != RECHECK)
        .group_by(*columns)
    )
    with engine.connect() as connection:
        rows = connection.execute(query)
        return Counter({(key, question, option): number for key, question, option, number in rows})


def mark_read(engine: Engine, comments: Sequence[Written]) -> None:
    """Mark new comments as read; those that are further along stay."""
    ids = [one.id for one in comments]
    with engine.begin() as connection:
        connection.execute(
            update(tables.comment)
            .where(_comment.id.in_(ids), _comment.state == "new")
            .values(state="read")
        )


def handle_comment(
    engine: Engine, comment: Written, state: CommentState, said: str, by: By
) -> bool:
    """Keep what becomes of a comment and a note of it (may be empty); False where it is gone."""
    with engine.begin() as connection:
        done = connection.execute(
            update(tables.comment)
            .where(_comment.id == comment.id)
            .values(state=state, note=said or None)
        )
        if done.rowcount and state != comment.state:
            told = {"month": comment.month, "sector": comment.sector, "state": state}
            note(connection, by, "comment_handled", comment.office, **told)
    return bool(done.rowcount)


def black_out(engine: Engine, comment: Written, words: str, by: By) -> bool:
    """Overwrite words of a comment for good, wherever they stand; False where they do not.

    Capitals and the number of spaces make no difference.
    """
    text = blacked_out(comment.text, words)
    if text == comment.text:
        return False
    with engine.begin() as connection:
        erase_tonight(connection)
        same = (_comment.id == comment.id, _comment.text == comment.text)
        done = connection.execute(update(tables.comment).where(*same).values(text=text))
        if done.rowcount:
            seals.change_comment(connection, comment.id, text)
            told = {"month": comment.month, "sector": comment.sector}
            note(connection, by, "comment_blacked_out", comment.office, **told)
    return bool(done.rowcount)


def blacked_out(text: str, words: str) -> str:
    """A text with these words covered."""
    parts = [re.escape(part) for part in words.split()]
    return re.sub(r"\s+".join(parts), BLACK, text, flags=re.IGNORECASE) if parts else text


def delete_comment(engine: Engine, comment: Written, by: By) -> bool:
    """Delete a comment and keep that it was deleted, in one transaction; False where it is gone."""
    with engine.begin() as connection:
        erase_tonight(connection)
        done = connection.execute(tables.comment.delete().where(_comment.id == comment.id))
        if done.rowcount == 0:
            return False
        seals.forget_comments(connection, [comment.id])
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


def kept_from(today: date, months: int) -> date:
    """The first day whose comments are kept, where they are for so many whole months."""
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def count_old_comments(engine: Engine, before: date) -> int:
    """How many comments are of months before that of this day."""
    query = select(func.count()).select_from(tables.comment).where(_older(before))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def delete_old_comments(engine: Engine, before: date, by: By) -> int:
    """Delete those, and return how many there were; answers that they came with stay.

    In steps of one month each, of which each has a line in the log.
    """
    deleted = 0
    while True:
        with transactions.step(engine) as connection:
            erase_tonight(connection)
            oldest = select(func.min(_comment.month)).where(_older(before)).scalar_subquery()
            query = select(_comment.id, _comment.month).where(_comment.month == oldest)
            found = connection.execute(query.limit(transactions.STEP)).all()
            if not found:
                return deleted
            ids = [row.id for row in found]
            seals.forget_comments(connection, ids)
            connection.execute(tables.comment.delete().where(_comment.id.in_(ids)))
            note(connection, by, "comments_purged", month=found[0].month, count=str(len(ids)))
        deleted += len(ids)


def erase_tonight(connection: Connection) -> None:
    """Have the next rewrite be due, also where nothing came: until then PostgreSQL keeps what was
    deleted in the table's file, and SQLite in its log.

    The answer and the comment with the least of the random ids are taken to be new, which tells
    nothing of what was deleted. Before all else of a transaction, as the rewrite locks answers
    before comments.
    """
    for table, id_ in (
        (tables.response, tables.response.c.response_id),
        (tables.comment, _comment.id),
    ):
        least = select(func.min(id_)).scalar_subquery()
        connection.execute(update(table).where(id_ == least).values(fresh=True))


def _older(before: date) -> ColumnElement[bool]:
    return _comment.month < month_of(before)


def list_deletions(engine: Engine, offices: frozenset[str]) -> Sequence[Deletion]:
    """Return what was deleted in these offices, the newest day first."""
    columns = (_gone.deleted_on, _gone.deleted_by, _gone.month, _gone.office, _gone.sector)
    query = select(*columns).where(_gone.office.in_(offices))
    with engine.connect() as connection:
        query = query.order_by(_gone.deleted_on.desc(), _gone.id)
        return [Deletion(*row) for row in connection.execute(query)]
