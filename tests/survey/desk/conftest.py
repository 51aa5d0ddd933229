"""Staff pages behind the product's own server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from survey.access import Grant, Role
from survey.serving import server
from tests.survey.desk.pages import SignIn, sign_in
from tests.waiting import PATIENCE


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The app behind the product's own server, with its bounds."""
    ended = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = server.make_server(app, listening)
        thread = Thread(target=server.run, args=(serving, lambda: not ended.is_set(), lambda: None))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            serving.pull_trigger()
            thread.join(PATIENCE)
            serving.trigger.close()


@pytest.fixture
def signed_in(app: Flask, engine: Engine) -> SignIn:
    def made(role: Role, office: str | None) -> FlaskClient:
        return sign_in(app, engine, Grant(role, office), f"{role}-{office or 'all'}")

    return made
