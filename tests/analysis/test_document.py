"""The verdict document: which rows and verdicts there are, what they say where little is known."""

from __future__ import annotations

import json

import pytest

from analysis.document import FORMAT, analyse
from analysis.errors import Refusal
from analysis.input.aggregates import Only
from analysis.strata.survey import Order
from analysis.targets import parse_targets, shipped_targets

ROW_KEYS = [
    *("office", "sector", "measure", "channel", "questionnaires", "n", "respondents", "answered"),
    *("satisfied", "received", "uncovered", "population", "response_rate", "coverage", "months"),
    *("share", "low", "high", "method", "mean", "mean_low", "mean_high"),
    *("silent_low", "silent_high", "publishable", "step", "scale", "note"),
]
VERDICT_KEYS = [
    *("target", "office", "sector", "questionnaires", "threshold", "deadline", "share", "lower"),
    *("upper", "point", "evidence", "basis", "reason", "n", "population", "response_rate"),
    *("coverage", "q", "responses_needed", "p_met", "p_missed", "threshold_of", "note"),
]


@pytest.fixture
def write_population(tmp_path):
    def write(*rows, name="population.csv"):
        lines = ["period,office,sector,completed", *(",".join(map(str, row)) for row in rows)]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def several(response, count, satisfied, start=0, **changes):
    """`count` answers, the first `satisfied` of them satisfied."""
    return [
        response(start + n, overall="5" if n < satisfied else "2", **changes) for n in range(count)
    ]


@pytest.fixture
def land_and_civil_status(response):
    """41 of 60 dossiers of land, 37 satisfied; 30 of 142 of civil status, 24 satisfied."""
    return several(response, 41, 37) + several(response, 30, 24, 100, sector="civil-status")


def verdict(found, target, sector, office="all"):
    (one,) = (v for v in found.verdicts if v.key == (target, office, sector))
    return one


def test_the_document_has_the_fields_of_the_contract(
    write_csv, write_population, land_and_civil_status
):
    population = write_population(("2026-10", "trieu-son", "land", 60))
    found = analyse(write_csv(land_and_civil_status), population, period="2026-10").as_json()
    assert list(found) == [
        *("format", "view", "period", "edition", "level", "required_coverage"),
        *("questionnaires", "estimates", "verdicts", "census"),
    ]
    assert (found["format"], found["view"]) == (FORMAT, "full") == ("hailong.verdicts/2", "full")
    assert found["period"] == {
        "text": "2026-10",
        "from": "2026-10-01",
        "to": "2026-10-31",
        "months": 1,
        "status": "closed",
    }
    assert (found["edition"], found["level"], found["required_coverage"]) == (1, 0.95, 0.8)
    assert found["questionnaires"] == [["survey@1"]]
    assert all(list(row) == ROW_KEYS for row in found["estimates"])
    assert all(list(entry) == VERDICT_KEYS for entry in found["verdicts"])
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_simulated_answers_are_said_to_be_so(write_csv, response):
    found = analyse(write_csv([response(1)]), period="2026-10", simulated=True)
    assert found.as_json()["simulated"] is True


def test_a_sector_with_its_dossiers(write_csv, write_population, land_and_civil_status):
    """37 satisfied of 41 answers about 60 dossiers; civil status weighs more than twice as much."""
    population = write_population(
        ("2026-10", "trieu-son", "land", 60), ("2026-10", "trieu-son", "civil-status", 142)
    )
    found = analyse(write_csv(land_and_civil_status), population, period="2026-10")
    row = found.pick(sector="land")
    assert (row.n, row.answered, row.satisfied, row.population) == (41, 41, 37, 60)
    assert row.response_rate == 41 / 60
    assert row.share == 37 / 41
    assert row.method == "hypergeometric"
    assert (row.silent_low, row.silent_high) == (37 / 60, (37 + 19) / 60)
    everything = found.pick()
    assert everything.population == 202
    assert everything.share == pytest.approx((60 * 37 / 41 + 142 * 24 / 30) / 202)


