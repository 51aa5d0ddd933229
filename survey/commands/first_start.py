"""The first start: serves the set-up pages until an office is there, then gives its socket on."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

from survey.commands.saying import say
from survey.commands.serve import here_url, listen_at, open_browser
from survey.config import Config


def set_up(settings: Callable[[], Config], *, browser: bool) -> socket.socket | None:
    """Serve the pages until the office is there.

    Return a socket that listens where its settings say: whoever connects meanwhile waits for the
    office. None where the process was told to stop before. `settings` reads them anew.
    """
    from survey.serving.aside import Aside
    from survey.serving.server import make_server, serve_until
    from survey.web.setup.app import create_setup_app
    from survey.web.setup.context import SetUp
    from survey.web.setup.guard import Code
    from survey.web.setup.restoring import LARGEST, PATH
    from survey.web.setup.trial import PATH as TRIAL

    config = settings()
    listening = listen_at(config)
    setup = SetUp(config, settings, lambda host: aside.open((host, config.port)))
    code = Code(lambda shown: say("setup.code", code=shown))
    app = create_setup_app(setup, code)
    aside = Aside(app, (TRIAL, "/static/staff.css"))
    server = make_server(app, listening, uploads_at={PATH: LARGEST + 1024 * 1024})
    ready = partial(_tell, config, code.tell, browser=browser)
    try:
        goes_on = serve_until(server, ready, setup.is_over)
    finally:
        aside.close()
    if not goes_on:
        listening.close()
        return None
    return _given_on(listening, config, settings())


def _tell(config: Config, code: Callable[[], None], *, browser: bool) -> None:
    say("setup.open", url=here_url(config), folder=config.data.absolute())
    code()
    if browser:
        open_browser(config)


def _given_on(listening: socket.socket, before: Config, after: Config) -> socket.socket:
    """The same socket where the office listens at the same address, or one at its own."""
    if (before.host, before.port) == (after.host, after.port):
        return listening
    listening.close()
    return listen_at(after)
