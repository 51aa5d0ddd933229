"""Everything a person can do where JavaScript is off, blocked, or too old: the plain page."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select, text

from survey.store import tables
from tests.chromium import PLAIN_HTTP_HOST

pytestmark = pytest.mark.browser


def tap_and_load(phone, button=None):
    """Send the form and return the server's answer."""
    with phone.page.expect_navigation() as page:
        (button or phone.button).tap()
    return page.value


def test_the_form_is_answered_and_thanked_for(plain_phone, new_rows, served):
    phone = plain_phone
    phone.open("quay-3")
    phone.choose(sector="certification", overall=2, access="na", went_wrong="waiting")
    phone.write("Chờ lâu")
    tap_and_load(phone)
    phone.thanked()
    (row,) = new_rows()
    assert (row["sector"], row["scores"]) == ("certification", "2-----")
    with served.database() as connection:
        option = connection.execute(
            select(tables.choice.c.option).where(tables.choice.c.response_id == row["response_id"])
        ).scalar_one()
    assert option == "waiting"


def test_what_only_a_script_can_do_is_not_shown(plain_phone):
    plain_phone.open()
    assert plain_phone.page.get_by_role("progressbar").count() == 0
    assert plain_phone.page.locator(".draft").is_hidden()
    assert plain_phone.page.locator("[role=status]").bounding_box()["height"] == 0


def test_what_went_wrong_is_shown_only_when_low(plain_phone):
    phone = plain_phone
    phone.open()
    question = phone.page.locator("#went_wrong")
    assert question.is_hidden()
    for score in (1, 5, 2, 3, 4):
        phone.choose(overall=score)
        assert question.is_visible() == (score <= 2)


def test_a_browser_without_has_shows_the_question_and_says_whom_it_is_for(plain_phone):
    """What stands in the rule for browsers with :has() is all that hides the question."""
    phone = plain_phone
    phone.open()
    phone.page.evaluate(
        """() => { const rules = document.styleSheets[0].cssRules;
          for (let i = rules.length; i--;) if (rules[i] instanceof CSSSupportsRule)
            document.styleSheets[0].deleteRule(i); }"""
    )
    assert phone.row("access", "").is_visible()
    phone.page.evaluate("scrollTo(0, 700)")
    box = phone.button.bounding_box()
    assert box["y"] + box["height"] <= 640, "Send is in view all the time"
    question = phone.page.locator("#went_wrong")
    assert question.is_visible()
    assert question.get_by_text("Chỉ trả lời câu này nếu Ông/Bà chưa hài lòng.").is_visible()


def test_a_missing_answer_comes_back_in_a_summary_that_leads_to_it(plain_phone, new_rows):
    phone = plain_phone
    phone.open("quay-3")
    phone.choose(access=2, results=5)
    phone.write("Ghế ít")
    assert tap_and_load(phone).status == 422
    assert phone.page.title().startswith("Ý kiến chưa được gửi")
    summary = phone.page.get_by_role("alert").filter(has_text="Ý kiến chưa được gửi")
    assert summary.evaluate("box => box === document.activeElement")
    links = summary.get_by_role("link")
    assert links.all_inner_texts() == [
        "Ông/Bà hài lòng ở mức nào với lần làm thủ tục này?",
        "Ông/Bà vừa làm thủ tục về việc gì?",
    ]
    links.nth(0).tap()
    legend = phone.page.locator("#overall legend").bounding_box()
    assert 0 <= legend["y"] < 60
    assert phone.page.locator("#overall-error").inner_text() == "Xin chọn một mức cho câu này."
    assert phone.chosen() == [("access", "2"), ("results", "5")]
    assert phone.page.locator("textarea").input_value() == "Ghế ít"
    assert new_rows() == []
    phone.choose(overall=4, sector="residence")
    tap_and_load(phone)
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["42--5-"]


@pytest.mark.parametrize("host", ["127.0.0.1", PLAIN_HTTP_HOST])
def test_the_back_button_says_that_it_was_sent_and_gives_one_row(plain_phone, new_rows, host):
    phone = plain_phone
    phone.open(host=host)
    phone.choose(overall=5)
    tap_and_load(phone)
    phone.thanked()
    phone.page.go_back()
    phone.sent_already()
    assert [row["scores"] for row in new_rows()] == ["5-----"]
    tap_and_load(phone, phone.another)
    phone.choose(overall=1)
    tap_and_load(phone)
    phone.thanked()
    assert sorted(row["scores"] for row in new_rows()) == ["1-----", "5-----"]


