"""The office's tablets: how their answers enter by the one door, and which of them need somebody.

Joins the rules of the kiosk with what is stored. Must not know HTTP; the moment is handed in.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from kiosk.assets import load_assets
from kiosk.devices import Device
from kiosk.health import Trouble, troubles
from kiosk.office import Outcome
from kiosk.records import KioskResponse, Problem
from survey.intake import RefusedResponse, Response, choose_sector, make_response
from survey.opening_hours import OpeningHours
from survey.places import Counter
from survey.store.kiosks import Enrolled, list_kiosks
from survey.store.responses import add_responses
from survey.store.standing import Known, find_standing, known_places

CLOCK_FLAG = "clock"
"""The flag of a response whose date may be wrong."""

_log = logging.getLogger("hailong.kiosk")


@dataclass(frozen=True, slots=True)
class Watched:
    """A tablet in use and what is wrong with it, if anything."""

    enrolled: Enrolled
    troubles: tuple[Trouble, ...]


def take(
    engine: Engine, device: Device, responses: Sequence[KioskResponse], now: datetime
) -> list[Outcome]:
    """Take responses of a tablet for good; one outcome each, in their order.

    `now` is the moment of arrival in the office's zone.
    """
    standing = find_standing(engine, device.counter)
    if standing is None:
        return [(Problem("counter", "unknown"),)] * len(responses)
    known = known_places(engine)
    made = [_made(standing[0], known, response, now) for response in responses]
    stored = iter(add_responses(engine, [one for one in made if isinstance(one, Response)]))
    return [_outcome(next(stored)) if isinstance(one, Response) else one for one in made]


def _made(
    counter: Counter, known: Known, response: KioskResponse, now: datetime
) -> Response | tuple[Problem, ...]:
    """What the tablet asked stands: its counter may have other sectors and another office by now.

    A tablet tells both. Only what does not (no tablet of today) is taken for the counter's own.
    """
    only = counter.sectors[0] if len(counter.sectors) == 1 else None
    office = response.office or counter.office
    if office not in known.offices:
        return (Problem("office", "unknown"),)
    try:
        sector = choose_sector(response.questionnaire, known.sectors, response.sector or only)
    except RefusedResponse:
        return (Problem("sector", "unknown"),)
    return make_response(
        office,
        response.questionnaire,
        response.answers,
        response_id=response.response_id,
        sector=sector,
        channel="kiosk",
        answered_on=response.answered_on(now),
        flag=CLOCK_FLAG if response.clock_doubtful else "",
    )


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
