"""Responses of eight items on every engine: seconds, ratio to the floor, memory.

The floor is the least that the same engine can do with the same columns of the same source: one
GROUP BY of the four key columns with COUNT(*) and the SUM of each item, under the same WHERE.
"query" is the one query of all moments, run by the same connection; "moments" is the whole step:
the expression built and compiled by Ibis, the query, and its rows made into moments. All are
measured by turns, so that other work on the machine burdens them alike; processor time (where the
engine runs in this process) is disturbed by it less than the clock.

Sources: Parquet of 1, 10 and 100 million responses (100 million as a folder of ten files, written
in chunks and left out where less than 20 GB of disk are free), CSV, SQLite and PostgreSQL of 1
million, the databases as the product keeps them (packed scores behind the view `responses`).
Then R's package `survey` on the same million, where R is installed. Documents of one commune and
of the whole country: `benchmarks.country`.
Run:  python -m benchmarks.engines [--millions 1 10 100] [--only PART …]
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from analysis.input import aggregates
from analysis.input.aggregates import read_moments
from analysis.input.columns import Named
from analysis.input.responses import Responses, read_responses
from analysis.input.sources import OpenSource
from analysis.strata.pooling import blocks_of
from benchmarks.beside_r import beside_r
from benchmarks.sources import (
    ITEMS,
    MILLION,
    PERIOD,
    databases,
    files_of,
    floor_query,
    make_population,
    make_responses,
)
from benchmarks.timing import Took, analyze, middle, timed, told

ROOM = 20e9  # bytes free, or 100 million are left out
GOALS = {"ratio": 1.5, "seconds": 3.0}


def moments_query(responses: Responses) -> str:
    """The query that `read_moments` runs, caught on its way to the engine."""
    caught: list[str] = []

    def catch(source: OpenSource, expression: Any) -> list[dict[str, Any]]:
        caught.append(source.backend.compile(expression))
        return []

    with patch.object(aggregates, "run", catch):
        read_moments(responses, PERIOD, blocks_of(responses, {}))
    (query,) = caught
    return query


@dataclass(frozen=True, slots=True)
class Turns:
    """Floor, query and whole step: their medians, and the medians of each turn's ratios."""

    floor: Took
    query: Took
    moments: Took
    query_ratio: Took
    moments_ratio: Took


def compare(responses: Responses, floor: str, turns: int) -> Turns:
    """Floor, query and whole step by turns, after one turn that warms the file cache."""
    engine, blocks = responses.source.backend.con, blocks_of(responses, {})
    query = moments_query(responses)
    works: tuple[Callable[[], object], ...] = (
        lambda: engine.execute(floor).fetchall(),
        lambda: engine.execute(query).fetchall(),
        lambda: read_moments(responses, PERIOD, blocks),
    )
    kept = [[timed(work) for work in works] for _ in range(turns + 1)][1:]
    ratios = [
        [Took(t.clock / turn[0].clock, t.cpu / max(turn[0].cpu, 1e-9)) for t in turn[1:]]
        for turn in kept
    ]
    return Turns(
        *(middle(times) for times in zip(*kept, strict=True)),
        *(middle(times) for times in zip(*ratios, strict=True)),
    )


def report(
    folder: Path, title: str, source: str, floor: str, population: Path, small: bool, speed: bool
) -> None:
    """Print every figure of one source."""
    print(f"{title}", flush=True)
    turns, runs = (15, 5) if small else (3, 1)
    with read_responses(source, named=Named(ITEMS)) as responses:
        steps = compare(responses, floor, turns)
        inside = responses.source.kind != "database" or source.startswith("sqlite")
    for name, took in (
        ("floor: bare GROUP BY, SUM", steps.floor),
        ("query of all moments", steps.query),
        ("moments, whole step", steps.moments),
    ):
        cpu = f" ({took.cpu:.3f} s of the processors)" if inside else ""
        told(name, f"{took.clock:10.3f} s{cpu}")
    for name, ratio in (
        ("query / floor", steps.query_ratio),
        ("moments / floor", steps.moments_ratio),
    ):
        limit = GOALS["ratio"]
        told(f"{name}, by the clock", f"{ratio.clock:10.2f}", ratio.clock <= limit, f"<= {limit}")
        if inside:
            told(f"{name}, by processor time", f"{ratio.cpu:10.2f}")
    wholes = [analyze(folder, source, population) for _ in range(runs)]
    took, limit = middle(whole.took for whole in wholes), GOALS["seconds"]
    goal = (took.clock < limit, f"< {limit} s") if speed else ()
    told("hailong analyze, start to exit", f"{took.clock:10.3f} s", *goal)
    told("hailong analyze, processor time", f"{took.cpu:10.3f} s")
    known = [whole.megabytes for whole in wholes if whole.megabytes is not None]
    told("its most memory", f"{max(known):10.0f} MB" if known else "not measured here")


PARTS = ("parquet", "csv", "sqlite", "postgres", "r")


def main() -> None:
    """Make the sources, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=int, nargs="*", default=[1, 10, 100])
    parser.add_argument("--only", nargs="*", default=PARTS, choices=PARTS)
    options = parser.parse_args()
    print(f"{len(ITEMS)} items; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="hailong-engines-") as name:
        measure(Path(name), options.millions, options.only)


def measure(folder: Path, millions: Sequence[int], only: Sequence[str]) -> None:
    """All parts asked for."""
    million = make_responses(folder / "million.parquet", MILLION)
    population = make_population(folder / "dossiers.csv", million)
    for count in millions if "parquet" in only else ():
        if count >= 100 and shutil.disk_usage(folder).free < ROOM:
            print(f"{count} million: less than {ROOM / 1e9:.0f} GB free, left out")
            continue
        path = folder / f"{count}-millions.parquet"
        path = million if count == 1 else make_responses(path, count * MILLION)
        own = population if count == 1 else make_population(folder / f"{count}.csv", path)
        floor = floor_query(f"'{files_of(path)}'", "DATE ")
        title = f"DuckDB, Parquet, {count} million responses"
        report(folder, title, str(path), floor, own, count == 1, count == 1)
        if count > 1:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if "csv" in only:
        path = make_responses(folder / "answers.csv", MILLION)
        floor = floor_query(f"'{path}'", "DATE ")
        report(
            folder, "DuckDB, CSV, 1 million responses", str(path), floor, population, True, False
        )
    with databases(folder, million, only) as filled:
        for name, url in filled:
            title = f"{name}, 1 million responses"
            report(folder, title, url, floor_query("responses"), population, False, False)
    if "r" in only:
        beside_r(folder, million, population)


if __name__ == "__main__":
    main()
