"""Two questionnaires in one period stand side by side, each by itself; nothing refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import analysis
from analysis.insights.insights import explain
from analysis.reporting.chart import chart_bytes
from analysis.reporting.pictures import picture
from analysis.reporting.sections import headline_sentences, render_text, report_sections
from analysis.reporting.tables import (
    channel_table,
    measure_table,
    needed_table,
    sector_table,
    silence_table,
)
from analysis.reporting.verdicts import head, verdict_list
from analysis.reporting.wording import measure_names
from analysis.strata.survey import Setting
from analysis.targets import shipped_targets
from questionnaires import load_folder, shipped
from tests.analysis.given import verdict_of

DESK = {"access": "4", "procedures": "5", "civil_servants": "", "results": "3", "feedback": "5"}
SIPAS = {"c01": "5", "c02": "4", "c05": "2"}
MARK = " · sipas-22@1"
FILES = Path(__file__).parents[3] / "questionnaires" / "data"


@pytest.fixture
def counters(given):
    """Land asks by the desk form: 24 of 30 satisfied; civil status by the long one: 19 of 20."""
    given.answers("land", 30, 24, questionnaire="desk@1", **DESK)
    given.answers("civil-status", 20, 19, questionnaire="sipas-22@1", **SIPAS)
    return given.dossiers("land", 60).dossiers("civil-status", 40)


@pytest.fixture
def one_counter(given):
    """Both forms at one counter: 24 of 30 by the one, 19 of 20 by the other, of 100 dossiers."""
    given.answers("land", 30, 24, questionnaire="desk@1", **DESK)
    given.answers("land", 20, 19, questionnaire="sipas-22@1", channel="kiosk", **SIPAS)
    return given.dossiers("land", 100)


@pytest.fixture
def declared(tmp_path):
    """The shipped questionnaires; the long one says that its overall item is the desk's."""
    folder = tmp_path / "questionnaires"
    folder.mkdir()
    text = (FILES / "sipas-22.v1.toml").read_text(encoding="utf-8")
    said = text.replace('id = "overall"\n', 'id = "overall"\nsame_as = ["desk@1"]\n', 1)
    (folder / "sipas-22.v1.toml").write_text(said, encoding="utf-8")
    return shipped() | load_folder(folder)


def test_each_questionnaire_has_a_section_the_most_answered_first(counters):
    found = counters.analyse()
    assert [section.questionnaires for section in found.sections] == [("desk@1",), ("sipas-22@1",)]
    desk, sipas = found.parts()
    assert (desk.pick().n, desk.pick().share) == (30, 0.8)
    assert (sipas.pick().n, sipas.pick().share) == (20, 0.95)
    assert desk.pick().questionnaires == "desk@1"


def test_an_index_is_of_one_questionnaire(counters):
    """Three of the four items answered at the desk are satisfied, two of the other form's three."""
    found = counters.analyse()
    shares = [part.pick(measure="index").share for part in found.parts()]
    assert shares == [pytest.approx(3 / 4), pytest.approx(2 / 3)]
    assert {row.questionnaires for row in found.estimates} == {"desk@1", "sipas-22@1"}


def test_where_only_the_other_questionnaire_has_answers_its_row_is_found(counters):
    found = counters.analyse()
    assert found.pick(sector="civil-status").share == 0.95
    assert found.pick(measure="item:c02").n == 20
    assert found.pick(measure="element:results").n == 30


def test_each_section_is_weighed_against_all_dossiers_of_the_office(counters):
    """The desk form speaks for 60 of 100 dossiers, the other for 40: neither for the office."""
    found = counters.analyse()
    assert [v.coverage for v in found.verdicts if v.key == ("procedures-2025", "all", "all")] == [
        *(0.6, 0.4)
    ]
    total = verdict_of(found, "procedures-2025")
    assert (total.evidence, total.reason) == ("not_proven", "coverage")
    assert verdict_of(found, "each-2030", "land").reason is None


def test_a_verdict_speaks_of_the_row_of_its_own_questionnaire(one_counter):
    found = one_counter.analyse()
    both = [v for v in found.verdicts if v.key == ("each-2030", "all", "land")]
    assert [v.questionnaires for v in both] == ["desk@1", "sipas-22@1"]
    assert [v.share for v in both] == [0.8, 0.95]
    assert [found.row_of(v).share for v in both] == [0.8, 0.95]


def test_both_are_in_the_json(counters):
    found = json.loads(json.dumps(counters.analyse().as_json()))
    assert found["questionnaires"] == [["desk@1"], ["sipas-22@1"]]
    totals = {
        row["questionnaires"]: row["n"]
        for row in found["estimates"]
        if (row["office"], row["sector"], row["measure"]) == ("all", "all", "index")
    }
    assert totals == {"desk@1": 30, "sipas-22@1": 20}


