"""A transaction that holds everything, also what it read: nobody writes between."""

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
