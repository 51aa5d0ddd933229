"""Keeps staff accounts, checks their passwords, and notes sessions ended before their time.

A session itself lives in its cookie. What a role may, `survey.access` says. Every change stands in
the log of staff actions, in the same transaction, where it is said by whom (`by`).
"""

from __future__ import annotations

import base64
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Engine, Row, Select, exists, func, select, update
from sqlalchemy.exc import IntegrityError

from questionnaires import keys
from survey.access import EVERYTHING, Grant
from survey.errors import StoreError
from survey.store import tables
from survey.store.staff_actions import By, StaffAction, note
from survey.told import sentence

_ended = tables.ended_session


def end_session(engine: Engine, session_id: str, ends_on: date, today: date) -> None:
    """Let nobody use a session any more; `ends_on` is the day after which it would not last.

    Forgets those whose time is over anyway.
    """
    session_hash = token_digest(session_id)
    with engine.begin() as connection:
        connection.execute(_ended.delete().where(_ended.c.ends_on < today))
        known = select(_ended.c.session_hash).where(_ended.c.session_hash == session_hash)
        if connection.execute(known).first() is None:
            connection.execute(_ended.insert().values(session_hash=session_hash, ends_on=ends_on))


def is_ended(engine: Engine, session_id: str) -> bool:
    """Whether a session was ended."""
    query = select(_ended.c.session_hash).where(_ended.c.session_hash == token_digest(session_id))
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def token_digest(token: str) -> str:
    """Return what is kept of a random token (SHA-256, hex)."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


PASSWORD_LENGTH = 12
NAME_LENGTH = 64

_hasher = PasswordHasher()


LINK_LASTS = timedelta(days=7)
_TOKEN_BYTES = 32  # of a link by which a password is chosen


@dataclass(frozen=True, slots=True)
class Staff:
    """One account. A session carries ``session_key`` and ends when the password changes.

    ``has_password``: False until who was invited has chosen one. ``active``: False once it was
    taken out of use. ``two_step``: a code is asked for after the password. ``linked``: it also
    signs in through the identity provider.
    """

    name: str
    session_key: str
    created_on: date
    grant: Grant = EVERYTHING
    active: bool = True
    has_password: bool = True
    two_step: bool = False
    linked: bool = False

    @property
    def owner(self) -> str:
        """The owner of files that are made for this account, or sent by it.

        Of none once it has another role or office; nor of those of an account that had its name on
        an earlier day.
        """
        role, office = self.grant.role, self.grant.office or ""
        return "\n".join((self.name, self.created_on.isoformat(), role, office))


def add_staff(
    engine: Engine,
    name: str,
    password: str,
    today: date,
    *,
    grant: Grant = EVERYTHING,
    by: By | None = None,
) -> Staff:
    """Make an account. Raises StoreError for a taken or unusable name or a short password."""
    staff = Staff(usable_name(name), secrets.token_hex(16), today, grant)
    with _taken(engine, staff), engine.begin() as connection:
        _insert(connection, staff, _hash(password))
        note_account(connection, by, "account_made", staff)
    return staff


def invite_staff(engine: Engine, name: str, grant: Grant, today: date, *, by: By | None) -> str:
    """Make an account without a password; return the token of the link that lets choose one.

    Only its digest is kept: who is invited gets it now or never. Raises StoreError for a taken or
    unusable name.
    """
    staff = Staff(usable_name(name), secrets.token_hex(16), today, grant, has_password=False)
    with _taken(engine, staff), engine.begin() as connection:
        _insert(connection, staff, _NO_PASSWORD)
        note_account(connection, by, "account_invited", staff)
        return _new_link(connection, staff.name, today)


_NO_PASSWORD = ""  # the hash of no password


@contextmanager
def _taken(engine: Engine, staff: Staff) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "foreign key" in str(error.orig).lower():
            raise no_office(engine, staff.grant.office or "") from None
        raise StoreError(sentence("user.taken", name=staff.name)) from None


def no_office(engine: Engine, office: str) -> StoreError:
    """That there is no such office, with ten that there are, those most like it first."""
    with engine.connect() as connection:  # another one: PostgreSQL ends one in which it refused
        found = connection.scalars(select(tables.office.c.id).order_by(tables.office.c.id)).all()
    near = get_close_matches(office, found, n=10, cutoff=0.0)
    known = ", ".join(near) + (", …" if len(found) > len(near) else "")
    return StoreError(sentence("user.no_office", office=office, known=known))


def _insert(connection: Connection, staff: Staff, password_hash: str) -> None:
    connection.execute(
        tables.staff.insert().values(
            name=staff.name,
            password_hash=password_hash,
            session_key=staff.session_key,
            created_on=staff.created_on,
            role=staff.grant.role,
            office=staff.grant.office,
        )
    )


def note_account(connection: Connection, by: By | None, action: StaffAction, staff: Staff) -> None:
    """Write into the log what was done with an account."""
    details = {"account": staff.name}
    if action in ("account_made", "account_invited", "account_changed"):
        details |= {"role": staff.grant.role}
    note(connection, by, action, staff.grant.office, **details)


def find_staff(engine: Engine, name: str) -> Staff | None:
    """Return the account of this name, however it is capitalised, or None."""
    return _find(engine, normal_name(name))[0]


def list_staff(engine: Engine) -> tuple[Staff, ...]:
    """Return every account, by name."""
    with engine.connect() as connection:
        query = _rows().order_by(tables.staff.c.name)
        return tuple(_staff(row) for row in connection.execute(query))


def count_staff(engine: Engine) -> int:
    """Return how many accounts there are."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.staff)).scalar_one()


