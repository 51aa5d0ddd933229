"""The re-check in the document: apart from the open answers, beside them, under verdicts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from analysis import read
from analysis.disclosure.published import published
from analysis.document import analyse
from analysis.errors import LayoutError
from analysis.input.population import read_population
from analysis.input.rechecks import read_rechecks
from analysis.input.responses import read_responses
from analysis.insights.insights import explain
from questionnaires import shipped
from tests.analysis.given import verdict_of
from tests.analysis.rechecked import ITEMS, MONTH, OFFICE, Rechecked, an_office


@pytest.fixture
def office(tmp_path):
    """The month of `an_office`."""
    return an_office(tmp_path)


@pytest.fixture
def given(tmp_path):
    """Nobody yet."""
    return Rechecked(tmp_path)


def total_target(found):
    """The first target about all sectors together."""
    return next(t.id for t in found.targets.target if t.sectors == "all")


def open_part(found):
    """The document without what the re-check adds."""
    told = found.as_json()
    told.pop("recheck", None)
    return told


def without_recheck(office):
    """The same office, of which nobody was drawn."""
    kept = [row for row in office.responses if row["channel"] != "recheck"]
    return replace(office, responses=kept, choices=[], draws=[])


# --- apart from the open answers ----------------------------------------------------------------


def test_a_document_without_a_recheck_says_nothing_of_one(given):
    found = given.dossiers("land", 60).chose("land", 30, 27).analyse()
    assert found.recheck is None
    assert "recheck" not in found.as_json()


@pytest.mark.parametrize("period", [MONTH, "2026"])
def test_no_open_figure_knows_of_the_recheck(office, period):
    found = office.analyse(period)
    alone = without_recheck(office).analyse(period)
    assert found.recheck is not None
    assert json.dumps(open_part(found)["estimates"]) == json.dumps(open_part(alone)["estimates"])
    assert open_part(found)["questionnaires"] == [["desk@2"]]
    assert {row.channel for row in found.estimates} == {"all"}


def test_neither_do_reasons_trends_and_screening(office):
    for number in range(40):  # many equal sheets of one day, which screening would remark
        office.draw("land", 80, 1, {"no": (1, 1)}, month=f"2026-{number % 9 + 1:02d}")
        office.draws.pop()
    url, alone = office.database, without_recheck(office)
    with read_responses(url, questionnaires=shipped()) as opened:
        found = explain(opened, None, analyse(opened, period=MONTH))
    other = without_recheck(office).database
    with read_responses(other, questionnaires=shipped()) as opened:
        expected = explain(opened, None, alone.analyse())
    for name in ("trends", "drivers", "reliability", "flags", "without"):
        assert len(getattr(found, name)) == len(getattr(expected, name))
    assert found.flags == expected.flags
    assert office.analyse().reasons == ()


def test_an_answer_of_the_recheck_does_not_open_a_period_or_an_office(given):
    given.dossiers("land", 60).draw("land", 60, 5, {"no": (5, 5)})
    with read(given.database, today="2026-11-30") as data:
        assert data.contents.n == 0
    found = given.analyse()
    assert found.recheck.pick().alone.respondents == 5
    assert all(row.n == 0 for row in found.estimates)


# --- the rows -----------------------------------------------------------------------------------


def test_it_stands_beside_those_who_chose_to_answer(office):
    row = office.analyse().recheck.pick()
    assert (row.counts.drawn, row.counts.received, row.alone.respondents) == (30, 26, 26)
    assert (row.counts.refused, row.counts.not_reached, row.counts.wrong_number) == (1, 2, 1)
    assert (row.alone.population, row.alone.satisfied) == (240, 23)
    assert row.alone.share == pytest.approx((80 * 7 / 9 + 160 * 16 / 17) / 240)
    assert row.alone.response_rate == pytest.approx(26 / 30)
    assert (row.alone.silent_low, row.alone.silent_high) == pytest.approx((23 / 30, 27 / 30))
    assert (row.chose.n, row.chose.satisfied) == (100, 95)
    assert row.chose.share == pytest.approx((80 * 37 / 40 + 160 * 58 / 60) / 240)
    assert row.apart.difference == pytest.approx(row.alone.share - row.chose.share)
    assert not row.differs
    assert row.together.share == pytest.approx((95 + 40 * 3 / 5 + 100 * 9 / 10) / 240)
    assert (row.box.people, row.box.satisfied, row.suspect) == (9, 9, False)


def test_questions_of_fact_are_told_of_those_who_know(office):
    facts = {row.alone.measure: row.alone for row in office.analyse().recheck.facts
             if row.alone[:2] == ("all", "all")}  # fmt: skip
    returned = facts["fact:told_to_return"]
    assert (returned.respondents, returned.satisfied) == (22, 4)  # four are not sure
    paid = facts["fact:paid_without_receipt"]
    assert (paid.respondents, paid.satisfied, paid.low) == (26, 0, 0)
    assert 0.1 < paid.high < 0.2


def test_months_add_up_by_sector_and_month(given):
    for number in range(1, 13):
        month = f"2026-{number:02d}"
        given.dossiers("land", 100, month).chose("land", 30, 29, month)
        given.draw("land", 100, 30, {"no": (20, 17), "yes": (7, 7)}, month)
    row = given.analyse("2026").recheck.pick()
    assert (row.counts.drawn, row.alone.respondents, row.alone.months) == (360, 324, 12)
    assert row.alone.share == pytest.approx(24 / 27)
    assert row.alone.high - row.alone.low < 0.08
    assert row.together.covered == 1


def test_whoever_is_drawn_later_belongs_to_the_month_of_the_dossiers(given):
    """`answered_on` lies in the month that was drawn from; nothing of it is late."""
    given.dossiers("land", 60).chose("land", 20, 20).draw("land", 60, 4, {"no": (4, 3)}, late=1)
    assert given.analyse().recheck.pick().alone.respondents == 4


def test_files_hold_no_choices_and_so_no_figure_that_needs_them(office):
    paths = office.files()
    found = analyse(
        paths["responses"], paths["population"], period=MONTH, rechecks=paths["rechecks"]
    )
    row, whole = found.recheck.pick(), office.analyse().recheck.pick()
    assert row.alone == whole.alone
    assert row.apart == whole.apart
    assert (row.together, row.box, found.recheck.facts) == (None, None, ())


def test_without_the_draws_its_answers_are_left_out_and_told(office):
    paths = office.files()
    found = analyse(paths["responses"], paths["population"], period=MONTH)
    assert (found.recheck.rows, found.recheck.left_out) == ((), 26)
    assert {verdict.basis for verdict in found.verdicts} <= {None, "open"}


def test_more_answers_than_were_drawn_are_left_out(given):
    given.dossiers("land", 60).chose("land", 20, 20)
    given.draw("land", 60, 5, {"no": (4, 4)}, skipped=(2, 0, 0))
    found = given.analyse()
    assert found.recheck.left_out == 4
    assert found.recheck.pick() is None


def test_a_recheck_that_is_under_way_is_not_told(given):
    given.dossiers("land", 60).dossiers("tax", 60)
    given.chose("land", 30, 30).chose("tax", 50, 50)
    given.draw("land", 60, 5, {"no": (5, 2)}).draw("tax", 60, 5, {"no": (2, 1)}, skipped=(0, 0, 0))
    found = given.analyse()
    row = found.recheck.pick()
    assert (row.alone.n, row.counts.received, row.counts.waiting) == (0, 7, 3)
    assert (row.chose, row.together, row.box) == (None, None, None)
    verdict = verdict_of(found, total_target(found))
    assert (verdict.evidence, verdict.basis, verdict.reason) == ("not_proven", "open", "recheck")


def test_more_open_answers_than_dossiers_leave_the_recheck_by_itself(given):
    found = (
        given.dossiers("land", 60)
        .chose("land", 61, 60)
        .draw("land", 60, 10, {"no": (5, 4), "yes": (5, 5)})
        .analyse()
    )
    row = found.recheck.pick()
    assert row.together is None
    assert row.alone.share == 0.9


def test_a_stuffed_box_is_suspect_and_no_census_of_anybody(given):
    found = (
        given.dossiers("land", 200)
        .chose("land", 100, 99)
        .draw("land", 200, 30, {"no": (12, 10), "yes": (12, 8)})
        .analyse()
    )
    row = found.recheck.pick()
    assert row.suspect
    assert row.box.p_value < 0.01
    assert row.together is None


def test_two_questionnaires_side_by_side_are_no_census(given):
    given.dossiers("land", 200).chose("land", 50, 45).draw("land", 200, 10, {"no": (9, 8)})
    given.chose("land", 5, 5, questionnaire="other@1")
    row = given.analyse().recheck.pick()
    assert row.chose.n == 50
    assert (row.together, row.box) == (None, None)


def test_sectors_are_looked_at_together_before_one_is_said_to_differ(given):
    """Fisher's p of 0.03 is no wonder among six sectors; the same of a single one is told."""
    for name in ("a", "b", "c", "d", "e"):
        given.dossiers(name, 100).chose(name, 40, 38).draw(name, 100, 10, {"no": (10, 10)})
    given.dossiers("f", 100).chose("f", 40, 39).draw("f", 100, 10, {"no": (10, 7)})
    row = given.analyse().recheck.pick(sector="f")
    assert 0.01 < row.apart.p_value < 0.05
    assert not row.differs
    given.draws = given.draws[-1:]
    assert given.analyse().recheck.pick(sector="f").differs


