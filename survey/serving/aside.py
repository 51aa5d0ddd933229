"""One address more, served by a thread beside the server: for a while, and for chosen paths."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event, Thread
from typing import TYPE_CHECKING

from survey.serving.server import listen, make_server, run

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Aside:
    """What else is listened at; every path but those that begin with ``paths`` is not there."""

    def __init__(self, application: WSGIApplication, paths: tuple[str, ...]) -> None:
        self._application, self._paths = application, paths
        self._served: dict[tuple[str, int], tuple[Event, Thread]] = {}

    def open(self, address: tuple[str, int]) -> None:
        """Serve there too, from now on. Raises OSError where it cannot be listened at."""
        if address in self._served:
            return
        listening, over = listen(address), Event()
        server = make_server(self._narrow, listening, uploads_at={})

        def answer() -> None:
            with listening:
                run(server, lambda: not over.is_set(), lambda: None)

        thread = Thread(target=answer, daemon=True)
        thread.start()
        self._served[address] = over, thread

    def close(self) -> None:
        """Stop serving; returns when nothing is listened at any more."""
        for over, _ in self._served.values():
            over.set()
        for _, thread in self._served.values():
            thread.join()
        self._served.clear()

    def _narrow(self, environ: WSGIEnvironment, begin: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(self._paths):
            return self._application(environ, begin)
        begin("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return ()
