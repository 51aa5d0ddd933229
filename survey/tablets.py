"""The office's tablets: pairing, PINs, how their answers enter by the one door, and which of them
need somebody. What commands and pages do is done here.

Joins the rules of the kiosk with what is stored. Must not know HTTP; the moment is handed in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from kiosk.batch import BadExport, EnrolmentPart, Result, read_export, reader, take_records
from kiosk.devices import (
    CODE_LIFETIME,
    Device,
    Trouble,
    new_pin,
    pin_verifier,
    readable_code,
    troubles,
)
from kiosk.office import Outcome
from kiosk.records import FieldProblem, KioskResponse
from kiosk.station import Station, load_assets
from questionnaires import Questionnaire
from survey.errors import HailongError
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
from survey.links import kiosk_url
from survey.opening_hours import OpeningHours
from survey.places import Counter, Office, Sector
from survey.store.inherited import hours_of
from survey.store.kiosks import (
    Enrolled,
    add_pairing,
    change_pin,
    find_enrolled,
    list_kiosks,
    note_file,
)
from survey.store.places import KnownPlaces, find_standing, known_places
from survey.store.questionnaires import Published
from survey.store.responses import add_responses, batched, newest_sure
from survey.store.staff_actions import By
from survey.told import sentence

SLACK = timedelta(hours=1)
"""An answer may be so much older than the tablet's last word, which it crossed on the way."""

TOGETHER: Final = 200
"""Answers of a file that are stored in one transaction: others wait no longer than for these."""

_log = logging.getLogger("hailong.kiosk")


def station_of(
    counter: Counter, office: Office, sectors: Sequence[Sector], questionnaire: Questionnaire
) -> Station:
    """What a tablet stands for at a counter that asks this."""
    return Station(
        counter_id=counter.id,
        office_id=office.id,
        office=office.name,
        counter=counter.name,
        sectors=tuple((sector.id, sector.name) for sector in sectors)
        if questionnaire.about_sector
        else (),
        questionnaire=questionnaire,
        mode=counter.kiosk_mode,
        comment=counter.kiosk_comment,
        hints={sector.id: sector.hint for sector in sectors if sector.hint},
    )


@dataclass(frozen=True, slots=True)
class Invitation:
    """What pairs one tablet with a counter until a moment; told once, and kept nowhere.

    `counter`: as it was named; `code` as people read it; `url` pairs the tablet that opens it;
    `pin` opens its staff screen.
    """

    counter: str
    code: str
    pin: str
    url: str
    until: datetime


def invite_tablet(
    engine: Engine, counter: str, base_url: str, now: datetime, *, by: By | None = None
) -> Invitation:
    """Make what pairs one tablet with a counter. Raises PlacesError unless one is meant."""
    pin = new_pin()
    code = add_pairing(engine, counter, pin_verifier(pin), now, lasting=False, by=by)
    readable = readable_code(code)
    url = kiosk_url(base_url, readable)
    return Invitation(counter, readable, pin, url, now + CODE_LIFETIME)


def renew_pin(engine: Engine, device_id: str, *, by: By | None = None) -> str:
    """Give a tablet another PIN and return it. Raises StoreError where it is not in use."""
    pin = new_pin()
    change_pin(engine, device_id, pin_verifier(pin), by=by)
    return pin


def take_file(
    engine: Engine,
    content: bytes,
    name: str,
    now: datetime,
    *,
    by: By,
    offices: frozenset[str] | None = None,
) -> list[Result]:
    """Take the answers of a file that tablets saved; one result each, in their order.

    Taking it twice changes nothing. `now` is the moment in the office's zone. `offices`: whose
    tablets' files are taken (None: all); another's is as one that is not enrolled here. Raises
    HailongError, and takes nothing, where the file is not as a tablet wrote it.
    """
    try:
        parts = read_export(content.decode("utf-8-sig"), _finder(engine, offices))
    except UnicodeDecodeError as error:
        raise HailongError(sentence("kiosk.not_utf8", file=name)) from error
    except BadExport as error:
        raise HailongError(sentence("kiosk.bad_export", file=name, why=error.args[0])) from error
    note_file(engine, dict.fromkeys(part.device.id for part in parts), name, by)
    return [one for part in parts for one in _take_part(engine, part, now)]


def _finder(engine: Engine, offices: frozenset[str] | None) -> Callable[[str], Device | None]:
    def find(device_id: str) -> Device | None:
        found = find_enrolled(engine, device_id)
        if found is None or (offices is not None and found.office not in offices):
            return None
        return found.device

    return find


