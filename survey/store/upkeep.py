"""Writes stored answers anew in the order of their random ids, so that none tells when it came.

In a database an answer lies where it arrived: a cell in a page, a place in a table (ctid), the
number of its transaction (xmin), a frame of the write-ahead log. So does the slip that was used for
it, in the same transaction. Once a day all of that is written anew. What is left of a day then is
the day, and of a slip its month.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from sqlalchemy import Connection, Engine, Table, select, text, update

from survey.errors import StoreError
from survey.store import sqlite, tables
from survey.told import sentence

if TYPE_CHECKING:
    import psycopg

Chore = Literal["rewrite", "backup", "seal", "verified", "altered", "erase", "purge"]

COUNTER_STEP: Final = 4096
"""The file's counter of changes is raised to a multiple of it, and then tells no one anything."""

_PATIENCE: Final = 60.0  # seconds for readers who are in the way of emptying the log
_HEADER: Final = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read(28))"
_FRESH: Final = {
    tables.choice: "response_id IN (SELECT response_id FROM response WHERE fresh)",
    tables.comment: "fresh",
    tables.comment_seal: "response_id IN (SELECT response_id FROM response WHERE fresh)",
    tables.slip: "fresh OR used_in IN (SELECT used_in FROM slip WHERE fresh)",
    tables.response: "fresh",
    tables.recheck_call: "true",
}
"""Which rows came since the last rewrite; the responses after those that are told by them. Slips
used in the same month are written anew together, and so are the calls of re-checks: what was used
on one day would lie in one transaction, and have its day."""


def done_on(engine: Engine, chore: Chore) -> date | None:
    """Return the day when this was done last; None where it never was."""
    row = tables.upkeep.c
    with engine.connect() as connection:
        found: date | None = connection.execute(
            select(row.done_on).where(row.name == chore)
        ).scalar_one()
        return found


def note_done(engine: Engine, chore: Chore, today: date | None) -> None:
    """Keep that this was done; None: that it was not."""
    with engine.begin() as connection:
        _note(connection, chore, today)


def note_erasure(connection: Connection, today: date) -> None:
    """Keep that the files hold what this transaction deleted or moved, until they are rewritten."""
    _note(connection, "erase", today)


def _note(connection: Connection, chore: Chore, today: date | None) -> None:
    where = tables.upkeep.c.name == chore
    connection.execute(update(tables.upkeep).where(where).values(done_on=today))


def has_fresh(engine: Engine) -> bool:
    """Whether an answer or a comment came since the last rewrite, or answers were purged."""
    if done_on(engine, "erase") is not None:
        return True
    fresh = (tables.response.c.fresh, tables.comment.c.fresh)
    with engine.connect() as connection:
        found = (connection.execute(select(one).where(one).limit(1)).first() for one in fresh)
        return any(row is not None for row in found)


def rewrite(engine: Engine, today: date) -> None:
    """Write the answers that came since the last rewrite anew, in the order of their ids.

    May be ended at any moment and run again: nothing is lost, and it is noted as done only in the
    end. Answers that come meanwhile wait, or belong to the next rewrite. Raises StoreError where
    the write-ahead log cannot be emptied, OperationalError where the database is busy.
    """
    if engine.dialect.name == "sqlite":
        _rewrite_sqlite(engine, today)
    else:
        _rewrite_postgresql(engine, today)


def _rewrite_sqlite(engine: Engine, today: date) -> None:
    with engine.begin() as connection:
        for table in (tables.slip, tables.response, tables.comment):
            connection.execute(text(f"UPDATE {table.name} SET fresh = 0 WHERE fresh"))  # noqa: S608
        note_erasure(connection, today)  # until the file is written, also where this is cut here
    with sqlite.plain(engine) as connection:
        connection.exec_driver_sql("VACUUM")  # every table and index in the order of its keys
    _empty_log(engine)
    _note_rewritten(engine, today)
    _empty_log(engine)
    _round_counter(engine)


