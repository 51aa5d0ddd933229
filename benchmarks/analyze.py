"""`hailong analyze` on a million responses of eight items: seconds, memory, ratio to the floor.

The floor is the least that the same engine can do with the same columns of the same file: one
GROUP BY of the four key columns with COUNT(*) and the SUM of each item, under the same WHERE.
"query" is the one query of all moments, run by the same connection; "moments" is the whole step:
the expression built and compiled by Ibis, the query, and its rows made into moments. What is not
the query takes the same time for a thousand responses as for a million. All are measured by turns,
so that other work on the machine burdens them alike.
Run:  python -m benchmarks.analyze [--rows 1000000]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import duckdb

from analysis.counting import moments
from analysis.counting.moments import read_moments
from analysis.design.pooling import Blocks, blocks_of
from analysis.period import parse_period
from analysis.reading.layout import Responses, read_responses
from analysis.reading.sources import Source

ITEMS = ("overall", "q1", "q2", "q3", "q4", "q5", "q6", "q7")
KEYS = ("office", "sector", "channel", "flag")
PERIOD = parse_period("2026-10")
RUNS, TURNS = 5, 15
GOALS = {"ratio": 3.0, "seconds": 3.0, "megabytes": 400.0}

_MAKE = """
COPY (
  SELECT 'r' || lpad(i::VARCHAR, 12, '0') AS response_id, 'survey@1' AS questionnaire,
    'office-' || (hash(i, 1) % 10) AS office,
    (['land', 'construction', 'investment', 'civil-status', 'certification', 'business',
      'residence', 'environment'])[1 + (hash(i, 2) % 8)::INT] AS sector,
    '' AS procedure,
    (['poster', 'slip', 'kiosk', 'paper'])[1 + (hash(i, 3) % 4)::INT] AS channel,
    DATE '2026-10-01' + (hash(i, 4) % 31)::INT AS answered_on, false AS late,
    CASE WHEN hash(i, 5) % 100 = 0 THEN 'burst' ELSE '' END AS flag,
    {scores}
  FROM range({rows}) AS t(i)
) TO '{path}' ({form})
"""
_SCORE = """CASE WHEN hash(i, {n}) % 10 = 0 THEN NULL
  ELSE (1 + floor(5 * sqrt((hash(i, {n} + 50) % 10000) / 10000.0)))::TINYINT END AS {item}"""


def make_responses(path: Path, rows: int, form: str) -> None:
    """Write `rows` responses, the same at every run: a tenth of the scores missing."""
    scores = ",\n".join(_SCORE.format(n=10 + n, item=item) for n, item in enumerate(ITEMS))
    duckdb.connect().execute(_MAKE.format(scores=scores, rows=rows, path=path, form=form))


def make_population(path: Path, responses: Path) -> None:
    """Three dossiers for each response."""
    duckdb.connect().execute(
        f"COPY (SELECT '2026-10' AS period, office, sector, 3 * COUNT(*) AS completed"
        f" FROM '{responses}' GROUP BY office, sector) TO '{path}' (HEADER)"
    )


def floor_query(path: Path) -> str:
    """The bare GROUP BY of the same columns."""
    sums = ", ".join(f"SUM({item})" for item in ITEMS)
    return (
        f"SELECT {', '.join(KEYS)}, COUNT(*), {sums} FROM '{path}'"
        f" WHERE answered_on BETWEEN DATE '{PERIOD.first}' AND DATE '{PERIOD.last}' GROUP BY ALL"
    )


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processors together (which other work does not disturb)."""

    clock: float
    cpu: float


