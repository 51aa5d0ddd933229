"""The published document: the full one's figures, rounded, and nothing on few people."""

from __future__ import annotations

import json
from datetime import date

import pytest

import analysis
from analysis.disclosure.published import published
from analysis.disclosure.totals import shown_totals
from analysis.document import Document, analyse
from analysis.errors import Refusal
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.kept import read_document
from analysis.reporting.tables import silence_table
from tests.analysis.given import Given, verdict_of

SECTORS = (
    *(("land", 60, 14, 12), ("civil-status", 140, 35, 33), ("business", 20, 8, 7)),
    *(("construction", 18, 6, 5), ("investment", 7, 3, 3)),
)
"""Sector, dossiers, answers, satisfied ones: of every month from January to June."""

MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 7))


@pytest.fixture
def half_a_year(tmp_path) -> Given:
    given = Given(tmp_path)
    for month in MONTHS:
        for number, (sector, dossiers, n, satisfied) in enumerate(SECTORS):
            channel = "kiosk" if number % 2 else "poster"
            given.answers(sector, n, satisfied, month=month, channel=channel)
            given.dossiers(sector, dossiers, month)
    return given


def both(given: Given, period: str, **options) -> tuple[Document, Document]:
    """The full document of a period, and the published one."""
    population = read_population(given.population)
    with read_responses(given.responses) as responses:
        full = analyse(responses, population, period=period, **options)
        return full, published(full, responses, population, {})


def test_every_published_figure_is_the_full_one_rounded_and_limits_outwards(half_a_year):
    for period in ("2026-03", "2026-Q1", "2026-H1"):
        full, shown = both(half_a_year, period)
        own = {row.key: row for row in full.estimates}
        told = [row for row in shown.estimates if row.publishable and row.key in own]
        assert told
        for row in told:
            whole = own[row.key]
            assert abs(row.share - whole.share) <= row.step
            assert row.low <= whole.low + 1e-9 and row.high >= whole.high - 1e-9
            assert row.silent_low <= whole.silent_low + 1e-9 if whole.silent_low else True
            assert (row.n, row.population, row.response_rate) == (
                *(whole.n, whole.population, whole.response_rate),
            )


def test_nothing_stands_on_fewer_than_ten_people_and_their_number_stays(half_a_year):
    full, shown = both(half_a_year, "2026-03")
    for sector in ("construction", "investment", "business"):
        row = shown.pick(sector=sector)
        assert (row.share, row.satisfied, row.answered, row.publishable) == (*(None,) * 3, False)
        assert row.n == full.pick(sector=sector).n > 0
    assert all(row.respondents >= 10 for row in shown.estimates if row.publishable)


def test_an_office_may_ask_for_more_people_and_the_document_says_how_many(half_a_year):
    full, shown = both(half_a_year, "2026-03")
    strict, stricter = both(half_a_year, "2026-03", minimum=30)
    assert full.estimates == strict.estimates
    assert (shown.as_json()["minimum"], stricter.as_json()["minimum"]) == (10, 30)
    assert "minimum" not in full.as_json()
    told = [row for row in stricter.estimates if row.publishable]
    built_in = {row.key for row in shown.estimates if row.publishable}
    assert told and {row.key for row in told} < built_in
    assert all(row.respondents >= 30 for row in told)
    kept = read_document(json.loads(json.dumps(stricter.as_json())), stricter.targets)
    assert kept.minimum == 30


@pytest.mark.parametrize("given", [9, 101, "30", 30.0, True])
def test_one_rule_says_how_many_people_a_published_figure_may_need(half_a_year, given):
    told = "whole number from 10 to 100"
    asked = (
        lambda: both(half_a_year, "2026-03", minimum=given),
        lambda: shown_totals({}, {}, frozenset(), given),
        lambda: analysis.read(half_a_year.responses, minimum=given),
    )
    for ask in asked:
        with pytest.raises(Refusal, match=told) as refused:
            ask()
        assert repr(given) in str(refused.value)


def test_withheld_parts_never_change_an_estimate(half_a_year):
    full, shown = both(half_a_year, "2026-Q1")
    total = shown.pick()
    assert total.publishable
    assert total.share <= full.pick().share < total.share + total.step
    (verdict,) = (v for v in shown.verdicts if v.key == ("procedures-2025", "all", "all"))
    (own,) = (v for v in full.verdicts if v.key == ("procedures-2025", "all", "all"))
    assert verdict.evidence == own.evidence
    assert verdict.lower <= own.lower and verdict.upper >= own.upper


def test_verdicts_on_withheld_rows_say_so_and_nothing_else(half_a_year):
    _, shown = both(half_a_year, "2026-03")
    (one,) = (v for v in shown.verdicts if v.key == ("each-2025", "all", "construction"))
    assert (one.evidence, one.point, one.share, one.lower, one.q) == (
        *("withheld", "withheld", None, None, None),
    )
    assert "Không công bố" in (one.note or "")


