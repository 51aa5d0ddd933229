"""The demonstration's offices: simulated responses and dossier counts. Pure, and seeded."""

from __future__ import annotations

import uuid
from calendar import monthrange
from collections import Counter as Counted
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import numpy as np
from numpy.random import Generator

from analysis.simulate import Truth, simulate_scores, split
from questionnaires import OVERALL, Answers, Questionnaire
from questionnaires.layout import SIMULATED
from survey.dossiers import PopulationCount
from survey.intake import Response, When, make_response
from survey.places import GENERAL, Counter, Places
from survey.slips import served_sectors

SEED = 20261122
DAYS_A_YEAR = 365.25
CHANNELS = ("poster", "kiosk", "paper", "slip")
CHANNEL_WEIGHTS = (0.42, 0.38, 0.08, 0.12)
SLIP_USE = 0.3  # of the slips that are handed out
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


_LIMITS = {"land": 20, "construction": 15, "investment": 15, "environment": 10}
"""Days until a dossier is due, where they are not three."""

OTHER = Truth("", 0.93, 20)  # of a sector of the office's own
DIFFERENCE = 0.02  # between the shares of neighbouring offices: none is like the next


@dataclass(frozen=True, slots=True)
class Simulated:
    """Simulated responses, the dossier counts and the slips that they belong to."""

    responses: Sequence[Response]
    counts: Sequence[PopulationCount]
    slips: Sequence[HandedOut] = ()


@dataclass(frozen=True, slots=True)
class HandedOut:
    """Slips of a month that a counter handed out from a day on: of each sector how many, and how
    many of these were used. ``counter``: its full id."""

    counter: str
    day: date
    issued: Mapping[str, int]
    used: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Part:
    """Days of one month, first and last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def whole(self) -> bool:
        return self.days == monthrange(self.first.year, self.first.month)[1]

    @property
    def ends_month(self) -> bool:
        return (self.last + timedelta(days=1)).day == 1


def simulate(
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    first: date,
    last: date,
    a_year: int,
) -> Simulated:
    """Return about ``a_year`` responses a year from one day to another, same for same input.

    Every office with counters has its part. Months that end in that time have dossier counts,
    which grow with ``a_year`` where it is large: there are always more dossiers than responses.
    """
    rng = np.random.default_rng([SEED, first.toordinal()])
    served = [office.id for office in places.office if _counters(places, office.id)]
    parts = _parts(first, last)
    if not parts or not served:
        return Simulated((), ())
    total = round(a_year * sum(part.days for part in parts) / DAYS_A_YEAR)
    totals = split(rng, total, [part.days for part in parts for _ in served])
    shares = iter(totals)
    responses: list[Response] = []
    counts: list[PopulationCount] = []
    for part in parts:
        for number, office in enumerate(served):
            counters = _counters(places, office)
            truths = _truths(counters, number)
            people = split(rng, next(shares), [_weight(truth) for truth in truths])
            for truth, heard in zip(truths, people, strict=True):
                responses += _responses(rng, counters, questionnaires, truth, part, heard)
                if part.ends_month and truth.sector != GENERAL:
                    counts.append(_count(rng, office, truth, part, heard))
    return Simulated(responses, counts, tuple(_slips(places, parts, responses)))


def _slips(
    places: Places, parts: Sequence[_Part], responses: Sequence[Response]
) -> Iterator[HandedOut]:
    """What the answers by slip were given with: a batch a month and counter."""
    used = Counted(
        (one.answered_on.replace(day=1), one.office, one.sector)
        for one in responses
        if one.channel == "slip"
    )
    for part, counter in product(parts, places.counter):
        month = part.first.replace(day=1)
        # As `_responses` does: the first counter that asks about a sector takes its answers.
        own = {
            sector: used.pop((month, counter.office, sector))
            for sector in served_sectors(counter)
            if (month, counter.office, sector) in used
        }
        if own:
            issued = {sector: round(number / SLIP_USE) for sector, number in own.items()}
            yield HandedOut(counter.full_id, part.first, issued, own)


def _parts(first: date, last: date) -> list[_Part]:
    parts = []
    while first <= last:
        end = first.replace(day=monthrange(first.year, first.month)[1])
        parts.append(_Part(first, min(end, last)))
        first = end + timedelta(days=1)
    return parts


def _counters(places: Places, office: str) -> tuple[Counter, ...]:
    return tuple(counter for counter in places.counter if counter.office == office)


def _truths(counters: Sequence[Counter], number: int) -> list[Truth]:
    """What is true of every sector of the office with this number, and of the agency."""
    known = {truth.sector: truth for truth in TRUTHS}
    sectors = dict.fromkeys(sector for counter in counters for sector in counter.sectors)
    truths = [known.get(sector) or replace(OTHER, sector=sector) for sector in sectors]
    if any(not counter.sectors for counter in counters):
        truths.append(ABOUT_AGENCY)
    shift = DIFFERENCE * ((number + 1) % 3 - 1)
    return [replace(truth, share=min(truth.share + shift, 0.99)) for truth in truths]


def _weight(truth: Truth) -> float:
    """How many of an office's responses are about this sector."""
    dossiers = sum(truth.dossiers for truth in TRUTHS)
    return truth.dossiers or GENERAL_PART * dossiers


def _responses(
    rng: Generator,
    counters: Sequence[Counter],
    questionnaires: Mapping[str, Questionnaire],
    truth: Truth,
    part: _Part,
    people: int,
) -> Iterator[Response]:
    asking = [counter for counter in counters if _asks_about(counter, truth.sector)]
    if not asking or not people:
        return
    questionnaire = questionnaires[asking[0].questionnaire]
    rows = simulate_scores(rng, truth, people, len(questionnaire.items))
    channels = rng.choice(CHANNELS, people, p=CHANNEL_WEIGHTS).tolist()
    days = rng.integers(0, part.days, people).tolist()
    for row, channel, day in zip(rows, channels, days, strict=True):
        response = make_response(
            asking[0].office,
            questionnaire,
            _answers(rng, questionnaire, row),
            response_id=str(uuid.UUID(bytes=rng.bytes(16), version=4)),
            sector=truth.sector,
            channel=channel,
            when=When(answered := part.first + timedelta(days=day), answered),
        )
        yield replace(response, origin=SIMULATED)


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


def _count(rng: Generator, office: str, truth: Truth, part: _Part, people: int) -> PopulationCount:
    """The dossiers of a month; of one whose beginning was simulated before, surely enough."""
    least = people + int(rng.integers(0, 1 + people)) if part.whole else 10 + 60 * people
    completed = max(int(rng.poisson(truth.dossiers)), least)
    limit = _LIMITS.get(truth.sector, 3)
    return PopulationCount(
        period=part.first.strftime("%Y-%m"),
        office=office,
        sector=truth.sector,
        completed=completed,
        on_time=int(rng.binomial(completed, 0.985)),
        online=int(rng.binomial(completed, 0.55)),
        timed=completed,
        days_allowed=limit * completed,
        # Between a tenth and a third faster, by what was drawn already.
        days_taken=round(limit * completed * (0.67 + (completed % 24) / 100)),
    )
