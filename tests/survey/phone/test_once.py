"""One person, one visit, one row: double taps, reloads, the back button, tabs, lost replies."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Route

from tests.chromium import PLAIN_HTTP_HOST

pytestmark = pytest.mark.browser

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("", "SecurityError"); } });
}
"""


@pytest.fixture(params=["own storage", "storage forbidden", "plain http"])
def any_phone(request, new_phone):
    """A phone browser, an in-app browser that may store nothing, an office without certificate."""
    phone = new_phone()
    if request.param == "storage forbidden":
        phone.context.add_init_script(NO_STORAGE)
    if request.param == "plain http":
        open_here = phone.open
        phone.open = lambda *words, **where: open_here(*words, host=PLAIN_HTTP_HOST, **where)
    return phone


def tap_at_once(phone, times):
    """Taps that wait for nothing, as an impatient finger does."""
    phone.button.scroll_into_view_if_needed()
    box = phone.button.bounding_box()
    for _ in range(times):
        phone.page.touchscreen.tap(box["x"] + 50, box["y"] + 20)


def scores(rows):
    return [row["scores"] for row in rows]


def test_a_double_tap_is_one_sending_and_one_row(phone, new_rows):
    phone.open()
    phone.choose(overall=5)
    tap_at_once(phone, 2)
    phone.thanked()
    assert len(phone.sent) == 1
    assert scores(new_rows()) == ["5-----"]


def test_impatient_taps_on_a_slow_network_are_one_sending(phone, new_rows):
    def slowly(route: Route) -> None:
        time.sleep(1.5)
        route.continue_()

    phone.page.route("**/r/*", slowly)
    phone.open()
    phone.choose(overall=5)
    tap_at_once(phone, 6)
    phone.thanked()
    assert len(phone.sent) == 1
    assert len(new_rows()) == 1


def test_going_back_says_that_it_was_sent_before_anything_is_typed(any_phone, new_rows):
    phone = any_phone
    phone.open()
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    phone.page.go_back()
    phone.sent_already()
    phone.page.reload()
    phone.sent_already()
    assert len(phone.sent) == 1
    assert scores(new_rows()) == ["5-----"]


def test_from_there_another_person_has_a_form_of_their_own(any_phone, new_rows):
    phone = any_phone
    phone.open()
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    phone.page.go_back()
    phone.another.tap()
    phone.button.wait_for()
    assert phone.chosen() == []
    phone.choose(overall=1, access=2)
    phone.send()
    phone.thanked()
    assert sorted(scores(new_rows())) == ["12----", "5-----"]


def test_reloading_the_thanks_page_sends_nothing(phone, new_rows):
    phone.open()
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    phone.page.reload()
    phone.thanked()
    assert len(phone.sent) == 1
    assert len(new_rows()) == 1


def test_reloading_half_way_keeps_the_draft_and_says_so(phone, new_rows):
    phone.open()
    assert phone.page.locator(".draft").is_hidden()
    phone.choose(overall=2, went_wrong="waiting", feedback="na")
    phone.write("Phải chờ lâu")
    phone.page.reload()
    assert phone.page.locator(".draft").is_visible()
    assert phone.chosen() == [("overall", "2"), ("went_wrong", "waiting"), ("feedback", "na")]
    assert phone.page.locator("textarea").input_value() == "Phải chờ lâu"
    assert phone.page.locator("#went_wrong").is_visible()
    phone.send()
    phone.thanked()
    assert len(new_rows()) == 1


def test_a_reload_where_nothing_may_be_stored_still_is_the_same_response(new_phone, new_rows):
    phone = new_phone()
    phone.context.add_init_script(NO_STORAGE)
    phone.open()
    first = phone.page.locator("[name=response_id]").input_value()
    phone.page.reload()
    assert phone.page.locator("[name=response_id]").input_value() == first
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    assert len(new_rows()) == 1


def test_the_other_language_keeps_what_was_chosen_also_where_nothing_may_be_stored(
    any_phone, new_rows
):
    phone = any_phone
    phone.open()
    phone.choose(overall=2, went_wrong="waiting")
    phone.write("Chờ lâu")
    phone.page.get_by_role("button", name="English").tap()
    phone.page.get_by_role("button", name="Send").wait_for()
    assert phone.chosen() == [("overall", "2"), ("went_wrong", "waiting")]
    assert phone.page.locator("textarea").input_value() == "Chờ lâu"
    assert new_rows() == []
    phone.send()
    phone.heading("Thank you. Your answer has been recorded.")
    assert scores(new_rows()) == ["2-----"]


@pytest.mark.parametrize(("second", "status"), [(5, 200), (1, 409)])
def test_two_tabs_opened_before_sending_are_one_response(phone, new_rows, second, status):
    other = phone.other_tab()
    phone.open()
    other.open()
    phone.page.bring_to_front()
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    other.page.bring_to_front()
    other.choose(overall=second)
    other.send()
    if status == 409:
        other.first_counted()
    else:
        other.thanked()
    assert scores(new_rows()) == ["5-----"]


