"""Months one by one: which they are, and how they are told."""

from __future__ import annotations

import pytest

from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.months import monthly_documents
from analysis.reporting.tables import month_table


@pytest.fixture
def two_months(write_csv, response, tmp_path):
    """Nine answers in September, ten in October; dossiers of both."""
    rows = [response(n, answered_on="2026-09-03", overall="45"[n % 2]) for n in range(9)]
    rows += [response(100 + n, answered_on="2026-10-03", overall="2") for n in range(10)]
    dossiers = tmp_path / "dossiers.csv"
    dossiers.write_text(
        "period,office,sector,completed\n2026-09,trieu-son,land,20\n2026-10,trieu-son,land,10\n",
        encoding="utf-8",
    )
    return write_csv(rows), dossiers


def test_months_are_computed_one_by_one_up_to_the_last_of_the_period(two_months):
    answers, dossiers = two_months
    with read_responses(answers) as rows:
        months = monthly_documents(rows, read_population(dossiers), period="2026-Q4", months=4)
    assert [month.period.first.isoformat() for month in months] == [
        *("2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01")
    ]
    table = month_table(months)
    assert [row[0] for row in table.rows] == ["9/2026", "10/2026", "11/2026", "12/2026"]
    shares, counts = (table.to_frame()[head] for head in table.head[1:3])
    assert list(shares[:2]) == ["100% (*)", "0%"]  # the census is certain
    assert list(counts[:2]) == ["9/20 (45%)", "10/10 (100%)"]
    assert set(shares[2:]) <= {"–", "chưa có phiếu"}


def test_the_year_before_is_reached_across_its_end(two_months):
    answers, _ = two_months
    months = monthly_documents(answers, period="2027-01", months=3)
    ends = [month.period.last.isoformat() for month in months]
    assert ends == ["2026-11-30", "2026-12-31", "2027-01-31"]
