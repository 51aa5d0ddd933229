"""Tables in memory, workbooks and SPSS files are read as their CSV is: same figures and checks."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

import analysis
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from tests.analysis.verbs.office import an_office, sheets, write_responses


@pytest.fixture
def office(tmp_path):
    return an_office(tmp_path)


def rows_of(source, population, **options):
    with analysis.read(source, population, today="2026-12-01", **options) as data:
        return analysis.estimate(data, "2026-10").rows


def as_pandas(office):
    dates = pd.read_csv(office["RESPONSES"], parse_dates=["answered_on"])
    return dates, pd.read_csv(office["POPULATION"])


def as_index(office):
    frame, counts = as_pandas(office)
    return frame.set_index("response_id"), counts.set_index(["period", "office"])


def as_categories(office):
    frame, counts = as_pandas(office)
    return frame.astype({"sector": "category", "overall": "Float64"}), counts.astype(object)


def as_arrow(office):
    return tuple(pa.Table.from_pandas(frame) for frame in as_pandas(office))


def as_csv_of_pandas(office):
    """With pandas' own index, 5.0 for 5, and columns of nothing."""
    frame, counts = as_pandas(office)
    frame["overall"] = frame["overall"].astype(float)
    paths = office["FOLDER"] / "p.csv", office["FOLDER"] / "n.csv"
    frame.to_csv(paths[0])
    counts.assign(completed=counts["completed"].astype(float)).to_csv(paths[1])
    return paths


def as_parquet_of_pandas(office):
    frame, counts = as_pandas(office)
    paths = office["FOLDER"] / "p.parquet", office["FOLDER"] / "n.parquet"
    frame[frame["overall"] > 0].to_parquet(paths[0])  # keeps the index
    counts.to_parquet(paths[1])
    return paths


def as_workbook(office):
    frame, counts = as_pandas(office)
    paths = office["FOLDER"] / "p.xlsx", office["FOLDER"] / "n.xlsx"
    frame.to_excel(paths[0], index=False)
    counts.to_excel(paths[1], index=False)
    return paths


def as_spss(office):
    pyreadstat = pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    frame, counts = as_pandas(office)
    frame["answered_on"] = frame["answered_on"].dt.date
    frame = frame.assign(late=frame["late"].astype("int8"), procedure="", flag="")
    paths = office["FOLDER"] / "p.sav", office["FOLDER"] / "n.sav"
    pyreadstat.write_sav(frame, str(paths[0]))
    pyreadstat.write_sav(counts, str(paths[1]))
    return paths


@pytest.mark.parametrize(
    "form",
    [
        *(as_pandas, as_index, as_categories, as_arrow),
        *(as_csv_of_pandas, as_parquet_of_pandas, as_workbook, as_spss),
    ],
)
def test_every_form_of_the_same_answers_gives_the_same_figures(office, form):
    assert rows_of(*form(office)) == rows_of(office["RESPONSES"], office["POPULATION"])


def test_a_wrong_row_of_a_frame_is_named_by_its_label(office):
    frame, _ = as_pandas(office)
    frame = frame.set_index(pd.Index([f"n{n}" for n in range(len(frame))]))
    frame.loc["n7", "overall"] = 9
    frame.loc["n8", "response_id"] = frame.loc["n9", "response_id"]
    with pytest.raises(analysis.LayoutError) as caught:
        read_responses(frame)
    told = str(caught.value)
    assert "responses (pandas.DataFrame), row with index n7, column 'overall': score is '9'" in told
    assert "occurs 2 times (row with index n8; row with index n9)" in told
    with pytest.raises(analysis.LayoutError, match=r"population \(pandas.DataFrame\), row with"):
        read_population(
            pd.DataFrame({"period": ["x"], "office": ["a"], "sector": ["b"]}).assign(completed=1)
        )


def test_moments_of_a_day_are_still_refused(office):
    frame, _ = as_pandas(office)
    frame.loc[3, "answered_on"] += pd.Timedelta(hours=8)
    with pytest.raises(analysis.LayoutError, match="column 'answered_on': it holds times; write"):
        read_responses(frame)


