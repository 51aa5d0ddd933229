"""All offices side by side: what is computed in the background, and who sees what of it."""

from __future__ import annotations

import os
import re
import time
import uuid
from datetime import date, datetime
from decimal import Decimal
from html import unescape

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Engine, event

from analysis.period import parse_period
from analysis.targets import OwnThreshold, shipped_targets, targets_text
from questionnaires import Text
from survey.access import Grant, Role
from survey.cli import cli
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.errors import HailongError
from survey.figures import overviews
from survey.figures.office import office_figures, office_tree
from survey.figures.overviews import (
    CHECKED,
    FAILED,
    Marks,
    is_due,
    refresh,
    want,
    wanted_periods,
)
from survey.files import write_whole
from survey.intake import Response
from survey.places import Office, shipped_places
from survey.sealing import seal_days_due
from survey.store import sealing, tables
from survey.store.overviews import (
    KeptRow,
    View,
    drop_rows,
    keep_newest,
    load_rows,
    newest_answers,
    replace_rows,
)
from survey.store.places import GONE, load_places, office_parents, save_places
from survey.store.population import CountSource, save_counts
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many
from survey.store.staff import add_staff
from survey.turns import turn
from survey.web.desk.guard import Scope
from survey.web.desk.results import Seen, seen_of
from tests.chromium import NewContext
from tests.clock import NOW, TODAY, stand_at
from tests.survey.desk import seen
from tests.survey.desk.pages import PASSWORD, SignIn, sign_in

