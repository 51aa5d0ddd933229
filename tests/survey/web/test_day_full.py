"""A counter's poster takes as many answers a day as it can serve, half of them from one address."""

from __future__ import annotations

import uuid
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from sqlalchemy import func, select, text

from kiosk.devices import pin_verifier
from questionnaires import Answers, Text, shipped
from survey.intake import When, make_response
from survey.places import Counter
from survey.store import tables
from survey.store.kiosks import add_pairing
from survey.store.places import load_places, open_desks, save_places
from survey.store.responses import add_many, posted_on
from tests.clock import NOW, TODAY
from tests.kiosk.wire import Tablet, receipts, record
from tests.survey.conftest import hidden_fields

pytestmark = pytest.mark.usefixtures("on_a_thursday")

GOOD = {"overall": "4", "comment": "Quầy làm nhanh"}
ONE, OTHER = "203.0.113.1", "203.0.113.2"
A_DAY = 4


@pytest.fixture
def office(make_client):
    """An application that takes four answers a day from a counter's poster."""
    return make_client(responses_per_counter_a_day=A_DAY).application


@pytest.fixture
def at(office, citizen_at):
    """A browser at an address that opened the form of a counter."""

    def at(counter="quay-1", address=ONE, application=None):
        client = (application or office).test_client()
        client.environ_base["REMOTE_ADDR"] = address
        citizen = citizen_at(counter, client)
        citizen.open()
        return citizen

    return at


def statuses(at, number, address, **where):
    return [at(address=address, **where).send(GOOD).status_code for _ in range(number)]


def stored(engine):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.response)).scalar_one()


def response_of(sector, number=1, channel="poster", day=None, office="trieu-son"):
    day = day or TODAY
    return [
        make_response(
            office,
            shipped()["desk@1"],
            Answers({"overall": 5}, {}, None),
            response_id=str(uuid.uuid4()),
            sector=sector,
            channel=channel,
            when=When(day, day),
        )
        for _ in range(number)
    ]


def test_a_full_day_is_told_until_when_it_lasts_and_keeps_the_answers_on_the_page(at, engine):
    assert statuses(at, 2, ONE) + statuses(at, 2, OTHER) == [303] * 4
    late = at(address="203.0.113.3")
    refused = late.send(GOOD)
    assert refused.status_code == 429
    another_day = parsedate_to_datetime(refused.headers["Retry-After"])
    assert timedelta() < another_day - NOW <= timedelta(days=1, seconds=1)
    assert "Hôm nay quầy đã nhận đủ phiếu" in refused.text
    assert "chưa được ghi nhận" in refused.text
    kept = hidden_fields(refused.text)
    assert {name: kept[name] for name in GOOD} == GOOD
    assert kept["response_id"] == late.hidden["response_id"]
    assert stored(engine) == A_DAY


@pytest.mark.sqlite_is_enough
def test_a_full_day_is_told_in_english_to_who_reads_english(at):
    statuses(at, 2, ONE)
    citizen = at()
    refused = citizen.client.post(f"/r/{citizen.code}?lang=en", data=citizen.hidden | GOOD)
    assert refused.status_code == 429
    assert "This counter has all the answers of a day" in refused.text


@pytest.mark.sqlite_is_enough
def test_one_address_fills_no_more_than_half_of_a_counters_day(at):
    assert statuses(at, 4, ONE) == [303, 303, 429, 429]
    assert statuses(at, 2, OTHER) == [303, 303]


@pytest.mark.sqlite_is_enough
def test_an_address_whose_day_is_over_at_one_counter_answers_at_the_others(at):
    assert statuses(at, 3, ONE)[-1] == 429
    other = at("quay-2")
    assert other.send(GOOD | {"sector": "construction"}).status_code == 303


def test_tablets_answer_while_the_posters_day_is_full(at, office, engine):
    assert statuses(at, 2, ONE) + statuses(at, 3, OTHER) == [303] * 4 + [429]
    tablet = Tablet(office.test_client(), lambda: NOW)
    code = add_pairing(engine, "quay-1", pin_verifier("246810"), NOW, lasting=False)
    assert tablet.pair(code).status_code == 200
    sent = tablet.hand_in(*(record() for _ in range(A_DAY + 1)))
    assert receipts(sent) == ["stored"] * (A_DAY + 1)
    assert stored(engine) == 2 * A_DAY + 1


@pytest.mark.sqlite_is_enough
def test_what_was_stored_already_is_thanked_for_on_a_full_day_too(at, engine):
    first = at()
    assert first.send(GOOD).status_code == 303
    assert statuses(at, 2, ONE) + statuses(at, 3, OTHER) == [303, 429, 303, 303, 429]
    assert first.send(GOOD).status_code == 303  # its reply was lost on the way
    assert first.send(GOOD | {"overall": "1"}).status_code == 409
    assert stored(engine) == A_DAY


@pytest.mark.sqlite_is_enough
def test_what_was_not_stored_takes_no_room_in_the_day(at, engine):
    citizen = at()
    for table, away in (("comment", "away"), ("away", "comment")):
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {away}"))
        if away == "away":
            failed = [citizen.send(GOOD).status_code for _ in range(3)]
    assert set(failed) <= {500, 503}
    assert statuses(at, 3, ONE) == [303, 303, 429]


def test_a_restart_goes_on_with_the_days_count(at, make_client, engine):
    assert statuses(at, 2, ONE) + statuses(at, 1, OTHER) == [303] * 3
    again = make_client(responses_per_counter_a_day=A_DAY).application
    assert statuses(at, 2, OTHER, application=again) == [303, 429]
    assert stored(engine) == A_DAY


class TestPosted:
    """How many answers of a day came by which counter's poster."""

    @staticmethod
    def posted(engine):
        ids = {desk.key: desk.counter.full_id for desk in open_desks(engine, "poster")}
        return {ids[key]: number for key, number in posted_on(engine, TODAY).items()}

    def test_answers_count_at_the_counter_of_their_sector(self, engine):
        add_many(engine, response_of("land", 3) + response_of("civil-status", 2))
        assert self.posted(engine) == {"trieu-son/quay-1": 3, "trieu-son/quay-3": 2}

    def test_other_channels_and_days_do_not_count(self, engine):
        add_many(
            engine,
            response_of("land", channel="kiosk")
            + response_of("land", channel="paper")
            + response_of("land", day=TODAY - timedelta(days=1)),
        )
        assert posted_on(engine, TODAY) == {}

    def test_counters_that_share_a_sector_have_equal_parts_of_it(self, engine):
        places = load_places(engine)
        second = Counter(
            id="quay-1b",
            office="trieu-son",
            name=Text(vi="Quầy 1b", en="Counter 1b"),
            questionnaire="desk@1",
            sectors=("land",),
        )
        both = places.model_copy(update={"counter": (*places.counter, second)})
        save_places(engine, both, TODAY)
        add_many(engine, response_of("land", 7))
        assert self.posted(engine) == {"trieu-son/quay-1": 3, "trieu-son/quay-1b": 4}

    def test_answers_about_the_agency_count_where_no_sector_is_asked(self, engine):
        asked = [one.full_id for one in load_places(engine).counter if not one.sectors]
        add_many(engine, response_of("general", 2))
        found = self.posted(engine)
        assert sorted(found) == sorted(asked)
        assert sum(found.values()) == (2 if asked else 0)

    def test_a_counter_that_is_closed_has_no_day(self, engine):
        places = load_places(engine)
        left = places.model_copy(update={"counter": places.counter[1:]})
        add_many(engine, response_of("land", 2))
        save_places(engine, left, TODAY)
        assert posted_on(engine, TODAY) == {}
