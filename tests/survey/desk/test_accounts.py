"""Invitations, roles, links and sign-out everywhere in the browser; what the log tells of it."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update
from werkzeug.test import TestResponse

from survey.access import EVERYTHING, Grant
from survey.store import tables
from survey.store.staff import add_staff, change_grant, find_staff, stop_staff, verify_password
from survey.store.staff_actions import By, DoneFilter, list_actions, note, noted
from survey.web.limits import TRIES_A_MINUTE

PASSWORD, ANOTHER = "bốn từ không dính nhau", "quyển sách trên mái nhà"
OFFICE = "trieu-son"


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def sign_in(app: Flask, name: str, password: str = PASSWORD) -> tuple[FlaskClient, int]:
    client = app.test_client()
    given = {"csrf_token": token(client.get("/sign-in")), "name": name, "password": password}
    return client, client.post("/sign-in", data=given).status_code


@pytest.fixture
def admin(app: Flask, engine: Engine) -> FlaskClient:
    add_staff(engine, "boss", PASSWORD, date(2026, 10, 15))
    client, status = sign_in(app, "boss")
    assert status == 303
    return client


def post(client: FlaskClient, path: str, page: str = "/account", **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token(client.get(page)), **fields})


def invited(admin: FlaskClient, name: str = "lan", role: str = "officer") -> str:
    page = post(admin, "/accounts/invite", account=name, role=role, office=OFFICE)
    assert page.status_code == 200, page.text
    found = re.search(r"http://127\.0\.0\.1:8000(/password/[\w-]+)", page.text)
    assert found, page.text
    return found[1]


def choose(client: FlaskClient, link: str, password: str, again: str | None = None) -> TestResponse:
    return post(client, link, link, password=password, again=again or password)


def test_who_is_invited_chooses_the_password_once(
    app: Flask, admin: FlaskClient, engine: Engine
) -> None:
    link = invited(admin)
    assert sign_in(app, "lan", "")[1] == 200  # no password opens it before
    assert "Đã mời" in admin.get("/accounts").text
    guest = app.test_client()
    assert "lan" in guest.get(link).text
    assert choose(guest, link, ANOTHER).status_code == 303
    assert guest.get("/account").status_code == 200
    assert sign_in(app, "lan", ANOTHER)[1] == 303
    late = app.test_client()
    assert late.get(link).status_code == 410
    given = {"csrf_token": token(late.get("/sign-in")), "password": PASSWORD, "again": PASSWORD}
    assert late.post(link, data=given).status_code == 410
    assert verify_password(engine, "lan", ANOTHER)


def test_of_a_link_only_the_digest_is_kept_and_it_cannot_be_guessed(
    admin: FlaskClient, engine: Engine
) -> None:
    secret = invited(admin).rpartition("/")[2]
    assert len(secret) >= 43  # 32 bytes
    with engine.connect() as connection:
        kept = connection.execute(select(tables.password_link)).all()
    assert secret not in str(kept)
    assert secret not in admin.get("/accounts").text + admin.get("/log").text


@pytest.mark.sqlite_is_enough
def test_a_link_ends_after_seven_days(app: Flask, admin: FlaskClient, engine: Engine) -> None:
    link = invited(admin)
    row = tables.password_link
    with engine.begin() as connection:
        until = connection.execute(select(row.c.expires_on)).scalar_one()
        connection.execute(update(row).values(expires_on=until - timedelta(days=8)))
    assert app.test_client().get(link).status_code == 410


def test_a_new_link_ends_the_one_before_and_the_old_password_goes_on_until_it_is_used(
    app: Flask, admin: FlaskClient, engine: Engine
) -> None:
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    pages = [post(admin, "/accounts/act", account="lan", act="link").text for _ in range(2)]
    links = [re.search(r"(/password/[\w-]+)", page) for page in pages]
    first, second = (found[1] for found in links if found)
    guest = app.test_client()
    assert guest.get(first).status_code == 410
    assert sign_in(app, "lan")[1] == 303
    assert choose(guest, second, ANOTHER).status_code == 303
    assert sign_in(app, "lan")[1] == 200


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("ngắn", "ngắn", "hãy dùng ít nhất 12"), (ANOTHER, "khác", "không giống nhau"),
     ("x" * 201, "x" * 201, "dài quá 200")],
)  # fmt: skip
def test_a_password_that_will_not_do_is_told_and_the_link_stays_good(
    app: Flask, admin: FlaskClient, password: str, again: str, said: str
) -> None:
    link, guest = invited(admin), app.test_client()
    page = choose(guest, link, password, again)
    assert page.status_code == 422
    assert said in page.text
    assert choose(guest, link, ANOTHER).status_code == 303


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("name", "said"), [("boss", "đã có tài khoản"), ("hai từ", "không dùng được tên"), ("", "tên")]
)
def test_a_name_that_will_not_do_is_told_and_kept_in_the_form(
    admin: FlaskClient, name: str, said: str
) -> None:
    page = post(admin, "/accounts/invite", account=name, role="viewer", office=OFFICE)
    assert page.status_code == 422
    assert said in page.text
    assert f'value="{name}"' in page.text
    assert '<option value="viewer" selected>' in page.text


@pytest.mark.sqlite_is_enough
def test_a_changed_role_holds_from_the_next_request_on(
    app: Flask, admin: FlaskClient, engine: Engine
) -> None:
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15), grant=Grant("officer", OFFICE))
    lan, _ = sign_in(app, "lan")
    assert lan.get("/comments").status_code == 200
    changed = post(admin, "/accounts/edit", account="lan", role="analyst", office=OFFICE)
    assert changed.status_code == 303
    assert lan.get("/comments").status_code == 403


def test_an_account_out_of_use_is_signed_out_and_can_be_taken_into_use_again(
    app: Flask, admin: FlaskClient, engine: Engine
) -> None:
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15), grant=Grant("officer", OFFICE))
    lan, _ = sign_in(app, "lan")
    asked = post(admin, "/accounts/act", account="lan", act="stop")
    assert asked.status_code == 200
    assert "không đăng nhập được nữa" in asked.text
    assert lan.get("/account").status_code == 200  # asked, not done
    assert post(admin, "/accounts/act", account="lan", act="stop", sure="1").status_code == 303
    assert lan.get("/account").status_code == 302
    assert sign_in(app, "lan")[1] == 200
    refused = post(admin, "/accounts/act", account="lan", act="link")
    assert refused.status_code == 422
    assert "đã ngừng dùng" in refused.text
    assert post(admin, "/accounts/act", account="lan", act="resume").status_code == 303
    assert lan.get("/account").status_code == 302
    assert sign_in(app, "lan")[1] == 303


def test_the_last_administrator_of_everything_stays(admin: FlaskClient, engine: Engine) -> None:
    invited(admin, "not-yet", "administrator")
    stop = post(admin, "/accounts/act", account="boss", act="stop", sure="1")
    fewer = post(admin, "/accounts/edit", account="boss", role="viewer", office="")
    for refused in (stop, fewer):
        assert refused.status_code == 422
        assert "không còn ai quản trị" in html.unescape(refused.text)
    boss = find_staff(engine, "boss")
    assert boss is not None
    assert (boss.grant, boss.active) == (EVERYTHING, True)
    add_staff(engine, "second", PASSWORD, date(2026, 10, 15))
    stop_staff(engine, "boss")
    change_grant(engine, "boss", Grant("viewer", OFFICE))


@pytest.mark.sqlite_is_enough
def test_one_s_own_password_is_changed_here_and_every_other_device_is_signed_out(
    app: Flask, admin: FlaskClient
) -> None:
    elsewhere, _ = sign_in(app, "boss")
    wrong = post(admin, "/account", current="sai", password=ANOTHER, again=ANOTHER)
    assert wrong.status_code == 422
    assert "Mật khẩu hiện tại không đúng" in wrong.text
    right = post(admin, "/account", current=PASSWORD, password=ANOTHER, again=ANOTHER)
    assert right.status_code == 303
    assert "Đã đổi mật khẩu" in admin.get(right.headers["Location"]).text
    assert elsewhere.get("/account").status_code == 302
    assert sign_in(app, "boss", ANOTHER)[1] == 303


@pytest.mark.sqlite_is_enough
def test_guessing_the_current_password_or_a_link_is_slowed_down(
    app: Flask, admin: FlaskClient
) -> None:
    link, guest = invited(admin), app.test_client()
    tries = [
        post(admin, "/account", current="sai", password=ANOTHER, again=ANOTHER).status_code
        for _ in range(TRIES_A_MINUTE + 1)
    ]
    assert tries == [422] * TRIES_A_MINUTE + [429]
    field = {"csrf_token": token(guest.get("/sign-in"))}
    wrong = [guest.post(f"{link}x", data=field).status_code for _ in range(TRIES_A_MINUTE + 1)]
    assert wrong == [410] * TRIES_A_MINUTE + [429]


def test_signing_out_everywhere_ends_every_session(app: Flask, admin: FlaskClient) -> None:
    elsewhere, _ = sign_in(app, "boss")
    assert post(admin, "/account/sign-out-everywhere").status_code == 303
    for client in (admin, elsewhere):
        assert client.get("/account").status_code == 302
    assert sign_in(app, "boss")[1] == 303


@pytest.mark.sqlite_is_enough
def test_no_other_site_can_change_an_account(admin: FlaskClient, engine: Engine) -> None:
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    for path in ("/accounts/act", "/accounts/edit", "/accounts/invite", "/account"):
        given = {"account": "lan", "act": "stop", "sure": "1", "role": "viewer", "office": ""}
        assert admin.post(path, data=given).status_code == 400
    lan = find_staff(engine, "lan")
    assert lan is not None
    assert (lan.active, lan.grant) == (True, EVERYTHING)


def test_the_log_tells_who_did_what_and_is_filtered_and_taken_along(
    app: Flask, admin: FlaskClient, engine: Engine
) -> None:
    choose(app.test_client(), invited(admin, "=cmd"), ANOTHER)
    post(admin, "/accounts/act", account="=cmd", act="stop", sure="1")
    found = [(one.name, one.action) for one in list_actions(engine, DoneFilter())]
    assert found == [
        ("boss", "account_stopped"),
        ("=cmd", "password_chosen"),
        ("boss", "account_invited"),
        ("boss", "signed_in"),
    ]
    assert all(one.at.second == 0 for one in list_actions(engine, DoneFilter()))
    page = admin.get("/log").text
    assert "mời =cmd (Cán bộ)" in page
    assert "ngừng dùng tài khoản =cmd" not in admin.get("/log?action=signed_in").text
    assert "mời =cmd" not in admin.get("/log", query_string={"name": "=cmd"}).text
    assert "Không có dòng nào" in admin.get("/log?month=1999-01").text
    file = admin.get("/log/log.csv")
    assert file.mimetype == "text/csv"
    assert file.data.startswith("\N{BOM}".encode())
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["Ai", "boss", "'=cmd", "boss", "boss"]


@pytest.mark.sqlite_is_enough
def test_the_log_writes_months_periods_and_days_as_people_do(
    admin: FlaskClient, engine: Engine
) -> None:
    by = By("boss", datetime(2026, 11, 2, 9, tzinfo=UTC))
    with noted(engine, by, "file_asked", OFFICE, file="PDF", period="2026-Q3") as connection:
        note(connection, by, "dossiers_imported", months="2026-09, 2026-10", file="2026-10.csv")
        note(connection, by, "office_merged", name="xã A", into="xã B", until="2026-06-30")
    page = admin.get("/log").text
    assert "xuất PDF, quý III/2026" in page
    assert "nhập hồ sơ tháng 09/2026, 10/2026 từ tệp 2026-10.csv" in page
    assert "sáp nhập xã A vào xã B, đến hết ngày 30/06/2026" in page
    assert "had PDF made, the third quarter of 2026" in admin.get("/log?lang=en").text


@pytest.mark.sqlite_is_enough
def test_what_is_not_done_leaves_no_line(admin: FlaskClient, engine: Engine) -> None:
    post(admin, "/accounts/act", account="boss", act="stop", sure="1")  # refused: the last one
    post(admin, "/accounts/invite", account="boss", role="viewer", office=OFFICE)  # taken
    assert [one.action for one in list_actions(engine, DoneFilter())] == ["signed_in"]
