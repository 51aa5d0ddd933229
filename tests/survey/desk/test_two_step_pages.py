"""Two-step sign-in in the browser: one's own account, the second step, and administrators."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from survey.access import Grant
from survey.app import create_app
from survey.config import Config
from survey.store.staff import add_staff, find_staff
from survey.store.staff_actions import DoneFilter, list_actions
from survey.web.limits import CODES_AN_HOUR, TRIES_A_MINUTE
from tests.survey.desk.pages import PASSWORD, fields, send, sign_in, token
from tests.survey.two_step import STEP, shown, turn_on

pytestmark = pytest.mark.sqlite_is_enough  # its SQL is tried in tests/survey/store

NOW = datetime(2026, 10, 15, 8, 0, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
OFFICE = "trieu-son"
CODE = "/sign-in/code"


@dataclass
class Clock:
    """The server's clock, set by the test."""

    at: datetime = NOW

    def now(self, zone: tzinfo | None = None) -> datetime:
        """What it shows."""
        return self.at.astimezone(zone)

    def later(self, passed: timedelta) -> None:
        self.at += passed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(Config, "now", lambda config: clock.now(config.zone))
    return clock


@dataclass
class Phone:
    """The holder's phone and paper."""

    clock: Clock
    config: Config
    secret: str
    codes: tuple[str, ...]

    def code(self) -> str:
        """What the app shows now."""
        return shown(self.secret, self.clock.now(self.config.zone))

    def next(self) -> str:
        """A code that was not used: of the step after the one that it is."""
        self.clock.later(STEP)
        return self.code()


@pytest.fixture
def phone(engine: Engine, config: Config, clock: Clock) -> Phone:
    add_staff(engine, "lan", PASSWORD, NOW.date(), grant=Grant("officer", OFFICE))
    made = turn_on(engine, config.secret_key, "lan", clock.now(config.zone))
    return Phone(clock, config, *made)


def give_password(client: FlaskClient, target: str = "/results/1999-01") -> TestResponse:
    given = {"name": "lan", "password": PASSWORD}
    return send(client, f"/sign-in?next={target}", given, at="/sign-in")


def test_a_form_that_came_too_late_is_shown_again_after_the_code(app: Flask, phone: Phone) -> None:
    client, ours = app.test_client(), {"Origin": "http://localhost"}
    typed = {"comment": "k7", "note": "đã kê thêm ghế"}
    late = client.post("/comments/one", data=typed, headers=ours)
    asked = client.post(
        "/sign-in", data={**fields(late), "name": "lan", "password": PASSWORD}, headers=ours
    )
    wrong = client.post(CODE, data={**fields(asked), "code": "nothing"}, headers=ours)
    seen = client.post(CODE, data={**fields(wrong), "code": phone.next()}, headers=ours)
    assert fields(seen) == {**typed, "csrf_token": fields(seen)["csrf_token"]}
    assert client.post("/comments/one", data=fields(seen)).location.startswith("/comments")
    assert signed_in(client)


def signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_a_password_alone_opens_nothing_and_the_code_leads_to_the_page_that_was_wanted(
    app: Flask, phone: Phone, engine: Engine
) -> None:
    client = app.test_client()
    asked = give_password(client)
    assert asked.status_code == 303
    assert asked.headers["Location"].startswith(CODE)
    for path in ("/account", "/today", "/results/1999-01", "/comments", "/account/two-step"):
        assert client.get(path).headers["Location"].startswith("/sign-in?"), path
    assert client.post("/account/two-step", data={"act": "end"}).status_code == 302
    page = client.get(asked.headers["Location"])
    assert 'autocomplete="one-time-code"' in page.text
    assert not [one for one in list_actions(engine, DoneFilter()) if one.action == "signed_in"]
    done = send(client, asked.headers["Location"], {"code": phone.next()})
    assert (done.status_code, done.headers["Location"]) == (303, "/results/1999-01")
    assert signed_in(client)
    assert list_actions(engine, DoneFilter())[0].action == "signed_in"


