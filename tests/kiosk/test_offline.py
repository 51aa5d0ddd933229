"""The tablet as it stands at the counter: its own profile on disk, its service worker, no network.

The browser is a process of its own, killed like a tablet whose battery dies; the server is stopped
for real.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask, request
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import BaseWSGIServer, make_server

from kiosk import FieldProblem, blueprint
from kiosk import station as served
from tests.chromium import ARGUMENTS, PROGRAMS
from tests.kiosk.conftest import KEPT, POLICY
from tests.kiosk.instants import Found, Window, search
from tests.kiosk.memory import CODES, MemoryOffice
from tests.postgres import free_port
from tests.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Server:
    """The office's server on one port: stopped, started, and brought to a newer app."""

    office: MemoryOffice
    port: int = field(default_factory=free_port)
    server: BaseWSGIServer | None = None
    thread: threading.Thread | None = None
    asked: list[str] = field(default_factory=list)
    broken: str | None = None
    lost_replies: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/kiosk/"

    def start(self) -> None:
        app = Flask("kiosk_alone")
        app.register_blueprint(blueprint.make_blueprint(self.office), url_prefix="/kiosk")
        app.after_request(self._finish)
        app.wsgi_app = self._losing(app.wsgi_app)  # type: ignore[method-assign]
        self.server = make_server("127.0.0.1", self.port, app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def _losing(self, answer):
        """Do what was asked, then die before the reply: once for each of `lost_replies`."""

        def answer_or_die(environ, start_response):
            reply = answer(environ, start_response)
            if environ["PATH_INFO"] in self.lost_replies:
                self.lost_replies.remove(environ["PATH_INFO"])
                raise ConnectionResetError
            return reply

        return answer_or_die

    def _finish(self, response):
        self.asked.append(f"{request.method} {request.path}")
        if request.path == self.broken:
            response.status_code = 502
        response.headers["Content-Security-Policy"] = POLICY
        return response

    def stop(self) -> None:
        if self.server is not None and self.thread is not None:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
            self.server = None


@pytest.fixture
def server(office: MemoryOffice) -> Iterator[Server]:
    server = Server(office)
    server.start()
    yield server
    server.stop()


@dataclass
class Counter:
    """A tablet with a profile on disk, driven over the wire that Chromium itself offers."""

    browser: Browser
    profile: Path
    server: Server
    process: subprocess.Popen[bytes] | None = None
    attached: Browser | None = None
    faults: list[str] = field(default_factory=list)

    def switch_on(self, fragment: str = "") -> Page:
        """Start the browser on the kiosk's address, as a kiosk browser does at boot."""
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()  # left behind by a browser that was killed
        port = free_port()
        program = next(filter(None, map(shutil.which, PROGRAMS)))
        self.process = subprocess.Popen(
            [
                program,
                *ARGUMENTS,
                "--headless=new",
                "--disable-features=DIPS",  # as docs/kiosk.md has it
                "--window-size=1280,800",
                f"--user-data-dir={self.profile}",
                f"--remote-debugging-port={port}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.attached = self._attach(port)
        page = self.context.pages[0]
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(self.server.address + fragment)
        return page

    def _attach(self, port: int) -> Browser:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
            except Exception:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    @property
    def context(self) -> BrowserContext:
        assert self.attached is not None
        return self.attached.contexts[0]

    def kill(self) -> None:
        """The battery is empty: the whole browser is gone, without a word."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def switch_off(self) -> None:
        """The browser is closed and writes down what it wants to."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process = None

    def pair(self, station: str = "one") -> Page:
        """Switch on, pair, and wait until the app is on the disk."""
        page = self.switch_on(f"#{CODES[station]}")
        screen(page, "start")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        comes_true(page, "navigator.serviceWorker.controller !== null")
        return page


@pytest.fixture
def counter(browser: Browser, server: Server, tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(browser, tmp_path / "profile", server)
    yield counter
    if counter.process is not None:
        counter.kill()
    assert counter.faults == []


UPDATE_FAILS = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  const ended = new Promise((resolve) => registration.addEventListener('updatefound', () => {
    const coming = registration.installing;
    coming.addEventListener('statechange', () => coming.state === 'redundant' && resolve());
  }));
  await registration.update().catch(() => {});
  await ended;
}"""


def screen(page: Page, name: str) -> None:
    page.locator(f'body[data-screen="{name}"]').wait_for()


def tap(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_timeout(650)  # the picked answer is shown, then the next one is deaf a while


def answer(page: Page, name: str = "Hài lòng") -> None:
    tap(page, "Bắt đầu")
    send = page.get_by_role("button", name="Gửi ý kiến", exact=True)
    for _ in range(25):
        if send.count() == 1:
            break
        tap(page, name)
    tap(page, "Gửi ý kiến")
    screen(page, "thanks")


def kept(page: Page, table: str = "outbox") -> list[dict]:
    return list(page.evaluate(KEPT, table))


def comes_true(page: Page, script: str) -> None:
    """Asked again and again from here: the page's policy lets nobody evaluate in a loop of its."""
    wait_until(lambda: page.evaluate(script), script)


@contextmanager
def newer_app(monkeypatch) -> Iterator[str]:
    """The server has been upgraded: one file of the app differs, and so does its build."""
    former = served.load_assets()
    build = "0123456789ab"
    css = former.files["kiosk.css"]
    files = {
        **former.files,
        "kiosk.css": served.Asset(css.content + b"/* newer */", css.content_type),
    }
    newer = served.Assets(build, files, former.worker, former.manifest)
    monkeypatch.setattr(blueprint, "load_assets", lambda: newer)
    yield build


def test_the_tablet_starts_with_the_server_stopped_and_takes_answers(counter, server, office):
    counter.pair()
    counter.kill()
    server.stop()
    page = counter.switch_on()
    screen(page, "start")
    assert page.locator(".place").inner_text().startswith("UBND xã Triệu Sơn")
    answer(page)
    assert len(kept(page)) == 1
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: office.ledger.receipts == ["stored"], "the answer arrives")
    comes_true(page, f"({KEPT})('outbox').then((rows) => rows.length === 0)")


def test_a_reload_without_network_opens_the_start_screen(counter, server):
    page = counter.pair()
    server.stop()
    page.reload()
    screen(page, "start")
    tap(page, "Bắt đầu", "Hài lòng")
    page.reload()
    screen(page, "start")


def test_a_browser_killed_between_two_questions_has_lost_one_form_and_no_tablet(
    counter, server, office
):
    page = counter.pair()
    tap(page, "Bắt đầu", *["Không hài lòng"] * 3)
    counter.kill()
    page = counter.switch_on()
    screen(page, "start")
    assert kept(page) == []
    answer(page)
    wait_until(lambda: office.ledger.receipts == ["stored"], "the next one's answer arrives")


def test_a_browser_killed_right_after_thanks_has_lost_nothing(counter, server, office):
    """Three times in a row, without network, each time as soon as thanks are on the screen."""
    page = counter.pair()
    server.stop()
    for number in range(1, 4):
        answer(page)
        counter.kill()
        page = counter.switch_on()
        screen(page, "start")
        assert len(kept(page)) == number
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: len(office.ledger.stored) == 3, "all three arrive")
    assert office.ledger.receipts == ["stored"] * 3


def test_a_new_app_waits_until_nobody_is_there_and_keeps_a_full_outbox(
    counter, server, office, monkeypatch
):
    page = counter.pair()
    before = page.get_attribute("body", "data-build")
    server.stop()
    for _ in range(2):
        answer(page)
        screen(page, "start")
        page.wait_for_timeout(400)
    tap(page, "Bắt đầu", "Hài lòng")
    office.ledger.fault = OSError("the database is being upgraded too")
    with newer_app(monkeypatch) as build:
        server.start()
        page.evaluate("dispatchEvent(new Event('online'))")
        comes_true(
            page,
            "navigator.serviceWorker.getRegistration().then((found) => Boolean(found.waiting))",
        )
        page.wait_for_timeout(11_000)  # somebody is in the middle of a form all the while
        assert page.get_attribute("body", "data-build") == before
        assert page.locator("body").get_attribute("data-screen") == "form"
        tap(page, "Quay lại", "Quay lại")
        screen(page, "start")
        page.locator(f'body[data-build="{build}"]').wait_for()
        screen(page, "start")
        assert len(kept(page)) == 2
        names = page.evaluate("caches.keys()")
        assert names == [f"hailong-kiosk-{build}"]  # the former app is gone, whole
        office.ledger.fault = None
        page.evaluate("dispatchEvent(new Event('online'))")
        wait_until(lambda: len(office.ledger.stored) == 2, "both arrive")
        server.stop()
        page.reload()  # the new one starts without network too
        screen(page, "start")
        assert page.get_attribute("body", "data-build") == build
        assert [one.questionnaire.key for one in office.ledger.stored.values()] == ["desk@1"] * 2


def test_an_upgrade_that_is_cut_off_leaves_the_app_that_works(counter, server, monkeypatch):
    """One file of the new app does not come: all of the old one goes on."""
    page = counter.pair()
    before = page.get_attribute("body", "data-build")
    server.stop()
    with newer_app(monkeypatch) as build:
        server.broken = f"/kiosk/static/{build}/session.js"
        server.start()
        page.evaluate(UPDATE_FAILS)
        server.stop()
        page.reload()
        screen(page, "start")
        assert page.get_attribute("body", "data-build") == before


def test_the_worker_answers_nothing_but_the_page_and_its_files(counter, server):
    page = counter.pair()
    server.asked.clear()
    answer(page)
    wait_until(lambda: "POST /kiosk/responses" in server.asked, "the answer goes to the server")
    server.asked.clear()
    page.reload()
    screen(page, "start")
    wait_until(lambda: "POST /kiosk/heartbeat" in server.asked, "a heartbeat")
    page.wait_for_timeout(1000)
    got = [line for line in server.asked if line.startswith("GET")]
    assert set(got) <= {"GET /kiosk/sw.js", "GET /kiosk/manifest.webmanifest"}


def test_everything_cleared_means_paired_again_and_no_pretending(counter, server, office):
    page = counter.pair()
    page.goto("about:blank")
    session = counter.context.new_cdp_session(page)
    session.send(
        "Storage.clearDataForOrigin",
        {"origin": server.address.removesuffix("/kiosk/"), "storageTypes": "all"},
    )
    page.goto(server.address)
    screen(page, "enrol")
    assert page.get_by_label("Mã ghép máy").is_visible()
    assert page.get_by_role("button", name="Bắt đầu").count() == 0


def test_site_data_cleared_under_the_open_page_loses_no_answer(counter, server, office):
    page = counter.pair()
    server.stop()
    answer(page)
    session = counter.context.new_cdp_session(page)
    session.send(
        "Storage.clearDataForOrigin",
        {"origin": server.address.removesuffix("/kiosk/"), "storageTypes": "indexeddb"},
    )
    page.get_by_text("Cần nhân viên xem").wait_for()
    assert len(kept(page)) == 1
    counter.kill()
    server.start()
    page = counter.switch_on()
    wait_until(lambda: len(office.ledger.stored) == 1, "the answer arrives")
    screen(page, "start")
    assert len(office.devices) == 1


def test_two_tabs_of_one_tablet_send_each_answer_once(counter, server, office):
    first = counter.pair()
    second = counter.context.new_page()
    second.goto(server.address)
    screen(second, "start")
    server.stop()
    for page in (first, second):
        page.bring_to_front()
        answer(page)
    server.start()
    for page in (first, second):
        page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: len(office.ledger.stored) == 2, "both arrive")
    comes_true(first, f"({KEPT})('outbox').then((rows) => rows.length === 0)")
    assert office.ledger.receipts == ["stored", "stored"]


