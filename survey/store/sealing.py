"""Seals what is over: days, late answers, months whose dates are made coarse.

Owns what is due. Citizens go on answering meanwhile: a day is a transaction of its own, and a month
is read while nobody waits, and changed in steps of `STEP` rows. What is cut anywhere goes on from
there the next time.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Select, case, select, update

from survey.seals import SealReason, is_day, rows_digest
from survey.store import tables
from survey.store.records import accept_records, records_due, seal_records
from survey.store.seals import (
    JOINED,
    NEW,
    answers_of,
    append_digest,
    append_seal,
    checked,
    days_of,
    forget_keys,
    give_digests,
    half_coarse,
    hold_answers,
    hold_chain,
    keep_comments,
    keep_document,
    last_day,
    months_purged,
    newest_number,
    note_seals,
    read_chain,
    sealed_months,
    unmark,
    unsealed,
)
from survey.store.staff_actions import By
from survey.store.transactions import in_steps, one_moment, step

_row, _seal, _comment = tables.response.c, tables.seal.c, tables.comment.c
_kept = tables.comment_seal.c
_LONGEST: Final = timedelta(days=3652)


def seal_days(engine: Engine, until: date) -> tuple[str, ...]:
    """Seal the days up to one that is over, and again those to which late answers came.

    Each day is a transaction of its own, so that nobody waits for longer, and may be the last: the
    next time goes on after it. Returns the days that are not as they were sealed: those are left
    alone, as no seal may cover up a change. Without answers there is nothing to begin with.
    """
    with engine.connect() as connection:
        days = _days_due(connection, until)
    for day in days:
        with _sealing(engine) as connection:
            if not _is_there(connection, day):
                _seal_day(connection, day, "")
    with engine.connect() as connection:
        late = _late_days(connection)
    wrong = []
    for day in late:
        with _sealing(engine) as connection:
            known = checked(connection).get(day)
            found = answers_of(connection, day, sealed=True)
            if any(known.faults(found)) if known else found:
                wrong.append(day)
            else:
                _seal_day(connection, day, "late")
    return tuple(wrong)


@contextmanager
def _sealing(engine: Engine) -> Iterator[Connection]:
    """One transaction that makes seals, and keeps up to which day there are any."""
    with step(engine) as connection:
        hold_answers(connection)
        yield connection
        last = last_day(connection)
        if last is not None:
            done = update(tables.upkeep).where(tables.upkeep.c.name == "seal")
            connection.execute(done.values(done_on=last))


def _days_due(connection: Connection, until: date) -> list[str]:
    """Every day after the last sealed one, also without answers: which have any is not told.

    The first time from the first answer on; of what is older than ten years (a clock was wrong)
    the days with answers alone.
    """
    last = last_day(connection)
    query = select(_row.answered_on).where(_row.answered_on <= until).distinct()
    if last is not None:
        query = query.where(_row.answered_on > last)
    found = sorted(connection.execute(query).scalars())
    if last is None:
        if not found:
            return []
        last = found[0] - timedelta(days=1)
    start = max(last, until - _LONGEST - timedelta(days=1))
    older = [day.isoformat() for day in found if day <= start]
    ahead = (start + timedelta(days=days) for days in range(1, (until - start).days + 1))
    return older + [day.isoformat() for day in ahead]


def _is_there(connection: Connection, day: str) -> bool:
    mine = select(_seal.number).where(_seal.kind == "day", _seal.about == day)
    return connection.execute(mine.limit(1)).first() is not None


def _seal_day(connection: Connection, day: str, reason: SealReason) -> None:
    keep_comments(connection, day)
    append_seal(connection, day, reason, answers_of(connection, day, sealed=False))
    unmark(connection, day)


def _late_days(connection: Connection) -> list[str]:
    """The days to which answers came since; those of sealed months wait for `seal_month`."""
    months = sealed_months(connection)
    query = select(_row.answered_on).where(_row.since_seal != "").distinct()
    marked = (day.isoformat() for day in connection.execute(query).scalars())
    return sorted(day for day in marked if day[:7] not in months)


def seal_records_due(engine: Engine) -> None:
    """Seal the records of sealed months where they are not yet, or where a re-check went on."""
    with engine.connect() as connection:
        months = records_due(connection)
    for month in months:
        with step(engine) as connection:
            hold_chain(connection)
            seal_records(connection, month)


def months_due(engine: Engine, until: date) -> tuple[str, ...]:
    """Return the months that end by a day and are to be sealed, and those with late answers."""
    with engine.connect() as connection:
        chain, sealed = read_chain(connection), sealed_months(connection)
        query = select(_row.answered_on).where(_row.since_seal != "").distinct()
        late = {f"{day:%Y-%m}" for day in connection.execute(query).scalars()} & sealed
        late -= months_purged(connection).keys()  # what came since goes as well
        last = last_day(connection)
    over = {
        one.month
        for one in chain
        if one.kind == "day" and last is not None and days_of(one.month)[1] <= min(last, until)
    }
    return tuple(sorted((over - sealed) | late))


def seal_month(engine: Engine, month: str, document: str | None) -> tuple[str, ...]:
    """Seal a month that is over with its published document, and make its dates coarse.

    Every date becomes the month's first day; the keys of its days are erased, so that nothing can
    tell any more which of them an answer is of. Late answers that came since are sealed with it.
    Returns the days (or the month) that are not as they were sealed: then nothing is done.

    What takes long is only read, or done in steps of `STEP` rows, so that nobody waits; where it is
    cut, `finish_months` goes on.
    """
    finish_months(engine)
    since = _take_in(engine, month)
    while True:
        read = _read_month(engine, month, since)
        if read.wrong:
            return read.wrong
        if _write_month(engine, read, document):
            break  # else staff had something sealed meanwhile
    _coarsen(engine, month)
    return ()


def finish_months(engine: Engine) -> tuple[str, ...]:
    """Make the dates of sealed months coarse where that was cut short; return the months."""
    months = half_sealed(engine)
    for month in months:
        _coarsen(engine, month)
    return months


def half_sealed(engine: Engine) -> tuple[str, ...]:
    """The sealed months whose dates are still to be made coarse."""
    with engine.connect() as connection:
        return tuple(sorted(half_coarse(connection)))


def _take_in(engine: Engine, month: str) -> frozenset[str]:
    """Make ready what came since: comments get digests, and of a sealed month dates are coarse.

    Returns the ids that are to be sealed with the month: what comes from here on waits.
    """
    first, last = days_of(month)
    mine = (_row.answered_on.between(first, last), _row.since_seal != "")
    query = select(_row.response_id).where(*mine)
    with engine.connect() as connection:
        known = month in sealed_months(connection)
        since = frozenset(connection.execute(query).scalars())
    for ids in in_steps(sorted(since)):
        with step(engine) as connection:
            theirs = _row.response_id.in_(ids)
            give_digests(connection, theirs)
            if known:
                fine = (theirs, _row.since_seal == NEW)
                coarse = update(tables.response).where(*fine)
                connection.execute(coarse.values(answered_on=first, fresh=True))
    return since


@dataclass(frozen=True, slots=True)
class _MonthRead:
    """A month as of one moment.

    `since`: of what came since, whether each is late. `after`: the newest seal then. `rows`: the
    key of the seal to come, its digest, and how many answers. `wrong`: what is not as it was.
    """

    month: str
    since: Mapping[str, bool]
    after: int
    known: bool
    rows: tuple[str, str, int]
    wrong: tuple[str, ...]


def _read_month(engine: Engine, month: str, since: Collection[str]) -> _MonthRead:
    """Check a month, or its days, and compute what its seal is to bind. Nobody waits for it."""
    with one_moment(engine) as connection:
        every = checked(connection)
        known = every.get(month)
        parts = [known] if known else [one for one in every.values() if one.about[:7] == month]
        wrong = [one.about for one in parts if any(one.faults(one.found(connection)))]
        stray = () if known else unsealed(connection, month, every)
        found = answers_of(connection, month, sealed=False, coarse=True, since=since)
        after = newest_number(connection)
    key = secrets.token_hex(32)
    rows = (key, rows_digest(key, found), len(found))
    late = {one.response_id: one.late for one in found if one.response_id in since}
    return _MonthRead(month, late, after, bool(known), rows, (*wrong, *stray))


def _write_month(engine: Engine, read: _MonthRead, document: str | None) -> bool:
    """Write the seal of a month as it was read; False where there are other seals since."""
    with _sealing(engine) as connection:
        if newest_number(connection) != read.after:
            return False
        digest = None if document is None else keep_document(connection, read.month, document)
        reason: SealReason = "late" if read.known else ""
        seal_records(connection, read.month)  # before: the month's code on paper binds them too
        append_digest(connection, read.month, reason, read.rows, digest)
        _unmark_these(connection, [one for one, late in read.since.items() if not late], "")
        # One that was late when it was read, and no longer is, has joined since.
        joined = case((_row.late, ""), else_=JOINED)
        _unmark_these(connection, [one for one, late in read.since.items() if late], joined)
    return True


def _unmark_these(
    connection: Connection, ids: Sequence[str], since: str | ColumnElement[str]
) -> None:
    for some in in_steps(ids):
        mine = update(tables.response).where(_row.response_id.in_(some))
        connection.execute(mine.values(since_seal=since, fresh=True))


def _coarsen(engine: Engine, month: str) -> None:
    """Make the dates of a sealed month coarse, step by step, and erase the keys of its days.

    All of its answers are written anew tonight, together: nothing is left of the nights before. In
    the order of their random ids: whoever looks between two steps learns nothing of days.
    """
    first, last = days_of(month)
    inside = _row.answered_on.between(first, last)
    rows = select(_row.response_id).where(inside & ((_row.answered_on != first) | ~_row.fresh))
    comments = select(_comment.id).where(_comment.month == month, ~_comment.fresh)
    for some in in_steps(_read(engine, rows.order_by(_row.response_id))):
        with step(engine) as connection:
            mine = update(tables.response).where(_row.response_id.in_(some))
            connection.execute(mine.values(answered_on=first, fresh=True))
    for some in in_steps(_read(engine, comments.order_by(_comment.id))):
        with step(engine) as connection:
            theirs = update(tables.comment).where(_comment.id.in_(some))
            connection.execute(theirs.values(fresh=True))
    with step(engine) as connection:
        hold_answers(connection)
        _end_coarse(connection, month)


def _end_coarse(connection: Connection, month: str) -> None:
    """Make the dates coarse of what came meanwhile, and erase what could tell them."""
    first, last = days_of(month)
    left = update(tables.response).where(_row.answered_on.between(first, last))
    fine = left.where(_row.answered_on != first)
    connection.execute(fine.values(answered_on=first, fresh=True))
    newest = tables.newest_answer  # kept beside them for a page: looked up again in minutes
    connection.execute(newest.delete().where(newest.c.answered_on.between(first, last)))
    forget_keys(connection, (_seal.kind == "day") & _seal.about.startswith(month))


def _read(engine: Engine, query: Select[Any]) -> Sequence[str]:
    with engine.connect() as connection:
        return connection.execute(query).scalars().all()


def accept(engine: Engine, about: str, why: str, by: By) -> bool:
    """Seal a day or month as it is now, whatever was changed; False where it needs no seal.

    For what somebody can answer for: a clock that was wrong, a repair. Everybody sees that it was
    done, and the log who did it and why.
    """
    with step(engine) as connection:
        hold_answers(connection)
        every = checked(connection)
        if is_day(about) and about[:7] in every:
            return False  # its month is sealed, and stands for it
        known = every.get(about)
        if known is None and not unsealed(connection, about[:7], every)[about]:
            return False
        within = select(_row.response_id).where(_row.answered_on.between(*days_of(about)))
        connection.execute(tables.comment_seal.delete().where(_kept.response_id.in_(within)))
        keep_comments(connection, about)
        if known and not is_day(about):
            _end_coarse(connection, about)
        document = None if known is None else known.document
        found = answers_of(connection, about, sealed=False)
        made = [append_seal(connection, about, "accepted", found, document)]
        unmark(connection, about)
        records = None if is_day(about) else accept_records(connection, about)
        changed = {}
        if records is not None:
            made.append(records[0])
            changed[records[0].number] = records[1]
        note_seals(connection, made, "accepted", by, changed, why=why)
    return True
