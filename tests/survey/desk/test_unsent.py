"""A form that is sent when the session is over: nothing that was typed is lost or leaked."""

from __future__ import annotations

import errno
import io
import json
import shutil
import sqlite3
from html import unescape

import pytest
from sqlalchemy import event, text

from survey.access import EVERYTHING, Grant
from survey.errors import StoreError
from survey.places import shipped_places
from survey.store import refusals
from survey.store.places import list_offices
from survey.web.desk.unsent import FIELD, MOST, kept_form
from tests.survey.desk.pages import PASSWORD, fields, send, sign_in, token

pytestmark = pytest.mark.sqlite_is_enough

OFFICE = shipped_places().office[0]
NAME = "UBND xã Đồng Tâm <b>mới</b> “thử” & thật"
OURS = {"Origin": "http://localhost"}
EDIT = {"id": OFFICE.full_id, "vi": NAME, "en": "", "parent": ""}


@pytest.fixture
def officer(app, engine):
    return sign_in(app, engine, EVERYTHING)


def expire(client):
    """What a browser does after half an hour: it sends no session any more."""
    client.delete_cookie("staff")


def named(engine):
    return [one.name.vi for one in list_offices(engine) if one.id == OFFICE.id]


def test_what_was_typed_comes_back_after_signing_in_and_is_stored_when_sent_again(officer, engine):
    given = {**EDIT, "csrf_token": token(officer.get(f"/places/office?id={OFFICE.full_id}"))}
    expire(officer)
    late = officer.post("/places/office?lang=vi", data=given, headers=OURS)
    assert late.status_code == 403
    assert "Những gì vừa gõ vẫn còn trong trang này" in late.text
    assert given["csrf_token"] not in late.text

    wrong = {**fields(late), "name": "lan", "password": "sai rồi nhé các bạn"}
    again = officer.post("/sign-in", data=wrong, headers=OURS)
    assert "không đúng" in again.text
    right = {**fields(again), "name": "lan", "password": PASSWORD}
    seen = officer.post("/sign-in", data=right, headers=OURS)
    assert NAME in unescape(seen.text)
    assert "“Cơ quan và quầy”" in seen.text
    assert named(engine) != [NAME]  # nothing is stored before somebody says so

    assert 'action="/places/office?lang=vi"' in seen.text
    assert officer.post("/places/office?lang=vi", data=fields(seen)).status_code == 303
    assert named(engine) == [NAME]


def test_a_page_of_an_earlier_session_is_shown_again_and_sent_with_one_press(officer, app, engine):
    given = {**EDIT, "csrf_token": token(app.test_client().get("/sign-in"))}
    late = officer.post("/places/office", data=given, headers=OURS)
    assert late.status_code == 400
    assert NAME in unescape(late.text)
    assert officer.post("/places/office", data=fields(late)).status_code == 303
    assert named(engine) == [NAME]


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_a_form_of_another_site_is_not_kept(app, headers):
    stranger = app.test_client()
    reply = stranger.post("/places/office?id=x", data=EDIT, headers=headers)
    assert reply.status_code == 302
    assert reply.location.startswith("/sign-in?next=/places/office")
    assert NAME not in reply.text


def test_another_person_who_may_not_do_it_sees_nothing_of_it(officer, app, engine):
    sign_in(app, engine, Grant("viewer", None), "khach")
    expire(officer)
    late = officer.post("/places/office", data=EDIT, headers=OURS)
    given = {**fields(late), "name": "khach", "password": PASSWORD}
    reply = officer.post("/sign-in", data=given, headers=OURS)
    assert reply.status_code == 303
    assert NAME not in unescape(reply.text)


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_no_other_site_puts_a_form_of_its_own_into_the_sign_in_page(officer, app, headers):
    """Whoever signed in would be asked to send it, and it would be sent in their name."""
    stranger = app.test_client()
    held = json.dumps(["/places/office", "/places", [["vi", NAME]]])
    reply = stranger.post("/sign-in", data={FIELD: held, "name": "lan"}, headers=headers)
    assert (reply.status_code, FIELD in fields(reply)) == (400, False)
    assert NAME not in unescape(reply.text)


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/account", {"current": PASSWORD, "password": "mật khẩu khác hẳn", "again": "x"}),
        ("/account/two-step", {"current": PASSWORD, "act": "end", "code": "123456"}),
        ("/server/key/try", {"key": "AGE-SECRET-KEY-1"}),
        ("/places/office", {"vi": "x" * MOST}),
    ],
)
def test_passwords_codes_keys_and_what_nobody_typed_go_into_no_page(app, path, given):
    reply = app.test_client().post(path, data=given, headers=OURS)
    assert reply.status_code == 302
    assert PASSWORD not in reply.text


