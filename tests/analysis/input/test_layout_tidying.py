"""Files of other programs say the same in other forms: each is read, or named for what it is."""

from __future__ import annotations

import unicodedata
from datetime import date

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import analysis
from analysis.errors import LayoutError
from analysis.input.population import read_population
from analysis.input.responses import read_responses

HEAD = "period,office,sector,completed,on_time,online"


def scores(path) -> list[int | None]:
    with read_responses(path) as found:
        rows = found.table.order_by("response_id").to_pyarrow().to_pylist()
    return [row["overall"] for row in rows]


def counts(path) -> list[tuple]:
    return [(one.completed, one.on_time, one.online) for one in read_population(path).counts]


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_scores_as_pandas_writes_them_are_read(write_csv, response):
    rows = [response(1, overall="5.0"), response(2, overall=""), response(3, overall="3.0")]
    assert scores(write_csv(rows)) == [5, None, 3]
    rows = [response(1, overall="5.00"), response(2, overall="NaN"), response(3, overall="nan")]
    assert scores(write_csv(rows)) == [5, None, None]


@pytest.mark.parametrize("wrong", ["5.000", "5.5", ".0", ".00", "1.000", "6.0", "5,0", "5.0.0"])
def test_what_may_be_something_else_is_not_read_as_a_whole_number(write_csv, response, wrong):
    with pytest.raises(LayoutError, match="row 2, column 'overall': score is '"):
        scores(write_csv([response(1, overall=wrong)]))


@pytest.mark.parametrize("ends", [(",", ","), ("", ","), (",", ""), (",,,", ",,,"), ("", ",,,")])
def test_separators_at_the_ends_of_rows_are_no_columns(tmp_path, write_csv, response, ends):
    head, *rows = write_csv([response(1), response(2)]).read_text(encoding="utf-8").splitlines()
    lines = [head + ends[0], *(row + ends[1] for row in rows)]
    assert scores(written(tmp_path / "x.csv", "\n".join(lines) + "\n")) == [5, 5]
    text = f"{HEAD}{ends[0]}\n2026-10,a,land,60,58,{ends[1]}\n"
    assert counts(written(tmp_path / "n.csv", text)) == [(60, 58, None)]


@pytest.mark.parametrize("folder", ["a=b", "office=b", "month=2026-10/x=y"])
def test_the_name_of_a_folder_above_a_file_says_nothing(tmp_path, write_csv, response, folder):
    text = write_csv([response(1)]).read_text(encoding="utf-8")
    with read_responses(written(tmp_path / folder / "x.csv", text)) as found:
        (row,) = found.table.to_pyarrow().to_pylist()
    assert (row["office"], found.items) == (response(1)["office"], ("overall",))
    path = written(tmp_path / folder / "n.csv", f"{HEAD}\n2026-10,a,land,60,58,1\n")
    assert counts(path) == [(60, 58, 1)]
    pq.write_table(pyarrow.csv.read_csv(path), tmp_path / folder / "n.parquet")
    for source in (tmp_path / folder / "n.parquet", tmp_path / folder):
        (count,) = read_population(source).counts
        assert (count.office, count.completed) == ("a", 60)


def test_folders_below_one_named_like_a_partition_are_still_read_as_columns(
    tmp_path, write_parquet, response
):
    table = pq.read_table(write_parquet([response(1)])).drop_columns("office")
    folder = tmp_path / "year=2026" / "answers" / "office=x"
    folder.mkdir(parents=True)
    pq.write_table(table, folder / "0.parquet")
    with read_responses(tmp_path / "year=2026" / "answers") as found:
        (row,) = found.table.to_pyarrow().to_pylist()
    assert (row["office"], found.items) == ("x", ("overall",))


TOLD_EMPTY = {
    "response_id": "it is empty; fill it in",
    "office": "it is empty; fill it in",
    "channel": "empty is not a channel",
    "answered_on": "date is empty",
    "late": "empty is neither true nor false",
    "procedure": None,
    "overall": None,
}


