"""Keeps the server under test running like a service manager, and kills it when asked to."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from threading import Lock

from benchmarks.office import ROOT, Server, settings_of, start_office, wait_for
from survey.config import Config


@dataclass
class Keeper:
    """Runs the server like a service manager: what was killed is started again."""

    config: Config
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._server = self._start()

    def kill(self) -> None:
        """Kill the server with all its workers; the next one starts at once."""
        with self._lock:
            self._server.kill()
            self._server = start_office(self.config)

    def stop(self) -> None:
        """End it politely."""
        with self._lock:
            if self._server.process.poll() is None:
                self._server.stop()

    def keep_up(self) -> None:
        """Start it again where it has ended: it may have met the port of the one before."""
        with self._lock:
            if self._server.process.poll() is not None:
                self._server = self._start()

    def run(self, *words: str) -> str:
        """Run a command of the product over this office; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "survey", *words, "--data", str(self.config.data)],
            cwd=ROOT,
            env=os.environ | settings_of(self.config),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def _start(self) -> Server:
        server = start_office(self.config)
        wait_for(server, "/kiosk/")
        return server
