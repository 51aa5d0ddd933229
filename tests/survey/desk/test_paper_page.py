"""Paper questionnaires: a blank one to print, filled in ones typed by the keyboard alone."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, timedelta

import pypdfium2 as pdfium
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from questionnaires import shipped
from survey.access import Grant
from survey.places import shipped_places
from survey.store import tables
from survey.store.staff_actions import DoneFilter, list_actions
from tests.clock import TODAY
from tests.survey.desk.communes import FOREIGN, OWN, save_communes
from tests.survey.desk.pages import sign_in

COUNTER = next(one for one in shipped_places().counter if len(one.sectors) == 1)
pytestmark = pytest.mark.usefixtures("on_a_thursday")

SEVERAL = next(one for one in shipped_places().counter if len(one.sectors) > 1)


@pytest.fixture
def officer(app, engine: Engine) -> FlaskClient:
    return sign_in(app, engine, Grant("officer", None))


def address(counter=COUNTER, day: date | None = None, twice: bool = False) -> str:
    chosen = (day or TODAY).isoformat()
    return f"/paper/sheet?counter={counter.full_id}&day={chosen}" + ("&twice=1" if twice else "")


def hidden(html: str) -> dict[str, str]:
    """What the form carries along."""
    form = html.partition("<form method")[2].rpartition("</form>")[0]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value.replace("&#34;", '"') for name, value in pairs}


def send(client: FlaskClient, path: str, form: dict[str, str], **typed: str):
    return client.post(path, data=form | typed)


def stored(engine: Engine) -> list[tuple[str, str, str, date, bool]]:
    row = tables.response.c
    query = select(row.channel, row.sector, row.scores, row.answered_on, row.late)
    with engine.connect() as connection:
        return [tuple(one) for one in connection.execute(query)]


@pytest.mark.parametrize("ago", [1, 15])
def test_a_sheet_is_stored_as_paper_with_its_day_and_no_moment(officer, engine, ago):
    day = TODAY - timedelta(days=ago)
    page = officer.get(address(day=day))
    reply = send(officer, address(day=day), hidden(page.text), overall="4", procedures="2")
    assert reply.status_code == 303
    ((channel, sector, scores, answered_on, late),) = stored(engine)
    assert (channel, sector, answered_on) == ("paper", COUNTER.sectors[0], day)
    assert scores[0] == "4"
    assert late == (ago == 15)  # of the month before
    assert "Đã lưu 1 phiếu" in officer.get(reply.headers["Location"]).text
    (line,) = list_actions(engine, DoneFilter(action="paper_entered"))
    assert (line.name, line.office) == ("lan", OWN)
    assert "4" not in str(line.details).replace(COUNTER.name.vi, "")


def test_a_sheet_that_is_sent_twice_counts_once(officer, engine):
    form = hidden(officer.get(address()).text)
    for _ in range(2):
        assert send(officer, address(), form, overall="5").status_code == 303
    assert len(stored(engine)) == 1
    assert len(list_actions(engine, DoneFilter(action="paper_entered"))) == 1


@pytest.mark.sqlite_is_enough
def test_what_is_wrong_is_told_beside_its_question_and_nothing_is_lost(officer, engine):
    form = hidden(officer.get(address()).text)
    reply = send(officer, address(), form, overall="7", procedures="2", comment="Chờ lâu")
    assert reply.status_code == 422
    assert 'id="overall-wrong"' in reply.text
    assert 'value="Chờ lâu"' in reply.text
    empty = send(officer, address(), form)
    assert empty.status_code == 422
    assert stored(engine) == []


@pytest.mark.sqlite_is_enough
def test_the_sector_is_asked_for_where_a_counter_has_several(officer, engine):
    path = address(SEVERAL)
    form = hidden(officer.get(path).text)
    refused = send(officer, path, form, overall="4")
    assert refused.status_code == 422
    assert "Hãy chọn lĩnh vực" in refused.text
    assert send(officer, path, form, overall="4", sector="unknown").status_code == 303
    assert stored(engine)[0][1] == "unknown"


def test_a_sheet_typed_twice_is_stored_when_both_readings_agree(officer, engine):
    path = address(twice=True)
    form = hidden(officer.get(path).text)
    second = send(officer, path, form, overall="4", went_wrong="1 3")
    assert second.status_code == 200
    assert "lần thứ hai" in second.text
    assert stored(engine) == []
    assert 'name="overall" value=""' in second.text  # nobody copies the first reading
    again = hidden(second.text)
    assert again["response_id"] == form["response_id"]
    assert send(officer, path, again, overall="4", went_wrong="3,1").status_code == 303
    assert len(stored(engine)) == 1


@pytest.mark.parametrize("first", ["[" * 50_000, "[]", "no JSON"])
def test_a_first_reading_that_no_page_of_ours_wrote_is_no_fault_of_the_server(
    officer, engine, first
):
    path = address(twice=True)
    form = hidden(officer.get(path).text) | {"reading": "2", "first": first}
    assert send(officer, path, form, overall="4").status_code < 500
    assert len(stored(engine)) <= 1


@pytest.mark.sqlite_is_enough
def test_where_two_readings_differ_the_sheet_is_looked_at_again(officer, engine):
    path = address(twice=True)
    form = hidden(officer.get(path).text)
    second = send(officer, path, form, overall="4", procedures="2")
    third = send(officer, path, hidden(second.text), overall="5", procedures="2")
    assert third.status_code == 422
    assert "Lần một: 4. Lần hai: 5." in third.text
    assert 'name="procedures" value="2"' in third.text
    assert 'name="overall" value=""' in third.text
    assert stored(engine) == []
    last = send(officer, path, hidden(third.text), overall="5", procedures="2")
    assert last.status_code == 303
    assert stored(engine)[0][2][0] == "5"


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    "day", ["", "x", "2020-01-01", "2999-01-01", (TODAY + timedelta(days=2)).isoformat()]
)
def test_a_day_that_cannot_be_right_is_told(officer, day):
    reply = officer.get(f"/paper/sheet?counter={COUNTER.full_id}&day={day}")
    assert "Ngày trả lời" in reply.text
    assert 'name="overall"' not in reply.text


@pytest.mark.sqlite_is_enough
def test_the_blank_sheet_asks_every_question(officer):
    reply = officer.get(f"/paper/blank.pdf?counter={COUNTER.full_id}")
    assert reply.mimetype == "application/pdf"
    pages = pdfium.PdfDocument(io.BytesIO(reply.data))
    text = " ".join(page.get_textpage().get_text_range() for page in pages)
    plain = " ".join(text.split())
    asked = shipped()[COUNTER.questionnaire]
    for item in asked.items:
        assert item.text.vi.split(" (")[0] in plain
    for question in asked.choices:
        for option in question.options:
            assert option.text.vi in plain
    assert COUNTER.name.vi in plain
    assert len(pages) == 1


@pytest.mark.sqlite_is_enough
def test_another_commune_s_counter_is_not_there(app, engine):
    save_communes(engine)
    client = sign_in(app, engine, Grant("officer", FOREIGN))
    assert "Chưa có quầy" in client.get("/paper").text
    for path in (address(), f"/paper/blank.pdf?counter={COUNTER.full_id}"):
        assert client.get(path).status_code == 404


@pytest.mark.sqlite_is_enough
def test_no_other_site_stores_a_sheet(officer, engine):
    given = {"response_id": str(uuid.uuid4()), "overall": "5"}
    assert officer.post(address(), data=given).status_code == 400
    assert stored(engine) == []
