"""The page on which sentences of a questionnaire are held against the decision they come from."""

from __future__ import annotations

import re
from html import unescape

import pytest

from questionnaires import shipped
from survey.store.wordings import checked_wordings, count_left
from tests.survey.desk.pages import send

DESK = shipped()["desk@2"]
PAGE = "/questionnaires/wordings?key=desk@2"

pytestmark = pytest.mark.sqlite_is_enough


@pytest.fixture
def administrator(signed_in):
    return signed_in("administrator", None)


def change(client, act, *places, key="desk@2"):
    given = {"key": key, "act": act, "place": list(places)}
    return send(client, "/questionnaires/wordings", given, at=PAGE)


def ticked(page):
    return [unescape(one) for one in re.findall(r'name="place" value="([^"]+)"', page)]


def test_every_sentence_stands_under_its_source_and_is_ticked_one_by_one(administrator, engine):
    page = administrator.get(PAGE).text
    assert ticked(page) == [one.place for one in DESK.unverified]
    assert all(one.source.text in unescape(page) for one in DESK.unverified)
    first, second, *_ = ticked(page)
    assert change(administrator, "check", first, second).status_code == 303
    assert count_left(engine, [DESK]) == {"desk@2": len(DESK.unverified) - 2}
    page = administrator.get(PAGE + "&done=check").text
    assert "những câu ấy đã được đối chiếu" in page
    assert ticked(page)[-2:] == [first, second]
    assert page.count("administrator-all, ") == 2
    assert change(administrator, "again", first).status_code == 303
    assert len(checked_wordings(engine)) == 1


def test_what_is_checked_is_asked_for_nowhere_any_more(administrator, engine):
    todo = "câu chữ cần đối chiếu"
    link = "/questionnaires/wordings?key=desk@2"
    page = unescape(administrator.get("/today").text)
    assert (todo in page, link in page.replace("lang=vi&", "")) == (True, True)
    assert "hailong questionnaire" not in page
    assert change(administrator, "check", *ticked(administrator.get(PAGE).text)).status_code == 303
    assert "desk@2: " + str(len(DESK.unverified)) not in administrator.get("/today").text
    assert todo not in re.sub("agency-service.*", "", administrator.get("/today").text)
    assert "đã đối chiếu hết" in administrator.get("/questionnaires").text
    assert "Mọi câu lấy từ quyết định đã được đối chiếu." in administrator.get(PAGE).text


def test_an_officer_is_told_of_them_and_has_no_button_that_is_refused(signed_in):
    page = signed_in("officer", None).get("/today").text
    assert "câu chữ cần đối chiếu" in page
    assert "/questionnaires/" not in page


def test_nothing_is_kept_where_nothing_is_ticked_or_what_is_does_not_stand_there(
    administrator, engine
):
    nothing = change(administrator, "check")
    assert (nothing.status_code, "Chưa đánh dấu câu nào" in nothing.text) == (422, True)
    other = change(administrator, "check", "<b>title</b>")
    assert (other.status_code, "&lt;b&gt;title&lt;/b&gt;" in other.text) == (422, True)
    assert change(administrator, "other", "title").status_code == 404
    assert change(administrator, "check", "title", key="desk@9").status_code == 404
    assert administrator.get("/questionnaires/wordings?key=desk@9").status_code == 404
    assert checked_wordings(engine) == {}


def test_the_page_is_complete_in_english(administrator):
    page = administrator.get(PAGE + "&lang=en").text
    assert "Compare wordings with the decision" in page
    assert "Đối chiếu" not in page
