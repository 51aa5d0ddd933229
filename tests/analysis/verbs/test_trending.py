"""`found.trend()`: twelve months of every sector, by the exact test or by Laney's chart."""

from __future__ import annotations

import numpy as np
import pytest

import analysis
from analysis.listing import frame_of
from analysis.statistics.comparisons import departure
from analysis.statistics.laney import laney
from analysis.trends import TrendRow
from tests.analysis.verbs.office import sheets

MONTHS = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)][:23]
COUNTS = np.random.default_rng(8).binomial(40, np.random.default_rng(9).uniform(0.7, 0.95, 23))
COUNTS[-1] = 9


@pytest.fixture
def rows():
    """Land, 40 answers a month from January 2025 to November 2026, of which few in the last."""
    return [
        row | {"response_id": f"{month}-{row['response_id']}"}
        for month, yes in zip(MONTHS, COUNTS.tolist(), strict=True)
        for row in sheets("land", yes, 40, answered_on=f"{month}-15")
    ]


@pytest.fixture
def november(read_rows, rows):
    data = read_rows(rows, {f"land/{month}": 100 for month in MONTHS}, lang="en")
    return analysis.estimate(data, "2026-11")


def of_land(trend):
    return [row for row in trend if (row.office, row.sector) == ("all", "land")]


def test_each_month_has_its_document_s_figures_and_the_exact_signal(november):
    rows = of_land(november.trend())
    assert [row.month for row in rows] == MONTHS[-12:]
    row, document = rows[-1], november.pick(sector="land")
    assert (row.n, row.satisfied, row.share) == (40, 9, document.share)
    assert (row.low, row.high) == (document.low, document.high)
    exact = departure([(9, 40)], [(int(COUNTS[10:22].sum()), 480)])
    assert (row.expected, row.usual_low, row.usual_high, row.signal) == (
        exact.expected,
        exact.usual.low,
        exact.usual.high,
        "lower",
    )


def test_laney_is_asked_for_by_name_and_takes_each_month_before(november):
    row = of_land(november.trend(dispersion="laney"))[-1]
    wide = laney([(9, 40)], [[(int(x), 40)] for x in COUNTS[10:22]])
    assert (row.expected, row.usual_low, row.signal) == (
        wide.expected,
        wide.usual.low,
        wide.signal,
    )
    exact = of_land(november.trend())[-1]
    assert row.usual_low < exact.usual_low
    with pytest.raises(ValueError, match='give one of "binomial", "laney"'):
        november.trend(dispersion="poisson")


def test_tables_say_which_chart_it_is_and_its_risk(november):
    exact, wide = (november.trend(dispersion=name) for name in ("binomial", "laney"))
    assert "at most 5 of 100 years" in exact.table(sector="land").notes[0]
    assert "Laney's p′ chart (2002)" in wide.table(sector="land").notes[0]
    last = exact.table(sector="land").rows[-1]
    assert last[0] == "11/2026" and "9 of 40" in last and last[-1] == "clearly lower"
    assert "Biểu đồ p′ của Laney" in wide.table(lang="vi").notes[0]
    assert repr(exact).startswith("<Trends binomial: ")


def test_a_month_that_is_not_over_gives_no_signal(read_rows, rows):
    dossiers = {f"land/{month}": 100 for month in MONTHS}
    found = analysis.estimate(read_rows(rows, dossiers, today="2026-11-28"), "2026-11")
    last = of_land(found.trend())[-1]
    assert (last.n, last.signal, last.expected) == (40, "unknown", None)


def test_flagged_answers_are_left_out_where_the_estimates_leave_them_out(read_rows, rows):
    for row in rows[-31:]:  # the dissatisfied of the last month
        row["flag"] = "burst"
    found = analysis.estimate(read_rows(rows), "2026-11", flagged="exclude")
    last = of_land(found.trend())[-1]
    assert (last.n, last.satisfied) == (9, 9)


def test_without_answers_there_is_nothing_to_tell(read_rows):
    found = analysis.estimate(read_rows([], {"land": 30}), "2026-10")
    assert len(found.trend()) == 0
    assert list(found.trend().to_frame().columns)[:3] == ["office", "sector", "month"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_column_has_a_heading_of_its_own(lang):
    assert len(set(frame_of(TrendRow, (), lang).columns)) == len(
        frame_of(TrendRow, (), None).columns
    )
