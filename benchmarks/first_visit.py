"""Bytes and requests of a citizen's first visit, in Chromium, for every kind of counter.

Counted by the browser as received over the network: heads and bodies, compressed.
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
PHONE = {"width": 360, "height": 640}


@dataclass
class Received:
    """What one visit brought over the network."""

    size: int = 0
    addresses: list[str] = field(default_factory=list)

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
            print("questionnaire      sectors  language   bytes  requests")
            for desk in desks:
                for lang in ("vi", "en"):
                    missed |= not _fits(desk, lang, _visit(browser, config, desk, lang))
    print(f"goal: at most {BYTES_GOAL} bytes in {REQUESTS_GOAL}: {'MISSED' if missed else 'met'}")
    if missed:
        raise SystemExit(1)


def _fits(desk: Desk, lang: str, received: Received) -> bool:
    fits = received.size <= BYTES_GOAL and len(received.addresses) <= REQUESTS_GOAL
    print(
        f"{desk.counter.questionnaire:17}  {len(desk.sectors):7}  {lang:8}  {received.size:6}"
        f"  {len(received.addresses):8}{'' if fits else '  MISSED'}",
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
    return received


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
