"""When the line or the server fails: no thanks for what is not kept, none lost, none doubled."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk import FieldProblem
from questionnaires import Text
from tests.kiosk.memory import MORNING

pytestmark = pytest.mark.browser

DOOR = "**/kiosk/responses"
DOCUMENT = "**/kiosk/station.json"
HEARTBEAT = "**/kiosk/heartbeat"
AGAIN = "dispatchEvent(new Event('online'))"


def cut(tablet) -> None:
    """The server is dead, or the line to it."""
    for path in (DOOR, HEARTBEAT):
        tablet.page.route(path, lambda route: route.abort())


def answer_in_vain(tablet) -> None:
    """An answer that is kept, tried once, and not let through."""
    tablet.page.route(DOOR, lambda route: route.abort())
    with tablet.page.expect_event("requestfailed"):
        tablet.answer()
    tablet.wait_for("thanks")


def mend(tablet) -> None:
    for path in (DOOR, HEARTBEAT):
        tablet.page.unroute(path)


def send_one(tablet, station="one") -> None:
    tablet.open(station)
    tablet.answer()


# --- With a disk: kept first, thanked then, sent when there is a chance -----------------------


def test_thanks_come_as_soon_as_the_answer_is_on_the_disk(tablet, ledger):
    tablet.open("one")
    cut(tablet)
    tablet.answer()
    tablet.wait_for("thanks")
    (entry,) = tablet.kept()
    assert entry["record"]["scores"]["overall"] == 4
    assert ledger.receipts == []
    tablet.pass_time(5)
    assert tablet.screen == "start"
    assert tablet.page.get_by_text("Chờ gửi: 1").is_visible()


def test_every_answer_arrives_once_when_the_server_is_back(tablet, ledger):
    tablet.open("one")
    cut(tablet)
    for number in (1, 2, 3):
        tablet.answer()
        tablet.wait_for("thanks")
        tablet.pass_time(5)
        assert tablet.page.get_by_text(f"Chờ gửi: {number}").is_visible()
    mend(tablet)
    tablet.page.evaluate(AGAIN)
    tablet.sent()
    assert (ledger.receipts, len(ledger.stored)) == (["stored"] * 3, 3)
    tablet.page.get_by_text("Chờ gửi").wait_for(state="hidden")


def hold(tablet, path):
    """Leave the next request to this path without an end; where it will be found."""
    held = []
    tablet.page.route(path, lambda route: held.append(route), times=1)  # noqa: PLW0108  Playwright marks it
    return held


def come(tablet, held):
    """Wait for the request that is held."""
    tablet.until("true", lambda: bool(held))
    return held[0]


def test_a_line_that_is_back_while_a_try_still_hangs_is_used_at_once(tablet, ledger):
    """The event comes once: a try that fails after it must not begin a pause of minutes."""
    tablet.open("one")
    held = hold(tablet, DOOR)
    tablet.answer()
    hanging = come(tablet, held)
    tablet.page.evaluate(AGAIN)
    hanging.abort()
    tablet.sent()  # the tablet's clock stands
    assert ledger.receipts == ["stored"]


def test_news_that_come_while_a_heartbeat_hangs_are_asked_for_again(tablet, office):
    tablet.open("one")
    held = hold(tablet, HEARTBEAT)
    tablet.page.evaluate(AGAIN)
    hanging = come(tablet, held)
    (secret,) = tablet.secrets
    office.revoke(secret)
    tablet.page.evaluate(AGAIN)
    hanging.abort()
    tablet.wait_for("closed")


def test_the_sign_says_whether_the_server_was_reached(tablet):
    tablet.open("one")
    light = tablet.page.locator(".light")
    assert "off" not in light.get_attribute("class")
    cut(tablet)
    tablet.heartbeat()
    tablet.page.locator(".light.off").wait_for()
    mend(tablet)
    tablet.pass_time(35)  # sooner than the next ordinary heartbeat
    tablet.page.locator(".light:not(.off)").wait_for()


def test_a_reply_that_is_lost_after_storing_does_not_make_a_second_answer(tablet, ledger):
    """The server has committed and dies before its reply: the classic way to count twice."""
    lost = []

    def lose_the_first(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    tablet.open("one")
    tablet.page.route(DOOR, lose_the_first)
    tablet.answer()
    tablet.until("document.querySelector('.light.off') !== null")
    assert (ledger.receipts, lost, len(tablet.kept())) == (["stored"], [200], 1)
    tablet.pass_time(3)
    tablet.sent()
    assert ledger.receipts == ["stored", "repeated"]
    assert len(ledger.stored) == 1


@pytest.mark.parametrize("body", ["cut", "<html>Wi-Fi</html>"])
def test_a_cut_reply_and_a_sign_in_page_of_the_network_are_no_receipt(tablet, ledger, body):
    seen = []

    def spoil_the_first(route):
        if seen:
            route.continue_()
            return
        seen.append(route.fetch().text() if body == "cut" else "")
        route.fulfill(status=200, body=seen[0][:40] or body)

    tablet.open("one")
    tablet.page.route(DOOR, spoil_the_first)
    tablet.answer()
    tablet.until("document.querySelector('.light.off') !== null")
    assert len(tablet.kept()) == 1
    tablet.pass_time(3)
    tablet.sent()
    assert len(ledger.stored) == 1


def test_a_full_disk_on_the_server_is_waited_for_as_long_as_it_asks(tablet, ledger):
    tablet.open("one")
    ledger.fault = OSError("no space left")
    with tablet.page.expect_response(DOOR) as reply:
        tablet.answer()
    assert reply.value.status == 503
    ledger.fault = None
    tablet.pass_time(3)
    assert (ledger.receipts, len(tablet.kept())) == ([], 1)
    tablet.asks("/kiosk/responses")  # five seconds after it has read the reply
    tablet.sent()
    assert ledger.receipts == ["stored"]


def test_a_receipt_for_somebody_who_left_does_not_disturb_the_next_citizen(tablet, ledger):
    tablet.open("one")
    cut(tablet)
    tablet.answer()
    tablet.wait_for("thanks")
    tablet.pass_time(5)
    tablet.tap("Bắt đầu", "Hài lòng")
    mend(tablet)
    tablet.page.evaluate(AGAIN)
    tablet.sent()
    tablet.pass_time(6)
    assert tablet.question == "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị"
    assert ledger.receipts == ["stored"]


@pytest.mark.parametrize("receipt", ["refused", "conflict"])
def test_what_the_server_does_not_take_is_put_aside_for_staff_and_blocks_nothing(
    tablet, ledger, receipt
):
    def refuse(route):
        results = [
            {"response_id": sent["response_id"], "receipt": receipt, "problems": []}
            for sent in route.request.post_data_json["responses"]
        ]
        route.fulfill(status=200, json={"server_time": 1.0, "results": results})

    tablet.open("one")
    tablet.page.route(DOOR, refuse)
    tablet.answer()
    tablet.sent()
    (aside,) = tablet.kept("quarantine")
    assert (aside["receipt"], aside["record"]["scores"]["overall"]) == (receipt, 4)
    assert tablet.page.get_by_text("Cần nhân viên xem").is_visible()
    tablet.page.unroute(DOOR)
    tablet.pass_time(5)
    tablet.answer()
    tablet.arrive()
    assert ledger.receipts == ["stored"]


def test_an_old_version_of_the_questions_is_still_taken_after_a_new_one_came(
    tablet, stations, ledger
):
    tablet.open("one")
    cut(tablet)
    tablet.answer()
    tablet.wait_for("thanks")
    stations["one"] = replace(stations["one"], questionnaire=stations["sipas"].questionnaire)
    mend(tablet)
    tablet.page.evaluate(AGAIN)
    tablet.sent()
    assert ledger.only.questionnaire.key == "desk@1"


def test_two_tablets_do_not_mix(new_context, address, ledger, office):
    from tests.kiosk.conftest import open_tablet

    contexts = [new_context(has_touch=True, service_workers="block") for _ in range(2)]
    tablets = [open_tablet(context, address) for context in contexts]
    for tablet, station in zip(tablets, ("one", "agency"), strict=True):
        tablet.open(station)
        tablet.answer()
    for tablet in tablets:
        tablet.arrive()
    assert sorted(one.questionnaire.key for one in ledger.stored.values()) == [
        "agency-service@1",
        "desk@1",
    ]
    assert len(office.devices) == 2


# --- The tablet's clock -----------------------------------------------------------------------


def test_an_answer_kept_for_forty_days_keeps_its_day(tablet, ledger, office):
    tablet.open("one")
    cut(tablet)
    tablet.answer()
    tablet.wait_for("thanks")
    office.shift += timedelta(days=40)
    tablet.page.clock.set_system_time(office.now())
    mend(tablet)
    tablet.reopen()
    tablet.sent()
    assert ledger.only.answered_on(office.now()) == MORNING.date()
    assert not ledger.only.clock_doubtful


def test_a_clock_that_was_forty_days_fast_and_is_put_right_keeps_the_day(tablet, ledger, office):
    office.shift -= timedelta(days=40)
    day = office.now().date()
    tablet.open("one")
    cut(tablet)
    tablet.answer()
    tablet.wait_for("thanks")
    office.shift += timedelta(hours=26)
    tablet.page.clock.set_system_time(office.now())  # put right while the tablet was off
    mend(tablet)
    tablet.reopen()
    tablet.sent()
    assert ledger.only.answered_on(office.now()) == day
    assert not ledger.only.clock_doubtful


def test_a_clock_that_is_forty_days_fast_is_marked_by_the_server(tablet, ledger, office):
    office.shift -= timedelta(days=40)
    send_one(tablet)
    tablet.arrive()
    assert ledger.only.age < timedelta(minutes=5)
    assert ledger.only.clock_doubtful


# --- Without a disk: kept in the open page, thanked on the server's receipt only --------------


def test_without_a_disk_thanks_come_with_the_receipt_and_not_before(diskless, ledger):
    held = hold(diskless, DOOR)
    send_one(diskless)
    diskless.pass_time(6)
    assert (diskless.screen, diskless.question) == ("sending", "Đang gửi…")
    come(diskless, held).continue_()
    diskless.wait_for("thanks")
    assert ledger.receipts == ["stored"]


def test_without_a_disk_staff_see_it_and_a_citizen_who_answers_does_not(diskless):
    diskless.open("one")
    sign = diskless.page.get_by_text("Máy không giữ được phiếu")
    assert sign.is_visible()
    diskless.tap("Bắt đầu")
    assert sign.count() == 0
    diskless.tap("Quay lại")
    assert sign.is_visible()


def test_without_a_disk_a_dead_server_is_tried_again_where_people_can_see_it(diskless, ledger):
    diskless.page.route(DOOR, lambda route: route.abort())
    send_one(diskless)
    diskless.page.get_by_text("Máy tự gửi lại sau").wait_for()
    assert diskless.screen == "sending"
    diskless.page.unroute(DOOR)
    diskless.pass_time(3)
    diskless.wait_for("thanks")
    assert ledger.receipts == ["stored"]


def test_without_a_disk_people_need_not_wait_and_every_answer_arrives_once(diskless, ledger):
    diskless.open("one")
    diskless.page.route(DOOR, lambda route: route.abort())
    for number in (1, 2, 3):
        diskless.answer()
        diskless.pass_time(8)
        assert diskless.page.locator("main").get_by_text("Ông/Bà không cần chờ").is_visible()
        diskless.tap("Về màn hình đầu")
        assert diskless.screen == "start"
        assert diskless.page.get_by_text(f"Chờ gửi: {number}").is_visible()
    diskless.page.unroute(DOOR)
    diskless.page.evaluate(AGAIN)
    diskless.page.get_by_text("Chờ gửi").wait_for(state="hidden")
    assert diskless.screen == "start"  # no thanks to somebody who did not send
    assert (ledger.receipts, len(ledger.stored)) == (["stored"] * 3, 3)


def test_without_a_disk_nobody_has_to_clear_the_sending_screen(diskless):
    diskless.page.route(DOOR, lambda route: route.abort())
    send_one(diskless)
    diskless.pass_time(50)
    assert diskless.screen == "start"


def test_without_a_disk_answers_that_are_not_sent_hold_the_page_open(diskless):
    leaving = "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    diskless.page.route(DOOR, lambda route: route.abort())
    diskless.open("one")
    assert diskless.page.evaluate(leaving) is False
    diskless.answer()
    diskless.until(leaving)


def test_without_a_disk_a_refused_answer_is_owned_up_to(diskless, ledger):
    ledger.refusal = (FieldProblem("sector", "unknown"),)
    send_one(diskless)
    diskless.wait_for("refused")
    assert "chưa được ghi nhận" in diskless.question
    diskless.pass_time(0.5)
    diskless.tap("Về màn hình đầu")
    assert diskless.screen == "start"


def test_without_a_disk_an_answer_that_is_there_already_is_thanked_for(diskless):
    """The first one is kept; the citizen has been heard either way."""

    def conflict(route):
        (sent,) = route.request.post_data_json["responses"]
        result = {"response_id": sent["response_id"], "receipt": "conflict", "problems": []}
        route.fulfill(status=409, json={"server_time": 1.0, "results": [result]})

    diskless.page.route(DOOR, conflict)
    send_one(diskless)
    diskless.wait_for("thanks")


# --- What goes over the line ------------------------------------------------------------------


def test_what_is_sent_holds_the_answers_and_nothing_else(tablet):
    bodies = []

    def note(route):
        bodies.append((route.request.headers, json.loads(route.request.post_data)))
        route.continue_()

    tablet.page.route(DOOR, note)
    send_one(tablet)
    tablet.arrive()
    ((headers, body),) = bodies
    (sent,) = body["responses"]
    assert set(body) == {"clock", "responses"}
    assert set(sent) == {
        "response_id", "questionnaire", "office", "sector", "scores", "choices", "comment", "age_s",
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
    tablet.heartbeat()
    tablet.until("!window.former.isConnected")
    tablet.pass_time(1)
    tablet.tap("Bắt đầu")
    assert tablet.question == "Câu hỏi mới?"


def test_nothing_changes_under_the_hands_of_a_citizen(tablet, stations, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 5)
    stations["one"] = replace(stations["one"], questionnaire=stations["sipas"].questionnaire)
    with tablet.page.expect_response(DOCUMENT):
        for _ in range(16):  # not yet the five minutes after which the tablet asks
            tablet.pass_time(18)
            tablet.page.touchscreen.tap(3, 300)
        tablet.heartbeat(after=0)
    tablet.tap("Hài lòng", "Gửi ý kiến")
    tablet.arrive()
    assert ledger.only.questionnaire.key == "desk@1"
    tablet.pass_time(5)
    tablet.tap("Bắt đầu")
    assert tablet.page.locator(".dots span").count() > 20  # the next citizen gets the new one


def test_the_heartbeat_tells_how_the_tablet_is(tablet, office):
    tablet.open("one")
    answer_in_vain(tablet)
    tablet.pass_time(300)
    office.shift += timedelta(seconds=300)  # the server's clock goes on as the tablet's does
    told = []
    for _ in range(100):  # what was asked while time was passing is answered first
        tablet.page.evaluate(AGAIN)
        time.sleep(0.1)
        told = [one for ones in office.heartbeats.values() for one in ones]
        if told and told[-1].oldest_s >= 290:
            break
    assert 290 <= told[-1].oldest_s <= 330
    assert (told[-1].unsent, told[-1].quarantined, told[-1].sent) == (1, 0, 0)
    assert told[-1].questionnaire == "desk@1"
    assert told[-1].storage in {"granted", "denied"}


def test_a_revoked_tablet_closes_keeps_its_answers_and_hands_them_over_when_staff_agree(
    tablet, office, ledger
):
    tablet.open("one")
    answer_in_vain(tablet)
    tablet.page.unroute(DOOR)
    (secret,) = tablet.secrets
    office.revoke(secret)
    tablet.pass_time(6)  # thanks have been read
    tablet.page.evaluate(AGAIN)
    tablet.wait_for("closed")
    assert "tạm ngừng" in tablet.question
    assert (len(tablet.kept()), ledger.receipts) == (1, [])
    office.revoke(secret, handover=True)
    tablet.page.evaluate(AGAIN)
    tablet.sent()
    assert len(ledger.stored) == 1
    assert tablet.screen == "closed"


def test_a_tablet_that_the_server_does_not_know_any_more_closes_and_keeps_its_answers(
    tablet, office
):
    tablet.open("one")
    tablet.reopen()  # without the code in its address
    answer_in_vain(tablet)
    office.devices.clear()
    tablet.pass_time(6)  # thanks have been read
    tablet.page.evaluate(AGAIN)
    tablet.wait_for("closed")
    assert len(tablet.kept()) == 1


def test_a_demonstration_that_was_set_up_anew_is_paired_again_by_its_own_address(tablet, office):
    tablet.open("one")
    office.devices.clear()
    tablet.heartbeat()
    tablet.until("true", lambda: len(office.devices) == 1)
    tablet.wait_for("start")
