"""Hostile requests: none is answered by 5xx, and nothing is stored that breaks a rule.

Five hundred of those of `benchmarks/fuzz.py`, which sends twenty thousand to the real server.
"""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from flask import Flask
from werkzeug.test import run_wsgi_app

from benchmarks.fuzz import Hostile, Request, broken_rules, is_failure
from survey.app import create_app
from survey.store.responses import count_responses
from tests.survey.conftest import Citizen

SEED = 20261129


def status_of(app: Flask, request: Request) -> int:
    """The status of a request, handed over as a server hands it over: bytes as Latin-1."""
    path, _, query = request.target.partition(b"?")
    environ = {
        "REQUEST_METHOD": request.method.decode("latin-1"),
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.head:
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        environ[key] = value.decode("latin-1")
    body, status, headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    text = "".join(f"{key}{value}" for key, value in headers)
    assert "\r" not in text
    assert "\n" not in text
    b"".join(body)
    return int(status.split()[0])


@pytest.mark.sqlite_is_enough
def test_none_is_our_fault_and_nothing_stored_breaks_a_rule(config, engine, citizen):
    make: Citizen = citizen
    make.open()
    app = create_app(config, engine)
    hostile = Hostile(f"/r/{make.code}", make.hidden["token"], SEED)
    requests = [hostile.request() for _ in range(500)]
    failed = [one for one in requests if is_failure(status_of(app, one))]
    assert failed == []
    assert list(broken_rules(engine, f"{datetime.now(config.zone):%Y-%m-%d}")) == []
    assert count_responses(engine) > 0  # some are spoilt where it does no harm


@pytest.mark.sqlite_is_enough
def test_what_breaks_a_rule_is_seen(engine):
    from survey.intake import Response
    from survey.store.responses import add_response

    add_response(
        engine,
        Response("no-uuid", "desk@1", "trieu-son", "space", "poster", date(2020, 1, 5),
                 "9-----", comment="a" * 2000),
    )  # fmt: skip
    assert len(list(broken_rules(engine, "2020-01-06"))) == 5
