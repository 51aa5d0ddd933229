"""What a tablet's requests must look like: secret, JSON, and every field of them.

Hostile bytes in, checked values or a RequestError out. Decides nothing about answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from kiosk.devices import digest_of, is_secret
from kiosk.health import Heartbeat

MAX_BYTES: Final = 512 * 1024
MAX_RECORDS: Final = 100
"""More than a tablet sends at once: it sends its queue in parts."""

MOST: Final = 2**31 - 1
"""The largest count or number of seconds that is kept; 68 years of seconds."""

LATEST: Final = 1e11
"""Epoch seconds beyond which a clock is nonsense: the year 5138."""

_BUILD = re.compile(r"[0-9a-z]{1,40}")
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}@[0-9]{1,4}")
_STORAGE: Final = ("granted", "denied", "missing", "full")


class RequestError(Exception):
    """The request as a whole is not understood or not served."""

    def __init__(self, status: int, code: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A code as somebody typed it, and the digest of the tablet's secret."""

    code: str
    secret_hash: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The tablet's clock at sending (epoch seconds) and its records, whatever they are."""

    clock: float
    records: list[object]


def secret_hash() -> str:
    """The digest of the secret that the request carries. Raises RequestError (401)."""
    bearer = request.authorization
    if bearer is None or bearer.type != "bearer" or not is_secret(bearer.token):
        raise RequestError(401, "unknown_device")
    return digest_of(str(bearer.token))


def read_enrolment() -> Enrolment:
    """The body of an enrolment. Raises RequestError."""
    body = _read_object({"code", "secret"})
    code, secret = body["code"], body["secret"]
    if not isinstance(code, str) or len(code) > 64 or not is_secret(secret):
        raise RequestError(422, "malformed")
    return Enrolment(code, digest_of(secret))


def read_delivery() -> Delivery:
    """The body of a delivery of responses. Raises RequestError."""
    body = _read_object({"clock", "responses"})
    clock, records = body["clock"], body["responses"]
    if not _is_clock(clock) or not isinstance(records, list) or not records:
        raise RequestError(400, "not_a_request")
    if len(records) > MAX_RECORDS:
        raise RequestError(413, "too_many_records")
    return Delivery(clock, records)


def read_heartbeat(now: float) -> Heartbeat:
    """The body of a heartbeat; `now` is the server's clock in epoch seconds. Raises RequestError.

    Of a questionnaire that the tablet does not have yet it says null, and so of the age of
    nothing that waits.
    """
    names = ("unsent", "quarantined", "oldest_s", "sent", "build", "questionnaire", "storage")
    body = _read_object({"clock", *names})
    told = {
        **body,
        "oldest_s": _or_default(body["oldest_s"], 0),
        "questionnaire": _or_default(body["questionnaire"], ""),
    }
    if not all(holds(told[name]) for name, holds in _HEARTBEAT.items()):
        raise RequestError(422, "malformed")
    offset = round(max(-MOST, min(MOST, told["clock"] - now)))
    return Heartbeat(**{name: told[name] for name in names}, clock_offset_s=offset)


def _or_default(value: object, default: object) -> object:
    return default if value is None else value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _is_clock(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < LATEST  # type: ignore[arg-type]  # false of a NaN too


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_HEARTBEAT: Final[Mapping[str, Callable[[Any], bool]]] = {
    "clock": _is_clock,
    "unsent": _is_count,
    "quarantined": _is_count,
    "oldest_s": _is_count,
    "sent": _is_count,
    "build": _matches(_BUILD),
    "questionnaire": lambda value: value == "" or _matches(_KEY)(value),
    "storage": lambda value: isinstance(value, str) and value in _STORAGE,
}


def _read_object(fields: set[str]) -> dict[str, Any]:
    """An object with exactly these fields. Unknown ones are refused: they would be lost."""
    body = _read_json()
    if not isinstance(body, dict) or body.keys() != fields:
        raise RequestError(400, "not_a_request")
    return body


def _read_json() -> object:
    # Only JSON: a form on another site can send text or form fields to us, but not this type.
    if request.mimetype != "application/json":
        raise RequestError(415, "not_json")
    request.max_content_length = MAX_BYTES
    try:
        return json.loads(request.get_data(cache=False), parse_constant=_no_constant)
    except RequestEntityTooLarge as error:
        raise RequestError(413, "too_large") from error
    except (ValueError, RecursionError) as error:
        raise RequestError(400, "not_json") from error


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is no JSON"
    raise ValueError(msg)
