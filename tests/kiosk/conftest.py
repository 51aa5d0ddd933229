"""A kiosk blueprint on a real server with an honest memory behind it, and a tablet in Chromium."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response
from werkzeug.serving import make_server

from kiosk import KioskResponse, Problem, Receipt, Station, make_blueprint
from questionnaires import Questionnaire, Text, shipped

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECTORS = (
    ("land", Text(vi="Đất đai", en="Land")),
    ("construction", Text(vi="Xây dựng", en="Construction")),
    ("investment", Text(vi="Đầu tư", en="Investment")),
    ("civil-status", Text(vi="Hộ tịch", en="Civil status")),
)
MORNING = datetime(2026, 10, 5, 9, 0, tzinfo=timezone(timedelta(hours=7)))
SIZES = {"1280x800": (1280, 800), "800x1280": (800, 1280), "1024x600": (1024, 600)}


def make_station(code: str, questionnaire: Questionnaire, **changes: Any) -> Station:
    """An open counter with the sectors that the questionnaire asks for."""
    station = Station(
        code=code,
        office=Text(vi="UBND xã Triệu Sơn", en="People's Committee of Triệu Sơn"),
        counter=Text(vi="Quầy 3 · Đất đai", en="Counter 3 · Land"),
        sectors=SECTORS[:1] if questionnaire.about_sector else (),
        questionnaire=questionnaire,
        simulated=False,
        open=True,
    )
    return replace(station, **changes)


@dataclass
class Ledger:
    """Accepts as the contract says: once per id, the first content stays; remembers everything."""

    stored: dict[str, KioskResponse] = field(default_factory=dict)
    receipts: list[Receipt | tuple[Problem, ...]] = field(default_factory=list)
    fault: Exception | None = None
    faulty_ids: set[str] = field(default_factory=set)
    refusal: tuple[Problem, ...] = ()

    def accept(self, station: Station, response: KioskResponse) -> Receipt | tuple[Problem, ...]:
        if self.fault is not None or response.response_id in self.faulty_ids:
            raise self.fault or OSError("database or disk is full")
        outcome = self.refusal or self._receipt(response)
        self.receipts.append(outcome)
        return outcome

    def _receipt(self, response: KioskResponse) -> Receipt:
        first = self.stored.setdefault(response.response_id, response)
        if first is response:
            return "stored"
        same = replace(first, age=response.age) == response
        return "repeated" if same else "conflict"

    @property
    def only(self) -> KioskResponse:
        (response,) = self.stored.values()
        return response


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def stations() -> dict[str, Station]:
    """One station a code; a test may add its own or change one while the server runs."""
    known = shipped()
    desk = known["desk@1"]
    return {
        "one": make_station("one", desk),
        "four": make_station("four", desk, sectors=SECTORS, simulated=True),
        "agency": make_station("agency", known["agency-service@1"]),
        "sipas": make_station("sipas", known["sipas-22@1"]),
        "closed": make_station("closed", desk, open=False),
    }


@pytest.fixture
def app(stations: dict[str, Station], ledger: Ledger) -> Flask:
    app = Flask("kiosk_alone")
    published = shipped()
    app.register_blueprint(
        make_blueprint(stations.get, ledger.accept, published.get), url_prefix="/kiosk"
    )

    @app.after_request
    def policy(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of the kiosk on a real server of this test's own, on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/kiosk"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Tablet:
    """A tablet and the hands of the person before it. Time passes only as the test lets it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, code: str) -> Response | None:
        reply = self.page.goto(f"{self.address}/{code}")
        self.page.locator("body[data-screen]").wait_for()
        self.pass_time(0.5)
        return reply

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def tap(self, *names: str) -> None:
        """Tap buttons one after the other, as a person does who looks at each screen."""
        for name in names:
            self.button(name).tap()
            self.pass_time(0.7)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pass_time(0.7)

    def pass_time(self, seconds: float) -> None:
        self.page.clock.run_for(int(seconds * 1000))

    @property
    def screen(self) -> str:
        return str(self.page.evaluate("document.body.dataset.screen"))

    def wait_for(self, screen: str) -> None:
        self.page.locator(f'body[data-screen="{screen}"]').wait_for()

    def until(self, script: str) -> None:
        """Wait for what the page does after a reply; real time, while its own clock stands."""
        for _ in range(200):
            if self.page.evaluate(script):
                return
            time.sleep(0.05)
        pytest.fail(f"never came true within 10 s: {script}")

    @property
    def question(self) -> str:
        return self.page.locator("h1").inner_text()

    def answer(self, name: str = "Hài lòng", comment: str | None = None) -> None:
        """From the start screen to the last tap: the same level everywhere."""
        self.tap("Bắt đầu")
        for _ in range(25):
            if self.button("Viết góp ý").count() == 1:
                break
            self.tap(name)
        if comment is not None:
            self.tap("Viết góp ý")
            self.page.get_by_role("textbox").fill(comment)
        self.tap("Gửi ý kiến")


def open_tablet(context: BrowserContext, address: str) -> Tablet:
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.clock.install(time=MORNING)
    page.clock.pause_at(MORNING + timedelta(seconds=1))
    tablet = Tablet(page, address)
    page.on("pageerror", lambda error: tablet.faults.append(str(error)))
    page.on("console", lambda message: _note(tablet, message.type, message.text))
    return tablet


def _note(tablet: Tablet, kind: str, text: str) -> None:
    # A failed request is logged by the browser too; tests that cut the line cause those.
    if kind == "error" and "Failed to load resource" not in text:
        tablet.faults.append(text)


@pytest.fixture(scope="session")
def _bench_context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(bypass_csp=True)
    yield context
    context.close()


@pytest.fixture
def bench(_bench_context: BrowserContext) -> Iterator[Page]:
    """A page of the kiosk in which the app does not start, to try its modules one by one."""
    page = _bench_context.new_page()
    page.set_default_timeout(10_000)
    page.route("**/kiosk.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    yield page
    page.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    width, height = SIZES["1280x800"]
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
    yield context
    context.close()


@pytest.fixture
def tablet(context: BrowserContext, address: str) -> Iterator[Tablet]:
    """A tablet of 1280x800; the test fails where its page had a fault of its own."""
    tablet = open_tablet(context, address)
    yield tablet
    assert tablet.faults == []


@pytest.fixture(scope="session")
def static() -> dict[str, str]:
    """Every text file of the app by name."""
    folder = files("kiosk") / "static"
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
