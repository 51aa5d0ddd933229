"""Sending when the network or the server is away, slow, busy, or not ours: nothing is lost."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from playwright.sync_api import Route
from sqlalchemy import text

from tests.waiting import wait_until

pytestmark = pytest.mark.browser

NO_NETWORK = "Chưa gửi được vì mạng yếu"
BUSY = "Hệ thống đang bận, ý kiến chưa được ghi nhận"
WAIT = "Xin chờ"


@pytest.fixture
def ready(phone):
    """A phone with an answer chosen, before sending."""
    phone.open()
    phone.choose(overall=4, access=3)
    phone.write("Cảm ơn cô ở quầy")
    return phone


def refuse(phone, status, retry_after=None, times=1):
    """Answer the next sendings with a refusal; return the moments they came in."""
    moments = []

    def answer(route: Route) -> None:
        moments.append(time.monotonic())
        headers = {"Retry-After": retry_after} if retry_after else {}
        route.fulfill(status=status, headers=headers, body="")

    phone.page.route("**/r/*", answer, times=times)
    phone.page.on(
        "request", lambda request: moments.append(time.monotonic()) if is_late(request) else None
    )

    def is_late(request):
        return request.method == "POST" and len(moments) >= times

    return moments


def test_without_network_the_answer_waits_and_is_sent_by_itself(ready, new_rows):
    phone = ready
    phone.context.set_offline(True)
    phone.send()
    phone.says(NO_NETWORK)
    assert phone.button.inner_text() == "Gửi lại"
    assert phone.chosen() == [("overall", "4"), ("access", "3")]
    assert phone.page.locator("textarea").input_value() == "Cảm ơn cô ở quầy"
    assert new_rows() == []
    phone.context.set_offline(False)
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["43----"]


def test_tapping_again_and_again_without_network_is_one_row_in_the_end(ready, new_rows):
    phone = ready
    phone.context.set_offline(True)
    for _ in range(4):
        phone.send()
        phone.says(NO_NETWORK)
    phone.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    phone.says(NO_NETWORK)  # as it is where a page is brought back that was waiting
    phone.context.set_offline(False)
    phone.thanked()
    assert len(new_rows()) == 1


def test_a_calendar_that_is_put_right_while_waiting_holds_nothing_back(ready, new_rows):
    """A phone that was an hour fast and hears the right time as soon as its network is back."""
    phone = ready
    phone.context.set_offline(True)
    phone.send()
    phone.says(NO_NETWORK)
    phone.page.evaluate("() => { const now = Date.now; Date.now = () => now() - 36e5; }")
    phone.context.set_offline(False)
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["43----"]


def test_an_answer_changed_while_waiting_is_sent_as_it_stands(ready, new_rows):
    phone = ready
    phone.context.set_offline(True)
    phone.send()
    phone.says(NO_NETWORK)
    phone.choose(overall=1, went_wrong="waiting")
    phone.context.set_offline(False)
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["13----"]


def test_a_server_that_is_stopped_and_started_gets_the_answer_once(ready, new_rows, served):
    phone = ready
    served.stop()
    try:
        phone.send()
        phone.says(NO_NETWORK)
        phone.send()
        phone.says(NO_NETWORK)
    finally:
        served.start()
    phone.page.wait_for_url("**/thanks?*")
    assert [row["scores"] for row in new_rows()] == ["43----"]


def test_a_page_that_the_phone_dropped_while_waiting_goes_on_when_it_comes_back(ready, new_rows):
    phone = ready
    phone.page.route("**/r/*", lambda route: route.abort("connectionfailed"))
    phone.send()
    phone.says(NO_NETWORK)
    phone.page.unroute("**/r/*")
    phone.page.reload()
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["43----"]


def test_who_closes_the_page_while_it_is_sending_has_sent(ready, new_rows):
    phone = ready
    phone.page.route("**/r/*", lambda route: None)  # a slow network: nothing comes back
    phone.send()
    phone.says("Đang gửi")
    other = phone.other_tab()
    phone.page.close()
    other.open()
    other.thanked()
    assert [row["scores"] for row in new_rows()] == ["43----"]


def test_a_new_scan_after_the_page_was_closed_sends_what_was_waiting(ready, new_rows):
    phone = ready
    phone.page.route("**/r/*", lambda route: route.abort("connectionfailed"))
    phone.send()
    phone.says(NO_NETWORK)
    other = phone.other_tab()
    phone.page.close()
    other.open()
    other.thanked()
    assert [row["scores"] for row in new_rows()] == ["43----"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_busy_server_is_told_and_tried_again(ready, new_rows, status):
    refuse(ready, status)
    ready.send()
    ready.says(BUSY)
    ready.thanked()
    assert len(new_rows()) == 1


@pytest.mark.parametrize(("status", "words"), [(503, BUSY), (429, WAIT)])
def test_the_time_that_the_server_asks_for_is_kept(ready, new_rows, status, words):
    moments = refuse(ready, status, retry_after="3")
    ready.send()
    ready.says(words)
    for _ in range(3):
        ready.send()
    ready.thanked()
    first, second = moments
    assert second - first >= 3.0
    assert len(ready.sent) == 2
    assert len(new_rows()) == 1


def test_the_seconds_to_wait_are_told_and_counted(ready):
    ready.page.clock.install()
    ready.page.clock.pause_at(time.time() + 3600)
    refuse(ready, 429, retry_after="50")
    ready.send()
    ready.says("Xin chờ 50 giây rồi bấm Gửi lại; câu trả lời vẫn còn trên máy")
    ready.page.clock.run_for(1200)
    ready.send()
    ready.says("Xin chờ 49 giây")
    ready.page.clock.set_system_time(time.time() - 3600)  # the network set the phone's clock back
    ready.send()
    ready.says("Xin chờ 49 giây")
    assert len(ready.sent) == 1


def test_tries_come_less_and_less_often_but_do_not_end(ready, new_rows):
    page = ready.page
    page.clock.install()
    ready.open()
    ready.choose(overall=5)
    page.route("**/r/*", lambda route: route.fulfill(status=503))
    ready.send()
    pass_time(page, 400)
    assert 10 <= len(ready.sent) <= 20  # after 2, 4, 8, 15, then every 30 seconds and a little
    page.unroute("**/r/*")
    pass_time(page, 32)
    ready.thanked()
    assert len(new_rows()) == 1


def pass_time(page, seconds):
    """Let the page's clock run, with room for real replies in between."""
    for _ in range(seconds):
        page.clock.run_for(1000)
        page.wait_for_timeout(10)


