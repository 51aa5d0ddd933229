"""One record as a tablet sends it: what it must look like, and every reason to refuse it.

Pure: hostile data in, a checked response or all its problems out. Knows no HTTP and no store.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from questionnaires import Answers, InvalidAnswers, Questionnaire, check_json

Receipt = Literal["stored", "repeated", "conflict"]
"""New; the same again; the same id with other content (the first one is kept)."""

FindQuestionnaire = Callable[[str], Questionnaire | None]

FIELDS: Final = frozenset(
    {
        "response_id",
        "questionnaire",
        "office",
        "sector",
        "scores",
        "choices",
        "comment",
        "age_s",
        "clock_doubtful",
        "haste",
    }
)
OLDEST: Final = timedelta(days=3650)
"""Ten years: beyond it an age is nonsense, and a date could not be reckoned from it."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}@[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One reason to refuse a record: a field, or the id of a question, and a short code."""

    place: str
    code: str


@dataclass(frozen=True, slots=True)
class KioskResponse:
    """One citizen's answers as they came from the tablet, already checked.

    `questionnaire` is the version that was answered, `sector` the id that was picked or None,
    `office` the one that the tablet stood for, None where it did not say.
    `age` is how long ago it was answered, by the tablet's own count: a difference stays right
    where the tablet's calendar is wrong. `clock_doubtful` marks an age that may be wrong by days,
    `haste` answers that came faster than people read, as the tablet saw it.
    """

    response_id: str
    questionnaire: Questionnaire
    sector: str | None
    answers: Answers
    age: timedelta = timedelta(0)
    clock_doubtful: bool = False
    office: str | None = None
    haste: bool = False

    def answered_on(self, now: datetime) -> date:
        """The date of answering; `now` is the office's local time of arrival."""
        return (now - self.age).date()


class RefusedRecord(ValueError):
    """The record cannot be taken as it is; `problems` holds every reason."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{problem.place}: {problem.code}" for problem in problems))


def read_record(record: object, find_questionnaire: FindQuestionnaire) -> KioskResponse:
    """Check one record of a request. Raises RefusedRecord with every problem."""
    if not isinstance(record, Mapping):
        raise RefusedRecord((FieldProblem("record", "not_an_object"),))
    questionnaire = _questionnaire(record, find_questionnaire)
    problems = [*_envelope_problems(record, questionnaire)]
    answers = None
    if questionnaire is not None:
        try:
            answers = check_json(questionnaire, _content(record))
        except InvalidAnswers as error:
            problems += [FieldProblem(fault.question_id, fault.code) for fault in error.problems]
    if problems or questionnaire is None or answers is None:
        raise RefusedRecord(tuple(problems))
    return KioskResponse(
        record["response_id"],
        questionnaire,
        record.get("sector"),
        answers,
        timedelta(seconds=record.get("age_s", 0)),
        record.get("clock_doubtful", False),
        record.get("office"),
        record.get("haste", False),
    )


def response_id_of(record: object) -> str | None:
    """The id to answer under, also for a refused record; None where there is none to repeat."""
    response_id = record.get("response_id") if isinstance(record, Mapping) else None
    return response_id if _matches(_UUID, response_id) else None


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _questionnaire(record: Mapping[str, Any], find: FindQuestionnaire) -> Questionnaire | None:
    key = record.get("questionnaire")
    return find(key) if isinstance(key, str) and _KEY.fullmatch(key) else None


def _envelope_problems(
    record: Mapping[str, Any], questionnaire: Questionnaire | None
) -> list[FieldProblem]:
    """What is wrong around the answers. Unknown fields are refused: they would be lost."""
    checks = {
        "response_id": _matches(_UUID, record.get("response_id")),
        "questionnaire": questionnaire is not None,
        "office": record.get("office") is None or _matches(_ID, record["office"]),
        "sector": record.get("sector") is None or _matches(_ID, record["sector"]),
        "age_s": _is_age(record.get("age_s", 0)),
        "clock_doubtful": isinstance(record.get("clock_doubtful", False), bool),
        "haste": isinstance(record.get("haste", False), bool),
        "record": record.keys() <= FIELDS,
    }
    codes = {"questionnaire": "unknown", "record": "unknown_field"}
    return [
        FieldProblem(name, codes.get(name, "malformed"))
        for name, holds in checks.items()
        if not holds
    ]


def _is_age(value: object) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and 0 <= value <= OLDEST.total_seconds()  # type: ignore[operator]  # `whole` has said so


def _content(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("scores", "choices", "comment") if name in record}
