"""The only place with SQL. Opens the database; the modules beside read and write one noun each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from survey.errors import ConfigError, NotSetUp, StoreError

BUSY_MILLISECONDS = 10_000


def open_engine(url: str) -> Engine:
    """Connect lazily to SQLite or PostgreSQL.

    SQLite: write-ahead log, synchronous FULL (an acknowledged answer survives a power cut),
    foreign keys on. What a statement carries, an answer or a secret, stands in no error and no
    log. Raises ConfigError for another kind of URL.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url)
        if parsed.get_backend_name() == "postgresql":
            # A schema name and credentials stay in the URL; the driver is psycopg 3.
            driver = parsed.set(drivername="postgresql+psycopg")
            return create_engine(driver, pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(f"database_url is '{url}': {error}") from error
    except ModuleNotFoundError as error:
        raise ConfigError("PostgreSQL needs its driver: install hailong[postgres]") from error
    raise ConfigError(
        "database_url must begin with sqlite:/// or postgresql://, for example "
        "postgresql://hailong@localhost/hailong"
    )


def _open_sqlite(url: str) -> Engine:
    timeout = {"timeout": BUSY_MILLISECONDS / 1000}
    engine = create_engine(url, connect_args=timeout, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MILLISECONDS}",
            # Erased answers must not stay readable in free pages.
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def require_set_up(engine: Engine) -> None:
    """Raise NotSetUp where the database is missing, empty or of an older revision."""
    from survey.store.migrate import current_revision, head_revision

    try:
        current = current_revision(engine)
    except DatabaseError as error:
        raise StoreError(f"the database cannot be opened: {error.orig}") from error
    if current is None:
        raise NotSetUp("this data folder is not set up yet; run: hailong init")
    if current != head_revision():
        raise NotSetUp(f"the database is at revision {current}; run: hailong init  (it upgrades)")


def integrity(engine: Engine) -> str:
    """Return 'ok' or what the database says is broken (SQLite's own check; a query elsewhere)."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text("PRAGMA integrity_check")).scalars().all()
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            return "ok" if rows == ["ok"] and not broken else "; ".join([*rows, *map(str, broken)])
        connection.execute(text("SELECT count(*) FROM response"))
        return "ok"