REAL = (("management-bad", 129, 264), ("management-good", 314, 451))


def test_715_real_answers_of_1968(write_csv, response):
    """Petersen (1968), Andersen (1991): satisfied with one's job, by the quality of management.

    R 4.2.2: binom.test(129, 264)$conf.int; binom.test(314, 451)$conf.int; binom.test(443, 715).
    """
    rows = []
    for sector, high, count in REAL:
        rows += several(response, count, high, len(rows), sector=sector, questionnaire="job@1")
    found = analyse(write_csv(rows), period="2026-10")
    limits = {
        "management-bad": (129, 264, 0.4268694462654715, 0.5506612160002298),
        "management-good": (314, 451, 0.6514903429132042, 0.73837460799533),
        "all": (443, 715, 0.5828609396027276, 0.655308821079092),
    }
    for sector, (satisfied, count, low, high) in limits.items():
        row = found.pick(sector=sector)
        assert (row.satisfied, row.answered, row.population) == (satisfied, count, None)
        assert row.share == satisfied / count
        assert (row.low, row.high) == pytest.approx((low, high), abs=1e-9)
        assert (row.response_rate, row.silent_low, row.note) == (None, None, None)


def test_every_office_every_sector_groups_and_totals_have_rows(write_csv, response):
    rows = [response(1, office="a"), response(2, office="b", sector="social")]
    found = analyse(write_csv(rows), period="2026-10")
    keys = [(r.office, r.sector) for r in found.estimates if r.measure == "overall"]
    sectors = ["land", "social", "group:land-construction-investment", "all"]
    assert keys == [(office, sector) for office in ("a", "b", "all") for sector in sectors]
    empty = found.pick(office="a", sector="social")
    assert (empty.n, empty.share, empty.mean, empty.method) == (0, None, None, None)


def test_rows_come_in_the_order_asked_for(write_csv, response):
    rows = [response(n, sector=s) for n, s in enumerate(["b", "general", "a", "land", "z"])]
    path = write_csv(rows)

    def sectors(**more):
        found = analyse(path, period="2026-10", **more)
        return list(dict.fromkeys(row.sector for row in found.estimates))[:5]

    assert sectors() == ["land", "a", "b", "z", "general"]
    assert sectors(order=Order(sectors=("z", "land"))) == ["z", "land", "a", "b", "general"]


def test_the_agency_in_general_is_no_part_of_the_total(write_csv, response):
    rows = several(response, 10, 10)
    rows += several(response, 10, 0, 50, sector="general", questionnaire="agency-service@1")
    found = analyse(write_csv(rows), period="2026-10")
    assert found.pick(sector="all").share == 1
    assert found.pick(sector="general").share == 0
    assert verdict(found, "agency-2025", "general").evidence == "missed"


def test_where_there_is_only_the_agency_it_is_the_total(write_csv, response):
    rows = several(response, 10, 7, sector="general", questionnaire="agency-service@1")
    found = analyse(write_csv(rows), period="2026-10")
    assert found.pick(sector="all").share == found.pick(sector="general").share == 0.7


def test_channels_have_rows_where_answers_came_by_several(write_csv, write_population, response):
    rows = several(response, 8, 8) + several(response, 4, 1, 20, channel="paper")
    rows += several(response, 3, 3, 40, sector="social")
    population = write_population(("2026-10", "trieu-son", "land", 40))
    found = analyse(write_csv(rows), population, period="2026-10")
    land = [r for r in found.estimates if (r.office, r.sector) == ("all", "land")]
    by_channel = {row.channel: row for row in land if row.measure == "overall"}
    assert list(by_channel) == ["all", "poster", "paper"]
    paper = by_channel["paper"]
    assert (paper.n, paper.satisfied, paper.share) == (4, 1, 0.25)
    assert (paper.population, paper.response_rate, paper.silent_low) == (None, None, None)
    assert by_channel["all"].population == 40
    assert {r.channel for r in found.estimates if r.sector == "social"} == {"all"}


