"""A transaction that holds everything, also what it read; and one that reads as of one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from survey.store import sqlite


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
