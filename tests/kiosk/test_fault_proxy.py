"""The bad line does what each fault's name says: proofs made with it are worth that much."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.kiosk.fault_proxy import PORTAL_PAGE, Dice, Fault, FaultProxy, Script, fault_proxy
from tests.waiting import PATIENCE, wait_until

HOURS = 7200  # seconds
DOOR = "/kiosk/responses"
ANSWER = b'{"results": "taken"}'


class Server(ThreadingHTTPServer):
    """Remembers the bodies that reached it."""

    daemon_threads = True
    taken: list[bytes]


class Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Asked-With", self.headers.get("Authorization", ""))
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Taking)
    server.taken = []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def line(server: Server) -> Iterator[FaultProxy]:
    with fault_proxy(FaultProxy(server.server_port, delay=HOURS)) as line:
        yield line


@dataclass(frozen=True)
class Heard:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(line: FaultProxy, body: bytes = b"{}", timeout: float = PATIENCE) -> Heard:
    connection = HTTPConnection("127.0.0.1", line.port, timeout=timeout)
    try:
        connection.request("POST", DOOR, body, {"Authorization": "Bearer s"})
        reply = connection.getresponse()
        return Heard(reply.status, reply.headers, reply.read())
    finally:
        connection.close()


def meet(line: FaultProxy, fault: Fault) -> Heard:
    line.plan = Script(DOOR, [fault])
    return ask(line)


def test_without_a_fault_both_ways_pass_unaltered(line, server):
    reply = ask(line, b'{"a": 1}')
    assert (reply.status, reply.body) == (201, ANSWER)
    assert reply.headers["X-Asked-With"] == "Bearer s"
    assert (server.taken, line.done) == ([b'{"a": 1}'], [])


def test_one_connection_carries_several_requests(line, server):
    connection = HTTPConnection("127.0.0.1", line.port, timeout=PATIENCE)
    for body in (b"1", b"2"):
        connection.request("POST", DOOR, body)
        assert connection.getresponse().read() == ANSWER
    connection.close()
    assert server.taken == [b"1", b"2"]


def test_cut_before_the_server_knows_nothing(line, server):
    with pytest.raises(ConnectionError):
        meet(line, Fault.CUT_BEFORE)
    assert server.taken == []


def test_cut_after_the_server_has_taken_it_and_the_tablet_hears_nothing(line, server):
    with pytest.raises(ConnectionError):
        meet(line, Fault.CUT_AFTER)
    assert len(server.taken) == 1


def test_kill_after_the_server_is_killed_once_it_has_taken_it(line, server):
    taken_when_killed = []
    line.kill_server = lambda: taken_when_killed.extend(server.taken)
    with pytest.raises(ConnectionError):
        meet(line, Fault.KILL_AFTER)
    assert taken_when_killed == [b"{}"]


def test_late_request_reaches_the_server_when_the_tablet_has_given_up(line, server):
    line.plan = Script(DOOR, [Fault.LATE_REQUEST])
    with pytest.raises(TimeoutError):
        ask(line, timeout=0.1)
    assert server.taken == []
    line.closing.set()  # what is held back is held no longer
    wait_until(lambda: server.taken == [b"{}"])


def test_late_reply_the_server_is_done_long_before_the_tablet_hears(line, server):
    line.plan = Script(DOOR, [Fault.LATE_REPLY])
    with pytest.raises(TimeoutError):
        ask(line, timeout=0.1)
    wait_until(lambda: server.taken == [b"{}"])


def test_truncated_the_tablet_gets_half_of_the_reply(line, server):
    with pytest.raises(IncompleteRead) as cut:
        meet(line, Fault.TRUNCATED)
    assert cut.value.partial == ANSWER[: len(ANSWER) // 2]
    assert len(server.taken) == 1


def test_duplicated_the_server_gets_it_twice_and_the_tablet_one_reply(line, server):
    assert meet(line, Fault.DUPLICATED).body == ANSWER
    assert server.taken == [b"{}", b"{}"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.BAD_GATEWAY, 502),
        (Fault.BUSY, 503),
        (Fault.BUSY_WAIT, 503),
        (Fault.PORTAL, 200),
        (Fault.REDIRECT, 302),
    ],
)
def test_a_box_in_between_answers_instead_of_the_server(line, server, fault, status):
    reply = meet(line, fault)
    assert (reply.status, reply.body) == (status, PORTAL_PAGE)
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.headers["Retry-After"] == ("1" if fault is Fault.BUSY_WAIT else None)
    assert reply.headers["Location"] == ("/portal" if fault is Fault.REDIRECT else None)
    assert server.taken == []


def test_a_reply_can_be_altered_on_its_way_to_plant_a_fault(line):
    line.alter = lambda path, body: body.replace(b"taken", path.encode())
    assert ask(line).body == b'{"results": "/kiosk/responses"}'


def test_a_line_that_is_down_lets_nothing_pass_until_it_is_up(line, server):
    line.down = True
    with pytest.raises(ConnectionError):
        ask(line)
    line.down = False
    assert ask(line).status == 201
    assert server.taken == [b"{}"]


def test_a_dead_server_is_a_cut_line(line, server):
    line.server_port = 1  # nobody listens there
    with pytest.raises(ConnectionError):
        ask(line)


def test_a_script_strikes_its_own_path_alone():
    script = Script(DOOR, [Fault.BUSY, Fault.PORTAL])
    paths = ["/kiosk/", DOOR, "/kiosk/heartbeat", DOOR, DOOR]
    assert [script(path) for path in paths] == [None, Fault.BUSY, None, Fault.PORTAL, None]


def test_dice_fall_the_same_for_the_same_seed_and_strike_with_every_kind_evenly():
    throws = 5 * len(Fault)
    falls = [Dice(seed, chance=0.5, most=throws) for seed in (1, 1, 2)]
    one, same, other = ([dice(DOOR) for _ in range(1000)] for dice in falls)
    assert one == same != other
    assert Counter(fault for fault in one if fault) == dict.fromkeys(Fault, 5)


def test_what_happened_is_counted(line):
    meet(line, Fault.BUSY)
    assert line.done == [(Fault.BUSY, DOOR)]
    assert line.count()[Fault.BUSY] == 1
    assert sum(line.count().values()) == 1


def test_closing_does_not_wait_for_what_is_held_back(server):
    begun = time.monotonic()
    with fault_proxy(FaultProxy(server.server_port, delay=HOURS)) as line:
        line.plan = Script(DOOR, [Fault.LATE_REQUEST])
        with pytest.raises(TimeoutError):
            ask(line, timeout=0.1)
    assert time.monotonic() - begun < HOURS