def test_a_wrong_or_used_code_is_told_with_the_server_s_time_and_not_how_far_it_is_off(
    app: Flask, phone: Phone
) -> None:
    client = app.test_client()
    give_password(client)
    code = phone.next()
    early = shown(phone.secret, phone.clock.now(phone.config.zone) + timedelta(minutes=3))
    for wrong in ("", early, "a" * 5000):
        page = send(client, CODE, {"code": wrong})
        assert page.status_code == 422, wrong
        assert "Giờ của máy chủ: 08:00:40 ngày 15/10/2026" in page.text
        assert "phút so với" not in page.text
        assert not signed_in(client)
    assert send(client, CODE, {"code": code}).status_code == 303
    other = app.test_client()
    give_password(other)
    assert send(other, CODE, {"code": code}).status_code == 422
    assert not signed_in(other)
    assert send(other, CODE, {"code": phone.next()}).status_code == 303


def test_the_second_step_is_open_for_five_minutes_in_the_browser_that_gave_the_password(
    app: Flask, phone: Phone
) -> None:
    stranger, client = app.test_client(), app.test_client()
    assert stranger.get(CODE).headers["Location"].startswith("/sign-in?over=1")
    given = {"csrf_token": token(stranger.get("/sign-in")), "code": phone.code()}
    assert stranger.post(CODE, data=given).headers["Location"].startswith("/sign-in?over=1")
    give_password(client)
    kept = {"csrf_token": token(client.get(CODE))}
    phone.clock.later(timedelta(minutes=5))
    late = client.post(CODE, data=kept | {"code": phone.code()})
    assert late.headers["Location"].startswith("/sign-in?over=1")
    assert "Đã quá 5 phút" in client.get(late.headers["Location"]).text
    assert not signed_in(client)


def test_what_was_between_the_steps_cannot_be_used_again(app: Flask, phone: Phone) -> None:
    client, thief = app.test_client(), app.test_client()
    give_password(client)
    between = client.get_cookie("staff")
    assert between is not None
    assert send(client, CODE, {"code": phone.next()}).status_code == 303
    thief.set_cookie("staff", between.value)
    assert thief.get(CODE).status_code == 303  # over
    give_password(client)
    again = client.get_cookie("staff")
    assert again is not None
    client.post("/sign-out", data={"csrf_token": token(client.get(CODE))})
    thief.set_cookie("staff", again.value)
    assert thief.get(CODE).status_code == 303


def test_guessing_codes_is_slowed_down_wherever_it_comes_from(app: Flask, phone: Phone) -> None:
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        give_password(client)
    data = [{"csrf_token": token(client.get(CODE)), "code": "000000"} for client in clients]
    tries = [
        clients[number % 2].post(
            CODE, data=data[number % 2], environ_overrides={"REMOTE_ADDR": f"203.0.113.{number}"}
        ).status_code
        for number in range(TRIES_A_MINUTE + 2)
    ]  # fmt: skip
    assert tries == [422] * TRIES_A_MINUTE + [429] * 2