def _round_counter(engine: Engine) -> None:
    """Raise the file's counter of changes to a multiple; an answer that comes meanwhile may miss it
    by one, and it is tried again."""
    file = sqlite.database_file(engine)
    for _ in range(3):
        counter = _counter(file)
        if counter % COUNTER_STEP == 0:
            return
        sqlite.step_counter(file, counter, COUNTER_STEP)
        _empty_log(engine)


def _empty_log(engine: Engine) -> None:
    until = time.monotonic() + _PATIENCE
    while not sqlite.fold(engine):
        if time.monotonic() > until:
            raise StoreError(sentence("upkeep.reader"))
        time.sleep(0.05)


def _counter(file: Path) -> int:
    """The counter in the file's header.

    Read by another process: where this one opens and closes the file beside SQLite, the system
    takes SQLite's locks away.
    """
    command = [sys.executable, "-I", "-S", "-c", _HEADER, str(file)]
    header = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603  our own
    return int.from_bytes(header[24:28], "big")


def _rewrite_postgresql(engine: Engine, today: date) -> None:
    with engine.begin() as connection:
        # No answer comes between; whoever reads goes on, and a dump sees all or all. In the order
        # in which an answer takes them: nobody waits for each other.
        connection.execute(text("LOCK TABLE slip, response, comment IN SHARE ROW EXCLUSIVE MODE"))
        # Who looks for a call that is being written anew would find none, and waits instead.
        connection.execute(text("LOCK TABLE recheck_call IN EXCLUSIVE MODE"))
        for table, fresh in _FRESH.items():
            connection.execute(text(_moved(table, fresh)))
        note_erasure(connection, today)  # until the files are written, also where this is cut here
    # The rows as they came lie in the files until these are written anew, with their indexes.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET lock_timeout = '10s'")
        try:
            # Of the seals, too, what was erased, and documents that others took the place of.
            for table in (*_FRESH, tables.seal, tables.sealed_document):
                _write_file_anew(connection, table)
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    _note_rewritten(engine, today)


def _write_file_anew(connection: Connection, table: Table) -> None:
    """Leave no deleted row in a table's file. Raises StoreError where somebody reads for too long.

    PostgreSQL keeps a deleted row in the new file while anybody's snapshot, even that of its own
    statistics, is older than the deletion; so this goes on until there was none.
    """
    until = time.monotonic() + _PATIENCE
    while _cluster(connection, table):
        if time.monotonic() > until:
            raise StoreError(sentence("upkeep.held"))
        time.sleep(0.05)


def _cluster(connection: Connection, table: Table) -> int:
    """Write a table's file and indexes anew; gives how many deleted rows it had to keep.

    PostgreSQL tells the number to whoever may do this, as the first of its detail, in any language.
    """
    said: list[str] = []
    driver = cast("psycopg.Connection", connection.connection.driver_connection)

    def note(notice: psycopg.errors.Diagnostic) -> None:
        said.append(notice.message_detail or "")

    driver.add_notice_handler(note)
    try:
        connection.exec_driver_sql(f"CLUSTER VERBOSE {table.name} USING pk_{table.name}")
    finally:
        driver.remove_notice_handler(note)
    return sum(int(found[0]) for found in (re.search(r"\d+", one) for one in said) if found)


def _note_rewritten(engine: Engine, today: date) -> None:
    with engine.begin() as connection:
        _note(connection, "rewrite", today)
        _note(connection, "erase", None)


def _moved(table: Table, where: str) -> str:
    """Delete rows and insert them again in the order of their keys, in one statement."""
    names = table.columns.keys()
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join("false" if name == "fresh" else f'"{name}"' for name in names)
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    return (
        f"WITH moved AS (DELETE FROM {table.name} WHERE {where} RETURNING *) "  # noqa: S608  names
        f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM moved ORDER BY {keys}"
    )
