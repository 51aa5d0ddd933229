"""How a tablet is, by what it last told: silent, holding answers, with a wrong clock, and so on.

Pure: the last contact and the opening time since then in, the troubles out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

SILENT_AFTER: Final = timedelta(minutes=30)
"""Of opening time: a tablet that is switched off over night is not silent in the morning."""

HELD_AFTER: Final = timedelta(hours=1)
CLOCK_OFF: Final = timedelta(days=1)

Storage = Literal["granted", "denied", "missing", "full"]
Trouble = Literal["silent", "unsent", "quarantined", "clock", "storage", "old_build"]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a tablet tells about itself; counts of responses, seconds.

    `oldest_s` is the age of the oldest unsent response, 0 where there is none. `clock_offset_s`
    is the tablet's clock minus the server's.
    """

    unsent: int
    quarantined: int
    oldest_s: int
    sent: int
    build: str
    questionnaire: str
    storage: Storage
    clock_offset_s: int


@dataclass(frozen=True, slots=True)
class Contact:
    """The last that was heard of a tablet; no heartbeat yet where it was only just enrolled."""

    seen_at: datetime
    heartbeat: Heartbeat | None = None


def troubles(contact: Contact, open_since: timedelta, build: str) -> tuple[Trouble, ...]:
    """What somebody should look at. `open_since` is the opening time that passed since `seen_at`;
    `build` is the version of the app that the server has."""
    return tuple(_troubles(contact, open_since, build))


def _troubles(contact: Contact, open_since: timedelta, build: str) -> Iterator[Trouble]:
    if open_since >= SILENT_AFTER:
        yield "silent"
    told = contact.heartbeat
    if told is None:
        return
    if told.unsent and told.oldest_s > HELD_AFTER.total_seconds():
        yield "unsent"
    if told.quarantined:
        yield "quarantined"
    if clock_is_off(told.clock_offset_s):
        yield "clock"
    if told.storage != "granted":
        yield "storage"
    if told.build != build:
        yield "old_build"


def clock_is_off(offset_s: float) -> bool:
    """Whether a clock is so wrong (in seconds) that dates from it may not be trusted."""
    return abs(offset_s) > CLOCK_OFF.total_seconds()
