"""The address that goes to print: what may be one, and which phones can open it. Pure."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import SplitResult, urlsplit

from survey.errors import ConfigError
from survey.told import sentence

if TYPE_CHECKING:
    from questionnaires.bilingual import Told

Reach = Literal["here", "inside", "everywhere"]
"""Who can open it: this machine alone, devices in the same network, or phones anywhere."""

_PORTS: Final = {"http": 80, "https": 443}
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST: Final = 253  # letters of a host name (RFC 1035)
# Names that only a network of one's own resolves (RFC 6762, 8375 and what routers give out).
_INSIDE: Final = ("local", "lan", "internal", "intranet", "home", "corp", "private", "home.arpa")
_NOWHERE: Final = ("localhost", "test", "example", "invalid")  # RFC 6761: no phone finds these


@dataclass(frozen=True, slots=True)
class Address:
    """A checked base address: scheme, host in its ASCII form, and a port where it is unusual."""

    scheme: str
    host: str
    port: int | None

    @property
    def url(self) -> str:
        """As machines read it, without a slash at the end."""
        return self._written(self.host)

    @property
    def shown(self) -> str:
        """As people read it: an internationalised name in its own letters."""
        try:
            name = self.host.encode("ascii").decode("idna")
        except UnicodeError:
            name = self.host
        return self._written(name)

    def _written(self, host: str) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{f'[{host}]' if ':' in host else host}{port}"

    @property
    def reach(self) -> Reach:
        """Who can open it, as far as the address itself tells."""
        try:
            number = ipaddress.ip_address(self.host)
        except ValueError:
            return self._reach_of_name()
        if number.is_loopback or number.is_unspecified:
            return "here"
        return "everywhere" if number.is_global else "inside"

    def _reach_of_name(self) -> Reach:
        if _under(self.host, _NOWHERE):
            return "here"
        return "inside" if "." not in self.host or _under(self.host, _INSIDE) else "everywhere"

    @property
    def secure_context(self) -> bool:
        """Whether browsers let a page here work without network (service workers)."""
        return self.scheme == "https" or _is_this_machine(self.host)


def is_private_channel(url: object) -> bool:
    """Whether nobody between here and an address reads along: https, or this machine itself."""
    if not isinstance(url, str) or not all(map(_is_plain, url)):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return _under(host, ("localhost",))


def _under(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


def parse_address(text: str) -> Address:
    """Read a base address. ConfigError says what is wrong with it and what a right one is.

    The forms that mean the same are one: capitals, a slash at the end, the scheme's own port, a
    name in its own letters. What no form could lead to is refused: a path, a query, an account.
    """
    odd = next((each for each in text if not _is_plain(each)), None)
    if odd is not None:
        raise _refusal(text, sentence("address.character", character=visible(odd)))
    parts = _parts(text)
    if parts.scheme not in _PORTS:
        raise _refusal(text, sentence("address.scheme"))
    if "@" in parts.netloc:
        raise _refusal(text, sentence("address.account"))
    if parts.path not in ("", "/"):
        raise _refusal(text, sentence("address.path", path=parts.path))
    if "?" in text or "#" in text:
        raise _refusal(text, sentence("address.query"))
    port = _port(text, parts)
    return Address(parts.scheme, _host(text, parts), None if port == _PORTS[parts.scheme] else port)


def _is_plain(character: str) -> bool:
    return character != "\\" and unicodedata.category(character)[0] not in "CZ"


def visible(text: str) -> str:
    """Return a text with every character that cannot be seen written as its number (U+200B)."""
    return "".join(
        each if _is_plain(each) or each == "\\" else f"<U+{ord(each):04X}>" for each in text
    )


def _parts(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:
        raise _refusal(text, sentence("address.host")) from error


def _port(text: str, parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise _refusal(text, sentence("address.port")) from error
    if port == 0:
        raise _refusal(text, sentence("address.port"))
    return port


def _host(text: str, parts: SplitResult) -> str:
    given = (parts.hostname or "").removesuffix(".")
    if "%" in given or not given:
        raise _refusal(text, sentence("address.host"))
    if parts.netloc.startswith("["):
        return _number(text, given)
    try:
        host = given.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise _refusal(text, sentence("address.host")) from error
    labels = host.split(".")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):  # browsers take such a name for a number
        return _number(text, host)
    if len(host) > _LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refusal(text, sentence("address.host"))
    return host


def _number(text: str, host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError as error:
        raise _refusal(text, sentence("address.host")) from error


def _refusal(text: str, what: Told) -> ConfigError:
    return ConfigError(sentence("address.refused", given=visible(text), what=what))
