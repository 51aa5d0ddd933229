"""The citizen's form over HTTP, as a browser without JavaScript uses it."""

from __future__ import annotations

import gzip
import time
import uuid
from datetime import date

import pytest
from sqlalchemy import Engine, select, text

from survey.config import Config
from survey.store import tables
from survey.store.places import revoke_link
from survey.store.responses import posted_on

GOOD = {"overall": "5", "access": "4", "feedback": "na"}


def rows(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(tables.response)).mappings()]


def test_an_answer_is_stored_once_and_thanked_for(citizen, engine):
    reply = citizen.send(GOOD)
    assert reply.status_code == 303
    thanks = citizen.client.get(reply.headers["Location"])
    assert "Ý kiến đã được ghi nhận" in thanks.text
    (row,) = rows(engine)
    assert row["questionnaire"] == "desk@2"
    assert (row["office"], row["sector"], row["channel"]) == ("trieu-son", "land", "poster")
    assert row["scores"] == "54----"


def test_only_the_date_of_an_answer_is_kept(citizen, engine):
    citizen.send(GOOD)
    (row,) = rows(engine)
    assert type(row["answered_on"]) is date
    assert set(row) == {
        "response_id",
        "questionnaire",
        "office",
        "sector",
        "procedure",
        "channel",
        "answered_on",
        "late",
        "flag",
        "scores",
        "fresh",
        "since_seal",  # until the night: see test_arrival
        "origin",
    }


def test_opening_a_form_stores_nothing(citizen, engine):
    with engine.connect() as connection:
        before = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in tables.metadata.tables
        ]
    citizen.open()
    with engine.connect() as connection:
        after = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in tables.metadata.tables
        ]
    assert before == after


def test_the_same_form_sent_again_is_the_same_success_and_no_second_row(citizen, engine):
    first, second = citizen.send(GOOD), citizen.send(GOOD)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(rows(engine)) == 1


def test_changed_answers_after_sending_meet_a_friendly_page_and_the_first_count(citizen, engine):
    citizen.send(GOOD)
    changed = citizen.send(GOOD | {"overall": "1"})
    assert changed.status_code == 409
    assert "Phiếu này đã được gửi rồi" in changed.text
    (row,) = rows(engine)
    assert row["scores"] == "54----"


@pytest.mark.sqlite_is_enough
def test_a_changed_comment_is_other_content(citizen):
    citizen.send(GOOD | {"comment": "Tốt"})
    assert citizen.send(GOOD | {"comment": "Tốt"}).status_code == 303
    assert citizen.send(GOOD | {"comment": "Chậm"}).status_code == 409


def test_choices_and_comment_are_kept_apart_from_the_response(citizen, engine):
    citizen.send(
        {"overall": "1", "went_wrong": ["waiting", "attitude"], "comment": "Gọi 0912 345 678 nhé"}
    )
    with engine.connect() as connection:
        chosen = connection.execute(select(tables.choice.c.option)).scalars().all()
        comment = connection.execute(select(tables.comment.c.text)).scalar_one()
    assert sorted(chosen) == ["attitude", "waiting"]
    assert "0912" not in comment
    assert comment.startswith("Gọi ")


@pytest.mark.sqlite_is_enough
def test_a_missing_answer_is_told_beside_its_question_and_the_others_are_kept(citizen, engine):
    reply = citizen.send({"access": "2", "comment": "Ghế <b>ít</b>"})
    assert reply.status_code == 422
    assert 'id="overall-error"' in reply.text
    assert 'name="access"\n                   value="2"' in reply.text or "checked" in reply.text
    assert "Ghế &lt;b&gt;ít&lt;/b&gt;" in reply.text
    assert rows(engine) == []


def test_the_corrected_form_is_stored_under_its_first_id(citizen, engine):
    refused = citizen.send({"access": "2"})
    first_id = citizen.hidden["response_id"]
    citizen.hidden = {}
    assert f'value="{first_id}"' in refused.text
    citizen.open()
    citizen.hidden["response_id"] = first_id
    citizen.send(GOOD)
    assert [row["response_id"] for row in rows(engine)] == [first_id]


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("score", ["0", "6", "5.0", "five", "na", "-1", "55", "٥"])
def test_a_score_off_the_scale_is_refused(citizen, engine, score):
    assert citizen.send({"overall": score}).status_code == 422
    assert rows(engine) == []


