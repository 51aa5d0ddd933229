"""The page of the desk's nine indicators: entered, refused, overtaken, and by whom."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from survey.access import Grant
from survey.store.indicators import enter_indicators, load_indicators
from survey.store.staff_actions import By, DoneFilter, list_actions
from tests.clock import NOW
from tests.survey.desk.communes import FOREIGN, OWN, save_communes
from tests.survey.desk.pages import send, sign_in, token

pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("on_a_thursday")]

PAGE = "/dossiers/indicators"
LAST = 12 * NOW.year + NOW.month - 2  # the last whole month, as the page counts
MONTH = f"{LAST // 12}-{LAST % 12 + 1:02d}"
SPOKEN = f"{MONTH[5:]}/{MONTH[:4]}"
AT = f"{PAGE}?office={OWN}&month={MONTH}"
BY = By("an", NOW)


@pytest.fixture
def officer(app, engine) -> FlaskClient:
    save_communes(engine)
    return sign_in(app, engine, Grant("officer", OWN))


def seen(page) -> str:
    return unescape(re.search(r'name="seen" value="([^"]*)"', page.text)[1])


def entered(client, **fields: str):
    """Fill in the form of the last whole month and send it; `f1_2`: the field `1-2`."""
    given = {name[1:].replace("_", "-"): value for name, value in fields.items()}
    page = client.get(AT)
    whole = {"office": OWN, "month": MONTH, "seen": seen(page), **given}
    return client.post(PAGE, data={"csrf_token": token(page), **whole})


def test_an_empty_month_is_filled_in_and_changed_and_the_page_says_by_whom(
    officer: FlaskClient, engine: Engine
) -> None:
    page = officer.get("/dossiers")
    assert f"{PAGE}?" in page.text  # found from the page of dossiers
    page = officer.get(AT)
    assert page.text.count("<fieldset") == 9
    assert "Chưa nhập tháng nào" in page.text
    assert len(page.data) < 20_000
    done = entered(officer, f1_2="1.412", f1_1="20", f8_0="3")
    assert done.status_code == 303
    assert load_indicators(engine, OWN, MONTH) == {1: (1412, 20, 0), 8: (0, 0, 3)}
    page = officer.get(done.location)
    assert f"Đã lưu tháng {SPOKEN}" in page.text
    assert "Tổng điểm: 2,0 trên 4 (2 trên 9 chỉ số)" in page.text
    assert 'value="1412"' in page.text
    assert entered(officer, f1_2="1.413").status_code == 303
    page = officer.get(AT).text
    assert f"lan nhập chín chỉ số tháng {SPOKEN}" in page
    assert "1: 1412/20/0 → 1413/0/0; 8: 0/0/3 → –" in page


def test_bad_fields_are_named_and_nothing_that_was_typed_is_lost(
    officer: FlaskClient, engine: Engine
) -> None:
    page = entered(officer, f1_2="41x", f2_0="0", f3_2="400")
    assert page.status_code == 422
    text = unescape(page.text)
    assert "Chỉ số 1, ô 2 điểm: “41x” không phải số hồ sơ; hãy ghi một số nguyên" in text
    assert "Chỉ số 2: cả ba ô đều là 0" in text
    assert 'value="41x"' in text and 'value="400"' in text
    wrong = re.findall(r'name="([\d-]+)"[^>]*aria-invalid="true"', text)
    assert wrong == ["1-2", "2-2", "2-1", "2-0"]
    assert load_indicators(engine, OWN, MONTH) == {}
    # The link to the other language leads to the same office and month.
    assert f"office={OWN}&month={MONTH}&lang=en" in text


def test_what_a_colleague_stored_meanwhile_is_shown_and_what_was_typed_stays(
    officer: FlaskClient, engine: Engine
) -> None:
    page = officer.get(AT)
    enter_indicators(engine, OWN, MONTH, {1: (7, 0, 0)}, {}, BY)
    given = {"office": OWN, "month": MONTH, "seen": seen(page), "1-2": "9"}
    page = officer.post(PAGE, data={"csrf_token": token(page), **given})
    assert page.status_code == 409
    assert "vừa được người khác thay đổi" in page.text
    assert "1: 7/0/0" in page.text and 'value="9"' in page.text
    given["seen"] = seen(page)
    page = officer.post(PAGE, data={"csrf_token": token(page), **given})
    assert page.status_code == 303
    assert load_indicators(engine, OWN, MONTH) == {1: (9, 0, 0)}


@pytest.mark.parametrize("office", [FOREIGN, "nowhere"])
def test_another_office_is_not_there(officer: FlaskClient, engine: Engine, office: str) -> None:
    assert officer.get(f"{PAGE}?office={office}").status_code == 404
    sent = send(officer, PAGE, {"office": office, "month": MONTH, "seen": "", "1-2": "3"})
    assert sent.status_code == 404
    assert load_indicators(engine, office, MONTH) == {}


@pytest.mark.parametrize("month", ["2199-01", "x", "2001-01"])
def test_a_month_that_cannot_be_entered_is_not_there(officer: FlaskClient, month: str) -> None:
    assert officer.get(f"{PAGE}?month={month}").status_code == 404


def test_a_form_from_elsewhere_and_another_role_are_refused(app, engine, officer) -> None:
    given = {"office": OWN, "month": MONTH, "seen": "", "1-2": "3"}
    assert officer.post(PAGE, data=given).status_code == 400
    viewer = sign_in(app, engine, Grant("viewer", OWN), "an")
    for path in (PAGE, f"{PAGE}/person"):
        assert viewer.get(path).status_code == 403
    assert load_indicators(engine, OWN, MONTH) == {}


def test_the_points_of_one_official_are_worked_out_and_stored_nowhere(
    officer: FlaskClient, engine: Engine
) -> None:
    path = f"{PAGE}/person"
    assert officer.get(path).text.count("<fieldset") == 5
    fields = {f"{one}-2": "20" for one in (1, 2, 3, 4, 7)} | {"7-0": "20"}
    page = send(officer, path, fields)
    assert "Tổng điểm: 9,0 trên 10; hoàn thành 100% nhiệm vụ." in page.text
    some = send(officer, path, {"1-1": "3"})
    assert "Tổng điểm: 1,0 trên 2. Chưa xếp mức: còn thiếu chỉ số 2, 3, 4, 7." in some.text
    wrong = send(officer, path, {"1-1": "ba"})
    assert wrong.status_code == 422 and 'value="ba"' in wrong.text
    assert load_indicators(engine, OWN, MONTH) == {}
    assert list_actions(engine, DoneFilter(action="indicators_entered")) == []
