"""Forms and drafts that meet another form, another day or another language than their own."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.browser

NO_NETWORK = "Chưa gửi được vì mạng yếu"


@contextmanager
def changed(served, tmp_path, before: str, after: str):
    """Other places for a while, given by command as the office gives them."""
    file, text = tmp_path / "places.toml", served.folder / "places.toml"
    shown = text.read_text(encoding="utf-8")
    assert before in shown
    file.write_text(shown.replace(before, after, 1), encoding="utf-8")
    served.run("place", "load", str(file))
    try:
        yield
    finally:
        served.run("place", "load", str(text))


LONG = 'name.en = "Survey"\nquestionnaire = "sipas-22@2"'
SHORT = 'name.en = "Survey"\nquestionnaire = "desk@2"'


def test_what_waits_to_be_sent_goes_as_it_was_asked(phone, served, new_rows, tmp_path):
    phone.open("khao-sat")
    first = phone.page.locator("[data-rated]").first.get_attribute("id")
    required = phone.page.locator("[data-required]").evaluate_all("all => all.map((one) => one.id)")
    for question in {first, *required}:
        phone.choose(**{question: 4})
    phone.context.set_offline(True)
    phone.send()
    phone.says(NO_NETWORK)
    with changed(served, tmp_path, LONG, SHORT):
        phone.page.goto("about:blank")
        phone.context.set_offline(False)
        phone.open("khao-sat")
        phone.thanked()
    assert [row["questionnaire"] for row in new_rows()] == ["sipas-22@2"]


def test_what_was_begun_on_another_form_is_dropped(phone, served, new_rows, tmp_path):
    phone.open("khao-sat")
    first = phone.page.locator("[data-rated]").first.get_attribute("id")
    phone.choose(**{first: 2})
    phone.write("Ghế ít")
    old = phone.page.locator("[name=response_id]").input_value()
    with changed(served, tmp_path, LONG, SHORT):
        phone.page.reload()
        assert phone.chosen() == []
        assert phone.page.locator(".draft").is_hidden()
        assert phone.page.locator("[name=response_id]").input_value() != old
        phone.choose(overall=5)
        phone.send()
        phone.thanked()
    assert [row["questionnaire"] for row in new_rows()] == ["desk@2"]


def test_a_clock_set_back_a_little_costs_no_draft_and_a_draft_of_tomorrow_is_nobodys(phone):
    """A phone whose clock was far ahead would show somebody's old answers for years."""
    phone.open()
    phone.choose(overall=1)
    for ahead, chosen in ((6e4, [("overall", "1")]), (86_460_000, [])):
        phone.page.evaluate(
            """ahead => { const [key] = Object.keys(localStorage);
              const draft = JSON.parse(localStorage.getItem(key));
              localStorage.setItem(key, JSON.stringify({ ...draft, at: draft.at + ahead })); }""",
            ahead,
        )
        phone.page.goto("about:blank")
        phone.open()
        assert phone.chosen() == chosen


def test_the_other_language_without_a_script_keeps_what_was_chosen(plain_phone, new_rows):
    phone = plain_phone
    phone.open("quay-3")
    phone.choose(sector="certification", overall=2, went_wrong="waiting", access="na")
    phone.write("Chờ lâu")
    before = phone.page.locator("[name=response_id]").input_value()
    with phone.page.expect_navigation() as page:
        phone.page.get_by_role("button", name="English").tap()
    assert page.value.status == 200
    phone.page.get_by_role("button", name="Send").wait_for()
    assert sorted(phone.chosen()) == [
        ("access", "na"),
        ("overall", "2"),
        ("sector", "certification"),
        ("went_wrong", "waiting"),
    ]
    assert phone.page.locator("textarea").input_value() == "Chờ lâu"
    assert phone.page.locator("[name=response_id]").input_value() == before
    assert new_rows() == []
    with phone.page.expect_navigation():
        phone.button.tap()
    phone.page.get_by_role("heading", name=re.compile("recorded")).wait_for()
    assert [row["sector"] for row in new_rows()] == ["certification"]


def test_enter_sends_the_form_without_a_script(plain_phone, new_rows):
    """The first button of a page is what Enter presses; the language stands before Send."""
    phone = plain_phone
    phone.open()
    phone.choose(overall=5)
    with phone.page.expect_navigation():
        phone.option("overall", 5).press("Enter")
    phone.thanked()
    assert len(new_rows()) == 1
