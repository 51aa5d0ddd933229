"""More sockets, each served by a thread beside the server."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from threading import Event, Thread
from typing import TYPE_CHECKING

from survey.serving.server import listen, make_server, run

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Aside:
    """A socket that is served from now on, until `stop`, which leaves it open."""

    def __init__(self, application: WSGIApplication, listening: socket.socket) -> None:
        self.listening, self._over = listening, Event()
        self._server = make_server(application, listening, uploads_at={})
        self._thread = Thread(target=self._answer, daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        run(self._server, lambda: not self._over.is_set(), lambda: None)

    def stop(self) -> None:
        """Finish what is under way; who connects from now on waits for who serves it next."""
        self._over.set()
        self._server.pull_trigger()
        self._thread.join()


class SideDoors:
    """More addresses for a while, at which chosen paths are served and nothing else is there."""

    def __init__(self, application: WSGIApplication, paths: tuple[str, ...]) -> None:
        self._application, self._paths = application, paths
        self._open: dict[tuple[str, int], Aside] = {}

    def open(self, address: tuple[str, int]) -> None:
        """Serve there too, from now on. Raises OSError where it cannot be listened at."""
        if address not in self._open:
            self._open[address] = Aside(self._narrow, listen(address))

    def close(self) -> None:
        """Stop serving; nothing listens there any more."""
        for door in self._open.values():
            door.stop()
            door.listening.close()
        self._open.clear()

    def _narrow(self, environ: WSGIEnvironment, begin: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(self._paths):
            return self._application(environ, begin)
        begin("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return ()
