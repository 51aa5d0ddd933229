"""Keeps which account belongs to which person at the identity provider.

A person is what the provider calls a subject, and belongs to one account at most. Nobody but the
account's holder links it; each change stands in the log of staff actions.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from survey.errors import StoreError
from survey.store import tables
from survey.store.staff import Staff, find_staff, locked_staff, note_account, token_digest
from survey.store.staff_actions import By
from survey.told import sentence

_row = tables.identity.c


def link_identity(engine: Engine, name: str, issuer: str, subject: str, by: By) -> None:
    """Let a person of the provider sign in with an account, and with no other person.

    Raises StoreError where the person belongs to another account.
    """
    values = {"name": name, "issuer": issuer, "subject": subject}
    try:
        with engine.begin() as connection:
            staff = locked_staff(connection, name)
            connection.execute(tables.identity.delete().where(_row.name == staff.name))
            connection.execute(tables.identity.insert().values(values | {"name": staff.name}))
            note_account(connection, by, "identity_linked", staff)
    except IntegrityError:
        raise StoreError(sentence("provider.taken")) from None


def unlink_identity(engine: Engine, name: str, *, by: By) -> None:
    """Let nobody sign in with an account through the provider; its password goes on.

    Raises StoreError for an unknown name, or where it is not linked.
    """
    with engine.begin() as connection:
        staff = locked_staff(connection, name)
        found = connection.execute(tables.identity.delete().where(_row.name == staff.name))
        if found.rowcount == 0:
            raise StoreError(sentence("provider.not_linked", name=staff.name))
        note_account(connection, by, "identity_unlinked", staff)


def find_identified(engine: Engine, issuer: str, subject: str) -> Staff | None:
    """Return the account in use of a person at the provider, or None."""
    query = select(_row.name).where(_row.issuer == issuer, _row.subject == subject)
    with engine.connect() as connection:
        name = connection.execute(query).scalar_one_or_none()
    staff = None if name is None else find_staff(engine, name)
    return staff if staff is not None and staff.active else None


def use_state(engine: Engine, state: str, today: date) -> bool:
    """Take the state of an answer of the provider, once; False where it was taken before."""
    ended = tables.ended_session
    values = {"session_hash": token_digest(f"state {state}"), "ends_on": today + timedelta(days=1)}
    try:
        with engine.begin() as connection:
            connection.execute(ended.delete().where(ended.c.ends_on < today))
            connection.execute(ended.insert().values(values))
    except IntegrityError:
        return False
    return True
