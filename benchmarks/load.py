"""Citizens by the dozen: opens forms and sends them over kept connections, in other processes."""

from __future__ import annotations

import gzip
import http.client
import re
import time
import uuid
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from urllib.parse import urlencode

PROCESSES = 8
HEADERS = {"Accept-Encoding": "gzip"}
SENDING = {"Content-Type": "application/x-www-form-urlencoded", **HEADERS}
ANSWERS = {
    "overall": "5",
    "access": "4",
    "procedures": "5",
    "civil_servants": "4",
    "results": "5",
    "feedback": "3",
}
_TOKEN = re.compile(rb'name="token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Load:
    """``clients`` citizens at once at one address, from ``begin`` (Unix time) for ``seconds``."""

    port: int
    path: str
    clients: int
    begin: float
    seconds: float


def open_pool() -> ProcessPoolExecutor:
    """Start the processes of the citizens, so that starting them is not measured."""
    pool = ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))
    list(pool.map(time.sleep, [0.2] * PROCESSES))
    return pool


def run_load(pool: ProcessPoolExecutor, load: Load) -> list[float]:
    """Return the seconds that each complete response took: form opened, sent, acknowledged."""
    share, more = divmod(load.clients, PROCESSES)
    parts = [share + (place < more) for place in range(PROCESSES)]
    futures = [pool.submit(_answer_together, load, part) for part in parts if part]
    return [seconds for future in futures for seconds in future.result()]


def _answer_together(load: Load, clients: int) -> list[float]:
    with ThreadPoolExecutor(clients) as threads:
        done = threads.map(_answer_until, [load] * clients)
        return [seconds for one in done for seconds in one]


def _answer_until(load: Load) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", load.port, timeout=60)
    times: list[float] = []
    time.sleep(max(0.0, load.begin - time.time()))
    while time.time() < load.begin + load.seconds:
        started = time.perf_counter()
        answer(connection, load.path, str(uuid.uuid4()), ANSWERS)
        times.append(time.perf_counter() - started)
    connection.close()
    return times


def answer(
    connection: http.client.HTTPConnection, path: str, response_id: str, answers: dict[str, str]
) -> None:
    """Open the form and send it once. Raises RuntimeError where it was not acknowledged."""
    send(connection, path, {"response_id": response_id, "token": token(connection, path)} | answers)


def token(connection: http.client.HTTPConnection, path: str) -> str:
    """Open the form, as a browser does, and return its anti-forgery token."""
    connection.request("GET", path, headers=HEADERS)
    reply = connection.getresponse()
    page = reply.read()
    if reply.getheader("Content-Encoding") == "gzip":
        page = gzip.decompress(page)
    found = _TOKEN.search(page)
    if reply.status != 200 or found is None:
        raise RuntimeError(f"no form at {path}: status {reply.status}")
    return found[1].decode()


def send(
    connection: http.client.HTTPConnection, path: str, fields: dict[str, str]
) -> http.client.HTTPResponse:
    """Send the form and return the reply. Raises RuntimeError where it was not acknowledged."""
    connection.request("POST", path, urlencode(fields), SENDING)
    reply = connection.getresponse()
    reply.read()
    if reply.status != 303:
        raise RuntimeError(f"not acknowledged at {path}: status {reply.status}")
    return reply