def remove_staff(engine: Engine, name: str, *, by: By | None = None) -> None:
    """Remove an account; its sessions end. Raises StoreError for an unknown name."""
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        _drop_link(connection, staff.name)
        drop_two_step(connection, staff.name)
        connection.execute(tables.identity.delete().where(tables.identity.c.name == staff.name))
        connection.execute(tables.staff.delete().where(tables.staff.c.name == staff.name))
        note_account(connection, by, "account_removed", staff)


def change_password(engine: Engine, name: str, password: str, *, by: By | None = None) -> Staff:
    """Set another password and a new session key, so that every open session ends.

    Raises StoreError for an unknown name or a short password.
    """
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        _set_password(connection, staff.name, password)
        note_account(connection, by, "password_changed", staff)
    return staff_there(engine, staff.name)


def _set_password(connection: Connection, name: str, password: str) -> None:
    """A link that could set it too is void; so is every open session."""
    _drop_link(connection, name)
    put_staff(connection, name, password_hash=_hash(password), session_key=secrets.token_hex(16))


def change_grant(engine: Engine, name: str, grant: Grant, *, by: By | None = None) -> Staff:
    """Give an account another role or office, from its next request on.

    Raises StoreError for an unknown name or office, or where nobody would be left who
    administers the whole installation.
    """
    with engine.begin() as connection:
        staff = replace(locked_staff(connection, name), grant=grant)
        with _taken(engine, staff):
            put_staff(connection, staff.name, role=grant.role, office=grant.office)
        _require_administrator(connection)
        note_account(connection, by, "account_changed", staff)
    return staff


def stop_staff(engine: Engine, name: str, *, by: By | None = None) -> Staff:
    """Take an account out of use: nobody signs in with it, and whoever did is signed out.

    Raises StoreError for an unknown name, or where nobody would be left who administers the whole
    installation.
    """
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        _drop_link(connection, staff.name)
        put_staff(connection, staff.name, active=False, session_key=secrets.token_hex(16))
        _require_administrator(connection)
        note_account(connection, by, "account_stopped", staff)
    return staff_there(engine, staff.name)


def resume_staff(engine: Engine, name: str, *, by: By | None = None) -> Staff:
    """Take an account into use again. Raises StoreError for an unknown name."""
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        put_staff(connection, staff.name, active=True)
        note_account(connection, by, "account_resumed", staff)
    return staff_there(engine, staff.name)


