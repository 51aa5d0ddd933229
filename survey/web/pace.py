"""How often one sender may send. Counts in the memory of one process and keeps nothing longer."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

MINUTE = 60.0  # seconds


class Pace:
    """At most so many in a minute from each sender.

    A minute begins with the first sending after the one before was over, and then every count is
    forgotten: what is kept never outgrows one minute of senders. Each worker process counts for
    itself, so an office with two workers lets through at most twice the limit.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._over = -math.inf

    def wait(self, sender: str) -> int:
        """Count one more from this sender; return 0, or the seconds it has to wait."""
        with self._lock:
            now = self._clock()
            if now >= self._over:
                self._over = now + MINUTE
                self._counts.clear()
            self._counts[sender] += 1
            if self._counts[sender] <= self._limit:
                return 0
            return max(1, math.ceil(self._over - now))
