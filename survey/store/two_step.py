"""Keeps what two-step sign-in asks for beside the password, and who is between the two steps.

The secret of an app's codes is kept encrypted with the installation's key, recovery codes as
digests. A code is good once. Every change stands in the log of staff actions.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, Engine, func, or_, select, update

from questionnaires.bilingual import Told
from survey.errors import StoreError
from survey.fernet import decrypt, encrypt
from survey.store import tables
from survey.store.staff import (
    Staff,
    drop_two_step,
    find_staff,
    locked_staff,
    note_account,
    put_staff,
    staff_there,
    token_digest,
)
from survey.store.staff_actions import By
from survey.told import sentence
from survey.two_step import (
    AROUND,
    is_app_code,
    matched_step,
    minutes_off,
    new_recovery_codes,
    new_secret,
    recovery_digest,
    step_at,
)

BEGUN_LASTS: Final = timedelta(minutes=5)
OFFER_LASTS: Final = timedelta(minutes=15)
_OFFERED, _KEPT = "two-step offer", "two-step secret"  # what encrypted text is for

_two_step = tables.two_step.c
_code = tables.recovery_code.c
_begun = tables.begun_sign_in.c


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that nothing holds to yet. The page brings `sealed` back; it lasts 15 minutes."""

    secret: str
    sealed: str


def offer_secret(secret_key: str, name: str, at: datetime) -> Offer:
    """Return a new secret for an account, of which nothing is stored."""
    secret = new_secret()
    return Offer(secret, encrypt(secret_key, _OFFERED, f"{name} {secret}", at))


def read_offer(secret_key: str, name: str, sealed: str, at: datetime) -> Offer | None:
    """Return what was offered to this account; None where it is too old, or another's."""
    lasts = int(OFFER_LASTS.total_seconds())
    text = decrypt(secret_key, _OFFERED, sealed, at, within=lasts) or ""
    holder, _, secret = text.rpartition(" ")
    return Offer(secret, sealed) if holder == name else None


def begin_two_step(
    engine: Engine, secret_key: str, name: str, offer: Offer, code: str, by: By
) -> tuple[Staff, tuple[str, ...]]:
    """Ask for a code at every sign-in from now on; return the account and its recovery codes.

    Every open session of the account ends. Raises StoreError where the code is not the offered
    secret's: then nothing is changed.
    """
    step = matched_step(offer.secret, code, by.at)
    if step is None:
        raise StoreError(_refusal(offer.secret, code, by.at))
    kept = encrypt(secret_key, _KEPT, f"{name} {offer.secret}", by.at)
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        drop_two_step(connection, staff.name)
        values = {"name": staff.name, "secret": kept, "last_step": step}
        connection.execute(tables.two_step.insert().values(values))
        codes = _renewed(connection, staff.name)
        put_staff(connection, staff.name, session_key=secrets.token_hex(16))
        note_account(connection, by, "two_step_begun", staff)
    return staff_there(engine, staff.name), codes


def _refusal(secret: str, code: str, at: datetime) -> Told:
    """Why a code is not taken, to whom the secret belongs: a wrong clock is named."""
    off = minutes_off(secret, code, at)
    time = f"{at:%H:%M:%S}"
    if off is None:
        return sentence("user.code_wrong", time=time)
    return sentence(
        "user.clock_fast" if off > 0 else "user.clock_slow", minutes=abs(off), time=time
    )


def _renewed(connection: Connection, name: str) -> tuple[str, ...]:
    codes = new_recovery_codes()
    connection.execute(tables.recovery_code.delete().where(_code.name == name))
    rows = [{"name": name, "code_hash": recovery_digest(code)} for code in codes]
    connection.execute(tables.recovery_code.insert(), rows)
    return codes


def renew_recovery_codes(engine: Engine, name: str, by: By) -> tuple[str, ...]:
    """Return new recovery codes; those before are void.

    Raises StoreError where the account signs in by the password alone.
    """
    with engine.begin() as connection:
        staff = _in_two_steps(connection, name)
        note_account(connection, by, "recovery_codes_made", staff)
        return _renewed(connection, staff.name)


def end_two_step(engine: Engine, name: str, by: By) -> Staff:
    """Let the password be enough, as the account's holder wants it."""
    return _end(engine, name, by, reset=False)


