"""A kiosk blueprint on a real server with an honest memory behind it, and a tablet in Chromium."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Locator, Page, Request, Response
from werkzeug.serving import make_server

from kiosk import Station, make_blueprint
from kiosk.station import MANIFEST, WORKER, load_assets
from tests.chromium import NewContext
from tests.kiosk import wire
from tests.kiosk.memory import CODES, MORNING, Ledger, MemoryOffice
from tests.waiting import wait_until

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
SIZES = {"1280x800": (1280, 800), "800x1280": (800, 1280), "1024x600": (1024, 600)}


@pytest.fixture
def office() -> MemoryOffice:
    """The installation behind the kiosk; a test may change it while the server runs."""
    return MemoryOffice()


@pytest.fixture
def ledger(office: MemoryOffice) -> Ledger:
    return office.ledger


@pytest.fixture
def stations(office: MemoryOffice) -> dict[str, Station]:
    """One station a counter; a test may add its own or change one while the server runs."""
    return office.stations


@pytest.fixture
def app(office: MemoryOffice) -> Flask:
    app = Flask("kiosk_alone")
    app.register_blueprint(make_blueprint(office), url_prefix="/kiosk")

    @app.after_request
    def policy(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def tablet_at(client: FlaskClient, office: MemoryOffice) -> Callable[[str], wire.Tablet]:
    """A tablet without a screen, paired with the counter of this name."""

    def tablet_at(counter: str) -> wire.Tablet:
        tablet = wire.Tablet(client, office.now)
        assert tablet.pair(CODES[counter]).status_code == 200
        return tablet

    return tablet_at


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


KEPT = """(table) => new Promise((resolve) => {
  const opening = indexedDB.open('hailong-kiosk');
  opening.onupgradeneeded = () => opening.transaction.abort(); // never make it: that is the app's
  opening.onerror = () => resolve([]);
  opening.onsuccess = () => {
    const db = opening.result;
    const rows = db.transaction(table).objectStore(table).getAll();
    rows.onsuccess = () => { db.close(); resolve(rows.result); };
  };
})"""
"""Reads a table of the tablet's database, beside the app."""

PAIRED = f"""async (code) => {{
  const shown = document.querySelector('.place strong')?.textContent;
  if (!shown || shown === 'Hài Lòng') return false;
  if (!window.indexedDB) return true;
  const rows = await ({KEPT})('kept');
  const enrolments = rows.filter((row) => Array.isArray(row)).flat();
  return enrolments.slice(-1)[0]?.code === code;
}}"""


@dataclass
class Tablet:
    """A tablet and the hands of the person before it. Time passes only as the test lets it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, station: str = "one") -> Response | None:
        """Open the tablet of a station, paired by the code in its address."""
        self.page.goto("about:blank")  # the same page with another fragment would not be opened
        reply = self.page.goto(f"{self.address}/#{CODES[station]}")
        wait_until(lambda: self._is_paired(CODES[station]), "the pairing")
        self.wait_for("start")
        self.pass_time(0.5)
        return reply

    def _is_paired(self, code: str) -> bool:
        if self.page.evaluate(f"({PAIRED})('{code}')"):
            return True
        self.pass_time(0.1)
        return False

    def reopen(self) -> None:
        """Switch the tablet off and on: the page is closed and opened without a code."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/")
        self.page.locator("body[data-screen]:not([data-screen=opening])").wait_for()
        self.pass_time(0.5)

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
        """In steps of five seconds: what waits for its disk is not left behind by minutes."""
        left = int(seconds * 1000)
        while left > 0:
            step = min(left, 5000)
            self.page.clock.run_for(step)
            left -= step

    def heartbeat(self, after: float = 280) -> None:
        """Let time pass until the tablet asks the server how things are, and has its reply."""
        self.pass_time(after)
        self.asks("heartbeat")

    def asks(self, part: str) -> None:
        """Let time pass until the tablet asks for an address with this part, and has its reply.

        In small steps, and then the clock stands: the tablet gives a request up after ten seconds,
        and time that passes before the reply is there would take it from the tablet.
        """
        asked: list[Request] = []
        self.page.on("request", lambda one: asked.append(one) if part in one.url else None)
        for _ in range(80):
            if asked:
                break
            self.pass_time(0.5)
        self.until("true", lambda: bool(asked))
        asked[0].response()

    @property
    def screen(self) -> str:
        return str(self.page.evaluate("document.body.dataset.screen"))

    def wait_for(self, screen: str) -> None:
        self.page.locator(f'body[data-screen="{screen}"]').wait_for()

    def until(self, script: str, holds: Callable[[], bool] = lambda: True) -> None:
        """Wait for what the page does after a reply; real time, while its own clock stands."""
        wait_until(lambda: self.page.evaluate(script) and holds(), script)

    def kept(self, table: str = "outbox") -> list[dict[str, Any]]:
        """What the tablet's own database holds."""
        return list(self.page.evaluate(KEPT, table))

    @property
    def secrets(self) -> list[str]:
        """The tablet's secrets, one for each time it was paired."""
        rows = self.kept("kept")
        return [one["secret"] for row in rows if isinstance(row, list) for one in row]

    def arrive(self) -> None:
        """Thanks, and what was answered has come to the server."""
        self.wait_for("thanks")
        self.sent()

    def sent(self) -> None:
        """Wait until nothing is left to be sent."""
        self.until(f"({KEPT})('outbox').then((rows) => rows.length === 0)")

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


@pytest.fixture
def bench(new_context: NewContext) -> Page:
    """A page of the kiosk in which the app does not start, to try its modules one by one.

    A context of its own: the next server may get the port of an earlier one, and with it what an
    earlier test kept for that origin.
    """
    page = new_context(bypass_csp=True, service_workers="block").new_page()
    page.route("**/kiosk.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    return page


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    width, height = SIZES["1280x800"]
    # Without the service worker every request can be cut by a test; test_offline has it.
    return new_context(
        viewport={"width": width, "height": height}, has_touch=True, service_workers="block"
    )


@pytest.fixture
def tablet(context: BrowserContext, address: str) -> Iterator[Tablet]:
    """A tablet of 1280x800; the test fails where its page had a fault of its own."""
    tablet = open_tablet(context, address)
    yield tablet
    assert tablet.faults == []


@pytest.fixture
def diskless(tablet: Tablet) -> Tablet:
    """A tablet whose browser gives it no database: answers wait in the open page."""
    tablet.page.add_init_script(
        "Object.defineProperty(window, 'indexedDB', {value: undefined, configurable: true})"
    )
    return tablet


@pytest.fixture(scope="session")
def static() -> dict[str, str]:
    """Every text file of our own by name, as the tablet is sent it."""
    assets = load_assets()
    ours = {
        name: asset.content.decode("utf-8")
        for name, asset in assets.files.items()
        if "/" not in name and not name.endswith(".png")
    }
    return {**ours, WORKER: assets.worker, MANIFEST: assets.manifest}
