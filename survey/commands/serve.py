"""`hailong serve`: the web server. gunicorn where it runs, waitress on Windows."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

from survey.commands.installation import data_option, require_folder
from survey.config import Config
from survey.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8
GRACE_SECONDS = 20


@click.command(epilog="Example: hailong serve --host 0.0.0.0 --port 8000")
@data_option
@click.option("--host", help="Network address to listen on (setting: host).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (setting: port).")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes (setting: workers).")
def command(data: Path | None, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the citizens' forms and the staff pages until stopped."""
    from survey.config import load_config

    config = load_config(data, host=host, port=port, workers=workers)
    _require_set_up(config)
    require_free_port(config)
    click.echo(f"serving on http://{_address(config)}  (stop: Ctrl-C)")
    run_server(config)


def _require_set_up(config: Config) -> None:
    from survey.store import open_engine, require_set_up

    engine = open_engine(require_folder(config).database_url)
    try:
        require_set_up(engine)
    finally:
        engine.dispose()


def require_free_port(config: Config) -> None:
    """Raise ConfigError, naming the address and the remedy, where it cannot be listened on."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        socket.create_server((config.host, config.port), family=family).close()
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {_address(config)}: {error.strerror}; "
            "stop what listens there, or give another --port or --host"
        ) from error


def _address(config: Config) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"{host}:{config.port}"


def run_server(config: Config) -> None:
    """Serve the application until told to stop; a request under way is finished first."""
    # Imported before the workers are forked, so that they share the memory of the code.
    from survey.app import create_app
    from survey.asking import Asking
    from survey.store import open_engine

    def load() -> WSGIApplication:
        # Each worker opens the database for itself: a connection must not cross a fork. Closing
        # it in the end folds the write-ahead log into the one file.
        engine, figures = open_engine(config.database_url), Asking(config)
        atexit.register(engine.dispose)
        atexit.register(figures.close)
        Thread(target=figures.keep_ahead, args=(engine,), daemon=True).start()
        return create_app(config, engine, figures)

    serve(load, config)


def serve(load: Callable[[], WSGIApplication], config: Config) -> None:
    """Serve what ``load`` returns, called once in each worker, at the configured address."""
    if sys.platform == "win32":
        serve_by_waitress(load, config)
    else:
        serve_by_gunicorn(load, config)


def serve_by_waitress(load: Callable[[], WSGIApplication], config: Config) -> None:
    """Serve in one process of several threads."""
    import waitress

    server = waitress.create_server(load(), host=config.host, port=config.port, threads=THREADS)
    for name in ("SIGTERM", "SIGBREAK"):  # as Ctrl-C; Windows has the second
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: sys.exit(0))
    server.run()  # until such a signal; it then waits five seconds for requests under way
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=GRACE_SECONDS)


def serve_by_gunicorn(load: Callable[[], WSGIApplication], config: Config) -> None:
    """Serve in several processes of several threads each."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
        def load_config(self) -> None:
            for name, value in _gunicorn_settings(config).items():
                self.cfg.set(name, value)

        def load(self) -> WSGIApplication:
            # A terminal's Ctrl-C reaches every process; a worker leaves it to the master.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return load()

    Server().run()


def _gunicorn_settings(config: Config) -> dict[str, Any]:
    return {
        "bind": _address(config),
        "workers": config.workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "graceful_timeout": GRACE_SECONDS,
        "control_socket_disable": True,  # it would write into the home folder
        "accesslog": None,  # no list of who came when
        "loglevel": "warning",
        # A terminal's Ctrl-C means to stop politely, as SIGTERM does.
        "when_ready": lambda _master: signal.signal(signal.SIGINT, _stop_politely),
    }


def _stop_politely(_signal: int, _frame: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
