"""How often one sender may send."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from werkzeug.exceptions import TooManyRequests

from survey.web.limits import DAY, DayFull, DayPace, Pace, keep_pace, network_of


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


def test_a_day_is_a_day(clock):
    pace = Pace(1, DAY, clock=clock)
    pace.wait("a")
    clock.now += 80_000
    assert pace.wait("a") == 6_400


OFFICE = ZoneInfo("Asia/Ho_Chi_Minh")


class Wall:
    """The clock on an office's wall."""

    def __init__(self, text: str) -> None:
        self.shows = datetime.fromisoformat(text).replace(tzinfo=OFFICE)

    def __call__(self) -> datetime:
        return self.shows


def test_a_day_ends_at_midnight_of_the_office():
    wall = Wall("2026-10-15 16:00")
    pace = DayPace(1, wall)
    assert [pace.wait("a") for _ in range(2)] == [0, 8 * 3600]
    wall.shows = wall.shows.replace(hour=23, minute=59, second=30)
    assert pace.wait("a") == 30
    wall.shows += timedelta(seconds=30)
    assert [pace.wait("a") for _ in range(2)] == [0, 24 * 3600]


@pytest.mark.parametrize("wrong", ["2026-10-16 09:00", "2030-01-01 09:00"])
def test_a_clock_that_was_set_back_keeps_nobody_waiting_for_longer_than_a_day(wrong):
    wall = Wall(wrong)
    pace = DayPace(1, wall)
    pace.wait("a")
    wall.shows = datetime(2026, 10, 13, 9, tzinfo=OFFICE)
    assert pace.wait("a") == 0


def test_who_has_to_wait_for_another_day_is_told_so():
    pace = DayPace(1, Wall("2026-10-15 23:30"))
    keep_pace((pace, "a"))
    with pytest.raises(DayFull) as refused:
        keep_pace((pace, "a"))
    assert refused.value.retry_after == datetime(2026, 10, 16, tzinfo=OFFICE)


def test_a_day_goes_on_from_what_was_counted_before():
    pace = DayPace(5, Wall("2026-10-15 16:00"))
    pace.count("a", 3)
    assert [pace.wait("a") > 0 for _ in range(3)] == [False, False, True]
    assert pace.wait("b") == 0


def test_nothing_is_kept_of_senders_of_a_window_that_is_over(clock):
    pace = Pace(5, clock=clock)
    for number in range(100):
        pace.wait(f"sender {number}")
    clock.now += 61
    pace.wait("another")
    assert pace.senders() == 1


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
    assert [account.wait("an") for _ in range(9)] == [0] * 8 + [60]  # one was counted before


def test_what_was_right_is_taken_back_and_never_more_than_that(clock):
    pace = Pace(1, clock=clock)
    for _ in range(5):
        assert pace.wait("a") == 0
        pace.forgive("a")
    pace.forgive("a")
    assert [pace.wait("a") for _ in range(2)] == [0, 60]


def test_beyond_its_room_those_counted_least_are_forgotten(clock):
    pace = Pace(3, clock=clock, senders=64)
    for _ in range(4):
        pace.wait("guessing")
    for number in range(1000):
        pace.wait(f"passing by {number}")
    assert pace.senders() == 64
    assert pace.wait("guessing") > 0


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")


def forked(work) -> int:
    """Run ``work`` in a process that shares what this one made; return its number."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(0)
    return process


@needs_fork
def test_processes_together_pass_no_more_than_allowed():
    pace = Pace(50)
    reader, writer = os.pipe()

    def send() -> None:
        passed = sum(pace.wait("a") == 0 for _ in range(100))
        os.write(writer, bytes([passed]))

    for process in [forked(send) for _ in range(4)]:
        os.waitpid(process, 0)
    assert sum(os.read(reader, 4)) == 50
    os.close(reader)
    os.close(writer)


@needs_fork
def test_a_process_that_dies_while_it_counts_stops_nobody():
    pace = Pace(1)
    reader, writer = os.pipe()

    def hold() -> None:
        with pace._lock:
            os.write(writer, b"held")
            signal.pause()

    process = forked(hold)
    assert os.read(reader, 4) == b"held"
    os.kill(process, signal.SIGKILL)
    assert pace.wait("a") == 0  # waits for as long as it is held
    os.waitpid(process, 0)
    os.close(reader)
    os.close(writer)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into a process of Linux")
def test_no_address_stands_in_the_memory_that_is_shared():
    pace = Pace(1)
    pace.wait("203.0.113.77 quay-1")
    assert b"203.0.113" not in pace._memory[:]
    other = Pace(1)
    other.wait("203.0.113.77 quay-1")
    assert pace._memory[16:] != other._memory[16:]  # the digest's key is of this start alone


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("a name", "unknown"),
    ],
)
def test_an_address_stands_for_one_subscriber(address, counted):
    assert network_of(address) == counted
