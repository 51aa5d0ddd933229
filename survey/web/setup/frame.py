"""What every page of the set-up shares: its sentences, and how it tells what is wrong."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, render_template
from werkzeug.exceptions import HTTPException

from survey.errors import HailongError
from survey.setup.filled import Problem
from survey.told import in_language
from survey.web.desk.frame import say, staff_frame
from survey.web.security import chosen_language


def page(template: str, /, **words: Any) -> str:
    """Return a page of the set-up in the language of the request."""
    # Who is signed in is not asked: there is nobody yet, and no database.
    return render_template(f"setup/{template}.html", **{**staff_frame(), "key": "setup"}, **words)


def message(key: str, status: int = 200, /, **words: object) -> tuple[str, int]:
    """Return a page that says one thing, and its status."""
    return page("message", said=key, words=words), status


def told(problem: Problem | HailongError | str | None) -> str:
    """Say what is wrong, in the language of the request."""
    if problem is None or isinstance(problem, str):
        return problem or ""
    if isinstance(problem, Problem):
        return say(f"setup.problem.{problem.key}", **problem.words)
    return in_language(problem.args[0], chosen_language())


_TOLD = (400, 403, 404, 405, 413, 422, 429, 500, 503)


def tell_errors(app: Flask) -> None:
    """Give every error a page in the language of the request."""

    def error(problem: HTTPException) -> Response:
        status = problem.code or 500
        known = status if status in _TOLD else (400 if status < 500 else 500)
        wait = getattr(problem, "retry_after", None)
        words = {"seconds": wait if isinstance(wait, int) else 60} if known == 429 else {}
        html, _ = message(f"error.{known}", **words)
        reply = Response(html, status=status, mimetype="text/html")
        if status in (429, 503):
            reply.headers["Retry-After"] = str(words.get("seconds", 5))
        return reply

    app.register_error_handler(HTTPException, error)
