"""When the line or the server fails: no thanks without a receipt, no answer lost, none doubled."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kiosk import Problem
from questionnaires import Text

pytestmark = pytest.mark.browser

DOOR = "**/kiosk/responses"
DOCUMENT = "**/questionnaire.json"


def send_one(tablet, code="one") -> None:
    tablet.open(code)
    tablet.answer()


def test_thanks_come_with_the_receipt_and_not_before(tablet, ledger):
    held = []
    tablet.page.route(DOOR, lambda route: held.append(route))  # noqa: PLW0108  Playwright marks it
    send_one(tablet)
    tablet.pass_time(6)
    assert (tablet.screen, tablet.question) == ("sending", "Đang gửi…")
    held[0].continue_()
    tablet.wait_for("thanks")
    assert ledger.receipts == ["stored"]


def test_a_server_that_is_down_is_tried_again_where_people_can_see_it(tablet, ledger):
    tablet.page.route(DOOR, lambda route: route.abort())
    send_one(tablet)
    tablet.page.get_by_text("Máy tự gửi lại sau").wait_for()
    assert tablet.screen == "sending"
    tablet.page.unroute(DOOR)
    tablet.pass_time(3)
    tablet.wait_for("thanks")
    assert ledger.receipts == ["stored"]


def test_a_reply_that_is_lost_after_storing_does_not_make_a_second_answer(tablet, ledger):
    """The server has committed and dies before its reply: the classic way to count twice."""
    lost = []

    def lose_the_first(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    tablet.page.route(DOOR, lose_the_first)
    send_one(tablet)
    tablet.page.get_by_text("Máy tự gửi lại sau").wait_for()
    assert (ledger.receipts, lost) == (["stored"], [200])
    tablet.pass_time(3)
    tablet.wait_for("thanks")
    assert ledger.receipts == ["stored", "repeated"]
    assert len(ledger.stored) == 1


def test_a_cut_reply_is_no_receipt(tablet, ledger):
    cut = []

    def cut_the_first(route):
        if cut:
            route.continue_()
        else:
            cut.append(route.fetch().text())
            route.fulfill(status=200, content_type="application/json", body=cut[0][:40])

    tablet.page.route(DOOR, cut_the_first)
    send_one(tablet)
    tablet.page.get_by_text("Máy tự gửi lại sau").wait_for()
    assert tablet.screen == "sending"
    tablet.pass_time(3)
    tablet.wait_for("thanks")
    assert len(ledger.stored) == 1


def test_a_sign_in_page_of_the_network_is_no_receipt(tablet, ledger):
    tablet.page.route(DOOR, lambda route: route.fulfill(status=200, body="<html>Wi-Fi</html>"))
    send_one(tablet)
    tablet.page.get_by_text("Máy tự gửi lại sau").wait_for()
    assert tablet.screen == "sending"
    tablet.page.unroute(DOOR)
    tablet.pass_time(3)
    tablet.wait_for("thanks")
    assert ledger.receipts == ["stored"]


def test_a_full_disk_on_the_server_is_waited_for_as_long_as_it_asks(tablet, ledger):
    ledger.fault = OSError("no space left")
    send_one(tablet)
    tablet.page.get_by_text("Máy tự gửi lại sau").wait_for()
    ledger.fault = None
    tablet.pass_time(3)
    assert (tablet.screen, ledger.receipts) == ("sending", [])
    tablet.pass_time(3)
    tablet.wait_for("thanks")
    assert ledger.receipts == ["stored"]


def test_people_need_not_wait_and_every_answer_arrives_once_when_the_server_is_back(tablet, ledger):
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.open("one")
    for number in (1, 2, 3):
        tablet.answer()
        tablet.pass_time(8)
        assert tablet.page.locator("main").get_by_text("Ông/Bà không cần chờ").is_visible()
        tablet.tap("Về màn hình đầu")
        assert tablet.screen == "start"
        assert tablet.page.get_by_text(f"Chờ gửi: {number}").is_visible()
    tablet.page.unroute(DOOR)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.page.get_by_text("Chờ gửi").wait_for(state="hidden")
    assert tablet.screen == "start"  # no thanks to somebody who did not send
    assert ledger.receipts == ["stored"] * 3
    assert len(ledger.stored) == 3


def test_a_receipt_for_somebody_who_left_does_not_disturb_the_next_citizen(tablet, ledger):
    tablet.page.route(DOOR, lambda route: route.abort())
    send_one(tablet)
    tablet.pass_time(9)
    tablet.tap("Về màn hình đầu", "Bắt đầu", "Hài lòng")
    tablet.page.unroute(DOOR)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.page.get_by_text("Chờ gửi").wait_for(state="hidden")
    tablet.pass_time(6)
    assert tablet.question == "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị"
    assert ledger.receipts == ["stored"]


def test_nobody_has_to_clear_the_sending_screen(tablet):
    tablet.page.route(DOOR, lambda route: route.abort())
    send_one(tablet)
    tablet.pass_time(50)
    assert tablet.screen == "start"


def test_answers_that_are_not_sent_yet_hold_the_page_open(tablet):
    leaving = "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.open("one")
    assert tablet.page.evaluate(leaving) is False
    tablet.answer()
    assert tablet.page.evaluate(leaving) is True


def test_a_refused_answer_is_owned_up_to(tablet, ledger):
    ledger.refusal = (Problem("sector", "unknown"),)
    send_one(tablet)
    tablet.wait_for("refused")
    assert "chưa được ghi nhận" in tablet.question
    tablet.pass_time(0.5)
    tablet.tap("Về màn hình đầu")
    assert tablet.screen == "start"


def test_an_answer_that_is_there_already_is_thanked_for(tablet):
    """The first one is kept; the citizen has been heard either way."""

    def conflict(route):
        (sent,) = route.request.post_data_json["responses"]
        result = {"response_id": sent["response_id"], "receipt": "conflict", "problems": []}
        route.fulfill(status=409, json={"results": [result]})

    tablet.page.route(DOOR, conflict)
    send_one(tablet)
    tablet.wait_for("thanks")


def test_what_is_sent_holds_the_answers_and_nothing_else(tablet):
    bodies = []

    def note(route):
        bodies.append((route.request.headers, json.loads(route.request.post_data)))
        route.continue_()

    tablet.page.route(DOOR, note)
    send_one(tablet)
    tablet.wait_for("thanks")
    ((headers, body),) = bodies
    (sent,) = body["responses"]
    assert set(body) == {"code", "responses"}
    assert set(sent) == {
        "response_id", "questionnaire", "sector", "scores", "choices", "comment", "age_s",
    }  # fmt: skip
    assert "cookie" not in headers


def test_a_new_questionnaire_comes_while_nobody_is_there(tablet, stations):
    tablet.open("one")
    desk = stations["one"].questionnaire
    reworded = desk.items[0].model_copy(update={"text": Text(vi="Câu hỏi mới?", en="New?")})
    newer = desk.model_copy(update={"version": 2, "items": (reworded, *desk.items[1:])})
    stations["one"] = replace(stations["one"], questionnaire=newer)
    tablet.tap("Bắt đầu")
    assert tablet.question != "Câu hỏi mới?"
    tablet.tap("Quay lại")
    tablet.page.evaluate("window.former = document.querySelector('h1')")
    tablet.pass_time(300)
    tablet.until("!window.former.isConnected")
    tablet.pass_time(1)
    tablet.tap("Bắt đầu")
    assert tablet.question == "Câu hỏi mới?"


def test_nothing_changes_under_the_hands_of_a_citizen(tablet, stations, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 5)
    stations["one"] = replace(stations["one"], questionnaire=stations["sipas"].questionnaire)
    for _ in range(8):  # more than the five minutes after which a waiting tablet looks
        tablet.pass_time(40)
        tablet.page.touchscreen.tap(3, 300)
    tablet.tap("Hài lòng", "Gửi ý kiến")
    tablet.wait_for("thanks")
    assert ledger.only.questionnaire.key == "desk@1"


def test_a_new_app_is_loaded_while_nobody_is_there_and_nothing_is_unsent(tablet):
    def newer(route):
        reply = route.fetch()
        route.fulfill(response=reply, json=reply.json() | {"build": "newer"})

    tablet.page.route(DOOR, lambda route: route.abort())
    send_one(tablet)
    tablet.pass_time(9)
    tablet.tap("Về màn hình đầu")
    tablet.page.evaluate("window.before = true")
    tablet.page.route(DOCUMENT, newer)
    with tablet.page.expect_response(DOCUMENT):
        tablet.pass_time(300)
    assert tablet.page.evaluate("window.before") is True  # an answer still waits in this page
    tablet.page.unroute(DOOR)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.page.get_by_text("Chờ gửi").wait_for(state="hidden")
    with tablet.page.expect_navigation():
        tablet.pass_time(300)
    tablet.wait_for("start")
    assert tablet.page.evaluate("window.before") is None


def test_a_link_taken_out_of_use_closes_the_tablet_until_it_is_back(tablet, stations):
    tablet.open("one")
    stations["one"] = replace(stations["one"], open=False)
    tablet.pass_time(300)
    tablet.wait_for("closed")
    assert "tạm ngừng" in tablet.question
    stations["one"] = replace(stations["one"], open=True)
    tablet.pass_time(300)
    tablet.wait_for("start")


def test_a_tablet_switched_on_before_its_server_waits_for_it(tablet):
    tablet.page.route(DOCUMENT, lambda route: route.abort())
    tablet.page.goto(f"{tablet.address}/one")
    assert tablet.page.get_by_text("xin dùng mã QR trên quầy").is_visible()
    tablet.page.unroute(DOCUMENT)
    tablet.pass_time(5)
    tablet.wait_for("start")
