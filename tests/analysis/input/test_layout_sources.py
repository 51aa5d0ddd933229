"""The published layouts are read alike from every kind of source."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from analysis.errors import LayoutError
from analysis.input.population import read_population
from analysis.input.responses import Responses, read_responses
from tests.analysis.given import read_all


def rows_of(responses: Responses) -> list[dict]:
    table = responses.table.order_by("response_id")
    return table.to_pyarrow().to_pylist()


@pytest.fixture
def answers(response):
    return [
        response(1, overall="5", c01="4"),
        response(2, overall="", c01="1", procedure="1.012753", flag="burst", channel="kiosk"),
        response(3, overall="2", c01="", late="true", answered_on="2026-11-30"),
    ]


def check_answers(responses: Responses) -> None:
    found = rows_of(responses)
    assert responses.items == ("overall", "c01")
    assert [row["overall"] for row in found] == [5, None, 2]
    assert [row["c01"] for row in found] == [4, 1, None]
    assert [row["channel"] for row in found] == ["poster", "kiosk", "poster"]
    assert found[1]["flag"] == "burst"
    assert responses.answers == {"survey@1": {"overall": 2, "c01": 2}}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv_is_read_with_any_common_separator_and_with_a_byte_order_mark(
    write_csv, answers, delimiter, encoding
):
    with read_all(write_csv(answers, delimiter=delimiter, encoding=encoding)) as found:
        check_answers(found)


def test_columns_may_stand_in_any_order(write_csv, answers):
    path = write_csv(answers, columns=list(reversed(answers[0])))
    with read_all(path) as found:
        assert found.items == ("c01", "overall")
        assert [row["c01"] for row in rows_of(found)] == [4, 1, None]


def test_a_csv_as_excel_saves_it_is_read(tmp_path, write_csv, answers):
    text = write_csv(answers, delimiter=";").read_text(encoding="utf-8")
    excel = tmp_path / "excel.csv"
    text = text.replace("false", "FALSE").replace("true", "TRUE").replace("\r\n", "\n")
    excel.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    with read_all(excel) as found:
        check_answers(found)


def test_quoted_values_may_hold_separators_and_line_breaks(write_csv, response):
    rows = [response(1, flag='burst, "night"\nshift'), response(2)]
    with read_responses(write_csv(rows)) as found:
        assert rows_of(found)[0]["flag"] == 'burst, "night"\nshift'


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_brackets_in_a_file_name_are_no_pattern(request, response, kind):
    """A browser names a second download answers[1].csv; answers1.csv is another file."""
    write = request.getfixturevalue(f"write_{kind}")
    write([response(9, overall="1")], f"answers1.{kind}")
    with read_responses(write([response(1), response(2)], f"answers[1].{kind}")) as found:
        assert [row["response_id"] for row in rows_of(found)] == ["r000001", "r000002"]


def test_a_parquet_file_is_read(write_parquet, answers):
    with read_all(write_parquet(answers)) as found:
        check_answers(found)
        assert rows_of(found)[0]["answered_on"] == date(2026, 10, 5)


def test_a_folder_partitioned_by_month_is_one_source(write_parquet, answers):
    with read_all(write_parquet(answers, "answers", by_month=True)) as found:
        check_answers(found)


def test_files_of_a_folder_may_have_different_items(write_parquet, response):
    folder = write_parquet([response(1, c01="4")], "answers", by_month=True)
    write_parquet([response(2, answered_on="2026-11-01", c02="3")], "more", by_month=True)
    (folder.parent / "more" / "month=2026-11").rename(folder / "month=2026-11")
    with read_all(folder) as found:
        assert found.items == ("overall", "c01", "c02")
        assert [(row["c01"], row["c02"]) for row in rows_of(found)] == [(4, None), (None, 3)]


def test_a_partition_may_name_a_column_of_the_layout(tmp_path, write_parquet, response):
    import pyarrow.parquet as pq

    table = pq.read_table(write_parquet([response(1), response(2)])).drop_columns("office")
    for office in ("a", "b"):
        (tmp_path / "by-office" / f"office={office}").mkdir(parents=True)
    pq.write_table(table[:1], tmp_path / "by-office" / "office=a" / "0.parquet")
    pq.write_table(table[1:], tmp_path / "by-office" / "office=b" / "0.parquet")
    with read_responses(tmp_path / "by-office") as found:
        assert [row["office"] for row in rows_of(found)] == ["a", "b"]


def test_scores_kept_as_decimals_are_read_where_they_are_whole(tmp_path, write_parquet, response):
    """pandas writes integers with gaps as floats."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(write_parquet([response(1), response(2)]))
    table = table.set_column(9, "overall", pa.array([4.0, None], pa.float64()))
    pq.write_table(table, tmp_path / "pandas.parquet")
    with read_responses(tmp_path / "pandas.parquet") as found:
        assert [row["overall"] for row in rows_of(found)] == [4, None]