def sign_out_everywhere(engine: Engine, name: str, *, by: By | None = None) -> Staff:
    """End every session of an account. Raises StoreError for an unknown name."""
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        put_staff(connection, staff.name, session_key=secrets.token_hex(16))
        note_account(connection, by, "signed_out_everywhere", staff)
    return staff_there(engine, staff.name)


def make_link(
    engine: Engine, name: str, today: date, *, ends_two_step: bool = False, by: By | None = None
) -> str:
    """Return the token of a new link that lets choose a password; one made before is void.

    The old password goes on until then. `ends_two_step`: whoever uses the link is asked for no
    code, then or later; otherwise two-step sign-in goes on. Raises StoreError for an unknown name
    or an account that is out of use.
    """
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        if not staff.active:
            raise StoreError(sentence("user.stopped_already", name=staff.name))
        action: StaffAction = "two_step_link_made" if ends_two_step else "link_made"
        note_account(connection, by, action, staff)
        return _new_link(connection, staff.name, today, ends_two_step=ends_two_step)


def _new_link(
    connection: Connection, name: str, today: date, *, ends_two_step: bool = False
) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    _drop_link(connection, name)
    connection.execute(
        tables.password_link.insert().values(
            name=name,
            token_hash=token_digest(token),
            expires_on=today + LINK_LASTS,
            ends_two_step=ends_two_step,
        )
    )
    return token


def _drop_link(connection: Connection, name: str) -> None:
    connection.execute(tables.password_link.delete().where(tables.password_link.c.name == name))


def drop_two_step(connection: Connection, name: str) -> None:
    """Let the password be enough; what was begun with the second step is void."""
    for table in (tables.recovery_code, tables.two_step, tables.begun_sign_in):
        connection.execute(table.delete().where(table.c.name == name))


def find_linked(engine: Engine, token: str, today: date) -> Staff | None:
    """Return the account whose password a link lets choose, or None where it is void."""
    with engine.connect() as connection:
        return _linked(connection, token, today)


