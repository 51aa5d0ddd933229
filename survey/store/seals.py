"""Seals what is over, and checks what is stored against its seals.

Owns the chain in the database, the marks of what came since, and the coarsening of a month's dates.
What a seal covers is `survey.seals`'.
"""

from __future__ import annotations

import secrets
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, Select, exists, func, select, update

from survey.seals import (
    BY_STAFF,
    Fault,
    Seal,
    SealedAnswer,
    SealKind,
    SealReason,
    check_chain,
    comment_digest,
    compare_rows,
    fits,
    is_day,
    next_seal,
    rows_digest,
    short_code,
)
from survey.store import tables
from survey.store.staff_actions import By, note
from survey.store.transactions import one_moment, whole_transaction

NEW, JOINED = "new", "joined"
"""What `since_seal` says of a response (store.tables)."""

_row, _seal, _comment = tables.response.c, tables.seal.c, tables.comment.c
_kept, _action, _purge = tables.comment_seal.c, tables.staff_action.c, tables.purge.c
_PUBLIC: Final = tuple(_seal[name] for name in Seal.__dataclass_fields__)
_LEAF: Final = tuple(_row[name] for name in SealedAnswer._fields if name in _row)
_LONGEST: Final = timedelta(days=3652)
_COMMENT_ACTIONS: Final = ("comment_deleted", "comment_blacked_out", "comments_purged")


# --- the chain ----------------------------------------------------------------------------------


def read_chain(connection: Connection) -> list[Seal]:
    """Return all seals, the oldest first."""
    return [Seal(*row) for row in connection.execute(select(*_PUBLIC).order_by(_seal.number))]


def list_seals(engine: Engine) -> list[Seal]:
    """Return all seals, the oldest first."""
    with engine.connect() as connection:
        return read_chain(connection)


def newest_seal(engine: Engine) -> str:
    """Return the digest that the chain ends with; empty where there is none."""
    query = select(_seal.seal).order_by(_seal.number.desc()).limit(1)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none() or ""


def first_seal_since(engine: Engine, day: date) -> Seal | None:
    """Return the first seal of a day, or of one after it, as it was first sealed; or None.

    Who knew the chain on that day did not know it: a day is sealed once it is over.
    """
    first = (_seal.kind == "day", _seal.revision == 1, _seal.about >= day.isoformat())
    query = select(*_PUBLIC).where(*first).order_by(_seal.number).limit(1)
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else Seal(*row)


def last_sealed_day(engine: Engine) -> date | None:
    """Return the newest day that is sealed, or None."""
    query = select(func.max(_seal.about)).where(_seal.kind == "day")
    with engine.connect() as connection:
        found = connection.execute(query).scalar_one()
        return None if found is None else date.fromisoformat(found)


