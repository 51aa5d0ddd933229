"""The page of the counters' posters: what it lists, and what comes out of it."""

from __future__ import annotations

import io
import re
from datetime import date

import pypdfium2 as pdfium
import pytest
import zxingcpp
from flask.testing import FlaskClient
from sqlalchemy import Engine

from survey.store.places import open_desks
from survey.store.staff import add_staff

PASSWORD = "bốn từ không dính nhau"

pytestmark = pytest.mark.sqlite_is_enough


@pytest.fixture
def officer(client: FlaskClient, engine: Engine) -> FlaskClient:
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
    assert token
    given = {"csrf_token": token[1], "name": "lan", "password": PASSWORD}
    assert client.post("/sign-in", data=given).status_code == 303
    return client


def codes(content: bytes) -> list[str]:
    """What a phone reads on each page."""
    pages = pdfium.PdfDocument(io.BytesIO(content))
    read = [zxingcpp.read_barcodes(page.render(scale=100 / 72).to_pil()) for page in pages]
    return [found.text for (found,) in read]


def test_every_counter_is_there_with_its_code_and_its_files(
    officer: FlaskClient, engine: Engine
) -> None:
    page = officer.get("/posters").text
    for desk in open_desks(engine, "poster"):
        code = desk.link.code
        assert f"{code[:4]}\u00a0{code[4:]}" in page
        assert f"/posters/{desk.counter.id}-a4.pdf" in page
        assert f"/posters/{desk.counter.id}-a5.pdf" in page


def test_a_poster_and_all_of_them_are_printed_as_the_command_prints_them(
    officer: FlaskClient, engine: Engine
) -> None:
    desks = open_desks(engine, "poster")
    one = officer.get(f"/posters/{desks[0].counter.id}-a5.pdf")
    assert one.mimetype == "application/pdf"
    assert [code.rpartition("/")[2] for code in codes(one.data)] == [desks[0].link.code]
    every = officer.get("/posters/tat-ca-a4.pdf")
    expected = [desk.link.code for desk in desks]
    assert [code.rpartition("/")[2] for code in codes(every.data)] == expected


@pytest.mark.parametrize("file", ["quay-99-a4.pdf", "quay-1-a3.pdf", "..-a4.pdf"])
def test_what_is_no_poster_is_not_there(officer: FlaskClient, file: str) -> None:
    assert officer.get(f"/posters/{file}").status_code == 404


def test_an_address_that_phones_cannot_open_is_warned_of(officer: FlaskClient) -> None:
    page = officer.get("/posters")
    assert "KHÔNG TREO TỜ NÀY" in page.text or "Wi-Fi của cơ quan" in page.text
