"""What holds for every request and page: address as text, language, headers, form tokens.

Decides nothing about content.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from string import punctuation
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Flask, Request, Response, current_app, g, request
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LANGUAGES = ("vi", "en")


def chosen_language() -> str:
    """Return 'vi' or 'en', from the form or the address of this request.

    Where neither names one, staff pages have the language of the settings, all others Vietnamese.
    """
    asked = request.args.get("lang") or (_in_form() if request.method == "POST" else None)
    if asked in LANGUAGES:
        return asked
    staff = request.blueprint in current_app.config.get("STAFF_PAGES", ())
    return str(current_app.config["LANGUAGE"]) if staff else "vi"


def _in_form() -> str | None:
    try:
        return request.form.get("lang")
    except HTTPException:  # too large or broken: the error page still needs a language
        return None


_UNTYPED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


class Typed(ImmutableMultiDict[str, Any]):
    """The fields of a query or form, without control characters.

    No key of a keyboard makes one, and each is refused somewhere: NUL by PostgreSQL, others by the
    XML of a report, or in a name.
    """

    def __init__(self, fields: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__((_typed(name), _typed(value)) for name, value in fields)


def _typed(value: Any) -> Any:
    return _UNTYPED.sub("", value) if isinstance(value, str) else value


class TextRequest(Request):
    """Flask's request. Bytes of a query that no browser sends are read as if they were escaped."""

    parameter_storage_class = Typed

    def __init__(self, environ: WSGIEnvironment, *more: Any, **named: Any) -> None:
        if query := environ.get("QUERY_STRING"):
            environ["QUERY_STRING"] = quote(query, safe=punctuation, encoding="latin-1")
        super().__init__(environ, *more, **named)


COMPRESSED_TYPES = ("text/", "application/json", "image/svg+xml")
COMPRESSED_FROM = 700  # bytes; smaller pages fit one packet anyway
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FORM_LIFETIME = 7 * 24 * 3600  # seconds: a form left open over a weekend still counts


def secure(app: Flask) -> None:
    """Give every response of the app its headers and, where it pays, compression."""
    app.after_request(_add_headers)
    app.after_request(_compress)


def inline_hash(text: str) -> str:
    """Return the policy source that allows exactly this inline style or script."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def allow_inline(style: str, script: str) -> None:
    """Allow one known inline style and script on the page of this request, and no other."""
    _change({"style-src": style, "script-src": script})


def show_frame() -> None:
    """Let the page of this request show another page of ours within itself."""
    _change({"frame-src": "'self'"})


def only_looked_at() -> None:
    """Let a page of ours show the page of this request, which can send nothing."""
    _change({"frame-ancestors": "'self'", "connect-src": "'none'", "form-action": "'none'"})


def allow_elsewhere() -> None:
    """Let pages of other sites show the picture of this request, in `img` or in a frame."""
    _change({"frame-ancestors": "*"})


def _change(changes: dict[str, str]) -> None:
    g.policy = g.get("policy", {}) | changes


def takes_gzip() -> bool:
    """Tell whether the browser of this request takes gzip."""
    return "gzip" in request.headers.get("Accept-Encoding", "")


_ELSEWHERE = {"Cross-Origin-Resource-Policy": "cross-origin"}


@lru_cache(maxsize=64)
def _fixed_headers(changes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    allowed = POLICY | dict(changes)
    policy = "; ".join(f"{name} {sources}" for name, sources in allowed.items())
    headers = {"Content-Security-Policy": policy} | HEADERS
    if allowed["frame-ancestors"] == "*":
        del headers["X-Frame-Options"]
        headers |= _ELSEWHERE
    elif allowed["frame-ancestors"] == "'self'":
        headers["X-Frame-Options"] = "SAMEORIGIN"
    return headers


def _add_headers(response: Response) -> Response:
    changes: dict[str, str] = g.get("policy", {})
    response.headers.extend(_fixed_headers(tuple(changes.items())))
    if g.get("private_address"):  # it opens a form once: no page that is opened next learns it
        response.headers["Referrer-Policy"] = "no-referrer"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _compress(response: Response) -> Response:
    if (
        response.direct_passthrough
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(COMPRESSED_TYPES)
        or len(body := response.get_data()) < COMPRESSED_FROM
    ):
        return response
    response.vary.add("Accept-Encoding")
    if takes_gzip():
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form's token says: what the form asked, and when it was shown, to the second."""

    asked: str
    at: datetime

    @property
    def seconds(self) -> float:
        """How long ago that was."""
        return (datetime.now(UTC) - self.at).total_seconds()


class FormTokens:
    """Stateless proof that a citizen's form was opened here, at this address, not long ago.

    There is no session to ride on; the token keeps other sites from making a visitor's browser
    vote blindly, and what the form asked from being changed. It holds no name and sets nothing on
    the device.
    """

    def __init__(self, secret_key: str) -> None:
        self._signer = TimestampSigner(secret_key, salt="form", digest_method=hashlib.sha256)

    def issue(self, code: str, asked: str) -> str:
        """Return a token for a form of this link that asks this, dated now."""
        return self._signer.sign(f"{code} {asked}").decode()

    def read(self, code: str, token: str) -> Opened | None:
        """Return what was opened; None where the token is not of this link, or too old."""
        try:
            found, at = self._signer.unsign(token, max_age=FORM_LIFETIME, return_timestamp=True)
            subject = found.decode()
        except (BadSignature, UnicodeDecodeError):
            return None
        issued_for, _, asked = subject.partition(" ")
        return Opened(asked, at) if issued_for == code else None

    def receipt(self, code: str) -> str:
        """Return what the page of thanks of this link shows its right to be shown by.

        The same for everybody who answered there: it must not tell one response from another.
        """
        return self._signer.get_signature(f"thanks {code}").decode()

    def is_receipt(self, code: str, text: str) -> bool:
        """Tell whether a page of thanks of this link was reached by answering."""
        return hmac.compare_digest(self.receipt(code).encode(), text.encode())
