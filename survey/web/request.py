"""A request whose address is text, whatever bytes came."""

from __future__ import annotations

from string import punctuation
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class TextRequest(Request):
    """Flask's request. Bytes of a query that no browser sends are read as if they were escaped."""

    def __init__(self, environ: WSGIEnvironment, *more: Any, **named: Any) -> None:
        query = environ.get("QUERY_STRING", "")
        environ["QUERY_STRING"] = quote(query, safe=punctuation, encoding="latin-1")
        super().__init__(environ, *more, **named)
