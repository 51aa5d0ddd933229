"""What a view of the results page costs an installation of 1, 10, 50, 200 offices.

A first view comes after an import; later ones find everything computed. A view is the page with the
charts that are drawn in it, over HTTP, from the real server; processor time is that of the
server with all its processes, the one that computes included.
Run:  python -m benchmarks.offices --postgres
One office with many answers:  python -m benchmarks.offices --offices 1 --answers 100000
"""

from __future__ import annotations

import argparse
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import numpy as np
from sqlalchemy import Engine, Table, text

from benchmarks.office import Server, running, start_office, temporary_office
from benchmarks.processes import cpu_seconds
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.places import Counter, Office, Places, shipped_places
from survey.store import open_engine, tables
from survey.store.places import save_places
from survey.store.population import CountSource, save_counts
from survey.store.staff import add_staff
from tests.postgres import empty_database, postgres

MONTHS = 12
PART = 20_000  # rows a statement
SEED = 20261128
NAME, PASSWORD = "bench", "bốn từ không dính nhau"
LATER = 10  # views
SATISFIED = (0.70, 0.97)  # of a sector, lowest and highest
CHANNELS = ("poster", "kiosk", "paper")
GOAL_FIRST, GOAL_LATER, GOAL_BYTES = 3.0, 0.150, 100_000


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the processors and by the clock; bytes as the browser unpacks them.

    `page`: 0 while it is being computed.
    """

    cpu: float
    clock: float
    page: int


def main() -> None:
    options = _options()
    found: dict[str, list[tuple[int, float]]] = {}
    print(
        "offices  answers  period      place       first: cpu s  clock s   later: cpu ms  clock ms"
        "   page B"
    )
    for offices in options.offices:
        for title, first, later in _measure(offices, options):
            found.setdefault(title, []).append((offices, first.cpu))
            print(
                f"{offices:7}  {offices * options.answers:7}  {title:22}  {first.cpu:12.2f}"
                f"  {first.clock:7.2f}  {later.cpu * 1e3:14.0f}  {later.clock * 1e3:8.0f}"
                f"  {later.page:7}  {_goals(offices, first, later)}",
                flush=True,
            )
    for title, points in found.items():
        _fit(title, points)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offices", type=int, nargs="+", default=[1, 10, 50, 200])
    parser.add_argument("--answers", type=int, default=2200, help="of an office, in twelve months")
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    parser.add_argument("--seconds", type=float, default=300, help="longest wait for a first view")
    return parser.parse_args()


def _goals(offices: int, first: Took, later: Took) -> str:
    """What was missed; the goals are for up to 50 offices."""
    missed = [
        name
        for name, value, goal in (
            ("first", first.cpu, 1.0 if offices == 1 else GOAL_FIRST),
            ("later", later.cpu, GOAL_LATER),
            ("bytes", later.page, GOAL_BYTES),
        )
        if value > goal and offices <= 50
    ]
    return f"MISSED: {', '.join(missed)}" if missed else ""


def _fit(title: str, points: list[tuple[int, float]]) -> None:
    """The straight line through the first views, and the power of the number of offices."""
    if len(points) < 3:
        return
    offices, seconds = (np.array(values, dtype=float) for values in zip(*points, strict=True))
    slope, start = np.polyfit(offices, seconds, 1)
    power = np.polyfit(np.log(offices), np.log(seconds), 1)[0]
    last = np.log(seconds[-1] / seconds[-2]) / np.log(offices[-1] / offices[-2])
    print(
        f"{title}: first view = {start:.2f} s + {slope * 1e3:.1f} ms an office; it grows with the "
        f"power {power:.2f} of offices, {last:.2f} between the last two"
    )


def _measure(offices: int, options: argparse.Namespace) -> Iterator[tuple[str, Took, Took]]:
    """Fill an installation, serve it and look at it."""
    with ExitStack() as stack:
        url = None
        if options.postgres:
            url = stack.enter_context(empty_database(stack.enter_context(postgres())))
        config = stack.enter_context(temporary_office(url))
        months = _fill(config, offices, options.answers)
        server = stack.enter_context(running(start_office(config), "/sign-in"))
        browser = signed_in(server.port)
        _until_there(server, browser, f"/results/{months[-3]}", options.seconds)  # it has begun
        # Not the last month, which the server has computed before anybody asks.
        for period in (months[-2], f"12m:{months[-2]}"):
            for place in ("", "/office-1") if offices > 1 else ("",):
                path = f"/results/{period}{place}"
                first = _until_there(server, browser, path, options.seconds)
                views = [_view(server, browser, path) for _ in range(LATER)]
                yield f"{period:12}{place[1:] or 'total'}", first, _mean(views)


def _fill(config: Config, offices: int, answers: int) -> list[str]:
    """Offices with their answers and dossiers; returns the months, oldest first."""
    today = datetime.now(config.zone).date()
    months = _last_months(today)
    places = _places(offices)
    engine = open_engine(config.database_url)
    add_staff(engine, NAME, PASSWORD, today)
    save_places(engine, places, today)
    rng = np.random.default_rng(SEED)
    sectors = [sector.id for sector in places.sector if sector.id != "general"]
    for office in places.office:
        _insert(engine, tables.response, _answers(rng, office.id, sectors, months, answers))
    counts = [
        PopulationCount(f"{month:%Y-%m}", office.id, sector, int(rng.integers(60, 160)), None, None)
        for office in places.office
        for sector in sectors
        for month in months
    ]
    save_counts(engine, counts, log=CountSource(today, "bench.csv", "0" * 64))
    if engine.dialect.name == "postgresql":  # as its own service does after a while
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return [f"{month:%Y-%m}" for month in months]


def _last_months(today: date) -> list[date]:
    """First days of the whole months before this one."""
    months = [today.replace(day=1)]
    for _ in range(MONTHS):
        months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
    return months[:-1]


def _places(offices: int) -> Places:
    """The shipped commune, and as many more of one counter each as it takes."""
    shipped = shipped_places()
    sectors = tuple(sector.id for sector in shipped.sector if sector.id != "general")
    name = shipped.office[0].name
    more = [Office(id=f"office-{number}", name=name) for number in range(1, offices)]
    counters = [
        Counter(
            id=f"desk-{office.id}",
            office=office.id,
            name=name,
            questionnaire="desk@1",
            sectors=sectors,
        )
        for office in more
    ]
    return shipped.model_copy(
        update={"office": (*shipped.office, *more), "counter": (*shipped.counter, *counters)}
    )


def _answers(
    rng: np.random.Generator, office: str, sectors: list[str], months: list[date], total: int
) -> Iterator[dict[str, Any]]:
    """Sheets of desk@1: six scores that follow the sector's share of satisfied people."""
    shares = rng.uniform(*SATISFIED, len(sectors))
    places = rng.integers(0, len(sectors), total)
    happy = rng.random((total, 6)) < shares[places, None]
    scores = np.where(happy, rng.integers(4, 6, (total, 6)), rng.integers(1, 4, (total, 6)))
    days = rng.integers(0, 28, total)
    for number in range(total):
        month = months[number * len(months) // total]
        yield {
            "response_id": str(uuid.UUID(bytes=rng.bytes(16), version=4)),
            "questionnaire": "desk@1",
            "office": office,
            "sector": sectors[places[number]],
            "procedure": "",
            "channel": CHANNELS[number % len(CHANNELS)],
            "answered_on": month + timedelta(days=int(days[number])),
            "late": False,
            "flag": "",
            "scores": "".join(map(str, scores[number])),
        }


def _insert(engine: Engine, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    ordered = sorted(rows, key=lambda row: str(row["response_id"]))
    with engine.begin() as connection:
        for start in range(0, len(ordered), PART):
            connection.execute(table.insert(), ordered[start : start + PART])


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser at the server."""

    opener: OpenerDirector
    home: str

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body."""
        try:
            with self.opener.open(self.home + path, timeout=60) as reply:
                return reply.status, reply.read()
        except HTTPError as error:
            return error.code, error.read()


def signed_in(port: int) -> Browser:
    """Sign in as the account of this module."""
    browser = Browser(build_opener(HTTPCookieProcessor(CookieJar())), f"http://127.0.0.1:{port}")
    _, page = browser.get("/sign-in")
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1].decode(), "name": NAME, "password": PASSWORD}
    browser.opener.open(f"{browser.home}/sign-in", urlencode(form).encode()).close()
    return browser


