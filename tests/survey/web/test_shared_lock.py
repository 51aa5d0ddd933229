"""The lock that counts for all processes of a server: threads of several meet at two of them."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from survey.web.limits import _SharedLock
from tests.waiting import PATIENCE

ROUNDS, THREADS, PROCESSES = 3_000, 4, 3


def hammer(locks: tuple[_SharedLock, _SharedLock]) -> list[str]:
    """Take one after the other, never two at once, in several threads; what went wrong."""
    wrong: list[str] = []

    def take(first: int) -> None:
        try:
            for number in range(ROUNDS):
                with locks[(first + number) % 2]:
                    pass
        except OSError as error:
            wrong.append(str(error))

    threads = [
        threading.Thread(target=take, args=(number,), daemon=True) for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return wrong + ["it did not end" for thread in threads if thread.is_alive()]


@pytest.mark.skipif(sys.platform == "win32", reason="no process forks there")
def test_threads_of_several_processes_never_meet_a_deadlock_that_is_none() -> None:
    locks = (_SharedLock(), _SharedLock())
    children = []
    for _ in range(PROCESSES - 1):
        child = os.fork()
        if child == 0:
            os._exit(1 if hammer(locks) else 0)
        children.append(child)
    assert hammer(locks) == []
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(children)
