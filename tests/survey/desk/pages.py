"""Accounts of staff in tests: their password, their tokens, and how one is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from html import unescape

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


def fields(page: TestResponse) -> dict[str, str]:
    """What a browser sends back of the last form of a page, as it stands there."""
    form = page.text[page.text.rindex("<form") :]
    given: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {which}="([^"]*)"', tag) for which in ("name", "value"))
        if name and value:
            given[name[1]] = unescape(value[1])
    return given


def typed(page: TestResponse) -> tuple[str, dict[str, object]]:
    """The largest form of a page: where it goes, and what a browser sends of it."""
    forms = re.findall(r"<form[^>]*>.*?</form>", page.text, re.DOTALL)
    form = max(forms, key=lambda one: len(re.findall(r" name=", one)))
    given: dict[str, list[str]] = {}

    def add(name: str | None, value: str | None) -> None:
        if name:
            given.setdefault(name, []).append(unescape(value or ""))

    for tag in re.findall(r"<input[^>]*>", form):
        if "checkbox" not in tag or " checked" in tag:
            add(_attribute(tag, "name"), _attribute(tag, "value"))
    for head, body in re.findall(r"(<textarea[^>]*>)(.*?)</textarea>", form, re.DOTALL):
        add(_attribute(head, "name"), body)
    for head, body in re.findall(r"(<select[^>]*>)(.*?)</select>", form, re.DOTALL):
        options = re.findall(r"<option[^>]*>", body)
        chosen = next((one for one in options if " selected" in one), options[0])
        add(_attribute(head, "name"), _attribute(chosen, "value"))
    flat = {name: values if len(values) > 1 else values[0] for name, values in given.items()}
    return unescape(_attribute(form, "action") or ""), flat


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf' {name}="([^"]*)"', tag)
    return found[1] if found else None


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
