"""Who may set the office up: whoever sits at this machine, or has the code from its terminal.

Nothing that a request says of itself lets it in: it could come from anywhere.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from flask import Flask, Request, request, session
from werkzeug.wrappers import Response

from survey.links import random_code, typed_code
from survey.web.desk.frame import see_other
from survey.web.limits import Pace, keep_pace, network_of

OPEN: Final = frozenset({"code.ask", "code.check", "trial.show", "static"})
"""What everybody may ask for."""

TRIES_PER_ADDRESS_A_MINUTE: Final = 5
TRIES_A_MINUTE: Final = 30  # of 31**8 codes

_LET_IN: Final = "let_in"
_HERE: Final = ("localhost", "127.0.0.1", "::1")
# What a server that passes requests on writes: its own peer is this machine, the visitor is not.
_PASSED_ON: Final = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
                     "X-Real-Ip")  # fmt: skip


class Code:
    """The code that lets one browser in; then there is another one, told by ``tell``."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._by_address = Pace(TRIES_PER_ADDRESS_A_MINUTE)
        self._by_all = Pace(TRIES_A_MINUTE, senders=1)
        self._code = _new_code()

    @property
    def shown(self) -> str:
        """The code as people read it: 'abcd efgh'."""
        return f"{self._code[:4]} {self._code[4:]}"

    def tell(self) -> None:
        """Say it where only who looks after this machine sees it."""
        self._tell(self.shown)

    def lets_in(self, typed: str) -> bool:
        """Whether this is the code, which is used up then. Raises TooManyRequests."""
        keep_pace((self._by_address, network_of(request.remote_addr)), (self._by_all, ""))
        if not hmac.compare_digest(typed_code(typed).encode(), self._code.encode()):
            return False
        self._code = _new_code()
        self.tell()
        session.clear()
        session[_LET_IN] = True
        return True


def _new_code() -> str:
    return random_code()


def guard(app: Flask) -> None:
    """Send whoever is neither here nor let in to the page that asks for the code."""

    @app.before_request
    def look() -> Response | None:
        if request.endpoint in OPEN or is_here(request) or session.get(_LET_IN):
            return None
        return see_other("code.ask")


def is_here(asked: Request) -> bool:
    """Whether the browser runs on this machine.

    A page of elsewhere that leads its own name to this machine is told by that name, and a server
    that passes requests on by what it adds.
    """
    if any(name in asked.headers for name in _PASSED_ON):
        return False
    return _is_loopback(asked.remote_addr) and _name(asked.host) in _HERE


def _is_loopback(address: str | None) -> bool:
    try:
        number = ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return bool((mapped or number).is_loopback)


def _name(host: str) -> str:
    """The name or number in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