def _take_part(engine: Engine, part: EnrolmentPart, now: datetime) -> Iterator[Result]:
    questionnaires, read = Published(engine), reader(part, now.date())

    def store(responses: Sequence[KioskResponse]) -> list[Outcome]:
        return take(engine, part.device, responses, now, by_hand=True)

    for records in batched(part.records, TOGETHER):
        yield from take_records(records, questionnaires.get, store, read)


@dataclass(frozen=True, slots=True)
class Watched:
    """A tablet and what is wrong with it, if anything; nothing is with one out of use."""

    enrolled: Enrolled
    troubles: tuple[Trouble, ...]


Screen = Callable[[Response, datetime], Response]
"""Marks an answer that was given at this moment, where it is to be marked."""


def unscreened(response: Response, _moment: datetime) -> Response:
    """What a file brings is not counted with what comes by itself."""
    return response


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
    screen: Screen = unscreened,
) -> list[Outcome]:
    """Take responses of a tablet for good; one outcome each, in their order.

    `now` is the moment of arrival in the office's zone. `by_hand`: carried in a file, which may be
    older than what the tablet told since. `screen` says what there is to mark about an answer.
    """
    standing = find_standing(engine, device.counter)
    if standing is None:
        return [(FieldProblem("counter", "unknown"),)] * len(responses)
    known = known_places(engine)
    earliest = device.enrolled_on if by_hand else _earliest(engine, device, now)
    doubtful = clock_is_doubtful(now.date(), newest_sure(engine))
    dates = [_date(response, now, earliest, doubtful=doubtful) for response in responses]
    made = [
        _made(standing[0], known, response, dated, now, screen)
        for response, dated in zip(responses, dates, strict=True)
    ]
    stored = iter(add_responses(engine, [one for one in made if isinstance(one, Response)]))
    return [_outcome(next(stored)) if isinstance(one, Response) else one for one in made]


def _made(
    counter: Counter,
    known: KnownPlaces,
    response: KioskResponse,
    dated: Dated,
    now: datetime,
    screen: Screen,
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
    made = make_response(
        office,
        response.questionnaire,
        response.answers,
        response_id=response.response_id,
        sector=sector,
        channel="kiosk",
        when=When(dated.day, now.date()),
        flag=CLOCK_FLAG if dated.doubtful else HASTE_FLAG if response.haste else "",
    )
    return made if dated.doubtful else screen(made, now - response.age)


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


def watch(engine: Engine, usual: str, now: datetime) -> tuple[Watched, ...]:
    """Every tablet in use, with what is wrong.

    `usual`: the opening hours of the installation; `now`: the moment in the office's zone.
    """
    used = [one for one in list_kiosks(engine) if not one.device.revoked]
    return _looked_at(engine, used, usual, now)


def look_over(
    engine: Engine, usual: str, now: datetime, offices: frozenset[str]
) -> tuple[Watched, ...]:
    """The tablets of some offices: first those that need somebody, last those out of use."""
    theirs = [one for one in list_kiosks(engine) if one.office in offices]
    found = _looked_at(engine, theirs, usual, now)
    return tuple(sorted(found, key=lambda one: (one.enrolled.device.revoked, not one.troubles)))


def look_at(engine: Engine, enrolled: Enrolled, usual: str, now: datetime) -> Watched:
    """One tablet, with what is wrong with it; nothing is with one out of use."""
    return _looked_at(engine, [enrolled], usual, now)[0]


def _looked_at(
    engine: Engine, tablets: Sequence[Enrolled], usual: str, now: datetime
) -> tuple[Watched, ...]:
    """Each tablet in the hours of its office."""
    hours = hours_of(engine, {one.office for one in tablets}, usual)
    return tuple(_judged(one, hours[one.office].opening, now) for one in tablets)


def _judged(enrolled: Enrolled, hours: OpeningHours, now: datetime) -> Watched:
    if enrolled.device.revoked:
        return Watched(enrolled, ())
    heard = _here(enrolled, now)
    # A moment to come was told by a clock that was set back since: taken to be as long ago.
    open_since = hours.open_between(min(heard, now - (heard - now)), now)
    return Watched(enrolled, troubles(enrolled.contact, open_since, load_assets().build))


def _here(enrolled: Enrolled, now: datetime) -> datetime:
    return enrolled.contact.seen_at.astimezone(now.tzinfo)
