"""Addresses as people and scanners write them lead to the form; staff errors speak to staff."""

from __future__ import annotations

import re
from datetime import date

import pytest

from survey.store.places import revoke_link
from survey.store.staff import add_staff

pytestmark = pytest.mark.sqlite_is_enough  # codes are looked up on both in test_respond

PASSWORD = "bốn từ không dính nhau"


def sign_in(client):
    page = client.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    return client.post("/sign-in", data={"csrf_token": token, "name": "lan", "password": PASSWORD})


@pytest.mark.parametrize(
    "typed",
    [
        "/r/{code}",
        "/r/{upper}",
        "/R/{upper}",
        "/R/{upper}/",
        "/r/{code}/",
        "/r/{code}.",
        "/r/{code}/.",
        "/r/{half}%20{rest}",
        "/r/{half}-{rest}",
        "/r/{code}%E2%80%8B",
        "/r/{code}%EF%BB%BF",
        "/r/{code}?fbclid=IwAR0&utm_source=zalo",
        "/r/{code}&utm_source=zalo",
        "/r/{code}%3Ffbclid=x",
        "/{code}",
        "/{upper}.",
        "/?code={half}+{rest}",
        "/?code=https%3A%2F%2Fhailong.vn%2Fr%2F{upper}%3Flang%3Dvi",
    ],
)
def test_an_address_leads_to_the_form_however_it_was_typed(client, citizen, typed):
    code = citizen.code
    path = typed.format(code=code, upper=code.upper(), half=code[:4], rest=code[4:])
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200
    assert f'action="/r/{code}?lang=vi"' in page.text
    assert page.request.path == f"/r/{code}"


def test_the_language_of_a_typed_address_is_kept(client, citizen):
    page = client.get(f"/R/{citizen.code.upper()}/?lang=en", follow_redirects=True)
    assert '<html lang="en">' in page.text


def test_the_bare_address_asks_for_the_code_on_the_poster(client):
    page = client.get("/")
    assert page.status_code == 200
    assert 'name="code"' in page.text
    assert "Mã trên áp phích" in page.text
    assert "Code on the poster" in client.get("/?lang=en").text


def test_a_code_that_is_not_known_is_asked_for_again_with_what_was_typed(client):
    page = client.get("/?code=zzzz9999<b>")
    assert page.status_code == 404
    assert 'role="alert"' in page.text
    assert 'value="zzzz9999&lt;b&gt;"' in page.text


def test_a_code_out_of_use_says_so(client, citizen, engine, config):
    revoke_link(engine, citizen.code, date(2026, 10, 15))
    page = client.get(f"/?code={citizen.code}", follow_redirects=True)
    assert page.status_code == 410


@pytest.mark.parametrize("path", ["/nothing", "/r/x/y", "/results2", "/nothing/evil.example"])
def test_no_other_address_leads_anywhere(client, path):
    assert client.get(path).status_code == 404


def test_a_page_that_is_not_found_leads_to_typing_the_code(client, citizen):
    page = client.get("/nothing?lang=vi")
    (way,) = re.findall(r'<a class="b" href="([^"]+)"', page.text)
    asked = client.get(way)
    assert 'name="code"' in asked.text
    form = client.get("/", query_string={"code": citizen.code}, follow_redirects=True)
    assert form.status_code == 200 and "<form" in form.text


@pytest.fixture
def officer(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    assert sign_in(client).status_code == 303
    return client


CITIZENS_REMEDY = "quét lại mã"


@pytest.mark.parametrize(
    ("written", "month"),
    [("10/2026", "2026-10"), ("tháng 10/2026", "2026-10"), ("Quý IV/2026", "2026-Q4")],
)
def test_the_period_box_takes_what_people_write(officer, written, month):
    reply = officer.get("/results", query_string={"period": written})
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith(f"/results/{month}?")


def test_a_period_that_is_none_is_explained_to_staff(officer):
    page = officer.get("/results", query_string={"period": "10/26/x"})
    assert page.status_code == 400
    assert "không đọc được" in page.text
    assert CITIZENS_REMEDY not in page.text


@pytest.mark.parametrize(
    "path", ["/results/2026-10/xa-khong-co", "/results/2026-10/a/b", "/Resultz"]
)
def test_a_page_that_staff_do_not_find_speaks_to_staff(officer, path):
    page = officer.get(path)
    assert page.status_code == 404
    assert "trang kết quả" in page.text
    assert CITIZENS_REMEDY not in page.text


def test_staff_addresses_are_read_as_they_were_meant_too(officer):
    assert officer.get("/Results/2026-10/").headers["Location"] == "/results/2026-10"


def test_a_citizen_is_still_told_the_citizens_remedy(client):
    assert CITIZENS_REMEDY in client.get("/nothing").text
