"""Tables as other programs leave them: each is read right, or refused with place and remedy."""

from __future__ import annotations

import pandas as pd
import pytest
from openpyxl import load_workbook

import analysis

TODAY = "2026-12-01"


@pytest.fixture
def frame():
    return pd.DataFrame(
        [
            {
                "response_id": f"r{n}", "questionnaire": "mine@1", "office": "xa-a",
                "sector": "land" if n % 2 else "civil-status", "procedure": "", "channel": "poster",
                "answered_on": f"2026-10-{n + 1:02d}", "late": "false", "flag": "",
                "overall": (5, 4, 2)[n % 3],
            }
            for n in range(12)
        ]
    )  # fmt: skip


def total(source, **given):
    with analysis.read(source, today=TODAY, **given) as data:
        row = analysis.estimate(data, "2026-10").pick()
        return row.n, row.answered, row.satisfied


def test_gaps_of_pandas_among_other_values_are_gaps(frame):
    mixed = [None, "5", 4.0, float("nan"), pd.NA, "", "4", "5.0", 5, pd.NaT, 2, 2]
    assert total(frame.assign(overall=pd.Series(mixed, dtype=object))) == (12, 7, 5)


def test_days_that_pandas_keeps_as_periods_are_days(frame):
    days = pd.PeriodIndex(frame["answered_on"], freq="D")
    assert total(frame.assign(answered_on=days)) == (12, 12, 8)
    counts = pd.DataFrame(
        {"period": pd.PeriodIndex(["2026-10"], freq="M"), "office": "xa-a", "sector": "land"}
    )
    with analysis.read(frame, counts.assign(completed=20), today=TODAY) as data:
        assert [count.period for count in data.population.counts] == ["2026-10"]


def test_moments_with_a_zone_are_refused_as_times(frame):
    moments = pd.to_datetime(frame["answered_on"]).dt.tz_localize("UTC")
    with pytest.raises(analysis.Refusal) as refused:
        total(frame.assign(answered_on=moments))
    assert "column 'answered_on': it holds times; write dates only" in str(refused.value)


def test_a_formula_without_a_value_is_no_gap(frame, tmp_path):
    file = tmp_path / "a.xlsx"
    frame.to_excel(file, index=False)
    book = load_workbook(file)
    book.active["J3"] = "=1+4"
    book.save(file)
    with pytest.raises(analysis.Refusal) as refused:
        total(file)
    assert "a.xlsx, cell J3: its formula was never computed" in str(refused.value)


def test_rows_of_spaces_below_a_sheet_are_none(frame, tmp_path):
    file = tmp_path / "a.xlsx"
    frame.to_excel(file, index=False)
    book = load_workbook(file)
    for row in range(14, 20):
        book.active.cell(row, 2).value = "  "
    book.save(file)
    assert total(file) == (12, 12, 8)


def test_codes_of_spss_are_read_by_their_labels(frame, tmp_path):
    import pyreadstat

    file, codes = tmp_path / "a.sav", {1.0: "land", 2.0: "civil-status"}
    coded = frame["sector"].map({word: code for code, word in codes.items()})
    pyreadstat.write_sav(frame.assign(sector=coded), file, variable_value_labels={"sector": codes})
    with analysis.read(file, today=TODAY) as data:
        found = analysis.estimate(data, "2026-10")
        assert [found.pick(sector=word).n for word in codes.values()] == [6, 6]
