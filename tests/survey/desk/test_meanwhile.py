"""Two officers at the same form: whoever saves second is told, and undoes nothing unseen."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest

from survey.access import EVERYTHING
from survey.edits import EditRefused
from survey.intake import Response
from survey.places import shipped_places
from survey.store.responses import add_many
from survey.web.desk.place_forms import as_read
from tests.survey.desk.pages import sign_in, typed

pytestmark = pytest.mark.sqlite_is_enough

PLACES = shipped_places()
COUNTER, SECTOR, OFFICE = PLACES.counter[0], PLACES.sector[0], PLACES.office[0]


@pytest.fixture
def officer(app, engine):
    return sign_in(app, engine, EVERYTHING)


@pytest.fixture
def other(app, engine):
    return sign_in(app, engine, EVERYTHING, "binh")


FORMS = [
    (f"/places/counter?id={COUNTER.full_id}", "vi", "Quầy của Bình", {"en": "Lan's counter"}),
    (f"/places/sector?id={SECTOR.id}", "hint_vi", "ví dụ của Bình", {"en": "Land of Lan"}),
    (f"/places/office?id={OFFICE.full_id}", "vi", "UBND xã của Bình", {"en": "Lan's commune"}),
    ("/targets/own?office=trieu-son&target=procedures-2025", "threshold", "97%", {"source": "Lan"}),
    ("/server", "backup_days", "21", {"comment_months": "0", "responses_per_counter_a_day": "77"}),
    ("/files/letterhead", "signer", "Trần Văn Bình", {"place": "Đồng Tâm"}),
]


@pytest.mark.parametrize(("page", "field", "theirs", "mine"), FORMS, ids=lambda one: str(one)[:20])
def test_what_another_saved_meanwhile_is_told_and_stays_until_it_is_seen(
    officer, other, page, field, theirs, mine
):
    address, opened = typed(officer.get(page))
    _, at_the_same_time = typed(other.get(page))
    beside = {"source": "Bình"} if "/own" in page else {}
    assert other.post(address, data=at_the_same_time | {field: theirs} | beside).status_code == 303

    late = officer.post(address, data=opened | {field: opened[field] or "95%"} | mine)
    assert late.status_code == 409
    told = unescape(late.text)
    assert "người khác đã lưu thay đổi" in told
    assert f": {theirs}" in told
    _, now = typed(officer.get(page))
    assert now[field] == theirs
    _, again = typed(late)
    assert {name: again[name] for name in mine} == mine  # what was typed is still in its fields
    assert officer.post(address, data=again).status_code == 303  # seen, and meant


def test_who_typed_the_same_is_not_asked(officer, other):
    page = f"/places/counter?id={COUNTER.full_id}"
    forms = [typed(who.get(page)) for who in (other, officer)]
    for who, (address, opened) in zip((other, officer), forms, strict=True):
        given = opened | {"vi": "Quầy của Bình"}
        assert who.post(address, data=given).status_code == 303


def test_of_two_saves_at_once_the_second_finds_the_place_changed():
    with pytest.raises(EditRefused, match="meanwhile"):
        as_read(PLACES, COUNTER.model_copy(update={"questionnaire": "desk@1"}))
    assert as_read(PLACES, COUNTER) is as_read(PLACES, None) is PLACES


@pytest.fixture
def comment(engine, officer):
    """The page of a comment that nobody has read."""
    sheet = ("desk@2", OFFICE.id, "land", "poster", date(2026, 9, 5), "2-----")
    add_many(engine, [Response(str(uuid4()), *sheet, comment="thiếu ghế ngồi")])
    return unescape(re.search(r'href="(/comments/one[^"]+)"', officer.get("/comments").text)[1])


def test_a_note_of_another_is_not_written_over(officer, other, comment):
    address, opened = typed(officer.get(comment))
    _, theirs = typed(other.get(comment))
    done = {"state": "done", "note": "đã kê 6 ghế"}
    assert other.post(address, data=theirs | done).status_code == 303
    late = officer.post(address, data=opened | {"state": "todo", "note": "hỏi kế toán"})
    assert late.status_code == 409
    assert "Tình trạng: Đã làm; Đã làm gì: đã kê 6 ghế" in unescape(late.text)
    assert typed(late)[1]["note"] == "hỏi kế toán"
    assert typed(other.get(comment))[1]["note"] == "đã kê 6 ghế"


def test_a_note_that_is_too_long_and_words_that_are_not_there_stay_in_their_fields(
    officer, comment
):
    address, opened = typed(officer.get(comment))
    note = "rất dài " * 500
    late = officer.post(address, data=opened | {"note": note})
    assert (late.status_code, typed(late)[1]["note"]) == (422, note.strip())
    words = {**opened, "words": "Nguyễn Văn Không Có"}
    assert 'value="Nguyễn Văn Không Có"' in officer.post("/comments/black-out", data=words).text
