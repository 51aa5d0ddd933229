"""How light it is on the office's computer: help, first form, memory and modules of a worker.

Run:  python -m benchmarks.start
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from http.client import HTTPConnection
from statistics import median

from benchmarks.load import ANSWERS, answer
from benchmarks.office import (
    ROOT,
    Server,
    poster_path,
    running,
    settings_of,
    start_office,
    start_program,
    temporary_office,
    wait_for,
)
from benchmarks.processes import resident_megabytes, workers
from benchmarks.watched import MODULES
from survey.config import Config

HELPS, STARTS, RESPONSES = 9, 5, 200
HELP_GOAL, FORM_GOAL, MEMORY_GOAL = 0.3, 2.0, 120.0  # seconds, seconds, MB
HEAVY = ("ibis", "duckdb", "pandas", "numpy", "scipy", "matplotlib", "pyarrow", "analysis")


def main() -> None:
    helps = [_seconds(_help) for _ in range(HELPS)]
    _tell("hailong --help, median", median(helps), HELP_GOAL, "s")
    with temporary_office() as config:
        path = poster_path(config, "quay-1")
        starts = [_first_form(config, path) for _ in range(STARTS)]
        _tell("start to first form, median", median(starts), FORM_GOAL, "s")
        _tell(f"largest worker after {RESPONSES} responses", _memory(config, path), MEMORY_GOAL)
        found = _heavy(config, path)
    print(f"heavy modules in a worker: {', '.join(sorted(found)) or 'none'}")
    if found:
        raise SystemExit("a worker that served only respondents has imported the analysis stack")


def _tell(what: str, measured: float, goal: float, unit: str = "MB") -> None:
    verdict = "met" if measured < goal else "MISSED"
    print(f"{what}: {measured:.3g} {unit} (goal: under {goal:g} {unit}, {verdict})", flush=True)


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _help() -> None:
    command = [sys.executable, "-m", "survey", "--help"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _first_form(config: Config, path: str) -> float:
    """Seconds from starting the program to the first form that arrived."""
    begin = time.perf_counter()
    server = start_office(config)
    try:
        wait_for(server, path)
        return time.perf_counter() - begin
    finally:
        server.stop()


def _memory(config: Config, path: str) -> float:
    """Resident MB of the largest worker, shared pages counted as its own."""
    with running(start_office(config), path) as server:
        _serve_respondents(server, path)
        return max(resident_megabytes(worker.pid) for worker in workers(server.group))


def _heavy(config: Config, path: str) -> set[str]:
    """Return the heavy modules that any worker imported while it served respondents only."""
    arguments = ["-m", "benchmarks.watched", str(config.data), str(config.port)]
    with running(start_program(arguments, config.port, settings_of(config)), path) as server:
        _serve_respondents(server, path)
        told: dict[int, list[str]] = {}
        for _ in range(RESPONSES):  # each connection may reach either worker
            reply = json.loads(_get(server, MODULES))
            told[reply["worker"]] = reply["modules"]
        if len(told) < config.workers:
            raise RuntimeError("some workers did not tell what they imported")
    imported = {module.partition(".")[0] for modules in told.values() for module in modules}
    return imported & set(HEAVY)


def _serve_respondents(server: Server, path: str) -> None:
    for _ in range(RESPONSES):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        answer(connection, path, str(uuid.uuid4()), ANSWERS)
        connection.close()


def _get(server: Server, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


if __name__ == "__main__":
    main()
