"""The demonstration office's year: simulated responses and dossier counts. Pure, and seeded."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator

from analysis.simulate import Truth, simulate_scores, split
from questionnaires import OVERALL, Answers, Questionnaire
from survey.dossiers import PopulationCount
from survey.intake import Response, make_response
from survey.places import GENERAL, Counter, Places

SEED = 20261122
CHANNELS = ("poster", "kiosk", "paper")
CHANNEL_WEIGHTS = (0.5, 0.42, 0.08)
GENERAL_PART = 0.08  # of all responses: about the agency in general
NOT_APPLICABLE = 0.15  # of the answers to an item that allows it
SKIPPED = 0.04  # of the answers to an item that may be left out

# A commune that meets its targets in most sectors, misses one, and cannot prove some.
TRUTHS = (
    Truth("land", 0.84, 70),
    Truth("construction", 0.93, 26),
    Truth("investment", 0.90, 6),
    Truth("business", 0.95, 24),
    Truth("environment", 0.92, 10),
    Truth("civil-status", 0.97, 130),
    Truth("certification", 0.98, 210),
    Truth("residence", 0.95, 60),
    Truth("social-protection", 0.80, 48),
    Truth("education-culture", 0.94, 16),
)
ABOUT_AGENCY = Truth(GENERAL, 0.93, 0)


@dataclass(frozen=True, slots=True)
class Year:
    """Simulated responses and the dossier counts that they belong to."""

    responses: Sequence[Response]
    counts: Sequence[PopulationCount]


def simulate_year(
    places: Places, questionnaires: Mapping[str, Questionnaire], months: Sequence[date], total: int
) -> Year:
    """Return about ``total`` responses over ``months`` (their first days), same for same input.

    Counts grow with ``total`` where it is large: there are always more dossiers than responses.
    """
    rng = np.random.default_rng(SEED)
    truths = [truth for truth in TRUTHS if any(truth.sector in c.sectors for c in places.counter)]
    office = places.office[0].id
    responses: list[Response] = []
    counts: list[PopulationCount] = []
    month_totals = split(rng, total, [1.0] * len(months))
    for month, month_total in zip(months, month_totals, strict=True):
        general = round(month_total * GENERAL_PART)
        parts = split(rng, month_total - general, [truth.dossiers for truth in truths])
        for truth, people in zip(truths, parts, strict=True):
            responses += _responses(rng, places, questionnaires, truth, month, people)
            counts.append(_count(rng, office, truth, month, people))
        responses += _responses(rng, places, questionnaires, ABOUT_AGENCY, month, general)
    return Year(responses, counts)


def _responses(
    rng: Generator,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    truth: Truth,
    month: date,
    people: int,
) -> Iterator[Response]:
    counters = [counter for counter in places.counter if _asks_about(counter, truth.sector)]
    if not counters or not people:
        return
    questionnaire = questionnaires[counters[0].questionnaire]
    rows = simulate_scores(rng, truth, people, len(questionnaire.items))
    channels = rng.choice(CHANNELS, people, p=CHANNEL_WEIGHTS).tolist()
    days = rng.integers(0, _days(month), people).tolist()
    for row, channel, day in zip(rows, channels, days, strict=True):
        yield make_response(
            counters[0].office,
            questionnaire,
            _answers(rng, questionnaire, row),
            response_id=str(uuid.UUID(bytes=rng.bytes(16), version=4)),
            sector=truth.sector,
            channel=channel,
            answered_on=month + timedelta(days=day),
        )


def _asks_about(counter: Counter, sector: str) -> bool:
    return not counter.sectors if sector == GENERAL else sector in counter.sectors


def _answers(rng: Generator, questionnaire: Questionnaire, row: Sequence[int]) -> Answers:
    left_out = rng.random(len(row))
    scores: dict[str, int | None] = {}
    for item, score, chance in zip(questionnaire.items, row, left_out, strict=True):
        gap = NOT_APPLICABLE if item.not_applicable else 0.0 if item.required else SKIPPED
        scores[item.id] = None if chance < gap else score
    return Answers(scores, _choices(rng, questionnaire, scores), None)


def _choices(
    rng: Generator, questionnaire: Questionnaire, scores: Mapping[str, int | None]
) -> dict[str, tuple[str, ...]]:
    """What went wrong, for those who were asked."""
    if (scores.get(OVERALL) or 5) > 2:
        return {}
    return {
        question.id: (question.option_ids[int(rng.integers(len(question.option_ids)))],)
        for question in questionnaire.choices
        if question.show_when and question.show_when.holds(scores)
    }


def _count(rng: Generator, office: str, truth: Truth, month: date, people: int) -> PopulationCount:
    completed = max(int(rng.poisson(truth.dossiers)), people + int(rng.integers(0, 1 + people)))
    return PopulationCount(
        period=month.strftime("%Y-%m"),
        office=office,
        sector=truth.sector,
        completed=completed,
        on_time=int(rng.binomial(completed, 0.985)),
        online=int(rng.binomial(completed, 0.55)),
    )


def _days(month: date) -> int:
    following = (month + timedelta(days=31)).replace(day=1)
    return (following - month).days
