"""Keeps enrolled tablets and pairing codes (digests only), and what was last heard of each.

Contacts are kept apart from the answers: see `tables.contact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, create_engine, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.pool import NullPool

from kiosk.devices import (
    CODE_LIFETIME,
    HANDOVER,
    Contact,
    Device,
    Heartbeat,
    Pairing,
    Pin,
    claim,
    digest_of,
    new_code,
)
from kiosk.office import SecretTaken
from questionnaires import Text
from survey.errors import StoreError
from survey.store import tables
from survey.store.places import counter_place, require_counter
from survey.store.sqlite import BUSY_MILLISECONDS, create_file, database_file
from survey.store.staff_actions import By, StaffAction, note
from survey.told import sentence

_FIRST = {
    "sqlite": sqlite.insert(tables.contact).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tables.contact).on_conflict_do_nothing(),
}


def note_contact(
    engine: Engine, device_id: str, now: datetime, heartbeat: Heartbeat | None = None
) -> None:
    """Keep that a tablet was heard of, in the place of what was kept before."""
    told = None if heartbeat is None else asdict(heartbeat)
    values = {"seen_at": int(now.timestamp()), "heartbeat": told}
    with _store(engine) as connection:
        connection.execute(_FIRST[engine.dialect.name], {"kiosk": device_id, **values})
        row = tables.contact.c.kiosk == device_id
        connection.execute(update(tables.contact).where(row).values(values))


def list_contacts(engine: Engine) -> Mapping[str, Contact]:
    """Return the last contact of every tablet that was heard of, by the tablet's id."""
    with _store(engine) as connection:
        rows = connection.execute(select(tables.contact)).all()
    return {
        row.kiosk: Contact(
            datetime.fromtimestamp(row.seen_at, UTC),
            None if row.heartbeat is None else Heartbeat(**row.heartbeat),
        )
        for row in rows
    }


def contacts_file(engine: Engine) -> Path:
    """Return the file beside a SQLite database."""
    return database_file(engine).with_suffix(".tablets.sqlite3")


@contextmanager
def _store(engine: Engine) -> Iterator[Connection]:
    """A transaction where the contacts are."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with _beside(engine).begin() as connection:
        yield connection


def _beside(engine: Engine) -> Engine:
    """The file, ready; one that a power cut has damaged is made anew."""
    file = contacts_file(engine)
    beside = _open(file)
    try:
        tables.contacts.create_all(beside)
    except OperationalError:  # locked, full
        raise
    except DatabaseError:
        file.unlink(missing_ok=True)
        create_file(beside)
        tables.contacts.create_all(beside)
    return beside


def _open(file: Path) -> Engine:
    timeout = {"timeout": BUSY_MILLISECONDS / 1000}
    beside = create_engine(f"sqlite:///{file.as_posix()}", poolclass=NullPool, connect_args=timeout)
    create_file(beside)

    @event.listens_for(beside, "connect")
    def set_pragmas(connection: object, _record: object) -> None:
        for pragma in ("synchronous=OFF", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    return beside


LASTING = timedelta(days=3650)
"""How long a demonstration's code is good: until the demonstration begins anew."""

KEPT = timedelta(days=1)
"""How long a used code is known, so that a tablet whose reply was lost may send it again."""

