"""The first start: serves the set-up pages until an office is there, then gives its socket on."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from survey.commands.saying import language, say, speaking
from survey.commands.serve import here_url, listen_at, open_browser
from survey.config import Config
from survey.serving.aside import Aside, SideDoors
from survey.serving.server import Server, make_server, serve_until, shut
from survey.web.setup.app import create_setup_app
from survey.web.setup.context import SetUp
from survey.web.setup.guard import Code
from survey.web.setup.restoring import LARGEST, PATH
from survey.web.setup.trial import PATH as TRIAL

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_FORM_BYTES = 1024 * 1024  # what a file has around it


def set_up(settings: Callable[[], Config], *, browser: bool) -> socket.socket | None:
    """Serve the pages until the office is there. `settings` reads them anew.

    Return a socket that listens where the office is to be: whoever connects meanwhile waits for
    it. None where the process was told to stop before.
    """
    config = settings()
    listening = listen_at(config)
    setup = SetUp(config, settings, lambda host: doors.open((host, config.port)))
    code = Code(partial(_tell_code, language()))
    app = create_setup_app(setup, code)
    doors = SideDoors(app, (TRIAL, "/static/staff.css"))
    server = make_server(app, listening, uploads_at={PATH: LARGEST + _FORM_BYTES})
    move = Move(setup, app, doors, listening, server)
    ready = partial(_tell, config, code, browser=browser)
    try:
        landed = serve_until(server, ready, setup.is_over, move)
    finally:
        doors.close()
    return move.given_on(landed)


def _tell(config: Config, code: Code, *, browser: bool) -> None:
    say("setup.open", url=here_url(config), folder=config.data.absolute())
    code.tell()
    if sys.platform != "win32":
        from survey.serving.workers import tell_system

        tell_system("waiting to be set up in a browser")
    if browser:
        open_browser(config)


def _tell_code(lang: str, shown: str) -> None:
    with speaking(lang):  # a thread of the server does not know the language of this run
        say("setup.code", code=shown)


class Move:
    """Goes to where the office will listen once it is there, before its last page is shown.

    Called by the server's own loop. Whoever follows a link of that page thus finds the socket
    that the office will answer at.
    """

    def __init__(
        self,
        setup: SetUp,
        app: WSGIApplication,
        doors: SideDoors,
        listening: socket.socket,
        server: Server,
    ) -> None:
        self._setup, self._app, self._doors = setup, app, doors
        self._listening, self._server = listening, server
        self._aside: Aside | None = None

    def __call__(self) -> None:
        """Move, where the office is there and that was not done yet."""
        landed, before = self._setup.landed, self._setup.config
        if landed is None or self._setup.moved.is_set():
            return
        if (landed.config.host, landed.config.port) != (before.host, before.port):
            self._doors.close()
            shut(self._server)
            self._listening.close()
            self._aside = Aside(self._app, listen_at(landed.config))
        self._setup.moved.set()

    def given_on(self, landed: bool) -> socket.socket | None:
        """The socket of the office, for its server; closed and None where there is none yet."""
        if self._aside is not None:
            self._aside.stop()
        found = self._aside.listening if self._aside else self._listening
        if landed:
            return found
        found.close()
        return None