def test_only_the_short_list_of_tables_is_published(half_a_year):
    _, shown = both(half_a_year, "2026-H1")
    crossed = [row for row in shown.estimates if row.channel != "all" and row.sector != "all"]
    by_item = [row for row in shown.estimates if ":" in row.measure and row.sector != "all"]
    assert (crossed, by_item) == ([], [])


def test_what_answers_need_and_p_values_stay_inside(half_a_year):
    _, shown = both(half_a_year, "2026-H1")
    assert all(v.responses_needed is None and v.p_met is None for v in shown.verdicts)
    assert all(row.satisfied is None for row in shown.estimates)


def test_the_document_says_which_view_it_is(half_a_year):
    full, shown = both(half_a_year, "2026-Q1")
    assert (full.as_json()["view"], shown.as_json()["view"]) == ("full", "published")
    assert not any(row["publishable"] for row in full.as_json()["estimates"])
    assert any(row["publishable"] for row in shown.as_json()["estimates"])
    assert json.loads(json.dumps(shown.as_json(), allow_nan=False)) == shown.as_json()


def test_a_month_is_published_alike_before_and_after_the_months_that_follow(tmp_path, half_a_year):
    early = Given(tmp_path / "early")
    early.folder.mkdir()
    early.rows = [row for row in half_a_year.rows if row["answered_on"] < "2026-04"]
    early.counts = [count for count in half_a_year.counts if count[0] < "2026-04"]
    then, now = both(early, "2026-03")[1], both(half_a_year, "2026-03")[1]
    assert then.estimates == now.estimates
    assert then.verdicts == now.verdicts


@pytest.mark.parametrize(
    ("period", "options", "told"),
    [
        ("2026-06", {"today": date(2026, 6, 20)}, "it is not over yet"),
        ("12m:2026-06", {}, "a rolling year is not published"),
        ("2026-06", {"flagged": "exclude"}, "answers were left out by choice"),
    ],
    ids=["running", "rolling", "in part"],
)
def test_what_is_not_published_is_refused_with_a_remedy(half_a_year, period, options, told):
    with pytest.raises(Refusal, match=told):
        both(half_a_year, period, **options)


@pytest.mark.parametrize("who", ["nobody", "nobody who scored", "people about the agency alone"])
def test_a_period_in_which_nobody_spoke_of_a_sector_is_published(tmp_path, who):
    given = Given(tmp_path).dossiers("land", 60, *MONTHS)
    if who == "nobody":
        given.answers("land", 1, 1, month="2025-12")
    elif who == "nobody who scored":
        given.answers("land", 3, 0, month="2026-03", overall="")
    else:
        given.answers("general", 200, 190, month="2026-03")
    full, shown = both(given, "2026-03")
    land, agency = (shown.pick(sector=sector) for sector in ("land", "general"))
    assert (land.share, land.population) == (None, 60)
    assert shown.view == "published" and len(shown.estimates) == len(full.estimates)
    assert agency is None or agency.share == 0.95


def test_a_certain_verdict_is_not_contradicted_by_rounded_bounds(tmp_path):
    """1,799 of 2,000 and 3 of 4 with 15 silent: at most 1,817 of 2,019 are satisfied, below 90%.

    The total's step, 89% to 90%, would leave room for them to decide.
    """
    given = Given(tmp_path).dossiers("land", 2000).dossiers("business", 19)
    given.answers("land", 2000, 1799).answers("business", 4, 3)
    full, shown = both(given, "2026-10")
    for document in (full, shown):
        verdict = verdict_of(document, "procedures-2025")
        assert (verdict.evidence, verdict.basis) == ("missed", "certain")
        assert verdict.q is None or verdict.q > 1
        row = next(row for row in silence_table(document, lang="en").rows if "2025: 90%" in row)
        assert row[-1] == "cannot be met"
    assert shown.pick().silent_high >= 0.9 > full.pick().silent_high


def test_rows_frame_print_report_and_json_are_one_view(half_a_year, tmp_path):
    """The full one, or the one that was asked for by its name."""
    with analysis.read(half_a_year.responses, half_a_year.population) as data:
        own = analysis.estimate(data, "2026-03")
        for found in (own, own.published()):
            verdicts = analysis.judge(found)
            words = {row.evidence for row in verdicts}
            assert ("withheld" in words) == (found is not own)
            assert ("Không công bố" in str(verdicts)) == (found is not own)
            frame = found.to_frame()
            shares = {row.share for row in found.rows if row.share is not None}
            assert set(frame["share"].dropna()) == shares
            file = analysis.report(verdicts, tmp_path / "report.json")
            document = json.loads(file.read_text(encoding="utf-8"))
            assert document == json.loads(json.dumps(found.document.as_json()))
            page = analysis.report(verdicts, tmp_path / "report.html").read_text(encoding="utf-8")
            assert ("Nội bộ cơ quan" in page) == (found is own)


def test_steps_are_told_in_words(half_a_year):
    _, shown = both(half_a_year, "2026-03")
    from analysis.reporting.wording import share_text

    total = shown.pick()
    assert total.step > 0.001
    assert share_text(total, "vi").startswith("từ ") and " đến dưới " in share_text(total, "vi")
    assert share_text(total, "en").startswith("from ")
