"""Steps and seconds of an officer's tasks at the desk, from an empty folder on, in real Chromium.

A step is a click, a field or a choice. Seconds are those of the pages: a script fills fields in at
once, a person needs the time to read and type besides.
Run:  python -m benchmarks.officer
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from survey.setup.machine import own_addresses
from tests.chromium import chromium
from tests.officer import Officer
from tests.postgres import free_port
from tests.waiting import PATIENCE, wait_until

SHEETS = "55545554555455545554"


def main() -> None:
    """Do every task once and print what it took."""
    address = next(iter(own_addresses()))
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    last = today.replace(day=1) - timedelta(days=1)
    period = f"{last:%Y-%m}"
    with serving() as url, chromium() as browser:
        officer = Officer(browser.new_context(accept_downloads=True).new_page(), url)
        tasks: dict[str, Callable[[], object]] = {
            "set-up to the posters": lambda: officer.set_up("UBND xã", "lan", f"http://{address}"),
            "print a poster": officer.print_poster,
            "add a counter": lambda: officer.add_counter("Quầy 2", "Đất đai"),
            "pair a tablet": officer.pair_tablet,
            f"type {len(SHEETS)} paper sheets": lambda: officer.type_sheets(last, SHEETS, "land"),
            "import a month of dossiers": lambda: officer.import_dossiers(last, "Đất đai", 400),
            "change a target": lambda: officer.change_target("procedures-2030", "96", "KH 01"),
            "print the month's results": lambda: officer.print_results(period),
            "make the notebook": lambda: officer.make_notebook(period),
            "invite a colleague": lambda: officer.invite("binh"),
            "make and download a backup": officer.back_up,
        }
        print(f"{'task':32}{'steps':>6}{'seconds':>9}")
        for name, task in tasks.items():
            steps, begun = officer.steps, time.perf_counter()
            task()
            print(
                f"{name:32}{officer.steps - steps:6}{time.perf_counter() - begun:9.1f}", flush=True
            )


@contextmanager
def serving() -> Iterator[str]:
    """`hailong serve` on an empty folder."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hailong-bench-") as place:
        environment = {name: text for name, text in os.environ.items() if name[:8] != "HAILONG_"}
        environment |= {"HAILONG_DATA": str(Path(place) / "office"), "HAILONG_PORT": str(port)}
        log = Path(place) / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "survey", "--lang", "vi", "serve"],
                env=environment | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
                stdout=file,
                stderr=file,
            )
        try:
            wait_until(lambda: "nhập:" in log.read_text(encoding="utf-8"), "the set-up")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


if __name__ == "__main__":
    main()
