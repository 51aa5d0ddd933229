"""A kiosk tablet: Chromium with a profile of its own, and what people and mishaps do to it.

The page, its outbox, sender and service worker are the product's. Measures nothing itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, ConsoleMessage, Error, Page

from tests.chromium import ARGUMENTS, PROGRAMS, NoChromium

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
PATIENCE = 30  # seconds
THANKED, RECORDED = "thanked: ", "recorded: "
LOW = 2  # up to this level an item of desk@2 leads to a further question
FIRST_OPTIONS = ("waiting", "reception", "steps", "attitude")
"""Of the questions that its first four items lead to: what a citizen here always chooses."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """What one person will answer: a level (1-5) an item, and a comment like no other's."""

    comment: str
    levels: tuple[int, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The options that are chosen on the way."""
        pairs = zip(self.levels, FIRST_OPTIONS, strict=False)
        return tuple(option for level, option in pairs if level <= LOW)


@dataclass
class Tablet:
    """One tablet. `thanked` are the comments of those who saw "thank you"; `recorded` of those
    whose first tap was called recorded, whatever came then."""

    kind: BrowserType
    profile: Path
    address: str
    thanked: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    clock_shift: int = 0
    process: subprocess.Popen[bytes] | None = None
    page: Page = field(init=False)

    def open(self, code: str = "", scripts: Sequence[str] = ()) -> None:
        """Start the browser and open the kiosk; `code` pairs it; `scripts` run before the app."""
        self._start()
        for script in scripts:
            self.page.context.add_init_script(script)
        self._go(f"{self.address}#{code}" if code else self.address)

    def kill(self) -> None:
        """End the browser with all its processes, in the middle of whatever it does."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)
        self.process = None
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()

    def reload(self) -> None:
        """Open the page anew."""
        self.page.reload(wait_until="commit")
        self._ready()

    def pair(self, code: str) -> None:
        """Pair with this code by the page's address; returns once the tablet is paired."""
        self.page.evaluate("code => { location.hash = code; }", code)
        self.wait_paired(code)

    def wait_paired(self, code: str) -> None:
        """Wait until the tablet is paired by this code."""
        typed = code.replace("-", "")
        self.wait_until(lambda: self.state()["code"] == typed, f"not paired with {code}")

    def begin(self, citizens: Sequence[Citizen]) -> None:
        """Let citizens answer one after the other; does not wait for them."""
        self.page.evaluate(
            "citizens => void ordeal.answer(citizens)", [asdict(one) for one in citizens]
        )

    def answer(self, citizens: Sequence[Citizen], seconds: float = PATIENCE) -> None:
        """Let citizens answer, and wait until all were thanked."""
        self.begin(citizens)
        comments = {one.comment for one in citizens}
        self.wait_until(lambda: comments <= self.thanked, "a citizen was not thanked", seconds)

    def tap(self, citizen: Citizen) -> None:
        """One citizen at the screen itself, from the first tap to "thank you"."""
        on, done = self.page.locator("footer .forward button").all()
        for place, level in enumerate(citizen.levels):
            screen = "form" if place else "start"
            levels = self.page.locator(f'body[data-screen="{screen}"] main .levels .tile')
            levels.nth(level - 1).click()
            if level <= LOW and place < len(FIRST_OPTIONS):
                self.page.locator("main .list .tile").first.click()
                on.click()
            if place == 0:
                self.page.locator("main .answers.pair .big.quiet").click()
        self.page.locator("main .answers.pair .big.quiet").click()
        self.page.locator("main textarea").fill(citizen.comment)
        done.click()
        self.page.locator('body[data-screen="thanks"]').wait_for()
        self.thanked.add(citizen.comment)

    def nudge(self) -> None:
        """What a browser says when the network may be back: the app sends."""
        self.page.evaluate("() => void dispatchEvent(new Event('online'))")

    def set_clock(self, milliseconds: int) -> None:
        """Set the calendar wrong by so much, for now and for the next starts."""
        self.clock_shift = milliseconds
        self.page.context.add_init_script(f"ordeal.setClock({milliseconds})")
        self.page.evaluate("by => ordeal.setClock(by)", milliseconds)

    def close_storage(self, tells: bool) -> None:
        """Close the database under the app; `tells`: the browser says so by an event."""
        self.page.evaluate("tells => ordeal.closeStorage(tells)", tells)

    def exported(self) -> str:
        """The text of the file that staff carry to the server by hand."""
        return str(self.page.evaluate("() => ordeal.exported()"))

    def state(self) -> dict[str, Any]:
        """Device, code, unsent, quarantined and screen, as they are on the tablet now."""
        return self.page.evaluate("() => ordeal.state()")  # type: ignore[no-any-return]

    def wait(self, seconds: float) -> None:
        """Let time pass, and hear what the page says meanwhile."""
        self.page.wait_for_timeout(seconds * 1000)

    def wait_until(self, true: Any, otherwise: str, seconds: float = PATIENCE) -> None:
        """Wait until it is true; a page that is just being loaded is asked again."""
        over = time.monotonic() + seconds
        while True:
            try:
                if true():
                    return
            except Error:
                if self.process is None or self.process.poll() is not None:
                    raise
            if time.monotonic() > over:
                raise TimeoutError(f"{otherwise} within {seconds} seconds: {self.state()}")
            self.wait(0.05)

    def _start(self) -> None:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise NoChromium("no Chromium on this machine; install it with: make test, as root")
        told = self.profile / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                program,
                *ARGUMENTS,
                "--headless=new",
                "--remote-debugging-port=0",
                "--window-size=1280,800",
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        over = time.monotonic() + PATIENCE
        while not (told.exists() and told.read_text(encoding="utf-8").count("\n")):
            if self.process.poll() is not None or time.monotonic() > over:
                raise RuntimeError("Chromium did not start")
            time.sleep(0.01)
        port = told.read_text(encoding="utf-8").splitlines()[0]
        browser = self.kind.connect_over_cdp(f"http://127.0.0.1:{port}")
        self._dress(browser.contexts[0])

    def _dress(self, context: BrowserContext) -> None:
        context.add_init_script(SCRIPT)
        context.add_init_script(f"ordeal.setClock({self.clock_shift})")
        self.page = context.pages[0]
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        for start, heard in ((THANKED, self.thanked), (RECORDED, self.recorded)):
            if message.text.startswith(start):
                heard.add(message.text.removeprefix(start))

    def _go(self, address: str) -> None:
        self.page.goto(address, wait_until="commit")
        self._ready()

    def _ready(self) -> None:
        """Return once the app is up: on its start screen, out of use, or at pairing."""
        shown = 'body[data-screen]:not([data-screen="opening"])'
        self.page.locator(shown).wait_for(state="attached")
