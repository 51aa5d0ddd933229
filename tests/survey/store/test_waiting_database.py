"""A database that is locked, frozen or gone: writers are told to come again, readers read on."""

from __future__ import annotations

import os
import select
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from benchmarks.load import ANSWERS, SENDING, token
from benchmarks.office import poster_path
from survey.commands.init import prepare_database, prepare_folder
from survey.config import Config, load_config
from survey.serving.server import THREADS
from tests.postgres import free_port
from tests.waiting import wait_until

PATIENCE = 90  # seconds
Answer = tuple[int, str | None]


@contextmanager
def serving(config: Config, log: Path, **settings: str) -> Iterator[None]:
    """`hailong serve` in one worker over this office."""
    outside = {name: text for name, text in os.environ.items() if not name.startswith("HAILONG_")}
    limit = {"HAILONG_RESPONSES_PER_MINUTE": "1000"}
    words = ["--data", str(config.data), "--port", str(config.port), "--workers", "1"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "survey", "serve", *words],
            env=outside | limit | settings,
            stdout=file,
            stderr=file,
        )
    try:
        wait_until(lambda: b"serving on" in log.read_bytes(), PATIENCE)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def ask(config: Config, path: str, body: str | None = None) -> Answer:
    """The status of one request on a connection of its own, and when to come again."""
    with closing(HTTPConnection("127.0.0.1", config.port, timeout=PATIENCE)) as connection:
        connection.request("POST" if body else "GET", path, body, SENDING if body else {})
        reply = connection.getresponse()
        return reply.status, reply.getheader("Retry-After")


def form(config: Config, path: str) -> str:
    """A filled-in form that was opened just now."""
    with closing(HTTPConnection("127.0.0.1", config.port, timeout=PATIENCE)) as connection:
        fields = {"response_id": str(uuid4()), "token": token(connection, path)}
        return urlencode(fields | ANSWERS)


def refused_for_a_while(answers: list[Future[Answer]]) -> bool:
    """Whether each is told to come again, as soon as it is told anything."""
    told = [one.result(PATIENCE) for one in answers]
    return all(status == 503 and int(again or 0) > 0 for status, again in told)


def test_sqlite_held_by_another_program_lets_everybody_read(tmp_path):
    prepare_folder(tmp_path / "office")
    config = load_config(tmp_path / "office", environ={}, port=free_port())
    prepare_database(config)
    path = poster_path(config, "quay-1")
    with serving(config, tmp_path / "log"), ThreadPoolExecutor(THREADS + 4) as citizens:
        forms = [form(config, path) for _ in range(THREADS + 4)]
        writer = sqlite3.connect(config.data / "hailong.sqlite3", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        sent = [citizens.submit(ask, config, path, one) for one in forms]
        assert [ask(config, path)[0] for _ in range(5)] == [200] * 5
        assert refused_for_a_while(sent)
        writer.execute("COMMIT")
        writer.close()
        assert ask(config, path, forms[0])[0] == 303


@dataclass
class Line:
    """A line to the database server that can be cut off without either end being told."""

    to: tuple[str, int]
    port: int = field(default_factory=free_port)
    flows: Event = field(default_factory=Event)
    closed: Event = field(default_factory=Event)

    def run(self) -> None:
        self.flows.set()
        with socket.create_server(("127.0.0.1", self.port), backlog=100) as listening:
            listening.settimeout(0.1)
            threads = []
            while not self.closed.is_set():
                try:
                    near, _ = listening.accept()
                except TimeoutError:
                    continue
                threads.append(Thread(target=self._carry, args=(near,)))
                threads[-1].start()
            for thread in threads:
                thread.join()

    def _carry(self, near: socket.socket) -> None:
        with suppress(ConnectionError), near, socket.create_connection(self.to) as far:
            ends = {near: far, far: near}
            while not self.closed.is_set():
                if not self.flows.wait(0.1):
                    continue
                for end in select.select(list(ends), [], [], 0.1)[0]:
                    data = end.recv(65536) if self.flows.is_set() else None
                    if data == b"":
                        return
                    if data:
                        ends[end].sendall(data)


@pytest.fixture
def office(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Config, Line]]:
    """A served office on PostgreSQL, at the other end of a line."""
    prepare_folder(tmp_path / "office")
    own = load_config(tmp_path / "office", environ={}, database_url=postgres_url, port=free_port())
    prepare_database(own)
    parts = urlsplit(postgres_url)
    line = Line((str(parts.hostname), int(parts.port or 0)))
    carrying = Thread(target=line.run)
    carrying.start()
    url = urlunsplit(parts._replace(netloc=f"hailong@127.0.0.1:{line.port}"))
    try:
        with serving(own, tmp_path / "log", HAILONG_DATABASE_URL=url):
            yield own, line
    finally:
        line.flows.set()
        line.closed.set()
        carrying.join()


@pytest.mark.postgres
@pytest.mark.slow
class TestPostgres:
    def test_one_that_does_not_answer_stops_no_page_that_needs_none(self, office):
        config, line = office
        path = poster_path(config, "quay-1")
        assert ask(config, path)[0] == 200
        line.flows.clear()
        with ThreadPoolExecutor(2 * THREADS) as citizens:
            opened = [citizens.submit(ask, config, path) for _ in range(2 * THREADS)]
            assert ask(config, "/kiosk/")[0] == 200
            assert refused_for_a_while(opened)
        line.flows.set()
        wait_until(lambda: ask(config, path)[0] == 200, PATIENCE)

    @pytest.mark.parametrize("table", ["response", "link"])
    def test_one_that_is_locked_stops_nothing_else(self, office, postgres_url, table):
        config, _ = office
        path = poster_path(config, "quay-1")
        forms = [form(config, path) for _ in range(THREADS + 4)]
        away: Callable[[], Answer] = lambda: ask(config, path)  # noqa: E731
        with psycopg.connect(postgres_url) as other, ThreadPoolExecutor(THREADS + 4) as citizens:
            other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")  # type: ignore[arg-type]
            sent = [citizens.submit(ask, config, path, one) for one in forms]
            assert ask(config, "/kiosk/")[0] == 200
            if table == "response":  # which no form needs
                assert away()[0] == 200
            assert refused_for_a_while(sent)
            other.rollback()
        assert ask(config, path, forms[0])[0] == 303
