"""The HTTP server: waitress, and how long a connection may keep it waiting.

waitress reads requests and writes replies in one loop, so that whoever sends or reads slowly holds
no thread. Deadlines it has not: they are here. Knows no page and no setting.
"""

from __future__ import annotations

import copy
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.wasyncore import loop

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS: Final = 48  # most of them wait: for the disk, for figures, for a turn to write
GRACE_SECONDS: Final = 20  # for requests under way when the server stops

HEAD_SECONDS: Final = 10.0
BODY_SECONDS: Final = 20.0
BODY_BYTES_A_SECOND: Final = 1000  # each thousand that came gives a second more
IDLE_SECONDS: Final = 15.0  # a connection without a request
REPLY_SECONDS: Final = 60.0  # a reader that takes nothing of a reply

CONNECTIONS: Final = 400  # of a process: select() of Windows ends at 512
MAX_HEAD: Final = 32 * 1024
MAX_BODY: Final = 600 * 1024  # each route has a bound of its own below this one
# Where staff send a file, and how large: a little more than the page takes, which says so.
UPLOADS_AT: Final[Mapping[str, int]] = {"/dossiers": 17 * 1024 * 1024}
UPLOADS: Final = 4  # at once in a process: each is a file until it is answered
BACKLOG: Final = 1024
_LOOK_SECONDS: Final = 1.0
_COMING_SECONDS: Final = 1.0  # for a request to come whole, when the server stops
_STOPPING: Final = ("SIGINT", "SIGTERM", "SIGBREAK")  # Windows has the last


class _WithoutAddress(logging.Filter):
    """Takes the address out of what waitress logs of a request: that of a slip opens it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line, and let it pass."""
        record.msg = str(record.msg).partition(" while serving ")[0]
        return True


_WITHOUT_ADDRESS: Final = _WithoutAddress()


class Received(HTTPRequestParser):  # type: ignore[misc]  # waitress is not typed
    """One request. A file that staff send may be larger than anything else."""

    adj: Adjustments

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; only a length that is told beforehand may be that of a file.

        One that tells its length in two ways is refused (RFC 9112, 6.1): whoever stands in front
        may take the other one, and what is a body to it would be a request of somebody else here.
        """
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")
        if self.is_upload():
            more: Adjustments = copy.copy(self.adj)
            more.max_request_body_size = self.adj.uploads_at[self.path]
            self.adj = more

    def is_upload(self) -> bool:
        """Whether it is larger than a form, and where a file may be sent."""
        # The length first: there is no path before the head has come whole.
        return bool(self.content_length >= MAX_BODY and self.path in self.adj.uploads_at)


class Reply(WSGITask):  # type: ignore[misc]  # waitress is not typed
    """One reply. The last of its connection, where the server takes no more of them."""

    def build_response_header(self) -> bytes:
        """Say so, that the next request does not meet a server which is about to end."""
        if not self.channel.server.accepting:
            self.request.headers["CONNECTION"] = "close"
        head: bytes = super().build_response_header()
        return head


class Connection(HTTPChannel):  # type: ignore[misc]  # waitress is not typed
    """One connection, and since when it keeps us waiting."""

    parser_class = Received
    task_class = Reply

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.begun = time.monotonic()
        self.heard = False  # whether anything came
        super().__init__(*arguments, **named)

    @property
    def last_activity(self) -> float:
        """When something came or went last, in seconds of the steady clock."""
        return self._active

    @last_activity.setter
    def last_activity(self, _told: float) -> None:
        # waitress tells the calendar's time, which somebody may set meanwhile.
        self._active = time.monotonic()

    def received(self, data: bytes) -> bool:
        """Take what arrived; a request begins with its first bytes."""
        self.heard, before = True, self.request
        taken: bool = super().received(data)
        if self.request is not before:
            self.begun = time.monotonic()
        return taken

    def uploads(self) -> bool:
        """Whether a file is being sent here."""
        return self.request is not None and self.request.is_upload()

    def waits(self) -> bool:
        """Whether it is the other side's turn: nothing of it is being answered."""
        return not (self.requests or self.will_close)

    def has_just_come(self) -> bool:
        """Whether a request is on its way: its sender would be refused for nothing."""
        coming = self.request is not None or not self.heard
        return coming and time.monotonic() - self.begun < _COMING_SECONDS

    def is_overdue(self) -> bool:
        """Whether the other side took too long."""
        if not self.waits():
            return False
        now = time.monotonic()
        silent, since = now - self.last_activity, now - self.begun
        if self.total_outbufs_len:
            return silent > REPLY_SECONDS
        if self.request is None:
            return silent > IDLE_SECONDS
        if not self.request.headers_finished:
            return since > HEAD_SECONDS
        came: int = self.request.body_bytes_received
        return since > BODY_SECONDS + came / BODY_BYTES_A_SECOND

    def __repr__(self) -> str:
        # Errors are logged with this: it names no visitor's address.
        return f"<connection {id(self):#x}>"

    __str__ = __repr__


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Listens at a socket and lets nobody keep it from answering others."""

    channel_class = Connection
    _looks_at = 0.0

    def readable(self) -> bool:
        """Whether it takes connections; about once a second, close what is overdue."""
        now = time.monotonic()
        if now >= self._looks_at:
            self._looks_at = now + _LOOK_SECONDS
            self._close_overdue()
        return bool(super().readable())

    def maintenance(self, now: float) -> None:
        """Nothing: waitress calls this by the calendar, and not at all while it is set back."""

    def _close_overdue(self) -> None:
        for channel in tuple(self.active_channels.values()):
            if channel.is_overdue():
                channel.will_close = True
        sending = [one for one in self.active_channels.values() if one.uploads()]
        for channel in sorted(sending, key=lambda one: one.begun)[:-UPLOADS]:
            channel.will_close = True

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, the one that waits longest goes."""
        super().handle_accept()
        open_ones = [one for one in self.active_channels.values() if not one.will_close]
        waiting = [one for one in open_ones if one.waits()]
        if len(open_ones) > CONNECTIONS and waiting:
            min(waiting, key=lambda one: one.begun).will_close = True

    def is_busy(self) -> bool:
        """Whether a request is being answered, has just come, or a reply is being sent."""
        return any(
            one.requests or one.total_outbufs_len or one.has_just_come()
            for one in self.active_channels.values()
        )


