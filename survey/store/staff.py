"""Keeps staff accounts, checks their passwords, and notes sessions ended before their time.

A session itself lives in its cookie. Knows nothing of pages or roles.
"""

from __future__ import annotations

import base64
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError

from questionnaires import keys
from survey.errors import StoreError
from survey.store import tables
from survey.told import sentence

_ended = tables.ended_session


def end_session(engine: Engine, session_id: str, ends_on: date, today: date) -> None:
    """Let nobody use a session any more; `ends_on` is the day after which it would not last.

    Forgets those whose time is over anyway.
    """
    session_hash = _digest(session_id)
    with engine.begin() as connection:
        connection.execute(_ended.delete().where(_ended.c.ends_on < today))
        known = select(_ended.c.session_hash).where(_ended.c.session_hash == session_hash)
        if connection.execute(known).first() is None:
            connection.execute(_ended.insert().values(session_hash=session_hash, ends_on=ends_on))


def is_ended(engine: Engine, session_id: str) -> bool:
    """Whether a session was ended."""
    query = select(_ended.c.session_hash).where(_ended.c.session_hash == _digest(session_id))
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def _digest(session_id: str) -> str:
    return sha256(session_id.encode("utf-8", "replace")).hexdigest()


PASSWORD_LENGTH = 12
NAME_LENGTH = 64

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Staff:
    """One account. A session carries ``session_key`` and ends when the password changes."""

    name: str
    session_key: str
    created_on: date


def add_staff(engine: Engine, name: str, password: str, today: date) -> Staff:
    """Make an account. Raises StoreError for a taken or unusable name or a short password."""
    staff = Staff(_usable_name(name), secrets.token_hex(16), today)
    values = {
        "name": staff.name,
        "password_hash": _hash(password),
        "session_key": staff.session_key,
        "created_on": today,
    }
    try:
        with engine.begin() as connection:
            connection.execute(tables.staff.insert().values(values))
    except IntegrityError:
        raise StoreError(sentence("user.taken", name=staff.name)) from None
    return staff


def find_staff(engine: Engine, name: str) -> Staff | None:
    """Return the account of this name, however it is capitalised, or None."""
    return _find(engine, normal_name(name))[0]


def list_staff(engine: Engine) -> tuple[Staff, ...]:
    """Return every account, by name."""
    row = tables.staff.c
    query = select(row.name, row.session_key, row.created_on).order_by(row.name)
    with engine.connect() as connection:
        return tuple(Staff(*found) for found in connection.execute(query))


def count_staff(engine: Engine) -> int:
    """Return how many accounts there are."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.staff)).scalar_one()


def remove_staff(engine: Engine, name: str) -> None:
    """Remove an account; its sessions end. Raises StoreError for an unknown name."""
    where = tables.staff.c.name == normal_name(name)
    with engine.begin() as connection:
        if connection.execute(tables.staff.delete().where(where)).rowcount == 0:
            raise _unknown(name)


def change_password(engine: Engine, name: str, password: str) -> Staff:
    """Set another password and a new session key, so that every open session ends.

    Raises StoreError for an unknown name or a short password.
    """
    values = {"password_hash": _hash(password), "session_key": secrets.token_hex(16)}
    where = tables.staff.c.name == normal_name(name)
    with engine.begin() as connection:
        if connection.execute(update(tables.staff).where(where).values(values)).rowcount == 0:
            raise _unknown(name)
    staff = find_staff(engine, name)
    if staff is None:  # removed by somebody else meanwhile
        raise _unknown(name)
    return staff


def verify_password(engine: Engine, name: str, password: str) -> Staff | None:
    """Return the account where name and password belong together, otherwise None.

    An unknown name costs the same hash computation as a wrong password: the time that an answer
    takes must not tell which names exist.
    """
    staff, known = _find(engine, normal_name(name))
    try:
        _hasher.verify(known or _hash_of_nobody(_hasher), _normal_password(password))
    except VerificationError:
        return None
    if staff is not None and known is not None and _hasher.check_needs_rehash(known):
        _strengthen(engine, staff.name, known, password)
    return staff


def normal_name(name: str) -> str:
    """Return the one spelling of a name: composed letters, small, nothing invisible."""
    return keys.folded(name)


def _usable_name(name: str) -> str:
    normal = normal_name(name)
    if not normal or len(normal) > NAME_LENGTH or not normal.isprintable() or " " in normal:
        raise StoreError(sentence("user.bad_name", name=name, most=NAME_LENGTH))
    return normal


def _hash(password: str) -> str:
    normal = _normal_password(password)
    if len(normal) < PASSWORD_LENGTH:
        raise StoreError(sentence("user.short", count=len(normal), least=PASSWORD_LENGTH))
    return _hasher.hash(normal)


def _normal_password(password: str) -> str:
    # The same Vietnamese letters arrive composed or decomposed, as the keyboard pleases.
    return unicodedata.normalize("NFKC", password)


def _find(engine: Engine, name: str) -> tuple[Staff | None, str | None]:
    with engine.connect() as connection:
        row = connection.execute(
            select(tables.staff).where(tables.staff.c.name == name)
        ).one_or_none()
    if row is None:
        return None, None
    return Staff(row.name, row.session_key, row.created_on), row.password_hash


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
