"""Brings a database to the newest revision. Imported by commands, never by a serving worker."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from survey.errors import StoreError
from survey.store import newer_than_us, sqlite
from survey.store.transactions import whole_transaction

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(1751214438)"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run every revision that is missing up to `to`, in one transaction; SQLite's file is made.

    Raises StoreError where a newer version of the product has been at the database.
    """
    if engine.dialect.name == "sqlite":
        sqlite.create_file(engine)
    current = current_revision(engine)
    if current is not None and not knows(current):
        raise StoreError(newer_than_us(engine, current))
    with whole_transaction(engine) as connection:
        upgrade_within(connection, to)


def upgrade_within(connection: Connection, to: str = "head") -> None:
    """The same as a part of the caller's transaction."""
    settings = _settings()
    _wait_for_the_other(connection)
    settings.attributes["connection"] = connection
    command.upgrade(settings, to)


def _wait_for_the_other(connection: Connection) -> None:
    """Of two upgrades at once the second waits, and finds nothing to do; SQLite does so anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_ONE_AT_A_TIME))


def knows(revision: str) -> bool:
    """Whether this version of the product knows a revision."""
    try:
        return ScriptDirectory.from_config(_settings()).get_revision(revision) is not None
    except CommandError:
        return False


def current_revision(engine: Engine) -> str | None:
    """Return the database's revision, or None where nothing was ever set up."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the newest revision that this version of the product knows."""
    return ScriptDirectory.from_config(_settings()).get_current_head()


def _settings() -> AlembicConfig:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.set_main_option("path_separator", "os")
    return settings
