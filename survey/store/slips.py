"""Keeps one-time slips: digests of tokens, what each is good for, and whether it was used.

Owns that using a slip and storing its response are one transaction. Nothing joins the two: a used
slip keeps its month, a response does not know its slip, and both are written anew each night in
the order of random keys (store.upkeep).
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from survey.intake import Response, StoreReceipt
from survey.places import GENERAL, full_id
from survey.slips import (
    KEPT,
    Order,
    SlipCounts,
    SlipPlace,
    SlipsError,
    SlipTable,
    Validity,
    month_of,
)
from survey.store import tables
from survey.store.places import (
    SlipDesk,
    counter_key,
    counter_place,
    read_standing,
    require_counter,
)
from survey.store.responses import add_by, add_within, same_is_stored
from survey.store.staff_actions import By, note
from survey.told import sentence

_slip, _batch = tables.slip.c, tables.slip_batch.c


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip as it is when somebody opens it. ``open``: its counter is."""

    hash: str
    desk: SlipDesk
    procedure: str
    validity: Validity
    open: bool


_FOUND = (
    select(
        _slip.sector,
        _slip.used_in,
        _batch.counter,
        _batch.procedure,
        _batch.last_day,
        _batch.withdrawn_in,
        tables.counter.c.closed,
    )
    .join(tables.slip_batch, _slip.batch == _batch.id)
    .join(tables.counter, _batch.counter == tables.counter.c.key)
    .where(_slip.hash == bindparam("hash"))
)


def find_slip(engine: Engine, hash_: str) -> Slip | None:
    """Return what the token with this digest opens; None where it is unknown. Changes nothing."""
    with engine.connect() as connection:
        row = connection.execute(_FOUND, {"hash": hash_}).one_or_none()
        if row is None:
            return None
        counter, office, sectors = read_standing(connection, row.counter)
    mine = tuple(sector for sector in sectors if sector.id == row.sector)
    asking = counter.model_copy(update={"sectors": tuple(sector.id for sector in mine)})
    desk = SlipDesk(row.counter, asking, office, mine)
    # A sector that the counter serves no more has no form there.
    served = bool(mine) or (row.sector == GENERAL and not sectors)
    validity = Validity(row.last_day, row.used_in, row.withdrawn_in)
    return Slip(hash_, desk, row.procedure, validity, open=served and not row.closed)


def use_slip(engine: Engine, response: Response, hash_: str, today: date) -> StoreReceipt:
    """Store a response and use its slip up, in one durable transaction, or neither.

    `conflict` where the slip is used up already, withdrawn or gone, or the response's id is there
    with other content. The same response again is `repeated`, whatever became of its slip.
    """
    return add_by(engine, response, partial(_use, hash_=hash_, month=month_of(today)))


_USE = (
    update(tables.slip)
    .where(
        _slip.hash == bindparam("it"),
        _slip.used_in.is_(None),
        _slip.batch.in_(select(_batch.id).where(_batch.withdrawn_in.is_(None))),
    )
    .values(used_in=bindparam("month"), fresh=True)
)
_UNUSE = update(tables.slip).where(_slip.hash == bindparam("it")).values(used_in=None, fresh=False)


def _use(connection: Connection, response: Response, hash_: str, month: str) -> StoreReceipt:
    """Take the slip first: of all who hold it one gets a row, and the others wait for its end."""
    if connection.execute(_USE, {"it": hash_, "month": month}).rowcount != 1:
        return "repeated" if same_is_stored(connection, response) else "conflict"
    receipt = add_within(connection, response)
    if receipt != "stored":  # the id came before, by another way: this slip has done nothing
        connection.execute(_UNUSE, {"it": hash_})
    return receipt


# --- Batches ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Batch:
    """Slips that were issued together; ``counter``: its full id; ``counts`` of this day."""

    id: str
    office: str
    counter: str
    procedure: str
    issued_in: str
    last_day: date
    withdrawn_in: str | None
    sectors: tuple[str, ...]
    counts: SlipCounts

    @property
    def left(self) -> int:
        """How many of them can still be used."""
        used = self.counts
        return used.issued - used.used - used.expired - used.withdrawn


