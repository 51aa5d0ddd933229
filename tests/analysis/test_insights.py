"""What may not leave of a trend is gone from it, and nothing else."""

from __future__ import annotations

import pytest

from analysis.counting.moments import Moments
from analysis.formulas.departures import UNKNOWN, Departure
from analysis.formulas.differences import difference
from analysis.formulas.estimates import estimate
from analysis.formulas.strata import Stratum
from analysis.insights.changes import Change
from analysis.insights.insights import Insights, withheld
from analysis.insights.trend import Month, Trend
from analysis.period import parse_period
from analysis.telling.section import publishable, row_of

OCTOBER, SEPTEMBER = parse_period("2026-10"), parse_period("2026-09")


def share(x, n):
    return estimate([Stratum(Moments(n, n, x, n, x, x, n), 60)])


@pytest.fixture
def insights():
    now, then = share(20, 40), share(36, 40)
    signal = Departure(36.0, None, 1e-6, "lower")
    months = (Month("2026-09", then, UNKNOWN), Month("2026-10", now, signal))
    change = Change(SEPTEMBER, now, then, difference(now, then), "lower")
    rows = tuple(Trend("all", sector, months, (change,)) for sector in ("land", "construction"))
    return Insights(OCTOBER, "all", trends=rows)


def seen(insights, allows):
    """Every row with what may not leave taken out."""
    return [withheld(row, insights.period, allows) for row in insights.trends]


def test_where_everything_may_leave_nothing_changes(insights):
    assert seen(insights, lambda *_: True) == list(insights.trends)


def test_a_month_that_may_not_leave_keeps_only_its_answers(insights):
    found = seen(insights, lambda *row: row[-1] != OCTOBER)[0]
    before, hidden = found.months
    assert before == insights.trends[0].months[0]
    assert hidden.departure == UNKNOWN
    assert (hidden.estimate.n, hidden.estimate.population) == (40, 60)
    figures = {name: value for name, value in row_of(hidden.estimate).items() if value is not None}
    assert set(figures) == {
        *("n", "answered", "satisfied", "population", "population_covered", "response_rate"),
        *("level", "reliable", "notes", "publishable"),
    }
    assert figures.satisfied == 0
    assert not publishable(hidden.estimate) and not figures.publishable


@pytest.mark.parametrize("hidden", ["2026-09", "2026-10"])
def test_a_change_needs_both_its_periods(insights, hidden):
    change = seen(insights, lambda *row: row[-1].text != hidden)[0].changes[0]
    assert (change.difference, change.signal) == (None, "unknown")
    shares = {"2026-10": change.this.share, "2026-09": change.other.share}
    assert [period for period, found in shares.items() if found is None] == [hidden]


def test_rows_are_asked_for_one_by_one(insights):
    land, construction = seen(insights, lambda *row: row[:2] == ("all", "land"))
    assert land == insights.trends[0]
    assert all(month.estimate.share is None for month in construction.months)
