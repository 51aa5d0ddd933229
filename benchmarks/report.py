"""How long the report of a month takes: all five formats kept at once, and each by itself.

The shipped commune with thirteen months of simulated answers; each figure is a whole run of the
command in a process of its own, as a job of the desk is.
Run:  python -m benchmarks.report [--responses 2400]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.office import temporary_office
from survey.config import Config
from survey.places import installed_questionnaires
from survey.reports.formats import FORMATS
from survey.simulation import simulate
from survey.store import open_engine
from survey.store.places import load_places
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many

GOAL = 15.0  # seconds, all formats of a month
PERIOD = "2025-10"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, default=2400, help="a year")
    asked = parser.parse_args()
    with temporary_office() as config:
        _fill(config, asked.responses)
        for form in FORMATS:
            seconds, size = _made(config, form)
            print(f"{form:6} {seconds:6.1f} s {size:10,} bytes")
        seconds, _ = _made(config, "pdf", "--keep")
        print(f"all    {seconds:6.1f} s, kept; goal {GOAL:g}: {_word(seconds <= GOAL)}")
    sys.exit(seconds > GOAL)


def _word(met: bool) -> str:
    return "met" if met else "missed"


def _fill(config: Config, a_year: int) -> None:
    engine = open_engine(config.database_url)
    places, known = load_places(engine), installed_questionnaires(config)
    found = simulate(places, known, date(2024, 10, 1), date(2025, 10, 31), a_year)
    add_many(engine, found.responses)
    save_counts(engine, found.counts, log=CountSource(date(2025, 11, 1), "simulated", "0" * 64))
    engine.dispose()


def _made(config: Config, form: str, *more: str) -> tuple[float, int]:
    """Seconds and bytes of one report."""
    out = Path(config.data) / f"out.{form}"
    words = ["report", "--data", str(config.data), "--period", PERIOD, "--format", form]
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "survey", *words, "--out", str(out), *more],
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun, out.stat().st_size


if __name__ == "__main__":
    main()
