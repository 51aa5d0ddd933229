"""What the first visit costs a phone on a slow network, and whom it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession

pytestmark = pytest.mark.browser

FIRST_FLIGHT = 14_600  # bytes: ten packets of 1,460, what a server sends before it hears back
REQUESTS = 3


@dataclass
class Traffic:
    """What went over the wire, headers included, as Chromium's own network stack counts it."""

    addresses: list[str] = field(default_factory=list)
    received: float = 0

    def watch(self, session: CDPSession) -> None:
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)

    def _sent(self, event: dict) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.addresses.append(event["request"]["url"])

    def _finished(self, event: dict) -> None:
        self.received += event["encodedDataLength"]


def first_visit(phone, counter, query):
    traffic = Traffic()
    traffic.watch(phone.context.new_cdp_session(phone.page))
    phone.open(counter, query)
    phone.page.wait_for_load_state("networkidle")
    return traffic


@pytest.mark.parametrize("query", ["", "?lang=en"])
@pytest.mark.parametrize("counter", ["quay-1", "quay-2", "cong-chinh", "khao-sat"])
def test_the_first_visit_fits_the_first_network_flight(phone, counter, query):
    traffic = first_visit(phone, counter, query)
    assert 3_000 < traffic.received <= FIRST_FLIGHT
    assert 1 <= len(traffic.addresses) <= REQUESTS


def test_the_short_form_is_one_request_under_ten_kilobytes(phone):
    traffic = first_visit(phone, "quay-1", "")
    assert len(traffic.addresses) == 1
    assert traffic.received < 10_000


def test_a_whole_visit_tells_no_other_host(phone):
    traffic = first_visit(phone, "quay-1", "")
    phone.choose(overall=5)
    phone.send()
    phone.thanked()
    phone.page.wait_for_load_state("networkidle")
    assert {urlsplit(address).netloc for address in traffic.addresses} == {
        f"127.0.0.1:{phone.office.port}"
    }
    assert len(traffic.addresses) == 3  # the form, the answer, the thanks it leads to


def test_the_phone_gets_one_short_lived_cookie_and_no_other(phone):
    phone.open()
    (cookie,) = phone.context.cookies()
    left = cookie["expires"] - phone.page.evaluate("Date.now() / 1000")
    assert cookie["name"] == "form"
    assert cookie["httpOnly"]
    assert 0 < left <= 600