def new_batch_id() -> str:
    """Return a random id: it tells neither who nor when."""
    return secrets.token_hex(6)


def keep_batch(
    engine: Engine, id_: str, order: Order, slips: Mapping[str, str], today: date, by: By
) -> None:
    """Keep the digests of new slips with the sector of each, durable before they are handed out.

    Stored in the order of the digests, which is none. Raises SlipsError where a batch with this id
    is there: the same form was sent twice.
    """
    with engine.begin() as connection:
        key = require_counter(connection, order.counter)
        made = tables.slip_batch.insert().values(
            id=id_,
            counter=key,
            procedure=order.procedure,
            issued_in=month_of(today),
            last_day=order.last_day,
        )
        try:
            connection.execute(made)
        except IntegrityError as error:
            raise SlipsError(sentence("slips.issued_already")) from error
        connection.execute(
            tables.slip.insert(),
            [
                {"hash": hash_, "batch": id_, "sector": sector, "fresh": False}
                for hash_, sector in sorted(slips.items())
            ],
        )
        office, counter = counter_place(connection, key)
        count = str(order.count)
        note(connection, by, "slips_issued", office, counter=counter, count=count, batch=id_)


def mark_used(engine: Engine, hashes: Collection[str], month: str) -> None:
    """Slips whose answers are there already, as those of a demonstration are."""
    with engine.begin() as connection:
        mine = update(tables.slip).where(_slip.hash.in_(hashes))
        connection.execute(mine.values(used_in=month, fresh=True))


def withdraw_batch(
    engine: Engine, id_: str, today: date, by: By, offices: Collection[str] | None = None
) -> Batch:
    """Take what is left of a batch out of use; used slips stay used. Returns the batch as it is.

    Raises SlipsError for a batch that is unknown (or of none of the ``offices``), withdrawn
    already, or of which nothing is left.
    """
    with engine.begin() as connection:
        found = _batches(connection, today, offices).get(id_)
        if found is None:
            raise SlipsError(sentence("slips.no_batch", batch=id_))
        if found.withdrawn_in is None and not found.left:
            raise SlipsError(sentence("slips.nothing_left", batch=id_))
        done = connection.execute(
            update(tables.slip_batch)
            .where(_batch.id == id_, _batch.withdrawn_in.is_(None))
            .values(withdrawn_in=month_of(today))
        )
        if done.rowcount != 1:
            raise SlipsError(sentence("slips.withdrawn_already", batch=id_))
        after = _batches(connection, today, offices)[id_]
        note(
            connection,
            by,
            "slips_withdrawn",
            after.office,
            counter=after.counter,
            count=str(after.counts.withdrawn),
            batch=id_,
        )
        return after


def list_batches(
    engine: Engine, today: date, offices: Collection[str] | None = None
) -> tuple[Batch, ...]:
    """Return the batches that are kept, of some offices or all: the latest last day first."""
    with engine.connect() as connection:
        found = _batches(connection, today, offices)
    return tuple(sorted(found.values(), key=lambda one: (one.last_day, one.id), reverse=True))


_place = (tables.counter.c.office, tables.counter.c.id.label("counter_id"))
_TALLY = (
    select(
        tables.slip_batch,
        *_place,
        _slip.sector,
        _slip.used_in,
        func.count().label("number"),
    )
    .join(tables.slip, _slip.batch == _batch.id)
    .join(tables.counter, tables.counter.c.key == _batch.counter)
    .group_by(*tables.slip_batch.c, *_place, _slip.sector, _slip.used_in)
    .order_by(_batch.id, _slip.sector)
)


def _live(
    connection: Connection, offices: Collection[str] | None, ids: Collection[str] | None = None
) -> Iterable[Row[Any]]:
    """A row for each batch, sector and month of use (or none), with the number of slips."""
    query = _TALLY
    if offices is not None:
        query = query.where(tables.counter.c.office.in_(offices))
    if ids is not None:
        query = query.where(_batch.id.in_(ids))
    return connection.execute(query).all()


