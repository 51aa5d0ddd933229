"""The only place with SQL. Opens the database; the modules beside read and write one noun each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from survey.config import shown_url
from survey.errors import ConfigError, NotSetUp, StoreError
from survey.store import sqlite
from survey.store.postgres import open_server
from survey.store.sqlite import BUSY_MILLISECONDS as BUSY_MILLISECONDS
from survey.told import sentence

if TYPE_CHECKING:
    from questionnaires.bilingual import Told


def open_engine(url: str, *, serving: bool = False) -> Engine:
    """Connect lazily to SQLite or PostgreSQL.

    `serving`: no statement waits longer than a visitor would (see `postgres`). What a statement
    carries, an answer or a secret, stands in no error and no log. Raises ConfigError for another
    kind of URL.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return sqlite.open_file(url, serving=serving)
        if parsed.get_backend_name() == "postgresql":
            return open_server(parsed, serving=serving)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(sentence("setup.bad_url", why=error)) from error
    except ModuleNotFoundError as error:
        from analysis.errors import install

        raise ConfigError(sentence("out.postgres", command=install("postgres"))) from error
    raise ConfigError(sentence("settings.database_kind"))


def answers(engine: Engine) -> None:
    """Read a row of a table. Raises SQLAlchemyError where the database cannot be read."""
    with engine.connect() as connection:
        connection.execute(text("SELECT id FROM office LIMIT 1")).all()


def require_set_up(engine: Engine) -> None:
    """Raise NotSetUp where the database is missing, empty or of another revision than ours."""
    from survey.store.migrate import current_revision, head_revision, knows

    if engine.dialect.name == "sqlite" and not sqlite.database_file(engine).exists():
        raise NotSetUp(sentence("setup.empty", database=named(engine)))
    try:
        current = current_revision(engine)
    except DatabaseError as error:
        raise StoreError(unopened(engine, error)) from error
    if current is None:
        raise NotSetUp(sentence("setup.empty", database=named(engine)))
    if not knows(current):
        raise StoreError(newer_than_us(engine, current))
    if current != head_revision():
        raise NotSetUp(sentence("setup.older", database=named(engine), revision=current))


def named(engine: Engine) -> str:
    """Return the database's address as a person may read it: without its password."""
    return shown_url(engine.url.render_as_string(hide_password=False)).replace("+psycopg", "", 1)


@contextmanager
def refusals(engine: Engine) -> Iterator[None]:
    """Turn what the database refuses, for lack of room or rights, into a StoreError."""
    try:
        yield
    except DatabaseError as error:
        raise StoreError(unopened(engine, error)) from error


def unopened(engine: Engine, error: DatabaseError) -> Told:
    """Say which database could not be opened or written, and why."""
    why = str(error.orig).strip()
    if "disk is full" in why or "No space left" in why:
        return sentence("setup.full", database=named(engine))
    key = "setup.no_password" if "password" in why else "setup.unopened"
    return sentence(key, database=named(engine), why=why)


def newer_than_us(engine: Engine, revision: str) -> Told:
    """Say that a database was upgraded by a later version of the product."""
    from survey.store.migrate import head_revision

    known = head_revision()
    return sentence("setup.newer", database=named(engine), revision=revision, known=known)


def integrity(engine: Engine) -> str:
    """Return 'ok' or what the database says is broken (SQLite's own check; a query elsewhere)."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text("PRAGMA integrity_check")).scalars().all()
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            return "ok" if rows == ["ok"] and not broken else "; ".join([*rows, *map(str, broken)])
        connection.execute(text("SELECT count(*) FROM response"))
        return "ok"
