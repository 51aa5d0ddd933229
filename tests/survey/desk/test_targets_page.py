"""Targets edited in the browser: what is written, what is refused, and what is kept of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from analysis.targets import load_targets, parse_share, parse_targets, shipped_targets, targets_text
from survey.access import Grant
from survey.files import write_whole
from survey.store.staff import add_staff
from survey.store.staff_actions import DoneFilter, list_actions
from tests.survey.desk.pages import PASSWORD, send

pytestmark = pytest.mark.sqlite_is_enough

NEW: dict[str, object] = {
    "vi": "Hài lòng về hộ tịch",
    "en": "",
    "measure": "overall",
    "sectors": ["civil-status"],
    "pool": "1",
    "threshold": "92,5",
    "deadline": "2027",
    "source": "Kế hoạch 12/KH-UBND",
}


@pytest.fixture
def administrator(client, engine, config):
    write_whole(config.targets_file, targets_text(shipped_targets()))
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    sent = {"name": "lan", "password": PASSWORD}
    assert send(client, "/sign-in", sent).status_code == 303
    return client


@pytest.mark.parametrize("text", ["90", "90%", "0,90", "0.9", " 90 % ", "90,0"])
def test_all_ways_to_write_ninety_per_cent_mean_it(text):
    assert parse_share(text) == Decimal("0.9")


@pytest.mark.parametrize("text", ["", "x", "101", "-1", "9,9,9", "90 90", "1e1", "９０"])
def test_what_is_no_share_is_none(text):
    assert parse_share(text) is None


def test_a_file_that_was_written_says_the_same():
    assert parse_targets(targets_text(shipped_targets()), "x") == shipped_targets()


def test_a_target_is_added_with_its_source_and_stands_in_the_history(administrator, config, engine):
    assert send(administrator, "/targets/target", NEW).status_code == 303
    made = load_targets(config.targets_file).target[-1]
    assert (made.title.en, made.sectors) == ("Hài lòng về hộ tịch", ("civil-status",))
    assert (made.threshold, made.deadline) == (Decimal("0.925"), 2027)
    page = administrator.get("/targets").text
    assert "92,5%" in page
    assert "lan thêm mục tiêu Hài lòng về hộ tịch: 92,5% năm 2027 (Kế hoạch 12/KH-UBND)" in page
    assert list_actions(engine, DoneFilter())[0].action == "target_made"


def test_a_changed_target_tells_what_it_was(administrator, config):
    first = shipped_targets().target[0]
    given = {
        "id": first.id,
        "vi": first.title.vi,
        "measure": first.measure,
        "pool": "1",
        "threshold": "91%",
        "deadline": str(first.deadline),
        "source": first.source,
    }
    assert send(administrator, "/targets/target", given).status_code == 303
    targets = load_targets(config.targets_file)
    assert targets.target[0].threshold == Decimal("0.91")
    assert targets.target[1:] == shipped_targets().target[1:]
    assert targets.group == shipped_targets().group
    assert "từ 90% thành 91%" in administrator.get("/targets").text


def test_a_target_is_dropped_when_that_is_confirmed(administrator, config):
    id_ = shipped_targets().target[0].id
    asked = send(administrator, "/targets/drop", {"id": id_}, f"/targets/target?id={id_}")
    assert "Có thể thêm lại" in asked.text
    assert load_targets(config.targets_file) == shipped_targets()
    sure = {"id": id_, "sure": "1"}
    assert send(administrator, "/targets/drop", sure, "/targets/target").status_code == 303
    assert load_targets(config.targets_file).target == shipped_targets().target[1:]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"vi": ""}, "Hãy ghi tên mục tiêu"),
        ({"threshold": "chín mươi"}, "“chín mươi” chưa đúng"),
        ({"threshold": "900"}, "“900” chưa đúng"),
        ({"deadline": "30"}, "Năm “30” chưa đúng"),
        ({"source": " "}, "Hãy ghi căn cứ"),
        ({"sectors": ["general", "land"]}, "đặt mục tiêu riêng"),
    ],
)
def test_what_is_no_target_is_told_and_stays_filled_in(administrator, config, changed, told):
    reply = send(administrator, "/targets/target", NEW | changed)
    assert reply.status_code == 422
    assert told in reply.text
    assert "Kế hoạch 12/KH-UBND" in reply.text or changed.get("source")
    assert load_targets(config.targets_file) == shipped_targets()


def test_a_sector_that_is_gone_is_told(administrator, config):
    text = targets_text(shipped_targets()).replace('"investment"', '"gone-one"')
    write_whole(config.targets_file, text)
    assert "Lĩnh vực không còn trong danh sách: gone-one" in administrator.get("/targets").text


def test_a_file_that_was_broken_by_hand_is_told_and_not_overwritten(administrator, config):
    config.targets_file.write_text("[[target]]\nid = 'x'\nthreshold = 0,9\n", encoding="utf-8")
    page = administrator.get("/targets")
    assert page.status_code == 200
    assert "0.9" in page.text  # the remedy
    send(administrator, "/targets/target", NEW, "/account")
    assert "0,9" in config.targets_file.read_text(encoding="utf-8")


def test_only_who_administers_everything_edits_targets(app, engine, administrator):
    add_staff(engine, "an", PASSWORD, date(2026, 10, 15), grant=Grant("administrator", "trieu-son"))
    client = app.test_client()
    assert send(client, "/sign-in", {"name": "an", "password": PASSWORD}).status_code == 303
    assert client.get("/targets").status_code == 404


def test_what_cannot_be_written_is_not_in_the_log(administrator, engine, config, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey.web.desk.targets.write_whole", full)
    reply = send(administrator, "/targets/target", NEW)
    assert reply.status_code == 422
    assert "No space left on device" in reply.text
    assert "target_made" not in {one.action for one in list_actions(engine, DoneFilter())}
    assert load_targets(config.targets_file) == shipped_targets()
