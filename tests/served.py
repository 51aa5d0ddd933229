"""An office behind the real server command, in a process of its own, for browsers to visit.

Started and stopped like an office's server; its database is looked into, never written by hand.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from threading import Event, Thread
from typing import IO
from urllib.request import urlopen

from flask import Flask
from sqlalchemy import Connection, select

from survey.serving import server
from survey.store import open_engine, tables
from tests.postgres import free_port
from tests.waiting import PATIENCE, wait_until

NO_LIMIT = "100000"  # answers: every test comes from the same address

# Beside the counters of the shipped commune: the long questionnaire, and a poster taken down.
MORE_COUNTERS = """
[[counter]]
id = "khao-sat"
office = "trieu-son"
name.vi = "Khảo sát"
name.en = "Survey"
questionnaire = "sipas-22@2"
sectors = ["land"]

[[counter]]
id = "da-dong"
office = "trieu-son"
name.vi = "Quầy đã đóng"
name.en = "Closed counter"
questionnaire = "desk@2"
sectors = ["land"]
"""


@dataclass
class ServedOffice:
    """One installation; ``start`` and ``stop`` may be called again and again."""

    folder: Path
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> None:
        """Run the product's command over this installation."""
        command = [sys.executable, "-m", "survey", *words]
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def start(self, log: IO[bytes] | None = None) -> None:
        """Serve, and return when a page is answered; `log` takes what the server says."""
        command = [sys.executable, "-m", "survey", "serve", "--workers", "1"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        wait_until(self._answers, "the server's answer")

    def stop(self) -> None:
        """End the server as a service manager does."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=PATIENCE)
            self.process = None

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}"
        try:
            urlopen(f"http://127.0.0.1:{self.port}/sign-in", timeout=PATIENCE).close()
        except OSError:
            return False
        return True

    @contextmanager
    def taking_only(self, a_minute: int, a_day: str | int = NO_LIMIT) -> Iterator[ServedOffice]:
        """Serve the same database a second time, with a limit that a test can meet."""
        port = free_port()
        limit = {
            "HAILONG_RESPONSES_PER_MINUTE": str(a_minute),
            "HAILONG_RESPONSES_PER_COUNTER_A_DAY": str(a_day),
        }
        office = ServedOffice(
            self.folder, port, {**self.environment, **limit, "HAILONG_PORT": str(port)}
        )
        try:
            office.start()
            yield office
        finally:
            office.stop()

    def address(self, counter: str, host: str = "127.0.0.1") -> str:
        """Return the address behind the poster of this counter."""
        link = select(tables.link.c.code).join(tables.counter)
        poster = link.where(tables.counter.c.id == counter)
        with self.database() as connection:
            code = connection.execute(poster).scalar_one()
        return f"http://{host}:{self.port}/r/{code}"

    def responses(self) -> list[dict[str, object]]:
        """Return every stored response."""
        with self.database() as connection:
            return [dict(row) for row in connection.execute(select(tables.response)).mappings()]

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """Open the installation's database beside the server."""
        engine = open_engine(f"sqlite:///{(self.folder / 'hailong.sqlite3').as_posix()}")
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def set_up_office(folder: Path) -> ServedOffice:
    """Set up the shipped commune with a few counters more; not served yet."""
    port = free_port()
    outside = {name: text for name, text in os.environ.items() if not name.startswith("HAILONG_")}
    settings = {
        "HAILONG_DATA": str(folder / "office"),
        "HAILONG_PORT": str(port),
        "HAILONG_RESPONSES_PER_MINUTE": NO_LIMIT,
        "HAILONG_RESPONSES_PER_COUNTER_A_DAY": NO_LIMIT,
        "PYTHONUTF8": "1",
    }
    shipped = (files("survey") / "data" / "places.toml").read_text(encoding="utf-8")
    places = folder / "places.toml"
    places.write_text(shipped + MORE_COUNTERS, encoding="utf-8")
    office = ServedOffice(folder / "office", port, outside | settings)
    office.run("init", "--places", str(places))
    return office


@contextmanager
def behind_the_server(app: Flask) -> Iterator[str]:
    """Serve an application of this process by the product's own server; its address."""
    ended = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = server.make_server(app, listening)
        thread = Thread(target=server.run, args=(serving, lambda: not ended.is_set(), lambda: None))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            serving.pull_trigger()
            thread.join(PATIENCE)
            serving.trigger.close()
