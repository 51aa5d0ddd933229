"""The pages behind a slip: its form once, thanks again for the same answer, and four other ends."""

from __future__ import annotations

import logging
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from survey.app import create_app
from survey.serving import server
from survey.slips import KEPT, month_of, token_hash
from survey.store import tables
from survey.store.places import load_places, save_places
from survey.store.questionnaires import Published
from survey.store.responses import add_response, count_responses
from survey.store.slips import (
    find_slip,
    forget_slips,
    list_batches,
    use_slip,
    withdraw_batch,
)
from survey.web.limits import Limits, Turn
from tests.clock import TODAY
from tests.survey.conftest import poster_code
from tests.survey.slips import BY, Holder, issue, used_months
from tests.survey.store.test_arrival import response

pytestmark = pytest.mark.usefixtures("on_a_thursday")


@pytest.fixture
def holder(client, engine):
    """Somebody with a slip about land, of the counter that serves it."""
    (token,) = issue(engine)
    return Holder(client, token)


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(select(tables.response)).mappings().all()


def withdraw_all(engine):
    for batch in list_batches(engine, TODAY):
        withdraw_batch(engine, batch.id, TODAY, BY)


def end(engine, days):
    """Let every slip have been good until so many days ago."""
    with engine.begin() as connection:
        connection.execute(update(tables.slip_batch).values(last_day=TODAY - timedelta(days=days)))


def test_a_slip_opens_the_form_of_its_sector_and_its_answer_is_stored(holder, engine):
    page = holder.open()
    assert page.status_code == 200
    assert "Quầy 1 · Đất đai" in " ".join(page.text.split())
    assert 'name="sector"' not in page.text
    reply = holder.send({"overall": 4})
    assert reply.status_code == 303
    thanks = holder.client.get(reply.headers["Location"])
    assert "Cảm ơn" in thanks.text
    (row,) = rows(engine)
    assert (row["channel"], row["sector"], row["procedure"]) == ("slip", "land", "")
    assert used_months(engine) == [month_of(TODAY)]


def test_the_sector_of_a_slip_of_a_counter_with_several_is_not_asked(client, engine):
    (token,) = issue(engine, sector="residence", counter="quay-3")
    holder = Holder(client, token)
    assert 'name="sector"' not in holder.open().text
    assert holder.send({"overall": 4, "sector": "civil-status"}).status_code == 303
    assert [row["sector"] for row in rows(engine)] == ["residence"]


def test_the_form_of_another_sector_is_not_taken_with_a_slip(client, engine):
    tokens = [
        issue(engine, sector=one, counter="quay-3")[0] for one in ("residence", "civil-status")
    ]
    mine, other = (Holder(client, token) for token in tokens)
    other.open()
    mine.open()
    assert mine.send({"overall": 4}, token=other.hidden["token"]).status_code == 422
    assert rows(engine) == []
    assert set(used_months(engine)) == {None}


def test_a_procedure_goes_along_with_the_answer(client, engine):
    code = next(one.code for one in load_places(engine).procedure if one.sector == "land")
    (token,) = issue(engine, procedure=code)
    assert Holder(client, token).send({"overall": 4}).status_code == 303
    assert [row["procedure"] for row in rows(engine)] == [code]


def test_a_slip_about_the_agency_in_general_has_a_form_too(client, engine):
    (token,) = issue(engine, sector="general", counter="cong-chinh")
    holder = Holder(client, token)
    holder.open()
    asked = Published(engine)[holder_counter(engine).questionnaire]
    assert holder.send({item.id: 4 for item in asked.items}).status_code == 303
    (row,) = rows(engine)
    assert (row["channel"], row["sector"]) == ("slip", "general")


def holder_counter(engine):
    return next(one for one in load_places(engine).counter if one.id == "cong-chinh")


def test_opening_looking_and_reloading_use_no_slip_up(holder, engine):
    for method in ("get", "head", "get", "options"):
        reply = getattr(holder.client, method)(
            f"/s/{holder.token}", headers={"User-Agent": "WhatsApp/2 facebookexternalhit ZaloPC"}
        )
        assert reply.status_code == 200
    holder.send({"overall": 9})  # not taken
    holder.send({"overall": 4}, "?lang=en&again=1")  # the other language
    assert used_months(engine) == [None]
    assert holder.send({"overall": 4}).status_code == 303


