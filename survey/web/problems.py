"""What a program is told that does not get what it asked for: one shape (RFC 9457).

`where`, `what` and `remedy` are for whoever looks after the program, `code` for the program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from survey.told import in_language
from survey.web.openapi import PROBLEM_TYPE, api_words
from survey.web.security import chosen_language

_BY_STATUS: Final = {404: "no_page", 405: "method", 429: "too_often", 503: "away"}
_AGAIN_SECONDS: Final = 5


class ApiProblem(HTTPException):
    """Why a program does not get what it asked for: `key` names the sentences.

    `words` are told in them, in both languages where they know these.
    """

    def __init__(
        self,
        status: int,
        key: str,
        *,
        where: str = "",
        sent: Mapping[str, str] | None = None,
        **words: object,
    ) -> None:
        super().__init__()
        self.code, self.key, self.where = status, key, where
        self.sent, self.words = dict(sent or {}), words


def is_for_a_program() -> bool:
    """Whether this request is one of the API, there or not."""
    return request.path == "/api" or request.path.startswith("/api/")


def problem_reply(error: HTTPException) -> Response:
    """The answer to a request that failed, whatever failed."""
    if isinstance(error, ApiProblem):
        status, key, words = error.code or 500, error.key, error.words
        where, sent = error.where or request.path, error.sent
    else:
        status = error.code or 500
        key = _BY_STATUS.get(status, "asked" if status < 500 else "fault")
        where, words, sent = request.path, {}, {}
    lang = chosen_language()
    said = {name: in_language(value, lang) for name, value in words.items()}
    if status == 429:
        seconds = getattr(error, "retry_after", None)
        sent = {"Retry-After": str(seconds if isinstance(seconds, int) else 60)}
        said["seconds"] = sent["Retry-After"]
    elif status == 503:
        sent = {"Retry-After": str(_AGAIN_SECONDS)} | sent
    elif isinstance(error, MethodNotAllowed):
        sent = {"Allow": ", ".join(sorted(error.valid_methods or ()))}
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": key,
        "where": where,
        "what": api_words().get(f"problem.{key}.what", lang, **said),
        "remedy": api_words().get(f"problem.{key}.remedy", lang, **said),
    }
    text = json.dumps(content, ensure_ascii=False)
    reply = Response(text, status=status, mimetype=PROBLEM_TYPE, headers=sent)
    reply.headers["Content-Language"] = lang
    return reply
