"""A bad line between tablets and their server: passes requests on, and spoils some as it is told.

Stands on loopback in front of a real server. Owns what a fault is; which request meets one is
decided by the plan that it is given. Knows no record.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.waiting import PATIENCE

PORTAL = "/portal"
PORTAL_PAGE = "<!doctype html><title>Wi-Fi</title><p>Đăng nhập để dùng mạng".encode()

# Headers that belong to one connection, not to the message.
OWN_HEADERS = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade"}


class Fault(Enum):
    """What happens to a request. The server has done its work where `reaches_server` says so."""

    CUT_BEFORE = "cut before the request reached the server"
    CUT_AFTER = "cut after the server had answered, before the reply"
    KILL_AFTER = "server killed after it had answered, before the reply"
    LATE_REQUEST = "request held back beyond the tablet's patience, then delivered"
    LATE_REPLY = "reply held back beyond the tablet's patience"
    TRUNCATED = "reply cut in the middle"
    DUPLICATED = "request delivered twice at once"
    BAD_GATEWAY = "502 from a box in between"
    BUSY = "503 without Retry-After"
    BUSY_WAIT = "503 with Retry-After"
    PORTAL = "200 with the sign-in page of the network"
    REDIRECT = "302 to the sign-in page of the network"

    @property
    def reaches_server(self) -> bool:
        """Whether the server gets the request at all."""
        return self in _REACHING


_REACHING = {
    Fault.CUT_AFTER,
    Fault.KILL_AFTER,
    Fault.LATE_REQUEST,
    Fault.LATE_REPLY,
    Fault.TRUNCATED,
    Fault.DUPLICATED,
}

Plan = Callable[[str], Fault | None]
"""Given a path, the fault that its request meets; None: it passes."""


@dataclass
class Script:
    """A plan of faults one after the other, for the requests to one path."""

    path: str
    faults: list[Fault]

    def __call__(self, path: str) -> Fault | None:
        return self.faults.pop(0) if path == self.path and self.faults else None


@dataclass
class Dice:
    """A plan that throws dice: `most` faults in all, each request meeting one with `chance`.

    Every kind comes as often as any other, in an order that the seed decides.
    """

    seed: int
    chance: float
    most: int
    kinds: Sequence[Fault] = tuple(Fault)
    thrown: int = 0
    _bag: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def __call__(self, path: str) -> Fault | None:
        with self._lock:
            if self.thrown >= self.most or self._random.random() >= self.chance:
                return None
            self.thrown += 1
            if not self._bag:
                self._bag = self._random.sample(self.kinds, len(self.kinds))
            return self._bag.pop()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered, whole."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class FaultProxy:
    """The line. `down`: nothing passes at all. `done`: the faults that happened, with their paths.

    `kill_server` is called for KILL_AFTER. `delay` is how long LATE_ faults hold, in seconds.
    `alter` may change the body of a reply to a path: so a fault of the product's own is planted.
    """

    server_port: int
    plan: Plan = lambda _path: None
    delay: float = 11.0
    retry_after: int = 1
    kill_server: Callable[[], None] = lambda: None
    alter: Callable[[str, bytes], bytes] | None = None
    down: bool = False
    done: list[tuple[Fault, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def count(self) -> dict[Fault, int]:
        """How often each fault happened; a fault that never did is 0."""
        happened = [fault for fault, _path in list(self.done)]
        return {fault: happened.count(fault) for fault in Fault}


@contextmanager
def fault_proxy(proxy: FaultProxy) -> Iterator[FaultProxy]:
    """Run the proxy on a free port of loopback."""
    server = _Server(proxy)
    proxy.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Line)

    def handle_error(self, request: object, client_address: object) -> None:
        """A tablet that hung up is no news."""


class _Cut(Exception):
    """The connection is to end here and now."""


class _Line(BaseHTTPRequestHandler):
    """One connection of a tablet."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._carry()

    def do_POST(self) -> None:
        self._carry()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests look at `done`."""

    def _carry(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if proxy.down:
                raise _Cut
            fault = None if self.path == PORTAL else proxy.plan(self.path)
            if fault is not None:
                proxy.done.append((fault, self.path))
            self._meet(fault, body)
        except (_Cut, OSError, HTTPException):
            self._reset()

    def _meet(self, fault: Fault | None, body: bytes) -> None:
        if self.path == PORTAL:
            self._send(_page(200))
        elif fault is None:
            self._send(self._ask(body))
        elif fault.reaches_server:
            self._spoil(fault, body)
        else:
            self._answer_instead(fault)

    def _answer_instead(self, fault: Fault) -> None:
        """The server never sees the request."""
        if fault is Fault.CUT_BEFORE:
            raise _Cut
        wait = {"Retry-After": str(self.server.proxy.retry_after)}
        self._send(
            {
                Fault.BAD_GATEWAY: _page(502),
                Fault.BUSY: _page(503),
                Fault.BUSY_WAIT: _page(503, wait),
                Fault.PORTAL: _page(200),
                Fault.REDIRECT: _page(302, {"Location": PORTAL}),
            }[fault]
        )

    def _spoil(self, fault: Fault, body: bytes) -> None:
        """The server does its work, and the tablet hears of it badly or not at all."""
        proxy = self.server.proxy
        if fault is Fault.LATE_REQUEST:
            proxy.closing.wait(proxy.delay)
        reply = self._ask_twice(body) if fault is Fault.DUPLICATED else self._ask(body)
        if fault is Fault.KILL_AFTER:
            proxy.kill_server()
        if fault in (Fault.CUT_AFTER, Fault.KILL_AFTER):
            raise _Cut
        if fault is Fault.LATE_REPLY:
            proxy.closing.wait(proxy.delay)
        self._send(reply, half=fault is Fault.TRUNCATED)

    def _ask(self, body: bytes) -> Reply:
        """Deliver the request and hear the whole reply; a dead server is a cut line."""
        proxy = self.server.proxy
        headers = dict(_passed_on(self.headers.items()))
        if proxy.alter:
            headers["Accept-Encoding"] = "identity"
        connection = HTTPConnection("127.0.0.1", proxy.server_port, timeout=PATIENCE)
        try:
            connection.request(self.command, self.path, body or None, headers)
            reply = connection.getresponse()
            content = reply.read()
            if proxy.alter:
                content = proxy.alter(self.path, content)
            return Reply(reply.status, reply.reason, _passed_on(reply.getheaders()), content)
        finally:
            connection.close()

    def _ask_twice(self, body: bytes) -> Reply:
        """Both at once; the tablet hears the second."""

        def first() -> None:
            with suppress(OSError, HTTPException):
                self._ask(body)

        twin = threading.Thread(target=first, daemon=True)
        twin.start()
        reply = self._ask(body)
        twin.join()
        return reply

    def _send(self, reply: Reply, half: bool = False) -> None:
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if half else reply.body)
        self.close_connection = half or self.close_connection

    def _reset(self) -> None:
        """End the connection the hard way: the tablet's side sees a reset, not an end."""
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()


def _passed_on(headers: object) -> list[tuple[str, str]]:
    pairs = list(headers)  # type: ignore[call-overload]
    return [(name, value) for name, value in pairs if name.lower() not in OWN_HEADERS]


def _page(status: int, headers: Mapping[str, str] | None = None) -> Reply:
    """A page of a box that is not our server."""
    all_headers = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    return Reply(status, "", list(all_headers.items()), PORTAL_PAGE)
