"""Who a tablet is: pairing over HTTP, its secret on every request, and being taken out of use."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.devices import digest_of
from tests.kiosk.memory import CODES, PIN
from tests.kiosk.wire import Tablet, receipts, record

CALLS = {
    "station.json": lambda tablet: tablet.get("station.json"),
    "heartbeat": lambda tablet: tablet.beat(),
    "responses": lambda tablet: tablet.hand_in(record()),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
def stranger(client, office):
    """A tablet that is not enrolled."""
    return Tablet(client, office.now)


def test_a_code_pairs_a_tablet_and_tells_it_all_it_needs(stranger, office):
    office.offer("four", "mnpqrstu")
    reply = stranger.pair("mnpq-rstu")
    assert reply.status_code == 200
    device = office.devices[digest_of(stranger.secret)]
    assert reply.json["device"] == device.id
    assert reply.json["station"] == stranger.get("station.json").json
    assert reply.json["station"]["counter_id"] == "four"
    assert reply.json["server_time"] == pytest.approx(office.now().timestamp(), abs=5)
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("typed", ["mnpqrstu", "MNPQ RSTU", " mnpq-rstu "])
def test_a_code_is_taken_however_it_is_typed(stranger, office, typed):
    office.offer("one", "mnpqrstu")
    assert stranger.pair(typed).status_code == 200


def test_neither_code_nor_secret_nor_pin_is_in_the_reply(stranger):
    text = stranger.pair(CODES["one"]).text
    assert stranger.secret not in text
    assert CODES["one"] not in text
    assert PIN not in text


def test_a_lost_reply_is_no_lost_tablet(stranger, office):
    office.offer("one", "mnpqrstu")
    first = stranger.pair("mnpqrstu")
    office.shift = timedelta(hours=2)
    again = stranger.pair("mnpqrstu")
    assert (again.status_code, again.json["device"]) == (200, first.json["device"])
    assert len(office.devices) == 1


def test_a_code_serves_one_tablet(stranger, client, office):
    office.offer("one", "mnpqrstu")
    stranger.pair("mnpqrstu")
    second = Tablet(client, office.now)
    reply = second.pair("mnpqrstu")
    assert (reply.status_code, reply.json) == (404, {"error": "unknown_code"})
    assert second.beat().status_code == 401


@pytest.mark.parametrize("minutes", [15, 16, 60 * 24])
def test_a_code_is_good_for_fifteen_minutes(stranger, office, minutes):
    office.offer("one", "mnpqrstu")
    office.shift = timedelta(minutes=minutes)
    assert stranger.pair("mnpqrstu").status_code == 404
    assert office.devices == {}


@pytest.mark.parametrize("code", ["", "x", "zzzzzzzz", "ử" * 8, "\x00", "abcdefg"])
def test_another_code_pairs_nothing(stranger, code):
    reply = stranger.pair(code)
    assert (reply.status_code, reply.json) == (404, {"error": "unknown_code"})


@pytest.mark.parametrize(
    "body",
    [
        {"code": "abcdefgh", "secret": "short"},
        {"code": "abcdefgh", "secret": "A" * 44},
        {"code": "abcdefgh", "secret": "A" * 42 + "="},
        {"code": "abcdefgh", "secret": "A" * 42 + "é"},
        {"code": "abcdefgh", "secret": None},
        {"code": "abcdefgh", "secret": ["A" * 43]},
        {"code": 12345678, "secret": "A" * 43},
        {"code": "a" * 65, "secret": "A" * 43},
        {"code": {}, "secret": "A" * 43},
    ],
)
def test_an_enrolment_with_a_field_of_another_kind_is_refused(client, body, office):
    reply = client.post("/kiosk/enrol", json=body)
    assert (reply.status_code, reply.json) == (422, {"error": "malformed"})
    assert office.devices == {}


@pytest.mark.parametrize("body", [{}, [], "x", {"code": "x"}, {"code": "", "secret": "", "x": 1}])
def test_what_is_no_enrolment_is_said_to_be_none(client, body):
    assert client.post("/kiosk/enrol", json=body).status_code == 400


def test_an_enrolment_is_json_of_modest_size(client):
    body = json.dumps({"code": CODES["one"], "secret": "A" * 43})
    assert client.post("/kiosk/enrol", data=body).status_code == 415
    large = json.dumps({"code": "a" * 600_000, "secret": "A" * 43})
    reply = client.post("/kiosk/enrol", data=large, content_type="application/json")
    assert (reply.status_code, reply.json) == (413, {"error": "too_large"})


def test_a_secret_that_another_enrolment_has_is_told_apart(stranger):
    stranger.pair(CODES["one"])
    reply = stranger.pair(CODES["four"])
    assert (reply.status_code, reply.json) == (422, {"error": "secret_taken"})


@every_call
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer " + "A" * 43,
        "Bearer " + "A" * 5000,
        "Basic QUFBOkFBQQ==",
        "Bearer é" + "A" * 42,
        "bearer\t" + "A" * 43,
    ],
)
def test_without_a_known_secret_nothing_is_told_or_taken(client, office, ledger, call, header):
    class Headed(Tablet):
        @property
        def bearer(self):
            return {} if header is None else {"Authorization": header.encode().decode("latin-1")}

    reply = call(Headed(client, office.now))
    assert (reply.status_code, reply.json) == (401, {"error": "unknown_device"})
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert (ledger.stored, office.heartbeats) == ({}, {})


@every_call
def test_a_revoked_tablet_is_out_of_use_at_once(tablet_at, office, ledger, call):
    tablet = tablet_at("one")
    office.revoke(tablet.secret)
    reply = call(tablet)
    assert (reply.status_code, reply.json) == (403, {"error": "revoked"})
    assert (ledger.stored, office.heartbeats) == ({}, {})


def test_a_revoked_tablet_is_not_paired_again_by_its_old_code(stranger, office):
    office.offer("one", "mnpqrstu")
    stranger.pair("mnpqrstu")
    office.revoke(stranger.secret)
    reply = stranger.pair("mnpqrstu")
    assert (reply.status_code, reply.json) == (403, {"error": "revoked"})


def test_after_staff_agree_a_revoked_tablet_hands_over_and_does_nothing_else(
    tablet_at, office, ledger
):
    tablet = tablet_at("one")
    office.revoke(tablet.secret, handover=True)
    assert receipts(tablet.hand_in(record())) == ["stored"]
    assert tablet.beat().status_code == 403
    assert tablet.get("station.json").status_code == 403
    office.shift = timedelta(hours=24, minutes=1)
    assert tablet.hand_in(record()).status_code == 403
    assert len(ledger.stored) == 1


def test_two_tablets_at_one_counter_are_two_tablets(tablet_at, office):
    first, second = tablet_at("one"), tablet_at("one")
    first.beat(unsent=4)
    second.beat(unsent=5)
    office.revoke(first.secret)
    assert second.beat(unsent=6).status_code == 200
    told = [[heartbeat.unsent for heartbeat in told] for told in office.heartbeats.values()]
    assert told == [[4], [5, 6]]


def test_a_heartbeat_is_kept_and_answered_with_what_is_new(tablet_at, office, stations):
    tablet = tablet_at("one")
    body = {"clock": tablet.clock - 3 * 86_400, "unsent": 3, "quarantined": 1, "oldest_s": 7200}
    first = tablet.beat(**body, sent=40, build="abc", storage="denied").json
    ((told,),) = office.heartbeats.values()
    assert (told.unsent, told.quarantined, told.oldest_s, told.sent) == (3, 1, 7200, 40)
    assert (told.build, told.questionnaire, told.storage) == ("abc", "desk@1", "denied")
    assert told.clock_offset_s == pytest.approx(-3 * 86_400, abs=5)
    document = tablet.get("station.json").json
    assert (first["build"], first["station"]) == (document["build"], document["digest"])
    stations["one"] = replace(stations["one"], simulated=True)
    assert tablet.beat().json["station"] != first["station"]


def test_a_tablet_without_a_questionnaire_says_so(tablet_at, office):
    assert tablet_at("one").beat(questionnaire=None, oldest_s=None).status_code == 200
    ((told,),) = office.heartbeats.values()
    assert (told.questionnaire, told.oldest_s) == ("", 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"unsent": -1},
        {"unsent": 1.5},
        {"unsent": True},
        {"unsent": None},
        {"sent": 2**31},
        {"quarantined": "3"},
        {"oldest_s": -1},
        {"clock": "now"},
        {"clock": 1e12},
        {"build": ""},
        {"build": "<script>"},
        {"build": "a" * 41},
        {"questionnaire": "desk"},
        {"questionnaire": ["desk@1"]},
        {"storage": "plenty"},
        {"storage": None},
        {"storage": ["granted"]},
    ],
)
def test_a_heartbeat_that_makes_no_sense_is_refused(tablet_at, office, changes):
    reply = tablet_at("one").beat(**changes)
    assert (reply.status_code, reply.json) == (422, {"error": "malformed"})
    assert office.heartbeats == {}


@pytest.mark.parametrize("changes", [{"more": 1}])
def test_a_heartbeat_with_an_unknown_field_is_refused(tablet_at, office, changes):
    assert tablet_at("one").beat(**changes).status_code == 400
    assert office.heartbeats == {}


def test_a_clock_that_is_decades_off_still_makes_a_heartbeat(tablet_at, office):
    assert tablet_at("one").beat(clock=-1e10).status_code == 200
    ((told,),) = office.heartbeats.values()
    assert told.clock_offset_s == -(2**31 - 1)


@every_call
def test_who_comes_too_often_is_told_how_long_to_wait(tablet_at, office, call):
    tablet = tablet_at("one")
    office.wait = 7
    reply = call(tablet)
    assert (reply.status_code, reply.json) == (429, {"error": "too_often"})
    assert reply.headers["Retry-After"] == "7"


def test_guessing_codes_is_slowed_down(stranger, office):
    office.wait = 30
    reply = stranger.pair("zzzzzzzz")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "30")


@every_call
def test_a_fault_of_ours_is_told_as_one_and_the_tablet_comes_again(tablet_at, office, call, caplog):
    tablet = tablet_at("one")
    office.fault = OSError("the disk is gone")
    with caplog.at_level(logging.ERROR, "hailong.kiosk"):
        reply = call(tablet)
    assert (reply.status_code, reply.json) == (503, {"error": "later"})
    assert int(reply.headers["Retry-After"]) > 0
    assert "the disk is gone" in caplog.text
    assert tablet.secret not in caplog.text
