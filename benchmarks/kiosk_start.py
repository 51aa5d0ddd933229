"""How quick a kiosk tablet is: start without server, taps, a thousand waiting answers, bytes.

Run:  python -m benchmarks.kiosk_start
"""

from __future__ import annotations

import json
import re
import tempfile
import time
import uuid
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from playwright.sync_api import BrowserType, sync_playwright

from benchmarks.keeper import Keeper
from benchmarks.kiosk_tablet import Citizen, Tablet
from benchmarks.office import Server, running, start_office, temporary_office
from survey.config import Config
from survey.store import open_engine
from survey.store.responses import count_responses

STARTS, QUEUE, BATCH = 7, 1_000, 50
START_GOAL, QUEUE_GOAL, BYTES_GOAL = 1.0, 10.0, 60_000  # seconds, seconds, bytes
TAP_GOAL, TAPPERS, SLOWDOWNS = 100, 8, (1, 4, 6)  # milliseconds, citizens, times slower
COUNTER = "quay-1"
HEAD_OF_LIST = "const SHELL = "

# The moment of the start screen, by the page's own clock, which begins with the navigation.
STOPWATCH = """
new MutationObserver(() => {
  if (document.body?.dataset.screen === 'start') self.startScreenAt ??= performance.now();
}).observe(document, { subtree: true, childList: true, attributeFilter: ['data-screen'] });
"""

# Event Timing: from the finger's moment to the picture that follows, in steps of 8 ms. What takes
# less than 16 ms is not told, and counts as 16. A tap's longest event is the tap's.
TAPS = """
self.taps = new Map();
self.touched = new Map();
self.finger = { down: 0 };
new PerformanceObserver((list) => {
  for (const { interactionId, duration, name, startTime } of list.getEntries()) {
    const longest = taps.get(interactionId)?.[0] ?? 0;
    if (interactionId && /^(pointer|click)/.test(name) && duration > longest)
      taps.set(interactionId, [duration, touched.get(startTime) ?? '']);
  }
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
for (const name of ['pointerdown', 'pointerup', 'click'])
  addEventListener(name, ({ target, timeStamp }) => {
    touched.set(timeStamp, target.closest('button')?.innerText.trim() ?? '');
    if (name === 'pointerdown') finger.down += 1;
  }, true);
"""


def main() -> None:
    with temporary_office() as config, sync_playwright() as playwright:
        with running(start_office(config), "/kiosk/"):
            _tell("the app, compressed", _shell_bytes(config), BYTES_GOAL, "bytes")
        with tempfile.TemporaryDirectory(prefix="hailong-tablet-") as folder:
            tablet = _paired(playwright.chromium, config, Path(folder))
            try:
                starts = [_cold_start(tablet) for _ in range(STARTS)]
                in_page, whole = (median(column) for column in zip(*starts, strict=True))
                _tell("page to start screen, no server, median", in_page, START_GOAL)
                print(f"  with the start of the browser program: {whole:.2f} s")
                for slowdown in SLOWDOWNS:
                    _taps(tablet, slowdown)
                _queue(config, tablet)
            finally:
                tablet.kill()


def _tell(what: str, measured: float, goal: float, unit: str = "s") -> None:
    verdict = "met" if measured < goal else "MISSED"
    print(f"{what}: {measured:,.4g} {unit} (goal: under {goal:,g} {unit}, {verdict})", flush=True)


def _shell_bytes(config: Config) -> int:
    """Bytes of everything that a tablet keeps to start without network, as the server sends it."""
    worker = _get(config.port, "/kiosk/sw.js", "identity").decode("utf-8")
    listed = re.search(re.escape(HEAD_OF_LIST) + r"(\[.*?\]);", worker)
    if listed is None:
        raise RuntimeError("the service worker has no list of files")
    addresses = ["/kiosk/sw.js", *json.loads(listed[1])]
    sizes = {address: len(_get(config.port, address, "gzip")) for address in addresses}
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:3]
    print(f"{len(sizes)} files; largest: " + ", ".join(f"{Path(a).name} {n}" for a, n in largest))
    return sum(sizes.values())


