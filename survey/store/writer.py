"""The one writer of an SQLite file: stores what waits at the same moment in one transaction.

Making a transaction durable costs a flush of the disk, however much it holds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from survey.intake import Receipt, Response
from survey.store import BUSY_MILLISECONDS


@dataclass(slots=True, eq=False)
class _Waiting:
    """A response that waits, and what became of it."""

    response: Response
    receipt: Receipt | None = None
    error: Exception | None = None


class Writer:
    """Lets the threads of a process store responses together.

    Each thread puts its response in the queue and asks for its turn. The first stores everything
    that waits; the others find theirs done when their turn comes, which is after the commit.
    """

    def __init__(self, store: Callable[[Connection, Response], Receipt]) -> None:
        """Take the function that stores one response within a transaction."""
        self._store = store
        self._queue: deque[_Waiting] = deque()
        self._lock = Lock()

    def add(self, engine: Engine, response: Response) -> Receipt:
        """Store a response; durable when this returns.

        Raises OperationalError where the database is locked, full or away.
        """
        mine = _Waiting(response)
        self._queue.append(mine)
        with self._turn(mine):
            if mine.receipt is None and mine.error is None:
                count = len(self._queue)  # it may grow meanwhile
                self._store_together(engine, [self._queue.popleft() for _ in range(count)])
        if mine.receipt is None:
            raise mine.error or RuntimeError("a response that waited was not stored")
        return mine.receipt

    @contextmanager
    def _turn(self, mine: _Waiting) -> Iterator[None]:
        if not self._lock.acquire(timeout=BUSY_MILLISECONDS / 1000):
            with suppress(ValueError):  # another thread took it just now
                self._queue.remove(mine)
            raise OperationalError("BEGIN", None, TimeoutError("other writes take too long"))
        try:
            yield
        finally:
            self._lock.release()

    def _store_together(self, engine: Engine, waiting: Sequence[_Waiting]) -> None:
        try:
            with engine.begin() as connection:
                receipts = [self._store(connection, one.response) for one in waiting]
        except OperationalError as error:  # locked, full or away: the same for all
            for one in waiting:
                one.error = error
        except Exception as error:  # one of them is at fault, and the others must not suffer
            if len(waiting) == 1:
                waiting[0].error = error
            else:
                for one in waiting:
                    self._store_together(engine, [one])
        else:
            for one, receipt in zip(waiting, receipts, strict=True):
                one.receipt = receipt