_DEVICES = select(tables.kiosk, tables.counter.c.closed).join(tables.counter)
_ENROLLED = _DEVICES.add_columns(
    tables.counter.c.id.label("counter_id"),
    tables.counter.c.office,
    tables.counter.c.name_vi,
    tables.counter.c.name_en,
)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A tablet, the name and id of its counter, its office, and the last that was heard of it."""

    device: Device
    counter: Text
    counter_id: str
    office: str
    contact: Contact


def add_pairing(
    engine: Engine,
    counter: str,
    pin: Pin,
    now: datetime,
    *,
    lasting: bool,
    by: By | None = None,
) -> str:
    """Make a pairing code of a counter and return it; it is kept nowhere else.

    A `lasting` one, of a demonstration, takes the place of those before it. Raises PlacesError
    unless one open counter is meant.
    """
    code, table = new_code(), tables.pairing
    values = {
        "code_hash": digest_of(code),
        "expires_at": _epoch(now + (LASTING if lasting else CODE_LIFETIME)),
        "pin": asdict(pin),
    }
    with engine.begin() as connection:
        key = require_counter(connection, counter)
        outdated = table.c.counter == key if lasting else table.c.expires_at < _epoch(now - KEPT)
        connection.execute(table.delete().where(outdated))
        connection.execute(table.insert().values(values | {"counter": key}))
        office, whole = counter_place(connection, key)
        note(connection, by, "tablet_code_made", office, counter=whole)
    return code


def pair(
    engine: Engine, code: str, secret_hash: str, now: datetime, *, reusable: bool
) -> Device | None:
    """Enrol the tablet with this secret, once; None where the code is no good to it.

    Of two tablets that send one code at the same moment one gets it. Raises SecretTaken.
    """
    code_hash = digest_of(code)
    pairing = _pairing(engine, code_hash, reusable)
    if claim(pairing, secret_hash, now) == "new":
        with suppress(IntegrityError):  # the secret is enrolled: by this request's twin, or before
            _use(engine, code_hash, secret_hash, now, reusable=reusable)
        pairing = _pairing(engine, code_hash, reusable)
    found = claim(pairing, secret_hash, now)
    device = find_device(engine, secret_hash)
    if pairing is None or device is None or found == "refused":
        return None
    if device.counter != pairing.counter or (found == "new" and not reusable):
        raise SecretTaken
    return device


def _pairing(engine: Engine, code_hash: str, reusable: bool) -> Pairing | None:
    table = tables.pairing
    with engine.connect() as connection:
        row = connection.execute(select(table).where(table.c.code_hash == code_hash)).one_or_none()
    if row is None:
        return None
    return Pairing(row.counter, _moment(row.expires_at), Pin(**row.pin), row.used_by, reusable)


def _use(
    engine: Engine, code_hash: str, secret_hash: str, now: datetime, *, reusable: bool
) -> None:
    """Give the code's place to this tablet, unless another one has it."""
    row = tables.pairing.c
    free = update(tables.pairing).where(row.code_hash == code_hash, row.used_by.is_(None))
    device_id = new_code()
    with engine.begin() as connection:
        # A write first: of two at the same moment the second waits here, and then finds it used.
        taken = free.values(used_by=None if reusable else secret_hash)
        if connection.execute(taken).rowcount == 0:
            return
        pairing = connection.execute(select(tables.pairing).where(row.code_hash == code_hash)).one()
        connection.execute(
            tables.kiosk.insert().values(
                id=device_id,
                counter=pairing.counter,
                secret_hash=secret_hash,
                enrolled_on=now.date(),
                pin=pairing.pin,
            )
        )
    note_contact(engine, device_id, now)


def find_device(engine: Engine, secret_hash: str) -> Device | None:
    """Return the tablet with this secret, revoked or not.

    Asked of the database for every request: a revoked tablet is out of use at once.
    """
    mine = tables.kiosk.c.secret_hash == secret_hash
    with engine.connect() as connection:
        row = connection.execute(_DEVICES.where(mine)).one_or_none()
    return None if row is None else _device(row)


def list_kiosks(engine: Engine) -> tuple[Enrolled, ...]:
    """Return every tablet, also those out of use, in the order of counters and ids."""
    counter = tables.counter.c
    query = _ENROLLED.order_by(counter.position, counter.office, counter.id, tables.kiosk.c.id)
    contacts = list_contacts(engine)
    with engine.connect() as connection:
        return tuple(_enrolled(row, contacts.get(row.id)) for row in connection.execute(query))