def test_a_view_of_sqlite_is_read_although_it_has_no_types(write_sqlite, answers):
    with read_all(write_sqlite(answers)) as found:
        check_answers(found)


@pytest.mark.postgres
def test_a_view_of_postgresql_is_read(write_postgres, answers):
    with read_all(write_postgres(answers)) as found:
        check_answers(found)


@pytest.mark.postgres
def test_the_database_urls_of_the_settings_are_understood(write_postgres, answers):
    url = write_postgres(answers).replace("postgresql://", "postgresql+psycopg://")
    with read_all(url) as found:
        check_answers(found)


def test_a_header_alone_means_that_nobody_has_answered(write_csv, response):
    path = write_csv([response(1)])
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with read_responses(path) as found:
        assert rows_of(found) == []
        assert found.answers == {}


def test_an_empty_view_means_that_nobody_has_answered(write_sqlite, response):
    with read_responses(write_sqlite([], columns=list(response(1)))) as found:
        assert rows_of(found) == []


def test_a_trusted_database_is_not_read_through_first(write_sqlite, response):
    url = write_sqlite([response(1), response(1, overall="9")])
    with read_responses(url, trusted=True) as found:
        assert found.answers == {"survey@1": {}}
    with pytest.raises(LayoutError):
        read_responses(url)


def test_a_closed_source_lets_go_of_its_file(write_sqlite, answers, tmp_path):
    with read_responses(write_sqlite(answers)):
        pass
    (tmp_path / "office.sqlite3").unlink()


POPULATION = "period,office,sector,completed,on_time,online\n2026-10,a,land,60,58,\n"


def test_population_is_read_from_csv_parquet_and_sqlite_alike(tmp_path):
    import pyarrow.csv
    import pyarrow.parquet as pq

    text = tmp_path / "n.csv"
    text.write_text(POPULATION, encoding="utf-8")
    pq.write_table(pyarrow.csv.read_csv(text), tmp_path / "n.parquet")
    database = sqlite3.connect(tmp_path / "n.sqlite3")
    database.execute("CREATE TABLE t (period, office, sector, completed, on_time, online)")
    database.execute("INSERT INTO t VALUES ('2026-10', 'a', 'land', 60, 58, NULL)")
    database.execute("CREATE VIEW population AS SELECT * FROM t")
    database.commit()
    database.close()
    url = f"sqlite:///{(tmp_path / 'n.sqlite3').as_posix()}"
    (count,) = read_population(text).counts
    assert (count.completed, count.on_time, count.online) == (60, 58, None)
    assert read_population(tmp_path / "n.parquet").counts == (count,)
    assert read_population(url).counts == (count,)


def test_population_needs_no_optional_column(tmp_path: Path):
    path = tmp_path / "n.csv"
    path.write_text("sector;office;completed;period\nland;a;7;2026-10\n", encoding="utf-8")
    (count,) = read_population(path).counts
    assert (count.completed, count.on_time, count.online) == (7, None, None)
