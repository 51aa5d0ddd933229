"""How often one sender may send and how many may write, for all processes of the server.

Counts lie in memory that forked processes share and on no disk, under digests whose key nobody
keeps: not even a dump of it says who was there. What a window counted is forgotten with it.
"""

from __future__ import annotations

import errno
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from ipaddress import IPv4Address, ip_address, ip_network
from mmap import mmap
from secrets import token_bytes
from struct import Struct
from threading import BoundedSemaphore, Lock
from typing import Final
from weakref import finalize

from flask import Flask, g, request
from sqlalchemy import Engine
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from survey.config import Config
from survey.store.responses import posted_on

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0  # seconds

_OVER, _SLOT = Struct("<d8x"), Struct("<8sQ")
_PROBES: Final = 32
_NOBODY: Final = bytes(8)


class DayFull(TooManyRequests):
    """As many as a day has came already: the next one has to wait for another day."""


class Pace:
    """At most ``limit`` from each sender in a window of ``seconds``.

    A window begins with the first sending after the one before was over. There is room for
    ``senders`` of one window; beyond that, those counted least are forgotten. Made before the
    server forks, it counts for all its processes.
    """

    def __init__(
        self,
        limit: int,
        seconds: float = MINUTE,
        clock: Callable[[], float] = time.monotonic,
        senders: int = 16_384,
    ) -> None:
        self.limit, self._seconds, self._clock = limit, seconds, clock
        self._lock = _SharedLock()
        self._key = token_bytes(16)
        self._senders = senders
        self._memory = mmap(-1, _OVER.size + senders * _SLOT.size)
        _OVER.pack_into(self._memory, 0, -math.inf)

    def wait(self, sender: str) -> int:
        """Count one more from this sender; return 0, or the seconds it has to wait."""
        with self._lock:
            left = self._left()
            return 0 if self._add(sender, 1) <= self.limit else max(1, math.ceil(left))

    def count(self, sender: str, number: int = 1) -> int:
        """Count so many more of this sender, whatever the limit is; return how many there are."""
        with self._lock:
            self._left()
            return self._add(sender, number)

    def forgive(self, sender: str) -> None:
        """Take back one count of this sender."""
        with self._lock:
            self._add(sender, -1)

    def senders(self) -> int:
        """How many senders are kept at the moment."""
        with self._lock:
            return sum(self._slot(place)[0] != _NOBODY for place in range(self._senders))

    def refusal(self, seconds: int) -> TooManyRequests:
        """What whoever has to wait so long is told."""
        return TooManyRequests(retry_after=seconds)

    def _left(self) -> float:
        """Seconds until the window is over; a new one where it is, or where the clock was set."""
        now = self._clock()
        (over,) = _OVER.unpack_from(self._memory)
        if not 0 < over - now <= self._seconds + 1:
            over = self._end(now)
            self._memory[:] = bytes(len(self._memory))
            _OVER.pack_into(self._memory, 0, over)
        return float(over - now)

    def _end(self, now: float) -> float:
        return now + self._seconds

    def _add(self, sender: str, more: int) -> int:
        """Change the count of a sender and return it; never below nothing."""
        name = blake2b(sender.encode("utf-8", "replace"), digest_size=8, key=self._key).digest()
        place, count = self._place(name)
        count = max(0, count + more)
        _SLOT.pack_into(self._memory, _OVER.size + place * _SLOT.size, name, count)
        return count

    def _place(self, name: bytes) -> tuple[int, int]:
        """Where a sender is counted and how often it was: a place of its own, or the least."""
        start = int.from_bytes(name, "little")
        least = (0, math.inf)
        for probe in range(min(_PROBES, self._senders)):
            place = (start + probe) % self._senders
            found, count = self._slot(place)
            if found in (name, _NOBODY):
                return place, count
            least = min(least, (place, count), key=lambda one: one[1])
        return least[0], 0

    def _slot(self, place: int) -> tuple[bytes, int]:
        name, count = _SLOT.unpack_from(self._memory, _OVER.size + place * _SLOT.size)
        return name, count


class DayPace(Pace):
    """At most ``limit`` from each sender on a day of the office's calendar."""

    def __init__(self, limit: int, now: Callable[[], datetime]) -> None:
        # Seconds by the clock on the wall: a day of it begins at a multiple of DAY.
        super().__init__(limit, DAY, lambda: now().replace(tzinfo=UTC).timestamp())
        self._now = now

    def refusal(self, seconds: int) -> TooManyRequests:
        """Ask for another day: a date, so that no phone waits for it, be it only minutes away."""
        return DayFull(retry_after=self._now() + timedelta(seconds=seconds))

    def _end(self, now: float) -> float:
        return (now // DAY + 1) * DAY


AGAIN_SECONDS: Final = 0.001


class _SharedLock:
    """Keeps out other threads, and other processes that were forked after it was made.

    The system takes the file's lock back from a process that dies. It counts locks by process and
    not by thread: where threads of two processes hold and want two of these, it sees a deadlock
    that is none, for nobody holds one while waiting for another. Then the lock is asked for again.
    """

    def __init__(self) -> None:
        self._threads = Lock()
        with tempfile.TemporaryFile() as file:  # which has no name
            self._file = os.dup(file.fileno())
        finalize(self, os.close, self._file)

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            while not self._taken():
                time.sleep(AGAIN_SECONDS)
        except BaseException:
            self._threads.release()
            raise

    def _taken(self) -> bool:
        """Take the file's lock, however long that is; False where the system refused to wait."""
        if sys.platform != "win32":  # where no process forks
            import fcntl

            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX)
            except OSError as error:
                if error.errno != errno.EDEADLK:
                    raise
                return False
        return True

    def __exit__(self, *_error: object) -> None:
        if sys.platform != "win32":
            import fcntl

            fcntl.lockf(self._file, fcntl.LOCK_UN)
        self._threads.release()


