"""A phone that scans a slip: one answer, whatever the network does, and pages for the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from survey.store import open_engine
from survey.store.slips import list_batches, withdraw_batch
from tests.axe import in_both_colours
from tests.clock import day_here
from tests.served import ServedOffice
from tests.survey.phone.conftest import Phone
from tests.survey.phone.test_axe import RULES
from tests.survey.slips import BY, issue

pytestmark = pytest.mark.browser

NO_NETWORK = "Chưa gửi được vì mạng yếu"


@pytest.fixture
def slip(served: ServedOffice) -> Callable[..., str]:
    """Issues a slip; returns the address that its code carries."""

    def issued(*, withdrawn: bool = False) -> str:
        engine = open_engine(f"sqlite:///{(served.folder / 'hailong.sqlite3').as_posix()}")
        today = day_here()
        known = {one.id for one in list_batches(engine, today)}
        (token,) = issue(engine)
        if withdrawn:
            (new,) = (one.id for one in list_batches(engine, today) if one.id not in known)
            withdraw_batch(engine, new, today, BY)
        engine.dispose()
        return f"http://127.0.0.1:{served.port}/s/{token}"

    return issued


def answered(phone: Phone, address: str) -> None:
    phone.page.goto(address)
    phone.choose(overall=4)
    phone.send()
    phone.thanked()


def test_an_answer_by_slip_is_stored_and_the_phone_keeps_nothing_of_it(phone, slip, new_rows):
    answered(phone, slip())
    assert [(row["channel"], row["sector"], row["scores"][0]) for row in new_rows()] == [
        ("slip", "land", "4")
    ]
    assert phone.page.evaluate("localStorage.length") == 0
    phone.page.go_back()
    phone.heading("Phiếu này đã được trả lời")


def test_an_answer_whose_thanks_were_lost_is_sent_again_and_thanked(phone, slip, new_rows):
    address = slip()
    phone.page.goto(address)
    phone.choose(overall=2)

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        route.fetch(max_redirects=0)  # the server has it
        return route.abort()

    phone.page.route("**/s/*", lose, times=1)
    phone.send()
    phone.says(NO_NETWORK)
    phone.thanked()  # by itself
    assert len(new_rows()) == 1


def test_who_comes_second_with_a_slip_is_told_so(phone, new_phone, slip, new_rows):
    address = slip()
    second = new_phone()
    second.page.goto(address)
    second.choose(overall=1)
    answered(phone, address)
    second.send()
    second.heading("Phiếu này đã được trả lời")
    assert second.page.evaluate("localStorage.length") == 0
    assert [row["scores"][0] for row in new_rows()] == ["4"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_axe_finds_nothing_on_the_pages_of_a_slip(phone, slip, lang):
    used = slip()
    phone.page.goto(f"{used}?lang={lang}")
    assert in_both_colours(phone.page, RULES) == []
    answered(phone, used)
    for address, status in (
        (used, 409),
        (slip(withdrawn=True), 410),
        (f"{used}x", 404),
    ):
        reply = phone.page.goto(f"{address}?lang={lang}")
        assert reply is not None
        assert reply.status == status
        assert in_both_colours(phone.page, RULES) == []
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
