"""The page of all offices of an installation with thousands of communes, from kept aggregates.

Fills provinces of communes, has everything computed by `hailong refresh`, changes one commune and
has that computed, and times pages over HTTP as a browser fetches them, from the real server.
With --aggregates one province is computed; the rows of the others are copies of its own, so that
the page is timed at its real size without hours of computing. Answers are stored of all.
Run:  python -m benchmarks.province --postgres [--communes 50 3321] [--aggregates] [--keep]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from statistics import median

import numpy as np
from sqlalchemy import text

from benchmarks.office import running, settings_of, start_office, temporary_office
from benchmarks.offices import NAME, PASSWORD, SEED, _answers, _insert, _last_months, signed_in
from benchmarks.processes import cpu_seconds
from benchmarks.timing import told
from questionnaires import Text
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.places import Counter, Office, Places, shipped_places
from survey.store import open_engine, tables
from survey.store.overviews import View, load_rows, replace_rows
from survey.store.places import list_offices, save_places
from survey.store.population import CountSource, save_counts
from survey.store.responses import count_responses
from survey.store.staff import add_staff
from tests.postgres import empty_database, postgres

A_PROVINCE = 100  # communes: 3,321 are in 34 provinces
COUNTERS = 3  # of a commune
LOOKS = 5
VIEWS: tuple[View, ...] = ("full", "published")
GOAL_SECONDS, GOAL_BYTES = 2.0, 100_000


def main() -> None:
    """Print the figures of each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communes", type=int, nargs="+", default=[50, 3321])
    parser.add_argument("--answers", type=int, default=110_400, help="in all, at least 80 each")
    parser.add_argument("--aggregates", action="store_true", help="copies of one province's rows")
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    parser.add_argument("--keep", action="store_true", help="serve the last one until Ctrl-C")
    options = parser.parse_args()
    for communes in options.communes:
        answers = max(options.answers, 80 * communes)
        with ExitStack() as stack:
            url = None
            if options.postgres:
                url = stack.enter_context(empty_database(stack.enter_context(postgres())))
            config = stack.enter_context(temporary_office(url))
            if options.aggregates:
                period = fill(config, communes, 80 * A_PROVINCE, some=A_PROVINCE)
                print(f"{communes:,} communes, the answers of {A_PROVINCE}")
                _refreshed(config, period, "one province and the total of all")
                _copied(config, period)
                told("answers stored in all", f"{_answered(config, answers // communes):,}")
            else:
                period = fill(config, communes, answers)
                counters = communes * COUNTERS
                print(f"{communes:,} communes, {counters:,} counters, {answers:,} answers")
                _refreshed(config, period, "everything, the first time")
                _refreshed(config, period, "nothing has changed")
                _one_more(config, period)
                _refreshed(config, period, "one commune has changed")
            server = stack.enter_context(running(start_office(config), "/sign-in"))
            _timed(server.port, server.group, period)
            if options.keep and communes == options.communes[-1]:
                print(f"http://127.0.0.1:{server.port}/overview/{period} {NAME} {PASSWORD}")
                _wait()


def _wait() -> None:
    try:
        while True:
            time.sleep(60)
    except KeyboardInterrupt:
        pass


