"""What befalls kiosk tablets: a bad line, kills, closed storage, wrong clocks, revocation.

Owns the misfortunes and the people who answer meanwhile. Judges nothing: see kiosk_faults.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import BrowserType

from benchmarks.keeper import Keeper
from benchmarks.kiosk_tablet import Citizen, Tablet
from survey.config import Config
from tests.kiosk.fault_proxy import Dice, FaultProxy, fault_proxy

COUNTER = "quay-1"
ITEMS = 6  # of desk@2
AT_ONCE = 4  # citizens who answer one after the other before something else happens
JUMPS = (40, -40, 400, -3)  # days by which a tablet's calendar is set wrong, until it is put right
DAY = 86_400_000  # milliseconds
CALM = 300  # seconds in which the tablets may send everything in the end
PLANTED = {
    "forgetful": (
        "sender.js",
        "if (receipt === undefined || receipt === 'later') return [];",
        "if (receipt === undefined || receipt === 'later') return [{ entry, receipt: 'stored' }];",
    ),
    "hasty": (
        "outbox.js",
        "const durable = await this.#write(entry);",
        "const durable = Boolean(this.#write(entry));",
    ),
    "renaming": (
        "sender.js",
        "return { ...record,",
        "return { ...record, response_id: crypto.randomUUID(),",
    ),
}
"""Faults to be planted in the tablet's app on its way, to see that they are found: forgets what it
sent whatever came back; thanks before the disk has the answer; takes a new id for each try."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything: people, taps among them, faults on the line, troubles by kind."""

    tablets: int
    responses: int
    taps: int
    line_faults: int
    troubles: dict[str, int]
    chance: float = 0.2  # that a request meets a fault, until all have happened

    def part(self, share: float) -> Size:
        """The same in small, on as many tablets: of everything this share, and at least one."""

        def some(number: int) -> int:
            return max(1, round(number * share))

        return replace(
            self,
            responses=some(self.responses),
            taps=some(self.taps),
            line_faults=some(self.line_faults),
            troubles={name: some(times) for name, times in self.troubles.items()},
        )


@dataclass
class Ordeal:
    """The tablets, their line and their server, and the misfortunes of one run."""

    office: Keeper
    line: FaultProxy
    tablets: list[Tablet]
    chance: random.Random
    citizens: dict[str, Citizen] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)

    def newcomers(self, number: int) -> list[Citizen]:
        """People who have not answered yet, each with answers of their own."""
        made = []
        for _ in range(number):
            levels = tuple(self.chance.randint(1, 5) for _ in range(ITEMS))
            comment = f"Ý kiến thứ {len(self.citizens)} hôm nay"
            self.citizens[comment] = Citizen(comment, levels)
            made.append(self.citizens[comment])
        return made

    def troubles(self) -> dict[str, Callable[[Tablet], None]]:
        """Everything that can happen to a tablet or to the server, by name."""
        return {
            "line down": self._line_down,
            "browser offline": self._offline,
            "page reloaded": self._reload,
            "browser killed": self._kill_browser,
            "storage closed": self._close_storage,
            "clock set wrong": self._set_clock,
            "server killed": self._kill_server,
            "revoked and handed over": self._revoke,
            "carried by hand": self._carry_by_hand,
        }

    def answer(self, tablet: Tablet, most: int = AT_ONCE) -> None:
        """Some people answer in peace."""
        tablet.answer(self.newcomers(self.chance.randint(1, most)))
        tablet.nudge()

    def tap(self, tablet: Tablet) -> None:
        """One person answers at the screen; waits for the thanks of the one before to pass."""
        tablet.tap(*self.newcomers(1))

    def _begin(self, tablet: Tablet) -> None:
        """People are answering when it happens."""
        tablet.begin(self.newcomers(AT_ONCE))
        tablet.nudge()
        tablet.wait(self.chance.uniform(0, 0.06))

    def _line_down(self, tablet: Tablet) -> None:
        self.line.down = True
        self.answer(tablet)
        tablet.wait(self.chance.uniform(0.1, 1))
        self.line.down = False

    def _offline(self, tablet: Tablet) -> None:
        self._begin(tablet)
        tablet.page.context.set_offline(True)
        self.answer(tablet)
        tablet.reload()
        self.answer(tablet)
        tablet.page.context.set_offline(False)

    def _reload(self, tablet: Tablet) -> None:
        self._begin(tablet)
        tablet.reload()

    def _kill_browser(self, tablet: Tablet) -> None:
        self._begin(tablet)
        tablet.kill()
        tablet.open()

    def _close_storage(self, tablet: Tablet) -> None:
        self._begin(tablet)
        tablet.close_storage(tells=self.chance.random() < 0.5)
        self.answer(tablet)

    def _set_clock(self, tablet: Tablet) -> None:
        self.answer(tablet)
        tablet.set_clock(0 if tablet.clock_shift else self.chance.choice(JUMPS) * DAY)
        self.answer(tablet)
        if self.chance.random() < 0.5:
            tablet.reload()

    def _kill_server(self, tablet: Tablet) -> None:
        self._begin(tablet)
        self.office.kill()
        self.answer(tablet)

    def _revoke(self, tablet: Tablet) -> None:
        """Lost, found again: what it held is handed over, before or after it is paired anew."""
        self.line.down = True
        self.answer(tablet)
        device = tablet.state()["device"]
        self.office.run("kiosk", "revoke", device)
        self.line.down = False
        tablet.nudge()
        steps: list[Callable[[], object]] = [
            lambda: self.office.run("kiosk", "handover", device),
            lambda: tablet.pair(self.enrol()),
        ]
        self.chance.shuffle(steps)
        for step in steps:
            step()
        tablet.nudge()

    def _carry_by_hand(self, tablet: Tablet) -> None:
        """Staff export what waits and import it on the server; then the tablet sends it too."""
        self.line.down = True
        self.answer(tablet)
        file = tablet.profile / "export.json"
        file.write_text(tablet.exported(), encoding="utf-8")
        self.office.run("kiosk", "import", str(file))
        self.line.down = False
        tablet.nudge()

    def enrol(self) -> str:
        """Return a new pairing code."""
        return self.office.run("kiosk", "enrol", "--counter", COUNTER).split("code: ")[1].split()[0]

    def suffer(self, tablet: Tablet, trouble: str) -> None:
        """Let this happen, and go on."""
        self.happened[trouble] += 1
        self.troubles()[trouble](tablet)
        self.office.keep_up()

    def settle(self) -> int:
        """All is well again: let every tablet send what it holds; return what is left on them."""
        self.line.plan = lambda _path: None
        self.office.keep_up()
        over = time.monotonic() + CALM
        left = self._left()
        while left and time.monotonic() < over:
            for tablet in self.tablets:
                tablet.nudge()
                tablet.wait(1)
            left = self._left()
        return left

    def _left(self) -> int:
        states = [tablet.state() for tablet in self.tablets]
        return sum(state["unsent"] + state["quarantined"] for state in states)