def test_a_tab_notices_that_another_has_paired_the_tablet_anew(counter, server, office):
    first = counter.pair("one")
    second = counter.context.new_page()
    second.goto(server.address + f"#{CODES['agency']}")
    comes_true(
        second, f"({KEPT})('kept').then((rows) => rows.some((row) => row?.counter_id === 'agency'))"
    )
    with first.expect_navigation():
        first.evaluate("dispatchEvent(new Event('online'))")
    screen(first, "start")
    answer(first)
    wait_until(lambda: len(office.ledger.stored) == 1, "the answer arrives")
    assert office.ledger.only.questionnaire.key == "agency-service@1"


def test_a_server_killed_after_its_commit_counts_nobody_twice(counter, server, office):
    page = counter.pair()
    server.lost_replies = ["/kiosk/responses"]
    answer(page)
    wait_until(lambda: len(office.ledger.receipts) >= 2, "it is sent again")
    assert office.ledger.receipts == ["stored", "repeated"]
    assert len(office.ledger.stored) == 1


# --- What the disk tells afterwards ------------------------------------------------------------

PLANT = """async (moment) => {
  const open = indexedDB.open('hailong-kiosk');
  await new Promise((done) => { open.onsuccess = done; });
  const change = async (what) => {
    const transaction = open.result.transaction('kept', 'readwrite');
    what(transaction.objectStore('kept'));
    await new Promise((done) => { transaction.oncomplete = done; });
  };
  await change((kept) => kept.put({ moment }, 'planted'));
  await change((kept) => kept.delete('planted'));
}"""
OF_PAGES = ("IndexedDB", "Local Storage", "Session Storage", "Service Worker", "File System")
"""Where Chromium keeps what pages write. Its own notes elsewhere are told in SECURITY.md."""


