"""`hailong serve`: the web server. gunicorn where it runs, waitress on Windows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.commands.installation import data_option
from survey.config import Config

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
    from survey.store import open_engine, require_set_up

    config = load_config(data, host=host, port=port, workers=workers)
    engine = open_engine(config.database_url)
    require_set_up(engine)
    engine.dispose()
    run_server(config)


def run_server(config: Config) -> None:
    """Serve the application until told to stop; a request under way is finished first."""

    def load() -> WSGIApplication:
        from survey.app import create_app

        return create_app(config)

    serve(load, config)


def serve(load: Callable[[], WSGIApplication], config: Config) -> None:
    """Serve what ``load`` returns, called once in each worker, at the configured address."""
    if sys.platform == "win32":
        serve_by_waitress(load(), config)
    else:
        serve_by_gunicorn(load, config)


def serve_by_waitress(app: WSGIApplication, config: Config) -> None:
    """Serve in one process of several threads."""
    import waitress

    waitress.serve(app, host=config.host, port=config.port, threads=THREADS)


def serve_by_gunicorn(load: Callable[[], WSGIApplication], config: Config) -> None:
    """Serve in several processes of several threads each."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
        def load_config(self) -> None:
            for name, value in _gunicorn_settings(config).items():
                self.cfg.set(name, value)

        def load(self) -> WSGIApplication:
            # Each worker opens the database for itself: a connection must not cross a fork.
            return load()

    Server().run()


def _gunicorn_settings(config: Config) -> dict[str, Any]:
    return {
        "bind": f"{config.host}:{config.port}",
        "workers": config.workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "graceful_timeout": GRACE_SECONDS,
        "control_socket_disable": True,  # it would write into the home folder
        "accesslog": None,  # no list of who came when
        "loglevel": "warning",
    }