def keep_pace(*senders: tuple[Pace, str]) -> None:
    """Count one sending for each. Raises TooManyRequests where the first of them has to wait."""
    for pace, sender in senders:
        seconds = pace.wait(sender)
        if seconds:
            raise pace.refusal(seconds)


def network_of(address: str | None) -> str:
    """Whom an address stands for: itself, or of IPv6 its /64, which one subscriber has whole."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))


# Wrong passwords for one account from one place: slow to guess, and nobody else is kept out.
TRIES_A_MINUTE: Final = 5

# Codes of the second step, for an account from all places together. Three of a million are right at
# a time: who has the password guesses one with a chance of 1 in 700 a day.
CODES_AN_HOUR: Final = 20

# Guessing one of 31**8 pairing codes within their 15 minutes has no chance at this pace. An
# address that guesses keeps nobody at another one from pairing until all together do.
GUESSES_PER_ADDRESS_A_MINUTE: Final = 10
GUESSES_A_MINUTE: Final = 600

# For each tablet by itself: an office's tablets share one address. A queue of a thousand answers
# is twenty requests; a tablet that sends without end is slowed down alone.
REQUESTS_PER_TABLET_A_MINUTE: Final = 300

# For each token by itself: a province of a thousand offices reads a month in two minutes.
REQUESTS_PER_TOKEN_A_MINUTE: Final = 600

# What screening counts (survey.web.arrivals): a few counts an answer, of the answers of a day.
SCREENED: Final = 65_536

WRITERS: Final = 4  # requests of a process that write at once
WAITING: Final = 28  # and so many more that wait for it; the other threads only read
HASHING: Final = frozenset(
    {
        "auth.check",
        "password.choose",
        "account.change",
        "account.change_two_step",
        "account.change_provider",
    }
)
TURN_OF_THEIR_OWN: Final = HASHING | {"slip.send"}
"""Requests that take a turn themselves, or another one: of a used slip the page needs none."""

WRITER_SECONDS: Final = 1.0  # how long one more waits for a place
HASH_SECONDS: Final = 5.0
PROVIDER_SECONDS: Final = 5.0


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
    ``address_day`` those of one address at it; ``codes`` are those of a second step. A password is
    hashed for a browser that signed in before (``known``) or another (``strangers``), one of each
    at a time: a hash takes 64 MB. ``arrivals`` limits nothing: it counts for
    screening. ``provider``: who waits for the identity provider.
    """

    answers: Pace
    counter_day: Pace
    address_day: Pace
    sign_in: Pace
    codes: Pace
    guesses_by_address: Pace
    guesses: Pace
    tablet: Pace
    token: Pace
    arrivals: Pace
    writers: Turn
    known: Turn
    strangers: Turn
    provider: Turn

    @classmethod
    def of(cls, config: Config) -> Limits:
        """Return the limits of an installation."""
        day = config.responses_per_counter_a_day
        return cls(
            answers=Pace(config.responses_per_minute),
            counter_day=DayPace(day, config.now),
            address_day=DayPace(max(1, day // 2), config.now),
            sign_in=Pace(TRIES_A_MINUTE),
            codes=Pace(CODES_AN_HOUR, HOUR),
            guesses_by_address=Pace(GUESSES_PER_ADDRESS_A_MINUTE),
            guesses=Pace(GUESSES_A_MINUTE, senders=1),
            tablet=Pace(REQUESTS_PER_TABLET_A_MINUTE),
            token=Pace(REQUESTS_PER_TOKEN_A_MINUTE),
            arrivals=Pace(1, DAY, senders=SCREENED),
            writers=Turn(WRITERS, WAITING, WRITER_SECONDS),
            known=Turn(1, 1, HASH_SECONDS),
            strangers=Turn(1, 1, HASH_SECONDS),
            provider=Turn(2, 6, PROVIDER_SECONDS),
        )

    def follow(self, config: Config) -> None:
        """Take over what settings say now; what was counted stays."""
        day = config.responses_per_counter_a_day
        self.answers.limit = config.responses_per_minute
        self.counter_day.limit, self.address_day.limit = day, max(1, day // 2)

    @classmethod
    def resumed(cls, config: Config, engine: Engine) -> Limits:
        """Return the limits of an installation whose counters had answers today already."""
        limits = cls.of(config)
        for counter, number in posted_on(engine, config.today()).items():
            limits.counter_day.count(counter, number)
        return limits


def bound_writers(app: Flask, writers: Turn) -> None:
    """Let writing requests take only so many threads: whoever reads finds one while they wait.

    Where passwords are hashed, that is the bound; a slip takes its turn where it is used.
    """

    @app.before_request
    def take() -> None:
        if request.method == "POST" and request.endpoint not in TURN_OF_THEIR_OWN:
            g.writing = ExitStack()
            g.writing.enter_context(writers.taken())

    @app.teardown_request
    def give_back(_error: BaseException | None) -> None:
        writing: ExitStack | None = g.pop("writing", None)
        if writing is not None:
            writing.close()
