"""Stores what waits at the same moment in one transaction.

Making a transaction durable costs a flush of the disk, however much it holds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from survey.intake import Receipt, Response
from survey.store.sqlite import BUSY_MILLISECONDS, require_same_file

Store: TypeAlias = Callable[[Connection, Response], Receipt]
"""Stores one response within a transaction."""

Outcome: TypeAlias = Receipt | Exception
"""A receipt once the response is durable; an error where the database is locked, full or away."""


def store_together(
    engine: Engine, responses: Sequence[Response], store: Store
) -> Sequence[Outcome]:
    """Store responses in one durable transaction, an outcome each, in their order."""
    try:
        with engine.begin() as connection:
            receipts = [store(connection, response) for response in responses]
        require_same_file(engine)
    except (OperationalError, InterfaceError, NoConnection) as error:  # the same for all
        return [error] * len(responses)
    except Exception as error:  # one of them is at fault, and the others must not suffer
        if len(responses) == 1:
            return [error]
        return [store_together(engine, [response], store)[0] for response in responses]
    return receipts


@dataclass(slots=True, eq=False)
class _Waiting:
    """A response that waits, and what became of it."""

    response: Response
    outcome: Outcome | None = None


class Writer:
    """Lets the threads of a process store responses together, in the one file that they share.

    Each thread puts its responses in the queue and asks for its turn. The first stores everything
    that waits; the others find theirs done when their turn comes, which is after the commit.
    """

    def __init__(self, store: Store) -> None:
        """Take the function that stores one response within a transaction."""
        self._store = store
        self._queue: deque[_Waiting] = deque()
        self._lock = Lock()

    def add(self, engine: Engine, responses: Sequence[Response]) -> list[Outcome]:
        """Store responses, an outcome each, in their order."""
        mine = [_Waiting(response) for response in responses]
        self._queue.extend(mine)
        with self._turn(mine) as mine_now:
            if mine_now and any(one.outcome is None for one in mine):
                self._store_waiting(engine)
        return [one.outcome or _too_long() for one in mine]

    @contextmanager
    def _turn(self, mine: Sequence[_Waiting]) -> Iterator[bool]:
        """Wait for the turn; False where it does not come, and then nothing of `mine` is left."""
        if not self._lock.acquire(timeout=BUSY_MILLISECONDS / 1000):
            for one in mine:
                with suppress(ValueError):  # another thread took it just now
                    self._queue.remove(one)
            yield False
            return
        try:
            yield True
        finally:
            self._lock.release()

    def _store_waiting(self, engine: Engine) -> None:
        count = len(self._queue)  # it may grow meanwhile
        waiting = [self._queue.popleft() for _ in range(count)]
        outcomes = store_together(engine, [one.response for one in waiting], self._store)
        for one, outcome in zip(waiting, outcomes, strict=True):
            one.outcome = outcome


def _too_long() -> OperationalError:
    return OperationalError("BEGIN", None, TimeoutError("other writes take too long"))
