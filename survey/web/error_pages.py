"""The only place that turns an exception into a status: a page that a person can act on."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from survey.web.form_page import AlreadyCounted, FormAgain, FormPage
from survey.web.language import chosen_language

log = logging.getLogger("hailong")

# Pages with a sentence of their own; any other status is told as the nearest of these.
_TOLD = (400, 403, 404, 405, 410, 413, 422, 429, 500, 503)


def register(app: Flask, page: FormPage) -> None:
    """Give every error of the app a page in the language of the request."""

    def told(error: HTTPException) -> Response:
        status = error.code or 500
        words = {"seconds": _wait(error)} if status == 429 else {}
        if request.accept_mimetypes.best == "application/json":
            response = Response(
                f'{{"status": {status}}}', status=status, mimetype="application/json"
            )
        else:
            html = page.message(chosen_language(), _key(status), words)
            response = Response(html, status=status, mimetype="text/html")
        if status in (429, 503):
            response.headers["Retry-After"] = str(words.get("seconds", 5))
        return response

    def busy(error: OperationalError) -> Response:
        # The database is locked, full or away: nothing was stored, and the page says so.
        log.error("database unavailable: %s", error.orig)
        html = page.message(chosen_language(), "page.503")
        return Response(html, status=503, mimetype="text/html", headers={"Retry-After": "5"})

    def again(error: FormAgain) -> Response:
        return Response(error.html, status=422, mimetype="text/html")

    def counted(error: AlreadyCounted) -> Response:
        html = page.message(chosen_language(), "done.first_counted", desk=error.desk)
        return Response(html, status=409, mimetype="text/html")

    app.register_error_handler(FormAgain, again)
    app.register_error_handler(AlreadyCounted, counted)
    app.register_error_handler(HTTPException, told)
    app.register_error_handler(OperationalError, busy)


def _key(status: int) -> str:
    if request.endpoint and request.endpoint.startswith("respond."):
        own = {404: "code.unknown", 410: "code.gone"}.get(status)
        if own:
            return own
    nearest = status if status in _TOLD else (400 if status < 500 else 500)
    return f"page.{nearest}"


def _wait(error: HTTPException) -> int:
    """Seconds until the next request may come (see survey.web.pace)."""
    told = getattr(error, "retry_after", None)
    return told if isinstance(told, int) else 60