def is_sealed(day: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a day, or a later one, is sealed: what is written for it now comes afterwards."""
    sealed = select(_seal.number).where(_seal.kind == "day", _seal.about >= day)
    return exists(sealed)


def is_month_sealed(connection: Connection, day: date) -> bool:
    """Whether the month of a day is sealed, and its dates are coarse."""
    query = select(_seal.number).where(_seal.kind == "month", _seal.about == f"{day:%Y-%m}")
    return connection.execute(query.limit(1)).first() is not None


def sealed_months(connection: Connection) -> frozenset[str]:
    """Return the months that are sealed: their dates are coarse."""
    query = select(_seal.about).where(_seal.kind == "month").distinct()
    return frozenset(connection.execute(query).scalars())


def months_purged(connection: Connection) -> dict[str, date]:
    """Return the months whose answers were purged, and the day when they were."""
    rows = connection.execute(select(_purge.month, _purge.purged_on)).all()
    return {row.month: row.purged_on for row in rows}


@dataclass(frozen=True, slots=True)
class MonthSeal:
    """The seal that stands for a period on paper: of its last month, which binds all before it."""

    month: str
    seal: str

    @property
    def code(self) -> str:
        """What is printed."""
        return short_code(self.seal)


def seal_of(engine: Engine, months: Sequence[str]) -> MonthSeal | None:
    """Return the seal of a period by its months; None until all of them are sealed.

    Where its answers were purged, still the one that stands on paper.
    """
    with engine.connect() as connection:
        if not months or not sealed_months(connection).issuperset(months):
            return None
        mine = (_seal.kind == "month", _seal.about == months[-1], _seal.reason != "purged")
        query = select(_seal.seal).where(*mine)
        newest = query.order_by(_seal.number.desc()).limit(1)
        return MonthSeal(months[-1], connection.execute(newest).scalar_one())


def published_document(engine: Engine, about: str) -> str | None:
    """Return the verdict document that the newest seal of a month binds, word for word.

    Where the answers of a year were purged, likewise of a longer period: "2026-Q4", "2026".
    """
    query = (
        select(tables.sealed_document.c.content)
        .join(tables.seal, _seal.document == tables.sealed_document.c.digest)
        .where(_seal.kind.in_(("month", "period")), _seal.about == about)
        .order_by(_seal.number.desc())
    )
    with engine.connect() as connection:
        content = connection.execute(query.limit(1)).scalar_one_or_none()
        return None if content is None else zlib.decompress(content).decode()


# --- responses as they are sealed ---------------------------------------------------------------


def _range(about: str) -> tuple[date, date]:
    """The first and the last day of a day or month."""
    if is_day(about):
        return (day := date.fromisoformat(about)), day
    first = date.fromisoformat(f"{about}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _answers(connection: Connection, about: str, *, sealed: bool) -> list[SealedAnswer]:
    """The responses of a day or month: all, or as they were when it was `sealed`."""
    within = _row.answered_on.between(*_range(about))
    choice = tables.choice.c
    choices: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    chosen = select(choice.response_id, choice.question, choice.option).join(
        tables.response, _row.response_id == choice.response_id
    )
    for id_, question, option in connection.execute(chosen.where(within)):
        choices[id_].append((question, option))
    query = (
        select(*_LEAF, _kept.sealed, _row.since_seal)
        .outerjoin(tables.comment_seal, _kept.response_id == _row.response_id)
        .where(within)
    )
    return [
        SealedAnswer(
            row.response_id,
            row.questionnaire,
            row.office,
            row.sector,
            row.procedure,
            row.channel,
            row.answered_on.isoformat(),
            row.late or (sealed and row.since_seal == JOINED),
            row.flag,
            row.scores,
            tuple(sorted(choices.get(row.response_id, ()))),
            row.sealed,
            row.origin,
        )
        for row in connection.execute(query)
        if not (sealed and row.since_seal == NEW)
    ]


@dataclass(frozen=True, slots=True)
class _Checked:
    """A seal that its responses can be held against: the newest of a month or open day."""

    about: str
    rows: str
    document: str | None
    key: str
    answers: int

    def faults(self, found: Sequence[SealedAnswer]) -> Iterator[Fault]:
        same = fits(self.rows, self.key, found)
        yield from compare_rows(self.about, self.answers, len(found), same=same)


def _checked(connection: Connection) -> dict[str, _Checked]:
    """The seals that are checked, by what they are about."""
    columns = (_seal.about, _seal.rows, _seal.document, _seal.key, _seal.answers)
    query = select(*columns).where(_seal.key.is_not(None)).order_by(_seal.number)
    return {row[0]: _Checked(*row) for row in connection.execute(query)}


def _hold(connection: Connection) -> None:
    """No answer comes until the end of this transaction; SQLite's is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE response IN SHARE ROW EXCLUSIVE MODE")


def _append(
    connection: Connection,
    chain: list[Seal],
    about: str,
    reason: SealReason,
    found: Sequence[SealedAnswer],
    document: str | None = None,
) -> Seal:
    """Write a seal of these responses, and erase the key of the one that it takes the place of."""
    kind: SealKind = "day" if is_day(about) else "month"
    key = secrets.token_hex(32)
    seal = next_seal(chain, kind, about, reason, rows=rows_digest(key, found), document=document)
    _forget(connection, _seal.about == about)
    values = {**asdict(seal), "key": key, "answers": len(found)}
    connection.execute(tables.seal.insert().values(values))
    chain.append(seal)
    return seal


def _forget(connection: Connection, which: object) -> None:
    erased = update(tables.seal).where(which).values(key=None, answers=None)  # type: ignore[arg-type]
    connection.execute(erased)


def _keep_comments(connection: Connection, about: str) -> None:
    """Give the comments of a day or month the digests that their responses' leaves have."""
    query = (
        select(_comment.id, _comment.text)
        .join(tables.response, _row.response_id == _comment.id)
        .outerjoin(tables.comment_seal, _kept.response_id == _comment.id)
        .where(_row.answered_on.between(*_range(about)), _kept.response_id.is_(None))
        .order_by(_comment.id)
    )
    rows = []
    for id_, text in connection.execute(query):
        salt = secrets.token_hex(16)
        digest = comment_digest(salt, text)
        rows.append({"response_id": id_, "sealed": digest, "now": digest, "salt": salt})
    if rows:
        connection.execute(tables.comment_seal.insert(), rows)


def _unmark(connection: Connection, about: str) -> None:
    """What came since is sealed now; it is written anew tonight with all that came today."""
    marked = (_row.answered_on.between(*_range(about)), _row.since_seal != "")
    values = {"since_seal": "", "fresh": True}
    connection.execute(update(tables.response).where(*marked).values(values))


# --- sealing ------------------------------------------------------------------------------------


def seal_days(engine: Engine, until: date) -> tuple[str, ...]:
    """Seal the days up to one that is over, and again those to which late answers came.

    Returns the days (or months) that are not as they were sealed: those are left alone, as no seal
    may cover up a change. Without answers there is nothing to begin with.
    """
    with whole_transaction(engine) as connection:
        _hold(connection)
        chain, checked = read_chain(connection), _checked(connection)
        days = _days_due(connection, chain, until)
        for day in days:
            _seal_day(connection, chain, day, "")
        wrong = _seal_late(connection, chain, checked, before=days[0] if days else None)
        if chain:
            done = update(tables.upkeep).where(tables.upkeep.c.name == "seal")
            connection.execute(done.values(done_on=_last_day(chain)))
    return wrong


def _last_day(chain: Sequence[Seal]) -> date | None:
    days = [one.about for one in chain if one.kind == "day"]
    return date.fromisoformat(max(days)) if days else None


def _days_due(connection: Connection, chain: Sequence[Seal], until: date) -> list[str]:
    """Every day after the last sealed one, also without answers: which have any is not told.

    The first time from the first answer on; of what is older than ten years (a clock was wrong)
    the days with answers alone.
    """
    last, older = _last_day(chain), set[str]()
    if last is None:
        query = select(_row.answered_on).where(_row.answered_on <= until).distinct()
        found = sorted(connection.execute(query).scalars())
        if not found:
            return []
        last = max(found[0], until - _LONGEST) - timedelta(days=1)
        older = {day.isoformat() for day in found if day <= last}
    ahead = (last + timedelta(days=days) for days in range(1, (until - last).days + 1))
    return sorted(older) + [day.isoformat() for day in ahead]


def _seal_day(connection: Connection, chain: list[Seal], day: str, reason: SealReason) -> None:
    _keep_comments(connection, day)
    _append(connection, chain, day, reason, _answers(connection, day, sealed=False))
    _unmark(connection, day)


def _seal_late(
    connection: Connection,
    chain: list[Seal],
    checked: Mapping[str, _Checked],
    before: str | None,
) -> tuple[str, ...]:
    """Seal days again to which answers came; those of sealed months wait for `seal_month`."""
    months, wrong = sealed_months(connection), []
    query = select(_row.answered_on).where(_row.since_seal != "").distinct()
    marked = sorted(day.isoformat() for day in connection.execute(query).scalars())
    for day in marked:
        if day[:7] in months or (before is not None and day >= before):
            continue
        found = _answers(connection, day, sealed=True)
        known = checked.get(day)
        if any(known.faults(found)) if known else found:
            wrong.append(day)
        else:
            _seal_day(connection, chain, day, "late")
    return tuple(wrong)


def months_due(engine: Engine, until: date) -> tuple[str, ...]:
    """Return the months that end by a day and are to be sealed, and those with late answers."""
    with engine.connect() as connection:
        chain, sealed = read_chain(connection), sealed_months(connection)
        query = select(_row.answered_on).where(_row.since_seal != "").distinct()
        late = {f"{day:%Y-%m}" for day in connection.execute(query).scalars()} & sealed
        late -= months_purged(connection).keys()  # what came since goes as well
    last = _last_day(chain)
    over = {
        one.month
        for one in chain
        if one.kind == "day" and last is not None and _range(one.month)[1] <= min(last, until)
    }
    return tuple(sorted((over - sealed) | late))


def seal_month(engine: Engine, month: str, document: str | None) -> tuple[str, ...]:
    """Seal a month that is over with its published document, and make its dates coarse.

    Every date becomes the month's first day; the keys of its days are erased, so that nothing can
    tell any more which of them an answer is of. Late answers that came since are sealed with it.
    Returns the days (or the month) that are not as they were sealed: then nothing is done.
    """
    with whole_transaction(engine) as connection:
        _hold(connection)
        chain, checked = read_chain(connection), _checked(connection)
        known = checked.get(month)
        parts = [known] if known else [one for one in checked.values() if one.about[:7] == month]
        wrong = [
            one.about
            for one in parts
            if any(one.faults(_answers(connection, one.about, sealed=True)))
        ]
        stray = () if known else _unsealed(connection, month, checked)
        if wrong or stray:
            return (*wrong, *stray)
        _coarsen(connection, month)
        _keep_comments(connection, month)
        digest = None if document is None else _keep_document(connection, month, document)
        reason: SealReason = "late" if known else ""
        _append(connection, chain, month, reason, _answers(connection, month, sealed=False), digest)
        _unmark(connection, month)
    return ()


def _coarsen(connection: Connection, month: str) -> None:
    first, last = _range(month)
    inside = _row.answered_on.between(first, last)
    # All of them are written anew tonight, together: nothing is left of the nights before.
    connection.execute(update(tables.response).where(inside).values(answered_on=first, fresh=True))
    theirs = update(tables.comment).where(_comment.month == month)
    connection.execute(theirs.values(fresh=True))
    newest = tables.newest_answer  # kept beside them for a page: looked up again in minutes
    connection.execute(newest.delete().where(newest.c.answered_on.between(first, last)))
    _forget(connection, (_seal.kind == "day") & _seal.about.startswith(month))


def _keep_document(connection: Connection, month: str, document: str) -> str:
    digest = sha256(document.encode()).hexdigest()
    table = tables.sealed_document
    known = select(table.c.digest).where(table.c.digest == digest)
    if connection.execute(known).first() is None:
        values = {"digest": digest, "month": month, "content": zlib.compress(document.encode())}
        connection.execute(table.insert().values(values))
    return digest


def _unsealed(
    connection: Connection, month: str | None, checked: Mapping[str, _Checked]
) -> Counter[str]:
    """Responses of days that are over which no seal covers and which did not come late, by day."""
    last = select(func.max(_seal.about)).where(_seal.kind == "day").scalar_subquery()
    newest = connection.execute(select(last)).scalar_one()
    if newest is None:
        return Counter()
    query = select(_row.answered_on, func.count()).where(
        _row.answered_on <= date.fromisoformat(newest), _row.since_seal != NEW
    )
    if month is not None:
        query = query.where(_row.answered_on.between(*_range(month)))
    rows = connection.execute(query.group_by(_row.answered_on)).all()
    found = {day.isoformat(): number for day, number in rows}
    return Counter(
        {
            day: number
            for day, number in found.items()
            if day not in checked and day[:7] not in checked
        }
    )


# --- what staff may do --------------------------------------------------------------------------


@contextmanager
def amending(connection: Connection, reason: SealReason, by: By) -> Iterator[None]:
    """Seal again what staff change meanwhile, with the reason, in the caller's transaction.

    What was not as it was sealed before stays so: the change of staff covers up no other. A line of
    the log names the seals.
    """
    _hold(connection)
    before = {
        about: one
        for about, one in _checked(connection).items()
        if not any(one.faults(_answers(connection, about, sealed=True)))
    }
    yield
    chain = read_chain(connection)
    made = []
    for about, one in before.items():
        found = _answers(connection, about, sealed=True)
        if any(one.faults(found)):
            made.append(_append(connection, chain, about, reason, found, one.document))
    _note_seals(connection, made, reason, by)


def _note_seals(connection: Connection, made: Sequence[Seal], reason: SealReason, by: By) -> None:
    if made:
        numbers = {"first": str(made[0].number), "last": str(made[-1].number)}
        note(connection, by, "seals_made", reason=reason, code=short_code(made[-1].seal), **numbers)


def accept(engine: Engine, about: str, why: str, by: By) -> bool:
    """Seal a day or month as it is now, whatever was changed; False where it needs no seal.

    For what somebody can answer for: a clock that was wrong, a repair. Everybody sees that it was
    done, and the log who did it and why.
    """
    with whole_transaction(engine) as connection:
        _hold(connection)
        chain, checked = read_chain(connection), _checked(connection)
        if is_day(about) and about[:7] in checked:
            return False  # its month is sealed, and stands for it
        known = checked.get(about)
        if known is None and not _unsealed(connection, about[:7], checked)[about]:
            return False
        within = select(_row.response_id).where(_row.answered_on.between(*_range(about)))
        connection.execute(tables.comment_seal.delete().where(_kept.response_id.in_(within)))
        _keep_comments(connection, about)
        if known and not is_day(about):
            _coarsen(connection, about)
        document = None if known is None else known.document
        found = _answers(connection, about, sealed=False)
        made = _append(connection, chain, about, "accepted", found, document)
        _unmark(connection, about)
        note(
            connection,
            by,
            "seals_made",
            reason="accepted",
            code=short_code(made.seal),
            first=str(made.number),
            last=str(made.number),
            why=why,
        )
    return True


def unsound(connection: Connection, months: Sequence[str]) -> tuple[str, ...]:
    """Which of these months are not sealed, not as they were sealed, or wait for late answers.

    Of a month that was purged, what came since waits for nothing.
    """
    checked, purged = _checked(connection), months_purged(connection)

    def is_sound(month: str) -> bool:
        known = checked.get(month)
        if known is None or any(known.faults(_answers(connection, month, sealed=True))):
            return False
        waiting = (_row.answered_on.between(*_range(month)), _row.since_seal != "")
        query = select(_row.response_id).where(*waiting).limit(1)
        return month in purged or connection.execute(query).first() is None

    return tuple(month for month in months if not is_sound(month))


@contextmanager
def purging(connection: Connection, months: Sequence[str], by: By) -> Iterator[tuple[str, ...]]:
    """Seal these months again as having no answers, which the caller deletes meanwhile.

    Yields the months because of which nothing may be deleted (`unsound`), and does nothing then. A
    line of the log names the seals.
    """
    _hold(connection)
    wrong = unsound(connection, months)
    yield wrong
    if wrong:
        return
    chain, checked, made = read_chain(connection), _checked(connection), []
    for month in months:
        one = checked[month]
        if one.answers:
            made.append(_append(connection, chain, month, "purged", [], one.document))
    _note_seals(connection, made, "purged", by)


def seal_document(connection: Connection, period: str, document: str) -> None:
    """Keep the published document of a period that is longer than a month, and seal it."""
    digest = _keep_document(connection, period, document)
    seal = next_seal(read_chain(connection), "period", period, document=digest)
    connection.execute(tables.seal.insert().values(asdict(seal)))


def forget_comments(connection: Connection, ids: Sequence[str] | Select[tuple[str]]) -> None:
    """Comments are deleted: the digests in the leaves stay, and nothing can be tried on them."""
    theirs = update(tables.comment_seal).where(_kept.response_id.in_(ids))
    connection.execute(theirs.values(salt=None, now=""))


def change_comment(connection: Connection, response_id: str, text: str) -> None:
    """A comment reads like this now: with another salt, as what was blacked out could be tried."""
    salt = secrets.token_hex(16)
    mine = update(tables.comment_seal).where(_kept.response_id == response_id)
    connection.execute(mine.values(salt=salt, now=comment_digest(salt, text)))


def note_restore(engine: Engine, made_on: str) -> None:
    """Say in the chain that it goes on from a backup of a day; nothing where there is no chain."""
    with whole_transaction(engine) as connection:
        chain = read_chain(connection)
        if chain:
            seal = next_seal(chain, "restore", made_on)
            connection.execute(tables.seal.insert().values(asdict(seal)))


Progress = Callable[[int, int], None]


# --- checking -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: faults, the chain, and how many answers wait for the next seal.

    `purged`: the months whose answers were purged when their time was over, which is no fault.
    """

    faults: tuple[Fault, ...]
    chain: tuple[Seal, ...]
    answers: int
    waiting: int
    purged: tuple[str, ...] = ()


def verify(engine: Engine, progress: Progress | None = None) -> Verified:
    """Hold everything that is stored against its seals, as of one moment. Changes nothing.

    `progress` is told at each day or month how many of how many are checked.
    """
    with one_moment(engine) as connection:
        return verified(connection, progress)


def verified(connection: Connection, progress: Progress | None = None) -> Verified:
    """The same within the caller's transaction."""
    chain, checked = read_chain(connection), _checked(connection)
    faults = [*check_chain(chain), *_cut(connection, chain), *_unlogged(connection, chain)]
    covered = 0
    for number, (about, one) in enumerate(sorted(checked.items())):
        if progress is not None:
            progress(number, len(checked))
        found = _answers(connection, about, sealed=True)
        covered += len(found)
        faults += one.faults(found)
        if one.document is not None:
            faults += _document(connection, about, one.document)
    faults += _not_checked(chain, checked)
    for period in dict.fromkeys(one.about for one in chain if one.kind == "period"):
        newest = [one for one in chain if one.kind == "period" and one.about == period][-1]
        faults += _document(connection, period, newest.document)
    faults += _unpurged(connection, chain)
    stray = _unsealed(connection, None, checked)
    faults += [Fault("added", day, {"count": count}) for day, count in sorted(stray.items())]
    faults += _comments(connection)
    query = select(func.count()).where(_row.since_seal != "")
    waiting = connection.execute(query).scalar_one()
    purged = tuple(sorted(months_purged(connection)))
    return Verified(tuple(faults), tuple(chain), covered, waiting, purged)


def _not_checked(chain: Sequence[Seal], checked: Mapping[str, _Checked]) -> Iterator[Fault]:
    """Every month and every day of an open month has a key, and the seal is the newest of it."""
    months = {one.about for one in chain if one.kind == "month"}
    newest = {
        one.about: one
        for one in chain
        if one.kind == "month" or (one.kind == "day" and one.month not in months)
    }
    for about, seal in newest.items():
        if about not in checked or checked[about].rows != seal.rows:
            yield Fault("seal", about, {"number": seal.number})


def _document(connection: Connection, about: str, digest: str | None) -> Iterator[Fault]:
    query = select(tables.sealed_document.c.content).where(
        tables.sealed_document.c.digest == digest
    )
    content = connection.execute(query).scalar_one_or_none()
    if content is None or _digest_of_packed(content) != digest:
        yield Fault("document", about)


def _unpurged(connection: Connection, chain: Sequence[Seal]) -> Iterator[Fault]:
    """Months are said to be purged exactly where a seal says so."""
    purged = {one.about for one in chain if one.kind == "month" and one.reason == "purged"}
    for month in sorted(purged ^ months_purged(connection).keys()):
        yield Fault("unpurged", month)


def _digest_of_packed(content: bytes) -> str:
    try:
        return sha256(zlib.decompress(content)).hexdigest()
    except zlib.error:
        return ""


def _cut(connection: Connection, chain: Sequence[Seal]) -> Iterator[Fault]:
    """The day up to which was sealed stands beside the chain: a shortened one is found."""
    row = tables.upkeep.c
    done = connection.execute(select(row.done_on).where(row.name == "seal")).scalar_one_or_none()
    last = _last_day(chain)
    if done is not None and (last is None or last < done):
        yield Fault("cut", done.isoformat())


def _unlogged(connection: Connection, chain: Sequence[Seal]) -> Iterator[Fault]:
    """A seal that staff are the reason of stands in the log of what staff did."""
    lines = connection.execute(select(_action.details).where(_action.action == "seals_made"))
    spans = [(d["reason"], int(d["first"]), int(d["last"])) for d in lines.scalars()]
    for one in chain:
        if one.reason in BY_STAFF and not any(
            reason == one.reason and first <= one.number <= last for reason, first, last in spans
        ):
            yield Fault("unlogged", one.about, {"number": one.number})


def _comments(connection: Connection) -> Iterator[Fault]:
    """Comments read as they were sealed, or as staff left them and logged it, by day and month."""
    columns = (_row.answered_on, _row.since_seal, _comment.text)
    query = (
        select(*columns, _kept.sealed, _kept.now, _kept.salt)
        .outerjoin(tables.comment, _comment.id == _row.response_id)
        .outerjoin(tables.comment_seal, _kept.response_id == _row.response_id)
        .where(_comment.id.is_not(None) | _kept.response_id.is_not(None))
    )
    last = connection.execute(select(func.max(_seal.about)).where(_seal.kind == "day")).scalar_one()
    months, wrong, changed = sealed_months(connection), Counter[str](), Counter[str]()
    for day, since, text, sealed, now, salt in connection.execute(query):
        if since == NEW or last is None or day.isoformat() > last:
            continue
        about = f"{day:%Y-%m}" if f"{day:%Y-%m}" in months else day.isoformat()
        if sealed is None or not _reads(text, now, salt):
            wrong[about] += 1
        elif salt is None or now != sealed:
            changed[f"{day:%Y-%m}"] += 1
    yield from (Fault("comment", about, {"count": wrong[about]}) for about in sorted(wrong))
    logged = _logged_comments(connection)
    for month in sorted(changed):
        if changed[month] > logged[month]:
            yield Fault("comments_unlogged", month, {"count": changed[month] - logged[month]})


def _reads(text: str | None, now: str, salt: str | None) -> bool:
    if text is None or salt is None:
        return text is None and salt is None
    return comment_digest(salt, text) == now


def _logged_comments(connection: Connection) -> Counter[str]:
    query = select(_action.details).where(_action.action.in_(_COMMENT_ACTIONS))
    found = Counter[str]()
    for details in connection.execute(query).scalars():
        found[details["month"]] += int(details.get("count", 1))
    return found
