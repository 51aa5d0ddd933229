"""`found.between` and `found.since`: two sectors, offices or periods against each other."""

from __future__ import annotations

from math import sqrt

import pytest
from scipy.stats import fisher_exact

import analysis
from tests.analysis.verbs.office import sheets


def test_two_sectors_differ_by_newcombes_interval_of_their_own_limits(found):
    (row,) = found.between("sector")
    land, civil = found.pick(sector="land"), found.pick(sector="civil-status")
    gap = 45 / 50 - 20 / 40
    assert row.difference == pytest.approx(gap)
    assert row.low == pytest.approx(gap - sqrt((0.9 - land.low) ** 2 + (civil.high - 0.5) ** 2))
    assert row.high == pytest.approx(gap + sqrt((land.high - 0.9) ** 2 + (0.5 - civil.low) ** 2))
    assert (row.first, row.second, row.signal) == ("land", "civil-status", "higher")


def test_many_comparisons_share_the_risk(read_rows):
    """A pair that is told apart alone (p = 0.016) is not, once fifteen pairs are looked at."""
    pair = [*sheets("a1", 48, 50), *sheets("a2", 39, 50)]
    assert fisher_exact([[48, 2], [39, 11]])[1] == pytest.approx(0.0151, abs=1e-3)
    alone = analysis.estimate(read_rows(pair), "2026-10").between("sector")
    assert [row.signal for row in alone] == ["higher"]
    more = [row for n in range(3, 7) for row in sheets(f"a{n}", 44, 50)]
    many = analysis.estimate(read_rows([*pair, *more]), "2026-10").between("sector")
    assert len(many) == 15
    assert {row.signal for row in many} == {"none"}
    (same,) = [row for row in many if (row.first, row.second) == ("a1", "a2")]
    assert (same.low, same.high) == (alone.rows[0].low, alone.rows[0].high)


def test_offices_are_compared_within_a_sector(read_rows):
    rows = [
        *sheets("land", 40, 50, office="xa-a"),
        *sheets("land", 20, 50, office="xa-b"),
        *sheets("tax", 1, 50, office="xa-a"),
    ]
    found = analysis.estimate(read_rows(rows), "2026-10")
    (row,) = found.between("office", sector="land")
    assert (row.first, row.second, row.sector, row.signal) == ("xa-a", "xa-b", "land", "higher")
    assert (row.first_share, row.second_share) == (0.8, 0.4)


def test_a_period_is_compared_with_an_earlier_one(read_rows):
    rows = [*sheets("land", 45, 50), *sheets("land", 20, 40, answered_on="2026-09-03")]
    data = read_rows(rows)
    october = analysis.estimate(data, "2026-10")
    rows = october.since(analysis.estimate(data, "2026-09")).rows
    assert {(row.first, row.second) for row in rows} == {("2026-10", "2026-09")}
    (land,) = [row for row in rows if (row.office, row.sector) == ("all", "land")]
    assert (land.difference, land.signal) == (pytest.approx(0.4), "higher")


def test_periods_that_share_days_are_refused(data, found):
    with pytest.raises(analysis.Refusal, match="2026-10 and 2026-Q4 share days; compare periods"):
        found.since(analysis.estimate(data, "2026-Q4"))


def test_levels_that_differ_are_refused(data, found):
    with pytest.raises(analysis.Refusal, match=r"levels are 0\.95 and 0\.9; estimate both at one"):
        found.since(analysis.estimate(data, "2026-09", level=0.9))


def test_a_name_that_is_not_there_is_told(found):
    with pytest.raises(LookupError, match="measure, 'indexx'"):
        found.between("sector", measure="indexx")
    with pytest.raises(ValueError, match='give one of "sector", "office"'):
        found.between("counter")


def test_html_says_what_the_difference_is_and_how_sure(found):
    shown = found.between("sector")._repr_html_()
    assert "+40,0 điểm %" in shown
    assert "cao hơn" in shown
    assert "nhiều nhất 5 trong 100 bảng" in shown


def test_rows_of_the_same_answers_are_compared_once(read_rows):
    """One office: its rows are the totals. One sector of a group: the group is that sector."""
    before = {"answered_on": "2026-09-03"}
    rows = [
        *(row for name, n in (("land", 48), ("tax", 40)) for row in sheets(name, n, 50)),
        *(row for name, n in (("land", 36), ("tax", 39)) for row in sheets(name, n, 50, **before)),
    ]
    data = read_rows(rows)
    since = analysis.estimate(data, "2026-10").since(analysis.estimate(data, "2026-09"))
    assert {row.office for row in since} == {"all"}
    assert len({(row.sector, row.first) for row in since}) == len(since) == 3
    (land,) = [row for row in since if row.sector == "land"]
    assert land.signal == "higher"


def test_the_difference_of_two_published_totals_is_told(read_rows):
    rows = [
        *(row for name in ("land", "tax") for row in sheets(name, 48, 50)),
        *(r for name in ("land", "tax") for r in sheets(name, 25, 50, answered_on="2026-09-03")),
    ]
    data = read_rows(rows, today="2027-02-01")
    now, before = (analysis.estimate(data, period) for period in ("2026-10", "2026-09"))
    told = now.published().since(before.published())
    (total,) = [row for row in told if row.sector == "all"]
    (own,) = [row for row in now.since(before) if row.sector == "all"]
    assert total.signal == own.signal == "higher"
    assert total.low <= own.difference <= total.high
    assert total.low <= own.low and total.high >= own.high
    with pytest.raises(analysis.Refusal, match="one is the published view, the other the full"):
        now.published().since(before)


def test_what_is_for_the_office_alone_is_not_asked_of_published_figures(found):
    shown = found.published()
    for ask in (shown.weighted, shown.trend, shown.index_of_elements, shown.to_responses):
        with pytest.raises(analysis.Refusal, match="published figures have none of this"):
            ask()
