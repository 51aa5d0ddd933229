"""The office's tablets: how their answers enter by the one door, and which of them need somebody.

Joins the rules of the kiosk with what is stored. Must not know HTTP; the moment is handed in.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from kiosk.devices import Device, Trouble, troubles
from kiosk.office import Outcome
from kiosk.records import FieldProblem, KioskResponse
from kiosk.station import load_assets
from survey.config import OpeningHours
from survey.intake import (
    CLOCK_FLAG,
    HASTE_FLAG,
    RefusedResponse,
    Response,
    When,
    choose_sector,
    clock_is_doubtful,
    make_response,
)
from survey.places import Counter
from survey.store.kiosks import Enrolled, list_kiosks
from survey.store.places import KnownPlaces, find_standing, known_places
from survey.store.responses import add_responses, newest_sure

SLACK = timedelta(hours=1)
"""An answer may be so much older than the tablet's last word, which it crossed on the way."""

_log = logging.getLogger("hailong.kiosk")


@dataclass(frozen=True, slots=True)
class Watched:
    """A tablet in use and what is wrong with it, if anything."""

    enrolled: Enrolled
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """The day of an answer, and whether it may be another one."""

    day: date
    doubtful: bool


def take(
    engine: Engine,
    device: Device,
    responses: Sequence[KioskResponse],
    now: datetime,
    *,
    by_hand: bool = False,
) -> list[Outcome]:
    """Take responses of a tablet for good; one outcome each, in their order.

    `now` is the moment of arrival in the office's zone. `by_hand`: carried in a file, which may be
    older than what the tablet told since.
    """
    standing = find_standing(engine, device.counter)
    if standing is None:
        return [(FieldProblem("counter", "unknown"),)] * len(responses)
    known = known_places(engine)
    earliest = device.enrolled_on if by_hand else _earliest(engine, device, now)
    doubtful = clock_is_doubtful(now.date(), newest_sure(engine))
    dates = [_date(response, now, earliest, doubtful=doubtful) for response in responses]
    made = [
        _made(standing[0], known, response, dated, now)
        for response, dated in zip(responses, dates, strict=True)
    ]
    stored = iter(add_responses(engine, [one for one in made if isinstance(one, Response)]))
    return [_outcome(next(stored)) if isinstance(one, Response) else one for one in made]


def _made(
    counter: Counter, known: KnownPlaces, response: KioskResponse, dated: Dated, now: datetime
) -> Response | tuple[FieldProblem, ...]:
    """What the tablet asked stands: its counter may have other sectors and another office by now.

    A tablet tells both. Only what does not (no tablet of today) is taken for the counter's own.
    """
    only = counter.sectors[0] if len(counter.sectors) == 1 else None
    office = response.office or counter.office
    if office not in known.offices:
        return (FieldProblem("office", "unknown"),)
    try:
        sector = choose_sector(response.questionnaire, known.sectors, response.sector or only)
    except RefusedResponse:
        return (FieldProblem("sector", "unknown"),)
    return make_response(
        office,
        response.questionnaire,
        response.answers,
        response_id=response.response_id,
        sector=sector,
        channel="kiosk",
        when=When(dated.day, now.date()),
        flag=CLOCK_FLAG if dated.doubtful else HASTE_FLAG if response.haste else "",
    )


def _earliest(engine: Engine, device: Device, now: datetime) -> date:
    """The first day that an answer of this tablet can be of.

    Not before it was enrolled; and not before what it held when it last told: a tablet that had
    sent everything has nothing older. What was not taken, and it keeps, may be of any age.
    """
    heard = next(one.contact for one in list_kiosks(engine) if one.device.id == device.id)
    told = heard.heartbeat
    if told is None or told.quarantined:
        return device.enrolled_on
    held = timedelta(seconds=told.oldest_s) if told.unsent else timedelta(0)
    last = heard.seen_at.astimezone(now.tzinfo) - held - SLACK
    return max(device.enrolled_on, last.date())


def _date(response: KioskResponse, now: datetime, earliest: date, *, doubtful: bool) -> Dated:
    """The day of an answer; one that nobody can have becomes the nearest that is, and is marked."""
    told = response.answered_on(now)
    day = min(max(told, earliest), now.date())
    return Dated(day, doubtful or response.clock_doubtful or day != told)


def _outcome(stored: Outcome | Exception) -> Outcome:
    if isinstance(stored, Exception):
        # The log names the failure, never the answers, which a statement's parameters hold.
        _log.error("a kiosk response could not be stored: %s", type(stored).__name__)
        return None
    return stored


def watch(engine: Engine, hours: OpeningHours, now: datetime) -> tuple[Watched, ...]:
    """Every tablet in use, with what is wrong. `now` is the moment in the office's zone."""
    build = load_assets().build
    return tuple(
        Watched(one, troubles(one.contact, hours.open_between(_here(one, now), now), build))
        for one in list_kiosks(engine)
        if not one.device.revoked
    )


def _here(enrolled: Enrolled, now: datetime) -> datetime:
    return enrolled.contact.seen_at.astimezone(now.tzinfo)
