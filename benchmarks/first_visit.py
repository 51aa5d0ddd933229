"""What a citizen's first visit costs, in Chromium, for every kind of counter: bytes, screens, taps.

Bytes are counted by the browser as received over the network: heads and bodies, compressed. Screens
of 360 x 640 are from the top of the page to the end of Send: as it opens, and with every rated
question answered by touch. Scrolls are what a finger must do between the first answer and Send.
Run:  python -m benchmarks.first_visit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser

from benchmarks.office import running, start_office, temporary_office
from questionnaires import Text, shipped
from survey.config import Config
from survey.places import Counter, Places
from survey.store import open_engine
from survey.store.places import Desk, load_places, open_desks, save_places
from tests.chromium import NoChromium, chromium

BYTES_GOAL, REQUESTS_GOAL = 14_600, 3
SCREENS_GOAL = 2.5  # of the desk's form, answered
PHONE = {"width": 360, "height": 640}


@dataclass
class Received:
    """What one visit brought over the network."""

    size: int = 0
    addresses: list[str] = field(default_factory=list)
    opened: float = 0
    answered: float = 0
    scrolls: int = 0

    def add_request(self, event: Mapping[str, Any]) -> None:
        """Take note of a request, unless its answer stands in the page itself."""
        if not event["request"]["url"].startswith("data:"):
            self.addresses.append(event["request"]["url"])

    def add_answer(self, event: Mapping[str, Any]) -> None:
        """Count an answer that arrived whole."""
        self.size += int(event["encodedDataLength"])


def main() -> None:
    missed = False
    with temporary_office() as config, chromium() as browser:
        desks = _one_counter_of_each_kind(config)
        path = f"/r/{desks[0].link.code}"
        with running(start_office(config), path):
            print(
                "questionnaire      sectors  language   bytes  requests"
                "  screens opened  answered  scrolls to Send"
            )
            for desk in desks:
                for lang in ("vi", "en"):
                    missed |= not _fits(desk, lang, _visit(browser, config, desk, lang))
    print(f"goal: at most {BYTES_GOAL} bytes in {REQUESTS_GOAL}: {'MISSED' if missed else 'met'}")
    if missed:
        raise SystemExit(1)


def _fits(desk: Desk, lang: str, received: Received) -> bool:
    fits = received.size <= BYTES_GOAL and len(received.addresses) <= REQUESTS_GOAL
    if desk.counter.questionnaire == "desk@2" and len(desk.sectors) == 1:
        fits &= received.answered <= SCREENS_GOAL and not received.scrolls
    print(
        f"{desk.counter.questionnaire:17}  {len(desk.sectors):7}  {lang:8}  {received.size:6}"
        f"  {len(received.addresses):8}  {received.opened:14.1f}  {received.answered:8.1f}"
        f"  {received.scrolls:15}{'' if fits else '  MISSED'}",
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


def _visit(browser: Browser, config: Config, desk: Desk, lang: str) -> Received:
    """Open the form on a phone that was never here, and wait until nothing comes any more."""
    received = Received()
    with _phone(browser) as (page, network):
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
    return received


_RATED = "() => [...document.querySelectorAll('[data-rated]')].map((one) => one.id).slice(1)"


def _touch(page: Any, question: str, level: int) -> None:
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
def _phone(browser: Browser) -> Iterator[tuple[Any, Any]]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
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
