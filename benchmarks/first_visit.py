"""What a citizen's first visit costs, in Chromium, for every kind of counter: bytes, screens, taps.

Bytes are counted by the browser as received over the network: heads and bodies, compressed. Screens
are from the top of the page to the end of Send: as it opens, and with every rated question answered
by touch. Scrolls are what a finger must do between the first answer and Send. Seconds are those on
a line as slow as the browser's own "Slow 3G" (2 s there and back, 50 kB/s): from the scan to the
question, and from the tap on Send to thanks.
Run:  python -m benchmarks.first_visit
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser, ViewportSize

from benchmarks.office import running, start_office, temporary_office
from questionnaires import Text, shipped
from survey.config import Config
from survey.places import Counter, Places
from survey.store import open_engine
from survey.store.places import Desk, load_places, open_desks, save_places
from tests.chromium import NoChromium, chromium
from tests.waiting import SEEING

BYTES_GOAL, REQUESTS_GOAL = 14_600, 3
SCREENS_GOAL = 2.5  # of the desk's form, answered
Phone = tuple[int, int]
"""Width and height of a screen, CSS pixels."""

PHONES: tuple[Phone, ...] = ((360, 640), (412, 915))
VISITS = (("vi", PHONES[0]), ("vi", PHONES[1]), ("en", PHONES[0]))
SLOW_3G = {
    "offline": False,
    "latency": 2000,  # milliseconds
    "downloadThroughput": 50_000,  # bytes a second, as the next
    "uploadThroughput": 50_000,
}


@dataclass
class Received:
    """What one visit brought over the network."""

    size: int = 0
    addresses: list[str] = field(default_factory=list)
    opened: float = 0
    answered: float = 0
    scrolls: int = 0
    seconds_to_question: float = 0
    seconds_to_thanks: float = 0

    def add_request(self, event: Mapping[str, Any]) -> None:
        """Take note of a request, unless its answer stands in the page itself."""
        if not event["request"]["url"].startswith("data:"):
            self.addresses.append(event["request"]["url"])

    def add_answer(self, event: Mapping[str, Any]) -> None:
        """Count an answer that arrived whole."""
        self.size += int(event["encodedDataLength"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questionnaires", nargs="*", help="of these alone, e.g. desk@2")
    asked = parser.parse_args().questionnaires
    missed = False
    with temporary_office() as config, chromium() as browser:
        every = _one_counter_of_each_kind(config)
        desks = [one for one in every if one.counter.questionnaire in (asked or shipped())]
        path = f"/r/{desks[0].link.code}"
        with running(start_office(config), path):
            print(
                "questionnaire      sectors  language    phone   bytes  requests"
                "  screens opened  answered  scrolls to Send  slow 3G: question, thanks"
            )
            for desk in desks:
                for lang, phone in VISITS:
                    received = _visit(browser, config, desk, lang, phone)
                    missed |= not _fits(desk, lang, phone, received)
    print(f"goal: at most {BYTES_GOAL} bytes in {REQUESTS_GOAL}: {'MISSED' if missed else 'met'}")
    if missed:
        raise SystemExit(1)


def _fits(desk: Desk, lang: str, phone: Phone, received: Received) -> bool:
    fits = received.size <= BYTES_GOAL and len(received.addresses) <= REQUESTS_GOAL
    if desk.counter.questionnaire == "desk@2" and len(desk.sectors) == 1:
        fits &= received.answered <= SCREENS_GOAL and not received.scrolls
    print(
        f"{desk.counter.questionnaire:17}  {len(desk.sectors):7}  {lang:8}  {phone[0]}x{phone[1]}"
        f"  {received.size:6}  {len(received.addresses):8}  {received.opened:14.1f}"
        f"  {received.answered:8.1f}  {received.scrolls:15}  {received.seconds_to_question:17.1f}"
        f"  {received.seconds_to_thanks:6.1f}{'' if fits else '  MISSED'}",
        flush=True,
    )
    return fits


def _one_counter_of_each_kind(config: Config) -> list[Desk]:
    """Give every shipped questionnaire a counter of one sector, and of all where it asks one."""
    engine = open_engine(config.database_url)
    places = load_places(engine)
    counters = tuple(_counters(places))
    today = datetime.now(config.zone).date()
    save_places(engine, places.model_copy(update={"counter": counters}), today)
    desks = list(open_desks(engine, "poster"))
    engine.dispose()
    return desks


def _counters(places: Places) -> Iterator[Counter]:
    office = places.office[0].id
    name = Text(vi="Bộ phận tiếp nhận và trả kết quả", en="Reception and results")
    every = tuple(sector.id for sector in places.sector)
    for number, (key, questionnaire) in enumerate(sorted(shipped().items())):
        for sectors in (every[:1], every) if questionnaire.about_sector else ((),):
            yield Counter(
                id=f"bench-{number}-{len(sectors)}",
                office=office,
                name=name,
                questionnaire=key,
                sectors=sectors,
            )


def _visit(browser: Browser, config: Config, desk: Desk, lang: str, phone: Phone) -> Received:
    """Open the form on a phone that was never here, and wait until nothing comes any more."""
    received = Received()
    with _phone(browser, phone) as (page, network):
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", received.add_request)
        network.on("Network.loadingFinished", received.add_answer)
        address = f"http://127.0.0.1:{config.port}/r/{desk.link.code}?lang={lang}"
        page.goto(address, wait_until="networkidle")
        if not page.locator("form button").count():
            raise RuntimeError(f"no form at {address}")
        received.opened = _screens(page)
        _touch(page, "overall", 4)
        received.scrolls = _scrolls(page)
        for question in page.evaluate(_RATED):
            _touch(page, question, 4)
        received.answered = _screens(page)
    with _phone(browser, phone) as (page, network):
        _send_slowly(page, network, address, received)
    return received


def _send_slowly(page: Any, network: Any, address: str, received: Received) -> None:
    """The shortest whole answer on a slow line. A sector is chosen where one is asked for."""
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW_3G)
    page.goto(address, wait_until="load")
    received.seconds_to_question = page.wait_for_function(_PAINTED).json_value() / 1000
    _touch(page, "overall", 4)
    sectors = page.locator("input[name=sector]")
    if sectors.count():
        _touch(page, "sector", str(sectors.first.get_attribute("value")))
    time.sleep(SEEING)
    begin = time.monotonic()
    page.locator("button.send").tap()
    page.wait_for_url("**/thanks?*")
    received.seconds_to_thanks = time.monotonic() - begin


_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


_RATED = "() => [...document.querySelectorAll('[data-rated]')].map((one) => one.id).slice(1)"


def _touch(page: Any, question: str, level: int | str) -> None:
    page.locator("label", has=page.locator(f"input[name={question}][value='{level}']")).tap()
    page.wait_for_timeout(500)  # longer than between the halves of a double tap


def _screens(page: Any) -> float:
    """From the top of the page to the end of Send where it stands when it does not stay in view."""
    found = page.evaluate(
        """() => { const send = document.querySelector("button.send");
          const holder = send.closest(".bar") ?? send, before = holder.style.position;
          holder.style.position = "static";
          const end = send.getBoundingClientRect().bottom + scrollY;
          holder.style.position = before;
          return end / innerHeight; }"""
    )
    return float(found)


def _scrolls(page: Any) -> int:
    """How often a finger moves the page on, by most of a screen, until Send is in view."""
    return int(
        page.evaluate(
            """() => { const { bottom } = document.querySelector("button.send")
              .getBoundingClientRect();
              return Math.max(0, Math.ceil((bottom - innerHeight) / (0.8 * innerHeight))); }"""
        )
    )


@contextmanager
def _phone(browser: Browser, phone: Phone) -> Iterator[tuple[Any, Any]]:
    width, height = phone
    screen: ViewportSize = {"width": width, "height": height}
    context = browser.new_context(viewport=screen, has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        yield page, context.new_cdp_session(page)
    finally:
        context.close()


if __name__ == "__main__":
    try:
        main()
    except NoChromium as missing:
        raise SystemExit(str(missing)) from None
