"""Targets edited in the browser: what is written, what is refused, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from analysis.targets import load_targets, parse_share, parse_targets, shipped_targets, targets_text
from survey.access import Grant
from survey.files import write_whole
from survey.places import find_worries
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.staff import add_staff
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.targets import TargetRefused, put_target
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, save_communes
from tests.survey.desk.pages import PASSWORD, send, sign_in, typed

pytestmark = pytest.mark.sqlite_is_enough

PLAN = shipped_targets().target[0]
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


@pytest.mark.parametrize(
    "census", [shipped_targets().census, shipped_targets().census[:1], (), None]
)
def test_a_file_that_was_written_says_the_same(census):
    targets = shipped_targets().model_copy(update={"census": census})
    assert parse_targets(targets_text(targets), "x") == targets


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
    assert "91% năm 2025 (Quyết định 109/QĐ-UBND" in (page := administrator.get("/targets").text)
    assert "trước đó: 90%" in page


ON_TIME = shipped_targets().census[0]
COUNTED: dict[str, object] = {
    "id": ON_TIME.id,
    "vi": "Hồ sơ trả đúng hẹn",
    "en": "Dossiers returned in time",
    "measure": "on_time",
    "pool": "1",
    "threshold": "0,985",
    "deadline": "2026",
    "source": "Kế hoạch 30/KH-UBND",
}


def test_a_target_on_all_dossiers_is_edited_like_the_others(administrator, config):
    form = administrator.get(f"/targets/target?id={ON_TIME.id}").text
    assert 'value="99%"' in form
    assert 'name="sectors"' not in form
    assert send(administrator, "/targets/target", COUNTED).status_code == 303
    found = load_targets(config.targets_file)
    made = found.of_census[0]
    assert (made.id, made.title.vi, made.title.en) == (
        ON_TIME.id,
        "Hồ sơ trả đúng hẹn",
        "Dossiers returned in time",
    )
    assert (made.threshold, made.deadline) == (Decimal("0.985"), 2026)
    assert made.source == "Kế hoạch 30/KH-UBND"
    assert found.of_census[1:] == shipped_targets().of_census[1:]
    assert found.target == shipped_targets().target
    page = administrator.get("/targets").text
    assert "sửa mục tiêu Hồ sơ trả đúng hẹn: 98,5% năm 2026 (Kế hoạch 30/KH-UBND)" in page
    for before in ("99%", ON_TIME.title.vi, "2025", ON_TIME.source):
        assert before in page.partition("trước đó: ")[2]


def test_targets_on_all_dossiers_are_added_and_dropped_down_to_the_last(administrator, config):
    new = administrator.get("/targets/target?of=dossiers").text
    assert "Thêm mục tiêu trên toàn bộ hồ sơ" in new and "Nộp trực tuyến" in new
    added = COUNTED | {"id": "", "measure": "online", "deadline": "2028"}
    assert send(administrator, "/targets/target", added).status_code == 303
    every = load_targets(config.targets_file).of_census
    assert (every[-1].id, every[-1].measure) == ("ho-so-tra-dung-hen-2028", "online")
    for one in every:
        sure = {"id": one.id, "sure": "1"}
        assert send(administrator, "/targets/drop", sure, "/targets/target").status_code == 303
    assert load_targets(config.targets_file).of_census == ()  # and not the plan's own again
    page = administrator.get("/targets").text
    assert "Chưa có mục tiêu nào trên toàn bộ hồ sơ" in page
    assert "/targets/target?of=dossiers" in page


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"vi": " "}, "Hãy ghi tên mục tiêu"),
        ({"threshold": "101"}, "“101” chưa đúng"),
        ({"deadline": "sang năm"}, "Năm “sang năm” chưa đúng"),
        ({"source": ""}, "Hãy ghi căn cứ"),
        ({"measure": "overall"}, "hãy chọn một trong: on_time, online"),
        ({"id": PLAN.id}, "không có nội dung “on_time”"),
        ({"sectors": ["land"]}, "tính chung cho mọi lĩnh vực"),
    ],
)
def test_what_is_no_target_on_all_dossiers_is_told_and_stays_filled_in(
    administrator, config, changed, told
):
    given = COUNTED | changed
    reply = send(administrator, "/targets/target", given)
    assert reply.status_code == 422
    assert told in reply.text
    for name in {"vi", "threshold", "deadline", "source"} - changed.keys():
        assert f'value="{given[name]}"' in reply.text
    assert load_targets(config.targets_file) == shipped_targets()


def test_what_another_changed_meanwhile_is_not_overwritten(config, engine):
    write_whole(config.targets_file, targets_text(shipped_targets()))
    known, by = load_targets(config.targets_file), By("lan", datetime(2026, 11, 20, 9, tzinfo=UTC))
    put_target(config, engine, by, known, PLAN.model_copy(update={"deadline": 2026}))
    with pytest.raises(TargetRefused):
        put_target(config, engine, by, known, ON_TIME.model_copy(update={"deadline": 2027}))
    found = load_targets(config.targets_file)
    assert (found.target[0].deadline, found.of_census[0].deadline) == (2026, 2025)


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
    assert client.get("/targets/target").status_code == 404
    assert send(client, "/targets/target", NEW, "/targets/own").status_code == 404
    gone = {"id": shipped_targets().target[0].id, "sure": "1"}
    assert send(client, "/targets/drop", gone, "/targets/own").status_code == 404


def test_what_cannot_be_written_is_not_in_the_log(administrator, engine, config, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey.targets.write_whole", full)
    reply = send(administrator, "/targets/target", NEW)
    assert reply.status_code == 422
    assert "No space left on device" in reply.text
    assert "target_made" not in {one.action for one in list_actions(engine, DoneFilter())}
    assert load_targets(config.targets_file) == shipped_targets()


HIGHER: dict[str, object] = {
    "office": OWN,
    "target": PLAN.id,
    "threshold": "92,5",
    "source": "Quyết định 7/QĐ-UBND",
}


def own_of(config):
    return [
        (one.office, one.target, one.threshold) for one in load_targets(config.targets_file).own
    ]


@pytest.fixture
def of_the_commune(app, engine, config):
    """Who administers a commune with an office below it."""
    write_whole(config.targets_file, targets_text(shipped_targets()))
    save_communes(engine)
    return sign_in(app, engine, Grant("administrator", OWN))


def test_an_office_gets_a_threshold_of_its_own_which_holds_below_it(of_the_commune, config, engine):
    client = of_the_commune
    assert "Đang áp dụng cho" in client.get("/targets").text
    assert send(client, "/targets/own", HIGHER).status_code == 303
    assert own_of(config) == [(OWN, PLAN.id, Decimal("0.925"))]
    page = client.get("/targets").text
    assert "92,5% (mức riêng)" in page
    row = page.partition("92,5% (mức riêng)")[2].partition("</tr>")[0]
    assert "Quyết định 7/QĐ-UBND" in row and PLAN.source not in row  # who says 92.5%
    assert "lan đặt mức riêng của UBND xã Triệu Sơn cho mục tiêu" in page
    done = list_actions(engine, DoneFilter())[0]
    assert (done.action, done.office) == ("own_threshold_set", OWN)
    changed = HIGHER | {"threshold": "94%"}
    assert send(client, "/targets/own", changed).status_code == 303
    assert own_of(config) == [(OWN, PLAN.id, Decimal("0.94"))]
    edit = f"/targets/own?office={OWN}&target={PLAN.id}"
    assert 'value="94%"' in client.get(edit).text
    asked = send(client, "/targets/own/drop", {"office": OWN, "target": PLAN.id}, edit)
    assert "Bỏ mức riêng thì UBND xã Triệu Sơn phải đạt 90%." in asked.text
    assert own_of(config) != []
    sure = {"office": OWN, "target": PLAN.id, "sure": "1"}
    assert send(client, "/targets/own/drop", sure, edit).status_code == 303
    assert load_targets(config.targets_file) == shipped_targets()


def test_targets_on_all_dossiers_are_listed_and_an_office_has_its_own_threshold_for_them(
    of_the_commune, config
):
    page = of_the_commune.get("/targets").text
    assert "Mục tiêu trên toàn bộ hồ sơ" in page and "Nộp trực tuyến" in page
    own = HIGHER | {"target": "online-2030", "threshold": "70"}
    assert send(of_the_commune, "/targets/own", own).status_code == 303
    assert own_of(config) == [(OWN, "online-2030", Decimal("0.7"))]
    page = of_the_commune.get("/targets").text
    assert "70% (mức riêng)" in page and "Hồ sơ nộp trực tuyến, 2030" in page


def test_an_office_below_is_told_whose_threshold_holds_and_may_change_its_own_alone(
    app, engine, config, of_the_commune
):
    assert send(of_the_commune, "/targets/own", HIGHER).status_code == 303
    client = sign_in(app, engine, Grant("administrator", BELOW), "minh")
    page = client.get("/targets").text
    assert "92,5% (mức của UBND xã Triệu Sơn)" in page
    assert "Chưa cơ quan nào có mức riêng" in page
    assert "/targets/target" not in page
    assert "đặt mức riêng của UBND xã Triệu Sơn" not in page  # the log of others
    for office in (OWN, FOREIGN):
        assert client.get(f"/targets/own?office={office}").status_code == 404
        for path in ("/targets/own", "/targets/own/drop"):
            given = HIGHER | {"office": office, "sure": "1"}
            assert send(client, path, given, "/targets/own").status_code == 404
    for path, given in (("/targets/target", NEW), ("/targets/drop", {"id": PLAN.id, "sure": "1"})):
        assert send(client, path, given, "/targets/own").status_code == 404
    mine = HIGHER | {"office": BELOW, "threshold": "80"}
    assert send(client, "/targets/own", mine).status_code == 303
    assert own_of(config) == [
        (OWN, PLAN.id, Decimal("0.925")),
        (BELOW, PLAN.id, Decimal("0.8")),
    ]
    assert load_targets(config.targets_file).target == shipped_targets().target


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"office": ""}, "Hãy chọn cơ quan và mục tiêu"),
        ({"target": "never"}, "Hãy chọn cơ quan và mục tiêu"),
        ({"threshold": "nhiều"}, "“nhiều” chưa đúng"),
        ({"source": " "}, "Hãy ghi căn cứ"),
        ({"source": "x" * 301}, "nhiều nhất 300"),
    ],
)
def test_what_is_no_threshold_is_told_and_stays_filled_in(of_the_commune, config, changed, told):
    reply = send(of_the_commune, "/targets/own", HIGHER | changed)
    assert reply.status_code == 422
    assert told in reply.text
    assert f'value="{(HIGHER | changed)["threshold"]}"' in reply.text
    assert own_of(config) == []


def test_a_dropped_target_takes_thresholds_of_offices_along(administrator, config):
    assert send(administrator, "/targets/own", HIGHER).status_code == 303
    sure = {"id": PLAN.id, "sure": "1"}
    assert send(administrator, "/targets/drop", sure, "/targets/target").status_code == 303
    assert own_of(config) == []


def test_a_threshold_of_an_office_that_is_not_there_is_told_and_can_be_dropped(
    administrator, config, engine
):
    assert send(administrator, "/targets/own", HIGHER).status_code == 303
    text = config.targets_file.read_text(encoding="utf-8").replace(f'"{OWN}"', '"xa-cu"')
    write_whole(config.targets_file, text)
    assert "Cơ quan không còn trong danh sách: xa-cu" in administrator.get("/targets").text
    places = load_places(engine)
    found = find_worries(config, places, published_questionnaires(engine))
    assert "xa-cu" in " ".join(one.said for one in found)
    sure = {"office": "xa-cu", "target": PLAN.id, "sure": "1"}
    assert send(administrator, "/targets/own/drop", sure, "/targets/own").status_code == 303
    assert own_of(config) == []


def test_sectors_that_are_gone_are_told_by_name_in_one_sentence_and_once_unticked_no_more(
    administrator, config, engine
):
    places = load_places(engine)
    left = tuple(one for one in places.sector if one.id not in ("construction", "investment"))
    fewer, asked = places.model_copy(update={"sector": left}), published_questionnaires(engine)

    def about():
        return [one for one in find_worries(config, fewer, asked) if "target" in one.key]

    (told,) = about()
    assert told.text.vi == (
        "5 mục tiêu, nhóm mục tiêu không tính được vì có lĩnh vực không còn ở đây: Xây dựng, Đầu tư"
    )
    for id_ in ("group-2025", "group-2030", "each-2025", "each-2030"):
        address, given = typed(administrator.get(f"/targets/target?id={id_}"))
        assert administrator.post(address, data=given | {"sectors": "land"}).status_code == 303
    assert about() == []