# --- verdicts -----------------------------------------------------------------------------------


def test_a_verdict_rests_on_the_recheck_alone(given):
    found = (
        given.dossiers("land", 400)
        .chose("land", 100, 99)
        .draw("land", 400, 120, {"no": (70, 49), "yes": (30, 26)})
        .analyse()
    )
    verdict = verdict_of(found, total_target(found))
    assert (verdict.basis, verdict.evidence) == ("recheck", "missed")
    assert (verdict.n, verdict.population) == (100, 400)
    assert verdict.response_rate == pytest.approx(100 / 120)
    row = found.recheck.pick().alone
    assert verdict.share == row.share == 0.75
    assert verdict.upper < 0.85
    assert "alone_met" in [note.code for note in verdict.notes]
    assert found.row_of(verdict) is row
    assert found.chosen_row_of(verdict) is found.pick()
    assert verdict.q == pytest.approx((0.9 - 75 / 120) / (20 / 120))


def test_what_the_silent_could_change_settles_nothing_where_people_were_drawn(given):
    """59 of 60 chose to answer: "whatever the others think", if the box is honest."""
    given.dossiers("land", 60).chose("land", 59, 58)
    target = total_target(given.analyse())
    assert verdict_of(given.analyse(), target).basis == "certain"
    found = given.draw("land", 60, 30, {"yes": (30, 21)}).analyse()
    verdict = verdict_of(found, target)
    assert (verdict.basis, verdict.evidence) == ("recheck", "missed")