def timed(work: Callable[[], object]) -> Took:
    """How long one call takes."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - clock, time.process_time() - cpu)


def middle(times: Iterable[Took]) -> Took:
    """The medians."""
    kept = list(times)
    return Took(median(took.clock for took in kept), median(took.cpu for took in kept))


@dataclass(frozen=True, slots=True)
class Steps:
    """Medians of `TURNS` turns."""

    floor: Took
    query: Took
    moments: Took


def compare(path: Path, responses: Responses) -> Steps:
    """Floor, query and whole step by turns, after one turn that warms the file cache."""
    blocks, engine = blocks_of(responses, {}), responses.source.backend.con
    query, bare = moments_query(responses, blocks), floor_query(path)
    works: tuple[Callable[[], object], ...] = (
        lambda: engine.execute(bare).fetchall(),
        lambda: engine.execute(query).fetchall(),
        lambda: read_moments(responses, PERIOD, blocks),
    )
    turns = [[timed(work) for work in works] for _ in range(TURNS + 1)]
    return Steps(*(middle(times) for times in zip(*turns[1:], strict=True)))


def moments_query(responses: Responses, blocks: Blocks) -> str:
    """The query that `read_moments` runs, caught on its way to the engine."""
    caught: list[str] = []

    def catch(source: Source, expression: Any) -> list[dict[str, Any]]:
        caught.append(source.backend.compile(expression))
        return []

    with patch.object(moments, "run", catch):
        read_moments(responses, PERIOD, blocks)
    (query,) = caught
    return query


@dataclass(frozen=True, slots=True)
class Whole:
    """One `hailong analyze` from start to exit: its time, and the most memory it held (MB)."""

    took: Took
    megabytes: float | None


def analyze(folder: Path, responses: Path, population: Path) -> Whole:
    """Run the command as a person does; check that it counted every response."""
    out = folder / "verdicts.json"
    command = [sys.executable, "-m", "survey", "analyze", "--period", PERIOD.text]
    command += ["--responses", str(responses), "--population", str(population)]
    start, cpu = time.perf_counter(), float("nan")
    process = subprocess.Popen([*command, "--format", "json", "--out", str(out)])
    megabytes = None
    if hasattr(os, "wait4"):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        megabytes, cpu = usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime
    took = Took(time.perf_counter() - start, cpu)
    if process.wait():
        raise SystemExit(f"hailong analyze gave exit code {process.returncode}")
    total = json.loads(out.read_text(encoding="utf-8"))["estimates"]
    assert any(row["office"] == row["sector"] == "all" and row["n"] for row in total)
    return Whole(took, megabytes)


def _told(name: str, value: float | None, unit: str, goal: str = "") -> None:
    verdict = ""
    if goal and value is not None:
        limit = GOALS[goal]
        verdict = f"   goal {limit:g}: {'reached' if value <= limit else 'MISSED'}"
    figure = "not measured here" if value is None else f"{value:10.3f} {unit}"
    print(f"{name:44}{figure}{verdict}")


def report(folder: Path, path: Path, population: Path) -> None:
    """Print every figure of one file."""
    checked = middle(timed(lambda: read_responses(path).close()) for _ in range(RUNS))
    with read_responses(path) as responses:
        steps = compare(path, responses)
    wholes = [analyze(folder, path, population) for _ in range(RUNS)]
    parquet = path.suffix == ".parquet"
    speed = "seconds" if parquet else ""
    print(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")
    for name, took in (
        ("every row checked", checked),
        ("floor: bare GROUP BY, SUM", steps.floor),
        ("query of all moments", steps.query),
        ("moments, whole step", steps.moments),
    ):
        _told(f"  {name}", took.clock, f"s ({took.cpu:.3f} s of the processors)")
    for name, took, goal in (
        ("query / floor", steps.query, "ratio" if parquet else ""),
        ("whole step / floor", steps.moments, ""),
    ):
        _told(f"  {name}, by the clock", took.clock / steps.floor.clock, "", goal)
        _told(f"  {name}, by processor time", took.cpu / steps.floor.cpu, "", goal)
    took = middle(whole.took for whole in wholes)
    _told("  hailong analyze, start to exit", took.clock, "s", speed)
    _told("  hailong analyze, processor time", took.cpu, "s")
    known = [whole.megabytes for whole in wholes if whole.megabytes is not None]
    _told("  its most memory", max(known) if known else None, "MB", "megabytes")


def main() -> None:
    """Make the files, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    print(f"{rows:,} responses, {len(ITEMS)} items; {os.cpu_count()} processors")
    print(f"medians of {RUNS} runs and of {TURNS} turns")
    with tempfile.TemporaryDirectory(prefix="hailong-analyze-") as name:
        folder = Path(name)
        population = folder / "dossiers.csv"
        for file, form in (("answers.parquet", "FORMAT parquet"), ("answers.csv", "HEADER")):
            make_responses(folder / file, rows, form)
            if not population.exists():
                make_population(population, folder / file)
            report(folder, folder / file, population)


if __name__ == "__main__":
    main()
