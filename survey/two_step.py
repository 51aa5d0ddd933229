"""Codes of two-step sign-in: those of an app on the phone (TOTP, RFC 6238) and those for recovery.

Pure but for chance. An app's code is six digits for a step of 30 seconds, by HMAC-SHA-1, as every
app takes it; a recovery code is 16 letters and digits (79 bits), good for once.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from pyotp import TOTP, random_base32

from survey.links import random_code, typed_code

STEP: Final = 30  # seconds
DIGITS: Final = 6
AROUND: Final = 1  # steps before and after the server's that are taken
FAR: Final = 40  # steps: a clock that is wrong by up to 20 minutes is told as wrong
RECOVERY_CODES: Final = 8
_LENGTH: Final = 16


def new_secret() -> str:
    """Return what app and server share: 160 bits in base 32, 32 characters."""
    return random_base32()


def app_address(secret: str, account: str, office: str) -> str:
    """Return what the QR code tells the app (otpauth://totp/…)."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=office)


def in_groups(code: str, between: str = " ") -> str:
    """Return a long code as people copy it: in groups of four."""
    return between.join(code[start : start + 4] for start in range(0, len(code), 4))


def matched_step(secret: str, code: str, at: datetime, around: int = AROUND) -> int | None:
    """Return the step, of those around a moment, that a code belongs to, or None.

    The nearest one, where a code should fit several.
    """
    app, now = TOTP(secret), step_at(at)
    typed = typed_code(code)
    near = sorted(range(now - around, now + around + 1), key=lambda step: abs(step - now))
    found = [step for step in near if compare_digest(app.generate_otp(step), _ascii(typed))]
    return found[0] if found else None


def _ascii(typed: str) -> str:
    return typed if typed.isascii() else ""


def step_at(at: datetime) -> int:
    """Return the number of the step at a moment: steps since 1970."""
    return int(at.timestamp()) // STEP


def minutes_off(secret: str, code: str, at: datetime) -> int | None:
    """Return by how many minutes the clock of the app's phone is ahead (behind: negative).

    None where the code fits no moment of the 20 minutes before and after.
    """
    step = matched_step(secret, code, at, FAR)
    if step is None:
        return None
    off = (step - step_at(at)) * STEP
    return (1 if off >= 0 else -1) * max(1, round(abs(off) / 60))


def is_app_code(code: str) -> bool:
    """Whether this is written as an app's code: six digits."""
    typed = typed_code(code)
    return typed.isascii() and typed.isdecimal() and len(typed) == DIGITS


def new_recovery_codes() -> tuple[str, ...]:
    """Return codes for whoever has lost the phone, in groups of four."""
    return tuple(in_groups(random_code(_LENGTH), "-") for _ in range(RECOVERY_CODES))


def recovery_digest(code: str) -> str:
    """Return what is kept of a recovery code (SHA-256, hex), however it is typed."""
    return sha256(typed_code(code).encode("utf-8", "replace")).hexdigest()
