"""The chain of seals in the database, the rows that each is of, and what staff may do to these.

What a seal covers is `survey.seals`'; when and how it is made is `sealing`'s, and holding
everything against it is `verification`'s.
"""

from __future__ import annotations

import secrets
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    exists,
    func,
    select,
    update,
)

from survey.records import Place
from survey.seals import (
    Fault,
    Seal,
    SealedAnswer,
    SealKind,
    SealReason,
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
from survey.store.transactions import whole_transaction

NEW, JOINED = "new", "joined"
"""What `since_seal` says of a response (store.tables)."""

_row, _seal, _comment = tables.response.c, tables.seal.c, tables.comment.c
_kept, _purge = tables.comment_seal.c, tables.purge.c
_PUBLIC: Final = tuple(_seal[name] for name in Seal.__dataclass_fields__)
_LEAF: Final = tuple(_row[name] for name in SealedAnswer._fields if name in _row)
_LONGEST: Final = timedelta(days=3652)


# --- the chain ----------------------------------------------------------------------------------


def read_chain(connection: Connection) -> list[Seal]:
    """Return all seals, the oldest first."""
    return [Seal(*row) for row in connection.execute(select(*_PUBLIC).order_by(_seal.number))]


def list_seals(engine: Engine) -> list[Seal]:
    """Return all seals, the oldest first."""
    with engine.connect() as connection:
        return read_chain(connection)


def has_chain(connection: Connection) -> bool:
    """Whether anything is sealed."""
    return connection.execute(select(_seal.number).limit(1)).first() is not None


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
    with engine.connect() as connection:
        return last_day(connection)


def last_day(connection: Connection) -> date | None:
    """The same within the caller's transaction."""
    query = select(func.max(_seal.about)).where(_seal.kind == "day")
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
class Newest:
    """A seal and the document that it binds; None where that is gone or cannot be read."""

    seal: Seal
    text: str | None

    @property
    def sound(self) -> bool:
        """Whether the document is the one that was sealed."""
        return self.text is not None and _text_digest(self.text) == self.seal.document


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


def days_of(about: str) -> tuple[date, date]:
    """The first and the last day of a day or month."""
    if is_day(about):
        return (day := date.fromisoformat(about)), day
    first = date.fromisoformat(f"{about}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def answers_of(
    connection: Connection,
    about: str,
    *,
    sealed: bool,
    coarse: bool = False,
    since: Collection[str] | None = None,
) -> list[SealedAnswer]:
    """The responses of a day or month: all, or as they were when it was `sealed`.

    `coarse`: with the first of the month as date, whatever is stored. `since`: of what came since
    the last seal only these; the others as they were sealed.
    """
    within = _row.answered_on.between(*days_of(about))
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

    def as_sealed(id_: str) -> bool:
        return sealed or (since is not None and id_ not in since)

    return [
        SealedAnswer(
            row.response_id,
            row.questionnaire,
            row.office,
            row.sector,
            row.procedure,
            row.channel,
            f"{row.answered_on:%Y-%m}-01" if coarse else row.answered_on.isoformat(),
            row.late or (row.since_seal == JOINED and as_sealed(row.response_id)),
            row.flag,
            row.scores,
            tuple(sorted(choices.get(row.response_id, ()))),
            row.sealed,
            row.origin,
        )
        for row in connection.execute(query)
        if not (row.since_seal == NEW and as_sealed(row.response_id))
    ]


@dataclass(frozen=True, slots=True)
class Checked:
    """A seal that its responses can be held against: the newest of a month or open day.

    `coarse`: the dates of its month are being made coarse, or are still to be. `going`: how many
    responses are still to be deleted, of a month whose time is over.
    """

    about: str
    rows: str
    document: str | None
    key: str
    answers: int
    coarse: bool = False
    going: int = 0

    def found(self, connection: Connection) -> list[SealedAnswer]:
        """Its responses as they were when it was sealed."""
        return answers_of(connection, self.about, sealed=True, coarse=self.coarse)

    def faults(self, found: Sequence[SealedAnswer]) -> Iterator[Fault]:
        """How these differ from what was sealed; what is to go anyway is held against nothing."""
        if self.going:
            return
        same = fits(self.rows, self.key, found)
        yield from compare_rows(self.about, self.answers, len(found), same=same)


def checked(connection: Connection) -> dict[str, Checked]:
    """The seals that are checked, by what they are about; days of a sealed month are not."""
    columns = (_seal.about, _seal.rows, _seal.document, _seal.key, _seal.answers, _seal.reason)
    query = select(*columns).where(_seal.key.is_not(None)).order_by(_seal.number)
    found, coarse = dict[str, Checked](), half_coarse(connection)
    for about, rows, document, key, answers, reason in connection.execute(query):
        going = answers if reason == "purged" else 0
        held = answers - going
        found[about] = Checked(about, rows, document, key, held, about in coarse, going)
    return {
        about: one for about, one in found.items() if not is_day(about) or about[:7] not in found
    }


def half_coarse(connection: Connection) -> frozenset[str]:
    """Sealed months whose dates are being made coarse, or still to be where that was cut short.

    The keys of their days are there until it is done.
    """
    month = func.substr(_seal.about, 1, 7)
    with_keys = select(month).where(_seal.kind == "day", _seal.key.is_not(None)).distinct()
    return sealed_months(connection).intersection(connection.execute(with_keys).scalars())


def half_purged(connection: Connection) -> frozenset[str]:
    """Months whose answers are being deleted as their time is over, or still to be."""
    return frozenset(about for about, one in checked(connection).items() if one.going)


def hold_answers(connection: Connection) -> None:
    """No answer comes, and no other seal, until the end of this transaction; SQLite's is alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE response IN SHARE ROW EXCLUSIVE MODE")
    hold_chain(connection)


def hold_chain(connection: Connection) -> None:
    """No other seal is made until the end of this transaction; answers go on coming."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE seal IN SHARE ROW EXCLUSIVE MODE")


