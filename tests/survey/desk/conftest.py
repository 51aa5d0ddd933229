"""Staff pages behind the product's own server, and the identity provider that they may ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from survey.access import Grant, Role
from tests.served import behind_the_server
from tests.survey.desk.pages import SignIn, sign_in
from tests.survey.oidc import LocalProvider, local_provider


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The app behind the product's own server, with its bounds."""
    with behind_the_server(app) as address:
        yield address


@pytest.fixture(scope="module")
def running() -> Iterator[LocalProvider]:
    with local_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: LocalProvider) -> LocalProvider:
    """An identity provider of this machine, with nothing wrong yet."""
    running.well()
    return running


@pytest.fixture
def signed_in(app: Flask, engine: Engine) -> SignIn:
    def made(role: Role, office: str | None) -> FlaskClient:
        return sign_in(app, engine, Grant(role, office), f"{role}-{office or 'all'}")

    return made
