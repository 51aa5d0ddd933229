"""A transaction that holds everything, also what it read; one that reads as of one moment; and how
many rows one may change while others wait."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from survey.store import sqlite

STEP: Final = 1000
"""Rows that are changed in one transaction where there may be many: on SQLite everybody else waits
for its end, and is told that the server is busy after five seconds (`BUSY_SERVING`)."""

_T = TypeVar("_T")


def in_steps(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Rows, or their ids, in parts for a transaction each."""
    for start in range(0, len(rows), STEP):
        yield rows[start : start + STEP]


@contextmanager
def whole_transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes of tables and views are a part of, on both databases."""
    if engine.dialect.name == "sqlite":
        with sqlite.immediate(engine) as connection:
            yield connection
    else:
        with engine.begin() as connection:
            yield connection


@contextmanager
def step(engine: Engine) -> Iterator[Connection]:
    """One of many whole transactions in a row, with a pause after it that is as long as it was.

    Who waits for SQLite looks ten times a second whether it is free: without pauses one step would
    follow the other, and it never would be.
    """
    with whole_transaction(engine) as connection:
        begun = time.monotonic()
        yield connection
    if engine.dialect.name == "sqlite":
        time.sleep(time.monotonic() - begun)


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """Everything that is read within is as it was at one moment. Nothing is to be written."""
    if engine.dialect.name == "sqlite":
        with sqlite.plain(engine) as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")
    else:
        with engine.connect() as connection:
            yield connection.execution_options(isolation_level="REPEATABLE READ")