def test_the_same_answer_again_gets_its_thanks_again(holder, engine):
    first = holder.send({"overall": 4, "comment": "tốt"})
    for _ in range(2):
        again = holder.send({"overall": 4, "comment": "tốt"})
        assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    end(engine, 5)  # also when the slip is out of date by now
    assert holder.send({"overall": 4, "comment": "tốt"}).status_code == 303
    assert count_responses(engine) == 1


@pytest.mark.parametrize("changed", [{"overall": "1"}, {"response_id": str(uuid.uuid4())}])
def test_another_answer_with_a_used_slip_is_told_so_and_the_first_is_kept(holder, engine, changed):
    holder.send({"overall": 4})
    reply = holder.send({"overall": 4}, **changed)
    assert reply.status_code == 409
    assert "Phiếu này đã được trả lời" in reply.text
    assert holder.open().status_code == 409
    assert [row["scores"][0] for row in rows(engine)] == ["4"]


def test_an_incomplete_answer_with_a_used_slip_is_told_that_it_is_used(holder):
    holder.send({"overall": 4})
    for wrong in ({"token": "none"}, {"overall": "9"}):
        assert holder.send({"overall": 4}, **wrong).status_code == 409


def test_an_id_that_came_by_another_way_leaves_the_slip_unused(holder, engine):
    holder.open()
    add_response(engine, response(holder.hidden["response_id"]))
    reply = holder.send({"overall": 4})
    assert reply.status_code == 409
    assert "đã được gửi rồi" in reply.text
    assert used_months(engine) == [None]
    again = holder.send({"overall": 4}, response_id=str(uuid.uuid4()))
    assert again.status_code == 303


def test_a_slip_out_of_date_leads_to_the_counter_s_poster(holder, engine):
    end(engine, 1)
    page = holder.open()
    assert page.status_code == 410
    assert "Phiếu này đã hết hạn" in page.text
    assert f'href="/r/{poster_code(engine, "quay-1")}' in page.text


def test_an_answer_that_was_begun_in_time_is_taken_a_day_later_and_no_more(holder, engine):
    holder.open()
    end(engine, 2)
    reply = holder.send({"overall": 4})
    assert reply.status_code == 410
    assert rows(engine) == []
    end(engine, 1)
    assert holder.send({"overall": 4}).status_code == 303


def test_a_withdrawn_slip_leads_to_the_counter_s_poster(holder, engine):
    holder.open()
    withdraw_all(engine)
    for page in (holder.send({"overall": 4}), holder.open()):
        assert page.status_code == 410
        assert "Phiếu này không còn dùng nữa" in page.text
        assert f'href="/r/{poster_code(engine, "quay-1")}' in page.text
    assert rows(engine) == []


def test_a_slip_of_a_counter_that_was_closed_is_out_of_use(holder, engine):
    places = load_places(engine)
    rest = tuple(one for one in places.counter if one.id != "quay-1")
    save_places(engine, places.model_copy(update={"counter": rest}), TODAY)
    page = holder.open()
    assert page.status_code == 410
    assert "không còn dùng nữa" in page.text


def test_an_unknown_slip_is_told_what_to_do(client, engine):
    for reply in (client.get("/s/abc"), client.post("/s/abc"), client.get("/s/abc/thanks")):
        assert reply.status_code == 404
        assert "Không tìm thấy phiếu này" in reply.text
    assert "This slip was not found" in client.get("/s/abc?lang=en").text


def test_a_slip_that_is_long_over_is_unknown(holder, engine):
    holder.send({"overall": 4})
    end(engine, KEPT.days)
    assert forget_slips(engine, TODAY) == 0
    end(engine, KEPT.days + 1)
    assert forget_slips(engine, TODAY) == 1
    assert forget_slips(engine, TODAY) == 0
    assert holder.open().status_code == 404
    assert count_responses(engine) == 1


def test_an_address_in_capitals_or_with_a_full_stop_leads_to_the_form(holder):
    typed = f"/s/{holder.token.upper()}."
    reply = holder.client.get(f"{typed}?lang=en", follow_redirects=True)
    assert reply.request.path == f"/s/{holder.token}"
    assert '<html lang="en">' in reply.text


def test_a_shared_address_is_not_locked_out(make_client, engine):
    client = make_client(responses_per_minute=2, responses_per_counter_a_day=2)
    for token in issue(engine, 5):
        assert Holder(client, token).send({"overall": 5}).status_code == 303
    assert count_responses(engine) == 5


