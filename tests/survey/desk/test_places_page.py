"""Offices, counters and sectors edited in the browser: what holds at once, and what is kept."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from survey.access import Grant
from survey.intake import Response
from survey.places import shipped_places
from survey.store.places import (
    list_offices,
    load_closed,
    load_places,
    office_parents,
    open_desks,
)
from survey.store.responses import add_many
from survey.store.staff_actions import DoneFilter, list_actions
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, save_communes
from tests.survey.desk.pages import send, sign_in


@pytest.fixture
def administrator(app, engine: Engine) -> FlaskClient:
    return sign_in(app, engine, Grant("administrator", None))


def counter_form(**changed: object) -> dict[str, object]:
    return {
        "vi": "Quầy 9",
        "en": "",
        "office": "trieu-son",
        "questionnaire": "desk@2",
        "sectors": ["land", "construction"],
        "kiosk_mode": "one-tap",
        "kiosk_comment": "keyboard",
    } | changed


def test_a_new_counter_has_its_poster_at_once(administrator, client, engine):
    assert send(administrator, "/places/counter", counter_form()).status_code == 303
    made = load_places(engine).counter[-1]
    assert (made.id, made.name.vi, made.name.en) == ("quay-9", "Quầy 9", "Quầy 9")
    assert made.sectors == ("land", "construction")
    (code,) = [d.link.code for d in open_desks(engine, "poster") if d.counter.id == "quay-9"]
    assert client.get(f"/r/{code}").status_code == 200
    assert code[:4] in administrator.get("/posters").text
    assert "Quầy 9" in administrator.get("/places?saved=Qu%E1%BA%A7y+9").text


@pytest.mark.sqlite_is_enough
def test_a_renamed_counter_keeps_its_code_and_is_no_second_one(administrator, engine):
    before = open_desks(engine, "poster")
    first = before[0].counter
    given = counter_form(
        id=first.full_id,
        vi="Quầy số một",
        questionnaire=first.questionnaire,
        sectors=[*first.sectors],
    )
    assert send(administrator, "/places/counter", given).status_code == 303
    after = open_desks(engine, "poster")
    assert [desk.link for desk in after] == [desk.link for desk in before]
    assert after[0].counter.name.vi == "Quầy số một"


def test_a_closed_counter_takes_no_answers_until_it_is_opened_again(administrator, client, engine):
    desk = open_desks(engine, "poster")[0]
    id_, path = desk.counter.full_id, f"/r/{desk.link.code}"
    asked = send(administrator, "/places/counter/act", {"id": id_, "act": "close"}, "/places")
    assert asked.status_code == 200
    assert "mở lại bất cứ lúc nào" in asked.text
    assert client.get(path).status_code == 200  # nothing happens before it is confirmed
    sure = {"id": id_, "act": "close", "sure": "1"}
    assert send(administrator, "/places/counter/act", sure, "/places").status_code == 303
    assert client.get(path).status_code == 410
    assert id_ in {one.full_id for one in load_closed(engine).counter}
    back = {"id": id_, "act": "reopen"}
    assert send(administrator, "/places/counter/act", back, "/places").status_code == 303
    assert client.get(path).status_code == 200
    (again,) = [one for one in load_places(engine).counter if one.full_id == id_]
    assert again == desk.counter


def test_a_renewed_code_ends_the_old_one(administrator, client, engine):
    desk = open_desks(engine, "poster")[0]
    given = {"id": desk.counter.full_id, "act": "renew", "code": desk.link.code}
    asked = send(administrator, "/places/counter/act", given, "/places")
    assert "không lấy lại được mã đó" in asked.text
    assert client.get(f"/r/{desk.link.code}").status_code == 200
    sure = given | {"sure": "1"}
    assert send(administrator, "/places/counter/act", sure, "/places").status_code == 303
    assert client.get(f"/r/{desk.link.code}").status_code == 410
    (new,) = [d for d in open_desks(engine, "poster") if d.key == desk.key]
    assert client.get(f"/r/{new.link.code}").status_code == 200
    assert send(administrator, "/places/counter/act", sure, "/places").status_code == 404


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"vi": "   "}, "Hãy ghi tên."),
        ({"vi": "Q" * 121}, "Tên dài quá 120 ký tự"),
        ({"sectors": []}, "hãy chọn ít nhất một lĩnh vực"),
        ({"vi": shipped_places().counter[0].name.vi.upper()}, "Đã có “"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(administrator, engine, changed, told):
    before = load_places(engine)
    reply = send(administrator, "/places/counter", counter_form(**changed))
    assert reply.status_code == 422
    assert told in reply.text
    assert 'value="desk@2" selected' in reply.text
    assert load_places(engine) == before


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("path", "left", "label"),
    [
        ("counter", "office", "Cơ quan"),
        ("counter", "questionnaire", "Bộ câu hỏi"),
        ("counter", "kiosk_mode", "Máy tính bảng tại quầy"),
        ("counter", "kiosk_comment", "Góp ý tại máy tính bảng"),
        ("office", "parent", "Trực thuộc"),
    ],
)
def test_a_form_without_a_choice_names_its_field(administrator, engine, path, left, label):
    before = load_places(engine)
    for given in ({}, {left: "gone"}):
        form = counter_form(vi="Quầy 9", parent="")
        del form[left]
        reply = send(administrator, f"/places/{path}", form | given, f"/places/{path}")
        assert reply.status_code == 422
        assert f"Chưa chọn, hoặc lựa chọn không còn nữa: {label}." in reply.text
        assert 'value="Quầy 9"' in reply.text
    assert load_places(engine) == before


def test_a_sector_is_added_renamed_and_taken_off(administrator, engine):
    given = {"vi": "Trẻ em", "en": "Children", "hint_vi": "bảo trợ", "hint_en": ""}
    assert send(administrator, "/places/sector", given).status_code == 303
    made = load_places(engine).sector[-1]
    assert (made.id, made.name.en) == ("tre-em", "Children")
    assert made.hint is not None
    assert made.hint.en == "bảo trợ"
    again = given | {"id": "tre-em", "vi": "Bảo vệ trẻ em"}
    assert send(administrator, "/places/sector", again).status_code == 303
    assert load_places(engine).sector[-1].name.vi == "Bảo vệ trẻ em"
    gone = {"id": "tre-em", "sure": "1"}
    assert send(administrator, "/places/sector/drop", gone, "/places/sector").status_code == 303
    assert "tre-em" not in {one.id for one in load_places(engine).sector}


@pytest.mark.sqlite_is_enough
def test_a_sector_that_a_counter_asks_about_is_not_taken_off(administrator, engine):
    given = {"id": "land", "sure": "1"}
    reply = send(administrator, "/places/sector/drop", given, "/places/sector")
    assert reply.status_code == 422
    assert "Còn quầy đang hỏi lĩnh vực này" in reply.text
    assert "land" in {one.id for one in load_places(engine).sector}


def test_an_office_below_is_added_and_renamed(administrator, engine):
    given = {"vi": "Thôn Hai", "en": "", "parent": "trieu-son"}
    assert send(administrator, "/places/office", given).status_code == 303
    again = given | {"id": "thon-hai", "vi": "Thôn Số Hai"}
    assert send(administrator, "/places/office", again).status_code == 303
    offices = {one.id: one for one in load_places(engine).office}
    assert offices["thon-hai"].name.vi == "Thôn Số Hai"
    assert offices["thon-hai"].parent == "trieu-son"
    assert len(offices) == 2


@pytest.mark.sqlite_is_enough
def test_every_edit_stands_in_the_log(administrator, engine):
    send(administrator, "/places/counter", counter_form())
    close = {"id": "trieu-son/quay-9", "act": "close", "sure": "1"}
    send(administrator, "/places/counter/act", close, "/places")
    found = [one for one in list_actions(engine, DoneFilter()) if one.action != "signed_in"]
    assert [(one.action, one.name, one.office) for one in found] == [
        ("counter_closed", "lan", "trieu-son"),
        ("counter_made", "lan", "trieu-son"),
    ]
    assert "đóng quầy “Quầy 9”" in administrator.get("/log").text


@pytest.mark.sqlite_is_enough
def test_an_administrator_of_one_commune_edits_nothing_of_another(app, engine):
    save_communes(engine)
    client = sign_in(app, engine, Grant("administrator", OWN))
    page = client.get("/places").text
    assert "Thôn Một" in page
    assert "Xã Khác" not in page
    assert "Thêm lĩnh vực" not in page
    for path in ("/places/sector", "/places/sector?id=land", f"/places/office?id={FOREIGN}"):
        assert client.get(path).status_code == 404, path
    here = f"/places/office?id={OWN}"
    assert client.get(here).status_code == 200
    foreign = counter_form(office=FOREIGN)
    assert send(client, "/places/counter", foreign, here).status_code == 404
    above = {"vi": "Xã", "en": "", "parent": FOREIGN}
    assert send(client, "/places/office", above, here).status_code == 404
    mine = counter_form(office=BELOW)
    assert send(client, "/places/counter", mine, here).status_code == 303
    assert load_places(engine).counter[-1].office == BELOW


def test_a_commune_becomes_part_of_another_and_its_history_is_kept(app, engine):
    save_communes(engine)
    client = sign_in(app, engine, Grant("administrator", None))
    before = {desk.counter.id: desk.link.code for desk in open_desks(engine, "poster")}
    sheet = ("desk@1", OWN, "land", "poster", date(2026, 6, 5), "54----")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet)])
    given = {"id": OWN, "into": FOREIGN, "day": "2026-07-01"}
    here = f"/places/office?id={OWN}"
    asked = send(client, "/places/office/merge", given, here)
    assert "Từ ngày 01/07/2026, UBND xã Triệu Sơn là một phần của Xã Khác?" in asked.text
    assert OWN in {one.id for one in load_places(engine).office}
    sure = given | {"sure": "1"}
    assert send(client, "/places/office/merge", sure, here).status_code == 303
    places = load_places(engine)
    assert {one.id: one.parent for one in places.office} == {FOREIGN: None, BELOW: FOREIGN}
    assert {one.office for one in places.counter} == {FOREIGN}
    assert {d.counter.id: d.link.code for d in open_desks(engine, "poster")} == before
    # Its answers are its own, and the tree counts them in the other.
    assert office_parents(engine)[OWN] == FOREIGN
    assert OWN in {one.id for one in list_offices(engine)}
    assert "Trước ngày 01/07/2026: UBND xã Triệu Sơn" in client.get("/places").text
    (line,) = list_actions(engine, DoneFilter(action="office_merged"))
    assert line.details["until"] == "30/06/2026"


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"into": ""}, "Hãy chọn cơ quan nhận"),
        ({"day": "x"}, "Ngày sáp nhập chưa đúng"),
        ({"day": "2999-01-01"}, "không sau hôm nay"),
        ({"into": BELOW}, "không thể trực thuộc chính nó"),
    ],
)
def test_a_merger_that_cannot_be_is_told(app, engine, changed, told):
    save_communes(engine)
    client = sign_in(app, engine, Grant("administrator", None))
    before = load_places(engine)
    given = {"id": OWN, "into": FOREIGN, "day": "2026-07-01", "sure": "1"} | changed
    reply = send(client, "/places/office/merge", given, f"/places/office?id={OWN}")
    assert reply.status_code == 422
    assert told in reply.text
    assert load_places(engine) == before


@pytest.mark.sqlite_is_enough
def test_nobody_merges_another_commune(app, engine):
    save_communes(engine)
    client = sign_in(app, engine, Grant("administrator", OWN))
    for id_, into in ((OWN, FOREIGN), (FOREIGN, OWN)):
        given = {"id": id_, "into": into, "day": "2026-07-01", "sure": "1"}
        reply = send(client, "/places/office/merge", given, f"/places/office?id={OWN}")
        assert reply.status_code == 404


HOURS = "Mon-Sat 07:00-11:00"


@pytest.mark.sqlite_is_enough
def test_an_office_gets_hours_of_its_own_and_goes_back_to_those_above(app, engine):
    save_communes(engine)
    client = sign_in(app, engine, Grant("administrator", OWN))
    page = f"/places/office?id={BELOW}&lang=en"
    assert "Those of the whole installation hold" in client.get(page).text
    sent = send(client, "/places/office/hours", {"id": OWN, "opening_hours": HOURS}, page)
    assert sent.status_code == 303
    below = client.get(page).text
    assert f"hold: {HOURS}" in below
    assert "As the office above" not in below
    own = client.get(f"/places/office?id={OWN}&lang=en").text
    assert "has opening hours of its own" in own
    assert "They hold for the offices below it as well: Hamlet One." in own
    assert "Without its own, those of the whole installation hold" in own
    # The other form of the page leaves them alone.
    named = {"id": OWN, "vi": "UBND xã Tên Mới", "en": "", "parent": ""}
    assert send(client, "/places/office", named, page).status_code == 303
    assert load_places(engine).office[0].opening_hours == HOURS
    back = {"id": OWN, "as_above": "1"}
    assert send(client, "/places/office/hours", back, page).status_code == 303
    assert load_places(engine).office[0].opening_hours is None
    done = list_actions(engine, DoneFilter(), 3)
    assert [one.action for one in done] == [
        "office_hours_inherited",
        "office_changed",
        "office_hours_set",
    ]


@pytest.mark.sqlite_is_enough
def test_hours_that_cannot_be_read_are_told_beside_what_was_typed(administrator, engine):
    page = f"/places/office?id={OWN}&lang=en"
    given = {"id": OWN, "opening_hours": "Thứ 8 7h30-11h30"}
    sent = send(administrator, "/places/office/hours?lang=en", given, page)
    assert sent.status_code == 422
    assert "write for example" in sent.text
    assert 'value="Thứ 8 7h30-11h30"' in sent.text
    empty = send(administrator, "/places/office/hours", {"id": OWN, "opening_hours": " "}, page)
    assert empty.status_code == 422
    gone = send(
        administrator, "/places/office/hours", {"id": "never", "opening_hours": HOURS}, page
    )
    assert gone.status_code == 404
    assert load_places(engine).office[0].opening_hours is None


@pytest.mark.sqlite_is_enough
def test_the_hours_of_an_office_above_or_beside_are_not_theirs_to_change(app, engine):
    save_communes(engine)
    client = sign_in(app, engine, Grant("administrator", BELOW))
    for office in (OWN, FOREIGN):
        for given in ({"opening_hours": HOURS}, {"as_above": "1"}):
            form = {"id": office, **given}
            assert send(client, "/places/office/hours", form, "/places").status_code == 404
    assert {one.opening_hours for one in load_places(engine).office} == {None}