def _tail(connection: Connection, about: str) -> list[Seal]:
    """The part of the chain that the next seal of a day or month rests on."""
    newest = select(func.max(_seal.number)).scalar_subquery()
    mine = _seal.about.startswith(about[:7]) | (_seal.number == newest)
    query = select(*_PUBLIC).where(mine).order_by(_seal.number)
    return [Seal(*row) for row in connection.execute(query)]


def append_seal(
    connection: Connection,
    about: str,
    reason: SealReason,
    found: Sequence[SealedAnswer],
    document: str | None = None,
    *,
    going: int = 0,
) -> Seal:
    """Write a seal of these responses, and erase the key of the one that it takes the place of."""
    key = secrets.token_hex(32)
    return append_digest(
        connection, about, reason, (key, rows_digest(key, found), going or len(found)), document
    )


def append_digest(
    connection: Connection,
    about: str,
    reason: SealReason,
    rows: tuple[str, str, int],
    document: str | None,
) -> Seal:
    """The same by the digest of responses: key, digest, and how many they are."""
    kind: SealKind = "day" if is_day(about) else "month"
    key, digest, answers = rows
    tail = _tail(connection, about)
    seal = next_seal(tail, kind, about, reason, rows=digest, document=document)
    forget_keys(connection, _seal.about == about)
    values = {**asdict(seal), "key": key, "answers": answers}
    connection.execute(tables.seal.insert().values(values))
    return seal


def append_document(
    connection: Connection, kind: SealKind, about: str, reason: SealReason, text: str
) -> Seal:
    """Keep a document, and write a seal of it alone."""
    digest = keep_document(connection, about[:7], text)
    seal = next_seal(_tail(connection, about), kind, about, reason, document=digest)
    connection.execute(tables.seal.insert().values(asdict(seal)))
    return seal


