"""Where this machine is found in its own network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

# Of a network that is nowhere (RFC 5737): asking for the way to it sends nothing.
_ELSEWHERE: Final = ("192.0.2.1", 9)


def own_addresses() -> tuple[str, ...]:
    """The IPv4 addresses at which others in its network reach this machine, the likeliest first."""
    found = dict.fromkeys(_likeliest_first())
    return tuple(one for one in found if _is_usable(one))


def _likeliest_first() -> Iterator[str]:
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.connect(_ELSEWHERE)
        yield str(way.getsockname()[0])
    with suppress(OSError):
        for *_, where in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            yield str(where[0])


def _is_usable(address: str) -> bool:
    number = ip_address(address)
    return not (number.is_loopback or number.is_unspecified or number.is_link_local)


def is_alone(host: str) -> bool:
    """Whether no other machine can reach what listens at this address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
