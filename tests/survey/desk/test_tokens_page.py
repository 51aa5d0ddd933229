"""Tokens of programs in the browser: made and shown once, revoked, of one's own offices alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine

from survey.access import Grant
from survey.store.staff_actions import By
from survey.store.tokens import add_token, find_token, list_tokens
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, save_communes
from tests.survey.desk.pages import send, sign_in

pytestmark = pytest.mark.sqlite_is_enough

BY = By(None, datetime.now(UTC))
LATER = BY.at.date() + timedelta(days=30)
NEW = {"name": "Tỉnh", "scope": "published", "office": OWN, "until": f"{LATER:%Y-%m-%d}"}


def test_a_token_is_shown_once_opens_the_api_and_ends_when_it_is_revoked(
    app: Flask, engine: Engine
) -> None:
    save_communes(engine)
    client = sign_in(app, engine, Grant("administrator", OWN))
    assert 'href="/accounts/tokens?lang=vi"' in client.get("/accounts").text
    page = send(client, "/accounts/tokens/new", NEW)
    found = re.search(r">(hailong_[\w-]{43})<", page.text)
    assert found, page.text
    assert found[1] not in client.get("/accounts/tokens").text
    sent = {"Authorization": f"Bearer {found[1]}"}
    assert app.test_client().get("/api/offices", headers=sent).status_code == 200
    assert client.get("/api/offices").status_code == 401  # a cookie opens nothing
    act = {"token": "Tỉnh"}
    sure = send(client, "/accounts/tokens/revoke", act, at="/accounts/tokens")
    assert "Thu hồi mã truy cập: Tỉnh?" in sure.text
    assert app.test_client().get("/api/offices", headers=sent).status_code == 200
    done = send(client, "/accounts/tokens/revoke", act | {"sure": "1"}, at="/accounts/tokens")
    assert done.status_code == 303
    assert app.test_client().get("/api/offices", headers=sent).status_code == 401
    assert "Đã thu hồi" in client.get("/accounts/tokens").text
    log = client.get("/log").text
    assert "tạo mã truy cập cho phần mềm “Tỉnh”: Bản công bố, đến hết ngày" in log
    assert "thu hồi mã truy cập cho phần mềm “Tỉnh”" in log


def test_an_administrator_of_an_office_reaches_no_token_of_another(
    app: Flask, engine: Engine
) -> None:
    save_communes(engine)
    for office in (BELOW, FOREIGN, None):
        add_token(engine, f"of {office}", "full", office, LATER, BY)
    client = sign_in(app, engine, Grant("administrator", OWN))
    page = client.get("/accounts/tokens").text
    assert f"of {BELOW}" in page
    assert "of None" not in page
    assert f"of {FOREIGN}" not in page
    for name in (f"of {FOREIGN}", "of None", "nobody"):
        given = {"token": name, "sure": "1"}
        assert send(client, "/accounts/tokens/revoke", given, "/accounts/tokens").status_code == 404
    for office in (FOREIGN, "", "nowhere"):
        assert send(client, "/accounts/tokens/new", NEW | {"office": office}).status_code == 404
    assert len(list_tokens(engine)) == 3
    foreign = find_token(engine, f"of {FOREIGN}")
    assert foreign is not None
    assert foreign.revoked_on is None


@pytest.mark.parametrize("wrong", [{"until": "mai"}, {"until": "2020-01-01"}, {"name": " "}])
def test_what_was_typed_stays_where_something_is_wrong(
    app: Flask, engine: Engine, wrong: dict[str, str]
) -> None:
    client = sign_in(app, engine, Grant("administrator", None))
    page = send(client, "/accounts/tokens/new", {**NEW, "scope": "full", **wrong})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert re.search(r'value="full" selected', page.text)
    assert list_tokens(engine) == []