def fill(config: Config, communes: int, answers: int, some: int | None = None) -> str:
    """Communes with counters, answers and dossiers of twelve months; returns the last month.

    `some`: how many of them have any; all where left out.

    Every tenth commune of a province has no dossiers of the last month, and every twelfth has few
    answers.
    """
    today, some = datetime.now(config.zone).date(), some or communes
    months, places = _last_months(today), places_of(communes, some)
    engine = open_engine(config.database_url)
    add_staff(engine, NAME, PASSWORD, today)
    save_places(engine, places, today)
    rng = np.random.default_rng(SEED)
    sectors = [sector.id for sector in places.sector if sector.id != "general"]
    many = answers // some
    own = [office for office in places.office if office.parent is not None][:some]

    def rows() -> Iterator[dict[str, object]]:
        for number, office in enumerate(own):
            few = number % 12 == 5
            yield from _answers(rng, office.id, sectors, months, many // 8 if few else many)

    _insert(engine, tables.response, rows())
    counts = [
        PopulationCount(f"{month:%Y-%m}", office.id, sector, int(rng.integers(60, 160)), None, None)
        for number, office in enumerate(own)
        for sector in sectors
        for month in (months[:-1] if number % 10 == 7 else months)
    ]
    save_counts(engine, counts, log=CountSource(today, "bench.csv", "0" * 64))
    if engine.dialect.name == "postgresql":  # as its own service does after a while
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return f"{months[-1]:%Y-%m}"


def places_of(communes: int, some: int) -> Places:
    """Provinces of a hundred communes; some of these, the first, with three counters each."""
    shipped = shipped_places()
    sectors = tuple(sector.id for sector in shipped.sector if sector.id != "general")
    provinces = [
        Office(
            id=f"tinh-{number:02}",
            name=Text(vi=f"Tỉnh số {number}", en=f"Province {number}"),
        )
        for number in range(1, (communes - 1) // A_PROVINCE + 2)
    ]
    below = [
        Office(
            id=f"xa-{number:04}",
            name=Text(vi=f"Xã số {number}", en=f"Commune {number}"),
            parent=provinces[number // A_PROVINCE].id,
        )
        for number in range(communes)
    ]
    counters = [
        Counter(
            id=f"{office.id}-{number}",
            office=office.id,
            name=Text(vi=f"Quầy {number}", en=f"Counter {number}"),
            questionnaire="desk@1",
            sectors=sectors[number - 1 :: COUNTERS],
        )
        for office in below[:some]
        for number in range(1, COUNTERS + 1)
    ]
    return shipped.model_copy(update={"office": (*provinces, *below), "counter": tuple(counters)})


def _refreshed(config: Config, period: str, what: str) -> None:
    command = [sys.executable, "-m", "survey", "refresh", "--period", period]
    start = time.perf_counter()
    subprocess.run(
        [*command, "--data", str(config.data)],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | settings_of(config),
    )
    told(f"refresh, {what}", f"{time.perf_counter() - start:8.2f} s")


def _copied(config: Config, period: str) -> None:
    """The rows of the first province for every other one, and its points in the funnel of all."""
    engine = open_engine(config.database_url)
    offices = list_offices(engine)
    provinces = [one.id for one in offices if one.parent is None]
    below: dict[str, list[str]] = {one: [] for one in provinces}
    for one in offices:
        if one.parent is not None:
            below[one.parent].append(one.id)
    for view in VIEWS:
        rows = load_rows(engine, period, view)
        own = {row.office: row for row in rows if row.within == provinces[0] and not row.whole}
        total = next(row for row in rows if row.office == provinces[0] and row.whole)
        points: dict[str, object] = {}
        for province in provinces:
            copies = [
                replace(row, office=office, within=province)
                for row, office in zip(own.values(), below[province], strict=False)
            ]
            points |= {
                new.office: total.content["funnel"]["points"][old]
                for new, old in zip(copies, own, strict=False)
                if total.content["funnel"] and old in total.content["funnel"]["points"]
            }
            whole = replace(total, office=province, within=province)
            replace_rows(engine, period, view, province, [*copies, whole])
        every = next(row for row in rows if row.office == "all")
        if every.content["funnel"]:
            content = {**every.content, "funnel": {**every.content["funnel"], "points": points}}
            replace_rows(engine, period, view, "all", [replace(every, content=content)])
    engine.dispose()


def _answered(config: Config, each: int) -> int:
    """Answers of the other communes too, which no page may read; returns how many there are."""
    engine = open_engine(config.database_url)
    rng = np.random.default_rng(SEED + 1)
    months = _last_months(datetime.now(config.zone).date())
    sectors = [sector.id for sector in shipped_places().sector if sector.id != "general"]
    others = [office for office in list_offices(engine) if office.parent][A_PROVINCE:]
    rows = (row for one in others for row in _answers(rng, one.id, sectors, months, each))
    _insert(engine, tables.response, rows)
    stored = count_responses(engine)
    engine.dispose()
    return stored


def _one_more(config: Config, period: str) -> None:
    """Dossiers of a month that were missing come in."""
    engine = open_engine(config.database_url)
    today = datetime.now(config.zone).date()
    counts = [PopulationCount(period, "xa-0007", "land", 120, None, None)]
    save_counts(engine, counts, log=CountSource(today, "more.csv", "1" * 64))
    engine.dispose()


def _timed(port: int, group: int, period: str) -> None:
    browser = signed_in(port)
    for what, path in (
        ("first page", ""),
        ("a later page, by evidence", "?sort=evidence&page=3"),
        ("what needs dossiers", "?need=dossiers"),
        ("one province", "?within=tinh-01"),
    ):
        clocks, cpu = [], cpu_seconds(group)
        for _ in range(LOOKS):
            start = time.perf_counter()
            status, body = browser.get(f"/overview/{period}{path}")
            clocks.append(time.perf_counter() - start)
            if status != 200:
                raise SystemExit(f"{path}: {status}")
        cpu = (cpu_seconds(group) - cpu) / LOOKS
        found = f"{median(clocks):6.3f} s by the clock, {cpu:6.3f} s of a processor"
        fine = max(clocks) < GOAL_SECONDS and len(body) < GOAL_BYTES
        told(what, f"{found}, {len(body):7,} B", fine, f"< {GOAL_SECONDS:g} s, < 100 kB")
    status, picture = browser.get(f"/overview/{period}/funnel.svg")
    told("funnel", f"{len(picture):7,} B, status {status}")


if __name__ == "__main__":
    main()