def test_a_later_visit_is_a_response_of_its_own(any_phone, new_rows):
    phone = any_phone
    for score in (5, 2):
        phone.open()
        assert phone.chosen() == []
        phone.choose(overall=score)
        phone.send()
        phone.thanked()
    assert sorted(scores(new_rows())) == ["2-----", "5-----"]


def test_a_later_visit_counts_also_after_looking_back_at_the_form(phone, new_rows):
    phone.open()
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    phone.page.go_back()
    phone.sent_already()
    phone.page.reload()
    later = phone.other_tab()
    later.open()
    assert later.chosen() == []
    later.choose(overall=2)
    later.send()
    later.thanked()
    assert sorted(scores(new_rows())) == ["2-----", "5-----"]


def test_a_later_visit_counts_also_where_a_second_tab_was_left_open(phone, new_rows):
    other = phone.other_tab()
    phone.open()
    other.open()
    phone.page.bring_to_front()
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    other.page.bring_to_front()
    other.choose(overall=1)
    other.page.reload()
    other.choose(overall=1)
    phone.page.bring_to_front()
    phone.open()
    assert phone.chosen() == []
    phone.choose(overall=2)
    phone.send()
    phone.thanked()
    assert sorted(scores(new_rows())) == ["2-----", "5-----"]


def test_answers_that_came_second_are_taken_over_into_a_new_form(phone, new_rows, served):
    other = phone.other_tab()
    phone.open()
    other.open()
    phone.page.bring_to_front()
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    other.page.bring_to_front()
    other.choose(overall=1, went_wrong="waiting", access="na")
    other.write("Chờ lâu")
    other.send()
    other.first_counted()
    other.another.tap()
    other.button.wait_for()
    assert other.chosen() == [("overall", "1"), ("went_wrong", "waiting"), ("access", "na")]
    assert other.page.locator("textarea").input_value() == "Chờ lâu"
    assert scores(new_rows()) == ["5-----"]
    other.send()
    other.thanked()
    assert sorted(scores(new_rows())) == ["1-----", "5-----"]


def test_a_reply_lost_after_the_answer_was_stored_does_not_count_twice(phone, new_rows):
    stored = []

    def lose_the_reply(route: Route) -> None:
        reply = route.fetch(max_redirects=0)
        stored.append((reply.status, len(new_rows())))
        route.abort("connectionreset")

    phone.open()
    phone.page.route("**/r/*", lose_the_reply, times=1)
    phone.choose(overall=4, results=4)
    phone.send()
    phone.thanked()
    assert stored == [(303, 1)]
    assert len(phone.sent) == 2
    assert scores(new_rows()) == ["4---4-"]


def test_thanks_are_shown_also_where_the_network_ends_right_after_sending(phone, new_rows):
    phone.open()
    phone.page.route("**/thanks?*", lambda route: route.abort("connectionreset"))
    phone.choose(overall=4)
    phone.send()
    phone.thanked()
    assert phone.page.evaluate("document.activeElement.tagName") == "H1"
    assert phone.page.evaluate("scrollY") == 0
    assert len(phone.sent) == len(new_rows()) == 1


def test_the_next_person_on_the_same_phone_can_delete_the_draft(phone, new_rows):
    phone.open()
    phone.choose(overall=1, went_wrong="extra_cost")
    phone.write("Chuyện riêng")
    phone.open()
    phone.page.get_by_role("button", name="Xóa câu trả lời đang làm dở").tap()
    phone.page.locator(".draft").wait_for(state="hidden")
    assert phone.chosen() == []
    assert phone.page.locator("textarea").input_value() == ""
    kept = phone.page.evaluate("JSON.stringify({...localStorage})")
    assert "Chuyện riêng" not in kept
    assert "extra_cost" not in kept
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    assert scores(new_rows()) == ["5-----"]


def test_nothing_of_an_answer_stays_on_the_phone_once_it_is_sent(phone):
    phone.open()
    phone.choose(overall=1, went_wrong="extra_cost")
    phone.write("Chuyện riêng")
    assert "Chuyện riêng" in phone.page.evaluate("JSON.stringify({...localStorage})")
    phone.send()
    phone.thanked()
    assert phone.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_draft_of_another_day_is_not_brought_back(phone):
    phone.open()
    phone.choose(overall=1)
    phone.page.evaluate("""() => { for (const key of Object.keys(localStorage)) {
      const draft = JSON.parse(localStorage[key]);
      localStorage[key] = JSON.stringify({...draft, at: draft.at - 25 * 36e5}); } }""")
    other = phone.other_tab()
    other.open()
    assert other.chosen() == []


def test_a_draft_belongs_to_its_counter(phone):
    phone.open("quay-1")
    phone.choose(overall=1)
    phone.open("quay-2")
    assert phone.chosen() == []
    phone.open("quay-1")
    assert phone.chosen() == [("overall", "1")]
