"""Several server processes at one address: gunicorn starts, watches and stops them."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.systemd import sd_notify
from gunicorn.workers.base import Worker

from survey.serving.server import GRACE_SECONDS, Server, make_server, run

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WaitressWorker(Worker):  # type: ignore[misc]  # gunicorn is not typed
    """A process that answers by `survey.serving.server`."""

    server: Server | None = None
    _told = 0.0

    def run(self) -> None:
        """Answer until told to stop or left alone."""
        self.server = make_server(self.wsgi, self.sockets[0].sock)
        run(self.server, lambda: self.alive and self.ppid == os.getppid(), self._beat)
        _end()

    def _beat(self) -> None:
        """Tell gunicorn that this process lives, once a second."""
        if time.monotonic() > self._told + 1:
            self._told = time.monotonic()
            self.notify()

    def handle_exit(self, sig: int, frame: object) -> None:
        """Stop politely, at once."""
        super().handle_exit(sig, frame)
        if self.server is not None:
            self.server.pull_trigger()


def serve_together(
    load: Callable[[], WSGIApplication],
    listening: socket.socket,
    workers: int,
    ready: Callable[[], None],
) -> None:
    """Serve in `workers` processes; each calls `load` for itself. `ready` is called once."""
    bound = f"fd://{listening.detach()}"  # gunicorn closes it

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in _settings(bound, workers, ready).items():
                self.cfg.set(name, value)

        def load(self) -> WSGIApplication:
            # A terminal's Ctrl-C reaches every process; a worker leaves it to the master.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return load()

    try:
        Application().run()
    except SystemExit as stopped:
        if not stopped.code:
            _end()
        raise


def _end() -> None:
    """End this process, which has done all it had to, once what waits for its end is done.

    Python would take every module apart first: for nothing, and as long as the start took.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(0)


def _settings(bound: str, workers: int, ready: Callable[[], None]) -> dict[str, Any]:
    def initialised(worker: WaitressWorker) -> None:
        if worker.age == 1:  # the first of all; later ones follow one that died
            ready()

    return {
        "bind": bound,
        "workers": workers,
        "worker_class": WaitressWorker,
        "graceful_timeout": GRACE_SECONDS + 2,
        "control_socket_disable": True,  # it would write into the home folder
        "accesslog": None,  # no list of who came when
        "loglevel": "warning",
        "post_worker_init": initialised,
        # A terminal's Ctrl-C means to stop politely, as SIGTERM does.
        "when_ready": lambda _master: signal.signal(signal.SIGINT, _stop_politely),
    }


def start_anew() -> None:
    """Have every process of the server replaced by a new one, which reads the settings anew.

    For one of them. What is being answered is finished first, and nobody is refused meanwhile.
    """
    os.kill(os.getppid(), signal.SIGHUP)


def tell_system(status: str) -> None:
    """Tell a service manager that waits for it (systemd) that this process has started."""
    sd_notify(f"READY=1\nSTATUS={status}", logging.getLogger("hailong"))


def _stop_politely(_signal: int, _frame: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