def test_the_sector_is_asked_where_the_counter_serves_several(citizen_of_many_sectors, engine):
    citizen = citizen_of_many_sectors
    assert "về việc gì" in citizen.open().text
    missing = citizen.send(GOOD)
    assert missing.status_code == 422
    assert 'id="sector-error"' in missing.text
    foreign = citizen.send(GOOD | {"sector": "land"})
    assert foreign.status_code == 422
    citizen.send(GOOD | {"sector": "civil-status"})
    assert [row["sector"] for row in rows(engine)] == ["civil-status"]


def test_who_cannot_tell_the_sector_is_counted_in_none(citizen_of_many_sectors, citizen, engine):
    assert citizen_of_many_sectors.send(GOOD | {"sector": "unknown"}).status_code == 303
    assert [row["sector"] for row in rows(engine)] == ["unknown"]
    assert posted_on(engine, rows(engine)[0]["answered_on"]) != {}
    assert citizen.send(GOOD | {"sector": "unknown"}).status_code == 303
    assert sorted(row["sector"] for row in rows(engine)) == ["land", "unknown"]


def test_the_agency_questionnaire_is_about_no_sector(client, engine, citizen_at):
    citizen = citizen_at("cong-chinh")
    assert "lĩnh vực nào" not in citizen.open().text
    citizen.send({"overall": "4"})
    (row,) = rows(engine)
    assert (row["questionnaire"], row["sector"]) == ("agency-service@2", "general")


@pytest.mark.sqlite_is_enough
def test_an_expired_token_shows_the_form_again_with_its_answers(citizen, engine, monkeypatch):
    citizen.open()
    later = time.time() + 8 * 24 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    reply = citizen.send(GOOD | {"comment": "Vẫn còn đây"})
    assert reply.status_code == 422
    assert "mở đã lâu" in reply.text
    assert "Vẫn còn đây" in reply.text
    assert rows(engine) == []
    citizen.hidden |= {"token": reply.text.split('name="token" value="')[1].split('"')[0]}
    assert citizen.send(GOOD).status_code == 303
    assert len(rows(engine)) == 1


@pytest.mark.sqlite_is_enough
def test_a_form_left_open_for_a_day_still_counts(citizen, engine, monkeypatch):
    citizen.open()
    tomorrow = time.time() + 26 * 3600
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert citizen.send(GOOD).status_code == 303
    assert len(rows(engine)) == 1


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("token", ["", "x", "quay-1.AAAA.BBBB", "é" * 300])
def test_a_token_of_another_making_shows_the_form_again(citizen, engine, token):
    citizen.open()
    assert citizen.send(GOOD, token=token).status_code == 422
    assert rows(engine) == []


@pytest.mark.sqlite_is_enough
def test_a_token_of_another_counter_is_not_taken(citizen, citizen_at, engine):
    other = citizen_at("quay-2")
    other.open()
    citizen.open()
    assert citizen.send(GOOD, token=other.hidden["token"]).status_code == 422


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("response_id", ["", "1", "x" * 36, "0" * 10_000])
def test_a_response_id_that_is_none_is_not_stored(citizen, engine, response_id):
    citizen.open()
    assert citizen.send(GOOD, response_id=response_id).status_code == 422
    assert rows(engine) == []


@pytest.mark.sqlite_is_enough
def test_a_browser_that_opens_the_form_again_at_once_keeps_its_id(citizen):
    page = {"Sec-Fetch-Dest": "document"}
    citizen.open(**page)
    first = citizen.hidden["response_id"]
    citizen.open(**page)
    assert citizen.hidden["response_id"] == first
    citizen.open("?new=1", **page)
    assert citizen.hidden["response_id"] != first


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(("accept", "same"), [("text/html,*/*;q=0.8", True), ("*/*", False)])
def test_on_plain_http_a_browser_is_known_by_asking_for_a_page(citizen, accept, same):
    ids = []
    for _ in range(2):
        page = citizen.client.get(f"/r/{citizen.code}", headers={"Accept": accept})
        ids.append(page.text.split('name="response_id" value="')[1].split('"')[0])
    assert (ids[0] == ids[1]) is same


@pytest.mark.sqlite_is_enough
def test_an_unknown_code_is_a_page_for_people(client):
    reply = client.get("/r/nosuchcode")
    assert reply.status_code == 404
    assert "Không tìm thấy mã này" in reply.text
    assert "This code was not found" in client.get("/r/nosuchcode?lang=en").text