def test_after_signing_in_the_page_opens_that_shows_the_form_and_not_the_address_that_takes_it(app):
    reply = app.test_client().post("/comments/delete", data={"comment": "k7"})
    assert reply.location == "/sign-in?next=/comments/one?comment%3Dk7"


@pytest.mark.parametrize(
    "held",
    [
        "no json",
        "[]",
        '["https://elsewhere.example/x", "/today", []]',
        '["//elsewhere.example/x", "/today", []]',
        '["/sign-out", "/today", []]',
        '["/r/k7m49qxp", "/today", []]',
        '["/places/office", "//elsewhere.example", []]',
        "[" * (MOST - 1),
        '["/places/office", "/\\\\elsewhere.example", []]',
    ],
)
def test_what_is_no_form_of_ours_is_not_sent_anywhere(app, held):
    with app.test_request_context("/sign-in", headers=OURS):
        assert kept_form({FIELD: held}) is None
        assert kept_form({FIELD: '["/places/office", "/places", [["vi", "x"]]]'}) is not None


def test_who_is_signed_in_already_goes_on_from_a_sign_in_page_of_another_tab(app, engine):
    sign_in(app, engine, EVERYTHING)
    client = app.test_client()
    old = token(client.get("/sign-in"))
    assert send(client, "/sign-in", {"name": "lan", "password": PASSWORD}).status_code == 303
    given = {"csrf_token": old, "name": "lan", "password": PASSWORD}
    reply = client.post("/sign-in?next=/comments", data=given)
    assert (reply.status_code, reply.location) == (303, "/comments")


def test_a_sign_in_page_of_a_session_that_is_gone_asks_again(app, engine):
    sign_in(app, engine, EVERYTHING)
    client = app.test_client()
    given = {"csrf_token": token(client.get("/sign-in")), "name": "lan", "password": PASSWORD}
    expire(client)
    reply = client.post("/sign-in", data=given)
    assert reply.status_code == 400
    assert "Trang đăng nhập này đã cũ. Xin nhập lại mật khẩu." in reply.text
    assert client.post("/sign-in", data={**given, **fields(reply)}).status_code == 303


def test_signing_out_when_the_session_is_over_leads_to_signing_in_and_no_other_site_signs_out(
    officer,
):
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert officer.post("/sign-out", headers=elsewhere).status_code == 400
    assert officer.get("/account").status_code == 200
    given = {"csrf_token": token(officer.get("/account"))}
    expire(officer)
    assert officer.post("/sign-out", data=given, headers=OURS).location == "/sign-in"


def test_a_full_disk_is_told_as_such_and_what_was_typed_can_be_sent_again(officer, engine):
    """SQLite takes no more pages than it has: as on a disk without room."""

    def shut(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    def opened(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")

    page = officer.get("/places/sector")
    event.listen(engine, "checkout", shut)
    for number in range(200):
        given = {
            "csrf_token": token(page),
            "vi": f"{number}. {'chữ ' * 25}",
            "hint_vi": "ví dụ " * 19,
        }
        full = officer.post("/places/sector", data=given, headers=OURS)
        if full.status_code != 303:
            break
    assert full.status_code == 507
    assert "Ổ đĩa của máy chủ đã đầy" in full.text
    assert "xin dọn chỗ trống" in full.text.lower()
    assert fields(full) == given | {"csrf_token": fields(full)["csrf_token"]}
    told = pytest.raises(StoreError, match="cannot be written, as its disk is full")
    with told, refusals(engine), engine.begin() as connection:
        connection.execute(text("CREATE TABLE more (page)"))
    event.remove(engine, "checkout", shut)
    event.listen(engine, "checkout", opened)
    assert officer.post("/places/sector", data=fields(full)).status_code == 303


def test_a_file_that_finds_no_room_is_told_as_such(officer, monkeypatch):
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", no_room)
    given = {"csrf_token": token(officer.get("/dossiers")), "file": (io.BytesIO(b"a,b"), "a.csv")}
    reply = officer.post("/dossiers", data=given, content_type="multipart/form-data", headers=OURS)
    assert reply.status_code == 507
    assert "Ổ đĩa của máy chủ đã đầy" in reply.text
