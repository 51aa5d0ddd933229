"""How often one sender may send, counted once for all processes of the server.

Counts lie in memory that forked processes share and on no disk, under digests whose key nobody
keeps: not even a dump of it says who was there. What a window counted is forgotten with it.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from ipaddress import IPv4Address, ip_address, ip_network
from mmap import mmap
from secrets import token_bytes
from struct import Struct
from threading import Lock
from typing import Final
from weakref import finalize
from zoneinfo import ZoneInfo

from werkzeug.exceptions import TooManyRequests

MINUTE, DAY = 60.0, 86_400.0  # seconds

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
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._lock = _SharedLock()
        self._key = token_bytes(16)
        self._senders = senders
        self._memory = mmap(-1, _OVER.size + senders * _SLOT.size)
        _OVER.pack_into(self._memory, 0, -math.inf)

    def wait(self, sender: str) -> int:
        """Count one more from this sender; return 0, or the seconds it has to wait."""
        with self._lock:
            left = self._left()
            return 0 if self._add(sender, 1) <= self._limit else max(1, math.ceil(left))

    def count(self, sender: str, number: int) -> None:
        """Count as many of this sender in the window, whatever the limit is."""
        with self._lock:
            self._left()
            self._add(sender, number)

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

    def __init__(
        self, limit: int, zone: ZoneInfo, now: Callable[[ZoneInfo], datetime] = datetime.now
    ) -> None:
        # Seconds by the clock on the wall: a day of it begins at a multiple of DAY.
        super().__init__(limit, DAY, lambda: now(zone).replace(tzinfo=UTC).timestamp())

    def refusal(self, seconds: int) -> TooManyRequests:
        """Ask for another day."""
        return DayFull(retry_after=seconds)

    def _end(self, now: float) -> float:
        return (now // DAY + 1) * DAY


class _SharedLock:
    """Keeps out other threads, and other processes that were forked after it was made.

    The system takes the file's lock back from a process that dies.
    """

    def __init__(self) -> None:
        self._threads = Lock()
        with tempfile.TemporaryFile() as file:  # which has no name
            self._file = os.dup(file.fileno())
        finalize(self, os.close, self._file)

    def __enter__(self) -> None:
        self._threads.acquire()
        if sys.platform != "win32":  # where no process forks
            import fcntl

            fcntl.lockf(self._file, fcntl.LOCK_EX)

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
