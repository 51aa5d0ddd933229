"""The OpenAPI 3.1 document, made from the application's own routes.

A view says by `described` what it gives; addresses and methods are those of the routes, so that the
document has every route of the API, and none that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final, TypeVar

from werkzeug.routing import Map, Rule

from questionnaires import Sentences, load_sentences
from survey.web.api_schemas import SCHEMAS

OPENAPI: Final = "3.1.1"
PROBLEM_TYPE: Final = "application/problem+json"
SCHEME: Final = "token"

_View = TypeVar("_View", bound=Callable[..., Any])
_OPERATION: Final = "api_operation"
_IN_PATH: Final = re.compile(r"<(?:\w+:)?(\w+)>")

# Years from 1900 to 2199, as `analysis.period` reads them; rolling years begin in one of them.
_YEAR, _ROLLING, _MONTH = "(19|2[01])[0-9]{2}", "(19[1-9]|2[01][0-9])[0-9]", "(0[1-9]|1[0-2])"
_PERIOD: Final = f"^({_YEAR}(-{_MONTH}|-Q[1-4]|-H[12])?|12m:{_ROLLING}-{_MONTH})$"
_IN_QUERY: Final = {
    "lang": {"type": "string", "enum": ["vi", "en"], "default": "vi"},
    "view": {"type": "string", "enum": ["published", "full"]},
}
_PATH_SCHEMAS: Final = {
    "office": {"type": "string", "minLength": 1, "maxLength": 64},
    "period": {"type": "string", "pattern": _PERIOD},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What a route gives: `name` finds its words, `schema` is that of status 200.

    `public`: it asks for no token. `computed`: it may have to be asked again (202). `queries`: what
    may be asked for; `problems`: statuses that tell of a problem.
    """

    name: str
    schema: str
    public: bool = False
    computed: bool = False
    queries: tuple[str, ...] = ()
    problems: tuple[int, ...] = ()


@cache
def api_words() -> Sentences:
    """Everything said by and about the API, checked for both languages."""
    return load_sentences(files("survey") / "data" / "api.toml")


def described(operation: Operation) -> Callable[[_View], _View]:
    """Say what a view gives."""

    def decorate(view: _View) -> _View:
        setattr(view, _OPERATION, operation)
        return view

    return decorate


def openapi(routes: Map, views: dict[str, Callable[..., Any]], lang: str) -> dict[str, Any]:
    """The document, in a language. Every route below /api has to be described."""
    say = api_words().get
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(routes.iter_rules(), key=lambda rule: rule.rule):
        view = views[rule.endpoint]
        if rule.rule.startswith("/api/") or hasattr(view, _OPERATION):
            operation: Operation = getattr(view, _OPERATION)
            path = _IN_PATH.sub(r"{\1}", rule.rule)
            paths[path] = {"get": _operation(operation, rule, lang)}
    return {
        "openapi": OPENAPI,
        "info": {
            "title": say("info.title", lang),
            "description": say("info.text", lang),
            "version": version("hailong"),
        },
        "servers": [{"url": "/"}],
        "security": [{SCHEME: []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                SCHEME: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": say("info.token", lang),
                }
            },
        },
    }


def _operation(operation: Operation, rule: Rule, lang: str) -> dict[str, Any]:
    say = api_words().get
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": say(f"operation.{operation.name}.name", lang),
        "description": say(f"operation.{operation.name}.text", lang),
        "parameters": list(_parameters(operation, rule, lang)),
        "responses": dict(_responses(operation, lang)),
    }
    return found | ({"security": []} if operation.public else {})


def _parameters(operation: Operation, rule: Rule, lang: str) -> Iterator[dict[str, Any]]:
    say = api_words().get
    for name in _IN_PATH.findall(rule.rule):
        text = say(f"parameter.{name}", lang)
        schema = _PATH_SCHEMAS[name]
        yield {"name": name, "in": "path", "required": True, "description": text, "schema": schema}
    for name in operation.queries:
        text = say(f"parameter.{name}", lang)
        yield {"name": name, "in": "query", "description": text, "schema": _IN_QUERY[name]}
    text = say("parameter.known", lang)
    yield {
        "name": "If-None-Match",
        "in": "header",
        "description": text,
        "schema": {"type": "string"},
    }


def _responses(operation: Operation, lang: str) -> Iterator[tuple[str, dict[str, Any]]]:
    say = api_words().get
    etag = {"ETag": {"description": say("header.etag", lang), "schema": {"type": "string"}}}
    again = {
        "Retry-After": {
            "description": say("header.again", lang),
            "schema": {"type": "integer", "minimum": 1},
        }
    }
    yield "200", _response(say("response.200", lang), operation.schema, headers=etag)
    if operation.computed:
        yield "202", _response(say("response.202", lang), "Computing", headers=again)
    yield "304", {"description": say("response.304", lang), "headers": etag}
    for status in sorted(operation.problems):
        headers = again if status in (429, 503) else {}
        phrase = HTTPStatus(status).phrase
        yield str(status), _response(phrase, "Problem", PROBLEM_TYPE, headers=headers)


def _response(
    text: str, schema: str, mimetype: str = "application/json", *, headers: dict[str, Any]
) -> dict[str, Any]:
    content = {mimetype: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": text, "content": content} | ({"headers": headers} if headers else {})
