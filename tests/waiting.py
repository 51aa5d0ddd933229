"""Waits for another thread, process or page. No fixed pauses but a person's own: a slow machine
only waits longer."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120
"""Seconds: a wait ends as soon as what it waits for is there, so only a failing test takes them."""
SEEING = 0.3
"""Seconds in which a person sees where the phone's Send moved to; a touch before is not taken."""


def wait_until(true: Callable[[], bool], what: str = "it", seconds: float = PATIENCE) -> None:
    """Return as soon as ``true`` says so; fail after ``seconds``, saying what did not come."""
    over = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < over, f"{what} did not come true within {seconds} seconds"
        time.sleep(0.005)
