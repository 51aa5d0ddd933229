"""The re-check in the browser: seal, roll, draw, and enter what the people called said."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from survey.access import Grant
from survey.config import Config
from survey.store import tables
from survey.uploads import FOLDER
from tests.clock import TODAY
from tests.survey.desk.pages import send, sign_in
from tests.survey.recheck.drawn import DICE, HEAD

SECTORS = ("Hộ tịch", "Đất đai")

pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("on_a_thursday")]


@pytest.fixture
def officer(app, engine: Engine) -> FlaskClient:
    return sign_in(app, engine, Grant("officer", None))


def last_month() -> str:
    return f"{TODAY.replace(day=1) - timedelta(days=1):%Y-%m}"


def export(number: int = 20) -> bytes:
    year, month = last_month().split("-")
    rows = [
        f"H56-{n:04},Cấp bản sao,{SECTORS[n % 2]},{1 + n % 28:02}/{month}/{year}\n"
        for n in range(number)
    ]
    return (HEAD + "".join(rows)).encode()


def seal(client: FlaskClient, content: bytes) -> TestResponse:
    file = (io.BytesIO(content), "thang.csv")
    return send(client, "/recheck", {"month": last_month(), "file": file})


@pytest.fixture
def month(officer: FlaskClient) -> str:
    """The page of the month whose list is sealed, without the file that waits."""
    reply = seal(officer, export())
    assert reply.status_code == 303, reply.text
    return reply.headers["Location"].partition("?")[0]


@pytest.fixture
def sheet(officer: FlaskClient, month: str) -> list[tuple[object, ...]]:
    """The rows of a call sheet of four dossiers."""
    path = month.partition("?")[0]
    assert send(officer, f"{path}/seed", {"dice": DICE}, at=month).status_code == 303
    file = (io.BytesIO(export()), "thang.csv")
    made = send(officer, f"{path}/draw", {"size": "4", "file": file}, at=month)
    assert made.status_code == 200, made.text
    book = openpyxl.load_workbook(io.BytesIO(made.data))
    return list(book.worksheets[0].iter_rows(min_row=2, values_only=True))


def test_the_officer_seals_rolls_draws_and_enters(officer, engine, month, sheet):
    page = officer.get(month).text
    assert DICE in page
    code = str(sheet[0][5])
    form = officer.get(f"/recheck/answer?code={code}").text
    assert "H56-" not in form
    response_id = re.search(r'name="response_id" value="([^"]+)"', form)
    assert response_id
    given = {
        "code": code,
        "response_id": response_id[1],
        "answered_before": "2",
        "overall": "2",
        "paid_without_receipt": "2",
    }
    asked = f"/recheck/answer?code={sheet[1][5]}"
    for _ in range(2):  # a browser that sends it again
        reply = send(officer, "/recheck/answer", given, at=asked)
        assert reply.status_code == 303
    assert "Đã lưu câu trả lời" in officer.get(reply.headers["Location"]).text
    with engine.connect() as connection:
        (row,) = connection.execute(select(tables.response))
    assert (row.channel, row.answered_on.strftime("%Y-%m")) == ("recheck", last_month())
    assert row.scores.startswith("2")


def test_answers_that_are_none_are_told_beside_their_question(officer, engine, sheet):
    code = str(sheet[0][5])
    asked = f"/recheck/answer?code={code}"
    form = officer.get(asked).text
    response_id = re.search(r'name="response_id" value="([^"]+)"', form)
    assert response_id
    given = {"code": code, "response_id": response_id[1], "overall": "9", "procedures": "3"}
    reply = send(officer, "/recheck/answer", given, at=asked)
    assert reply.status_code == 422
    assert 'id="overall-wrong"' in reply.text
    assert response_id[1] in reply.text
    with engine.connect() as connection:
        assert connection.execute(select(tables.response)).first() is None


def test_why_there_is_no_answer_is_one_button(officer, engine, month, sheet):
    asked = f"/recheck/answer?code={sheet[0][5]}"
    reply = send(officer, "/recheck/answer", {"code": sheet[0][5], "skip": "refused"}, at=asked)
    assert reply.status_code == 303
    assert "Đã ghi lý do" in officer.get(reply.headers["Location"]).text
    with engine.connect() as connection:
        query = select(tables.recheck_call.c.outcome)
        assert "refused" in set(connection.execute(query).scalars())


@pytest.mark.parametrize("code", ["zzzz-zzzz", "H56-0001"])
def test_a_code_of_no_call_sheet_is_told(officer, month, code):
    reply = officer.get(f"/recheck/answer?code={code}")
    assert reply.status_code == 422
    assert code in reply.text


def test_another_file_than_the_sealed_one_is_refused(officer, month):
    path = month.partition("?")[0]
    send(officer, f"{path}/seed", {"dice": DICE}, at=month)
    file = (io.BytesIO(export(21)), "thang.csv")
    reply = send(officer, f"{path}/draw", {"size": "4", "file": file}, at=month)
    assert reply.status_code == 422
    assert "không phải tệp đã niêm phong" in reply.text


def test_too_few_rolls_are_told_and_nothing_is_fixed(officer, engine, month):
    path = month.partition("?")[0]
    reply = send(officer, f"{path}/seed", {"dice": "123"}, at=month)
    assert reply.status_code == 422
    with engine.connect() as connection:
        assert connection.execute(select(tables.recheck.c.seed)).scalar_one() is None


def test_a_running_month_or_no_file_seals_nothing(officer, engine):
    running = f"{TODAY:%Y-%m}"
    file = (io.BytesIO(export()), "thang.csv")
    assert send(officer, "/recheck", {"month": running, "file": file}).status_code == 422
    assert send(officer, "/recheck", {"month": last_month()}).status_code == 422
    with engine.connect() as connection:
        assert connection.execute(select(tables.recheck)).first() is None


def test_the_file_waits_for_a_day_and_no_longer_than_it_is_refused(officer, config: Config, month):
    assert len(list((config.data / FOLDER).iterdir())) == 1
    assert seal(officer, b"nothing that is a table").status_code == 422
    assert not list((config.data / FOLDER).iterdir())


def test_another_office_s_recheck_is_not_there(app, engine, officer, month, sheet):
    from tests.survey.desk.communes import FOREIGN, save_communes

    save_communes(engine)
    stranger = sign_in(app, engine, Grant("officer", FOREIGN), "khac")
    assert stranger.get(month).status_code == 404
    reply = stranger.get(f"/recheck/answer?code={sheet[0][5]}")
    assert reply.status_code == 422
    assert "Không có mã này" in reply.text
