"""Holds what is stored against its seals, and these against each other. Changes nothing.

Owns which faults there are in a database; how seals hang together is `survey.seals`', which rows a
seal is of is `seals`'.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, func, select

from questionnaires import Questionnaire, shipped
from survey.seals import BY_STAFF, Fault, Seal, check_chain, comment_digest
from survey.store import tables
from survey.store.records import record_faults
from survey.store.seals import (
    NEW,
    Checked,
    checked,
    half_coarse,
    half_purged,
    last_day,
    months_purged,
    read_chain,
    sealed_months,
    unsealed,
)
from survey.store.transactions import one_moment

_row, _comment, _kept = tables.response.c, tables.comment.c, tables.comment_seal.c
_action = tables.staff_action.c
_COMMENT_ACTIONS: Final = ("comment_deleted", "comment_blacked_out", "comments_purged")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: faults, the chain, and how many answers wait for the next seal.

    `purged`: the months whose answers were purged when their time was over, which is no fault.
    `unfinished`: months whose dates are still to be made coarse, or answers to be deleted.
    """

    faults: tuple[Fault, ...]
    chain: tuple[Seal, ...]
    answers: int
    waiting: int
    purged: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()


def verify(engine: Engine, progress: Progress | None = None) -> Verified:
    """Hold everything that is stored against its seals, as of one moment. Changes nothing.

    `progress` is told at each day or month how many of how many are checked.
    """
    with one_moment(engine) as connection:
        return verified(connection, progress)


def verified(connection: Connection, progress: Progress | None = None) -> Verified:
    """The same within the caller's transaction."""
    chain, every = read_chain(connection), checked(connection)
    faults = [*check_chain(chain), *_cut(connection), *_unlogged(connection, chain)]
    covered = 0
    for number, (about, one) in enumerate(sorted(every.items())):
        if progress is not None:
            progress(number, len(every))
        found = one.found(connection)
        covered += len(found)
        faults += one.faults(found)
        if one.document is not None:
            faults += _document(connection, about, one.document)
    faults += _not_checked(chain, every)
    faults += _questionnaires(connection)
    for period in dict.fromkeys(one.about for one in chain if one.kind == "period"):
        newest = [one for one in chain if one.kind == "period" and one.about == period][-1]
        faults += _document(connection, period, newest.document)
    faults += _unpurged(connection, chain)
    stray = unsealed(connection, None, every)
    faults += [Fault("added", day, {"count": count}) for day, count in sorted(stray.items())]
    faults += _comments(connection)
    faults += record_faults(connection)
    query = select(func.count()).where(_row.since_seal != "")
    waiting = connection.execute(query).scalar_one()
    purged = tuple(sorted(months_purged(connection)))
    unfinished = tuple(sorted(half_coarse(connection) | half_purged(connection)))
    return Verified(tuple(faults), tuple(chain), covered, waiting, purged, unfinished)


def _not_checked(chain: Sequence[Seal], every: Mapping[str, Checked]) -> Iterator[Fault]:
    """Every month and every day of an open month has a key, and the seal is the newest of it."""
    months = {one.about for one in chain if one.kind == "month"}
    newest = {
        one.about: one
        for one in chain
        if one.kind == "month" or (one.kind == "day" and one.month not in months)
    }
    for about, seal in newest.items():
        if about not in every or every[about].rows != seal.rows:
            yield Fault("seal", about, {"number": seal.number})


def _document(connection: Connection, about: str, digest: str | None) -> Iterator[Fault]:
    query = select(tables.sealed_document.c.content).where(
        tables.sealed_document.c.digest == digest
    )
    content = connection.execute(query).scalar_one_or_none()
    if content is None or _digest_of_packed(content) != digest:
        yield Fault("document", about)


def _questionnaires(connection: Connection) -> Iterator[Fault]:
    """What was asked of every answer is there and reads as it was published; a version of the
    program itself, as it has it. So do its items: their order says which score is whose."""
    table, ours, known = tables.questionnaire.c, shipped(), set[str]()
    query = select(table.key, table.digest, table.item_ids, table.content)
    for key, digest, items, content in connection.execute(query):
        known.add(key)
        asked = ours.get(key) or _read(content)
        if content is None and asked is None:
            continue  # of an early version that kept no words
        stored = asked if content is None else _read(content)
        as_published = (key, digest, tuple(items.split()))
        if not all(_stands_for(one) == as_published for one in (asked, stored)):
            yield Fault("questionnaire", "", {"questionnaire": key})
    for key in sorted({*connection.scalars(select(_row.questionnaire).distinct())} - known):
        yield Fault("questionnaire", "", {"questionnaire": key})


def _read(content: str | None) -> Questionnaire | None:
    try:
        return None if content is None else Questionnaire.model_validate_json(content)
    except ValidationError:
        return None


def _stands_for(one: Questionnaire | None) -> tuple[str, str, tuple[str, ...]] | None:
    return None if one is None else (one.key, one.fingerprint, one.item_ids)


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


def _cut(connection: Connection) -> Iterator[Fault]:
    """The day up to which was sealed stands beside the chain: a shortened one is found."""
    row = tables.upkeep.c
    done = connection.execute(select(row.done_on).where(row.name == "seal")).scalar_one_or_none()
    last = last_day(connection)
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
    last = last_day(connection)
    months, wrong, changed = sealed_months(connection), Counter[str](), Counter[str]()
    for day, since, text, sealed, now, salt in connection.execute(query):
        if since == NEW or last is None or day > last:
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
