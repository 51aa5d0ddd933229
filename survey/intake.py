"""The one door: the rules by which a response is accepted, whatever channel it came by.

Pure: no web, no database, no clock. What a Response has no field for is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from questionnaires import Answers, Questionnaire, pack
from survey.places import GENERAL, UNKNOWN, Counter

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


CLOCK_FLAG = "clock"
"""The flag of a response whose date may be wrong."""

HASTE_FLAG = "haste"
"""The flag of a response given faster than people read: at a tablet, or several at a counter."""

CLOSED_FLAG = "closed"
"""At a tablet, or with many others from a poster, while the office was closed."""

CROWD_FLAG = "crowd"
"""More than people can give came at one tablet or poster in a few minutes."""

ALIKE_FLAG = "alike"
"""The same sheet came oftener at one tablet or poster in a few minutes than it does by chance."""

ROW_FLAG = "row"
"""One browser used many slips in a row."""

LONGEST_PAUSE = timedelta(days=366)
"""An office without a single answer for so long is less likely than a clock that jumped."""


def clock_is_doubtful(today: date, newest: date | None) -> bool:
    """Tell whether the server's date can hardly be right, by the newest answer that is stored.

    ``newest`` leaves out answers that are marked already: they prove nothing.
    """
    return newest is not None and not newest <= today <= newest + LONGEST_PAUSE


LATE_TOGETHER = 10
"""So many late answers of an office's sector and month join the month's figures at once.

Analysis has the same number (``analysis.strata.running.STEP``): no figure moves by single answers.
"""


@dataclass(frozen=True, slots=True)
class When:
    """The office's day on which a response was given, and that on which it arrived."""

    answered_on: date
    arrived_on: date

    @property
    def late(self) -> bool:
        """Whether its month was over when it came: figures of that month may have been given."""
        days = (self.answered_on, self.arrived_on)
        answered, arrived = ((day.year, day.month) for day in days)
        return answered < arrived


@dataclass(frozen=True, slots=True)
class Response:
    """One citizen's answers about one visit, as it is stored. ``answered_on`` is a date only.

    ``origin`` is missing but for what was not given to the office's own forms
    (``questionnaires.layout.ORIGINS``).
    """

    response_id: str
    questionnaire: str
    office: str
    sector: str
    channel: str
    answered_on: date
    scores: str
    procedure: str = ""
    late: bool = False
    flag: str = ""
    origin: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """What a citizen wrote without answering anything: it never counts as an answer.

    ``month`` is "2026-10": of a comment not even the day is kept.
    """

    comment_id: str
    office: str
    sector: str
    month: str
    text: str


def month_of(day: date) -> str:
    """Return the month of a day as it is stored, "2026-10"."""
    return day.isoformat()[:7]


StoreReceipt: TypeAlias = Literal["stored", "repeated", "conflict"]
"""Stored; the same response again (counted once); the same id with other content (first kept)."""


class RefusedResponse(ValueError):
    """The response cannot be taken; ``field`` says what is wrong with it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def check_response_id(text: str) -> str:
    """Return the id in its one spelling. Raises RefusedResponse where it is not a UUID."""
    response_id = text.strip().lower()
    if not _UUID.fullmatch(response_id):
        raise RefusedResponse("response_id")
    return response_id


def comment_id(text: str) -> str:
    """Return the id of a comment that comes alone, made of the UUID that its form carried.

    It has no hyphens, and so is no response's id. Raises RefusedResponse as `check_response_id`.
    """
    return check_response_id(text).replace("-", "")


def choose_sector(questionnaire: Questionnaire, offered: Collection[str], given: str | None) -> str:
    """Return the sector of a response to a form that offered these.

    ``general`` where the questionnaire is not about one sector, or none was offered; otherwise
    what was given, or ``unknown`` from who could not tell. Raises RefusedResponse where that is
    none of them.
    """
    if not questionnaire.about_sector or not offered:
        return GENERAL
    if given == UNKNOWN and len(offered) > 1:
        return UNKNOWN
    if given is None or given not in offered:
        raise RefusedResponse("sector")
    return given


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asked, as it travels with the form: what is stored is what the person saw.

    A counter may have another questionnaire, other sectors or another office when the form comes.
    """

    questionnaire: str
    office: str
    sectors: tuple[str, ...]

    @classmethod
    def at(cls, counter: Counter) -> Asked:
        """Return what a form opened at this counter now asks."""
        return cls(counter.questionnaire, counter.office, counter.sectors)

    def __str__(self) -> str:
        """Write it for a field of the form; ids hold no spaces."""
        return " ".join((self.questionnaire, self.office, *self.sectors))

    @classmethod
    def read(cls, text: str) -> Asked | None:
        """Read the field back; None where it is none."""
        questionnaire, _, rest = text.partition(" ")
        office, *sectors = rest.split(" ")
        return cls(questionnaire, office, tuple(sectors)) if office else None

    def counter(self, counter: Counter) -> Counter:
        """Return the counter as it was when the form was opened."""
        return counter.model_copy(
            update={
                "questionnaire": self.questionnaire,
                "office": self.office,
                "sectors": self.sectors,
            }
        )


def make_response(
    office: str,
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    response_id: str,
    sector: str,
    channel: str,
    when: When,
    flag: str = "",
) -> Response:
    """Join checked parts to the response that is stored."""
    return Response(
        response_id=response_id,
        questionnaire=questionnaire.key,
        office=office,
        sector=sector,
        channel=channel,
        answered_on=when.answered_on,
        late=when.late,
        flag=flag,
        scores=pack(questionnaire, answers.scores),
        choices=tuple(
            sorted(
                (question, option)
                for question, chosen in answers.choices.items()
                for option in chosen
            )
        ),
        comment=answers.comment,
    )