def test_both_are_in_the_text_the_second_by_its_name(counters):
    found = counters.analyse()
    text = render_text(found, names={"civil-status": "Hộ tịch"})
    lines = text.splitlines()
    cells = [re.split("  +", line) for line in lines]
    assert ["land", "80,0%", "30/60 (50,0%)"] in [row[:3] for row in cells]
    assert [f"Hộ tịch{MARK}", "95% (*)", "20/40 (50,0%)"] in [row[:3] for row in cells]
    assert f"  Tất cả lĩnh vực{MARK}: Tỷ lệ hài lòng 95% (20 phiếu)." in lines
    index = [row[:2] for row in cells[lines.index("Kết quả theo lĩnh vực: Chỉ số hài lòng") :]]
    assert ["land", "75,0%"] in index and [f"Hộ tịch{MARK}", "67% (*)"] in index


def test_a_sector_of_the_second_is_not_said_to_have_no_answers(counters):
    found = counters.analyse()
    names = [row[0] for row in sector_table(found).rows]
    assert f"civil-status{MARK}" in names and "civil-status" not in names


def test_both_are_in_every_table_and_in_the_chart(counters):
    found = counters.analyse()
    names = measure_names(shipped(), "vi")
    for table in (sector_table(found), measure_table(found, names=names), silence_table(found)):
        marked = [row[0].endswith(MARK) for row in table.rows]
        assert any(marked) and not all(marked)
    assert f"{names['item:c02']}{MARK}" in [r[0] for r in measure_table(found, names=names).rows]
    entries = verdict_list(found).entries
    assert any(entry.scope.endswith(MARK) for entry in entries)
    drawn = picture(found)
    assert [row.name for row in drawn.rows if row.name.endswith(MARK)] == [
        *(f"civil-status{MARK}", f"Tất cả lĩnh vực{MARK}")
    ]
    assert drawn.rows[0].name == "land"
    assert chart_bytes(found, "svg").startswith(b"<?xml")
    assert needed_table(found).rows  # land's own; what lacks coverage is not a matter of answers
    assert not [row for row in needed_table(found).rows if row[0].startswith("Chung")]


def test_the_head_counts_the_answers_of_both(counters):
    assert head(counters.analyse()).basis == "50 phiếu về thủ tục, trên 100 hồ sơ đã giải quyết."


def test_trend_drivers_and_reliability_are_told_all_the_same(counters):
    found, setting = counters.analyse(), Setting(shipped(), shipped_targets().groups)
    beside = explain(counters.responses, None, found, setting=setting)
    assert {trend.months[-1].estimate.n for trend in beside.trends if trend.sector == "all"} == {30}
    assert {row.questionnaire for row in beside.reliability} == {"desk@1", "sipas-22@1"}
    told = {section.key: section for section in report_sections(found, insights=beside)}
    assert told.keys() >= {"trend", "drivers", "reliability"}


def test_the_way_by_verbs_refuses_nothing_either(counters, tmp_path):
    with analysis.read(counters.responses, counters.population, today="2026-12-01") as data:
        found = analysis.estimate(data, "2026-10")
        verdicts = analysis.judge(found)
        assert f"civil-status{MARK}" in found._repr_html_()
        assert MARK in str(verdicts)
        assert f"civil-status{MARK}" in analysis.plot(found).words
        assert MARK in analysis.report(verdicts, tmp_path / "a.html").read_text(encoding="utf-8")
        assert found.between("sector").rows == ()
        alone = analysis.estimate(data, "2026-10", questionnaire="sipas-22@1")
    assert alone.pick().share == 0.95
    assert set(found.to_frame(full=True).questionnaires) == {"desk@1", "sipas-22@1"}


def test_a_period_is_compared_with_an_earlier_one_by_the_same_questionnaire_only(given):
    """In September the long form alone; the agency's form in October has no part in it."""
    given.answers("land", 20, 10, month="2026-09", questionnaire="sipas-22@1", **SIPAS)
    given.answers("land", 20, 18, questionnaire="sipas-22@1", **SIPAS)
    given.answers("land", 30, 24, questionnaire="desk@1", **DESK)
    given.answers("general", 30, 24, questionnaire="agency-service@1")
    with analysis.read(given.responses, today="2026-12-01") as data:
        october, september = (analysis.estimate(data, f"2026-{month}") for month in ("10", "09"))
        rows = october.since(september).rows
    land = {(row.first_share, row.second_share) for row in rows}
    assert land == {(0.9, 0.5)}


