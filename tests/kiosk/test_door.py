"""Handing responses in over HTTP: receipts, refusals, and no record that keeps another one out."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import Problem, make_blueprint
from kiosk.blueprint import MAX_BYTES, MAX_RECORDS


def record(**changes):
    found = {
        "response_id": str(uuid4()),
        "questionnaire": "desk@1",
        "sector": "land",
        "scores": {"overall": 4},
        "choices": {},
        "comment": None,
        "age_s": 0,
    }
    return {**found, **changes}


@pytest.fixture
def hand_in(client):
    def hand_in(*records, code="one"):
        return client.post("/kiosk/responses", json={"code": code, "responses": list(records)})

    return hand_in


def receipts(reply):
    return [result["receipt"] for result in reply.json["results"]]


def test_a_response_is_stored_and_its_receipt_names_it(hand_in, ledger):
    mine = record(scores={"overall": 5, "results": 4})
    reply = hand_in(mine)
    assert reply.status_code == 200
    assert reply.json == {
        "results": [{"response_id": mine["response_id"], "receipt": "stored", "problems": []}]
    }
    assert ledger.only.answers.scores["results"] == 4
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_retry_is_not_a_second_answer(hand_in, ledger):
    mine = record()
    hand_in(mine)
    again = hand_in({**mine, "age_s": 40})
    assert (again.status_code, receipts(again)) == (200, ["repeated"])
    assert len(ledger.stored) == 1


def test_the_same_id_with_other_answers_is_a_conflict_and_the_first_stays(hand_in, ledger):
    mine = record(scores={"overall": 5})
    hand_in(mine)
    reply = hand_in({**mine, "scores": {"overall": 1}})
    assert (reply.status_code, receipts(reply)) == (409, ["conflict"])
    assert ledger.only.answers.scores["overall"] == 5


def test_a_refused_response_is_told_every_reason(hand_in, ledger):
    reply = hand_in(record(scores={"overall": 6, "access": 0}))
    assert reply.status_code == 422
    assert reply.json["results"][0]["problems"] == [
        {"place": "overall", "code": "off_scale"},
        {"place": "access", "code": "off_scale"},
    ]
    assert ledger.stored == {}


def test_what_the_door_itself_refuses_is_told_too(hand_in, ledger):
    ledger.refusal = (Problem("sector", "unknown"),)
    reply = hand_in(record())
    assert reply.status_code == 422
    assert reply.json["results"][0]["problems"] == [{"place": "sector", "code": "unknown"}]


def test_one_bad_record_keeps_none_of_the_others_out(hand_in, ledger):
    first, last = record(), record()
    conflicting = {**first, "scores": {"overall": 1}}
    reply = hand_in(first, {"nonsense": 1}, None, record(scores={}), conflicting, first, last)
    assert reply.status_code == 200
    assert receipts(reply) == [
        "stored", "refused", "refused", "refused", "conflict", "repeated", "stored",
    ]  # fmt: skip
    assert set(ledger.stored) == {first["response_id"], last["response_id"]}


def test_a_record_that_breaks_the_store_is_kept_for_later_and_the_others_go_in(
    hand_in, ledger, caplog
):
    broken, fine = record(), record()
    ledger.faulty_ids = {broken["response_id"]}
    with caplog.at_level(logging.ERROR, "hailong.kiosk"):
        reply = hand_in(broken, fine)
    assert reply.status_code == 200
    assert receipts(reply) == ["later", "stored"]
    assert "database or disk is full" in caplog.text


def test_nothing_stored_is_no_success_and_asks_for_patience(hand_in, ledger):
    ledger.fault = OSError("no space left")
    for reply in (hand_in(record()), hand_in(record(), record())):
        assert reply.status_code == 503
        assert int(reply.headers["Retry-After"]) > 0
        assert set(receipts(reply)) == {"later"}


def test_the_log_of_a_failure_holds_no_answer(hand_in, ledger, caplog):
    ledger.fault = OSError("no space left")
    hand_in(record(comment="Bà Lan ở thôn Hai"))
    assert caplog.records
    assert "Lan" not in caplog.text


def test_a_version_answered_before_the_counter_changed_is_still_taken(hand_in, stations, ledger):
    waiting = record(questionnaire="desk@1")
    stations["one"] = replace(stations["one"], questionnaire=stations["sipas"].questionnaire)
    assert receipts(hand_in(waiting)) == ["stored"]
    assert ledger.only.questionnaire.key == "desk@1"


def test_without_a_shelf_of_versions_only_the_present_one_is_taken(stations, ledger):
    app = Flask("present_only")
    app.register_blueprint(make_blueprint(stations.get, ledger.accept), url_prefix="/kiosk")
    client = app.test_client()

    def send(found):
        return client.post("/kiosk/responses", json={"code": "one", "responses": [found]})

    assert send(record()).status_code == 200
    assert send(record(questionnaire="sipas-22@1")).status_code == 422


@pytest.mark.parametrize(("code", "status"), [("nobody", 404), ("closed", 410), ("", 404)])
def test_an_unknown_link_and_a_link_out_of_use_take_nothing(hand_in, ledger, code, status):
    reply = hand_in(record(), code=code)
    assert (reply.status_code, ledger.stored) == (status, {})
    assert reply.json["error"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_what_another_site_could_make_a_browser_send_is_not_taken(client, ledger, kind):
    body = json.dumps({"code": "one", "responses": [record()]})
    reply = client.post("/kiosk/responses", data=body, content_type=kind)
    assert (reply.status_code, ledger.stored) == (415, {})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b'{"code":"one"}',
        b'{"code":"one","responses":[]}',
        b'{"code":"one","responses":{}}',
        b'{"code":1,"responses":[{}]}',
        b'{"code":"one","responses":[{}],"more":1}',
        b'{"code":"one","responses":[NaN]}',
        b'{"code":"one","responses":[Infinity]}',
        b'{"code":"one","responses":[' + b"9" * 5000 + b"]}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe{\x00}\x00",
        b"\x00",
    ],
    ids=range(17),
)
def test_what_is_no_request_is_said_to_be_none(client, body):
    reply = client.post("/kiosk/responses", data=body, content_type="application/json")
    assert reply.status_code == 400
    assert reply.json["error"]


def test_too_large_a_body_is_not_read(client, ledger):
    body = json.dumps({"code": "one", "responses": [record(comment="x" * MAX_BYTES)]})
    reply = client.post("/kiosk/responses", data=body, content_type="application/json")
    assert (reply.status_code, ledger.stored) == (413, {})


def test_the_bound_is_the_kiosks_own_also_where_the_application_has_a_lower_one(app, hand_in):
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    comment = "Ghế ngồi chờ ít quá. " * 40
    reply = hand_in(*(record(comment=comment) for _ in range(MAX_RECORDS)))
    assert reply.status_code == 200
    assert set(receipts(reply)) == {"stored"}


def test_too_many_records_at_once_are_refused_as_a_whole(hand_in, ledger):
    reply = hand_in(*(record() for _ in range(MAX_RECORDS + 1)))
    assert (reply.status_code, ledger.stored) == (413, {})


def test_a_full_request_of_the_longest_comments_fits(hand_in):
    comment = "ổ" * 990  # six bytes each in JSON
    reply = hand_in(*(record(comment=comment) for _ in range(50)))
    assert set(receipts(reply)) == {"stored"}


def test_a_comment_reaches_the_store_without_the_numbers_that_name_a_person(hand_in, ledger):
    hand_in(record(comment="Gọi tôi 0912 345 678, CCCD 001099012345"))
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
def test_no_request_makes_the_server_fail(client, parts):
    records = [{**record(), **part} if isinstance(part, dict) else part for part in parts]
    body = json.dumps({"code": "one", "responses": records})
    reply = client.post("/kiosk/responses", data=body, content_type="application/json")
    assert reply.status_code in {200, 400, 409, 422}
    if reply.status_code != 400:
        assert len(reply.json["results"]) == len(records)
