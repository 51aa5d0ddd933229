"""A request or a carried file full of records: each is taken or refused on its own.

Owns the receipts and the seal of the file that staff carry by hand. Must not know HTTP; what taking
responses means it is told.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from kiosk.devices import Device, clock_is_off
from kiosk.office import Outcome
from kiosk.records import (
    FieldProblem,
    FindQuestionnaire,
    KioskResponse,
    Receipt,
    RefusedRecord,
    read_record,
    response_id_of,
)
from kiosk.strict_json import read_json
from questionnaires import Sentences, load_sentences
from questionnaires.sentences import filled

Take = Callable[[Sequence[KioskResponse]], Sequence[Outcome]]
Read = Callable[[object, FindQuestionnaire], KioskResponse]

_log = logging.getLogger("hailong.kiosk")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record. `later`: our fault, undecided; the tablet keeps it and retries."""

    response_id: str | None
    receipt: Receipt | Literal["refused", "later"]
    problems: tuple[FieldProblem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape that the tablet reads."""
        problems = [{"place": problem.place, "code": problem.code} for problem in self.problems]
        return {"response_id": self.response_id, "receipt": self.receipt, "problems": problems}


def take_records(
    records: Sequence[object],
    find_questionnaire: FindQuestionnaire,
    take: Take,
    read: Read = read_record,
) -> list[Result]:
    """One result a record, in their order. No record's failure keeps another one out."""
    found = [_read(record, find_questionnaire, read) for record in records]
    responses = [one for one in found if isinstance(one, KioskResponse)]
    outcomes = iter(_take(take, responses) if responses else ())
    return [
        one if isinstance(one, Result) else _result(one.response_id, next(outcomes))
        for one in found
    ]


def _read(
    record: object, find_questionnaire: FindQuestionnaire, read: Read
) -> KioskResponse | Result:
    try:
        return read(record, find_questionnaire)
    except RefusedRecord as refusal:
        return Result(response_id_of(record), "refused", refusal.problems)
    except Exception:
        # A bug that one record meets: the others go on, this one stays on the tablet. The log
        # names the failure, never the answers.
        _log.exception("a kiosk record could not be read; the tablet keeps it")
        return Result(response_id_of(record), "later")


def _take(take: Take, responses: Sequence[KioskResponse]) -> Sequence[Outcome]:
    try:
        return take(responses)
    except Exception:
        _log.exception("kiosk records could not be stored; the tablet keeps them")
        return [None] * len(responses)


def _result(response_id: str, outcome: Outcome) -> Result:
    if outcome is None:
        return Result(response_id, "later")
    if isinstance(outcome, tuple):
        return Result(response_id, "refused", outcome)
    return Result(response_id, outcome)


FORMAT: Final = "hailong.kiosk-export/1"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY = 86_400  # seconds


class BadExport(ValueError):
    """The file is no export of a tablet, or was changed after the tablet wrote it.

    Says why in every language; wordings live in `data/problems.toml`.
    """

    def __init__(self, why: str, **words: str) -> None:
        super().__init__(filled(_problems(), f"export.{why}", **words))


@cache
def _problems() -> Sentences:
    return load_sentences(files("kiosk") / "data" / "problems.toml")


@dataclass(frozen=True, slots=True)
class EnrolmentPart:
    """Records that were answered under one enrolment. `clock_off`: of the tablet that wrote it."""

    device: Device
    clock_off: bool
    records: tuple[object, ...]


def read_export(
    text: str, find_device: Callable[[str], Device | None]
) -> tuple[EnrolmentPart, ...]:
    """The sealed parts of a file. Raises BadExport unless every one of them is sound.

    `find_device` finds an enrolled tablet by its id, also one that was taken out of use.
    """
    document = _json(text)
    parts = document.get("parts")
    if document.get("format") != FORMAT or not isinstance(parts, list):
        raise BadExport("format", format=FORMAT)
    return tuple(_part(part, find_device) for part in parts)


def _part(part: object, find_device: Callable[[str], Device | None]) -> EnrolmentPart:
    if not isinstance(part, Mapping):
        raise BadExport("no_object")
    id_, payload, signature = (part.get(name) for name in ("device", "payload", "signature"))
    if not (isinstance(id_, str) and isinstance(payload, str) and isinstance(signature, str)):
        raise BadExport("incomplete")
    device = find_device(id_)
    if device is None:
        raise BadExport("stranger", device=id_)
    sealed = seal(device, payload).encode("ascii")
    if not hmac.compare_digest(sealed, signature.encode("ascii", "replace")):
        raise BadExport("changed", device=id_)
    return _opened(device, _json(payload))


def seal(device: Device, payload: str) -> str:
    """HMAC-SHA-256 of a payload under the digest of the tablet's secret, in hex."""
    key = bytes.fromhex(device.secret_hash)
    return hmac.new(key, payload.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _opened(device: Device, payload: dict[str, Any]) -> EnrolmentPart:
    records, offset = payload.get("responses"), payload.get("offset_s")
    if not isinstance(records, list):
        raise BadExport("no_list", device=device.id)
    number = isinstance(offset, int | float) and not isinstance(offset, bool)
    off = number and clock_is_off(offset)  # type: ignore[arg-type]  # `number` has said so
    return EnrolmentPart(device, off, tuple(records))


def reader(part: EnrolmentPart, today: date) -> Read:
    """How to read the records of this part: they carry the date of answering, not an age.

    A date that has not come yet is the wrong clock's: the response is dated today and marked.
    """

    def read(record: object, find_questionnaire: FindQuestionnaire) -> KioskResponse:
        if not isinstance(record, Mapping):
            raise RefusedRecord((FieldProblem("record", "not_an_object"),))
        age = _days_since(record.get("answered_on"), today) * _DAY
        # The counter that a record names is the one of its enrolment, under the id of that day.
        sent = {name: record[name] for name in record if name not in ("answered_on", "counter")}
        if "age_s" in sent:
            raise RefusedRecord((FieldProblem("record", "unknown_field"),))
        doubtful = record.get("clock_doubtful", False) or part.clock_off or age < 0
        return read_record(
            {**sent, "age_s": max(0, age), "clock_doubtful": doubtful}, find_questionnaire
        )

    return read


def _days_since(text: object, today: date) -> int:
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise RefusedRecord((FieldProblem("answered_on", "malformed"),))
    try:
        return (today - date.fromisoformat(text)).days
    except ValueError:
        raise RefusedRecord((FieldProblem("answered_on", "malformed"),)) from None


def _json(text: str) -> dict[str, Any]:
    try:
        found = read_json(text)
    except ValueError as error:
        raise BadExport("cut_off") from error
    if not isinstance(found, dict):
        raise BadExport("not_an_object")
    return found