@pytest.mark.parametrize("name", TOLD_EMPTY)
def test_a_column_of_type_null_is_a_column_of_nothing(tmp_path, write_parquet, response, name):
    table = pq.read_table(write_parquet([response(1)]))
    place = table.column_names.index(name)
    pq.write_table(table.set_column(place, name, pa.nulls(1)), tmp_path / "null.parquet")
    if TOLD_EMPTY[name] is None:
        assert scores(tmp_path / "null.parquet") == [None if name == "overall" else 5]
        return
    with pytest.raises(LayoutError) as caught:
        scores(tmp_path / "null.parquet")
    assert f"null.parquet, row 1, column '{name}': {TOLD_EMPTY[name]}" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (pa.nulls(1), "number is empty"),
        (pa.array([float("inf")]), "number is 'inf'"),
        (pa.array([1e30]), "number is '1e+30'"),
        (pa.array([60.5]), "number is '60.5'"),
        (pa.array([[1]]), "number is '[1]'"),
        (pa.array([10**15]), "number is '1000000000000000'"),
    ],
)
def test_what_is_no_count_is_told_with_its_row(tmp_path, values, told):
    table = pyarrow.csv.read_csv(written(tmp_path / "n.csv", f"{HEAD}\n2026-10,a,land,60,58,1\n"))
    pq.write_table(table.set_column(3, "completed", values), tmp_path / "n.parquet")
    with pytest.raises(LayoutError) as caught:
        read_population(tmp_path / "n.parquet")
    assert f"n.parquet, row 1, column 'completed': the {told}" in str(caught.value)


def test_a_gap_kept_as_not_a_number_is_a_gap(tmp_path):
    table = pyarrow.csv.read_csv(written(tmp_path / "n.csv", f"{HEAD}\n2026-10,a,land,60,58,1\n"))
    table = table.set_column(4, "on_time", pa.array([float("nan")]))
    pq.write_table(table, tmp_path / "n.parquet")
    assert counts(tmp_path / "n.parquet") == [(60, None, 1)]


def test_three_thousand_columns_are_refused_at_once(tmp_path, write_csv, response):
    wide = {f"c{number:04}": "5" for number in range(3000)}
    with pytest.raises(LayoutError, match="3,001 columns beside those of the layout; keep"):
        read_responses(write_csv([response(1, **wide)]))
    names = ",".join(wide)
    path = written(tmp_path / "n.csv", f"{HEAD},{names}\n2026-10,a,land,1,,{',' * 3000}\n")
    with pytest.raises(LayoutError, match="3,004 columns beside"):
        read_population(path)


@pytest.mark.parametrize(
    "spelled",
    [unicodedata.normalize("NFD", "Đất đai"), "Đất\u200b đai", "Đất\u00a0đai", "Đất  đai"],
)
@pytest.mark.parametrize("kind", ["csv", "parquet", "sqlite"])
def test_spellings_that_nobody_can_see_are_one_sector(request, tmp_path, response, spelled, kind):
    write = request.getfixturevalue(f"write_{kind}")
    source = write([response(1, sector=spelled, office="xa"), response(2, sector="Đất đai")])
    text = f"{HEAD}\n2026-10,xa,{spelled},60,,\n2026-10,trieu-son,Đất đai,30,,\n"
    population = written(tmp_path / "n.csv", text)
    with analysis.read(source, population, today=date(2026, 12, 1)) as data:
        assert {sector for _, sector in data.contents.places} == {"Đất đai"}
        assert {count.sector for count in data.population.counts} == {"Đất đai"}


def test_spellings_that_differ_and_look_the_same_are_named(tmp_path, write_csv, response):
    rows = [response(1, sector="Hòa Bình"), response(2, sector="Hoà Bình")]
    with pytest.raises(LayoutError, match="'Hoà Bình' and 'Hòa Bình' look the same and are not"):
        read_responses(write_csv(rows))
    path = written(tmp_path / "n.csv", f"{HEAD}\n2026-10,xã a,x,1,,\n2026-10,xã а,x,1,,\n")
    with pytest.raises(LayoutError, match=r"column 'office': .* \(a U\+0061 is not а U\+0430\)"):
        read_population(path)


def test_two_files_that_name_a_sector_alike_to_the_eye_are_refused(tmp_path, write_csv, response):
    path = written(tmp_path / "n.csv", f"{HEAD}\n2026-10,trieu-son,Ðất đai,60,,\n")
    with pytest.raises(LayoutError) as caught:
        analysis.read(write_csv([response(1, sector="Đất đai")]), path)
    assert str(caught.value).startswith("answers.csv, n.csv, column 'sector': 'Ðất đai' and")


def test_a_wrong_value_is_told_whole(write_csv, response):
    long = "Tôi rất hài lòng với cách phục vụ của cán bộ một cửa, chỉ mong chờ ít hơn nữa"
    with pytest.raises(LayoutError, match=f"score is '{long}'"):
        read_responses(write_csv([response(1, overall=long)]))
