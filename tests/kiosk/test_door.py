"""Handing responses in over HTTP: receipts, refusals, and no record that keeps another one out."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import FieldProblem
from kiosk.blueprint import MAX_BYTES, MAX_RECORDS
from questionnaires import shipped
from tests.kiosk.wire import receipts, record


@pytest.fixture
def tablet(tablet_at):
    return tablet_at("one")


def test_a_response_is_stored_and_its_receipt_names_it(tablet, ledger, office):
    mine = record(scores={"overall": 5, "results": 4})
    reply = tablet.hand_in(mine)
    assert reply.status_code == 200
    assert reply.json["results"] == [
        {"response_id": mine["response_id"], "receipt": "stored", "problems": []}
    ]
    assert ledger.only.answers.scores["results"] == 4
    assert reply.headers["Cache-Control"] == "no-store"


def test_every_delivery_is_told_the_servers_time(tablet, office):
    office.shift = timedelta(days=3)
    told = tablet.hand_in(record()).json["server_time"]
    assert told == pytest.approx(office.now().timestamp(), abs=5)


def test_a_retry_is_not_a_second_answer(tablet, ledger):
    mine = record()
    tablet.hand_in(mine)
    again = tablet.hand_in({**mine, "age_s": 40, "clock_doubtful": True})
    assert (again.status_code, receipts(again)) == (200, ["repeated"])
    assert len(ledger.stored) == 1


def test_the_same_id_with_other_answers_is_a_conflict_and_the_first_stays(tablet, ledger):
    mine = record(scores={"overall": 5})
    tablet.hand_in(mine)
    reply = tablet.hand_in({**mine, "scores": {"overall": 1}})
    assert (reply.status_code, receipts(reply)) == (409, ["conflict"])
    assert ledger.only.answers.scores["overall"] == 5


def test_a_refused_response_is_told_every_reason(tablet, ledger):
    reply = tablet.hand_in(record(scores={"overall": 6, "access": 0}))
    assert reply.status_code == 422
    assert reply.json["results"][0]["problems"] == [
        {"place": "overall", "code": "off_scale"},
        {"place": "access", "code": "off_scale"},
    ]
    assert ledger.stored == {}


def test_what_the_door_itself_refuses_is_told_too(tablet, ledger):
    ledger.refusal = (FieldProblem("sector", "unknown"),)
    reply = tablet.hand_in(record())
    assert reply.status_code == 422
    assert reply.json["results"][0]["problems"] == [{"place": "sector", "code": "unknown"}]


def test_one_bad_record_keeps_none_of_the_others_out(tablet, ledger):
    first, last = record(), record()
    conflicting = {**first, "scores": {"overall": 1}}
    reply = tablet.hand_in(
        first, {"nonsense": 1}, None, record(scores={}), conflicting, first, last
    )
    assert reply.status_code == 200
    assert receipts(reply) == [
        "stored", "refused", "refused", "refused", "conflict", "repeated", "stored",
    ]  # fmt: skip
    assert set(ledger.stored) == {first["response_id"], last["response_id"]}


def test_a_record_that_cannot_be_stored_is_kept_for_later_and_the_others_go_in(tablet, ledger):
    broken, fine = record(), record()
    ledger.faulty_ids = {broken["response_id"]}
    reply = tablet.hand_in(broken, fine)
    assert reply.status_code == 200
    assert receipts(reply) == ["later", "stored"]


def test_nothing_stored_is_no_success_and_asks_for_patience(tablet, ledger, caplog):
    ledger.fault = OSError("no space left")
    with caplog.at_level(logging.ERROR, "hailong.kiosk"):
        for reply in (tablet.hand_in(record()), tablet.hand_in(record(), record())):
            assert reply.status_code == 503
            assert int(reply.headers["Retry-After"]) > 0
            assert set(receipts(reply)) == {"later"}
    assert "no space left" in caplog.text


def test_the_log_of_a_failure_holds_no_answer(tablet, ledger, caplog):
    ledger.fault = OSError("no space left")
    tablet.hand_in(record(comment="Bà Lan ở thôn Hai"))
    assert caplog.records
    assert "Lan" not in caplog.text


def test_a_version_answered_before_the_counter_changed_is_still_taken(tablet, stations, ledger):
    waiting = record(questionnaire="desk@1")
    stations["one"] = replace(stations["one"], questionnaire=stations["sipas"].questionnaire)
    assert receipts(tablet.hand_in(waiting)) == ["stored"]
    assert ledger.only.questionnaire.key == "desk@1"


def test_a_version_that_this_office_never_published_is_refused(tablet, office):
    office.questionnaires = {"desk@1": shipped()["desk@1"]}
    assert tablet.hand_in(record(questionnaire="sipas-22@1")).status_code == 422


@pytest.mark.parametrize("days", [-40, 40, 1.1, -1.1])
def test_answers_of_a_tablet_whose_clock_is_days_off_are_marked(tablet, ledger, office, days):
    body = {"clock": tablet.clock + days * 86_400, "responses": [record()]}
    assert receipts(tablet.post("responses", body)) == ["stored"]
    assert ledger.only.clock_doubtful


@pytest.mark.parametrize("hours", [-20, 0, 20])
def test_a_clock_that_is_hours_off_is_no_matter(tablet, ledger, hours):
    body = {"clock": tablet.clock + hours * 3600, "responses": [record()]}
    tablet.post("responses", body)
    assert not ledger.only.clock_doubtful


def test_the_tablet_may_doubt_an_age_itself(tablet, ledger):
    tablet.hand_in(record(clock_doubtful=True))
    assert ledger.only.clock_doubtful


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_what_another_site_could_make_a_browser_send_is_not_taken(tablet, ledger, kind):
    body = json.dumps({"clock": tablet.clock, "responses": [record()]})
    reply = tablet.send("responses", body, kind)
    assert (reply.status_code, reply.json, ledger.stored) == (415, {"error": "not_json"}, {})


NO_REQUESTS = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b'{"clock":1}',
    b'{"clock":1,"responses":[]}',
    b'{"clock":1,"responses":{}}',
    b'{"clock":"1","responses":[{}]}',
    b'{"clock":true,"responses":[{}]}',
    b'{"clock":null,"responses":[{}]}',
    b'{"clock":1e300,"responses":[{}]}',
    b'{"clock":' + b"9" * 400 + b',"responses":[{}]}',
    b'{"responses":[{}]}',
    b'{"clock":1,"responses":[{}],"more":1}',
    b'{"clock":1,"responses":[NaN]}',
    b'{"clock":Infinity,"responses":[{}]}',
    b'{"clock":1,"responses":[' + b"9" * 5000 + b"]}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"\xff\xfe{\x00}\x00",
    b"\x00",
]


@pytest.mark.parametrize("body", NO_REQUESTS, ids=range(len(NO_REQUESTS)))
@pytest.mark.parametrize("path", ["responses", "heartbeat"])
def test_what_is_no_request_is_said_to_be_none(tablet, path, body):
    reply = tablet.send(path, body, "application/json")
    assert reply.status_code == 400
    assert reply.json["error"] in {"not_json", "not_a_request"}


def test_too_large_a_body_is_not_read(tablet, ledger):
    reply = tablet.hand_in(record(comment="x" * MAX_BYTES))
    assert (reply.status_code, reply.json, ledger.stored) == (413, {"error": "too_large"}, {})


def test_the_bound_is_the_kiosks_own_also_where_the_application_has_a_lower_one(app, tablet):
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    comment = "Ghế ngồi chờ ít quá. " * 40
    reply = tablet.hand_in(*(record(comment=comment) for _ in range(MAX_RECORDS)))
    assert reply.status_code == 200
    assert set(receipts(reply)) == {"stored"}


def test_too_many_records_at_once_are_refused_as_a_whole(tablet, ledger):
    reply = tablet.hand_in(*(record() for _ in range(MAX_RECORDS + 1)))
    assert (reply.status_code, ledger.stored) == (413, {})
    assert reply.json == {"error": "too_many_records"}


def test_a_full_request_of_the_longest_comments_fits(tablet):
    comment = "ổ" * 990  # six bytes each in JSON
    reply = tablet.hand_in(*(record(comment=comment) for _ in range(50)))
    assert set(receipts(reply)) == {"stored"}


def test_a_comment_reaches_the_store_without_the_numbers_that_name_a_person(tablet, ledger):
    tablet.hand_in(record(comment="Gọi tôi 0912 345 678, CCCD 001099012345"))
    assert "0912" not in (ledger.only.answers.comment or "")
    assert "001099012345" not in (ledger.only.answers.comment or "")


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(parts=st.lists(st.dictionaries(st.sampled_from([*record()]), HOSTILE) | HOSTILE, max_size=4))
def test_no_delivery_makes_the_server_fail(tablet, parts):
    records = [{**record(), **part} if isinstance(part, dict) else part for part in parts]
    body = json.dumps({"clock": tablet.clock, "responses": records})
    reply = tablet.send("responses", body, "application/json")
    assert reply.status_code in {200, 400, 409, 422}
    if reply.status_code != 400:
        assert len(reply.json["results"]) == len(records)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(body=st.dictionaries(st.sampled_from(["clock", "responses", "code", "secret"]), HOSTILE))
def test_no_body_makes_any_route_fail(tablet, body):
    for path in ("responses", "heartbeat", "enrol"):
        reply = tablet.send(path, json.dumps(body), "application/json")
        assert reply.status_code in {200, 400, 404, 409, 422}
