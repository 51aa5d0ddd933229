"""Kiosk tablets through everything that befalls them: is every thanked answer stored, and once?

Real Chromium with the product's own page, outbox, sender and service worker; a real
`hailong serve`; a bad line between them (tests.kiosk.fault_proxy). Citizens answer, most by the
app's own form and outbox, some by taps. Meanwhile requests are cut, delayed, truncated, doubled and
answered by strangers, the server and the browsers are killed, databases closed, clocks set wrong,
tablets revoked, answers carried by hand. In the end everything sends what it holds, and the
database is compared with the thanks.

Run:  python -m benchmarks.kiosk_faults
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from threading import Lock

from playwright.sync_api import BrowserType, sync_playwright

from benchmarks.kiosk_tablet import Citizen, Tablet
from benchmarks.office import (
    ROOT,
    Server,
    settings_of,
    start_office,
    temporary_office,
    wait_for,
)
from survey.config import Config
from survey.store import integrity, open_engine, tables
from tests.kiosk.fault_proxy import Dice, FaultProxy, fault_proxy
from tests.postgres import NoPostgres, empty_database, postgres

COUNTER = "quay-1"
ITEMS = 6  # of desk@1
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
class Outcome:
    """What was found in the end; every number from `lost` on must be 0.

    `acknowledged` citizens saw "thank you". Others had begun when their browser was killed: some of
    these are stored too. `flagged`: answered or sent while the tablet's clock was wrong, and
    marked; `flagged_right`: of these, dated rightly all the same.
    """

    acknowledged: int
    stored: int
    faults: Counter[str]
    flagged: int
    flagged_right: int
    lost: int
    doubled: int
    altered: int
    misdated: int
    unknown: int
    left: int
    damage: str

    @property
    def clean(self) -> bool:
        """Whether every acknowledged answer is there exactly once, as it was given."""
        wrong = (self.lost, self.doubled, self.altered, self.misdated, self.unknown, self.left)
        return not any(wrong) and self.damage == "ok"


@dataclass
class Keeper:
    """Runs the server like a service manager: what was killed is started again."""

    config: Config
    kills: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._server = self._start()

    def kill(self) -> None:
        """Kill the server with all its workers; the next one starts at once."""
        with self._lock:
            self._server.kill()
            self.kills += 1
            self._server = start_office(self.config)

    def stop(self) -> None:
        """End it politely."""
        with self._lock:
            if self._server.process.poll() is None:
                self._server.stop()

    def keep_up(self) -> None:
        """Start it again where it has ended: it may have met the port of the one before."""
        with self._lock:
            if self._server.process.poll() is not None:
                self._server = self._start()

    def run(self, *words: str) -> str:
        """Run a command of the product over this office; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "survey", "kiosk", *words, "--data", str(self.config.data)],
            cwd=ROOT,
            env=os.environ | settings_of(self.config),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def _start(self) -> Server:
        server = start_office(self.config)
        wait_for(server, "/kiosk/")
        return server


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
        self.office.run("revoke", device)
        self.line.down = False
        tablet.nudge()
        steps = [
            lambda: self.office.run("handover", device),
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
        self.office.run("import", str(file))
        self.line.down = False
        tablet.nudge()

    def enrol(self) -> str:
        """Return a new pairing code."""
        return self.office.run("enrol", "--counter", COUNTER).split("code: ")[1].split()[0]

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


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything: people, taps among them, faults on the line, troubles by kind."""

    tablets: int
    responses: int
    taps: int
    line_faults: int
    troubles: dict[str, int]
    chance: float = 0.2  # that a request meets a fault, until all have happened


FULL = Size(
    tablets=3,
    responses=2_100,
    taps=30,
    line_faults=132,
    troubles={
        "line down": 15,
        "browser offline": 12,
        "page reloaded": 15,
        "browser killed": 18,
        "storage closed": 18,
        "clock set wrong": 15,
        "server killed": 15,
        "revoked and handed over": 9,
        "carried by hand": 9,
    },
)


def go_through(
    kind: BrowserType, config: Config, size: Size, seed: int, planted: str | None = None
) -> Outcome:
    """Let tablets of this office go through all of it, and compare the thanks with the database."""
    days = {datetime.now(config.zone).date()}
    with ordeal(kind, config, size, seed, planted) as run:
        _live(run, size)
        left = run.settle()
        days.add(datetime.now(config.zone).date())
        faults = run.happened + Counter({f.value: n for f, n in run.line.count().items() if n})
        return _compare(config, run, faults, left, days)


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


def _planting(planted: str | None) -> Callable[[str, bytes], bytes] | None:
    if planted is None:
        return None
    name, right, wrong = PLANTED[planted]
    if right not in (files("kiosk") / "static" / name).read_text(encoding="utf-8"):
        raise ValueError(f"{name} has no line '{right}' any more; plant another fault")

    def plant(path: str, body: bytes) -> bytes:
        return body.replace(right.encode(), wrong.encode()) if path.endswith(f"/{name}") else body

    return plant


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


def _live(run: Ordeal, size: Size) -> None:
    """Let one thing after the other happen, and people answer in between all the time."""
    acts = _acts(run, size)
    share = size.responses / len(acts)
    for at, act in enumerate(acts, start=1):
        act()
        while len(run.citizens) < share * at:
            run.answer(run.chance.choice(run.tablets))


def _compare(
    config: Config, run: Ordeal, faults: Counter[str], left: int, days: set[date]
) -> Outcome:
    thanked = set().union(*(tablet.thanked for tablet in run.tablets))
    found: dict[str, list[tuple[str, frozenset[str], date, str]]] = defaultdict(list)
    for comment, stored in _stored(config):
        found[comment].append(stored)
    rows = [(comment, row) for comment, stored in found.items() for row in stored]
    engine = open_engine(config.database_url)
    damage = integrity(engine)
    engine.dispose()
    return Outcome(
        acknowledged=len(thanked),
        stored=len(rows),
        faults=faults,
        flagged=sum(flag == "clock" for _, (_, _, _, flag) in rows),
        flagged_right=sum(flag == "clock" and on in days for _, (_, _, on, flag) in rows),
        lost=len(thanked - found.keys()),
        doubled=sum(len(stored) > 1 for stored in found.values()),
        altered=sum(
            not _same(run.citizens[comment], row)
            for comment, row in rows
            if comment in run.citizens
        ),
        misdated=sum(on not in days and not flag for _, (_, _, on, flag) in rows),
        unknown=len(found.keys() - run.citizens.keys()),
        left=left,
        damage=damage,
    )


def _same(citizen: Citizen, row: tuple[str, frozenset[str], date, str]) -> bool:
    scores, chosen, _, _ = row
    expected = {"waiting"} if citizen.levels[0] <= 2 else set()
    return scores == "".join(map(str, citizen.levels)) and chosen == expected


def _stored(config: Config) -> list[tuple[str, tuple[str, frozenset[str], date, str]]]:
    """Read every response: comment, and (scores, chosen options, date, flag)."""
    engine = open_engine(config.database_url)
    chosen: dict[str, set[str]] = defaultdict(set)
    with engine.connect() as connection:
        comments = {
            row.response_id: row.text for row in connection.execute(tables.comment.select())
        }
        for row in connection.execute(tables.choice.select()):
            chosen[row.response_id].add(row.option)
        rows = connection.execute(tables.response.select()).all()
    engine.dispose()
    return [
        (
            comments.get(row.response_id, ""),
            (row.scores, frozenset(chosen[row.response_id]), row.answered_on, row.flag),
        )
        for row in rows
    ]


def main() -> None:
    options = _options()
    clean = True
    with sync_playwright() as playwright:
        for name in options.databases:
            with ExitStack() as stack:
                url = None
                if name == "postgresql":
                    url = stack.enter_context(empty_database(stack.enter_context(postgres())))
                config = stack.enter_context(temporary_office(url))
                begin = time.monotonic()
                outcome = go_through(playwright.chromium, config, FULL, options.seed, options.plant)
            clean &= outcome.clean
            _tell(name, options.seed, outcome, time.monotonic() - begin)
    if not clean:
        raise SystemExit("answers were lost, doubled, altered or misdated")


def _tell(name: str, seed: int, outcome: Outcome, seconds: float) -> None:
    print(f"{name}, seed {seed}, {seconds:.0f} s: {outcome.faults.total()} faults")
    for fault, times in sorted(outcome.faults.items()):
        print(f"  {times:4} {fault}")
    for figure in ("acknowledged", "stored", "flagged", "flagged_right"):
        print(f"  {figure}: {getattr(outcome, figure)}")
    wrong = ("lost", "doubled", "altered", "misdated", "unknown", "left", "damage")
    print("  " + ", ".join(f"{figure}: {getattr(outcome, figure)}" for figure in wrong), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--plant", choices=sorted(PLANTED), help="plant a fault in the app")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except NoPostgres as missing:
        raise SystemExit(str(missing)) from None
