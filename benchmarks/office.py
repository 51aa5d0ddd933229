"""A set-up office in a temporary folder and the real server over it. Measures nothing itself."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from survey.commands.init import prepare_database, prepare_folder
from survey.config import Config, load_config
from survey.store import open_engine
from survey.store.places import open_desks
from tests.postgres import free_port

ROOT = Path(__file__).parents[1]
NO_LIMIT = 100_000_000  # responses: one machine plays every citizen
PATIENCE = 15  # seconds


@contextmanager
def temporary_office(database_url: str | None = None) -> Iterator[Config]:
    """Set an office up as `hailong init` does, with a free port and no limit on answers."""
    with tempfile.TemporaryDirectory(prefix="hailong-bench-") as folder:
        data = Path(folder) / "office"
        prepare_folder(data)
        config = load_config(
            data,
            environ={},
            database_url=database_url,
            port=free_port(),
            responses_per_minute=NO_LIMIT,
            responses_per_counter_a_day=NO_LIMIT,
        )
        prepare_database(config)
        yield config


def poster_path(config: Config, counter: str) -> str:
    """Return the path that the poster of this counter leads to."""
    engine = open_engine(config.database_url)
    codes = {desk.counter.id: desk.link.code for desk in open_desks(engine, "poster")}
    engine.dispose()
    return f"/r/{codes[counter]}"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with its workers; they form a process group of their own."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def group(self) -> int:
        return self.process.pid

    def stop(self) -> int:
        """Ask it to stop, as a service manager does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE * 2)

    def kill(self) -> None:
        """End the master and every worker at once, in the middle of whatever they do."""
        os.killpg(self.group, signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)


def start_office(config: Config) -> Server:
    """Run `hailong serve` over this office. Returns at once; see `wait_for`."""
    arguments = ["-m", "survey", "serve", "--data", str(config.data), "--port", str(config.port)]
    return start_program(arguments, config.port, settings_of(config))


def settings_of(config: Config) -> dict[str, str]:
    """Return the settings of a temporary office that are not in its settings file."""
    return {
        "HAILONG_DATABASE_URL": config.database_url,
        "HAILONG_RESPONSES_PER_MINUTE": str(config.responses_per_minute),
        "HAILONG_RESPONSES_PER_COUNTER_A_DAY": str(config.responses_per_counter_a_day),
    }


def start_program(arguments: list[str], port: int, environ: dict[str, str]) -> Server:
    """Run a server program of this checkout with the present interpreter."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environ,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Server(process, port)


def wait_for(server: Server, path: str) -> None:
    """Return as soon as the server answers this path with 200. Raises RuntimeError."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {server.process.returncode}")
        if answers(server.port, path):
            return
        time.sleep(0.01)
    raise RuntimeError(f"the server did not answer within {PATIENCE} seconds")


def answers(port: int, path: str) -> bool:
    """Tell whether a GET of this path is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def running(server: Server, path: str) -> Iterator[Server]:
    """Wait until the server answers, and stop it in the end."""
    try:
        wait_for(server, path)
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
