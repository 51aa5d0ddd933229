"""Hostile requests, seeded: none may be answered by 5xx, or store what breaks a rule.

A request begins as one that the product takes (a form, a tablet's delivery, a sign-in, a page) and
is then spoilt in one to four places: method, path, query, head, body, framing. 501 is no failure
where an unknown transfer coding is asked for: that is its status (RFC 9112, 6.1).
Run:  python -m benchmarks.fuzz --count 20000 --seed 20261129
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPConnection
from random import Random
from urllib.parse import quote_from_bytes, urlencode

from sqlalchemy import Engine, select

from benchmarks.load import ANSWERS, token
from benchmarks.office import poster_path, running, start_office, temporary_office
from survey.store import open_engine, tables

CODING_UNKNOWN = 501
PATIENCE = 30  # seconds
HOSTILE: Sequence[bytes] = (
    b"", b"\x00", b"\r\n", b"\r\nSet-Cookie: a=1", b"\xff\xfe", b"\xed\xa0\x80", b"'",
    b'"><script>',
    b"../../etc/passwd", b"%00", b"%ff", b"%0d%0a", b"{{7*7}}", b"${7}", b"-1", b"0", b"1e309",
    b"NaN", b"9" * 30, b"a" * 5000, "ệ".encode(), "\u202e".encode(), "\U0001f600".encode(),
    b"null", b"[]", b"{}", b"[" * 400, b"true", b"2026-13", b"12m:9999-99", b"0000-Q1", b";", b"//",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes over the line, short of its framing."""

    method: bytes
    target: bytes
    head: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def wire(self, framing: bytes) -> bytes:
        """Its bytes. `framing`: how the length of the body is told."""
        lines = [b"%s %s HTTP/1.1" % (self.method, self.target), b"Host: 127.0.0.1"]
        lines += [b"%s: %s" % one for one in self.head]
        lines += [framing, b"Connection: close"]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


class Hostile:
    """Makes requests; the same seed makes the same ones, but for ids and tokens."""

    def __init__(self, path: str, issued: str, seed: int) -> None:
        """Take a form's path and a token that was issued with it."""
        self._path, self._issued = path, issued
        self._random = Random(seed)

    def request(self) -> Request:
        """A request that was spoilt."""
        made = self._random.choice((self._form, self._tablet, self._sign_in, self._page))()
        for _ in range(self._random.randint(1, 4)):
            made = self._random.choice(
                (self._spoil_method, self._spoil_target, self._spoil_head, self._spoil_body)
            )(made)
        return made

    def framing(self, body: bytes) -> bytes:
        """The head line that tells the length, mostly the right one."""
        right = b"Content-Length: %d" % len(body)
        if self._random.random() < 0.9:
            return right
        return self._random.choice(
            (b"Content-Length: " + self._bytes(), b"Transfer-Encoding: chunked",
             b"Transfer-Encoding: gzip", b"Content-Length: 5\r\nContent-Length: 6",
             right + b"\r\nTransfer-Encoding: chunked", b"X: y")
        )  # fmt: skip

    def _form(self) -> Request:
        fields = {"response_id": str(uuid.uuid4()), "token": self._issued, **ANSWERS}
        kind = (b"Content-Type", b"application/x-www-form-urlencoded")
        return Request(b"POST", self._path.encode(), (kind,), urlencode(fields).encode())

    def _tablet(self) -> Request:
        door = self._random.choice(("enrol", "heartbeat", "responses", "station.json"))
        content = {"clock": time.time(), "responses": [{"id": str(uuid.uuid4())}],
                   "code": "ABCD-EFGH", "secret": "A" * 43, "unsent": 1, "sent": 2}  # fmt: skip
        chosen = dict(self._random.sample(sorted(content.items()), self._random.randint(0, 6)))
        head = ((b"Content-Type", b"application/json"), (b"Authorization", b"Bearer " + b"A" * 43))
        return Request(b"POST", f"/kiosk/{door}".encode(), head, json.dumps(chosen).encode())

    def _sign_in(self) -> Request:
        body = urlencode({"name": "lan", "password": "x" * 12, "csrf_token": "x"}).encode()
        kind = (b"Content-Type", b"application/x-www-form-urlencoded")
        return Request(b"POST", b"/sign-in?next=/results", (kind,), body)

    def _page(self) -> Request:
        paths = ("/", "/sign-in", "/results", "/results/2026-10", "/kiosk/", "/healthz", "/metrics",
                 "/kiosk/static/x/form.js", "/static/staff.css", self._path, f"{self._path}/thanks",
                 "/results/2026-10/chart.svg")  # fmt: skip
        return Request(b"GET", self._random.choice(paths).encode(), (), b"")

    def _bytes(self) -> bytes:
        if self._random.random() < 0.2:
            return self._random.randbytes(self._random.randint(0, 40))
        return self._random.choice(HOSTILE)

    def _spoil_method(self, one: Request) -> Request:
        names = (
            b"GET",
            b"POST",
            b"PUT",
            b"HEAD",
            b"OPTIONS",
            b"DELETE",
            b"get",
            b"TRACE",
            b"A" * 99,
        )
        return replace(one, method=self._random.choice(names))

    def _spoil_target(self, one: Request) -> Request:
        odd = self._bytes()
        odd = odd if self._random.random() < 0.2 else quote_from_bytes(odd).encode()
        path, mark, query = one.target.partition(b"?")
        key = self._random.choice(
            (b"next", b"lang", b"period", b"office", b"new", b"sent", b"width")
        )
        return replace(
            one,
            target=self._random.choice(
                (path + odd + mark + query, path + b"?" + key + b"=" + odd, path + b"/" + odd,
                 b"/" + odd, self._cut(path, odd))
            ),
        )  # fmt: skip

    def _spoil_head(self, one: Request) -> Request:
        names = (b"Authorization", b"Cookie", b"Content-Type", b"Accept", b"Accept-Encoding",
                 b"X-Forwarded-For", b"X-Forwarded-Proto", b"Host", b"Range", b"If-None-Match",
                 b"If-Modified-Since", b"Expect", b"Referer", b"Sec-Fetch-Dest", b"Accept-Language",
                 b"X-CSRFToken", b"Upgrade")  # fmt: skip
        odd = self._random.choice(
            (b"", b"Bearer ", b"Basic ", b"Digest ", b"staff=", b"form=", b"known-1=", b"bytes=",
             b"multipart/form-data; boundary=", b"text/html; charset=", b"100-")
        )  # fmt: skip
        return replace(
            one, head=(*one.head, (self._random.choice(names), odd + self._clean(self._bytes())))
        )

    def _clean(self, odd: bytes) -> bytes:
        """Mostly without line breaks, which would only end the head too soon."""
        return odd if self._random.random() < 0.1 else re.sub(rb"[\r\n\0]", b"", odd)

    def _spoil_body(self, one: Request) -> Request:
        odd, place = self._bytes(), self._random.randint(0, len(one.body))
        fields = one.body.split(b"&")
        field = self._random.choice(fields)
        other = field.partition(b"=")[0] + b"=" + quote_from_bytes(odd).encode()
        return replace(
            one,
            body=self._random.choice(
                (one.body[:place] + odd + one.body[place:], one.body[:place], one.body * 3, odd,
                 one.body.replace(field, other), one.body + b"&" + other,
                 one.body + b"&comment=" + quote_from_bytes(odd).encode())
            ),
        )  # fmt: skip

    def _cut(self, path: bytes, odd: bytes) -> bytes:
        place = self._random.randint(0, len(path))
        return path[:place] + odd + path[place:]


