"""Sign-in: guessing is slow, nobody can keep an officer out, and a session ends when it should."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event, Lock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from survey.app import create_app
from survey.store.staff import add_staff
from survey.web.desk import sign_in as pages
from survey.web.desk.sign_in import LONGEST_SESSION
from survey.web.limits import TRIES_A_MINUTE, Limits
from tests.waiting import wait_until

# No SQL of its own is at stake.
pytestmark = pytest.mark.sqlite_is_enough

PASSWORD = "bốn từ không dính nhau"
PAGE = "/results/1999-01"  # of a signed-in person, with nothing to compute
OFFICE, ELSEWHERE = "192.168.1.20", "203.0.113.9"
TODAY = date(2026, 10, 15)


@pytest.fixture(autouse=True)
def lan(engine: Engine) -> None:
    add_staff(engine, "lan", PASSWORD, TODAY)
    add_staff(engine, "an", PASSWORD, TODAY)


def token(client: FlaskClient, path: str = "/sign-in") -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)[1]


def sign_out(client: FlaskClient) -> None:
    data = {"csrf_token": token(client, PAGE)}
    assert client.post("/sign-out", data=data).status_code == 303


def sign_in(
    client: FlaskClient,
    password: str = PASSWORD,
    name: str = "lan",
    address: str = OFFICE,
    target: str = "/results",
) -> TestResponse:
    return client.post(
        "/sign-in",
        query_string={"next": target},
        data={"csrf_token": token(client), "name": name, "password": password},
        environ_overrides={"REMOTE_ADDR": address},
    )


def guess(app: Flask, times: int = 20, name: str = "lan", address: str = OFFICE) -> list[int]:
    client = app.test_client()
    return [sign_in(client, f"{n}. lần đoán", name, address).status_code for n in range(times)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of passwords that takes no time; that the real one is right is told elsewhere."""
    real = pages.verify_password

    def check(engine: Engine, name: str, password: str) -> object:
        return real(engine, name, password) if password == PASSWORD else None

    monkeypatch.setattr(pages, "verify_password", check)


@pytest.mark.usefixtures("quick")
class TestGuessing:
    def test_it_is_slowed_down_and_told_how_long_to_wait(self, app):
        statuses = guess(app)
        assert statuses == [200] * TRIES_A_MINUTE + [429] * (20 - TRIES_A_MINUTE)

    def test_elsewhere_it_keeps_no_officer_out(self, app):
        assert 429 in guess(app, address=ELSEWHERE)
        assert sign_in(app.test_client()).status_code == 303

    def test_in_the_office_s_own_network_it_keeps_out_no_browser_that_signed_in_before(self, app):
        officer = app.test_client()
        assert sign_in(officer).status_code == 303
        sign_out(officer)
        assert 429 in guess(app)
        for _ in range(TRIES_A_MINUTE + 2):
            assert sign_in(officer).status_code == 303

    def test_it_keeps_nobody_with_another_account_out_of_a_shared_address(self, app):
        for number in range(10):
            assert 429 in guess(app, TRIES_A_MINUTE + 1, f"nobody{number}")
        assert sign_in(app.test_client(), name="an").status_code == 303

    def test_another_address_of_the_same_subscriber_is_the_same(self, app):
        assert 429 in guess(app, address="2001:db8:1:2::1")
        assert guess(app, 1, address="2001:db8:1:2:ffff::9") == [429]

    def test_a_browser_that_is_known_is_slowed_down_too(self, app):
        officer = app.test_client()
        assert sign_in(officer).status_code == 303
        statuses = [sign_in(officer, "sai rồi").status_code for _ in range(TRIES_A_MINUTE + 1)]
        assert statuses == [200] * TRIES_A_MINUTE + [429]

    def test_a_browser_is_known_for_the_account_alone_that_signed_in(self, app):
        known = app.test_client()
        assert sign_in(known, name="an").status_code == 303
        (mark,) = [one for one in known._cookies.values() if one.key.startswith("known-")]
        assert (mark.path, mark.http_only, mark.same_site) == ("/sign-in", True, "Lax")
        assert 429 in guess(app)
        for value in (mark.value, "forged", ""):
            known.set_cookie(pages._mark("lan"), value, path="/sign-in")
            assert sign_in(known, "sai rồi").status_code == 429

    def test_all_workers_count_together(self, config, engine):
        limits = Limits.of(config)
        workers = [create_app(config, engine, limits=limits) for _ in range(2)]
        statuses = [guess(workers[number % 2], 1)[0] for number in range(TRIES_A_MINUTE + 2)]
        assert statuses == [200] * TRIES_A_MINUTE + [429] * 2


def test_passwords_are_hashed_one_at_a_time_and_few_wait(app, monkeypatch):
    known = app.test_client()
    assert sign_in(known).status_code == 303
    going, at_once, most, lock = Event(), [], [], Lock()

    def check(_engine: Engine, name: str, _password: str) -> None:
        with lock:
            at_once.append(name)
            most.append(len(at_once))
        assert going.wait(60)
        with lock:
            at_once.remove(name)

    monkeypatch.setattr(pages, "verify_password", check)
    with ThreadPoolExecutor(6) as threads:
        strangers = [
            threads.submit(guess, app, 1, f"stranger{number}", f"203.0.113.{number}")
            for number in range(5)
        ]
        wait_until(lambda: sum(one.done() for one in strangers) == 3, 60)
        refused = [one.result() for one in strangers if one.done()]
        mine = threads.submit(sign_in, known, "sai rồi")
        wait_until(lambda: len(most) == 2, 60)
        going.set()
        assert refused == [[503]] * 3
        assert mine.result().status_code == 200
    assert max(most) == 2  # a stranger's and that of a browser that is known


def signed_in(client: FlaskClient) -> bool:
    return client.get(PAGE).status_code == 200


def test_signing_out_ends_the_session_on_the_server(app):
    officer, thief = app.test_client(), app.test_client()
    assert sign_in(officer).status_code == 303
    stolen = officer.get_cookie("staff").value
    thief.set_cookie("staff", stolen)
    assert signed_in(thief)
    sign_out(officer)
    thief.set_cookie("staff", stolen)
    assert not signed_in(thief)
    assert not signed_in(officer)


def test_signing_out_ends_no_other_session_of_the_account(app):
    here, there = app.test_client(), app.test_client()
    assert sign_in(here).status_code == sign_in(there).status_code == 303
    sign_out(here)
    assert signed_in(there)


@pytest.mark.parametrize("seconds", [LONGEST_SESSION.total_seconds() + 1, -60])
def test_a_session_that_is_used_all_the_time_ends_all_the_same(app, seconds):
    officer = app.test_client()
    assert sign_in(officer).status_code == 303
    with officer.session_transaction() as kept:
        kept["began"] -= int(seconds)
    assert not signed_in(officer)


def test_what_was_in_the_cookie_before_is_not_carried_into_a_session(app):
    officer = app.test_client()
    officer.get("/sign-in")
    with officer.session_transaction() as kept:
        kept["id"] = "chosen by somebody else"
    assert sign_in(officer).status_code == 303
    with officer.session_transaction() as kept:
        assert kept["id"] != "chosen by somebody else"


@pytest.mark.parametrize(
    "target",
    [
        "/results\r\nSet-Cookie: x=1",
        "/results\nx",
        "/\x00/evil.example",
        "//[",
        "/\u2028",
        "//evil.example",
        "",
    ],
)
def test_an_odd_page_to_go_to_is_the_home_page(app, target):
    reply = sign_in(app.test_client(), target=target)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/today")