def test_a_code_that_became_a_number_has_its_six_decimals_again(office):
    frame, _ = as_pandas(office)
    frame["procedure"] = [1.01275, None] * 45
    with read_responses(frame) as found:
        kept = {row["procedure"] for row in found.table.to_pyarrow().to_pylist()}
    assert kept == {"1.012750", None}


def test_values_of_several_types_in_a_column_are_texts(office):
    frame, _ = as_pandas(office)
    frame["overall"] = [5, "4", 3.0, None, "2.0"] * 18
    with read_responses(frame.astype({"overall": object})) as found:
        scores = found.table.order_by("response_id").to_pyarrow().to_pylist()
    assert {row["overall"] for row in scores} == {5, 4, 3, 2, None}


def test_what_is_no_table_is_told(office):
    with pytest.raises(analysis.LayoutError, match="it is int, which cannot be read; use"):
        read_responses(7)


def test_rows_of_a_sheet_are_counted_as_the_program_counts_them(tmp_path, office):
    frame, _ = as_pandas(office)
    frame.loc[4, "overall"] = 9
    frame.to_excel(tmp_path / "p.xlsx", index=False)
    with pytest.raises(analysis.LayoutError, match=r"p.xlsx, row 6, column 'overall': score is"):
        read_responses(tmp_path / "p.xlsx")


def test_a_row_of_numbers_alone_is_pandas_index_and_another_one_is_told(tmp_path):
    path = write_responses(tmp_path / "rows.csv", sheets("land", 2, 3))
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    numbered = [f",{head}", *(f"{n},{row}" for n, row in zip((0, 1, 5), rows, strict=True))]
    path.write_text("\n".join(numbered) + "\n", encoding="utf-8")
    with pytest.raises(analysis.LayoutError, match="it has no name; delete or name it"):
        read_responses(path)


def test_simulated_answers_are_found_again(tmp_path, office):
    frame, counts = as_pandas(office)
    for source in (frame.assign(origin="simulated"), _marked(frame)):
        with analysis.read(source, counts, today="2026-12-01", lang="en") as data:
            assert data.simulated and "Simulated data: ✓" in repr(data)
            found = analysis.estimate(data, "2026-10")
            assert found.document.as_json()["simulated"] is True
            assert found.to_frame().attrs == {"simulated": True}
            assert found.table("sectors").to_frame().attrs == {"simulated": True}
            assert "Simulated data" in str(found.table("sectors"))
            assert found.by_month(2).to_frame().attrs == {"simulated": True}
            assert found.to_responses().attrs == {"simulated": True}
            assert analysis.judge(found).to_frame().attrs == {"simulated": True}
            assert "SIMULATED DATA" in analysis.plot(found).page.decode()
            assert "SIMULATED DATA" in analysis.plot(found).words
    with analysis.read(frame, counts.assign(origin="simulated")) as data:
        assert data.simulated
    with analysis.read(frame, counts, today="2026-12-01") as data:
        assert not data.simulated
        assert analysis.estimate(data, "2026-10").to_frame().attrs == {}


def _marked(frame):
    copied = frame.copy()
    copied.attrs["simulated"] = True
    return copied


def test_an_origin_that_is_none_is_refused(office):
    frame, _ = as_pandas(office)
    with pytest.raises(analysis.LayoutError, match="'made' is no origin; leave it empty, or use"):
        read_responses(frame.assign(origin="made"))


def test_answers_that_were_brought_in_count_and_are_told(office):
    frame, counts = as_pandas(office)
    frame["origin"] = ["imported" if n < 12 else None for n in range(len(frame))]
    with analysis.read(frame, counts, today="2026-12-01", lang="en") as data:
        found = analysis.estimate(data, "2026-10")
        assert found.pick().n == 90
        assert found.document.as_json()["imported"] == {"xa-a": 12}
        told = "Brought in from another tool, of those received: 12 answers."
        assert told in str(found.head())
        assert told in str(found.published().head())