def broken_rules(engine: Engine, today: str) -> Iterator[str]:
    """What is stored and should not be."""
    with engine.connect() as connection:
        sectors = set(connection.execute(select(tables.sector.c.id)).scalars())
        sectors |= {"general", "unknown"}
        for row in connection.execute(select(tables.response)):
            if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", row.response_id):
                yield f"id {row.response_id!r}"
            if not re.fullmatch(r"[1-5][1-5-]{5}", row.scores):
                yield f"scores {row.scores!r}"
            if (row.questionnaire, row.channel, str(row.answered_on)) != (
                "desk@2",
                "poster",
                today,
            ):
                yield f"{row.questionnaire!r}, {row.channel!r}, {row.answered_on}"
            if row.sector not in sectors:
                yield f"sector {row.sector!r}"
        for comment in connection.execute(select(tables.comment.c.text)).scalars():
            if not 0 < len(comment) <= 1000 or "\0" in comment:
                yield f"comment of {len(comment)} characters"


def send(port: int, wire: bytes) -> int | None:
    """The status that a request is answered with; None where the connection is only closed."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as connection:
        try:
            connection.sendall(wire)
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as reply:
                line = reply.readline().split()
                reply.read()
        except ConnectionError:
            return None
    return int(line[1]) if len(line) > 1 else None


def is_failure(status: int | None) -> bool:
    """Whether a status is ours to mend."""
    return status is not None and status >= 500 and status != CODING_UNKNOWN


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20261129)
    options = parser.parse_args()
    with temporary_office() as config:
        found, failed = Counter[int | None](), 0
        with running(start_office(config), "/healthz"):
            path = poster_path(config, "quay-1")
            with closing(HTTPConnection("127.0.0.1", config.port, timeout=PATIENCE)) as opening:
                hostile = Hostile(path, token(opening, path), options.seed)
            for number in range(options.count):
                request = hostile.request()
                wire = request.wire(hostile.framing(request.body))
                status = send(config.port, wire)
                found[status] += 1
                if is_failure(status):
                    failed += 1
                    print(f"{status} at request {number}: {wire[:600]!r}", flush=True)
        engine = open_engine(config.database_url)
        broken = list(broken_rules(engine, f"{datetime.now(config.zone):%Y-%m-%d}"))
        with engine.connect() as connection:
            stored = len(connection.execute(select(tables.response.c.response_id)).all())
        engine.dispose()
    for status, count in sorted(found.items(), key=lambda one: str(one[0])):
        print(f"{status or 'closed'}: {count}")
    print(f"answered by 5xx: {failed}; stored: {stored}, of these against a rule: {len(broken)}")
    for line in broken[:20]:
        print(line)
    raise SystemExit(1 if failed or broken else 0)


if __name__ == "__main__":
    main()
