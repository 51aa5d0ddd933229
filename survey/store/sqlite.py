"""The SQLite file: opening it, noticing that it is gone, folding its log, one whole transaction.

Owns everything that only SQLite needs. Knows no table.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

BUSY_MILLISECONDS = 10_000
BUSY_SERVING = 5_000
POOL_SECONDS = 5

_Identity = tuple[int, int] | None


def open_file(url: str, *, serving: bool = False) -> Engine:
    """Connect lazily to a SQLite file, which `create_file` makes and nothing else.

    Write-ahead log, synchronous FULL (an acknowledged answer survives a power cut), foreign keys
    on, erased answers overwritten. A transaction on a file that was replaced or deleted since it
    was first opened raises OperationalError.
    """
    busy = BUSY_SERVING if serving else BUSY_MILLISECONDS
    engine = create_engine(
        url,
        connect_args={"timeout": busy / 1000},
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
    )
    watch = _Watch(database_file(engine))
    _watches[engine] = watch
    event.listen(engine, "do_connect", watch.before_connect)
    event.listen(engine, "connect", lambda connection, _: _set_pragmas(connection, busy))
    event.listen(engine, "connect", watch.connected)
    event.listen(engine, "checkout", watch.checked_out)
    event.listen(engine, "commit", watch.before_commit)
    return engine


def _set_pragmas(connection: Any, busy: int) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={busy}",
        # Erased answers must not stay readable in free pages.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def database_file(engine: Engine) -> Path:
    """Return the file of a SQLite database."""
    return Path(engine.url.database or "")


def create_file(engine: Engine) -> None:
    """Make the file where there is none, for this account alone; the log gets the same rights."""
    file = database_file(engine)
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


class _Watch:
    """Holds an engine to the file that it opened first: SQLite itself would not notice."""

    def __init__(self, file: Path) -> None:
        self._file, self._log = str(file), f"{file}-wal"
        self._known: _Identity = None

    def before_connect(self, *_: object) -> None:
        """A connection must not make another file in the place of one that is gone."""
        if not os.path.exists(self._file):  # noqa: PTH110  looked at for every statement
            raise OperationalError("BEGIN", None, OSError(f"{self._file} is not there"))
        self.check()

    def connected(self, _connection: object, record: Any) -> None:
        self._known = self._known or _identity(self._file)
        record.info["log"] = _identity(self._log)

    def checked_out(self, _connection: object, record: Any, _proxy: object) -> None:
        self.check(record.info["log"])

    def before_commit(self, connection: Connection) -> None:
        self.check(connection.info["log"])

    def check(self, log: _Identity = None) -> None:
        """Raise OperationalError where the file, or the log that a connection writes, is gone."""
        for file, known in ((self._file, self._known), (self._log, log)):
            if known is not None and _identity(file) != known:
                raise OperationalError(
                    "BEGIN",
                    None,
                    OSError(
                        f"{file} was replaced or deleted while it was in use; put it back, or "
                        "start the server again to use what is there now"
                    ),
                )


_watches: WeakKeyDictionary[Engine, _Watch] = WeakKeyDictionary()


def require_same_file(engine: Engine) -> None:
    """Raise OperationalError where the file was replaced or deleted: what was committed is lost."""
    watch = _watches.get(engine)
    if watch is not None:
        watch.check()


def _identity(file: str) -> _Identity:
    try:
        status = os.stat(file)  # noqa: PTH116  a Path takes twice as long, for every statement
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def plain(engine: Engine) -> Iterator[Connection]:
    """A connection on which nothing begins a transaction by itself."""
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def immediate(engine: Engine) -> Iterator[Connection]:
    """One transaction with everything in it; the driver would commit each change of a table."""
    with plain(engine) as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


def fold(engine: Engine) -> bool:
    """Fold the write-ahead log into the file and empty it; False where somebody is in the way.

    Nobody waits for it: it gives up at once and is tried again.
    """
    with plain(engine) as connection:
        usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
        try:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={usual}")
        return not busy


def copy_file(engine: Engine, to: Path) -> None:
    """Write a copy, as of one moment, in the order of keys and without what was erased.

    `to` is missing or empty.
    """
    with plain(engine) as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(to),))


def step_counter(file: Path, counter: int, step: int) -> None:
    """Raise the file's counter of changes to the next multiple of `step`.

    It counts transactions that made the file grow: how answers fell together. SQLite has no way to
    set it; it rises by one where two connections change the header in turns.
    """
    left = -counter % step
    timeout = BUSY_MILLISECONDS / 1000
    turns = [sqlite3.connect(file, timeout=timeout, isolation_level=None) for _ in range(2)]
    try:
        for connection in turns:
            connection.execute("PRAGMA synchronous=OFF")  # there is nothing to lose in it
        for turn in range(left):
            turns[turn % 2].execute(f"PRAGMA user_version={(left - 1 - turn) % 2}")
    finally:
        for connection in turns:
            connection.close()
