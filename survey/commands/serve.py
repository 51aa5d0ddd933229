"""`hailong serve`: the web server; in several processes where the system can fork."""

from __future__ import annotations

import atexit
import gc
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, require_folder
from survey.commands.saying import say
from survey.config import Config
from survey.errors import ConfigError
from survey.told import sentence

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@click.command(epilog="Example: hailong serve --host 0.0.0.0 --port 8000")
@data_option
@click.option("--host", help="Network address to listen on (setting: host).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (setting: port).")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes (setting: workers).")
@click.option("--open", "browser", is_flag=True, help="Open the browser of this machine.")
def command(
    data: Path | None, host: str | None, port: int | None, workers: int | None, browser: bool
) -> None:
    """Serve the citizens' forms and the staff pages until stopped.

    Where no office is set up yet, serve the set-up pages first.
    """
    from survey.commands.first_start import set_up
    from survey.config import load_config
    from survey.setup.landing import is_new, land_what_is_whole

    def settings() -> Config:
        return load_config(data, host=host, port=port, workers=workers)

    listening: socket.socket | None = None
    land_what_is_whole(settings())
    if is_new(settings()):
        listening = set_up(settings, browser=browser)
        if listening is None:  # told to stop before
            return
        browser = False  # it is at our pages already
    config = settings()
    _require_set_up(config)
    listening = listening or listen_at(config)
    run_server(config, lambda: _tell(config, browser=browser), listening, settings)


def _tell(config: Config, *, browser: bool) -> None:
    say("serve.serving", url=f"http://{_address(config)}")
    if browser:
        open_browser(config)


def open_browser(config: Config) -> None:
    """Open the pages with the browser of this machine, where it has one with a window.

    One of the terminal would keep the server from its own.
    """
    import webbrowser

    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return
    if type(found) is not webbrowser.GenericBrowser:
        found.open(here_url(config))


def here_url(config: Config) -> str:
    """The address of the pages on this machine itself."""
    return f"http://{_address(replace(config, host=here(config.host)))}"


def here(host: str) -> str:
    """The address by which this machine reaches what listens at ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound


def _require_set_up(config: Config) -> None:
    """Raise where nothing could be served; warn where the clock contradicts the answers."""
    from survey.config import require_secret
    from survey.intake import clock_is_doubtful
    from survey.store import open_engine, require_set_up
    from survey.store.responses import newest_sure

    require_secret(config)
    engine = open_engine(require_folder(config).database_url)
    try:
        require_set_up(engine)
        newest, today = newest_sure(engine), config.today()
    finally:
        engine.dispose()
    if clock_is_doubtful(today, newest):
        what = sentence("doctor.clock", today=today, newest=newest)
        say("worries.warning", err=True, what=what)


def require_free_port(config: Config) -> None:
    """Raise ConfigError, naming the address and the remedy, where it cannot be listened on."""
    listen_at(config).close()


def listen_at(config: Config) -> socket.socket:
    """Listen at the configured address. Raises ConfigError, naming it and the remedy."""
    from survey.serving.server import listen

    try:
        return listen((config.host, config.port))
    except OSError as error:
        raise ConfigError(
            sentence("serve.taken", address=_address(config), why=error.strerror)
        ) from error


def _address(config: Config) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"{host}:{config.port}"


def run_server(
    config: Config,
    ready: Callable[[], None] = lambda: None,
    listening: socket.socket | None = None,
    settings: Callable[[], Config] | None = None,
) -> None:
    """Serve the application until told to stop; `ready` is called once it answers.

    `listening`: a socket at the configured address, where there is one already. `settings` reads
    them anew, for processes that take the place of others.
    """
    # Imported before the workers are forked, so that they share the memory of the code.
    from survey.app import create_app
    from survey.figures.asking import Asking
    from survey.serving.upkeep import keep_up
    from survey.store import open_engine
    from survey.web.limits import Limits

    engine = open_engine(config.database_url)
    try:
        limits = Limits.resumed(config, engine)  # before the fork: counted once for all workers
    finally:
        engine.dispose()

    def load() -> WSGIApplication:
        # Each worker opens the database for itself: a connection must not cross a fork. Closing
        # it in the end folds the write-ahead log into the one file.
        now = _settings_now(config, settings)
        limits.follow(now)
        engine, figures = open_engine(now.database_url, serving=True), Asking(now)
        atexit.register(engine.dispose)
        atexit.register(figures.close)
        Thread(target=figures.keep_ahead, args=(engine,), daemon=True).start()
        Thread(target=keep_up, args=(now,), daemon=True).start()
        app = create_app(now, engine, figures, limits, _start_anew() if settings else None)
        # What it is made of stays as long as the process: looking whether it is still used took a
        # sixth of a second each time, in which nobody was answered.
        gc.collect()
        gc.freeze()
        return app

    serve(load, config, ready, listening)


def _settings_now(config: Config, settings: Callable[[], Config] | None) -> Config:
    """The settings as they are now; those of the start where somebody has broken the file."""
    try:
        return settings() if settings else config
    except ConfigError as error:
        say("worries.warning", err=True, what=error.args[0])
        return config


def _start_anew() -> Callable[[], None] | None:
    """How a process has all of them read the settings anew; None where there is one alone."""
    if sys.platform == "win32":
        return None
    from survey.serving.workers import start_anew

    return start_anew


def serve(
    load: Callable[[], WSGIApplication],
    config: Config,
    ready: Callable[[], None] = lambda: None,
    listening: socket.socket | None = None,
) -> None:
    """Serve what ``load`` returns, called once in each worker, at the configured address."""
    if sys.platform == "win32":  # which cannot fork
        serve_in_one_process(load, config, ready, listening)
    else:
        serve_in_several(load, config, ready, listening)


def serve_in_one_process(
    load: Callable[[], WSGIApplication],
    config: Config,
    ready: Callable[[], None] = lambda: None,
    listening: socket.socket | None = None,
) -> None:
    """Serve without a process that watches."""
    from survey.serving.server import serve_alone

    serve_alone(load, listening or listen_at(config), ready)


def serve_in_several(
    load: Callable[[], WSGIApplication],
    config: Config,
    ready: Callable[[], None] = lambda: None,
    listening: socket.socket | None = None,
) -> None:
    """Serve in as many processes as the settings say, watched by one more."""
    from survey.serving.workers import serve_together

    serve_together(load, listening or listen_at(config), config.workers, ready)