def _counted(row: Row[Any], today: date) -> SlipCounts:
    """What the slips of such a row are on this day."""
    number: int = row.number
    state = Validity(row.last_day, row.used_in, row.withdrawn_in).state(today)
    return SlipCounts(
        issued=number,
        used=number if state == "used" else 0,
        expired=number if state == "expired" else 0,
        withdrawn=number if state == "withdrawn" else 0,
    )


def _batches(
    connection: Connection, today: date, offices: Collection[str] | None
) -> dict[str, Batch]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in _live(connection, offices):
        found[row.id].append(row)
    return {id_: _as_batch(rows, today) for id_, rows in found.items()}


def _as_batch(rows: list[Row[Any]], today: date) -> Batch:
    row = rows[0]
    return Batch(
        id=row.id,
        office=row.office,
        counter=full_id(row.office, row.counter_id),
        procedure=row.procedure,
        issued_in=row.issued_in,
        last_day=row.last_day,
        withdrawn_in=row.withdrawn_in,
        sectors=tuple(dict.fromkeys(one.sector for one in rows)),
        counts=sum((_counted(one, today) for one in rows), SlipCounts()),
    )


# --- Counts -----------------------------------------------------------------------------------


def count_slips(
    engine: Engine,
    months: Collection[str],
    today: date,
    offices: Collection[str] | None = None,
) -> SlipTable:
    """Return how many slips were issued, used, expired and withdrawn in these months ('YYYY-MM').

    By month, counter and sector, in order; of some offices or all. Batches whose slips are
    forgotten count as before.
    """
    kept, now = tables.slip_tally.c, tables.counter.c
    query = (
        select(tables.slip_tally, now.office.label("now_of"), now.id.label("counter_id"))
        .join(tables.counter)
        .where(kept.month.in_(months))
    )
    if offices is not None:
        query = query.where(kept.office.in_(offices))
    found: dict[SlipPlace, SlipCounts] = defaultdict(SlipCounts)
    with engine.connect() as connection:
        for row in connection.execute(query):
            counter = full_id(row.now_of, row.counter_id)
            place = SlipPlace(row.month, row.office, counter, row.sector)
            found[place] += SlipCounts(row.issued, row.used, row.expired, row.withdrawn)
        for place, number in _by_month(_live(connection, offices), today).items():
            if place.month in months:
                found[place] += number
    return dict(sorted(found.items()))


def _by_month(rows: Iterable[Row[Any]], today: date) -> dict[SlipPlace, SlipCounts]:
    """Count each event in its own month."""
    found: dict[SlipPlace, SlipCounts] = defaultdict(SlipCounts)
    for row in rows:
        counts = _counted(row, today)
        events = (
            (row.issued_in, SlipCounts(issued=counts.issued)),
            (row.used_in, SlipCounts(used=counts.used)),
            (month_of(row.last_day), SlipCounts(expired=counts.expired)),
            (row.withdrawn_in, SlipCounts(withdrawn=counts.withdrawn)),
        )
        for month, number in events:
            if month is not None and number != SlipCounts():
                counter = full_id(row.office, row.counter_id)
                found[SlipPlace(month, row.office, counter, row.sector)] += number
    return found


def forget_slips(engine: Engine, today: date) -> int:
    """Delete the slips of batches that are long over, and keep their counts; return how many.

    One transaction. A token of such a batch is unknown from then on.
    """
    # Of two servers at one database the second waits, and finds nothing left.
    over = select(_batch.id).where(_batch.last_day < today - KEPT).with_for_update()
    with engine.begin() as connection:
        ids = connection.execute(over).scalars().all()
        if not ids:
            return 0
        rows = [
            {
                "id": secrets.token_hex(8),
                "month": place.month,
                "office": place.office,
                "counter": counter_key(connection, place.counter),
                "sector": place.sector,
                "issued": number.issued,
                "used": number.used,
                "expired": number.expired,
                "withdrawn": number.withdrawn,
            }
            for place, number in _by_month(_live(connection, None, ids), today).items()
        ]
        deleted = connection.execute(tables.slip.delete().where(_slip.batch.in_(ids))).rowcount
        connection.execute(tables.slip_batch.delete().where(_batch.id.in_(ids)))
        if rows:
            connection.execute(tables.slip_tally.insert(), rows)
        return deleted
