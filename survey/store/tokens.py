"""Keeps the tokens with which programs read verdicts. Each is shown once; a digest stays.

A revoked or expired token is kept, as the log names it. Of its use the month is noted alone: when
a program asks tells when somebody looks.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import Engine, Row, select, update
from sqlalchemy.exc import IntegrityError

from questionnaires import keys
from survey.access import AS_ROLE, Grant, TokenScope
from survey.errors import StoreError
from survey.store import tables
from survey.store.staff import no_office, token_digest
from survey.store.staff_actions import By, note
from survey.told import sentence

TokenState = Literal["in_use", "expired", "revoked"]

LONGEST_NAME: Final = 64
LASTS_YEARS: Final = 2
"""No token is good for longer: one that nobody remembers ends by itself."""

_PREFIX: Final = "hailong_"  # by which a search for forgotten secrets finds it
_BYTES: Final = 32

_row = tables.token.c


@dataclass(frozen=True, slots=True)
class Token:
    """One token: what it opens, until when (included), and the month of its last use."""

    name: str
    scope: TokenScope
    office: str | None
    created_on: date
    expires_on: date
    used_month: str | None
    revoked_on: date | None

    @property
    def grant(self) -> Grant:
        """What a program may see with it, by the one rule of access."""
        return Grant(AS_ROLE[self.scope], self.office)

    def state(self, today: date) -> TokenState:
        """Whether it opens anything on this day, and else why not."""
        if self.revoked_on is not None:
            return "revoked"
        return "in_use" if today <= self.expires_on else "expired"


def default_end(today: date) -> date:
    """The last day that is proposed for a new token: a year from now."""
    return _years_on(today, 1)


def _years_on(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def add_token(
    engine: Engine,
    name: str,
    scope: TokenScope,
    office: str | None,
    expires_on: date,
    by: By,
) -> str:
    """Make a token and return it: it is told now or never.

    Raises StoreError for a name that is taken or none, a day that is over or too far, an office
    that is not there.
    """
    name, token, today = keys.normal(name), _PREFIX + secrets.token_urlsafe(_BYTES), by.at.date()
    if not name or len(name) > LONGEST_NAME:
        raise StoreError(sentence("token.bad_name", name=name, most=LONGEST_NAME))
    last = _years_on(today, LASTS_YEARS)
    if not today <= expires_on <= last:
        words = {"day": f"{expires_on:%d/%m/%Y}", "today": f"{today:%d/%m/%Y}"}
        raise StoreError(sentence("token.bad_day", **words, last=f"{last:%d/%m/%Y}"))
    values = {"name": name, "token_hash": token_digest(token), "scope": scope, "office": office}
    try:
        with engine.begin() as connection:
            dated = {"created_on": today, "expires_on": expires_on}
            connection.execute(tables.token.insert().values(values | dated))
            until = f"{expires_on:%d/%m/%Y}"
            note(connection, by, "token_made", office, token=name, scope=scope, until=until)
    except IntegrityError as error:
        if "foreign key" in str(error.orig).lower():
            raise no_office(engine, office or "") from None
        raise StoreError(sentence("token.taken", name=name)) from None
    return token


def list_tokens(engine: Engine) -> list[Token]:
    """Return every token, the newest first."""
    query = select(tables.token).order_by(_row.created_on.desc(), _row.name)
    with engine.connect() as connection:
        return [_token(row) for row in connection.execute(query)]


def find_token(engine: Engine, name: str) -> Token | None:
    """Return the token with this name, or None."""
    with engine.connect() as connection:
        row = connection.execute(
            select(tables.token).where(_row.name == keys.normal(name))
        ).one_or_none()
        return None if row is None else _token(row)


def revoke_token(engine: Engine, name: str, by: By) -> None:
    """Let a token open nothing any more. Raises StoreError where there is none that does."""
    name = keys.normal(name)
    with engine.begin() as connection:
        mine = update(tables.token).where(_row.name == name, _row.revoked_on.is_(None))
        done = connection.execute(mine.values(revoked_on=by.at.date()).returning(_row.office)).all()
        if not done:
            raise StoreError(sentence("token.unknown", name=name))
        note(connection, by, "token_revoked", done[0].office, token=name)


def use_token(engine: Engine, token: str, today: date) -> Token | None:
    """Return what a token opens today, and note the month; None where it opens nothing."""
    query = select(tables.token).where(_row.token_hash == token_digest(token))
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    found = None if row is None else _token(row)
    if found is None or found.state(today) != "in_use":
        return None
    month = f"{today:%Y-%m}"
    if found.used_month != month:
        with engine.begin() as connection:
            mine = update(tables.token).where(_row.name == found.name)
            connection.execute(mine.values(used_month=month))
    return found


def _token(row: Row[Any]) -> Token:
    return Token(**{name: value for name, value in row._mapping.items() if name != "token_hash"})