def test_a_running_period_proves_nothing(given):
    given.dossiers("land", 400, "2026-09").chose("land", 100, 99, "2026-09")
    given.draw("land", 400, 120, {"no": (100, 75)}, "2026-09")
    found = given.analyse("2026", today=date(2026, 11, 15))
    verdict = verdict_of(found, total_target(found))
    assert (verdict.evidence, verdict.reason) == ("not_proven", "running")
    assert found.recheck.pick().alone.respondents == 100


def test_of_a_month_that_runs_nothing_is_told(given):
    given.dossiers("land", 400).chose("land", 100, 99).draw("land", 400, 120, {"no": (100, 75)})
    assert given.analyse(today=date(2026, 10, 31)).recheck is None


def test_a_recheck_of_a_small_part_of_the_year_stands_beside_the_verdict(given):
    for number in range(1, 13):
        month = f"2026-{number:02d}"
        given.dossiers("land", 100, month).chose("land", 50, 49, month)
    given.draw("land", 100, 30, {"no": (30, 15)}, "2026-01")
    found = given.analyse("2026")
    assert verdict_of(found, total_target(found)).basis == "open"
    assert found.recheck.pick().alone.coverage == pytest.approx(1 / 12)
    assert found.recheck.pick().differs


TARGET = """
[[target]]
id = "about"
title = { vi = "Mục tiêu", en = "Target" }
measure = "MEASURE"
sectors = "all"
pool = true
threshold = 0.80
deadline = 2030
source = "a test"
"""


