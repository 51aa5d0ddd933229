"""A request full of records: each is taken or refused on its own, and each gets its answer.

Owns the receipts. Must not know HTTP; what taking a record means it is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from kiosk.records import (
    FindQuestionnaire,
    KioskResponse,
    Problem,
    Receipt,
    RefusedRecord,
    read_record,
    response_id_of,
)
from kiosk.station import Station

Accept = Callable[[Station, KioskResponse], Receipt | tuple[Problem, ...]]
"""Take a response for good: a receipt once it is durable, or the reasons why it cannot be."""

_log = logging.getLogger("hailong.kiosk")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record. `later`: our fault, undecided; the tablet keeps it and retries."""

    response_id: str | None
    receipt: Receipt | Literal["refused", "later"]
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape that the tablet reads."""
        problems = [{"place": problem.place, "code": problem.code} for problem in self.problems]
        return {"response_id": self.response_id, "receipt": self.receipt, "problems": problems}


def take_records(
    station: Station, records: list[object], find_questionnaire: FindQuestionnaire, accept: Accept
) -> list[Result]:
    """One result a record, in their order. No record's failure keeps another one out."""
    return [_take(station, record, find_questionnaire, accept) for record in records]


def _take(
    station: Station, record: object, find_questionnaire: FindQuestionnaire, accept: Accept
) -> Result:
    response_id = response_id_of(record)
    try:
        outcome = accept(station, read_record(record, find_questionnaire))
    except RefusedRecord as refusal:
        return Result(response_id, "refused", refusal.problems)
    except Exception:
        # A busy disk or a bug that one record meets: the others go on, this one stays on the
        # tablet. The log names the failure, never the answers.
        _log.exception("a kiosk record could not be stored; the tablet keeps it")
        return Result(response_id, "later")
    if isinstance(outcome, tuple):
        return Result(response_id, "refused", outcome)
    return Result(response_id, outcome)
