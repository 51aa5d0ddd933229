"""The nine indicators in a document: how months add up, when there is a class, kept apart."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from analysis.document import analyse
from analysis.errors import LayoutError
from analysis.indicator_rows import indicators
from analysis.input.indicators import IndicatorCount, IndicatorCounts, read_indicators
from analysis.kept import read_document
from analysis.period import parse_period
from analysis.reporting.indicator_section import indicator_section
from analysis.reporting.narrowing import narrowed, of_office
from analysis.reporting.sections import report_sections
from analysis.reporting.teller import Teller
from analysis.statistics.points import NINE, PointFiles
from analysis.strata.survey import ANY_ORDER

ANSWERS = (
    "response_id,questionnaire,office,sector,procedure,channel,answered_on,late,flag,overall\n"
    "a1,desk@1,xa-a,land,,poster,2026-10-05,false,,5\n"
)
HEAD = "month,office,indicator,two_points,one_point,no_points\n"
QUARTER = ("2026-10", "2026-11", "2026-12")


def count(month="2026-10", indicator=1, files=(18, 1, 1), office="xa-a"):
    return IndicatorCount(month, office, indicator, PointFiles(*files))


def every(month, office="xa-a", files=(18, 1, 1)):
    return [count(month, one, files, office) for one in NINE]


def found(*counts, period="2026-Q4", running=False):
    made = indicators(
        IndicatorCounts("", counts), parse_period(period), order=ANY_ORDER, running=running
    )
    assert made is not None
    return made


def word(*counts, office="xa-a", **more):
    (total,) = (one for one in found(*counts, **more).totals if one.office == office)
    return total.word


def test_files_of_the_months_are_added_up_and_not_their_scores():
    made = found(count(files=(1, 0, 0)), count("2026-11", files=(0, 0, 99)))
    row = made.rows[0]
    assert (row.files, row.score, row.months) == ((1, 0, 99), 0.0, ("2026-10", "2026-11"))
    assert made.totals[0][1:6] == (1, ("2026-10", "2026-11"), 1, 0.0, 2)


def test_months_outside_the_period_and_offices_apart_do_not_count():
    made = found(count("2026-09"), count(), count(office="xa-b", files=(0, 2, 0)))
    assert [(row.office, row.files.files) for row in made.rows] == [
        *(("xa-a", 20), ("xa-b", 2), ("all", 22)),
    ]
    one_alone = indicators(
        IndicatorCounts("", (count(), count(office="xa-b"))),
        parse_period("2026-10"),
        office="xa-b",
        order=ANY_ORDER,
    )
    assert {row.office for row in one_alone.rows} == {"xa-b", "all"}
    nothing = IndicatorCounts("", (count("2026-09"),))
    assert indicators(nothing, parse_period("2026-Q4"), order=ANY_ORDER) is None


def test_a_quarter_has_a_class_once_all_is_there():
    whole = [one for month in QUARTER for one in every(month)]
    assert word(*whole) == "excellent"  # nine times 1.9: 17.1
    assert word(*whole, office="all") == "excellent"
    assert word(*whole, running=True) == "running"
    assert word(*whole[:-9]) == "incomplete"
    assert word(*(one for one in whole if one.indicator != 8)) == "incomplete"
    assert word(*(one for one in whole if (one.month, one.indicator) != ("2026-11", 8))) == (
        "excellent"
    )
    weak = [one for month in QUARTER for one in every(month, files=(0, 1, 1))]
    assert word(*weak) == "weak"


@pytest.mark.parametrize("period", ["2026-10", "2026-H2", "12m:2026-11"])
def test_only_quarters_and_years_have_a_class(period):
    months = parse_period(period).months
    assert word(*(one for month in months for one in every(month)), period=period) == "period"


@pytest.mark.parametrize("period", ["2026", "12m:2026-12"])
def test_a_calendar_year_has_one_however_it_is_written(period):
    months = parse_period(period).months
    assert word(*(one for month in months for one in every(month)), period=period) == "excellent"


def test_several_offices_have_no_class_in_common():
    both = [one for o in ("xa-a", "xa-b") for month in QUARTER for one in every(month, o)]
    assert word(*both, office="all") == "offices"
    assert word(*both) == "excellent"


@pytest.fixture
def document(tmp_path):
    answers, entered = tmp_path / "answers.csv", tmp_path / "indicators.csv"
    answers.write_text(ANSWERS)
    entered.write_text(
        HEAD + "2026-10,xa-a,1,18,1,1\n2026-11,xa-a,1,1200,0,0\n2026-11,xa-a,9,0,1,3\n"
    )
    return analyse(answers, period="2026-Q4", entered=entered)


def test_the_document_has_them_under_a_key_of_their_own_and_reads_back(document):
    told = document.as_json()
    assert told["indicators"]["rows"][0] == {
        **{"office": "xa-a", "indicator": 1, "months": ["2026-10", "2026-11"]},
        **{"two_points": 1218, "one_point": 1, "no_points": 1, "score": 2.0},
    }
    kept = read_document(json.loads(json.dumps(told)), document.targets)
    assert kept.indicators == document.indicators
    without = replace(document, indicators=None).as_json()
    assert without == {key: value for key, value in told.items() if key != "indicators"}


def test_a_sector_and_a_channel_have_none_and_an_office_its_own(document):
    assert narrowed(document, sector="land").indicators is None
    assert narrowed(document, channel="poster").indicators is None
    assert {row.office for row in of_office(document, "xa-a").indicators.rows} == {"xa-a"}
    assert of_office(document, "xa-b").indicators is None


def test_the_section_says_what_was_entered_and_what_was_not(document):
    section = indicator_section(Teller.of(document, None, None, "vi"))
    assert section.sentences == (
        "Điểm do cơ quan nhập theo hồ sơ (khung Thông tư 01/2018/TT-VPCP), không phải ý kiến "
        "người dân và không cộng vào kết quả khảo sát.",
        "Tổng điểm: 2,3 trên 4 (2 trên 9 chỉ số đã được đánh giá).",
        "Xếp loại: chưa xếp, vì ngưỡng tính trên đủ chín chỉ số và mọi tháng của kỳ.",
        "Thấp nhất: 9. Dịch vụ công trực tuyến (0,3 điểm).",
        "Đã nhập: 10/2026, 11/2026.",
        "Chưa nhập: 12/2026.",
        "Chưa đánh giá: chỉ số 2, 3, 4, 5, 6, 7, 8.",
        "Có tháng không đánh giá: chỉ số 9.",
    )
    (table,) = section.tables
    assert table.rows[0] == (
        *("1. Tổng thời gian giải quyết so với quy định", "1.218", "1", "1", "2,0"),
    )
    assert table.rows[1][1:] == ("–",) * 4
    assert table.rows[-1] == ("Tổng", "", "", "", "2,3")
    english = str(indicator_section(Teller.of(document, None, None, "en")))
    assert "whether the nine indicators still hold is not verified" in english


def test_there_is_no_section_where_nothing_was_entered(document):
    keys = [one.key for one in report_sections(document)]
    assert keys.count("indicators") == 1
    without = replace(document, indicators=None)
    assert "indicators" not in [one.key for one in report_sections(without)]


def test_every_wrong_row_is_named_with_its_remedy(tmp_path):
    path = tmp_path / "i.csv"
    rows = ("2026-10,a,1,1,0,0", "2026-10,a,1,2,0,0", "2026-1,a,12,1,x,0", "2026-10,a,4,0,0,0")
    path.write_text(HEAD + "\n".join(rows) + "\n")
    with pytest.raises(LayoutError) as refused:
        read_indicators(path)
    said = str(refused.value).splitlines()
    assert len(said) == 5
    assert "row 3, column 'indicator': the month, office and indicator of row 2 again" in said[0]
    assert "the indicator is '12'; write a number from 1 to 9" in said[2]
    assert said[4].endswith("no dossier has any points; leave this row out")