AT_ONCE = 100


def test_a_hundred_answers_with_one_slip_at_once_store_one(config, engine):
    (token,) = issue(engine)
    app = create_app(config, engine)
    holder = Holder(app.test_client(), token)
    holder.open()

    def send(_number: int) -> tuple[int, str]:
        form = holder.hidden | {"overall": 4, "response_id": str(uuid.uuid4())}
        reply = app.test_client().post(f"/s/{token}", data=form)
        while reply.status_code == 503:  # too busy for a second: sent again, as a phone does
            reply = app.test_client().post(f"/s/{token}", data=form)
        return reply.status_code, reply.text

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(send, range(AT_ONCE)))
    assert sorted(status for status, _ in found) == [303] + [409] * (AT_ONCE - 1)
    assert all("Phiếu này đã được trả lời" in text for status, text in found if status == 409)
    assert count_responses(engine) == 1
    assert used_months(engine) == [month_of(TODAY)]


def test_while_nobody_can_write_a_used_slip_is_still_told_from_a_busy_server(config, engine):
    limits = replace(Limits.of(config), writers=Turn(1, 1, 0.01))
    first, other = issue(engine, 2)
    app = create_app(config, engine, limits=limits)
    holder, late, waiting = (Holder(app.test_client(), one) for one in (first, first, other))
    for one in (holder, late, waiting):
        one.open()
    assert holder.send({"overall": 4}).status_code == 303
    with limits.writers.taken():
        assert holder.send({"overall": 4}).status_code == 303  # the same answer again
        reply = late.send({"overall": 2})
        assert (reply.status_code, "Phiếu này đã được trả lời" in reply.text) == (409, True)
        assert waiting.send({"overall": 5}).status_code == 503
    assert waiting.send({"overall": 5}).status_code == 303
    assert count_responses(engine) == 2


def test_who_waited_in_vain_for_a_turn_is_told_that_the_slip_was_used_meanwhile(
    config, engine, monkeypatch
):
    limits = replace(Limits.of(config), writers=Turn(1, 1, 0.01))
    (token,) = issue(engine)
    app = create_app(config, engine, limits=limits)
    late = Holder(app.test_client(), token)
    late.open()
    looked = []

    def find_then_use(engine, hash_):
        found = find_slip(engine, hash_)
        if not looked:  # somebody else uses it between this look and the turn
            looked.append(use_slip(engine, replace(response(), channel="slip"), hash_, TODAY))
        return found

    monkeypatch.setattr("survey.web.respond_slip.find_slip", find_then_use)
    with limits.writers.taken():
        reply = late.send({"overall": 2})
    assert looked == ["stored"]
    assert reply.status_code == 409
    assert count_responses(engine) == 1


# --- The token is written nowhere -------------------------------------------------------------


@pytest.mark.sqlite_is_enough
def test_no_page_hands_the_address_of_a_slip_on(holder, engine):
    replies = [
        holder.open(),
        holder.send({"overall": 9}),
        holder.send({"overall": 4}),
        holder.open(),
    ]
    replies.append(holder.client.get(replies[2].headers["Location"]))
    for reply in (*replies, holder.client.get("/s/abc")):
        assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert holder.token not in replies[0].text  # drawn once for all slips
    assert holder.client.get("/").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.sqlite_is_enough
def test_a_failure_is_logged_without_the_address(holder, caplog, monkeypatch):
    def fail(*_):
        raise RuntimeError("something else")

    monkeypatch.setattr("survey.web.respond_slip.find_slip", fail)
    with caplog.at_level(logging.DEBUG):
        assert holder.client.get(f"/s/{holder.token}").status_code == 500
    assert "Exception at /s/<token> [GET]" in caplog.text
    assert holder.token not in caplog.text


def test_what_the_server_below_logs_of_a_request_has_no_address(caplog):
    listening = socket.create_server(("127.0.0.1", 0))
    server.make_server(lambda *_: [], listening).close()
    logging.getLogger("waitress").error("Exception while serving /s/k7m49qxp")  # as it does
    assert caplog.messages == ["Exception"]


@pytest.mark.sqlite_is_enough
def test_of_a_token_only_the_digest_is_stored(holder, engine, config):
    holder.send({"overall": 4})
    content = b"".join(path.read_bytes() for path in config.data.rglob("*") if path.is_file())
    assert token_hash(holder.token).encode() in content
    assert holder.token.encode() not in content
