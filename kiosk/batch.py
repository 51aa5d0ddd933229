"""A request full of records: each is taken or refused on its own, and each gets its answer.

Owns the receipts. Must not know HTTP; what taking responses means it is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kiosk.office import Outcome
from kiosk.records import (
    FindQuestionnaire,
    KioskResponse,
    Problem,
    Receipt,
    RefusedRecord,
    read_record,
    response_id_of,
)

Take = Callable[[Sequence[KioskResponse]], Sequence[Outcome]]
Read = Callable[[object, FindQuestionnaire], KioskResponse]

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