def test_a_reply_that_never_comes_is_not_waited_for_and_the_answer_counts_once(phone, new_rows):
    page = phone.page
    page.clock.install()
    phone.open()
    phone.choose(overall=5)
    page.route("**/r/*", lambda route: route.fetch(max_redirects=0) and None, times=1)
    phone.send()
    phone.says("Đang gửi")
    # The page has to be let run meanwhile: it is its request that is answered here.
    wait_until(lambda: page.wait_for_timeout(50) or bool(new_rows()), "the row")
    page.clock.run_for(19_000)
    phone.says("Đang gửi")
    page.clock.run_for(2_000)
    phone.says(NO_NETWORK)
    page.clock.run_for(4_000)
    phone.thanked()
    assert len(phone.sent) == 2
    assert len(new_rows()) == 1


def test_the_sign_in_page_of_a_public_network_is_not_taken_for_our_thanks(ready, new_rows):
    ready.page.route(
        "**/r/*",
        lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Wi-Fi"),
        times=1,
    )
    ready.send()
    ready.says(BUSY)
    assert new_rows() == []
    ready.thanked()
    assert len(new_rows()) == 1


def test_too_many_answers_from_one_address_are_asked_to_wait(new_phone, new_rows, served):
    with served.taking_only(1) as strict:
        first, second = new_phone(strict), new_phone(strict)
        first.open()
        first.choose(overall=5)
        first.send()
        first.thanked()
        second.open()
        second.choose(overall=4)
        second.send()
        second.says(WAIT)
        assert second.chosen() == [("overall", "4")]
    assert [row["scores"] for row in new_rows()] == ["5-----"]


def test_a_full_day_is_explained_and_the_answer_stays_on_the_phone(new_phone, new_rows, served):
    with served.taking_only(100, a_day=1) as strict:
        for _ in range(2):  # of which the first one may fill the day
            phone = new_phone(strict)
            phone.open()
            phone.choose(overall=2, went_wrong="waiting")
            phone.write("Chờ hai buổi")
            phone.send()
            phone.page.locator(".done").wait_for()
        phone.heading("Hôm nay quầy đã nhận đủ phiếu")
        assert phone.page.get_by_role("button", name="Gửi lại").is_visible()
        phone.open()
        assert phone.chosen() == [("overall", "2"), ("went_wrong", "waiting")]
        assert phone.page.locator("textarea").input_value() == "Chờ hai buổi"
    assert len(new_rows()) <= 1


def test_who_may_come_back_on_another_day_is_told_so_and_not_kept_waiting_till_then(ready):
    midnight = datetime.now(UTC) + timedelta(minutes=20)
    ready.page.route(
        "**/r/*",
        lambda route: route.fulfill(
            status=429,
            headers={"Retry-After": format_datetime(midnight, usegmt=True)},
            content_type="text/html",
            body="<h1>Another day</h1>",
        ),
    )
    ready.send()
    ready.heading("Another day")


@pytest.mark.slow
def test_a_database_that_is_locked_is_told_and_the_answer_arrives_later(ready, new_rows, served):
    with served.database() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        ready.send()
        ready.message.filter(has_text=BUSY).wait_for()
    ready.thanked()
    assert len(new_rows()) == 1
