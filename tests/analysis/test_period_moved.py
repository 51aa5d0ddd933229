"""Periods beside a period: the one before, the year before, the months up to it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from analysis.errors import PeriodError
from analysis.period import last_months, moved, parse_period, period_of


@pytest.mark.parametrize(
    ("text", "months", "expected"),
    [
        ("2026-01", -1, "2025-12"),
        ("2026-10", -12, "2025-10"),
        ("2026-12", 1, "2027-01"),
        ("2026-Q1", -3, "2025-Q4"),
        ("2026-Q4", -12, "2025-Q4"),
        ("2026-H1", -6, "2025-H2"),
        ("2026", -12, "2025"),
        ("12m:2026-03", -12, "12m:2025-03"),
        ("12m:2026-01", -1, "12m:2025-12"),
    ],
)
def test_a_period_moves_by_whole_months_and_keeps_its_length(text, months, expected):
    assert moved(parse_period(text), months) == parse_period(expected)


@pytest.mark.parametrize(("text", "months"), [("2026-Q1", -1), ("2026-H2", 3), ("2026", 6)])
def test_a_calendar_period_does_not_start_in_the_middle(text, months):
    with pytest.raises(ValueError, match="no calendar period"):
        moved(parse_period(text), months)


def test_the_last_months_end_with_the_period():
    found = last_months(parse_period("2026-Q1"), 24)
    assert (found.months[0], found.months[-1], len(found.months)) == ("2024-04", "2026-03", 24)
    assert (found.first.isoformat(), found.last.isoformat()) == ("2024-04-01", "2026-03-31")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("2026-10", "2026-10"),
        ("quý IV/2026", "2026-Q4"),
        (2026, "2026"),
        (np.int64(2026), "2026"),
        (date(2026, 10, 15), "2026-10"),
        (datetime(2026, 10, 31, 23, 59, tzinfo=UTC), "2026-10"),
        (pd.Timestamp("2026-10-01"), "2026-10"),
        (pd.Period("2026-10", "M"), "2026-10"),
        (pd.Period("2026Q4", "Q"), "2026-Q4"),
        (pd.Period("2026", "Y"), "2026"),
        (parse_period("12m:2026-10"), "12m:2026-10"),
    ],
)
def test_a_period_is_read_as_an_analyst_has_it(given, text):
    assert period_of(given).text == text


@pytest.mark.parametrize(
    "given",
    [None, 20.26, True, 26, [2026], pd.Period("2026-10-15", "D"), pd.Period("2026-10-15", "W")],
)
def test_what_is_no_period_is_refused_with_what_was_given_and_the_forms(given):
    with pytest.raises(PeriodError) as caught:
        period_of(given)
    told = str(caught.value)
    assert (str(given) if isinstance(given, pd.Period) else repr(given)) in told
    assert "2026-Q4" in told
