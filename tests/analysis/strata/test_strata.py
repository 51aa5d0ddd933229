"""Strata are office × sector × month: what is weighted with what, and which months are joined."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from analysis.input.aggregates import Cell
from analysis.input.population import Dossiers
from analysis.period import parse_period
from analysis.reporting.sections import render_text
from analysis.statistics.moments import Moments
from analysis.strata.pooling import Pooled
from analysis.strata.survey import Survey
from tests.analysis.given import months_of, verdict_of

YEAR = parse_period("2025")
MONTHS = YEAR.months


def item(satisfied, n, sheets=None):
    return Moments(sheets or n, n, satisfied, n, satisfied, satisfied, n)


def strata(answers, dossiers):
    """(satisfied, answered, dossiers) of each stratum of one sector; both by month ("03")."""
    cells = {
        Cell("xã A", "land", "poster", False, f"2025-{month}"): {"overall": moments}
        for month, moments in answers.items()
    }
    counts = {("xã A", "land", f"2025-{month}"): n for month, n in dossiers.items()}
    known = {"xã A": frozenset(month for *_, month in counts)}
    pooled = Pooled(cells, {"sectors": {"overall": "item"}, "general": {}}, {})
    survey = Survey(pooled, Dossiers(counts, known), YEAR, {})
    found = survey.strata(survey.scope("xã A", "land"), "overall")
    return [(s.moments.y, s.moments.answered, s.population) for s in found]


def test_a_year_is_weighted_by_the_dossiers_of_each_month(given):
    """1,000 dossiers every month; 20 answers with 12 satisfied but for December: 780 with 760.

    (11 x 0.6 + 760/780) / 12 = 63.1%, where one heap of 892 in 1,000 gives 89.2%.
    """
    *eleven, december = months_of(2025)
    given.dossiers("land", 1000, *eleven, december)
    for month in eleven:
        given.answers("land", 20, 12, month=month)
    found = given.answers("land", 780, 760, month=december).analyse("2025")
    row = found.pick()
    assert (row.n, row.satisfied, row.population) == (1000, 892, 12000)
    assert row.share == pytest.approx((11 * 12 / 20 + 760 / 780) / 12)
    assert round(100 * row.share, 1) == 63.1
    assert (row.months, row.coverage, row.method) == (12, 1, "kg-s")
    assert row.high < 0.85
    assert verdict_of(found, "each-2025", "land").evidence == "missed"
    text = render_text(found)
    assert "Có phiếu trong 12 trên 12 tháng, ứng với 100% số hồ sơ" in text
    assert "63,1%" in text and "89,2%" not in text


def test_sectors_of_a_month_are_weighted_by_their_dossiers(given):
    """60 of land, 7 of 10 satisfied; 40 of civil status, 27 of 30: 0.6 x 70% + 0.4 x 90% = 78%."""
    given.answers("land", 10, 7).answers("civil-status", 30, 27)
    found = given.dossiers("land", 60).dossiers("civil-status", 40).analyse()
    row = found.pick()
    assert row.share == pytest.approx(0.78)
    assert (row.n, row.received, row.uncovered, row.response_rate) == (40, 40, 0, 0.4)
    assert (row.silent_low, row.silent_high) == (pytest.approx(0.34), pytest.approx(0.94))


@pytest.mark.parametrize("completed", [None, 0], ids=["no row", "0 dossiers"])
def test_answers_that_no_dossier_count_covers_change_nothing_but_what_came(given, completed):
    given.answers("land", 10, 7).answers("civil-status", 30, 27)
    sound = given.dossiers("land", 60).dossiers("civil-status", 40).analyse()
    given.answers("social", 1, 1)
    if completed is not None:
        given.dossiers("social", completed)
    before, row = sound.pick(), given.analyse().pick()
    assert (row.received, row.uncovered, before.received) == (41, 1, 40)
    same = ("n", "share", "low", "high", "population", "response_rate", "silent_low", "silent_high")
    assert all(getattr(row, name) == getattr(before, name) for name in same)
    assert row.share == pytest.approx(0.78)
    assert (row.note or "").startswith(
        "1 phiếu ở social đứng ngoài kết quả này vì chưa có số hồ sơ. / Answers outside this"
    )


def test_a_sector_with_more_answers_than_dossiers_keeps_its_weight_and_is_named(given):
    """5 dossiers of social, 10 answers, 9 satisfied: 42 + 36 + 4.5 of 105."""
    given.answers("land", 10, 7).answers("civil-status", 30, 27)
    sound = given.dossiers("land", 60).dossiers("civil-status", 40).analyse()
    found = given.answers("social", 10, 9).dossiers("social", 5).analyse()
    row = found.pick()
    assert row.share == pytest.approx((60 * 0.7 + 40 * 0.9 + 5 * 0.9) / 105)
    assert (row.n, row.uncovered, row.population) == (50, 0, 105)
    assert row.response_rate == pytest.approx(45 / 105)
    assert row.silent_low == pytest.approx((7 + 27 + 4.5) / 105)
    assert row.silent_high == pytest.approx((7 + 27 + 4.5 + 60) / 105)
    assert (row.note or "").startswith("Số phiếu nhiều hơn số hồ sơ đã giải quyết ở social:")
    for sector in ("land", "civil-status"):
        assert found.pick(sector=sector) == sound.pick(sector=sector)


def test_where_no_dossiers_at_all_are_known_answers_are_counted_together(given):
    row = given.answers("land", 10, 7).answers("civil-status", 30, 27).analyse().pick()
    assert (row.share, row.method, row.uncovered) == (34 / 40, "clopper-pearson", 0)
    assert (row.population, row.coverage, row.response_rate) == (None, None, None)


def test_an_office_without_any_dossiers_stands_beside_the_total(given):
    given.answers("land", 10, 7).dossiers("land", 60)
    found = given.answers("land", 20, 0, office="b").analyse()
    assert (found.pick().share, found.pick().uncovered) == (0.7, 20)
    assert found.pick(office="b").share == 0


def test_each_month_with_two_answers_or_more_is_a_stratum():
    answers = {"01": item(2, 3), "02": item(1, 2), "03": item(5, 5)}
    assert strata(answers, dict.fromkeys(answers, 40)) == [(2, 3, 40), (1, 2, 40), (5, 5, 40)]


def test_a_single_answer_is_joined_with_the_next_month_that_has_answers():
    """February has none in between: it stays what nothing is known of."""
    answers = {"01": item(1, 1), "03": item(5, 8), "04": item(2, 2)}
    dossiers = {"01": 10, "02": 20, "03": 30, "04": 40}
    assert sorted(strata(answers, dossiers)) == [(0, 0, 20), (2, 2, 40), (6, 9, 40)]


def test_a_single_answer_in_the_last_month_is_joined_with_the_month_before():
    answers = {"10": item(5, 8), "12": item(0, 1)}
    assert sorted(strata(answers, {"10": 30, "11": 25, "12": 10})) == [(0, 0, 25), (5, 9, 40)]


def test_single_answers_in_a_row_are_joined_by_two():
    answers = {month: item(1, 1) for month in ("01", "02", "03", "04", "05")}
    assert strata(answers, dict.fromkeys(answers, 10)) == [(2, 2, 20), (3, 3, 30)]


def test_a_sector_with_one_answer_in_all_is_one_stratum():
    assert strata({"04": item(1, 1)}, {"04": 10}) == [(1, 1, 10)]


def test_it_is_answers_to_the_question_that_make_a_month_large_enough():
    """Eight sheets of March leave the question out but for one."""
    answers = {"03": item(1, 1, sheets=8), "04": item(4, 6)}
    assert strata(answers, {"03": 20, "04": 30}) == [(5, 7, 50)]


def test_months_whose_dossiers_are_not_counted_are_one_stratum_without_dossiers():
    answers = {"01": item(3, 4), "02": item(2, 3), "05": item(1, 1)}
    assert strata(answers, {"01": 20, "05": 0}) == [(3, 4, 20), (3, 4, 0)]
    assert strata(answers, {"01": 20}) == [(3, 4, 20), (3, 4, None)]


by_month = st.dictionaries(
    st.sampled_from([month[5:] for month in MONTHS]),
    st.integers(1, 6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
counted = st.dictionaries(st.sampled_from([month[5:] for month in MONTHS]), st.integers(0, 50))


@drawn(by_month, counted)
@settings(max_examples=300, deadline=None)
def test_joining_loses_no_answer_and_no_dossier(answers, dossiers):
    found = strata({month: item(x, n) for month, (x, n) in answers.items()}, dossiers)
    assert sum(n for _, n, _ in found) == sum(n for _, n in answers.values())
    assert sum(x for x, _, _ in found) == sum(x for x, _ in answers.values())
    assert sum(N or 0 for *_, N in found) == sum(dossiers.values())
    covered = [(n, N) for _, n, N in found if n and N]
    weighed = sum(n for month, (_, n) in answers.items() if dossiers.get(month))
    assert sum(n for n, _ in covered) == weighed
    assert all(n >= 2 for n, _ in covered) or weighed == 1
