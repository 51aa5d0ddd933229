"""Waits for another thread or process. No fixed pauses: a slow machine only waits longer."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Return as soon as ``true`` says so; fail after ``seconds``."""
    over = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < over, f"not true within {seconds} seconds"
        time.sleep(0.005)