@pytest.mark.sqlite_is_enough
def test_a_code_typed_in_capitals_works(client, citizen):
    page = client.get(f"/r/{citizen.code.upper()}", follow_redirects=True)
    assert page.status_code == 200


def test_a_revoked_code_is_gone_at_once(citizen, engine):
    citizen.open()
    revoke_link(engine, citizen.code, date(2026, 10, 15))
    assert citizen.client.get(f"/r/{citizen.code}").status_code == 410
    refused = citizen.send(GOOD)
    assert refused.status_code == 410
    assert "không còn dùng nữa" in refused.text
    assert rows(engine) == []


@pytest.mark.sqlite_is_enough
def test_too_much_is_refused_with_a_page(citizen, engine):
    reply = citizen.send(GOOD | {"comment": "a" * 600_000})
    assert reply.status_code == 413
    assert "quá dài" in reply.text
    assert rows(engine) == []


@pytest.mark.sqlite_is_enough
def test_a_comment_somewhat_too_long_is_told_beside_the_box_and_kept(citizen):
    reply = citizen.send(GOOD | {"comment": "dài " * 400})
    assert reply.status_code == 422
    assert 'id="comment-error"' in reply.text
    assert "dài dài dài" in reply.text


def test_too_many_answers_from_one_address_are_asked_to_wait(make_client, engine, citizen_at):
    citizen = citizen_at("quay-1", make_client(responses_per_minute=3))
    for _ in range(3):
        citizen.open()
        assert citizen.send(GOOD).status_code == 303
    citizen.open()
    refused = citizen.send(GOOD)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "Xin chờ" in refused.text
    assert len(rows(engine)) == 3
    other = citizen_at("quay-2", citizen.client)
    assert other.send(GOOD | {"sector": "construction"}).status_code == 303


def test_a_database_that_is_away_is_our_fault_and_never_a_thank_you(citizen, engine):
    citizen.open()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE choice RENAME TO choice_away"))
    reply = citizen.send({"overall": "1", "went_wrong": "waiting"})
    assert reply.status_code in (500, 503)
    assert "chưa được ghi nhận" in reply.text
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE choice_away RENAME TO choice"))
    assert rows(engine) == []  # the whole response is one transaction


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("path", ["/r/{code}", "/r/{code}/thanks", "/sign-in", "/r/none"])
def test_pages_are_not_stored_by_the_browser_and_allow_nothing_from_outside(client, citizen, path):
    reply = client.get(path.format(code=citizen.code))
    assert reply.headers["Cache-Control"] == "no-store"
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    sources = {source for rule in policy.split(";") for source in rule.split()[1:]}
    here = {"'self'", "'none'", "data:"}
    assert all(source in here or source.startswith("'sha256-") for source in sources), policy


@pytest.mark.sqlite_is_enough
def test_pages_are_compressed_for_browsers_that_take_it(client, citizen):
    reply = client.get(f"/r/{citizen.code}", headers={"Accept-Encoding": "gzip, br"})
    assert reply.headers["Content-Encoding"] == "gzip"
    assert len(reply.data) < 14_600
    assert b"<form" in gzip.decompress(reply.data)


@pytest.mark.sqlite_is_enough
def test_prefilled_addresses_choose_nothing(client, citizen):
    reply = client.get(f"/r/{citizen.code}?overall=5&comment=<script>alert(1)</script>")
    assert "checked" not in reply.text.split("<form")[1].split("<script>")[0]
    assert "alert(1)" not in reply.text


@pytest.mark.sqlite_is_enough
def test_english_is_a_link_away(citizen):
    page = citizen.open("?lang=en")
    assert "How satisfied are you with how this procedure was handled?" in page.text
    assert '<html lang="en">' in page.text
    thanks = citizen.send(GOOD)
    assert "Your answer has been recorded" in citizen.client.get(thanks.headers["Location"]).text


@pytest.mark.sqlite_is_enough
def test_every_id_is_new_for_every_visitor(citizen):
    seen = set()
    for _ in range(20):
        citizen.open()
        seen.add(uuid.UUID(citizen.hidden["response_id"]))
    assert len(seen) == 20


def test_a_slow_network_is_no_reason_to_count_twice(citizen, engine, config: Config):
    """The reply is lost, the phone asks again after midnight: still one response."""
    citizen.open()
    citizen.send(GOOD)
    with engine.begin() as connection:
        connection.execute(tables.response.update().values(answered_on=date(2020, 1, 1)))
    assert citizen.send(GOOD).status_code == 303
    assert len(rows(engine)) == 1
