"""Every limit of the server, made once before its processes start: what is counted by whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Final

from flask import Flask, g, request
from sqlalchemy import Engine
from werkzeug.exceptions import ServiceUnavailable

from survey.config import Config
from survey.store.posted import posted_on
from survey.web.pace import DayPace, Pace

# Wrong passwords for one account from one place: slow to guess, and nobody else is kept out.
TRIES_A_MINUTE: Final = 5

# Guessing one of 31**8 pairing codes within their 15 minutes has no chance at this pace. An
# address that guesses keeps nobody at another one from pairing until all together do.
GUESSES_PER_ADDRESS_A_MINUTE: Final = 10
GUESSES_A_MINUTE: Final = 600

# For each tablet by itself: an office's tablets share one address. A queue of a thousand answers
# is twenty requests; a tablet that sends without end is slowed down alone.
REQUESTS_PER_TABLET_A_MINUTE: Final = 300

WRITERS: Final = 4  # requests of a process that write at once; the other threads only read
WRITER_SECONDS: Final = 1.0  # how long one more waits for a place
HASH_SECONDS: Final = 5.0


class Turn:
    """A bounded number at once, a bounded number waiting, each a bounded time."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._places = BoundedSemaphore(at_once)
        self._seats = BoundedSemaphore(at_once + waiting)
        self._seconds = seconds

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place. Raises ServiceUnavailable where there is none in time."""
        if not self._seats.acquire(blocking=False):
            raise ServiceUnavailable
        try:
            if not self._places.acquire(timeout=self._seconds):
                raise ServiceUnavailable
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._seats.release()


@dataclass(frozen=True, slots=True)
class Limits:
    """Paces count for all processes of the server, turns for each process.

    ``answers`` are sent forms of one address at one counter, ``counter_day`` those of one counter,
    ``address_day`` those of one address at it. A password is hashed for a browser that signed in
    before (``known``) or another (``strangers``), one of each at a time: a hash takes 64 MB.
    """

    answers: Pace
    counter_day: Pace
    address_day: Pace
    sign_in: Pace
    guesses_by_address: Pace
    guesses: Pace
    tablet: Pace
    writers: Turn
    known: Turn
    strangers: Turn

    @classmethod
    def of(cls, config: Config) -> Limits:
        """Return the limits of an installation."""
        day = config.responses_per_counter_a_day
        return cls(
            answers=Pace(config.responses_per_minute),
            counter_day=DayPace(day, config.zone),
            address_day=DayPace(max(1, day // 2), config.zone),
            sign_in=Pace(TRIES_A_MINUTE),
            guesses_by_address=Pace(GUESSES_PER_ADDRESS_A_MINUTE),
            guesses=Pace(GUESSES_A_MINUTE, senders=1),
            tablet=Pace(REQUESTS_PER_TABLET_A_MINUTE),
            writers=Turn(WRITERS, 2, WRITER_SECONDS),
            known=Turn(1, 1, HASH_SECONDS),
            strangers=Turn(1, 1, HASH_SECONDS),
        )

    @classmethod
    def resumed(cls, config: Config, engine: Engine) -> Limits:
        """Return the limits of an installation whose counters had answers today already."""
        limits = cls.of(config)
        for counter, number in posted_on(engine, datetime.now(config.zone).date()).items():
            limits.counter_day.count(counter, number)
        return limits


def bound_writers(app: Flask, writers: Turn) -> None:
    """Let writing requests take only so many threads: whoever reads finds one while they wait.

    Sign-in has its own bound, by the hashing of passwords.
    """

    @app.before_request
    def take() -> None:
        if request.method == "POST" and request.endpoint != "auth.check":
            g.writing = ExitStack()
            g.writing.enter_context(writers.taken())

    @app.teardown_request
    def give_back(_error: BaseException | None) -> None:
        writing: ExitStack | None = g.pop("writing", None)
        if writing is not None:
            writing.close()
