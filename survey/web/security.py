"""Headers, compression and form tokens for every page. Decides nothing about content."""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64encode
from functools import lru_cache

from flask import Flask, Response, g, request
from itsdangerous import BadSignature, TimestampSigner

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
    g.inline = style, script


def takes_gzip() -> bool:
    """Tell whether the browser of this request takes gzip."""
    return "gzip" in request.headers.get("Accept-Encoding", "")


@lru_cache(maxsize=64)
def _fixed_headers(style: str, script: str) -> dict[str, str]:
    allowed = POLICY | {"style-src": style, "script-src": script}
    policy = "; ".join(f"{name} {sources}" for name, sources in allowed.items())
    return {"Content-Security-Policy": policy} | HEADERS


def _add_headers(response: Response) -> Response:
    inline: tuple[str, str] = g.get("inline", (POLICY["style-src"], POLICY["script-src"]))
    response.headers.extend(_fixed_headers(*inline))
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


class FormTokens:
    """Stateless proof that a citizen's form was opened here, at this address, not long ago.

    There is no session to ride on; the token keeps other sites from making a visitor's browser
    vote blindly. It holds no name and sets nothing on the device.
    """

    def __init__(self, secret_key: str) -> None:
        self._signer = TimestampSigner(secret_key, salt="form", digest_method=hashlib.sha256)

    def issue(self, code: str) -> str:
        """Return a token for the form of this link, dated now."""
        return self._signer.sign(code).decode()

    def holds(self, code: str, token: str) -> bool:
        """Tell whether the token was issued for this link within its lifetime."""
        try:
            return self._signer.unsign(token, max_age=FORM_LIFETIME).decode() == code
        except (BadSignature, UnicodeDecodeError):
            return False