def test_flagged_answers_are_counted(write_csv, response):
    found = analyse(write_csv([response(1), response(2, flag="burst")]), period="2026-10")
    assert found.pick(sector="land").n == 2


def test_verdicts_are_given_per_target_office_and_sector(
    write_csv, write_population, land_and_civil_status
):
    population = write_population(
        ("2026-10", "trieu-son", "land", 60), ("2026-10", "trieu-son", "civil-status", 142)
    )
    found = analyse(write_csv(land_and_civil_status), population, period="2026-10")
    keys = [(v.target, v.sector) for v in found.verdicts if v.office == "trieu-son"]
    group = "group:land-construction-investment"
    assert keys == [
        ("procedures-2025", "all"),
        ("procedures-2030", "all"),
        ("group-2025", group),
        ("group-2030", group),
        *[("each-2025", sector) for sector in ("land", "construction", "investment")],
        *[("each-2030", sector) for sector in ("land", "construction", "investment")],
        ("agency-2025", "general"),
        ("agency-2030", "general"),
    ]
    land = verdict(found, "each-2030", "land")
    assert (land.threshold, land.deadline, land.share) == (0.9, 2030, 37 / 41)
    assert (land.point, land.evidence) == ("met", "not_proven")
    assert land.lower < 0.9 <= land.upper
    assert 0 < land.responses_needed <= 19
    assert verdict(found, "group-2030", group).share == land.share
    # with 50 of 60 satisfied, 37 or more of 41 would come in 4.4 of 100 samples: less than 5
    assert verdict(found, "each-2025", "land").evidence == "met"
    nothing = verdict(found, "each-2025", "investment")
    assert (nothing.point, nothing.evidence, nothing.share) == ("none", "none", None)


def test_when_everyone_has_answered_the_verdict_is_certain(write_csv, write_population, response):
    population = write_population(("2026-10", "trieu-son", "land", 20))
    path = write_csv(several(response, 20, 17))
    found = analyse(path, population, period="2026-10")
    land = verdict(found, "each-2025", "land")
    assert (land.lower, land.upper, land.evidence) == (0.85, 0.85, "met")
    assert verdict(found, "each-2030", "land").evidence == "missed"
    assert land.responses_needed == 0


def test_more_answers_than_dossiers_is_said(write_csv, write_population, response):
    population = write_population(("2026-10", "trieu-son", "land", 5))
    found = analyse(write_csv(several(response, 10, 9)), population, period="2026-10")
    row = found.pick(sector="land")
    assert (row.n, row.population, row.method) == (10, 5, "clopper-pearson")
    assert row.note.startswith("Số phiếu nhiều hơn số hồ sơ đã giải quyết ở land")
    assert " / More answers than completed dossiers in land" in row.note


def test_dossiers_of_all_months_are_added_up(write_csv, write_population, response):
    months = [(f"2026-{month}", "trieu-son", "land", 20) for month in (10, 11, 12)]
    population = write_population(*months, ("2026-11", "trieu-son", "social", 3))
    found = analyse(write_csv(several(response, 10, 9)), population, period="2026-Q4")
    land = found.pick(sector="land")
    assert (land.population, land.coverage, land.months) == (60, 1 / 3, 1)
    social = found.pick(sector="social")
    assert (social.n, social.population, social.note) == (0, 3, None)


def test_no_answers_at_all_still_make_a_document(write_csv, write_population, response):
    population = write_population(("2026-10", "trieu-son", "land", 60))
    path = write_csv([response(1, answered_on="2026-09-01")])
    found = analyse(path, population, period="2026-10")
    row = found.pick(sector="land")
    assert (row.n, row.population, row.share, row.coverage) == (0, 60, None, 0)
    assert found.measures == ["overall", "index"]
    assert {v.evidence for v in found.verdicts} == {"none"}