def _get(port: int, path: str, encoding: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Accept-Encoding": encoding})
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    if reply.status != 200:
        raise RuntimeError(f"{path} was answered with {reply.status}")
    return body


def _paired(kind: BrowserType, config: Config, profile: Path) -> Tablet:
    """A tablet that is paired and has the app on its disk; browser and server are ended again."""
    office = Keeper(config)
    try:
        tablet = Tablet(kind, profile, f"http://127.0.0.1:{config.port}/kiosk/")
        code = office.run("kiosk", "enrol", "--counter", COUNTER).split("code: ")[1].split()[0]
        tablet.open(code)
        tablet.wait_paired(code)
        tablet.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        tablet.wait(1)
    finally:
        office.stop()
    return tablet


def _cold_start(tablet: Tablet) -> tuple[float, float]:
    """Seconds to the start screen with no server: from the navigation, and from the program."""
    tablet.kill()
    begin = time.perf_counter()
    tablet.open(scripts=(STOPWATCH,))
    tablet.wait_until(lambda: tablet.page.evaluate("() => self.startScreenAt"), "no start screen")
    whole = time.perf_counter() - begin
    return tablet.page.evaluate("() => self.startScreenAt") / 1000, whole


def _taps(tablet: Tablet, slowdown: int) -> None:
    """What citizens feel: from the finger to the next picture, on a processor so much slower."""
    tablet.kill()
    tablet.open(scripts=(TAPS,))
    tablet.wait_until(lambda: tablet.state()["screen"] == "start", "no start screen")
    session = tablet.page.context.new_cdp_session(tablet.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    for number in range(TAPPERS):
        tablet.tap(Citizen(f"Ý kiến {slowdown}.{number}", (5, 4, 3, 5, 4, 5)))
        tablet.wait_until(lambda: tablet.state()["screen"] == "start", "no start screen")
    tablet.wait(1)
    told, fingers = tablet.page.evaluate("() => [[...taps.values()], finger.down]")
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    felt = sorted([(16.0, "")] * (fingers - len(told)) + [(ms, label) for ms, label in told])
    (middle, _), (longest, label) = felt[len(felt) // 2], felt[-1]
    slow = sum(ms >= TAP_GOAL for ms, _ in felt)
    print(
        f"{fingers} taps, processor {slowdown} x slower: median {middle:.0f} ms, {slow} slow",
        end="; ",
    )
    _tell(f"longest ('{label}')", longest, TAP_GOAL, "ms")


def _queue(config: Config, tablet: Tablet) -> None:
    """A thousand answers wait, and the server comes back. The floor: the same requests alone."""
    tablet.answer(
        [Citizen(f"Ý kiến thứ {number} hôm nay", (5, 4, 3, 2, 1, 5)) for number in range(QUEUE)],
        seconds=300,
    )
    waiting = tablet.state()["unsent"]  # these and those of the taps
    with running(start_office(config), "/kiosk/") as server:
        begin = time.perf_counter()
        tablet.nudge()
        tablet.wait_until(lambda: tablet.state()["unsent"] == 0, "not sent", 300)
        took = time.perf_counter() - begin
        stored = _count(config)
        floor = _floor(server, tablet)
    _tell(f"{waiting} waiting answers sent", took, QUEUE_GOAL)
    print(f"  stored: {stored}; the same by bare requests: {floor:.2f} s, ratio {took / floor:.2f}")
    if stored != waiting:
        raise SystemExit(f"{stored} answers are stored instead of {waiting}")


def _count(config: Config) -> int:
    engine = open_engine(config.database_url)
    stored = count_responses(engine)
    engine.dispose()
    return stored


def _floor(server: Server, tablet: Tablet) -> float:
    """Seconds for as many other records in as many requests, one after the other, from here."""
    secret = tablet.page.evaluate("() => ordeal.secret()")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    begin = time.perf_counter()
    for start in range(0, QUEUE, BATCH):
        records = [_record(number) for number in range(start, start + BATCH)]
        body = json.dumps({"clock": time.time(), "responses": records})
        connection.request("POST", "/kiosk/responses", body, headers)
        reply = connection.getresponse()
        if reply.status != 200:
            raise RuntimeError(f"the floor was answered with {reply.status}: {reply.read()!r}")
        reply.read()
    took = time.perf_counter() - begin
    connection.close()
    return took


def _record(number: int) -> dict[str, object]:
    names = ("overall", "access", "procedures", "civil_servants", "results", "feedback")
    scores = dict(zip(names, (5, 4, 3, 2, 1, 5), strict=True))
    return {
        "response_id": str(uuid.uuid4()),
        "questionnaire": "desk@2",
        "sector": "land",
        "scores": scores,
        "choices": {},
        "comment": f"Ý kiến thứ {number} hôm qua",
        "age_s": 60,
    }


if __name__ == "__main__":
    main()
