"""The only place that turns an exception into a status: a page that a person can act on."""

from __future__ import annotations

import errno
import logging
import sqlite3
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, current_app, redirect, request
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, MethodNotAllowed, ServiceUnavailable
from werkzeug.http import http_date
from werkzeug.wrappers import Response as AnyResponse

from survey.links import ALPHABET, CODE_LENGTH, typed_code, typed_path
from survey.web.desk.frame import staff_message
from survey.web.desk.unsent import unsent_form
from survey.web.form_page import AlreadyCounted, FormAgain, FormPage, NoSlip
from survey.web.limits import DayFull
from survey.web.problems import is_for_a_program, problem_reply
from survey.web.security import chosen_language

log = logging.getLogger("hailong")

# Pages with a sentence of their own; any other status is told as the nearest of these.
_TOLD = (400, 403, 404, 405, 410, 413, 422, 429, 500, 503, 507)
DISK_FULL = "53100"  # of PostgreSQL
_MINUTES_FROM = 120  # seconds
_SLIP_STATUS = {"unknown": 404, "used": 409, "expired": 410, "withdrawn": 410}
_CITIZENS_PAGES = (
    "respond",
    "slip",
    "kiosk",
    "health",
    "open",
    "seals",
    "api",
)  # every other one is for staff


def register(app: Flask, page: FormPage) -> None:
    """Give every error of the app a page in the language of the request."""
    pages = _ErrorPages(page)
    app.register_error_handler(NoSlip, pages.no_slip)
    app.register_error_handler(FormAgain, pages.again)
    app.register_error_handler(AlreadyCounted, pages.counted)
    app.register_error_handler(HTTPException, pages.told)
    app.register_error_handler(OSError, pages.cannot_write)
    for unavailable in (OperationalError, InterfaceError, NoConnection):
        app.register_error_handler(unavailable, pages.busy)


@dataclass(frozen=True, slots=True)
class _ErrorPages:
    """What each kind of error is answered with; `page` draws those that citizens see.

    Staff are told in the words of the staff pages: a citizen's remedy is none of theirs.
    """

    page: FormPage

    def told(self, error: HTTPException) -> AnyResponse:
        if is_for_a_program():
            return problem_reply(error)
        status = error.code or 500
        meant = _meant_address() if status == 404 else None
        if meant is not None:
            return redirect(meant, code=302)
        words = {"seconds": _wait(error)} if status == 429 else {}
        if request.accept_mimetypes.best == "application/json":
            response = Response(
                f'{{"status": {status}}}', status=status, mimetype="application/json"
            )
        else:
            key = "page.day_full" if isinstance(error, DayFull) else ""
            response = self._reply(status, words, key)
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        if isinstance(error, DayFull):
            response.headers["Retry-After"] = http_date(error.retry_after)
        elif status in (429, 503):
            response.headers["Retry-After"] = str(words.get("seconds", 5))
        return response

    def busy(self, error: SQLAlchemyError) -> Response:
        # The database is locked, full or away: nothing was stored, and the page says so.
        log.error("database unavailable: %s", getattr(error, "orig", error))
        if is_for_a_program():
            return problem_reply(ServiceUnavailable())
        if _is_for_staff() and _is_full(error):
            return self._reply(507)
        response = self._reply(503)
        response.headers["Retry-After"] = "5"
        return response

    def cannot_write(self, error: OSError) -> Response:
        if not (_is_for_staff() and _is_full(error)):
            raise error  # told and logged as any other
        log.error("no room: %s", error)
        return self._reply(507)

    def again(self, error: FormAgain) -> Response:
        return Response(error.html, status=422, mimetype="text/html")

    def counted(self, error: AlreadyCounted) -> Response:
        lang, key = chosen_language(), "done.first_counted"
        html = self.page.message(lang, key, desk=error.desk, what=error.what)
        return Response(html, status=409, mimetype="text/html")

    def no_slip(self, error: NoSlip) -> Response:
        html = self.page.message(
            chosen_language(), f"slip.{error.state}", desk=error.desk, poster=error.poster
        )
        return Response(html, status=_SLIP_STATUS[error.state], mimetype="text/html")

    def _reply(self, status: int, words: dict[str, int] | None = None, key: str = "") -> Response:
        """A page for whoever asked; `key`: of a citizen's sentence that is not the status's own."""
        words = words or {}
        if _is_for_staff():
            again = unsent_form() if status == 429 or status >= 500 else None
            html = staff_message(*_told_staff(status, words), again)
        else:
            html = self.page.message(chosen_language(), key or _key(status), words)
        return Response(html, status=status, mimetype="text/html")


def _is_full(error: Exception) -> bool:
    """Whether there is no room on a disk: the server's own, or that of its database.

    SQLite has taken everything back by then, and what is told last is that nothing is left to be.
    """
    found: BaseException | None = error
    while found is not None:
        cause = getattr(found, "orig", None) or found
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return True
        if getattr(cause, "sqlstate", None) == DISK_FULL:
            return True
        found = found.__context__
    return False


def _told_staff(status: int, words: dict[str, int]) -> tuple[str, dict[str, int]]:
    """What staff are told of a status; a long wait in minutes."""
    seconds = words.get("seconds", 0)
    if seconds > _MINUTES_FROM:
        return "error.429_long", {"minutes": -(-seconds // 60)}
    return f"error.{_nearest(status)}", words


def _key(status: int) -> str:
    if request.endpoint and request.endpoint.startswith("respond."):
        own = {404: "code.unknown", 410: "code.gone"}.get(status)
        if own:
            return own
    return f"page.{_nearest(status)}"


def _nearest(status: int) -> int:
    return status if status in _TOLD else (400 if status < 500 else 500)


def _is_for_staff() -> bool:
    """Whether the request is for a staff page, or for none by a browser that staff sign in with."""
    if request.blueprint is not None:
        return request.blueprint not in _CITIZENS_PAGES
    first = request.path.split("/")[1]
    return first in _staff_paths() or current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def _staff_paths() -> set[str]:
    """With what the addresses of staff pages begin."""
    return {
        rule.rule.split("/")[1]
        for rule in current_app.url_map.iter_rules()
        if "." in rule.endpoint and rule.endpoint.partition(".")[0] not in _CITIZENS_PAGES
    }


def _meant_address() -> str | None:
    """The address that whoever typed this one meant, where the site has such a page.

    For a code without '/r/' before it too; whether it is known, its page says.
    """
    adapter = current_app.create_url_adapter(request)
    if request.url_rule is not None or request.method not in ("GET", "HEAD") or adapter is None:
        return None
    path = "/" + typed_path(request.path).lstrip("/")
    if path == "/r":
        path = "/"
    elif len(typed_code(path)) == CODE_LENGTH and set(typed_code(path)) <= set(ALPHABET):
        path = f"/r/{typed_code(path)}"
    if path == request.path or not adapter.test(path, "GET"):
        return None
    query = request.query_string.decode("ascii", "ignore")
    return f"{quote(path)}?{query}" if query else quote(path)


def _wait(error: HTTPException) -> int:
    """Seconds until the next request may come (see survey.web.limits)."""
    told = getattr(error, "retry_after", None)
    return told if isinstance(told, int) else 60