def _linked(connection: Connection, token: str, today: date) -> Staff | None:
    link = tables.password_link.c
    query = (
        _rows()
        .join(tables.password_link)
        .where(
            link.token_hash == token_digest(token), link.expires_on >= today, tables.staff.c.active
        )
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _staff(row)


def choose_password(engine: Engine, token: str, password: str, by: By) -> Staff | None:
    """Set the password that somebody chose by a link, once; None where the link is void.

    Two-step sign-in goes on, unless the link was made to end it. `by.at` is the moment; the
    account is the link's. Raises StoreError for a short password, and the link stays good.
    """
    password_hash = _hash(password)
    link = tables.password_link.c
    with engine.begin() as connection:
        staff = _linked(connection, token, by.at.date())
        used = (
            tables.password_link.delete()
            .where(link.token_hash == token_digest(token))
            .returning(link.ends_two_step)
        )
        ends_two_step = connection.execute(used).scalar_one_or_none()
        if ends_two_step is None or staff is None:
            return None
        put_staff(
            connection,
            staff.name,
            password_hash=password_hash,
            session_key=secrets.token_hex(16),
        )
        note_account(connection, By(staff.name, by.at), "password_chosen", staff)
        if ends_two_step and staff.two_step:
            drop_two_step(connection, staff.name)
            note_account(connection, By(staff.name, by.at), "two_step_ended", staff)
    return staff_there(engine, staff.name)


def note_sign_in(engine: Engine, staff: Staff, by: By) -> None:
    """Keep that somebody signed in."""
    with engine.begin() as connection:
        note_account(connection, by, "signed_in", staff)


def staff_there(engine: Engine, name: str) -> Staff:
    """Return the account as it is now. Raises StoreError where it was removed meanwhile."""
    staff = find_staff(engine, name)
    if staff is None:
        raise _unknown(name)
    return staff


def locked_staff(connection: Connection, name: str) -> Staff:
    """The account, held until the transaction is over. Raises StoreError for an unknown name."""
    query = _rows().where(tables.staff.c.name == normal_name(name))
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise _unknown(name)
    return _staff(row)


def put_staff(connection: Connection, name: str, **values: object) -> None:
    """Set columns of an account."""
    connection.execute(update(tables.staff).where(tables.staff.c.name == name).values(**values))


def _require_administrator(connection: Connection) -> None:
    """Raise StoreError where nobody could administer the whole installation any more."""
    row = tables.staff.c
    left = select(row.name).where(
        row.active,
        row.role == "administrator",
        row.office.is_(None),
        row.password_hash != _NO_PASSWORD,
    )
    if not connection.execute(left.with_for_update()).all():
        raise StoreError(sentence("user.last_administrator"))


def verify_password(engine: Engine, name: str, password: str) -> Staff | None:
    """Return the account in use where name and password belong together, otherwise None.

    An unknown name costs the same hash computation as a wrong password: the time that an answer
    takes must not tell which names exist.
    """
    staff, known = _find(engine, normal_name(name))
    try:
        _hasher.verify(known or _hash_of_nobody(_hasher), _normal_password(password))
    except VerificationError:
        return None
    if staff is not None and not staff.active:
        return None
    if staff is not None and known is not None and _hasher.check_needs_rehash(known):
        _strengthen(engine, staff.name, known, password)
    return staff


def normal_name(name: str) -> str:
    """Return the one spelling of a name: composed letters, small, nothing invisible."""
    return keys.folded(name)


def usable_name(name: str) -> str:
    """Return the name as it would be kept. Raises StoreError where it cannot be used."""
    normal = normal_name(name)
    if not normal or len(normal) > NAME_LENGTH or not normal.isprintable() or " " in normal:
        raise StoreError(sentence("user.bad_name", name=name, most=NAME_LENGTH))
    return normal


def _hash(password: str) -> str:
    return _hasher.hash(long_enough(password))


def long_enough(password: str) -> str:
    """Return the password as it is hashed. Raises StoreError where it is too short."""
    normal = _normal_password(password)
    if len(normal) < PASSWORD_LENGTH:
        raise StoreError(sentence("user.short", count=len(normal), least=PASSWORD_LENGTH))
    return normal


def _normal_password(password: str) -> str:
    # The same Vietnamese letters arrive composed or decomposed, as the keyboard pleases.
    return unicodedata.normalize("NFKC", password)


def _find(engine: Engine, name: str) -> tuple[Staff | None, str | None]:
    with engine.connect() as connection:
        row = connection.execute(_rows().where(tables.staff.c.name == name)).one_or_none()
    if row is None:
        return None, None
    return _staff(row), row.password_hash


def _rows() -> Select[Any]:
    """Accounts, each with whether it signs in by two steps, and through the provider."""
    on = exists().where(tables.two_step.c.name == tables.staff.c.name)
    linked = exists().where(tables.identity.c.name == tables.staff.c.name)
    return select(tables.staff, on.label("two_step"), linked.label("linked"))


def _staff(row: Row[Any]) -> Staff:
    return Staff(
        row.name,
        row.session_key,
        row.created_on,
        Grant(row.role, row.office),
        row.active,
        row.password_hash != _NO_PASSWORD,
        bool(row.two_step),
        bool(row.linked),
    )


@cache
def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """A well-formed hash at the cost of ``hasher`` that no password was ever hashed to."""
    salt, digest = (_base64(size) for size in (hasher.salt_len, hasher.hash_len))
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _base64(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode("ascii").rstrip("=")


def _strengthen(engine: Engine, name: str, known: str, password: str) -> None:
    """Hash again at today's cost, unless the password was changed meanwhile."""
    row = tables.staff.c
    stronger = _hasher.hash(_normal_password(password))
    with engine.begin() as connection:
        connection.execute(
            update(tables.staff)
            .where(row.name == name, row.password_hash == known)
            .values(password_hash=stronger)
        )


def _unknown(name: str) -> StoreError:
    return StoreError(sentence("user.unknown", name=name))
