"""Codes of an app as RFC 6238 has them, recovery codes, and text that one installation reads."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest

from survey.fernet import decrypt, encrypt
from survey.two_step import (
    is_app_code,
    matched_step,
    minutes_off,
    new_recovery_codes,
    new_secret,
    recovery_digest,
    step_at,
)
from tests.survey.two_step import STEP, shown

RFC = b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 10, 15, 8, 0, 10, tzinfo=UTC)
KEY = "k" * 64


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Its appendix B, of which an app shows the last six digits."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert matched_step(RFC, code, at, around=0) == step_at(at) == seconds // 30


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_phone_may_be_one_step_ahead_or_behind(steps: int, taken: bool) -> None:
    code = shown(RFC, NOW + steps * STEP)
    assert matched_step(RFC, code, NOW) == (step_at(NOW) + steps if taken else None)


@pytest.mark.parametrize("typed", ["{a} {b}", " {a}-{b} ", "{a}\N{NO-BREAK SPACE}{b}."])
def test_a_code_may_be_typed_as_it_is_read(typed: str) -> None:
    code = shown(RFC, NOW)
    assert matched_step(RFC, typed.format(a=code[:3], b=code[3:]), NOW) == step_at(NOW)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "\ud800"])
def test_what_is_no_code_is_taken_for_none(typed: str) -> None:
    assert not is_app_code(typed)
    assert matched_step(RFC, typed, NOW) is None
    assert len(recovery_digest(typed)) == 64


@pytest.mark.parametrize(("minutes", "told"), [(7, 7), (-12, -12), (1, 1), (19, 19), (25, None)])
def test_by_how_much_a_clock_is_off_can_be_told(minutes: int, told: int | None) -> None:
    code = shown(RFC, NOW + timedelta(minutes=minutes))
    assert minutes_off(RFC, code, NOW) == told


def test_recovery_codes_are_eight_that_cannot_be_guessed_and_are_read_however_they_are_typed() -> (
    None
):
    codes = new_recovery_codes()
    assert len(set(codes)) == 8
    assert all(len(code.replace("-", "")) == 16 and not is_app_code(code) for code in codes)
    first = codes[0]
    assert recovery_digest(first.upper().replace("-", " ")) == recovery_digest(first)
    assert recovery_digest(first) != recovery_digest(codes[1])
    assert len({new_secret() for _ in range(10)}) == 10


def test_encrypted_text_opens_with_its_key_for_its_purpose_in_its_time() -> None:
    made = encrypt(KEY, "one", "lan bí mật", NOW)
    later = NOW + timedelta(minutes=15)
    assert "lan" not in made
    assert decrypt(KEY, "one", made, later + timedelta(days=4000)) == "lan bí mật"
    assert decrypt(KEY, "one", made, later, within=900) == "lan bí mật"
    assert decrypt(KEY, "one", made, later + timedelta(seconds=1), within=900) is None
    assert decrypt(KEY, "two", made, NOW) is None
    assert decrypt("x" * 64, "one", made, NOW) is None
    assert decrypt(KEY, "one", made[:-8] + "AAAAAAA=", NOW) is None
    assert decrypt(KEY, "one", "", NOW) is None
    assert decrypt(KEY, "one", "ký tự lạ", NOW) is None
