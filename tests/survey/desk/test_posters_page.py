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

from questionnaires import Text
from survey.places import Office, shipped_places
from survey.store.places import open_desks, save_places
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


@pytest.fixture
def communes(engine: Engine) -> list[str]:
    """Forty more communes with three counters each, as in a province; their ids."""
    shipped, ids = shipped_places(), [f"xa-{number}" for number in range(40)]
    more = [Office(id=one, name=Text(vi=f"Xã {one[3:]}", en=f"Commune {one[3:]}")) for one in ids]
    first = shipped.counter[0]
    counters = [
        first.model_copy(update={"id": f"quay-{number}", "office": one})
        for one in ids
        for number in range(3)
    ]
    update = {"office": (*shipped.office, *more), "counter": (*shipped.counter, *counters)}
    save_places(engine, shipped.model_copy(update=update), date(2026, 10, 15))
    return ids


def test_a_province_prints_the_posters_of_one_office_at_a_time(
    officer: FlaskClient, engine: Engine, communes: list[str]
) -> None:
    page = officer.get("/posters")
    assert len(page.data) < 60_000
    assert "Xin chọn một cơ quan ở trên" in page.text
    assert "tat-ca-a4.pdf" not in page.text
    assert officer.get("/posters/tat-ca-a4.pdf").status_code == 404
    own = [one for one in open_desks(engine, "poster") if one.office.id == "xa-7"]
    page = officer.get("/posters?office=xa-7")
    assert "/posters/tat-ca-a4.pdf?office=xa-7" in page.text
    for desk in open_desks(engine, "poster"):
        assert (desk.link.code[:4] in page.text) == (desk in own)
    every = officer.get("/posters/tat-ca-a4.pdf?office=xa-7")
    assert [code.rpartition("/")[2] for code in codes(every.data)] == [
        desk.link.code for desk in own
    ]
    assert officer.get("/posters?office=nowhere").status_code == 404


def test_every_poster_of_a_province_is_on_one_of_the_pages(
    officer: FlaskClient, engine: Engine, communes: list[str]
) -> None:
    pages = [officer.get(f"/posters?page={number}").text for number in (1, 2, 3)]
    for desk in open_desks(engine, "poster"):
        code = f"{desk.link.code[:4]}\u00a0{desk.link.code[4:]}"
        assert sum(code in page for page in pages) == 1
    assert officer.get("/posters?page=4").status_code == 404


def test_the_offices_of_a_province_are_found_by_name_and_page_by_page(
    officer: FlaskClient, communes: list[str]
) -> None:
    first = officer.get("/places")
    assert len(first.data) < 60_000
    assert 'href="/places?page=2' in first.text
    assert "<h2>Xã 39</h2>" not in first.text
    assert "<h2>Xã 39</h2>" in officer.get("/places?page=3").text
    found = officer.get("/places?q=xa+39").text
    assert "<h2>Xã 39</h2>" in found and "<h2>Xã 38</h2>" not in found
    assert "Không có cơ quan nào như vậy" in officer.get("/places?q=nowhere").text
    assert officer.get("/places?page=4").status_code == 404
