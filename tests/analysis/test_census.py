"""The census of all dossiers: how it adds up, when a target is met, and that it stays apart."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from analysis.census_rows import census
from analysis.document import analyse
from analysis.errors import TargetsError
from analysis.input.population import Count, Population, read_population
from analysis.kept import read_document
from analysis.period import parse_period
from analysis.reporting.census_section import census_section
from analysis.reporting.teller import Teller
from analysis.strata.survey import ANY_ORDER
from analysis.targets import (
    Targets,
    parse_targets,
    shipped_targets,
    shipped_text,
    targets_text,
)

ANSWERS = (
    "response_id,questionnaire,office,sector,procedure,channel,answered_on,late,flag,overall\n"
    "a1,desk@1,xa-a,land,,poster,2026-10-05,false,,5\n"
)
LAND = Count("2026-10", "xa-a", "land", 100, 98, 40, 98, 100, 90, 1000, 800)


def found(*counts: Count, period: str = "2026-10", running: bool = False, targets=None):
    made = census(
        Population("", counts),
        parse_period(period),
        targets or shipped_targets(),
        order=ANY_ORDER,
        running=running,
    )
    assert made is not None
    return made


def words(*counts: Count, **more) -> dict[str, str]:
    return {v.target: v.word for v in found(*counts, **more).verdicts if v.office == "all"}


def on_time(part: int, known: int, completed: int) -> str:
    count = Count("2026-10", "xa-a", "land", completed, part, None, known)
    return words(count)["on-time-2025"]


def test_a_target_is_reached_by_exactly_its_part():
    assert on_time(99, 100, 100) == "met"
    assert on_time(98, 100, 100) == "missed"
    assert on_time(989_999, 1_000_000, 1_000_000) == "missed"


def test_dossiers_not_known_leave_it_open_where_they_could_change_it():
    assert on_time(98, 98, 99) == "open"
    assert on_time(990, 990, 1000) == "met"
    assert on_time(900, 950, 1000) == "missed"


def test_a_running_period_and_one_without_figures_have_no_word():
    assert words(LAND, running=True)["online-2025"] == "running"
    assert words(Count("2026-10", "xa-a", "land", 5)) == dict.fromkeys(
        ("on-time-2025", "online-2025", "online-2030"), "unknown"
    )


def test_an_office_has_its_own_threshold_or_that_of_the_nearest_above_it():
    given = targets_text(shipped_targets()) + (
        '[[own]]\ntarget = "online-2030"\noffice = "district"\nthreshold = 0.3\nsource = "12/KH"\n'
        '[[own]]\ntarget = "online-2030"\noffice = "xa-b"\nthreshold = 0.5\nsource = "13/KH"\n'
    )
    above = {"xa-a": "district", "xa-b": "district", "district": None}
    other = replace(LAND, office="xa-b")
    made = found(LAND, other, targets=parse_targets(given, "x").under(above))
    told = {v.office: v[3:] for v in made.verdicts if v.target == "online-2030"}
    assert told["xa-a"] == (0.3, 2030, 0.4, "met", "district")
    assert told["xa-b"] == (0.5, 2030, 0.4, "missed", "xa-b")
    assert told["all"] == (0.8, 2030, 0.4, "missed", None)


def test_a_target_of_the_census_is_not_called_as_one_of_the_survey():
    given = targets_text(shipped_targets()).replace('id = "online-2025"', 'id = "each-2025"')
    with pytest.raises(TargetsError, match="census 'each-2025'"):
        parse_targets(given, "targets.toml")


def test_rows_add_up_and_what_is_not_known_is_never_zero():
    civil = Count("2026-10", "xa-a", "civil-status", 50)
    other = Count("2026-11", "xa-b", "land", 10, 10, 9, 10, 10)
    made = found(LAND, civil, other, period="2026-Q4")
    assert made.pick("xa-a", "civil-status")[4:] == (None,) * 7
    total = made.pick()
    assert (total.completed, total.on_time, total.due_known, total.months) == (160, 108, 108, 2)
    assert (total.unknown("on_time"), total.unknown("online")) == (52, 50)
    assert (total.timed, total.days_allowed, total.days_taken) == (90, 1000, 800)
    assert [row[:2] for row in made.rows] == [
        *(("xa-a", "civil-status"), ("xa-a", "land"), ("xa-a", "all")),
        *(("xa-b", "land"), ("xa-b", "all")),
        *(("all", "civil-status"), ("all", "land"), ("all", "all")),
    ]


def test_no_dossiers_no_census():
    given = Population("", (LAND,)), parse_period("2026-09"), Targets()
    assert census(*given, order=ANY_ORDER) is None


@pytest.fixture
def document(tmp_path):
    answers, dossiers = tmp_path / "answers.csv", tmp_path / "dossiers.csv"
    answers.write_text(ANSWERS)
    head = "period,office,sector,completed,on_time,due_known,timed,days_allowed,days_taken\n"
    dossiers.write_text(head + "2026-10,xa-a,land,100,97,98,90,1000,800\n")
    return analyse(answers, dossiers, period="2026-10")


def test_the_document_has_it_under_a_key_of_its_own_and_reads_back(document):
    told = document.as_json()
    assert told["census"]["rows"][-1]["due_known"] == 98
    assert {row["target"] for row in told["verdicts"]}.isdisjoint(
        row["target"] for row in told["census"]["verdicts"]
    )
    kept = read_document(json.loads(json.dumps(told)), document.targets)
    assert kept.census == document.census
    without = replace(document, census=None).as_json()
    assert "census" not in without
    assert without == {key: value for key, value in told.items() if key != "census"}


def test_the_section_says_number_denominator_target_word_and_what_is_not_known(document):
    section = census_section(Teller.of(document, None, None, "vi"))
    assert section.sentences == (
        "Đếm toàn bộ hồ sơ, không phải khảo sát: 100 hồ sơ đã giải quyết trong kỳ.",
        "Đúng hạn hoặc trước hạn: 97 trên 98 hồ sơ rõ hạn trả (98,9%). Mục tiêu 99% (năm 2025): "
        "chưa thể kết luận, vì các hồ sơ chưa rõ có thể làm đổi kết quả. 2 hồ sơ chưa rõ hạn trả, "
        "không tính vào tỷ lệ đúng hạn.",
        "Chưa biết tỷ lệ nộp trực tuyến: tệp hồ sơ đã nhập không có cách nộp.",
        "Giải quyết sớm hơn hạn trả 20,0% thời gian: 800 ngày trên 1.000 ngày được hẹn, "
        "tính trên 90 hồ sơ rõ cả ba ngày.",
    )


def test_a_file_that_gives_the_part_alone_speaks_of_all_its_dossiers(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("period,office,sector,completed,on_time\n2026-10,a,land,60,58\n")
    (count,) = read_population(path).counts
    assert (count.on_time, count.due_known, count.online, count.filing_known) == (
        58,
        60,
        None,
        None,
    )


def test_targets_of_the_census_are_the_plans_where_a_file_does_not_speak_of_them():
    every = shipped_targets()
    assert parse_targets(targets_text(every), "t.toml") == every
    older = parse_targets(shipped_text().split("[[census]]")[0], "t.toml")
    assert older.census is None
    assert older.of_census == every.census
    assert [target.threshold for target in older.of_census] == list(
        map(Decimal, ("0.99", "0.50", "0.80"))
    )