def test_so_many_codes_an_hour_are_looked_at_and_the_wait_is_told_in_minutes(
    app: Flask, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.web.limits.TRIES_A_MINUTE", 1000)
    patient = create_app(phone.config)
    client = patient.test_client()
    give_password(client)
    data = {"csrf_token": token(client.get(CODE)), "code": "000000"}
    tries = [client.post(CODE, data=data) for _ in range(CODES_AN_HOUR + 1)]
    assert [one.status_code for one in tries] == [422] * CODES_AN_HOUR + [429]
    assert "Xin chờ 60 phút" in tries[-1].text


def test_a_browser_that_signed_in_before_is_not_kept_out_by_who_guesses(
    app: Flask, phone: Phone
) -> None:
    officer, thief = app.test_client(), app.test_client()
    give_password(officer)
    assert send(officer, CODE, {"code": phone.next()}).status_code == 303
    give_password(thief)
    data = {"csrf_token": token(thief.get(CODE)), "code": "000000"}
    for _ in range(TRIES_A_MINUTE + 1):
        last = thief.post(CODE, data=data)
    assert last.status_code == 429
    give_password(officer)
    assert send(officer, CODE, {"code": phone.next()}).status_code == 303


def test_a_recovery_code_lets_in_once_and_says_what_to_do(app: Flask, phone: Phone) -> None:
    client = app.test_client()
    give_password(client)
    done = send(client, CODE, {"code": phone.codes[0].upper()})
    assert done.headers["Location"] == "/account?recovered=1"
    assert "còn 7 mã" in client.get(done.headers["Location"]).text
    again = app.test_client()
    give_password(again)
    assert send(again, CODE, {"code": phone.codes[0]}).status_code == 422


def begun(client: FlaskClient) -> tuple[str, str]:
    """Ask for it on one's own account; return the secret and what the page brings back."""
    page = send(client, "/account/two-step", {"act": "begin", "current": PASSWORD})
    assert page.status_code == 200, page.text
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)
    assert secret
    assert sealed
    assert all(len(group) == 4 for group in secret[1].split())
    assert "<svg" in page.text
    return secret[1].replace(" ", ""), sealed[1]


def test_it_is_turned_on_by_its_holder_and_eight_recovery_codes_are_shown_once(
    app: Flask, engine: Engine, clock: Clock, config: Config
) -> None:
    client = sign_in(app, engine, Grant("viewer", OFFICE))
    elsewhere = app.test_client()
    give_password(elsewhere)
    secret, sealed = begun(client)
    slow = shown(secret, clock.now(config.zone) - timedelta(minutes=9))
    for wrong, said in (("000000", "mã không đúng"), (slow, "chạy chậm khoảng 9 phút")):
        again = send(
            client, "/account/two-step/confirm", {"sealed": sealed, "code": wrong}, at="/account"
        )
        assert again.status_code == 422
        assert said in again.text
        assert sealed in again.text  # the same QR code: nothing has to be scanned again
    staff = find_staff(engine, "lan")
    assert staff is not None
    assert not staff.two_step
    given = {"sealed": sealed, "code": shown(secret, clock.now(config.zone))}
    made = send(client, "/account/two-step/confirm", given, at="/account")
    codes = re.findall(r'<li class="code">([a-z2-9-]{19})</li>', made.text)
    assert len(set(codes)) == 8
    assert made.headers["Cache-Control"] == "no-store"
    assert signed_in(client)
    assert not signed_in(elsewhere)
    page = client.get("/account/two-step").text
    assert "Còn 8 mã khôi phục" in page
    assert codes[0] not in page + client.get("/account").text
    used = send(client, "/account/two-step/confirm", given, at="/account")
    assert used.status_code == 303  # it is on already


def test_turning_it_on_asks_for_the_password(app: Flask, engine: Engine, clock: Clock) -> None:
    client = sign_in(app, engine, Grant("viewer", OFFICE))
    page = send(client, "/account/two-step", {"act": "begin", "current": "sai"})
    assert page.status_code == 422
    assert "Mật khẩu hiện tại không đúng" in page.text
    _, sealed = begun(client)
    clock.later(timedelta(minutes=16))
    late = send(client, "/account/two-step/confirm", {"sealed": sealed, "code": "1"}, at="/account")
    assert late.status_code == 422
    assert "Đã quá 15 phút" in late.text


