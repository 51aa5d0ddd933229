"""Accounts of staff in tests: their password, their tokens, and how one is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from survey.access import Grant, Role
from survey.store.staff import add_staff

PASSWORD = "bốn từ không dính nhau"

SignIn = Callable[[Role, str | None], FlaskClient]
"""Makes an account, named after its role and office, and signs it in."""


def token(page: TestResponse) -> str:
    """What a form of the page has to bring back."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def send(client: FlaskClient, path: str, given: Mapping[str, object], at: str = "") -> TestResponse:
    """Send a form from the page at `at` (its own path where none is named), as a browser does."""
    fields = {"csrf_token": token(client.get(at or path)), **given}
    return client.post(path, data=fields)


def sign_in(app: Flask, engine: Engine, grant: Grant, name: str = "lan") -> FlaskClient:
    """Make an account and sign it in, in a browser of its own."""
    add_staff(engine, name, PASSWORD, date(2026, 10, 15), grant=grant)
    client = app.test_client()
    assert send(client, "/sign-in", {"name": name, "password": PASSWORD}).status_code == 303
    return client