def make_server(
    application: WSGIApplication,
    listening: socket.socket,
    uploads_at: Mapping[str, int] = UPLOADS_AT,
) -> Server:
    """Return a server at a socket that listens already; nothing is answered before `run`.

    ``uploads_at``: the paths that take more than a form, and how many bytes each.
    """
    # A queue is told by nothing: its length at a second says who was there.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.getLogger("waitress").addFilter(_WITHOUT_ADDRESS)
    adjustments = Adjustments(
        sockets=[listening],
        threads=THREADS,
        ident=None,
        connection_limit=2 * CONNECTIONS,  # ours comes before
        max_request_header_size=MAX_HEAD,
        max_request_body_size=MAX_BODY,
        inbuf_overflow=MAX_BODY,  # no answer of a citizen in a file for a while
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,  # the application decides whom it believes
    )
    adjustments.uploads_at = uploads_at
    where = (listening.family, listening.type, listening.proto, listening.getsockname())
    return Server(application, _sock=listening, adj=adjustments, sockinfo=where, bind_socket=False)


def run(server: Server, goes_on: Callable[[], bool], beat: Callable[[], None]) -> None:
    """Answer until `goes_on` says no, then finish what is under way. `beat` is called often."""
    while goes_on():
        beat()
        _step(server)
    shut(server)
    over = time.monotonic() + GRACE_SECONDS
    while server.is_busy() and time.monotonic() < over:
        beat()
        _step(server)
    server.task_dispatcher.shutdown(timeout=_LOOK_SECONDS)
    for channel in tuple(server.active_channels.values()):
        channel.handle_close()


def shut(server: Server) -> None:
    """Take no more connections; those that are there are answered."""
    server.accepting = False
    server.del_channel()


def _step(server: Server) -> None:
    loop(timeout=_LOOK_SECONDS, use_poll=True, map=server._map, count=1)


def listen(address: tuple[str, int]) -> socket.socket:
    """Return a socket that listens at this address; who connects waits until it is served."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    return socket.create_server(address, family=family, backlog=BACKLOG)


def serve_alone(
    load: Callable[[], WSGIApplication], listening: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve in this process until Ctrl-C or a signal to stop."""
    with listening:
        serve_until(make_server(load(), listening), ready)


def serve_until(
    server: Server,
    ready: Callable[[], None],
    over: Callable[[], bool] = lambda: False,
    beat: Callable[[], None] = lambda: None,
) -> bool:
    """Answer until Ctrl-C or a signal to stop (False), or until `over` says so (True).

    `over` is asked, and `beat` called, every second and whenever a request was answered.
    """
    with _stoppable(server.pull_trigger) as stopped:
        ready()
        run(server, lambda: not (stopped() or over()), beat)
        return not stopped()


@contextmanager
def _stoppable(wake: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Give what tells whether this process was asked to stop meanwhile, and keep it from ending.

    Not by an exception: it would come in the middle of anything, a held lock included.
    """
    stopped: list[int] = []
    names = [name for name in _STOPPING if hasattr(signal, name)]

    def stop(number: int, _frame: object) -> None:
        stopped.append(number)
        wake()

    before = {name: signal.signal(getattr(signal, name), stop) for name in names}
    try:
        yield lambda: bool(stopped)
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