def written_by_page(one: Found) -> bool:
    return one.file.split("/")[1:2] in ([name] for name in OF_PAGES) or one.form.endswith(" ms")


def answered(page: Page) -> Window:
    """One citizen; the time from a second before their last tap to the thanks."""
    screen(page, "start")
    page.wait_for_timeout(1_000)
    answer(page)
    return Window(page.evaluate("window.tappedAt") / 1000 - 1, time.time())


WATCH_TAPS = "addEventListener('click', () => { window.tappedAt = Date.now(); }, true)"
OPENED = 10_000
"""Milliseconds after which Chromium has written down what a page stored as it opened."""


def test_the_disk_of_a_tablet_tells_of_no_answer_at_what_time_it_was_given(counter, server, office):
    """Given without network, before and after a kill, and sent; given with network; put aside."""
    page = counter.pair()
    page.evaluate(WATCH_TAPS)
    page.wait_for_timeout(OPENED)
    server.stop()
    given = [answered(page)]
    counter.kill()
    page = counter.switch_on()
    page.evaluate(WATCH_TAPS)
    page.wait_for_timeout(OPENED)
    given.append(answered(page))
    assert [sorted(row["kept"]) for row in kept(page)] == [["day", "era", "shift"]] * 2
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(lambda: len(office.ledger.stored) == 2, "both arrive")
    for refusal in ((FieldProblem("sector", "unknown"),), (), ()):
        office.ledger.refusal = refusal
        given.append(answered(page))
        comes_true(page, f"({KEPT})('outbox').then((rows) => rows.length === 0)")
    assert (len(office.ledger.stored), len(kept(page, "quarantine"))) == (4, 1)
    counter.switch_off()
    found = [one for window in given for one in search(counter.profile, window)]
    assert [one for one in found if written_by_page(one)] == []
    assert list(counter.profile.rglob("DIPS*")) == []  # Chromium's list of when pages were touched


def test_the_search_of_the_disk_finds_what_was_written_and_deleted(counter):
    """The counter-check: deleted rows are still there, and in whatever form, they are found."""
    page = counter.pair()
    noon = 1_790_000_000.25  # in 2026
    forms = (noon * 1000, noon, str(noon * 1000), "2026-09-21T14:13:20.250Z")
    for moment in forms:
        page.evaluate(PLANT, moment)
    assert not any("moment" in (row or {}) for row in kept(page, "kept"))
    counter.switch_off()
    found = search(counter.profile, Window(noon - 1, noon + 1))
    assert {one.form for one in found} >= {"<f8, ms", "<f8, s", "text, ms", "ISO text"}
    assert all(written_by_page(one) for one in found)