@pytest.mark.parametrize(
    ("measure", "questionnaire", "basis"),
    [
        ("overall", "sipas-22@2", "recheck"),
        ("access", "desk@2", "recheck"),
        ("access", "desk@1", "recheck"),
        ("results", "desk@1", "open"),
        ("index", "desk@2", "recheck"),
        ("index", "desk@1", "open"),
        ("access", "sipas-22@2", "open"),
    ],
)
def test_only_what_is_asked_alike_is_judged_by_the_recheck(given, measure, questionnaire, basis):
    from analysis.targets import parse_targets

    changes = {"questionnaire": questionnaire}
    if questionnaire.startswith("sipas"):
        changes |= {**dict.fromkeys(ITEMS[1:]), "c01": 5}
    given.dossiers("land", 60).chose("land", 30, 28, **changes)
    given.draw("land", 60, 12, {"no": (10, 9)})
    goals = parse_targets(TARGET.replace("MEASURE", measure), "targets.toml")
    found = given.analyse(targets=goals)
    verdict = verdict_of(found, "about")
    assert verdict.basis == basis
    told = [note.code for note in verdict.notes]
    assert ("recheck_asks_otherwise" in told) == (basis == "open")


def test_one_recheck_answers_a_question_once(given):
    """Two questionnaires side by side have one verdict of the re-check, not two."""
    given.dossiers("land", 60).chose("land", 30, 28).chose("land", 9, 9, questionnaire="other@1")
    given.draw("land", 60, 12, {"no": (10, 9)})
    found = given.analyse()
    target = total_target(found)
    mine = [v for v in found.verdicts if v.key == (target, "all", "all")]
    assert [v.basis for v in mine] == ["recheck"]


# --- published ----------------------------------------------------------------------------------


def leaving(office, period=MONTH):
    url = office.database
    with read_responses(url, trusted=True) as opened:
        found = analyse(opened, url, period=period)
        return published(found, opened, read_population(url), shipped())


def test_nothing_on_fewer_than_ten_people_is_published(office):
    told = leaving(office).as_json()["recheck"]
    assert {row["sector"] for row in told["rows"]} == {"all"}
    for row in told["rows"]:
        assert (row["satisfied"], row["hansen_hurwitz"], row["box"]) == (None, None, None)
        assert row["difference"]["p_value"] is None
        assert row["publishable"] and row["step"] >= 0.05
    assert {row["yes"] for row in told["facts"]} == {None}


def test_of_nine_who_answered_only_that_they_did(given):
    given.dossiers("land", 200).chose("land", 90, 88).draw("land", 200, 12, {"no": (9, 5)})
    found = leaving(given)
    row = found.recheck.pick()
    assert (row.alone.n, row.alone.share, row.chose, row.apart) == (9, None, None, None)
    assert (row.counts.drawn, row.counts.received) == (12, 9)
    verdict = verdict_of(found, total_target(found))
    assert (verdict.evidence, verdict.share, verdict.basis) == ("withheld", None, None)
    assert found.pick().publishable  # of those who chose to answer, as ever


