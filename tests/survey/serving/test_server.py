"""Whoever keeps a connection waiting keeps nobody else out, and no log names a visitor."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from threading import Event, Thread

import pytest

from benchmarks.office import answers
from survey.commands.init import prepare_database, prepare_folder
from survey.config import Config, load_config
from survey.serving import server as served
from survey.serving.server import CONNECTIONS, Connection, make_server, run
from tests.postgres import free_port
from tests.waiting import wait_until

PATIENCE = 60  # seconds
HEAD = b"GET /sign-in HTTP/1.1\r\nHost: x\r\n"
BODY = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nname="
HELD = {
    "nothing": b"",
    "half a head": HEAD,
    "half a body": BODY,
    "half a chunk": BODY.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked") + b"9\r\n",
    "replies that nobody reads": (HEAD + b"\r\n") * 100,
}
BROKEN = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # https spoken to http
    b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
    b"GET \xff\xfe HTTP/9.9\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 40_000 + b"\r\n\r\n",
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """An office on SQLite that is set up, with a free port."""
    folder = tmp_path_factory.mktemp("server") / "office"
    prepare_folder(folder)
    config = load_config(folder, environ={}, port=free_port())
    prepare_database(config)
    return config


@pytest.fixture(scope="module")
def said(office: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """`hailong serve` in one worker; what it said so far, on both streams."""
    log = tmp_path_factory.mktemp("log") / "log"
    words = ["--data", str(office.data), "--port", str(office.port), "--workers", "1"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "survey", "serve", *words], stdout=file, stderr=file
        )
    try:
        wait_until(lambda: b"serving on" in log.read_bytes(), PATIENCE)
        yield lambda: log.read_text(encoding="utf-8")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


@pytest.mark.parametrize("kind", HELD)
def test_connections_that_are_held_open_keep_nobody_out(kind, office, said):
    with ExitStack() as held:
        for _ in range(40):
            connection = held.enter_context(closing(connect(office.port)))
            connection.sendall(HELD[kind])
        assert answers(office.port, "/sign-in")


def test_more_connections_than_it_holds_keep_nobody_out(office, said):
    with ExitStack() as held:
        for _ in range(CONNECTIONS + 50):
            held.enter_context(closing(connect(office.port))).sendall(HEAD)
        assert answers(office.port, "/sign-in")


def test_once_it_says_that_it_serves_it_does(office, said):
    assert f"serving on http://127.0.0.1:{office.port}" in said()
    assert answers(office.port, "/sign-in")


def test_broken_requests_are_refused_and_no_log_names_who_sent_them(office, said):
    before, statuses = len(said()), []
    for request in BROKEN:
        with closing(connect(office.port)) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as replies:
                statuses.append(int(replies.readline().split()[1]))
    with closing(connect(office.port)) as connection:  # gone in the middle, not politely
        connection.sendall(HEAD + b"\r\n" + HEAD)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert answers(office.port, "/sign-in")
    assert statuses == [400, 400, 400, 400, 400, 413, 400, 400, 501, 404, 431]
    assert "127.0.0.1" not in said()[before:]


@contextmanager
def quick_server() -> Iterator[int]:
    """A server of this process that returns what it is sent."""
    stopped = Event()

    def application(environ, start_response):
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = make_server(application, listening)
        thread = Thread(target=run, args=(server, lambda: not stopped.is_set(), lambda: None))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stopped.set()
            server.pull_trigger()
            thread.join(PATIENCE)
            server.trigger.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    monkeypatch.setattr(served, "_LOOK_SECONDS", 0.05)
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "IDLE_SECONDS", "REPLY_SECONDS"):
        monkeypatch.setattr(served, name, 0.3)


@pytest.mark.parametrize("sent", [b"", HEAD, BODY, HEAD + b"\r\n"])
def test_who_keeps_it_waiting_too_long_is_let_go(sent, hurried):
    with quick_server() as port, closing(connect(port)) as connection:
        connection.sendall(sent)
        with connection.makefile("rb") as replies:
            replies.read()  # to the end, which only the server can make


def test_a_clock_that_is_set_back_lets_nobody_wait_for_longer(hurried, monkeypatch):
    with quick_server() as port, closing(connect(port)) as connection:
        monkeypatch.setattr(time, "time", lambda now=time.time: now() - 3600)
        with connection.makefile("rb") as replies:
            replies.read()


def test_a_clock_that_is_set_ahead_cuts_nobody_off(monkeypatch):
    monkeypatch.setattr(served, "_LOOK_SECONDS", 0.01)
    with quick_server() as port, closing(HTTPConnection("127.0.0.1", port, PATIENCE)) as kept:
        kept.request("POST", "/", "first")
        assert kept.getresponse().read() == b"first"
        monkeypatch.setattr(time, "time", lambda now=time.time: now() + 3600)
        for _ in range(20):  # each wakes the server, which looks
            with closing(connect(port)):
                time.sleep(0.02)
        kept.auto_open = 0  # the same connection or none
        kept.request("POST", "/", "second")
        assert kept.getresponse().read() == b"second"


def test_a_head_that_comes_byte_by_byte_is_late_all_the_same(hurried):
    with quick_server() as port, closing(connect(port)) as connection:
        over = time.monotonic() + PATIENCE
        with pytest.raises(ConnectionError):
            while time.monotonic() < over:
                connection.sendall(b"G")
                time.sleep(0.02)


def test_a_slow_body_that_keeps_coming_is_taken(hurried, monkeypatch):
    monkeypatch.setattr(served, "BODY_BYTES_A_SECOND", 0.01)  # each byte gives a hundred seconds
    with quick_server() as port, closing(connect(port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1")
        for _ in range(9):
            time.sleep(0.1)
            connection.sendall(b"1")
        with connection.makefile("rb") as replies:
            assert b"200" in replies.readline()


def test_a_connection_is_named_in_logs_without_its_address():
    with quick_server() as port, closing(connect(port)) as connection:
        connection.sendall(HEAD)
        found: list[Connection] = []
        wait_until(lambda: bool(found.extend(_channels(port)) or found))
        for told in (repr(found[0]), str(found[0]), f"{found[0]!r}"):
            assert "127.0.0.1" not in told
            assert str(connection.getsockname()[1]) not in told


def _channels(port: int) -> list[Connection]:
    open_ones = [one for one in gc.get_objects() if isinstance(one, Connection) and one.connected]
    return [one for one in open_ones if one.server.effective_port == str(port)]
