"""A web application over a set-up office, and a person who fills in its forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from survey.app import create_app
from survey.config import Config
from survey.figures.asking import Asking
from survey.figures.calculator import compute_for
from survey.store import tables

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def hidden_fields(html: str) -> dict[str, str]:
    return dict(HIDDEN.findall(html))


@dataclass
class Citizen:
    """Opens a counter's form and sends it, as a browser without JavaScript does."""

    client: FlaskClient
    code: str
    hidden: dict[str, str] = field(default_factory=dict)

    def open(self, query: str = "", **headers: str) -> TestResponse:
        # The cookie of the last visit is not looked at, as for somebody new, unless asked for.
        headers = {"Sec-Fetch-Dest": "empty"} | headers
        page = self.client.get(f"/r/{self.code}{query}", headers=headers)
        self.hidden = hidden_fields(page.text)
        return page

    def send(self, answers: Mapping[str, object], **changed: str) -> TestResponse:
        if not self.hidden:
            self.open()
        return self.client.post(f"/r/{self.code}", data=self.hidden | dict(answers) | changed)


class Beside(Asking):
    """Has figures computed in a thread: this process has loaded the analysis stack already.

    The process of its own is the subject of test_calculator.
    """

    thread: Thread | None = None

    def start(self) -> None:
        if self.thread is None or not self.thread.is_alive():
            self.thread = Thread(target=compute_for, args=(self._config, 0.1))
            self.thread.start()

    def close(self) -> None:
        if self.thread is not None:
            self.thread.join()


@pytest.fixture
def figures(config: Config) -> Iterator[Asking]:
    """What the results page asks; it waits as long as it takes."""
    figures = Beside(config, patience=120)
    yield figures
    figures.close()


@pytest.fixture
def app(config: Config, engine: Engine, figures: Asking) -> Flask:
    return create_app(config, engine, figures)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def poster_code(engine: Engine, counter: str) -> str:
    link = select(tables.link.c.code).join(tables.counter).where(tables.counter.c.id == counter)
    with engine.connect() as connection:
        return connection.execute(link).scalar_one()


@pytest.fixture
def citizen(client: FlaskClient, engine: Engine) -> Citizen:
    """Somebody at the counter that serves one sector."""
    return Citizen(client, poster_code(engine, "quay-1"))


@pytest.fixture
def citizen_of_many_sectors(client: FlaskClient, engine: Engine) -> Citizen:
    """Somebody at a counter that serves several sectors."""
    return Citizen(client, poster_code(engine, "quay-3"))


@pytest.fixture
def citizen_at(client: FlaskClient, engine: Engine) -> Callable[..., Citizen]:
    """Somebody at any counter."""

    def at(counter: str, own_client: FlaskClient | None = None) -> Citizen:
        return Citizen(own_client or client, poster_code(engine, counter))

    return at


@pytest.fixture
def make_client(config: Config, engine: Engine) -> Callable[..., FlaskClient]:
    """An app with other settings over the same database."""

    def make(**settings: object) -> FlaskClient:
        return create_app(replace(config, **settings), engine).test_client()  # type: ignore[arg-type]

    return make