@pytest.mark.parametrize("host", ["127.0.0.1", PLAIN_HTTP_HOST])
def test_two_tabs_give_one_row(plain_phone, new_rows, host):
    other = plain_phone.other_tab()
    plain_phone.open(host=host)
    other.open(host=host)
    for tab in (plain_phone, other):
        tab.page.bring_to_front()
        tab.choose(overall=5)
        tap_and_load(tab)
        tab.thanked()
    assert len(new_rows()) == 1


def test_a_double_tap_is_one_row(plain_phone, new_rows):
    phone = plain_phone
    phone.open()
    phone.choose(overall=5)
    phone.button.scroll_into_view_if_needed()
    box = phone.button.bounding_box()
    for _ in range(2):
        phone.page.touchscreen.tap(box["x"] + 50, box["y"] + 20)
    phone.thanked()
    assert len(new_rows()) == 1


def test_sending_again_by_reloading_the_error_page_stores_nothing(plain_phone, new_rows):
    phone = plain_phone
    phone.open()
    phone.choose(access=5)
    tap_and_load(phone)
    phone.page.reload()
    assert phone.page.get_by_role("alert").count() == 1
    assert new_rows() == []


def test_answers_that_came_second_are_taken_over_into_a_new_form(plain_phone, new_rows):
    phone, other = plain_phone, plain_phone.other_tab()
    phone.open("quay-3")
    other.open("quay-3")
    phone.choose(overall=5, sector="residence")
    tap_and_load(phone)
    other.page.bring_to_front()
    other.choose(overall=1, sector="certification", went_wrong="attitude")
    other.write('Hai "dòng" <b>')
    assert tap_and_load(other).status == 409
    other.first_counted()
    assert tap_and_load(other, other.another).status == 200
    assert sorted(other.chosen()) == [
        ("overall", "1"),
        ("sector", "certification"),
        ("went_wrong", "attitude"),
    ]
    assert other.page.locator("textarea").input_value() == 'Hai "dòng" <b>'
    assert len(new_rows()) == 1
    tap_and_load(other)
    other.thanked()
    assert sorted(row["scores"] for row in new_rows()) == ["1-----", "5-----"]


def test_send_is_in_view_from_the_first_answer_on(plain_phone):
    phone = plain_phone
    phone.open()
    assert phone.button.bounding_box()["y"] > 640
    phone.choose(overall=4)
    phone.page.evaluate("scrollTo(0, 700)")
    box = phone.button.bounding_box()
    assert 0 <= box["y"] < box["y"] + box["height"] <= 640


def test_an_optional_answer_can_be_taken_back(plain_phone, new_rows):
    phone = plain_phone
    phone.open()
    assert phone.row("access", "").is_hidden()
    phone.choose(overall=4, access=1)
    phone.choose(access="")
    tap_and_load(phone)
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["4-----"]


def test_too_many_answers_are_asked_to_wait_and_can_be_sent_again(new_phone, new_rows, served):
    with served.taking_only(1) as strict:
        for comment in ("", 'Hai dòng\n"và" <b>'):
            phone = new_phone(strict, java_script_enabled=False)
            phone.open()
            phone.choose(overall=1, went_wrong="waiting", feedback="na")
            phone.choose(went_wrong="attitude")
            phone.write(comment)
            reply = tap_and_load(phone)
        assert reply.status == 429
        phone.heading("Xin chờ một chút")
        again = phone.page.get_by_role("button", name="Gửi lại")
        assert tap_and_load(phone, again).status == 429
    first, second = (parse_qsl(request.post_data) for request in phone.sent)
    assert ("comment", 'Hai dòng\r\n"và" <b>') in first
    assert second == first
    assert len(new_rows()) == 1


@pytest.mark.slow
def test_a_locked_database_is_our_fault_and_one_tap_sends_again(plain_phone, new_rows, served):
    phone = plain_phone
    phone.open()
    phone.choose(overall=1, went_wrong="waiting")
    phone.choose(went_wrong="attitude")
    phone.write("Chờ lâu")
    with served.database() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        assert tap_and_load(phone).status == 503
    phone.heading("Hệ thống đang bận")
    tap_and_load(phone, phone.page.get_by_role("button", name="Gửi lại"))
    phone.thanked()
    (row,) = new_rows()
    with served.database() as connection:
        mine = row["response_id"]
        picked = connection.execute(
            select(tables.choice.c.option).where(tables.choice.c.response_id == mine)
        ).scalars()
        assert sorted(picked) == ["attitude", "waiting"]
        comment = tables.comment.c
        written = select(comment.text).where(comment.id == mine)
        assert connection.execute(written).scalar_one() == "Chờ lâu"
