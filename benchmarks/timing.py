"""Clocks: of a call, and of one `hailong analyze` from start to exit with its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.sources import ITEMS, PERIOD


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processors in this process together."""

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
class Whole:
    """One `hailong analyze` from start to exit: its time, and the most memory it held (MB)."""

    took: Took
    megabytes: float | None


def analyze(folder: Path, responses: str, population: Path) -> Whole:
    """Run the command as a person does; check that it counted responses."""
    out = folder / "verdicts.json"
    command = [sys.executable, "-m", "survey", "analyze", "--period", PERIOD.text]
    command += ["--responses", responses, "--population", str(population)]
    command += ["--items", ",".join(ITEMS)]
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


def told(name: str, value: str, reached: bool | None = None, goal: str = "") -> None:
    """One figure, and whether its goal is reached."""
    verdict = "" if reached is None else f"   goal {goal}: {'reached' if reached else 'MISSED'}"
    print(f"  {name:42}{value}{verdict}", flush=True)
