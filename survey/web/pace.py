"""How often one sender may send. Counts in the memory of one process and keeps nothing longer."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

from werkzeug.exceptions import TooManyRequests

MINUTE, HOUR = 60.0, 3600.0  # seconds


class Pace:
    """At most ``limit`` from each sender in a window of ``seconds``.

    A window begins with the first sending after the one before was over, and then every count is
    forgotten: what is kept never outgrows one window of senders. Each worker process counts for
    itself, so an office with two workers lets through at most twice the limit.
    """

    def __init__(
        self,
        limit: int,
        seconds: float = MINUTE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._over = -math.inf

    def wait(self, sender: str) -> int:
        """Count one more from this sender; return 0, or the seconds it has to wait."""
        with self._lock:
            now = self._clock()
            if now >= self._over:
                self._over = now + self._seconds
                self._counts.clear()
            self._counts[sender] += 1
            if self._counts[sender] <= self._limit:
                return 0
            return max(1, math.ceil(self._over - now))

    def forgive(self, sender: str) -> None:
        """Take back one count of this sender."""
        with self._lock:
            self._counts[sender] -= 1


def keep_pace(*senders: tuple[Pace, str]) -> None:
    """Count one sending for each. Raises TooManyRequests where the first of them has to wait."""
    for pace, sender in senders:
        seconds = pace.wait(sender)
        if seconds:
            raise TooManyRequests(retry_after=seconds)