def newest_document(connection: Connection, kind: SealKind, about: str | None) -> Newest | None:
    """The newest seal of a kind, about something or anything, with its document."""
    kept = tables.sealed_document.c
    query = (
        select(*_PUBLIC, kept.content)
        .outerjoin(tables.sealed_document, kept.digest == _seal.document)
        .where(_seal.kind == kind)
        .order_by(_seal.number.desc())
    )
    if about is not None:
        query = query.where(_seal.about == about)
    found = connection.execute(query.limit(1)).one_or_none()
    return None if found is None else Newest(Seal(*found[:-1]), unpacked(found.content))


def unpacked(content: bytes | None) -> str | None:
    """The text of a kept document; None where it is not there, or is none."""
    try:
        return None if content is None else zlib.decompress(content).decode()
    except (zlib.error, UnicodeDecodeError):
        return None


def forget_keys(connection: Connection, which: ColumnElement[bool]) -> None:
    """Erase the keys of seals that are not checked any more, and how many answers they were of."""
    erased = update(tables.seal).where(which).values(key=None, answers=None)
    connection.execute(erased)


def keep_comments(connection: Connection, about: str) -> None:
    """Give the comments of a day or month the digests that their responses' leaves have."""
    give_digests(connection, _row.answered_on.between(*days_of(about)))


def give_digests(connection: Connection, which: ColumnElement[bool]) -> None:
    """The same of the comments of some responses."""
    query = (
        select(_comment.id, _comment.text)
        .join(tables.response, _row.response_id == _comment.id)
        .outerjoin(tables.comment_seal, _kept.response_id == _comment.id)
        .where(which, _kept.response_id.is_(None))
        .order_by(_comment.id)
    )
    rows = []
    for id_, text in connection.execute(query):
        salt = secrets.token_hex(16)
        digest = comment_digest(salt, text)
        rows.append({"response_id": id_, "sealed": digest, "now": digest, "salt": salt})
    if rows:
        connection.execute(tables.comment_seal.insert(), rows)


def unmark(connection: Connection, about: str) -> None:
    """What came since is sealed now; it is written anew tonight with all that came today."""
    marked = (_row.answered_on.between(*days_of(about)), _row.since_seal != "")
    values = {"since_seal": "", "fresh": True}
    connection.execute(update(tables.response).where(*marked).values(values))


def keep_document(connection: Connection, month: str, document: str) -> str:
    """Keep a published document once, and return its digest."""
    digest = _text_digest(document)
    table = tables.sealed_document
    known = select(table.c.digest).where(table.c.digest == digest)
    if connection.execute(known).first() is None:
        values = {"digest": digest, "month": month, "content": zlib.compress(document.encode())}
        connection.execute(table.insert().values(values))
    return digest


def _text_digest(document: str) -> str:
    return sha256(document.encode()).hexdigest()


def unsealed(
    connection: Connection, month: str | None, every: Mapping[str, Checked]
) -> Counter[str]:
    """Responses of days that are over which no seal covers and which did not come late, by day."""
    newest = last_day(connection)
    if newest is None:
        return Counter()
    query = select(_row.answered_on, func.count()).where(
        _row.answered_on <= newest, _row.since_seal != NEW
    )
    if month is not None:
        query = query.where(_row.answered_on.between(*days_of(month)))
    rows = connection.execute(query.group_by(_row.answered_on)).all()
    found = {day.isoformat(): number for day, number in rows}
    return Counter(
        {day: number for day, number in found.items() if day not in every and day[:7] not in every}
    )


# --- what staff may do --------------------------------------------------------------------------