def test_no_answers_and_no_dossiers_still_make_a_document(write_csv, response):
    found = analyse(write_csv([response(1)]), period="2026-11")
    assert {v.evidence for v in found.verdicts} == {"none"}
    assert {row.n for row in found.estimates} == {0}


def test_one_office_alone(write_csv, write_population, response):
    rows = several(response, 6, 6, office="a") + several(response, 4, 0, 20, office="b")
    population = write_population(("2026-10", "a", "land", 10), ("2026-10", "b", "land", 10))
    found = analyse(write_csv(rows), population, period="2026-10", only=Only(office="a"))
    assert {row.office for row in found.estimates} == {"a", "all"}
    assert (found.pick().n, found.pick().population) == (6, 10)


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (Only(office="c"), "office, 'c': it occurs nowhere; use one of a, b"),
        (Only(questionnaire="desk@9"), "questionnaire, 'desk@9': it occurs nowhere; use one of"),
    ],
)
def test_a_name_that_occurs_nowhere_is_not_an_empty_result(write_csv, response, only, message):
    path = write_csv([response(1, office="a"), response(2, office="b")])
    with pytest.raises(Refusal) as caught:
        analyse(path, period="2026-10", only=only)
    assert str(caught.value).startswith(message)


TARGET = """
[[target]]
id = "t"
title = {{vi = "Mục tiêu", en = "Target"}}
measure = "{measure}"
sectors = ["land"]
pool = false
threshold = 0.5
deadline = 2025
source = "test"
"""


@pytest.mark.parametrize(
    ("measure", "share"),
    [("index", 2 / 3), ("access", 0.5), ("element:access", 0.5), ("item:c01", 1), ("c03", 1)],
)
def test_a_target_may_speak_of_the_index_an_element_or_an_item(write_csv, response, measure, share):
    """c01 and c02 belong to access, c06 does not; the index runs over all but `overall`."""
    scores = {"c01": "5", "c02": "1", "c03": "", "c06": "4"}
    rows = [response(n, questionnaire="sipas-22@1", **scores) for n in range(10)]
    if measure == "c03":
        rows = [row | {"c03": "5"} for row in rows]
    targets = parse_targets(TARGET.format(measure=measure), "targets.toml")
    found = analyse(write_csv(rows), period="2026-10", targets=targets)
    (one,) = (v for v in found.verdicts if v.office == "all")
    assert one.share == pytest.approx(share)
    assert found.row_of(one).share == one.share


def test_a_target_on_a_question_that_is_not_asked_says_so(write_csv, response):
    targets = parse_targets(TARGET.format(measure="results"), "targets.toml")
    found = analyse(write_csv([response(1)]), period="2026-10", targets=targets)
    one = found.verdicts[0]
    assert (one.evidence, one.share) == ("none", None)
    assert "The questionnaires of the period do not ask" in one.note
    assert found.row_of(one) is None


def test_an_answer_counts_at_another_level_of_certainty(write_csv, land_and_civil_status):
    path = write_csv(land_and_civil_status)
    narrow = analyse(path, period="2026-10", level=0.8).pick(sector="land")
    wide = analyse(path, period="2026-10", level=0.99).pick(sector="land")
    assert wide.low < narrow.low < narrow.share < narrow.high < wide.high
    with pytest.raises(ValueError, match="level"):
        analyse(path, period="2026-10", level=95)


def test_the_plans_own_targets_are_used_where_none_are_given(write_csv, response):
    found = analyse(write_csv([response(1)]), period="2026-10")
    assert {v.target for v in found.verdicts} == {t.id for t in shipped_targets().target}


def test_importing_analysis_loads_no_engine_and_no_numbers():
    import subprocess
    import sys

    code = (
        "import sys, analysis; analysis.PeriodError;"
        "heavy = {'ibis', 'duckdb', 'pandas', 'numpy', 'scipy', 'matplotlib', 'pyarrow'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