def test_published_open_figures_are_the_same_with_and_without_a_recheck(office):
    found, alone = leaving(office), leaving(without_recheck(office))
    assert found.estimates == alone.estimates


def test_the_word_of_a_published_verdict_is_that_of_the_full_figures(given):
    given.dossiers("land", 400).chose("land", 100, 99)
    given.draw("land", 400, 120, {"no": (70, 49), "yes": (30, 26)})
    verdict = verdict_of(leaving(given), total_target(given.analyse()))
    assert (verdict.evidence, verdict.basis) == ("missed", "recheck")
    assert verdict.notes == ()
    assert verdict.p_missed is None
    assert leaving(given).recheck.pick().differs


# --- the layout ---------------------------------------------------------------------------------


def test_the_layout_is_read_and_checked(tmp_path):
    path = tmp_path / "rechecks.csv"
    head = "month,office,sector,dossiers,drawn,refused,not_reached,wrong_number\n"
    path.write_text(f"{head}2026-10,a,land,60,10,1,2,0\n", encoding="utf-8")
    (draw,) = read_rechecks(path).draws
    assert (draw.spot, draw.dossiers, draw.drawn, draw.skipped) == (
        *[("a", "land", "2026-10")],
        *(60, 10, 3),
    )
    path.write_text(
        f"{head}2026-13,a,land,60,10,1,2,0\n2026-10,all,land,60,70,0,0,0\n"
        "2026-10,a,general,60,2,0,0,0\n2026-10,a,tax,60,2,1,1,1\n2026-10,a,tax,x,2,1,1,\n",
        encoding="utf-8",
    )
    with pytest.raises(LayoutError) as caught:
        read_rechecks(path)
    assert str(caught.value).splitlines() == [
        "rechecks.csv, row 2, column 'month': month is '2026-13'; write YYYY-MM, such as 2026-10",
        "rechecks.csv, row 3, column 'office': 'all' is the name of a total; leave totals out",
        "rechecks.csv, row 3, column 'drawn': 70 drawn of 60 dossiers; no more can be drawn than"
        " there are dossiers",
        "rechecks.csv, row 4, column 'sector': 'general' has no dossiers to draw from; leave this"
        " row out",
        "rechecks.csv, row 5, column 'drawn': 3 refused, not reached or with a wrong number, of 2"
        " drawn; together they cannot be more than were drawn",
        "rechecks.csv, row 6, column 'dossiers': the number is 'x'; write a whole number, 0 or"
        " more, in digits alone (12 at most), for example 1200",
        "rechecks.csv, row 6, column 'wrong_number': the number is empty; write a whole"
        " number, 0 or more, in digits alone (12 at most), for example 1200",
        "rechecks.csv, row 6, column 'month': the month, office and sector of row 5 again; keep"
        " one row of each, with the total",
    ]


def test_a_column_of_another_layout_is_refused(tmp_path):
    path = tmp_path / "rechecks.csv"
    path.write_text("month,office,sector,dossiers,drawn,completed\n", encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        read_rechecks(path)
    assert "column 'refused': it is missing" in str(caught.value)
    assert "it is not a column of the layout of re-checks" in str(caught.value)


def test_an_analyst_reads_draws_beside_the_answers(office):
    paths = office.files()
    with read(
        paths["responses"], paths["population"], rechecks=paths["rechecks"], today="2026-12-01"
    ) as data:
        from analysis import estimate, judge

        found = estimate(data, MONTH)
        assert found.document.recheck.pick(office=OFFICE).alone.respondents == 26
        assert "recheck" in {row.basis for row in judge(found)}
        assert found.published().document.recheck.pick().alone.publishable
    with pytest.raises(LayoutError, match="no such file"):
        read(paths["responses"], rechecks="nowhere.csv")
