"""The page Trang công khai: drafts are written, published, withdrawn; each office has its own."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert

from questionnaires import Text
from survey.access import EVERYTHING, Grant
from survey.app import create_app
from survey.config import load_config
from survey.improvements import LONGEST, MOST, Texts
from survey.places import Office, shipped_places
from survey.store import tables
from survey.store.improvements import (
    add_improvement,
    change_improvement,
    find_improvement,
    list_improvements,
    publish_improvement,
)
from survey.store.places import rename, save_places
from survey.store.staff_actions import DoneFilter, list_actions
from tests.survey.desk.pages import send, sign_in
from tests.survey.public.conftest import MONTH, OFFICE, Opened
from tests.survey.public.test_open_page import BY, TEXTS

pytestmark = pytest.mark.sqlite_is_enough

HERE = f"/public-page?office={OFFICE}&month={MONTH}"
FORM = f"/public-page/entry?office={OFFICE}&month={MONTH}"
WRITTEN = {
    "office": OFFICE,
    "month": MONTH,
    "said_vi": "Buổi sáng  chờ lâu.",
    "did_vi": "Mở thêm một quầy.",
}


@pytest.fixture
def officer(opened: Opened) -> FlaskClient:
    return sign_in(opened.app, opened.engine, Grant("officer", OFFICE))


def entries(engine: Engine) -> list[tuple[str, bool]]:
    found = list_improvements(engine, OFFICE, MONTH)
    return [(one.texts.said_vi, one.published_on is not None) for one in found]


def test_an_entry_is_written_published_withdrawn_changed_and_deleted(opened, officer):
    assert send(officer, "/public-page/entry", WRITTEN, FORM).status_code == 303
    assert entries(opened.engine) == [("Buổi sáng chờ lâu.", False)]
    assert "Buổi sáng" not in opened.page()
    preview = officer.get(f"/public-page/preview/{OFFICE}/{MONTH}").text
    assert "Buổi sáng chờ lâu." in preview
    assert "Bản nháp, chưa công bố" in preview
    id_ = list_improvements(opened.engine, OFFICE, MONTH)[0].id
    assert send(officer, "/public-page/publish", {"id": id_}, HERE).status_code == 303
    assert "Buổi sáng chờ lâu." in opened.page()
    edit = f"/public-page/entry?id={id_}"
    refused = officer.get(edit)
    assert (refused.status_code, "Hãy rút trước" in refused.text) == (409, True)
    assert send(officer, "/public-page/drop", {"id": id_, "sure": "1"}, HERE).status_code == 409
    assert send(officer, "/public-page/withdraw", {"id": id_}, HERE).status_code == 303
    assert "Buổi sáng" not in opened.page()
    english = {"said_en": "Long waits.", "did_en": "One more."}
    changed = WRITTEN | english | {"id": id_, "said_vi": "Chờ lâu."}
    assert send(officer, "/public-page/entry", changed, edit).status_code == 303
    assert entries(opened.engine) == [("Chờ lâu.", False)]
    assert "Chờ lâu." in send(officer, "/public-page/drop", {"id": id_}, HERE).text  # asks first
    assert send(officer, "/public-page/drop", {"id": id_, "sure": "1"}, HERE).status_code == 303
    assert entries(opened.engine) == []
    done = [one.action for one in list_actions(opened.engine, DoneFilter())]
    done = [one.partition("_")[2] for one in done if one != "seals_made"]
    assert done[:5] == ["dropped", "written", "withdrawn", "published", "written"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"said_vi": ""}, "cả “Ông/Bà đã nói” và “Chúng tôi đã làm”"),
        ({"did_en": "One more."}, "mới có một nửa"),
        ({"did_vi": "a" * (LONGEST + 1)}, f"dài {LONGEST + 1} chữ"),
        ({"said_vi": "Gọi 0912 345 678 mãi."}, "Gọi 0912 345 678 mãi."),
    ],
)
def test_what_may_not_be_public_is_refused_with_everything_kept(opened, officer, given, told):
    reply = send(officer, "/public-page/entry", WRITTEN | given, FORM)
    assert reply.status_code == 422
    page = html.unescape(reply.text)
    assert told in page.partition('id="problem"')[2].partition("</p>")[0]
    assert (WRITTEN | given)["did_vi"] in page
    assert entries(opened.engine) == []


def test_a_month_takes_so_many_entries_and_says_so(opened, officer):
    for _ in range(MOST):
        add_improvement(opened.engine, OFFICE, MONTH, TEXTS, BY)
    assert FORM.replace("&", "&amp;") not in officer.get(HERE).text
    reply = send(officer, "/public-page/entry", WRITTEN, FORM)
    assert (reply.status_code, "nhiều nhất được" in reply.text) == (422, True)
    assert len(entries(opened.engine)) == MOST


def test_a_draft_that_was_worded_otherwise_meanwhile_is_not_published(opened):
    id_ = add_improvement(opened.engine, OFFICE, MONTH, TEXTS, BY)
    seen = find_improvement(opened.engine, id_)
    assert change_improvement(opened.engine, seen, Texts("Khác.", "Khác."), BY)
    assert not publish_improvement(opened.engine, seen, date(2026, 11, 20), BY)


def test_notes_of_comments_are_offered_and_never_what_people_wrote(opened, officer):
    comment = {"id": "c1", "month": MONTH, "office": OFFICE, "sector": "land"}
    rows = [
        {**comment, "text": "Cán bộ A quát tôi", "state": "done", "note": "Đã nhắc nhở ở quầy."},
        {**comment, "id": "c2", "text": "bẩn", "state": "todo", "note": "Chưa làm."},
    ]
    with opened.engine.begin() as connection:
        connection.execute(insert(tables.comment), rows)
    page = officer.get(HERE).text
    assert "Đã nhắc nhở ở quầy." in page
    for hidden in ("quát", "Chưa làm.", "bẩn"):
        assert hidden not in page
    assert "c1" not in re.findall(r"note=(\w+)", page)  # the address names no comment
    handle = re.search(r"note=([0-9a-f]{16})", page)
    assert handle
    begun = officer.get(f"{FORM}&note={handle[1]}").text
    assert re.search(r'id="did_vi"[^>]*>Đã nhắc nhở ở quầy.</textarea>', begun)
    assert re.search(r'id="said_vi"[^>]*></textarea>', begun)
    assert "Đã nhắc nhở" not in opened.page()


def test_the_lines_for_the_portal_hold_the_picture_and_its_words(officer):
    page = officer.get(HERE).text
    lines = [html.unescape(one) for one in re.findall(r"<textarea[^>]*>([^<]+)</textarea>", page)]
    month, latest = lines
    assert f'src="http://127.0.0.1:8000/open/{OFFICE}/{MONTH}.svg?lang=vi"' in month
    alt = re.search(r'<img [^>]*alt="([^"]+)"', month)
    assert alt
    assert "UBND xã Triệu Sơn, Tháng 10/2026" in alt[1]
    assert "hài lòng" in alt[1]
    assert f"/open/{OFFICE}/latest.svg" in latest


def test_another_office_has_no_page_entry_or_preview_for_this_account(opened):
    other = Office(id="xa-khac", name=Text(vi="Xã Khác", en="Another"))
    shipped = shipped_places()
    places = shipped.model_copy(update={"office": (*shipped.office, other)})
    save_places(opened.engine, places, date(2026, 10, 1))
    client = sign_in(opened.app, opened.engine, Grant("officer", "xa-khac"))
    id_ = add_improvement(opened.engine, OFFICE, MONTH, TEXTS, BY)
    for path in (
        HERE, FORM, f"/public-page/entry?id={id_}", f"/public-page/preview/{OFFICE}/{MONTH}",
        f"/public-page/preview/{OFFICE}/{MONTH}.png", "/public-page?month=1999-01",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    for act in ("publish", "withdraw", "drop"):
        given = {"id": id_, "sure": "1"}
        assert send(client, f"/public-page/{act}", given, "/public-page").status_code == 404
    assert entries(opened.engine) == [(TEXTS.said_vi, False)]


def test_what_was_written_moves_along_with_an_office_that_is_renamed(opened):
    add_improvement(opened.engine, OFFICE, MONTH, TEXTS, BY)
    with opened.engine.begin() as connection:
        rename(connection, "office", OFFICE, "moi", BY)
    assert [one.texts for one in list_improvements(opened.engine, "moi", MONTH)] == [TEXTS]


# --- the setting ----------------------------------------------------------------------------------


def test_the_page_is_turned_on_and_off_on_the_page_of_the_server_and_that_is_logged(opened):
    administrator = sign_in(opened.app, opened.engine, EVERYTHING, "chi")
    page = administrator.get("/server").text
    fields = dict(re.findall(r'<input id="([a-z_]+)"[^>]*value="([^"]*)"', page))
    given = fields | {"language": "vi"}
    for on in (True, False):
        choice = {"public_page": "true" if on else "false"}
        assert send(administrator, "/server/settings", given | choice, "/server").status_code == 303
        config = load_config(opened.config.data, environ={})
        assert config.public_page is on
        client = create_app(config, opened.engine).test_client()
        assert client.get("/open").status_code == (200 if on else 404)
    logged = list_actions(opened.engine, DoneFilter(action="settings_changed"))
    assert [one.details["names"] for one in logged] == ["public_page", "public_page"]
    assert 'href="/public-page?lang=vi"' in page  # the preview