def find_enrolled(engine: Engine, device_id: str) -> Enrolled | None:
    """Return one tablet as `list_kiosks` does, in use or not; None where there is none."""
    with engine.connect() as connection:
        row = connection.execute(_ENROLLED.where(tables.kiosk.c.id == device_id)).one_or_none()
    return None if row is None else _enrolled(row, list_contacts(engine).get(device_id))


def note_heartbeat(engine: Engine, device: Device, heartbeat: Heartbeat, now: datetime) -> None:
    """Keep the last that a tablet told, in the place of what it told before."""
    note_contact(engine, device.id, now, heartbeat)


def revoke_kiosk(engine: Engine, device_id: str, today: date, *, by: By | None = None) -> None:
    """Take a tablet out of use at once. Raises StoreError where it is not in use."""
    values = {"revoked_on": today, "handover_until": None}
    _change(engine, device_id, values, by, "tablet_revoked")


def allow_handover(
    engine: Engine, device_id: str, now: datetime, *, by: By | None = None
) -> datetime:
    """Let a tablet that is out of use hand its answers over; return until when.

    Raises StoreError where it is in use, or not known.
    """
    until = now + HANDOVER
    values = {"handover_until": _epoch(until)}
    _change(engine, device_id, values, by, "tablet_handover", revoked=True)
    return until


def change_pin(engine: Engine, device_id: str, pin: Pin, *, by: By | None = None) -> None:
    """Give a tablet another PIN. Raises StoreError where it is not in use."""
    _change(engine, device_id, {"pin": asdict(pin)}, by, "tablet_pin_made")


def note_file(engine: Engine, device_ids: Iterable[str], name: str, by: By) -> None:
    """Write to the log that a file of these tablets was handed in."""
    with engine.begin() as connection:
        for device_id in device_ids:
            row = _row(connection, device_id)
            if row is not None:
                office, _ = counter_place(connection, row.counter)
                note(connection, by, "tablet_file_taken", office, tablet=device_id, file=name)


def _change(
    engine: Engine,
    device_id: str,
    values: dict[str, Any],
    by: By | None,
    action: StaffAction,
    *,
    revoked: bool = False,
) -> None:
    """Change a tablet that is in use, or one that is not, and write that to the log."""
    with engine.begin() as connection:
        row = _row(connection, device_id)
        device = _require(device_id, None if row is None else _device(row), revoked=revoked)
        where = tables.kiosk.c.id == device_id
        connection.execute(update(tables.kiosk).where(where).values(values))
        office, counter = counter_place(connection, device.counter)
        note(connection, by, action, office, tablet=device_id, counter=counter)


def _row(connection: Connection, device_id: str) -> Row[Any] | None:
    return connection.execute(_DEVICES.where(tables.kiosk.c.id == device_id)).one_or_none()


def _require(device_id: str, device: Device | None, *, revoked: bool) -> Device:
    if device is None:
        raise StoreError(sentence("kiosk.unknown", device=device_id))
    if device.revoked_on is not None and not revoked:
        raise StoreError(sentence("kiosk.already", device=device_id, day=device.revoked_on))
    if revoked and not device.revoked:
        raise StoreError(sentence("kiosk.in_use", device=device_id))
    return device


def _device(row: Row[Any]) -> Device:
    return Device(
        id=row.id,
        counter=row.counter,
        secret_hash=row.secret_hash,
        enrolled_on=row.enrolled_on,
        pin=Pin(**row.pin),
        revoked_on=row.revoked_on,
        handover_until=None if row.handover_until is None else _moment(row.handover_until),
        closed=row.closed,
    )


def _enrolled(row: Row[Any], contact: Contact | None) -> Enrolled:
    """A tablet of which nothing is known but its enrolment was heard of that day."""
    enrolment = datetime.combine(row.enrolled_on, time.min, UTC)
    name = Text(vi=row.name_vi, en=row.name_en)
    heard = contact or Contact(enrolment)
    return Enrolled(_device(row), name, row.counter_id, row.office, heard)


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
