"""Periods: five notations, whole months, names in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from analysis.errors import PeriodError
from analysis.period import parse_period


@pytest.mark.parametrize(
    ("text", "first", "last", "months", "label", "label_en"),
    [
        ("2026-10", "2026-10-01", "2026-10-31", 1, "Tháng 10/2026", "October 2026"),
        ("2024-02", "2024-02-01", "2024-02-29", 1, "Tháng 2/2024", "February 2024"),
        ("2026-Q1", "2026-01-01", "2026-03-31", 3, "Quý I/2026", "Quarter 1, 2026"),
        ("2026-Q4", "2026-10-01", "2026-12-31", 3, "Quý IV/2026", "Quarter 4, 2026"),
        ("2026-H1", "2026-01-01", "2026-06-30", 6, "6 tháng đầu năm 2026", "First half of 2026"),
        ("2026-H2", "2026-07-01", "2026-12-31", 6, "6 tháng cuối năm 2026", "Second half of 2026"),
        ("2026", "2026-01-01", "2026-12-31", 12, "Năm 2026", "Year 2026"),
        (
            "12m:2026-02",
            "2025-03-01",
            "2026-02-28",
            12,
            "12 tháng đến hết tháng 2/2026",
            "12 months to 02/2026",
        ),
    ],
)
def test_a_period_has_its_days_months_and_names(text, first, last, months, label, label_en):
    found = parse_period(text)
    assert (found.first, found.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert len(found.months) == months
    assert (found.months[0], found.months[-1]) == (first[:7], last[:7])
    assert (found.called("vi"), found.called("en")) == (label, label_en)
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    [
        *("2026-13", "2026-00", "2026-1", "26-10", "2026-Q5", "2026-q4", "2026-H3", "12m:2026"),
        *("6m:2026-10", "10/2026", "1899", "2200", "٢٠٢٦", "", "2026-10-01"),
    ],
)
def test_anything_else_is_refused_with_the_legal_forms(text):
    with pytest.raises(PeriodError, match="write for example 2026-10, 2026-Q4, 2026-H2, 2026 or"):
        parse_period(text)