def test_each_sector_counts_once_in_the_headline(one_counter):
    """Land has two verdicts; that of the questionnaire that most people answered is told."""
    (first, *_) = headline_sentences(one_counter.analyse())
    assert first.startswith("Mục tiêu 90% năm 2030, 3 lĩnh vực: xét riêng từng lĩnh vực, 0 đạt")


def test_what_a_file_declares_the_same_is_pooled_and_the_index_is_not(counters, declared):
    """Overall of both: 0.6 x 80% + 0.4 x 95% = 86%; each form keeps its own index."""
    found = counters.analyse(questionnaires=declared)
    together, desk, sipas = found.sections
    assert together.questionnaires == ("desk@1", "sipas-22@1")
    row = found.pick()
    assert (row.n, row.share) == (50, pytest.approx(0.86))
    assert row.questionnaires == "desk@1+sipas-22@1"
    total = verdict_of(found, "procedures-2025")
    assert (total.coverage, total.reason, total.n) == (1, None, 50)
    assert {row.measure for row in together.estimates} == {"overall"}
    for section, share in ((desk, 3 / 4), (sipas, 2 / 3)):
        assert section.by_key["all", "all", "index", "all"].share == pytest.approx(share)
        assert ("all", "all", "overall", "all") not in section.by_key
        assert section.verdicts == ()  # every target is about the overall item
    assert head(found).basis == "50 phiếu về thủ tục, trên 100 hồ sơ đã giải quyết."


def test_the_text_of_what_is_pooled_names_each_index(counters, declared):
    found = counters.analyse(questionnaires=declared)
    text = render_text(found)
    overall, index = text.split("Kết quả theo lĩnh vực: ")[1:]
    assert "Tỷ lệ hài lòng 86,0% (50 phiếu" in text
    assert "86,0%" in overall and " · " not in overall
    assert "Tất cả lĩnh vực · desk@1" in index and f"Tất cả lĩnh vực{MARK}" in index


def test_a_target_on_what_is_asked_differently_is_judged_by_questionnaire(counters, declared):
    targets = shipped_targets()
    first = targets.target[0].model_copy(update={"measure": "index"})
    targets = targets.model_copy(update={"target": (first,)})
    found = counters.analyse(questionnaires=declared, targets=targets)
    shares = {v.questionnaires: v.share for v in found.verdicts if v.office == "all"}
    assert shares == {
        "desk@1+sipas-22@1": None,
        "desk@1": pytest.approx(3 / 4),
        "sipas-22@1": pytest.approx(2 / 3),
    }
    (none,) = (v for v in found.verdicts if v.office == "all" and v.share is None)
    assert "hãy xem từng bộ câu hỏi một" in none.note


def test_an_item_declared_the_same_tells_who_answered_it(one_counter, declared):
    found = one_counter.analyse(questionnaires=declared)
    assert (found.pick().n, found.pick().respondents) == (50, 50)
    assert found.pick(measure="item:access").n == 30
    channels = {row[0]: row[1] for row in channel_table(found).rows}
    assert channels["Máy tính bảng"] == "95% (20 phiếu) (*)"


@pytest.fixture
def left_out(given):
    """20 sheets of the desk form; access left out by 3, civil servants by 15, all satisfied."""
    for number in range(20):
        scores = DESK | {"access": "" if number < 3 else "5", "civil_servants": ""}
        scores |= {"civil_servants": "5"} if number >= 15 else {}
        given.answers("land", 1, 1, questionnaire="desk@1", **scores)
    return given.dossiers("land", 60).analyse()


def test_rows_of_items_carry_the_number_who_answered_them(left_out):
    counts = {
        name: (row.n, row.respondents, row.answered)
        for name in ("overall", "index", "item:access", "item:civil_servants")
        for row in [left_out.pick(measure=name)]
    }
    assert counts == {
        "overall": (20, 20, 20),
        "index": (20, 20, 17 + 5 + 3 * 20),
        "item:access": (20, 17, 17),
        "item:civil_servants": (20, 5, 5),
    }


def test_the_table_of_elements_shows_that_number(left_out):
    table = measure_table(left_out, names=measure_names(shipped(), "vi"))
    people = dict(zip((row[0] for row in table.rows), (row[1] for row in table.rows), strict=True))
    names = measure_names(shipped(), "vi")
    assert table.head[1] == "Người trả lời"
    assert people[names["element:access"]] == "17"
    assert people[names["element:civil_servants"]] == "5"
    assert people["Hài lòng chung"] == people["Chỉ số hài lòng"] == "20"