def _until_there(server: Server, browser: Browser, path: str, seconds: float) -> Took:
    """Look as a person does whose page loads again by itself."""
    cpu, start = cpu_seconds(server.group), time.perf_counter()
    took = _view(server, browser, path)
    while not took.page:
        if time.perf_counter() - start > seconds:
            raise SystemExit(f"{path} was not there after {seconds:.0f} s")
        took = _view(server, browser, path)
    return Took(cpu_seconds(server.group) - cpu, time.perf_counter() - start, took.page)


def _view(server: Server, browser: Browser, path: str) -> Took:
    """The page with its charts; nothing of it where it is being computed."""
    cpu, start = cpu_seconds(server.group), time.perf_counter()
    status, page = browser.get(path)
    if status not in (200, 202):
        raise SystemExit(f"{path}: status {status}")
    if status == 200 and b'class="drawn"' not in page:
        raise SystemExit(f"{path} has no chart: {page.decode()}")
    clock = time.perf_counter() - start
    return Took(cpu_seconds(server.group) - cpu, clock, len(page) if status == 200 else 0)


def _mean(views: list[Took]) -> Took:
    """The mean of views: the processors are counted in hundredths of a second."""
    count = len(views)
    return Took(
        sum(view.cpu for view in views) / count,
        sum(view.clock for view in views) / count,
        views[-1].page,
    )


if __name__ == "__main__":
    main()
