"""Past answers in the browser: drafted, chosen, tried, then stored once and marked."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from questionnaires import shipped
from survey.access import EVERYTHING, Grant
from survey.config import Config
from survey.store import tables
from survey.store.past import list_past
from survey.store.staff_actions import DoneFilter, list_actions
from survey.uploads import FOLDER
from survey.web.desk import past
from tests.clock import TODAY
from tests.survey.desk.communes import FOREIGN, save_communes
from tests.survey.desk.pages import sign_in, token

pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("on_a_thursday")]

DAY = TODAY - timedelta(days=40)
ASKED = "Ông/Bà hài lòng ở mức nào với lần làm thủ tục này?"
HEAD = f"Dấu thời gian,Họ và tên,Lĩnh vực,{ASKED},Nơi đón tiếp"


def row(sector: str = "Đất đai", overall: str = "Rất hài lòng", access: str = "4") -> str:
    return f"{DAY:%d/%m/%Y} 09:15:00,Nguyễn Văn A,{sector},{overall},{access}"


FORM = "\n".join([HEAD, row(), row("Hộ tịch", "Bình thường"), row("Nhà đất", "Tạm được", "5")])


@pytest.fixture
def keeper(app: Flask, engine: Engine) -> FlaskClient:
    return sign_in(app, engine, EVERYTHING)


def sent(
    client: FlaskClient,
    content: str | bytes,
    name: str = "cu.csv",
    questionnaire: str = "desk@2",
) -> TestResponse:
    file = content.encode() if isinstance(content, str) else content
    given = {
        "csrf_token": token(client.get("/past-answers")),
        "questionnaire": questionnaire,
        "file": (io.BytesIO(file), name),
    }
    return client.post("/past-answers", data=given, content_type="multipart/form-data")


def address(reply: TestResponse) -> str:
    assert reply.status_code == 303, reply.text
    return reply.headers["Location"].partition("?")[0]


def chosen(page: TestResponse) -> dict[str, str]:
    """What the form of choices holds as it is shown."""
    found = dict(re.findall(r'name="(csrf_token|seen)"[^>]*value="([^"]*)"', page.text))
    for name, options in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page.text, re.DOTALL
    ):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        found[name] = next((value for value, on in values if on), values[0][0])
    return found


def labelled(page: TestResponse, word: str) -> str:
    """The list beside a word."""
    found = re.search(
        rf'<label for="([^"]+)">“{re.escape(word)}”</label>', html.unescape(page.text)
    )
    assert found, page.text
    return found[1]


def tried(client: FlaskClient, at: str, **given: str) -> TestResponse:
    page = client.get(at)
    reply = client.post(f"{at}/try", data=chosen(page) | given)
    return client.get(at) if reply.status_code == 303 else reply


def stored(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        rows = connection.execute(
            select(tables.response).where(tables.response.c.origin == "imported")
        )
        return [dict(found._mapping) for found in rows]


def counts(page: TestResponse) -> list[int]:
    return [int(n) for n in re.findall(r"<b>(\d+)</b>", page.text)]


def test_a_form_is_drafted_tried_and_stored_once(
    keeper: FlaskClient, engine: Engine, config: Config
) -> None:
    at = address(sent(keeper, FORM))
    page = keeper.get(at)
    draft = chosen(page)
    assert [draft[f"column-{n}"] for n in range(4)] == ["date", "", "sector", ""]
    assert draft["format"] == "day-first"
    page = tried(keeper, at, **{"column-3": "item:overall", "column-4": "item:access"})
    assert "chưa biết nghĩa" in page.text  # “Nhà đất” is no sector of ours, “Tạm được” no score
    assert stored(engine) == []
    page = tried(keeper, at, **{labelled(page, "Nhà đất"): "land", labelled(page, "Tạm được"): "3"})
    assert counts(page) == [3, 0, 0, 0]
    assert "Nguyễn" not in re.sub(r"<table.*?</table>", "", page.text, count=0, flags=re.DOTALL)
    assert stored(engine) == []
    seen = chosen(page)
    refused = keeper.post(f"{at}/keep", data=seen)
    assert refused.status_code == 422 and stored(engine) == []
    keeper.post(f"{at}/keep", data=seen | {"sure": "1"})
    found = stored(engine)
    assert {(one["sector"], str(one["answered_on"])[:7]) for one in found} == {
        ("land", f"{DAY:%Y-%m}"), ("civil-status", f"{DAY:%Y-%m}")
    }  # fmt: skip
    assert {one["channel"] for one in found} == {"poster"}
    lines = list_actions(engine, DoneFilter(action="past_answers_taken"))
    assert {(line.name, line.details["file"]) for line in lines} == {("lan", "cu.csv")}
    done = keeper.get(at)
    assert counts(done) == [3, 0, 0, 0]
    assert list((config.data / FOLDER).rglob("file")) == []
    assert keeper.post(f"{at}/keep", data=seen | {"sure": "1"}).status_code == 303
    assert len(stored(engine)) == 3


def test_a_row_that_the_door_refuses_is_told_and_the_others_are_counted(
    keeper: FlaskClient, engine: Engine
) -> None:
    late = row().replace(f"{DAY:%d/%m/%Y}", "01/02/2199")
    page = tried(keeper, address(sent(keeper, "\n".join([HEAD, row(), late]))))
    assert counts(page) == [1, 0, 1, 0]
    assert "01/02/2199" in page.text


def test_a_workbook_is_read_too(keeper: FlaskClient) -> None:
    book, made = Workbook(), io.BytesIO()
    for line in FORM.splitlines()[:3]:
        book.active.append(line.split(","))
    book.save(made)
    assert counts(tried(keeper, address(sent(keeper, made.getvalue(), "cu.xlsx")))) == [2, 0, 0, 0]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x00\x01\x02" * 50])
def test_what_is_no_table_is_refused_and_not_kept(
    keeper: FlaskClient, config: Config, content: bytes
) -> None:
    reply = sent(keeper, content)
    assert reply.status_code == 422 and 'role="alert"' in reply.text
    assert list((config.data / FOLDER).rglob("file")) == []


def test_a_page_of_before_stores_nothing(keeper: FlaskClient, engine: Engine) -> None:
    at = address(sent(keeper, "\n".join([HEAD, row()])))
    first = chosen(tried(keeper, at))
    tried(keeper, at, channel="paper")
    reply = keeper.post(f"{at}/keep", data=first | {"sure": "1"})
    assert reply.status_code == 409 and stored(engine) == []


def test_one_meaning_twice_and_none_for_the_day_are_told(keeper: FlaskClient) -> None:
    at = address(sent(keeper, "\n".join([HEAD, row()])))
    twice = tried(keeper, at, **{"column-4": "item:overall"})
    assert twice.status_code == 422 and f"“{ASKED}”" in html.unescape(twice.text)
    none = tried(keeper, at, **{"column-0": ""})
    assert none.status_code == 422 and "Ngày trả lời" in none.text


def test_a_file_of_somebody_else_is_not_there_and_an_officer_has_no_such_page(
    app: Flask, engine: Engine, keeper: FlaskClient
) -> None:
    at = address(sent(keeper, FORM))
    other = sign_in(app, engine, EVERYTHING, "mai")
    assert "said=gone" in other.get(at).headers["Location"]
    officer = sign_in(app, engine, Grant("officer", None), "hoa")
    assert officer.get("/past-answers").status_code == 403
    assert "/past-answers" not in officer.get("/files").text
    assert "/past-answers" in keeper.get("/files").text


def test_a_file_that_is_too_large_is_refused(
    keeper: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "LARGEST", 1000)
    assert sent(keeper, b"x" * 3000).status_code == 413


def brought_in(client: FlaskClient, content: str) -> None:
    at = address(sent(client, content))
    page = tried(client, at)
    assert client.post(f"{at}/keep", data=chosen(page) | {"sure": "1"}).status_code == 303


def undo(client: FlaskClient, batch: str, **more: str) -> TestResponse:
    given = {"csrf_token": token(client.get("/past-answers")), "batch": batch}
    return client.post("/past-answers/undo", data=given | more)


def test_an_import_stands_in_the_history_and_is_taken_back_after_a_question(
    keeper: FlaskClient, engine: Engine
) -> None:
    content = "\n".join([HEAD, row(), row("Hộ tịch")])
    brought_in(keeper, content)
    page = html.unescape(keeper.get("/past-answers").text)
    assert "cu.csv" in page and "lan đưa vào" in page
    assert sha256(content.encode()).hexdigest() in page
    (batch,) = re.findall(r'name="batch" value="([^"]+)"', page)
    asked = undo(keeper, batch)
    assert asked.status_code == 200 and "Đúng 2 phiếu" in asked.text
    assert len(stored(engine)) == 2
    assert "said=undone" in undo(keeper, batch, sure="1").headers["Location"]
    assert stored(engine) == []
    page = keeper.get("/past-answers").text
    assert "lan đã hủy ngày" in page and 'name="batch"' not in page
    again = undo(keeper, batch, sure="1")
    assert again.status_code == 409 and "đã được hủy" in again.text


def test_an_import_with_answers_of_another_office_is_not_taken_back_here(
    app: Flask, engine: Engine, keeper: FlaskClient
) -> None:
    brought_in(keeper, "\n".join([HEAD, row()]))
    (batch,) = [one.source.batch for one in list_past(engine)]
    save_communes(engine)
    other = sign_in(app, engine, Grant("administrator", FOREIGN), "mai")
    assert "cu.csv" not in other.get("/past-answers").text
    assert undo(other, batch, sure="1").status_code == 409
    assert len(stored(engine)) == 1


def test_questions_are_told_in_words_however_many_there_are(keeper: FlaskClient) -> None:
    """With many questions there are lists for some columns; a button opens those of the others."""
    asked = shipped()["sipas-22@2"]
    head = ["Dấu thời gian", *(item.text.get("vi") for item in asked.items)]
    line = [f"{DAY:%d/%m/%Y}", *("4" for _ in asked.items)]
    out = io.StringIO()
    csv.writer(out).writerows([head, line])
    at = address(sent(keeper, out.getvalue(), questionnaire="sipas-22@2"))
    page = keeper.get(at)
    assert len(page.data) < 60_000
    lists = re.findall(r'<select name="column-(\d+)"', page.text)
    opened = re.findall(r'name="open"\s+value="(\d+)"', page.text)
    assert sorted([*lists, *opened], key=int) == [str(n) for n in range(len(head))]
    words = html.unescape(page.text)
    for item in asked.items:
        assert f"{item.id}: {item.text.get('vi')[:40]}" in words
    given = chosen(page) | {"open": opened[-1]}
    moved = keeper.post(f"{at}/try", data=given)
    assert f"column={opened[-1]}&" in moved.headers["Location"]
    assert moved.headers["Location"].endswith(f"#head-{opened[-1]}")
    page = keeper.get(moved.headers["Location"])
    assert f'name="column-{opened[-1]}"' in page.text
    page = tried(keeper, at)
    table = html.unescape(page.text).partition("Những phiếu đầu, như sẽ được lưu")[2]
    for item in asked.items:
        assert f'<th scope="row" role="rowheader">{item.text.get("vi")}</th>' in table
