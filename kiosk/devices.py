"""A tablet as a device: pairing code, secret, staff PIN, revocation, and what is wrong with it.

Pure rules; a moment is handed in. Must not know HTTP or how devices are kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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


# The letters of the posters' codes: no 0/o, 1/l/i, so that a code survives being read aloud.
ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH: Final = 8
CODE_LIFETIME: Final = timedelta(minutes=15)
HANDOVER: Final = timedelta(hours=24)
"""How long a revoked tablet may hand its answers over once staff have agreed."""

PIN_LENGTH: Final = 6
PIN_ITERATIONS: Final = 200_000
"""PBKDF2 on a slow tablet: under half a second; a million PINs: more than a day of it."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

Claim = Literal["new", "again", "refused"]


@dataclass(frozen=True, slots=True)
class Pin:
    """What a PIN is checked against, by the tablet itself: PBKDF2-SHA-256, salt and hash base64."""

    salt: str
    iterations: int
    hash: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code that was given out, without the code. `reusable` only in a demonstration.

    `counter`: what the office knows the counter by, and nobody else.
    """

    counter: str
    expires_at: datetime
    pin: Pin
    used_by: str | None = None
    reusable: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled tablet. `id` is public and shown to staff; of its secret only the hash is known.

    `counter`: what the office knows its counter by, and the tablet does not.
    `handover_until` is set where staff let a revoked tablet hand its answers over. `closed` while
    its counter is, which may come back.
    """

    id: str
    counter: str
    secret_hash: str
    enrolled_on: date
    pin: Pin
    revoked_on: date | None = None
    handover_until: datetime | None = None
    closed: bool = False

    @property
    def revoked(self) -> bool:
        """Whether the tablet is out of use, by itself or along with its counter."""
        return self.revoked_on is not None or self.closed

    def may_hand_in(self, now: datetime) -> bool:
        """Whether its answers are taken."""
        if not self.revoked:
            return True
        return self.handover_until is not None and now < self.handover_until


def claim(pairing: Pairing | None, secret_hash: str, now: datetime) -> Claim:
    """What a code gives to the tablet that sends it: a place, the same place again, or nothing.

    The same tablet may send its code again, also late: the reply may have been lost on the way.
    """
    if pairing is None:
        return "refused"
    if pairing.used_by is not None:
        return "again" if pairing.used_by == secret_hash else "refused"
    return "new" if now < pairing.expires_at else "refused"


def new_code() -> str:
    """A pairing code or a device's id. 31**8 of them: not to be guessed in a code's lifetime."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def readable_code(code: str) -> str:
    """A code as people read it: 'abcd-efgh'."""
    return f"{code[:4]}-{code[4:]}"


def new_pin() -> str:
    """A PIN for the tablet's staff screen: six digits."""
    return f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}}"


def pin_verifier(pin: str) -> Pin:
    """What the tablet checks this PIN against, without network."""
    salt = secrets.token_bytes(16)
    digest = hashlib.pbkdf2_hmac("sha256", pin.encode("ascii"), salt, PIN_ITERATIONS)
    return Pin(b64encode(salt).decode(), PIN_ITERATIONS, b64encode(digest).decode())


def is_secret(text: object) -> bool:
    """Whether this is the text of a tablet's secret: 32 bytes in base64url without padding."""
    return isinstance(text, str) and _SECRET.fullmatch(text) is not None


def digest_of(text: str) -> str:
    """SHA-256 of a secret or a code as it is written, in hex: what is kept instead of it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
