"""The one door: the rules by which a response is accepted, whatever channel it came by.

Pure: no web, no database, no clock. What a Response has no field for is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from questionnaires import Answers, Questionnaire, pack
from survey.errors import HailongError
from survey.places import GENERAL, Counter

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Response:
    """One citizen's answers about one visit, as it is stored. ``answered_on`` is a date only."""

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
    choices: tuple[tuple[str, str], ...] = ()
    comment: str | None = None


Receipt: TypeAlias = Literal["stored", "repeated", "conflict"]
"""Stored; the same response again (counted once); the same id with other content (first kept)."""


class RefusedResponse(HailongError):
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


def choose_sector(
    counter: Counter,
    questionnaire: Questionnaire,
    given: str | None,
    once_served: Collection[str] = (),
) -> str:
    """Return the sector of a response at this counter.

    ``general`` where the questionnaire is not about one sector; the counter's only sector where
    there is one; otherwise what was given. Raises RefusedResponse where that is none of them.
    A response that waited on a tablet may be about a sector that the counter no longer serves:
    one of ``once_served`` is taken as it was given.
    """
    if questionnaire.about_sector and given is not None and given in once_served:
        return given
    if not questionnaire.about_sector or not counter.sectors:
        return GENERAL
    if len(counter.sectors) == 1:
        return counter.sectors[0]
    if given not in counter.sectors:
        raise RefusedResponse("sector")
    return given


def make_response(
    counter: Counter,
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    response_id: str,
    sector: str,
    channel: str,
    answered_on: date,
    flag: str = "",
) -> Response:
    """Join checked parts to the response that is stored."""
    return Response(
        response_id=response_id,
        questionnaire=questionnaire.key,
        office=counter.office,
        sector=sector,
        channel=channel,
        answered_on=answered_on,
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
