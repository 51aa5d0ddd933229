"""No page open to everybody breaks a rule of WCAG 2.2 AA that axe can check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from survey.store import tables
from tests.axe import in_both_colours, violations

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
RULES = {"runOnly": [*WCAG, "best-practice"], "resultTypes": ["violations"]}


def send_plainly(phone) -> int:
    """Send the form as a browser without JavaScript does; return the status of the page."""
    with phone.page.expect_navigation() as page:
        phone.page.locator("form").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    return page.value.status


def form(phone, lang):
    phone.open("quay-3", f"?lang={lang}")


def form_half_way(phone, lang):
    phone.open("quay-3", f"?lang={lang}")
    phone.choose(overall=1, went_wrong="waiting", access="na")
    phone.page.reload()
    phone.send()


def long_form(phone, lang):
    phone.open("khao-sat", f"?lang={lang}")


def form_with_problems(phone, lang):
    phone.open("quay-3", f"?lang={lang}")
    assert send_plainly(phone) == 422


def form_without_network(phone, lang):
    phone.open("quay-1", f"?lang={lang}")
    phone.choose(overall=5)
    phone.context.set_offline(True)
    phone.send()
    phone.message.filter(has_text=".").wait_for()


def thanks(phone, lang):
    phone.open("quay-1", f"?lang={lang}")
    phone.choose(overall=5)
    phone.send()
    phone.page.wait_for_url("**/thanks?*")


def sent_already(phone, lang):
    thanks(phone, lang)
    phone.page.go_back()
    phone.another.or_(phone.page.get_by_text("Answer for another visit")).wait_for()


def first_counted(phone, lang):
    other = phone.other_tab()
    other.open("quay-1", f"?lang={lang}")
    thanks(phone, lang)
    other.page.bring_to_front()
    other.choose(overall=1)
    with other.page.expect_navigation() as page:
        other.send()
    assert page.value.status == 409
    phone.page = other.page


def unknown_code(phone, lang):
    reply = phone.page.goto(phone.office.address("quay-1") + f"zz?lang={lang}")
    assert reply.status == 404


def no_such_page(phone, lang):
    reply = phone.page.goto(f"http://127.0.0.1:{phone.office.port}/nothing?lang={lang}")
    assert reply.status == 404


def code_gone(phone, lang):
    with phone.office.database() as connection:
        key = select(tables.counter.c.key).where(tables.counter.c.id == "da-dong").scalar_subquery()
        closed = tables.link.update().where(tables.link.c.counter == key)
        connection.execute(closed.values(revoked_on=date(2026, 10, 1)))
    assert phone.open("da-dong", f"?lang={lang}").status == 410


def too_large(phone, lang):
    phone.open("quay-1", f"?lang={lang}")
    phone.choose(overall=5)
    phone.page.locator("textarea").evaluate("box => { box.value = 'a'.repeat(600000) }")
    assert send_plainly(phone) == 413


def sign_in(phone, lang):
    phone.page.goto(f"http://127.0.0.1:{phone.office.port}/sign-in?lang={lang}")


PAGES = [
    form,
    form_half_way,
    long_form,
    form_with_problems,
    form_without_network,
    thanks,
    sent_already,
    first_counted,
    unknown_code,
    no_such_page,
    code_gone,
    too_large,
    sign_in,
]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("go", PAGES, ids=[page.__name__ for page in PAGES])
def test_axe_finds_nothing(phone, go: Callable, lang: str):
    go(phone, lang)
    assert phone.page.locator("html").get_attribute("lang") == lang
    assert in_both_colours(phone.page, RULES) == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_axe_finds_nothing_where_the_server_asks_to_wait(new_phone, strict, lang):
    phone = new_phone(strict)
    for _ in range(3):  # a minute may be over between two of them
        phone.open("quay-1", f"?lang={lang}")
        if send_plainly(phone) == 429:
            break
    phone.heading("Xin chờ một chút" if lang == "vi" else "Please wait a moment")
    assert phone.page.get_by_role("button").count() == 1
    assert in_both_colours(phone.page, RULES) == []


@pytest.fixture(scope="module")
def strict(served):
    """The office behind a server that takes one form a minute."""
    with served.taking_only(1) as office:
        yield office


def test_axe_would_find_what_is_broken(phone):
    """The check can fail: a face without words is found."""
    phone.open()
    phone.page.locator("label.o").first.evaluate(
        "row => { row.querySelector('span').lastChild.remove() }"
    )
    assert any(line.startswith("label:") for line in violations(phone.page, RULES))