def test_it_is_turned_off_and_codes_are_renewed_with_password_and_code(
    app: Flask, phone: Phone, engine: Engine
) -> None:
    client = app.test_client()
    give_password(client)
    send(client, CODE, {"code": phone.next()})
    path = "/account/two-step"
    for act in ("end", "codes"):
        no_code = {"act": act, "current": PASSWORD, "code": ""}
        assert send(client, path, no_code).status_code == 422
        no_password = {"act": act, "current": "sai", "code": phone.codes[0]}
        assert send(client, path, no_password).status_code == 422
    made = send(client, path, {"act": "codes", "current": PASSWORD, "code": phone.next()})
    codes = re.findall(r'<li class="code">([a-z2-9-]{19})</li>', made.text)
    assert len(codes) == 8
    assert not set(codes) & set(phone.codes)
    phone.clock.later(timedelta(minutes=1))
    off = send(client, path, {"act": "end", "current": PASSWORD, "code": codes[0]})
    assert off.status_code == 303
    assert "Đã tắt xác thực hai bước" in client.get(off.headers["Location"]).text
    assert give_password(app.test_client()).headers["Location"] == "/results/1999-01"
    assert send(client, path, {"act": "end", "current": PASSWORD, "code": "1"}).status_code == 303


@pytest.fixture
def admin(app: Flask, engine: Engine) -> FlaskClient:
    return sign_in(app, engine, Grant("administrator", OFFICE), "boss")


def act(client: FlaskClient, name: str, account: str = "lan") -> TestResponse:
    given = {"account": account, "act": name, "sure": "1"}
    return send(client, "/accounts/act", given, at="/accounts/invite")


def test_an_administrator_sees_who_has_it_and_turns_it_off_for_another(
    app: Flask, phone: Phone, admin: FlaskClient, engine: Engine
) -> None:
    assert "Đang dùng · Xác thực hai bước" in admin.get("/accounts").text
    asked = send(
        admin, "/accounts/act", {"account": "lan", "act": "reset_two_step"}, at="/accounts/invite"
    )
    assert asked.status_code == 200
    assert "gọi điện hoặc gặp trực tiếp" in asked.text
    assert give_password(app.test_client()).headers["Location"].startswith(CODE)
    assert act(admin, "reset_two_step").status_code == 303
    assert give_password(app.test_client()).headers["Location"] == "/results/1999-01"
    assert list_actions(engine, DoneFilter())[1].action == "two_step_reset"
    assert "tắt giúp xác thực hai bước của lan" in admin.get("/log").text
    again = act(admin, "reset_two_step")
    assert again.status_code == 422
    assert "chưa bật" in html.unescape(again.text)


def test_an_administrator_s_own_second_step_is_ended_with_a_code_alone(
    app: Flask, admin: FlaskClient, engine: Engine, config: Config, clock: Clock
) -> None:
    secret, _ = turn_on(engine, config.secret_key, "boss", clock.now(config.zone))
    client = app.test_client()
    send(client, "/sign-in", {"name": "boss", "password": PASSWORD})
    clock.later(STEP)
    send(client, CODE, {"code": shown(secret, clock.now(config.zone))})
    page = client.get("/accounts/edit?account=boss")
    assert page.status_code == 200
    assert "reset_two_step" not in page.text
    for name in ("reset_two_step", "link_two_step"):
        assert act(client, name, "boss").status_code == 404


@pytest.mark.parametrize("ends", [False, True])
def test_a_link_for_a_password_leads_to_the_code_unless_it_was_made_to_end_it(
    app: Flask, phone: Phone, admin: FlaskClient, ends: bool
) -> None:
    made = act(admin, "link_two_step" if ends else "link")
    link = re.search(r"(/password/[\w-]+)", made.text)
    assert link
    guest = app.test_client()
    another = "quyển sách trên mái nhà"
    done = send(guest, link[1], {"password": another, "again": another})
    assert done.status_code == 303
    if ends:
        assert signed_in(guest)
    else:
        assert done.headers["Location"].startswith(CODE)
        assert not signed_in(guest)
        assert send(guest, CODE, {"code": phone.next()}).status_code == 303
        assert signed_in(guest)