VIEWS: tuple[View, ...] = ("full", "published")
MONTH = parse_period("2026-09")
GOOD, BAD, FEW, LONE = "xa-tot", "xa-kem", "xa-it", "xa-rieng"
PROVINCE = "tinh-thu"


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a fixed day: the one on which things were computed."""
    stand_at(monkeypatch, NOW)


def answers(engine: Engine, office: str, satisfied: int, others: int, sector: str = "land") -> None:
    scores = ["5"] * satisfied + ["2"] * others
    add_many(
        engine,
        [
            Response(
                str(uuid.uuid4()),
                "desk@1",
                office,
                sector,
                "poster",
                date(2026, 9, 5),
                f"{one}-----",
            )
            for one in scores
        ],
    )


def dossiers(engine: Engine, office: str, **sectors: int) -> None:
    counts = [
        PopulationCount("2026-09", office, name, n, None, None) for name, n in sectors.items()
    ]
    save_counts(engine, counts, log=CountSource(TODAY, "thang-9.xlsx", "0" * 64))


@pytest.fixture
def province(engine: Engine) -> Engine:
    """A province with three communes, and a commune of its own beside it."""
    shipped = shipped_places()
    more = [Office(id=PROVINCE, name=Text(vi="Tỉnh Thử", en="Trial Province"))]
    for id_, vi in ((GOOD, "Xã Tốt"), (BAD, "Xã Kém"), (FEW, "Xã Ít")):
        more.append(Office(id=id_, name=Text(vi=vi, en=vi), parent=PROVINCE))
    more.append(Office(id=LONE, name=Text(vi="Xã Riêng", en="Xã Riêng")))
    counter = shipped.counter[0]
    counters = [
        counter.model_copy(update={"id": f"quay-{one}", "office": one})
        for one in (GOOD, BAD, FEW, LONE)
    ]
    places = shipped.model_copy(update={"office": tuple(more), "counter": tuple(counters)})
    save_places(engine, places, TODAY)
    answers(engine, GOOD, 120, 3)
    answers(engine, BAD, 50, 70)
    answers(engine, FEW, 2, 1)
    answers(engine, LONE, 40, 2)
    for office in (GOOD, FEW, LONE):
        dossiers(engine, office, land=400, civil_status=100)
    return engine


_once: dict[str, list[tuple[View, KeptRow]]] = {}


def computed(config: Config, engine: Engine) -> None:
    """Have it computed; what the same answers gave an earlier test is put there as it was."""
    if "rows" not in _once:
        assert refresh(config, engine, TODAY, [MONTH]) == 4  # two groups, full and published
        _once["rows"] = [(v, row) for v in VIEWS for row in load_rows(engine, MONTH.text, v)]
    for view in VIEWS:
        for group in ("all", PROVINCE):
            rows = [row for v, row in _once["rows"] if v == view and row.within == group]
            replace_rows(engine, MONTH.text, view, group, rows)
    keep_newest(engine, office_tree(engine).parents)


def looked_at(config: Config, engine: Engine) -> bool:
    """Let the server look for what has changed, as it does every few minutes."""
    (config.data / CHECKED).unlink(missing_ok=True)
    return is_due(config, engine, TODAY)


def stale(config: Config, engine: Engine) -> list[tuple[str, str]]:
    marks = Marks(engine, config, office_tree(engine), TODAY)
    return sorted((one.group, one.view) for one in marks.stale([MONTH]))


WHOLE = [("all", "full"), ("all", "published")]
BELOW = [(PROVINCE, "full"), (PROVINCE, "published")]


def text(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_row_an_office_with_totals_and_what_each_needs(
    app: Flask, config: Config, province: Engine
) -> None:
    computed(config, province)
    client = sign_in(app, province, Grant("administrator", None))
    page = client.get("/overview/2026-09")
    assert page.status_code == 200
    assert len(page.data) < 60_000
    found = text(page.text)
    assert "Tất cả cơ quan" in found
    assert "Tỉnh Thử" in found
    order = [found.index(name) for name in ("Xã Ít", "Xã Kém", "Xã Riêng", "Xã Tốt")]
    assert order == sorted(order)  # by name, whatever the shares
    assert "Chưa có hồ sơ 09/2026." in found
    assert "chưa kết luận được cho Tỉnh Thử" in found
    assert "Thấp hơn hẳn các nơi khác." in found
    assert "Thiếu hồ sơ tháng (1)" in found
    assert f'href="/results/2026-09/{BAD}?lang=vi"' in page.text


@pytest.mark.browser
@pytest.mark.sqlite_is_enough
def test_the_page_fits_a_phone_a_tablet_and_a_desk_s_screen(
    new_context: NewContext, address: str, config: Config, province: Engine
) -> None:
    computed(config, province)
    add_staff(province, "lan", PASSWORD, TODAY)
    page = new_context(base_url=address).new_page()
    seen.sign_in(page, address, "lan", PASSWORD)
    page.goto(f"/overview/2026-09?within={PROVINCE}")
    page.get_by_role("link", name="Xã Kém").wait_for()
    seen.checked(page)


def test_the_figures_are_those_of_the_office_s_own_page(config: Config, province: Engine) -> None:
    assert refresh(config, province, TODAY, [MONTH]) == 4
    places, asked = load_places(province, gone_too=True), published_questionnaires(province)
    document = office_figures(config, places, asked, MONTH, TODAY).document
    rows = {(row.office, row.whole): row.content for row in load_rows(province, "2026-09", "full")}
    for office in (GOOD, BAD, FEW, LONE):
        own, row = document.pick(office=office), rows[office, False]
        assert own is not None
        for name in ("n", "share", "low", "high", "response_rate", "population"):
            assert row[name] == getattr(own, name), (office, name)
        for told in row["targets"]:
            verdicts = [
                verdict.evidence
                for verdict in document.verdicts
                if (verdict.office, verdict.target) == (office, told["target"])
            ]
            assert told["of"] == len(verdicts)
            assert told["met"] == verdicts.count("met")
    whole = document.pick()
    assert whole is not None
    assert rows["all", True]["share"] == whole.share
    assert rows[PROVINCE, True]["received"] == 123 + 120 + 3


def test_only_what_changed_is_computed_again(config: Config, province: Engine) -> None:
    computed(config, province)
    assert stale(config, province) == []
    answers(province, LONE, 1, 0)
    assert stale(config, province) == WHOLE  # everything, not the province
    assert refresh(config, province, TODAY, [MONTH]) == 2
    assert stale(config, province) == []
    dossiers(province, GOOD, land=401)
    assert stale(config, province) == WHOLE + BELOW
    computed(config, province)
    config.targets_file.write_text("group = []\ntarget = []\n", encoding="utf-8")
    assert stale(config, province) == WHOLE + BELOW


@pytest.mark.sqlite_is_enough
def test_an_answer_of_a_later_month_changes_nothing_of_this_one(
    config: Config, province: Engine
) -> None:
    computed(config, province)
    later = ("desk@1", GOOD, "land", "poster", date(2026, 10, 5), "5-----")
    add_many(province, [Response(str(uuid.uuid4()), *later)])
    assert stale(config, province) == []


@pytest.mark.sqlite_is_enough
def test_a_page_that_is_older_than_its_data_says_from_when_it_is(
    app: Flask, config: Config, province: Engine
) -> None:
    client = sign_in(app, province, Grant("administrator", None))
    waiting = client.get("/overview/2026-09")
    assert "Máy chủ tính trong nền" in waiting.text
    assert waiting.headers["Refresh"]
    computed(config, province)
    assert "Số liệu tính ngày" in client.get("/overview/2026-09").text
    answers(province, GOOD, 1, 0)
    assert looked_at(config, province)
    page = client.get("/overview/2026-09").text
    assert "máy chủ đang tính lại" in page
    computed(config, province)
    assert "Số liệu tính ngày" in client.get("/overview/2026-09").text


@pytest.mark.sqlite_is_enough
def test_what_was_never_computed_yet_is_said_to_be_missing(
    app: Flask, config: Config, province: Engine
) -> None:
    computed(config, province)
    replace_rows(province, MONTH.text, "full", PROVINCE, [])
    client = sign_in(app, province, Grant("administrator", None))
    page = client.get("/overview/2026-09")
    assert "còn đang tính 1 nhóm cơ quan: bảng dưới đây chưa đủ" in text(page.text)
    assert page.headers["Refresh"]
    computed(config, province)
    whole = client.get("/overview/2026-09")
    assert "còn đang tính" not in whole.text and "Refresh" not in whole.headers


@pytest.mark.sqlite_is_enough
def test_a_period_that_is_none_is_told_with_those_that_there_are(
    app: Flask, province: Engine
) -> None:
    client = sign_in(app, province, Grant("administrator", None))
    for path in ("/overview/2026-13", "/overview?period=2026-13"):
        page = client.get(path)
        assert page.status_code == 400
        assert "Không đọc được kỳ “2026-13”" in page.text
        assert "Tháng 10/2026" in page.text
    assert client.get("/overview/2026-13/funnel.svg").status_code == 404


@pytest.mark.sqlite_is_enough
def test_shares_are_standardised_to_the_dossiers_of_the_group_that_is_shown(
    app: Flask, config: Config, province: Engine
) -> None:
    dossiers(province, LONE, land=100, civil_status=900)
    assert refresh(config, province, TODAY, [MONTH]) == 4
    client = sign_in(app, province, Grant("administrator", None))

    def row(within: str) -> str:
        page = client.get(f"/overview/2026-09?within={within}").text
        return text(page.split(f"/results/2026-09/{GOOD}?")[1].split("</tr>")[0])

    # The sector with answers holds 800 of 1,000 dossiers of the province, 900 of 2,000 of all.
    assert "không tính: lĩnh vực có phiếu mới ứng với 45% hồ sơ của nhóm" in row("all")
    assert "không tính" not in row(PROVINCE)
    rows = {one.office: one.content for one in load_rows(province, MONTH.text, "full")}
    assert set(rows["all"]["standard"]) == {GOOD, BAD, FEW, LONE}
    assert set(rows[PROVINCE]["standard"]) == {GOOD, BAD, FEW}


@pytest.mark.sqlite_is_enough
def test_an_office_that_is_no_more_needs_nothing_of_the_time_since(
    app: Flask, config: Config, province: Engine
) -> None:
    office = tables.office.c
    gone = {"position": GONE, "until": date(2026, 8, 31), "parent": GOOD}
    with province.begin() as connection:
        connection.execute(tables.office.update().where(office.id == BAD).values(gone))
        new = {"id": "xa-cu", "name_vi": "Xã Cũ", "name_en": "Xã Cũ", **gone}
        connection.execute(tables.office.insert().values(new))
    add_many(
        province,
        [
            Response(
                str(uuid.uuid4()), "desk@1", "xa-cu", "land", "poster", date(2026, 5, 5), "5-----"
            )
        ],
    )
    refresh(config, province, TODAY, [MONTH])
    client = sign_in(app, province, Grant("administrator", None))
    page = client.get(f"/overview/2026-09?within={PROVINCE}").text
    assert "Xã Cũ" not in page  # which had none in September
    assert "Thiếu hồ sơ" not in page
    row = text(page.split(f"/results/2026-09/{BAD}?")[1].split("</tr>")[0])
    assert "Từ 01/09/2026 thuộc Xã Tốt." in row
    assert "chưa có phiếu" not in row and "Chưa có hồ sơ" not in row


# --- a group elsewhere than on this page ----------------------------------------------------------


@pytest.mark.sqlite_is_enough
def test_an_office_above_others_is_seen_as_their_total(province: Engine) -> None:
    def seen(grant: Grant, place: str) -> Seen:
        return seen_of(province, Scope(grant, office_parents(province)), MONTH, place)

    group = frozenset({PROVINCE, GOOD, BAD, FEW})
    full = seen(Grant("analyst", None), PROVINCE)
    assert (full.shown, full.within, full.offices) == ("all", PROVINCE, group)
    own = seen(Grant("analyst", PROVINCE), PROVINCE)
    assert (own.shown, own.within, own.offices) == ("all", PROVINCE, group)
    one = seen(Grant("analyst", None), GOOD)
    assert (one.shown, one.within, one.total) == (GOOD, "", False)
    for grant, place in ((None, PROVINCE), (PROVINCE, PROVINCE), (PROVINCE, "all")):
        shown = seen(Grant("viewer", grant), place)
        assert (shown.shown, shown.within, shown.published) == ("all", PROVINCE, True)
    # What is published of one office alone is in the document of all.
    alone = seen(Grant("viewer", GOOD), "all")
    assert (alone.shown, alone.within, alone.offices) == (GOOD, "", {GOOD})
    # With an answer of its own it is an office like any other.
    answers(province, PROVINCE, 1, 0)
    assert seen(Grant("analyst", None), PROVINCE).shown == PROVINCE


@pytest.mark.sqlite_is_enough
def test_the_office_above_all_others_is_everything(province: Engine) -> None:
    with province.begin() as connection:
        above = tables.office.update().where(tables.office.c.id == LONE).values(parent=PROVINCE)
        connection.execute(above)
    asked: tuple[tuple[Role, str | None, bool], ...] = (
        ("viewer", None, True),
        ("viewer", PROVINCE, True),
        ("analyst", None, False),
    )
    for role, office, published in asked:
        scope = Scope(Grant(role, office), office_parents(province))
        seen = seen_of(province, scope, MONTH, PROVINCE)
        assert (seen.shown, seen.within, seen.published) == ("all", "", published)


@pytest.mark.slow
@pytest.mark.sqlite_is_enough
def test_of_a_total_that_would_tell_of_a_few_no_figure_is_shown_but_how_many_answered(
    province: Engine, signed_in: SignIn
) -> None:
    client = signed_in("viewer", None)
    page = client.get(f"/results/2026-09/{PROVINCE}")
    assert page.status_code == 200
    found = text(page.text.split("<main")[1])
    assert "Tỉnh Thử, gồm 3 cơ quan" in found
    assert "Không công bố" in found or "không công bố" in found
    assert "chưa có phiếu nào" not in found


@pytest.mark.sqlite_is_enough
def test_a_failure_is_told_as_one_and_what_was_there_stays(
    app: Flask, config: Config, province: Engine
) -> None:
    computed(config, province)
    config.targets_file.write_text("target = 5\n", encoding="utf-8")
    with pytest.raises(HailongError):
        refresh(config, province, TODAY, [MONTH])
    config.targets_file.unlink()
    answers(province, GOOD, 1, 0)
    assert looked_at(config, province)
    client = sign_in(app, province, Grant("administrator", None))
    page = client.get("/overview/2026-09").text
    assert "Lần tính gần nhất không xong" in page
    assert "Xã Tốt" in page
    refresh(config, province, TODAY, [])
    assert not (config.data / FAILED).exists()


@pytest.mark.sqlite_is_enough
def test_an_account_sees_its_offices_and_no_other(
    app: Flask, config: Config, province: Engine, signed_in: SignIn
) -> None:
    computed(config, province)
    client = signed_in("officer", PROVINCE)
    page = client.get("/overview/2026-09").text
    assert "Xã Tốt" in page
    assert "Xã Riêng" not in page
    assert "Tất cả cơ quan" not in page
    for place in ("all", LONE, "nowhere"):
        assert client.get(f"/overview/2026-09?within={place}").status_code == 404
        assert client.get(f"/overview/2026-09/funnel.svg?within={place}").status_code == 404
    picture = client.get("/overview/2026-09/funnel.svg").text
    assert "Xã Kém" in picture
    assert "Xã Riêng" not in picture
    one = signed_in("officer", LONE)
    assert one.get("/overview/2026-09").headers["Location"].startswith(f"/results/2026-09/{LONE}")
    assert "/overview" not in one.get("/account").text
    assert "/overview" in client.get("/account").text


@pytest.mark.sqlite_is_enough
def test_a_viewer_sees_what_may_be_published_alone(
    app: Flask, config: Config, province: Engine, signed_in: SignIn
) -> None:
    computed(config, province)
    client = signed_in("viewer", None)
    page = client.get("/overview/2026-09").text
    row = text(page.split("Xã Ít")[1].split("</tr>")[0])
    assert "không công bố" in row
    assert "%" not in row.replace("3 0,6%", "")  # how many answered, of how many
    for hidden in ("Nếu cùng cơ cấu", "So với kỳ trước", "hẳn các nơi khác"):
        assert hidden not in page
    assert client.get("/overview/2026-09/funnel.svg").status_code == 404
    # The province less its two shown communes would be the small one.
    kept = {row.office: row for row in load_rows(province, "2026-09", "published") if row.whole}
    assert kept[PROVINCE].content["shown"] is False
    total = text(page.split("Tỉnh Thử")[1].split("</tr>")[0])
    assert "không công bố" in total
    assert "chưa thể" not in total
    running = client.get("/overview/2026-10").text
    assert "chưa công bố được" in running or "chưa có phiếu" in running


@pytest.mark.sqlite_is_enough
def test_who_has_been_silent_is_known_as_of_the_last_look(
    app: Flask, config: Config, province: Engine
) -> None:
    computed(config, province)
    client = sign_in(app, province, Grant("administrator", None))
    assert "40 ngày chưa có phiếu, từ 05/09/2026." in text(client.get("/overview/2026-09").text)
    newer = ("desk@1", GOOD, "land", "poster", date(2026, 10, 10), "5-----")
    add_many(province, [Response(str(uuid.uuid4()), *newer)])
    looked_at(config, province)
    page = client.get("/overview/2026-09?need=silent").text
    assert "Xã Kém" in page
    assert "Xã Tốt" not in page


@pytest.mark.sqlite_is_enough
def test_who_sees_what_is_published_alone_learns_of_no_day_with_an_answer(
    config: Config, province: Engine, signed_in: SignIn
) -> None:
    computed(config, province)
    page = text(signed_in("viewer", None).get("/overview/2026-09").text)
    assert "Hơn 14 ngày chưa có phiếu." in page
    assert "05/09" not in page and "40 ngày" not in page


def test_of_a_sealed_month_no_day_of_a_last_answer_stays(config: Config, province: Engine) -> None:
    keep_newest(province, office_tree(province).parents)
    assert newest_answers(province)[GOOD] == date(2026, 9, 5)
    assert not list(seal_days_due(province, TODAY))
    sealing.seal_month(province, MONTH.text, None)
    assert GOOD not in newest_answers(province)
    keep_newest(province, office_tree(province).parents)
    assert newest_answers(province)[GOOD] == date(2026, 9, 1)


def test_a_page_of_all_offices_reads_no_answer(
    app: Flask, config: Config, province: Engine
) -> None:
    computed(config, province)
    client = sign_in(app, province, Grant("administrator", None))
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        read.append(statement)

    event.listen(province, "before_cursor_execute", note)
    assert client.get("/overview/2026-09").status_code == 200
    event.remove(province, "before_cursor_execute", note)
    of_answers = [one for one in read if re.search(r"\bFROM response\b", one)]
    # Of former offices alone it is asked whether they have any.
    assert all("FROM office" in one for one in of_answers), of_answers
    assert len(read) < 16


@pytest.mark.sqlite_is_enough
def test_offices_are_found_by_name_and_need_and_sorted_by_evidence(
    app: Flask, config: Config, province: Engine
) -> None:
    computed(config, province)
    client = sign_in(app, province, Grant("administrator", None))

    def names(query: str) -> list[str]:
        page = client.get(f"/overview/2026-09?{query}")
        assert page.status_code == 200
        return re.findall(r'<a href="/results/2026-09/(xa-[a-z]+)', page.text)

    assert names("q=kem") == [BAD]  # without marks
    assert names("need=dossiers") == [BAD]
    assert names("sort=evidence")[0] == GOOD
    assert names("sort=evidence")[-1] == FEW
    assert names(f"within={PROVINCE}") == [FEW, BAD, GOOD]
    assert names("sort=share") == names("")
    assert client.get("/overview/2026-09?page=2").status_code == 404
    assert client.get("/overview/never").status_code == 400
    assert "Xã Kém" not in client.get("/overview/2026-09?q=%3Cb%3E").text


@pytest.mark.sqlite_is_enough
def test_what_is_looked_at_is_kept_up_to_date_for_a_while(config: Config, province: Engine) -> None:
    period = parse_period("12m:2026-09")
    assert period.text not in [one.text for one in wanted_periods(config, TODAY)]
    assert is_due(config, province, TODAY)
    assert not is_due(config, province, TODAY)  # looked at a moment ago
    later = time.time() + 365 * 86_400  # by a clock that was set back since
    os.utime(config.data / overviews.CHECKED, (later, later))
    assert is_due(config, province, TODAY)
    assert not is_due(config, province, TODAY)
    time.sleep(0.02)
    want(config, period)
    assert is_due(config, province, TODAY)
    assert period.text in [one.text for one in wanted_periods(config, TODAY)]
    (file,) = (config.data / overviews.FOLDER).iterdir()
    old = time.time() - overviews.REMEMBERED - 1
    os.utime(file, (old, old))
    assert period.text not in [one.text for one in wanted_periods(config, TODAY)]


def test_rows_of_periods_and_groups_that_nobody_wants_go(config: Config, province: Engine) -> None:
    computed(config, province)
    drop_rows(province, [MONTH.text], ["all"])
    assert {row.within for row in load_rows(province, MONTH.text, "full")} == {"all"}
    drop_rows(province, [], ["all"])
    assert load_rows(province, MONTH.text, "full") == []


@pytest.mark.sqlite_is_enough
def test_of_a_period_that_has_not_begun_nothing_is_computed(
    config: Config, province: Engine
) -> None:
    later = datetime.now(config.zone).year + 2
    done = CliRunner().invoke(cli, ["refresh", "--period", str(later), "--data", str(config.data)])
    assert isinstance(done.exception, HailongError)
    assert f"{later} has not begun" in done.exception.said("en")
    assert load_rows(province, str(later), "full") == []


@pytest.mark.sqlite_is_enough
def test_one_process_computes_at_a_time(config: Config, province: Engine) -> None:
    with turn(config.data / overviews.TURN) as mine:
        assert mine
        assert refresh(config, province, TODAY, [MONTH]) is None


@pytest.mark.sqlite_is_enough
def test_one_office_has_no_such_page(app: Flask, config: Config, engine: Engine) -> None:
    client = sign_in(app, engine, Grant("administrator", None))
    assert "/overview" not in client.get("/account").text
    assert client.get("/overview/2026-09").status_code == 303
    assert not is_due(config, engine, TODAY)


@pytest.mark.sqlite_is_enough
def test_a_purged_period_is_said_to_be_purged_and_nothing_of_it_is_computed(
    app: Flask, config: Config, province: Engine
) -> None:
    computed(config, province)
    with province.begin() as connection:
        connection.execute(tables.purge.insert(), [{"month": "2026-09", "purged_on": TODAY}])
        connection.execute(tables.response.delete())
    assert stale(config, province) == []
    page = sign_in(app, province, Grant("administrator", None)).get("/overview/2026-09").text
    assert "đã xóa ngày 15/10/2026" in page
    assert "Xã Tốt" not in page


def test_an_office_is_judged_by_its_own_threshold_and_a_total_by_its_group_s(
    app: Flask, config: Config, province: Engine
) -> None:
    targets = shipped_targets()
    first = targets.target[0].id
    held = ((PROVINCE, "0.50"), (GOOD, "0.999"))
    own = tuple(
        OwnThreshold(target=first, office=office, threshold=Decimal(share), source="x")
        for office, share in held
    )
    text_of = targets_text(targets.model_copy(update={"own": own}))
    write_whole(config.targets_file, text_of)
    assert refresh(config, province, TODAY, [MONTH]) == 4
    rows = {(row.office, row.whole): row.content for row in load_rows(province, "2026-09", "full")}
    told = {key: (row["targets"][0]["threshold"], row["targets"][0]["threshold_of"])
            for key, row in rows.items()}  # fmt: skip
    assert told == {
        (GOOD, False): (0.999, GOOD),
        (BAD, False): (0.5, PROVINCE),
        (FEW, False): (0.5, PROVINCE),
        (LONE, False): (0.9, None),
        (PROVINCE, True): (0.5, PROVINCE),
        ("all", True): (0.9, None),
    }
    client = sign_in(app, province, Grant("administrator", None))
    page = client.get(f"/overview/2026-09?within={PROVINCE}&lang=en").text
    assert "at least 50%" in text(page)
    assert "≥ 99.9%" in page
    assert "threshold 99.9%, set by Xã Tốt" in page
    assert "≥ 50%" not in page  # what the group has itself stands in its list
    every = client.get("/overview/2026-09?lang=en").text
    assert "≥ 50%" in every
    assert "threshold 50%, set by Trial Province" in every


def test_who_sees_a_province_alone_has_its_threshold_for_the_total(
    config: Config, province: Engine
) -> None:
    targets = shipped_targets()
    own = OwnThreshold(
        target=targets.target[0].id, office=PROVINCE, threshold=Decimal("0.5"), source="x"
    )
    write_whole(config.targets_file, targets_text(targets.model_copy(update={"own": (own,)})))
    places, asked = load_places(province, gone_too=True), published_questionnaires(province)

    def total(within: str) -> tuple[float, str | None]:
        document = office_figures(config, places, asked, MONTH, TODAY, within=within).document
        verdict = next(v for v in document.verdicts if v[:3] == (own.target, "all", "all"))
        return verdict.threshold, verdict.threshold_of

    assert total(PROVINCE) == (0.5, PROVINCE)
    assert total(BAD) == (0.5, PROVINCE)  # its own total is what it is
    assert total(LONE) == (0.9, None)
    assert total("") == (0.9, None)
