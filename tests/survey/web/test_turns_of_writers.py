"""A rush of citizens who send at one moment: they wait for one another, nobody is refused."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from werkzeug.exceptions import ServiceUnavailable

from survey.serving.server import THREADS
from survey.web.limits import WAITING, WRITERS, Turn


def test_as_many_as_have_a_place_or_a_seat_are_all_served():
    turn, rush = Turn(WRITERS, WAITING, 60), WRITERS + WAITING
    together = Barrier(rush)

    def write(number: int) -> int:
        together.wait(60)
        with turn.taken():
            time.sleep(0.001)
            return number

    with ThreadPoolExecutor(rush) as threads:
        assert sorted(threads.map(write, range(rush))) == list(range(rush))


def test_who_finds_neither_place_nor_seat_is_told_at_once():
    turn = Turn(1, 0, 60)
    with turn.taken(), pytest.raises(ServiceUnavailable), turn.taken():
        pass


def test_writers_leave_a_third_of_the_threads_to_those_who_read():
    assert 3 * (WRITERS + WAITING) <= 2 * THREADS