@contextmanager
def ordeal(
    kind: BrowserType, config: Config, size: Size, seed: int, planted: str | None = None
) -> Iterator[Ordeal]:
    """Set everything up: the server, the line, and the tablets, paired and with the app kept."""
    with ExitStack() as stack:
        office = Keeper(config)
        stack.callback(office.stop)
        line = stack.enter_context(fault_proxy(FaultProxy(config.port, kill_server=office.kill)))
        line.alter = _planting(planted)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hailong-tablets-")))
        address = f"http://127.0.0.1:{line.port}/kiosk/"
        tablets = [Tablet(kind, folder / str(at), address) for at in range(size.tablets)]
        run = Ordeal(office, line, tablets, random.Random(seed))
        for tablet in tablets:
            tablet.profile.mkdir()
            stack.callback(tablet.kill)
            code = run.enrol()
            tablet.open(code)
            tablet.wait_paired(code)
            tablet.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        line.plan = Dice(seed, size.chance, size.line_faults)
        yield run


def _acts(run: Ordeal, size: Size) -> list[Callable[[], None]]:
    """Every trouble and every tap, in an order of chance, each at a tablet of chance."""
    acts: list[Callable[[], None]] = []
    for name, times in size.troubles.items():
        for _ in range(times):
            tablet = run.chance.choice(run.tablets)
            acts.append(lambda name=name, tablet=tablet: run.suffer(tablet, name))  # type: ignore[misc]
    for _ in range(size.taps):
        tablet = run.chance.choice(run.tablets)
        acts.append(lambda tablet=tablet: run.tap(tablet))  # type: ignore[misc]
    run.chance.shuffle(acts)
    return acts


def live(run: Ordeal, size: Size) -> None:
    """Let one thing after the other happen, and people answer in between all the time."""
    acts = _acts(run, size)
    share = size.responses / len(acts)
    for at, act in enumerate(acts, start=1):
        act()
        while len(run.citizens) < share * at:
            run.answer(run.chance.choice(run.tablets))


def _planting(planted: str | None) -> Callable[[str, bytes], bytes] | None:
    if planted is None:
        return None
    name, right, wrong = PLANTED[planted]
    if right not in (files("kiosk") / "static" / name).read_text(encoding="utf-8"):
        raise ValueError(f"{name} has no line '{right}' any more; plant another fault")

    def plant(path: str, body: bytes) -> bytes:
        return body.replace(right.encode(), wrong.encode()) if path.endswith(f"/{name}") else body

    return plant
