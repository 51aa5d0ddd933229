"""Sign-in through an identity provider, tried against one on loopback that is right or wrong."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import Engine
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from survey.access import Grant
from survey.app import create_app
from survey.config import Config, load_config
from survey.errors import ConfigError
from survey.identity import KEYS_AGAIN, Provider, provider_of
from survey.store.identities import link_identity
from survey.store.staff import add_staff, count_staff, stop_staff
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.web.desk import provider as pages
from tests.axe import in_both_colours
from tests.chromium import NewContext
from tests.survey.desk.pages import PASSWORD, send, sign_in, token
from tests.survey.desk.seen import RULES, checked
from tests.survey.oidc import (
    CLIENT,
    SECRET,
    WAYS,
    LocalProvider,
    answered,
    new_key,
    state_of,
)
from tests.survey.two_step import turn_on

pytestmark = pytest.mark.sqlite_is_enough  # its SQL is tried in tests/survey/store

GO, WANTED, NAME = "/sign-in/provider", "/results/1999-01", "Cổng cán bộ tỉnh"
OFFICER = Grant("officer", "trieu-son")


@pytest.fixture
def settings(config: Config, provider: LocalProvider) -> Config:
    return replace(
        config,
        base_url="http://localhost",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_name=NAME,
    )


@pytest.fixture
def app(settings: Config, engine: Engine) -> Flask:
    return create_app(settings, engine)


@pytest.fixture
def lan(app: Flask, engine: Engine, settings: Config, provider: LocalProvider) -> FlaskClient:
    """Signed in by the password; the account is linked to person-1."""
    client = sign_in(app, engine, OFFICER)
    link_identity(engine, "lan", provider.issuer, "person-1", By("lan", moment()))
    return client


def moment() -> datetime:
    return datetime.now(UTC)


def through(client: FlaskClient, target: str = WANTED) -> TestResponse:
    """Press the button, be signed in by the provider, and come back."""
    asked = client.get(f"{GO}?next={target}")
    assert asked.status_code == 303, asked.text
    return client.get(answered(asked.headers["Location"]))


def signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_without_a_provider_in_the_settings_there_is_none(
    make_client: Callable[..., FlaskClient],
) -> None:
    client = make_client()
    assert "Đăng nhập bằng" not in client.get("/sign-in").text
    for path in (GO, f"{GO}/back?code=x&state=y"):
        assert client.get(path).status_code == 404


def test_an_account_is_linked_by_its_holder_with_the_password_and_then_signs_in(
    app: Flask, engine: Engine, provider: LocalProvider
) -> None:
    client = sign_in(app, engine, OFFICER)
    assert client.get("/account/provider/go").headers["Location"].startswith("/account/provider?")
    wrong = send(client, "/account/provider", {"act": "link", "current": "sai"})
    assert wrong.status_code == 422
    assert client.get("/account/provider/go").headers["Location"].startswith("/account/provider?")
    ready = send(client, "/account/provider", {"act": "link", "current": PASSWORD})
    assert 'href="/account/provider/go?lang=vi"' in ready.text
    asked = client.get("/account/provider/go")
    done = client.get(answered(asked.headers["Location"]))
    assert done.headers["Location"].startswith("/account/provider?done=linked")
    assert f"từ nay đăng nhập được bằng {NAME}" in client.get(done.headers["Location"]).text
    other = app.test_client()
    assert f"Đăng nhập bằng {NAME}" in other.get("/sign-in").text
    back = through(other)
    assert (back.status_code, back.headers["Location"]) == (303, WANTED)
    assert signed_in(other)
    done_by = [(one.name, one.action) for one in list_actions(engine, DoneFilter())]
    assert done_by[:2] == [("lan", "signed_in"), ("lan", "identity_linked")]
    other.post("/sign-out", data={"csrf_token": token(other.get("/account"))})
    assert not signed_in(other)
    off = send(client, "/account/provider", {"act": "unlink", "current": PASSWORD})
    assert off.status_code == 303
    assert through(other).status_code == 403


def test_it_makes_no_account_whatever_the_provider_says_of_a_person(
    app: Flask, lan: FlaskClient, engine: Engine, provider: LocalProvider
) -> None:
    provider.who = "person-2"
    provider.claims = {"email": "lan", "preferred_username": "lan", "name": "lan"}
    client = app.test_client()
    page = through(client)
    assert page.status_code == 403
    assert "chưa có tài khoản nào ở đây liên kết" in page.text
    assert not signed_in(client)
    assert count_staff(engine) == 1


NOW = int(time.time())
WRONG: dict[str, dict[str, object]] = {
    "another signature": {"signer": new_key("one")},
    "no signature": {"unsigned": True},
    "signed with the client's secret": {"by_secret": True},
    "another audience": {"claims": {"aud": "another"}},
    "another audience, for us": {"claims": {"aud": "another", "azp": CLIENT}},
    "two audiences, for the other": {"claims": {"aud": [CLIENT, "x"], "azp": "x"}},
    "another issuer": {"claims": {"iss": "https://other.example"}},
    "over": {"claims": {"iat": NOW - 900, "exp": NOW - 120}},
    "of the future": {"claims": {"iat": NOW + 86_400, "exp": NOW + 90_000}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "no subject": {"claims": {"sub": ""}},
    "a subject that is no text": {"claims": {"sub": 1}},
    "no end": {"claims": {"exp": None}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_answer_that_does_not_hold_lets_nobody_in(
    app: Flask, lan: FlaskClient, provider: LocalProvider, wrong: dict[str, object]
) -> None:
    for name, value in wrong.items():
        setattr(provider, name, value)
    client = app.test_client()
    page = through(client)
    assert page.status_code == 502
    assert "không xác nhận được câu trả lời" in page.text
    assert not signed_in(client)
    provider.well()
    assert through(client).status_code == 303


def test_an_answer_is_good_once_in_the_browser_that_asked(
    app: Flask, lan: FlaskClient, provider: LocalProvider
) -> None:
    provider.forgetful = True  # so that nothing but our own memory stands in the way
    client, thief = app.test_client(), app.test_client()
    asked = client.get(GO)
    before = client.get_cookie("staff")
    assert before is not None
    back = answered(asked.headers["Location"])
    assert thief.get(back).status_code == 400  # who did not ask
    thief.get(GO)
    assert thief.get(back).status_code == 400  # who asked something else
    assert client.get(back).status_code == 303
    replay = app.test_client()
    replay.set_cookie("staff", before.value)
    page = replay.get(back)
    assert page.status_code == 400
    assert "đã dùng rồi" in page.text
    assert not signed_in(replay)


def test_an_answer_that_comes_late_or_names_another_issuer_is_none(
    app: Flask, lan: FlaskClient, monkeypatch: pytest.MonkeyPatch, provider: LocalProvider
) -> None:
    client = app.test_client()
    back = answered(client.get(GO).headers["Location"])
    with client.session_transaction() as kept:
        kept["asked"] = kept["asked"] | {"at": int(time.time()) - pages.ANSWER_WITHIN - 1}
    assert client.get(back).status_code == 400
    back = answered(client.get(GO).headers["Location"])
    assert client.get(back.replace("&iss=http", "&iss=https")).status_code == 400
    assert client.get(f"{GO}/back").status_code == 400


def test_what_is_asked_is_random_and_bound_to_a_secret_of_ours(
    app: Flask, lan: FlaskClient, provider: LocalProvider
) -> None:
    asked = [app.test_client().get(GO).headers["Location"] for _ in range(2)]
    assert len({state_of(one) for one in asked}) == 2
    client = app.test_client()
    back = answered(client.get(GO).headers["Location"])
    (given,) = provider.codes.values()
    assert len(given["code_challenge"]) == 43
    given["code_challenge"] = "A" * 43  # a code that was asked for with another verifier
    assert client.get(back).status_code == 502


def test_who_is_refused_at_the_provider_is_told(
    app: Flask, lan: FlaskClient, provider: LocalProvider
) -> None:
    provider.denies = True
    page = through(app.test_client())
    assert page.status_code == 403
    assert "không cho đăng nhập" in page.text


def test_a_provider_that_is_away_keeps_nobody_out(
    app: Flask, lan: FlaskClient, provider: LocalProvider, engine: Engine
) -> None:
    provider.away = True
    client = app.test_client()
    page = client.get(f"{GO}?lang=en")
    assert page.status_code == 503
    assert f"{NAME} cannot be reached" in page.text
    assert send(client, "/sign-in", {"name": "lan", "password": PASSWORD}).status_code == 303


def test_a_provider_that_describes_itself_wrongly_is_not_asked(
    app: Flask, provider: LocalProvider
) -> None:
    wrong = ({"issuer": "https://x.example"}, {"token_endpoint": "http://192.0.2.1/token"})
    for description in wrong:
        provider.description = description
        assert app.test_client().get(GO).status_code == 502


def test_new_keys_of_the_provider_are_fetched_and_not_with_every_answer(
    app: Flask, lan: FlaskClient, provider: LocalProvider, settings: Config
) -> None:
    assert through(app.test_client()).status_code == 303
    known = provider.key
    try:
        provider.key = new_key("two")
        assert through(app.test_client()).status_code == 502  # so soon nobody looks again
        passed = [0.0]
        fresh = provider_of(settings)
        assert fresh is not None
        fresh.clock = lambda: time.time() + passed[0]
        assert subject(fresh) == "person-1"
        provider.key = new_key("three")
        passed[0] = KEYS_AGAIN + 1
        assert subject(fresh) == "person-1"
        assert provider.asked.count("/.well-known/openid-configuration") == 2
    finally:
        provider.key = known


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "none"])
def test_the_client_proves_who_it_is_as_the_provider_wants_it(
    settings: Config, provider: LocalProvider, way: str
) -> None:
    provider.description = {WAYS: [way]}
    ours = replace(settings, oidc_client_secret="" if way == "none" else SECRET)
    asking = provider_of(ours)
    assert asking is not None
    assert subject(asking) == "person-1"


def subject(provider: Provider) -> str:
    question = provider.ask()
    back = answered(question.url)
    code = back.partition("code=")[2].partition("&")[0]
    return provider.subject(code, question.verifier, question.nonce)


def test_the_second_step_is_asked_for_after_the_provider_too(
    app: Flask, lan: FlaskClient, engine: Engine, settings: Config
) -> None:
    turn_on(engine, settings.secret_key, "lan", moment())
    client = app.test_client()
    assert through(client).headers["Location"].startswith("/sign-in/code?")
    assert not signed_in(client)


def test_an_account_out_of_use_is_not_signed_in(
    app: Flask, lan: FlaskClient, engine: Engine
) -> None:
    add_staff(engine, "boss", PASSWORD, moment().date())
    stop_staff(engine, "lan")
    assert through(app.test_client()).status_code == 403


def test_a_person_who_is_linked_to_another_account_is_not_linked_twice(
    app: Flask, lan: FlaskClient, engine: Engine
) -> None:
    an = sign_in(app, engine, OFFICER, "an")
    send(an, "/account/provider", {"act": "link", "current": PASSWORD})
    page = an.get(answered(an.get("/account/provider/go").headers["Location"]))
    assert page.status_code == 409
    assert "liên kết với một tài khoản khác" in page.text


def test_what_was_asked_to_link_one_account_links_no_other(
    app: Flask, engine: Engine, provider: LocalProvider
) -> None:
    client = sign_in(app, engine, OFFICER)
    send(client, "/account/provider", {"act": "link", "current": PASSWORD})
    back = answered(client.get("/account/provider/go").headers["Location"])
    with client.session_transaction() as kept:
        asked = kept["asked"]
    an = sign_in(app, engine, OFFICER, "an")
    with an.session_transaction() as kept:
        kept["asked"] = asked
    assert an.get(back).status_code == 400
    assert through(app.test_client()).status_code == 403


def test_an_administrator_sees_who_is_linked_and_unlinks(
    app: Flask, lan: FlaskClient, engine: Engine
) -> None:
    boss = sign_in(app, engine, Grant("administrator", "trieu-son"), "boss")
    assert "Đang dùng · Có liên kết" in boss.get("/accounts").text
    act, page = {"account": "lan", "act": "unlink"}, "/accounts/invite"
    asked = send(boss, "/accounts/act", act, at=page)
    assert "mật khẩu vẫn dùng được" in asked.text
    assert send(boss, "/accounts/act", act | {"sure": "1"}, at=page).status_code == 303
    assert through(app.test_client()).status_code == 403
    assert "bỏ liên kết lan với nơi cung cấp danh tính" in boss.get("/log").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_issuer": "https://a.example"}, "belong together"),
        ({"oidc_client_id": "x"}, "belong together"),
        ({"oidc_name": "x"}, "belong together"),
        ({"oidc_issuer": "http://a.example", "oidc_client_id": "x"}, "https:// address"),
        ({"oidc_issuer": "a.example", "oidc_client_id": "x"}, "https:// address"),
        ({"oidc_issuer": "https://u@a.example", "oidc_client_id": "x"}, "https:// address"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    config: Config, given: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config(config.data, {}, **given)
    right = {"oidc_issuer": "https://a.example/realms/x", "oidc_client_id": "x"}
    assert load_config(config.data, {}, **right).oidc_client_id == "x"


@contextmanager
def served(settings: Config, engine: Engine) -> Iterator[str]:
    """The application at the address to which the provider sends people back."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        site = f"http://127.0.0.1:{port}"
        app = create_app(replace(settings, base_url=site), engine)
        server = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_pages_fit_and_a_browser_goes_there_and_back(
    new_context: NewContext, settings: Config, engine: Engine, provider: LocalProvider
) -> None:
    """In real Chromium, whose policy for forms lets none lead to another site."""
    add_staff(engine, "lan", PASSWORD, moment().date(), grant=OFFICER)
    with served(settings, engine) as site:
        page: Page = new_context().new_page()
        page.goto(f"{site}/sign-in")
        checked(page)
        page.locator("#name").fill("lan")
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.locator("nav.menu").wait_for()
        page.goto(f"{site}/account/provider")
        checked(page)
        page.locator("#current").fill(PASSWORD)
        page.locator("main button").click()
        page.get_by_role("link", name=f"Đến {NAME}").wait_for()
        page.get_by_role("link", name=f"Đến {NAME}").click()
        page.locator(".done").wait_for()
        page.locator("header button").click()
        page.get_by_role("link", name=f"Đăng nhập bằng {NAME}").click()
        page.locator("nav.menu").wait_for()
        assert page.url == f"{site}/today"
        page.locator("header button").click()
        provider.who = "person-2"
        page.goto(f"{site}/sign-in?lang=en")
        page.get_by_role("link", name=f"Sign in with {NAME}").click()
        page.get_by_text("no account here is linked to you").wait_for()
        checked(page)
        assert in_both_colours(page, RULES) == []
        page.locator("#name").fill("lan")
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.locator("nav.menu").wait_for()


def test_what_stands_in_an_answer_beside_what_is_known_leads_nowhere(
    app: Flask, lan: FlaskClient, provider: LocalProvider
) -> None:
    client = app.test_client()
    long = "/results/1999-01?x=" + "x" * 5000
    asked = client.get(GO, query_string={"lang": "en", "next": long})
    back = answered(asked.headers["Location"]) + "&_scheme=ftp&_external=1&endpoint=x"
    again = client.get(back)
    assert again.headers["Location"].startswith(f"{GO}/back?code=")
    assert "ftp" not in again.headers["Location"]
    assert client.get(again.headers["Location"]).headers["Location"] == "/today"
