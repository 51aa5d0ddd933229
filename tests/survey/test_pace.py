"""How often one sender may send."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.exceptions import TooManyRequests

from survey.web.pace import HOUR, Pace, keep_pace


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_as_many_as_allowed_pass_and_the_next_is_told_how_long_to_wait(clock):
    pace = Pace(3, clock=clock)
    assert [pace.wait("a") for _ in range(3)] == [0, 0, 0]
    clock.now += 20
    assert pace.wait("a") == 40


def test_whoever_waited_as_told_may_go_on(clock):
    pace = Pace(1, clock=clock)
    pace.wait("a")
    clock.now += 0.5
    clock.now += pace.wait("a")
    assert pace.wait("a") == 0


def test_one_sender_does_not_use_up_what_another_may(clock):
    pace = Pace(1, clock=clock)
    assert (pace.wait("a"), pace.wait("b")) == (0, 0)
    assert pace.wait("a") > 0


def test_an_hour_is_an_hour(clock):
    pace = Pace(1, HOUR, clock=clock)
    pace.wait("a")
    clock.now += 3000
    assert pace.wait("a") == 600


def test_nothing_is_kept_of_senders_of_a_window_that_is_over(clock):
    pace = Pace(5, clock=clock)
    for number in range(100):
        pace.wait(f"sender {number}")
    clock.now += 61
    pace.wait("another")
    assert set(pace._counts) == {"another"}


def test_threads_together_pass_no_more_than_allowed():
    pace = Pace(50)
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(pace.wait, ["a"] * 400))
    assert waits.count(0) == 50


def test_the_first_pace_that_is_too_fast_decides_and_spares_the_next(clock):
    address, account = Pace(1, clock=clock), Pace(9, clock=clock)
    keep_pace((address, "10.0.0.1"), (account, "an"))
    with pytest.raises(TooManyRequests) as refused:
        keep_pace((address, "10.0.0.1"), (account, "an"))
    assert refused.value.retry_after == 60
    assert account._counts["an"] == 1