@contextmanager
def amending(connection: Connection, reason: SealReason, by: By) -> Iterator[None]:
    """Seal again what staff change meanwhile, with the reason, in the caller's transaction.

    What was not as it was sealed before stays so: the change of staff covers up no other. A line of
    the log names the seals.
    """
    hold_answers(connection)
    before = {
        about: one
        for about, one in checked(connection).items()
        if not any(one.faults(one.found(connection)))
    }
    yield
    made = []
    for about, one in before.items():
        found = one.found(connection)
        if any(one.faults(found)):
            made.append(append_seal(connection, about, reason, found, one.document))
    note_seals(connection, made, reason, by)


def note_seals(
    connection: Connection,
    made: Sequence[Seal],
    reason: SealReason,
    by: By,
    changed: Mapping[int, Sequence[Place]] | None = None,
    **why: str,
) -> None:
    """Write the line of the log that names seals, which were made one after the other.

    `changed`: by the number of a seal, what was otherwise. Everybody may read it, and why
    (`store.amendments`).
    """
    if made:
        places = [
            f"{number} {kind} {office}".strip()
            for number, found in (changed or {}).items()
            for kind, office in found
        ]
        why |= {"changed": "; ".join(places)}
        numbers = {"first": str(made[0].number), "last": str(made[-1].number)}
        code = short_code(made[-1].seal)
        note(connection, by, "seals_made", reason=reason, code=code, **numbers, **why)


def unsound(connection: Connection, months: Sequence[str]) -> tuple[str, ...]:
    """Which of these months are not sealed, not as they were sealed, or wait for late answers.

    Of a month that was purged, what came since waits for nothing.
    """
    every, purged = checked(connection), months_purged(connection)

    def is_sound(month: str) -> bool:
        known = every.get(month)
        if known is None or any(known.faults(known.found(connection))):
            return False
        waiting = (_row.answered_on.between(*days_of(month)), _row.since_seal != "")
        query = select(_row.response_id).where(*waiting).limit(1)
        return month in purged or connection.execute(query).first() is None

    return tuple(month for month in months if not is_sound(month))


def newest_number(connection: Connection) -> int:
    """The number of the newest seal; 0 where there is none."""
    return connection.execute(select(func.max(_seal.number))).scalar_one() or 0


def begin_purge(
    connection: Connection, months: Sequence[str], documents: Mapping[str, str], by: By
) -> None:
    """Seal months again as having no answers, which the caller deletes from here on.

    `documents`: those of longer periods, by period, which are sealed before. A line of the log
    names the seals. The months are half purged until `end_purge`.
    """
    hold_answers(connection)
    for period, document in documents.items():
        seal_document(connection, period, document)
    every, known, made = checked(connection), months_purged(connection), []
    for month in months:
        if month not in known:
            one = every[month]
            going = one.answers
            made.append(append_seal(connection, month, "purged", [], one.document, going=going))
    note_seals(connection, made, "purged", by)


def end_purge(connection: Connection, months: Sequence[str]) -> int:
    """Say of months that all of their answers are gone; return how many they were."""
    theirs = (_seal.about.in_(months), _seal.reason == "purged", _seal.key.is_not(None))
    gone = connection.execute(select(func.sum(_seal.answers)).where(*theirs)).scalar_one()
    connection.execute(update(tables.seal).where(*theirs).values(answers=0))
    return int(gone or 0)


def seal_document(connection: Connection, period: str, document: str) -> None:
    """Keep the published document of a period that is longer than a month, and seal it."""
    digest = keep_document(connection, period, document)
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


def forget_document(connection: Connection, digest: str | None) -> None:
    """Erase a document that another one has taken the place of."""
    kept = tables.sealed_document
    connection.execute(kept.delete().where(kept.c.digest == digest))


def note_restore(engine: Engine, made_on: str) -> None:
    """Say in the chain that it goes on from a backup of a day; nothing where there is no chain."""
    with whole_transaction(engine) as connection:
        chain = read_chain(connection)
        if chain:
            seal = next_seal(chain, "restore", made_on)
            connection.execute(tables.seal.insert().values(asdict(seal)))
