"""Keeps which sessions were ended before their time. A session itself lives in its cookie."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from sqlalchemy import Engine, select

from survey.store import tables

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
