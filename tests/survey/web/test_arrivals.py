"""What arrives as stuffed answers do is marked with the reason alone, and stored all the same."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from survey.app import create_app
from survey.export_labels import responses_labels
from survey.intake import Response
from survey.opening_hours import parse_opening_hours
from survey.places import Places
from survey.store import tables
from survey.store.responses import add_response
from survey.web.arrivals import USUAL, Arrival, Arrivals
from survey.web.limits import DAY, Limits, Pace
from tests.survey.conftest import Citizen, poster_code

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 10, 5, 9, 0, tzinfo=HERE)  # a Monday
HOURS = parse_opening_hours("Mon-Fri 07:30-11:30 13:30-17:00")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def arrivals(clock: Clock) -> Arrivals:
    return Arrivals(Pace(1, DAY, clock), lambda office: HOURS)


def answer(channel: str = "kiosk", scores: str = "", **changed: str) -> Response:
    scores = scores or f"{uuid.uuid4().int % 10**6:06}"
    given = Response(
        str(uuid.uuid4()), "desk@1", "xa", "land", channel, MORNING.date(), scores, comment=None
    )
    return replace(given, **changed)


def one_after_another(
    arrivals: Arrivals, count: int, seconds: float, *, channel: str = "kiosk", scores: str = ""
) -> Sequence[str]:
    return [
        arrivals.flag(
            Arrival(answer(channel, scores), "a", MORNING + timedelta(seconds=seconds * number))
        )
        for number in range(count)
    ]


def test_a_crowd_at_one_tablet_is_marked_from_the_moment_on_that_it_is_one(arrivals):
    flags = one_after_another(arrivals, 20, 10)
    assert flags == [""] * USUAL.kiosk_crowd + ["crowd"] * (20 - USUAL.kiosk_crowd)


def test_the_same_number_spread_over_the_day_is_not(arrivals):
    assert set(one_after_another(arrivals, 60, 120)) == {""}


def test_two_tablets_are_counted_apart(arrivals):
    for number in range(16):
        found = arrivals.flag(Arrival(answer(), f"tablet-{number % 2}", MORNING))
        assert found == ""


def test_the_same_sheet_again_and_again_is_marked_before_a_crowd_is(arrivals):
    flags = one_after_another(arrivals, USUAL.kiosk_crowd, 10, scores="555555")
    assert flags.count("alike") == USUAL.kiosk_crowd - USUAL.kiosk_alike > 0


@pytest.mark.parametrize(
    ("hour", "minute", "flag"),
    [
        (7, 0, ""),  # who came early
        (12, 20, ""),  # the break at noon is short
        (17, 40, ""),  # the last that are served
        (19, 0, "closed"),
        (3, 0, "closed"),
    ],
)
def test_a_tablet_is_answered_while_the_office_is_open(arrivals, hour, minute, flag):
    moment = MORNING.replace(hour=hour, minute=minute)
    assert arrivals.flag(Arrival(answer(), "a", moment)) == flag


def test_at_home_people_answer_in_the_evening_but_not_many_an_hour(arrivals):
    evening = MORNING.replace(hour=20)
    flags = [
        arrivals.flag(Arrival(answer("poster"), "a", evening + timedelta(minutes=number * 6)))
        for number in range(9)
    ]
    assert flags == [""] * USUAL.night_crowd + ["closed"] * (9 - USUAL.night_crowd)


def test_forms_that_are_sent_as_soon_as_they_open_are_marked_after_a_few(arrivals):
    def sent(seconds: float, number: int) -> str:
        moment = MORNING + timedelta(minutes=number)
        return arrivals.flag(Arrival(answer("poster"), "a", moment, seconds=seconds))

    quick = [sent(1.0, number) for number in range(USUAL.hasty + 2)]
    assert quick == [""] * USUAL.hasty + ["haste"] * 2
    assert sent(20.0, 5) == ""


def test_many_slips_of_one_browser_are_marked_and_of_many_browsers_are_not(arrivals):
    same = [arrivals.flag(Arrival(answer("slip"), "a", MORNING, browser="b")) for _ in range(8)]
    assert same == [""] * USUAL.row + ["row"] * (8 - USUAL.row)
    other = {
        arrivals.flag(Arrival(answer("slip"), "a", MORNING, browser=str(number)))
        for number in range(30)
    }
    assert other == {""}


def test_an_answer_that_is_sent_again_counts_once(arrivals):
    again = answer()
    assert {arrivals.flag(Arrival(again, "a", MORNING)) for _ in range(40)} == {""}


def test_an_answer_that_could_not_be_stored_is_marked_when_it_is_sent_again(arrivals):
    one_after_another(arrivals, USUAL.kiosk_crowd, 1)
    again = Arrival(answer(), "a", MORNING)
    assert [arrivals.flag(again), arrivals.flag(again)] == ["crowd", "crowd"]


def test_what_was_marked_keeps_its_first_reason(arrivals):
    late = MORNING.replace(hour=22)
    marked = arrivals.marked(Arrival(answer(flag="haste"), "a", late))
    assert marked.flag == "haste"


def test_after_a_day_nothing_is_left_of_what_was_counted(clock):
    counts = Pace(1, DAY, clock)
    arrivals = Arrivals(counts, lambda office: HOURS)
    one_after_another(arrivals, 30, 1)
    clock.now += DAY + 1
    one_after_another(arrivals, 1, 1)
    assert counts.senders() == 3  # those of the last alone


def test_a_marked_answer_sent_again_gets_its_thanks_and_is_stored_once(engine):
    given = answer(scores="444444")
    assert add_response(engine, replace(given, office="trieu-son", flag="crowd")) == "stored"
    assert add_response(engine, replace(given, office="trieu-son", flag="")) == "repeated"


def test_a_script_sees_what_everybody_sees_and_everything_it_sent_is_kept(config, engine):
    limits = Limits.of(replace(config, responses_per_minute=1000))
    client = create_app(config, engine, limits=limits).test_client()
    seen = []
    for _ in range(USUAL.hasty + 3):
        citizen = Citizen(client, poster_code(engine, "quay-1"))
        sent = citizen.send({"overall": 5})
        seen.append((sent.status_code, client.get(sent.headers["Location"]).text))
    assert len(set(seen)) == 1
    with engine.connect() as connection:
        rows = connection.execute(select(tables.response)).mappings().all()
    assert sorted(row["flag"] for row in rows) == [""] * USUAL.hasty + ["haste"] * 3


def test_every_reason_has_a_label_in_exports():
    places = Places.model_construct(office=(), sector=(), counter=(), procedure=())
    labels = responses_labels([], places).values["flag"]
    assert {"clock", "haste", "closed", "crowd", "alike", "row"} == set(labels)