def reset_two_step(engine: Engine, name: str, by: By) -> Staff:
    """Let the password be enough, for whoever has lost phone and recovery codes.

    Raises StoreError where it is enough already.
    """
    return _end(engine, name, by, reset=True)


def _end(engine: Engine, name: str, by: By, *, reset: bool) -> Staff:
    with engine.begin() as connection:
        staff = _in_two_steps(connection, name)
        drop_two_step(connection, staff.name)
        note_account(connection, by, "two_step_reset" if reset else "two_step_ended", staff)
    return staff_there(engine, staff.name)


def _in_two_steps(connection: Connection, name: str) -> Staff:
    staff = locked_staff(connection, name)
    if not staff.two_step:
        raise StoreError(sentence("user.one_step", name=staff.name))
    return staff


def count_recovery_codes(engine: Engine, name: str) -> int:
    """Return how many recovery codes are left."""
    query = select(func.count()).select_from(tables.recovery_code).where(_code.name == name)
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def take_code(
    engine: Engine, secret_key: str, staff: Staff, code: str, by: By
) -> Literal["app", "recovery"] | None:
    """Take a code of the app or one for recovery, which is used up; None where it is not right.

    A code of the app is taken once, and none of a step before it, unless that one is still to come:
    then the clock was set back since, and would keep everybody out until it is there again. Raises
    StoreError where the secret cannot be read with this installation's key.
    """
    if is_app_code(code):
        return "app" if _take_app_code(engine, secret_key, staff.name, code, by.at) else None
    with engine.begin() as connection:
        used = tables.recovery_code.delete().where(
            _code.name == staff.name, _code.code_hash == recovery_digest(code)
        )
        if connection.execute(used).rowcount == 0:
            return None
        note_account(connection, by, "recovery_code_used", staff)
        return "recovery"


def _take_app_code(engine: Engine, secret_key: str, name: str, code: str, at: datetime) -> bool:
    with engine.begin() as connection:
        kept = connection.execute(
            select(_two_step.secret).where(_two_step.name == name)
        ).scalar_one_or_none()
        if kept is None:
            return False
        holder, _, secret = (decrypt(secret_key, _KEPT, kept, at) or "").rpartition(" ")
        if holder != name:
            raise StoreError(sentence("user.code_unreadable"))
        step = matched_step(secret, code, at)
        if step is None:
            return False
        to_come = _two_step.last_step > step_at(at) + AROUND
        fits = update(tables.two_step).where(
            _two_step.name == name, or_(_two_step.last_step < step, to_come)
        )
        return connection.execute(fits.values(last_step=step)).rowcount == 1


def begin_sign_in(engine: Engine, staff: Staff, now: datetime) -> str:
    """Keep that somebody gave the right password; return the token that the next step brings.

    It lasts 5 minutes and opens nothing but that step. Forgets those whose time is over.
    """
    token, ends = secrets.token_urlsafe(32), int((now + BEGUN_LASTS).timestamp())
    with engine.begin() as connection:
        over = _begun.ends_at <= int(now.timestamp())
        connection.execute(tables.begun_sign_in.delete().where(over))
        connection.execute(
            tables.begun_sign_in.insert().values(
                token_hash=token_digest(token),
                name=staff.name,
                session_key=staff.session_key,
                ends_at=ends,
            )
        )
    return token


def find_begun(engine: Engine, token: str, now: datetime) -> Staff | None:
    """Return who is between the two steps; None where that is over or void.

    Void: the password or the account was changed meanwhile, or the second step is asked no more.
    """
    query = select(_begun.name, _begun.session_key).where(
        _begun.token_hash == token_digest(token), _begun.ends_at > int(now.timestamp())
    )
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    staff = None if row is None else find_staff(engine, row.name)
    if row is None or staff is None or not staff.active or not staff.two_step:
        return None
    return staff if staff.session_key == row.session_key else None


def end_begun(engine: Engine, token: str) -> None:
    """Forget who is between the two steps: signed in, or given up."""
    with engine.begin() as connection:
        where = _begun.token_hash == token_digest(token)
        connection.execute(tables.begun_sign_in.delete().where(where))
