"""Every kind of broken file is refused whole: file, row, column and remedy of each problem."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from analysis.errors import LayoutError
from analysis.input.population import read_population
from analysis.input.responses import read_responses


def refusal(source: str | Path) -> str:
    with pytest.raises(LayoutError) as caught:
        read_responses(source)
    return str(caught.value)


BROKEN = {
    "score too high": ({"overall": "6"}, "column 'overall': score is '6'; write a whole number"),
    "score of zero": ({"overall": "0"}, "column 'overall': score is '0'; write a whole number"),
    "negative score": ({"overall": "-3"}, "column 'overall': score is '-3'; write a whole"),
    "fraction": ({"overall": "4.5"}, "column 'overall': score is '4.5'; write a whole number"),
    "words": ({"overall": "tốt"}, "column 'overall': score is 'tốt'; write a whole number"),
    "time": (
        {"answered_on": "2026-10-05 08:30"},
        "column 'answered_on': date is '2026-10-05 08:30'; write a date without a time",
    ),
    "day first": (
        {"answered_on": "05/10/2026"},
        "column 'answered_on': date is '05/10/2026'; write a date without a time",
    ),
    "no such day": ({"answered_on": "2026-02-30"}, "date is '2026-02-30'; write a date"),
    "short date": ({"answered_on": "2026-1-5"}, "date is '2026-1-5'; write a date"),
    "no date": ({"answered_on": ""}, "column 'answered_on': date is empty; write a date"),
    "late unclear": ({"late": "maybe"}, "column 'late': 'maybe' is neither true nor false; write"),
    "late missing": ({"late": ""}, "column 'late': empty is neither true nor false; write"),
    "channel": ({"channel": "email"}, "'email' is not a channel; use one of poster, slip, kiosk"),
    "no channel": ({"channel": ""}, "column 'channel': empty is not a channel; use one of"),
    "no office": ({"office": ""}, "column 'office': it is empty; fill it in"),
    "no sector": ({"sector": ""}, "column 'sector': it is empty; fill it in"),
    "no id": ({"response_id": ""}, "column 'response_id': it is empty; fill it in"),
    "no questionnaire": ({"questionnaire": ""}, "column 'questionnaire': it is empty; fill it"),
    "no version": ({"questionnaire": "desk"}, "'desk' has no version; write id@version"),
    "spaces": ({"sector": "land "}, "column 'sector': 'land ' has spaces around it; remove them"),
    "office all": ({"office": "all"}, "column 'office': 'all' is the name of a total; use another"),
    "sector group": ({"sector": "group:x"}, "'group:x' is the name of a total; use another id"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_row_is_named_with_its_remedy(write_csv, response, name):
    changes, expected = BROKEN[name]
    text = refusal(write_csv([response(1), response(2, **changes), response(3)]))
    assert text.startswith("answers.csv, row 3, column ")
    assert expected in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    "name", [name for name in BROKEN if name not in ("no id", "no date", "late missing")]
)
def test_a_broken_row_of_a_database_is_named_by_its_response(write_sqlite, response, name):
    changes, expected = BROKEN[name]
    text = refusal(write_sqlite([response(1), response(2, **changes), response(3)]))
    assert text.startswith("office.sqlite3, view 'responses', response 'r000002', column ")
    assert expected in text
    assert len(text.splitlines()) == 1


@pytest.mark.postgres
def test_a_broken_row_of_postgresql_is_named_by_its_response(write_postgres, response):
    rows = [response(1), response(2, overall="7"), response(3, channel="email"), response(3)]
    lines = refusal(write_postgres(rows)).splitlines()
    assert [line.split(", ", 2)[2].split(";")[0] for line in lines] == [
        "response 'r000003', column 'channel': 'email' is not a channel",
        "response 'r000002', column 'overall': score is '7'",
        "column 'response_id': 'r000003' occurs 2 times (response 'r000003'",
    ]


def test_all_problems_are_told_at_once(write_csv, response):
    rows = [response(n, **changes) for n, (changes, _) in enumerate(BROKEN.values())]
    text = refusal(write_csv(rows))
    told = [expected for _, expected in BROKEN.values() if expected in text]
    assert len(told) == len(BROKEN)
    assert len(text.splitlines()) == len(BROKEN)


def test_of_each_kind_twenty_rows_are_named_and_the_others_counted(write_csv, response):
    asked = {"questionnaire": "sipas-22@1"}
    rows = [response(n, overall="9", c01="8", **asked) for n in range(1000)]
    rows += [response(2000 + n, channel="fax", c01="", **asked) for n in range(3)]
    lines = refusal(write_csv(rows)).splitlines()
    assert len([line for line in lines if "score is" in line]) == 20
    assert (
        "answers.csv, column 'overall', 'c01': 1,980 more like these; write a whole"
        in "\n".join(lines)
    )
    assert len([line for line in lines if "'fax'" in line]) == 3


def test_a_response_given_twice_is_named_with_its_rows(write_csv, response):
    rows = [response(1), response(2), response(1, overall="4"), response(2), response(2)]
    assert refusal(write_csv(rows)).splitlines() == [
        "answers.csv, column 'response_id': 'r000002' occurs 3 times (row 3; row 5; row 6);"
        " keep one row of each response",
        "answers.csv, column 'response_id': 'r000001' occurs 2 times (row 2; row 4);"
        " keep one row of each response",
    ]


def test_a_response_given_twice_is_seen_across_questionnaires(write_csv, response):
    rows = [response(1), response(1, questionnaire="survey@2")]
    assert "'r000001' occurs 2 times (row 2; row 3)" in refusal(write_csv(rows))


def test_rows_of_parquet_are_counted_from_the_first_response(write_parquet, response):
    rows = [response(1), response(2, overall="7"), response(3, sector="all")]
    assert refusal(write_parquet(rows)).splitlines() == [
        "answers.parquet, row 3, column 'sector': 'all' is the name of a total; use another id",
        "answers.parquet, row 2, column 'overall': score is '7';"
        " write a whole number from 1 to 5, or leave it empty",
    ]


def test_a_row_of_a_folder_is_named_with_its_file(write_parquet, response):
    rows = [response(1), response(2, answered_on="2026-11-03", overall="7")]
    text = refusal(write_parquet(rows, "answers", by_month=True))
    assert text.startswith("answers, month=2026-11/part-0.parquet, row 1, column 'overall': score")


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_ragged_rows_are_named(write_csv, response):
    path = write_csv([response(n) for n in range(1, 6)])
    lines = lines_of(path)
    lines[2] += ",5,5"
    lines[4] = lines[4].rsplit(",", 2)[0]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert refusal(path).splitlines() == [
        "answers.csv, row 3: it has too many columns; put texts with a separator in quotes",
        "answers.csv, row 5: it has too few columns; fill in the missing separators",
    ]


def test_rows_after_ragged_and_blank_ones_keep_their_numbers(write_csv, response):
    path = write_csv([response(n) for n in range(1, 6)] + [response(6, overall="9")])
    lines = lines_of(path)
    lines[2] += ",5,5"
    lines.insert(4, "")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines[7].startswith("r000006")
    found = refusal(path).splitlines()
    assert found[0].startswith("answers.csv, row 3: it has too many columns")
    assert found[1].startswith("answers.csv, row 8, column 'overall': score is '9'")


def test_a_mark_that_is_not_closed_is_named(write_csv, response):
    path = write_csv([response(n) for n in range(1, 4)])
    lines = lines_of(path)
    lines[2] = lines[2].replace("land", '"land')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert refusal(path).startswith("answers.csv, row 3: a quotation mark is not closed; double")


def test_a_row_in_another_encoding_is_named(write_csv, response):
    path = write_csv([response(1), response(2, flag="lỗi"), response(3)], encoding="utf-8")
    content = path.read_bytes().replace("lỗi".encode(), "lôi".encode("latin-1"))
    path.write_bytes(content)
    assert refusal(path) == (
        "answers.csv, row 3: it is not UTF-8 text; save the file as 'CSV UTF-8'"
    )


WRONG_FILES = {
    "empty": (b"", "it is empty; give at least the row of column names"),
    "blank": (b" \r\n\r\n", "it is empty; give at least the row of column names"),
    "utf-16": ("response_id,ô\n".encode("utf-16"), "it is UTF-16 text; save it as 'CSV UTF-8'"),
    "utf-16 without mark": ("response_id,x\n".encode("utf-16-le"), "it is not text (it holds zero"),
    "latin names": ("response_id,đ\n".encode("cp1258"), "the column names are not UTF-8 text"),
    "workbook": (b"PK\x03\x04rest", "it is a workbook or a zip archive; save the sheet as 'CSV"),
    "old workbook": (b"\xd0\xcf\x11\xe0rest", "it is an old Excel workbook; save the sheet as"),
    "gzip": (b"\x1f\x8brest", "it is compressed; unpack it first"),
    "database": (b"SQLite format 3\x00", "it is a SQLite database; name it as sqlite:///FILE"),
    "rubbish": (b"\x07\x00\xff\x12" * 100, "it is not text (it holds zero bytes); save it as"),
    "prose": (b"Dear all,\nhere are the answers\n", "the first row does not hold the column names"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_what_is_not_a_table_is_refused(tmp_path, name):
    content, expected = WRONG_FILES[name]
    path = tmp_path / "answers.csv"
    path.write_bytes(content)
    text = refusal(path)
    assert text.startswith("answers.csv, ")
    assert expected in text
    assert len(text.splitlines()) == 1


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "no.csv") == (
        "no.csv, file: there is no such file or folder; check the name"
    )


def test_a_folder_without_parquet_is_refused(tmp_path):
    assert "the folder holds no Parquet file; name the folder with" in refusal(tmp_path)


def test_a_parquet_name_alone_makes_no_parquet(tmp_path):
    path = tmp_path / "answers.parquet"
    path.write_bytes(b"response_id,office\n")
    assert refusal(path).startswith("answers.parquet, file: it is not a Parquet file, or damaged;")


def test_a_damaged_parquet_file_is_refused(tmp_path, write_parquet, response):
    content = write_parquet([response(1)]).read_bytes()
    path = tmp_path / "cut.parquet"
    path.write_bytes(content[: len(content) // 2])
    assert "cut.parquet, file: it cannot be read as Parquet" in refusal(path)


def test_missing_columns_are_named_with_what_may_be_meant(write_csv, response):
    row = response(1)
    row["chanel"] = row.pop("channel")
    del row["late"]
    text = refusal(write_csv([row]))
    assert "answers.csv, column 'channel': it is missing; rename 'chanel' if it is meant" in text
    assert "answers.csv, column 'late': it is missing; add it; see docs/data-layouts.md" in text


def test_columns_that_are_neither_of_the_layout_nor_items_are_named(write_csv, response):
    text = refusal(write_csv([response(1, **{"Họ và tên": "x", "Phone": "y"})]))
    assert re.findall(r"column '([^']+)': it is neither a column", text) == ["Họ và tên", "Phone"]


def test_a_column_given_twice_is_named(tmp_path, write_csv, response):
    path = write_csv([response(1, c01="4")])
    path.write_text(path.read_text(encoding="utf-8").replace("c01", "overall"), encoding="utf-8")
    assert "answers.csv, column 'overall': there are several of this name; keep one" in refusal(
        path
    )


def test_columns_that_differ_by_capitals_alone_are_several_of_one_name(write_csv, response):
    text = refusal(write_csv([response(1, Overall="4")]))
    assert text == "answers.csv, column 'overall': there are several of this name; keep one"


def test_a_column_in_capitals_is_told_once(write_csv, response):
    row = response(1)
    row["Office"] = row.pop("office")
    assert refusal(write_csv([row])) == (
        "answers.csv, column 'office': it is missing; rename 'Office' if it is meant"
    )


def test_a_column_without_a_name_is_told_by_its_place(tmp_path, write_csv, response):
    path = write_csv([response(1)])
    text = path.read_text(encoding="utf-8").replace("\n", ",\n", 1)
    path.write_text(text.replace("5\n", "5,đã nhập\n"), encoding="utf-8")
    assert refusal(path) == "answers.csv, column 11: it has no name; delete or name it"


def test_mixed_line_ends_are_told(write_csv, response):
    path = write_csv([response(n) for n in range(3)])
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n", 2))
    assert refusal(path).endswith(
        "it cannot be read through (its line ends are mixed); save it again as 'CSV UTF-8'"
    )


def test_a_table_without_items_is_refused(write_csv, response):
    row = response(1)
    del row["overall"]
    assert "answers.csv, columns: there is no item column; add one per item" in refusal(
        write_csv([row])
    )


def test_a_column_of_times_is_refused_as_a_whole(tmp_path, write_parquet, response):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(write_parquet([response(1)]))
    times = pa.array([datetime(2026, 10, 5, 8, 30)], pa.timestamp("us"))  # noqa: DTZ001
    table = table.set_column(6, "answered_on", times).set_column(9, "overall", pa.array([True]))
    pq.write_table(table, tmp_path / "times.parquet")
    assert refusal(tmp_path / "times.parquet").splitlines() == [
        "times.parquet, column 'answered_on': it holds times;"
        " write dates only, for example 2026-10-05",
        "times.parquet, column 'overall': it holds boolean; write whole numbers 1 to 5",
    ]


def test_an_unknown_kind_of_source_is_refused_without_repeating_its_password():
    text = refusal("mysql://me:secret@host/office")
    assert "this kind of source is not known; use sqlite:///FILE, postgresql://" in text
    assert "secret" not in text


def test_a_database_that_is_not_there_is_refused(tmp_path):
    text = refusal(f"sqlite:///{(tmp_path / 'no.sqlite3').as_posix()}")
    assert "there is no such database; check the name" in text
    assert not (tmp_path / "no.sqlite3").exists()


def test_a_database_without_the_views_is_refused(tmp_path):
    (tmp_path / "empty.sqlite3").touch()
    text = refusal(f"sqlite:///{(tmp_path / 'empty.sqlite3').as_posix()}")
    assert "empty.sqlite3, view 'responses', view: it is not there; name a database" in text


def test_a_server_that_does_not_answer_is_refused_without_repeating_its_password():
    pytest.importorskip("psycopg")
    text = refusal("postgresql://me:secret@127.0.0.1:1/office")
    assert "database office, view 'responses', database: cannot connect" in text
    assert "secret" not in text


@pytest.mark.postgres
def test_postgresql_without_the_views_is_refused(postgres_url):
    assert "view: it is not there; name a database with the published views" in refusal(
        postgres_url
    )


POPULATION = {
    "month": ("2026-13,a,land,5,,", "row 2, column 'period': month is '2026-13'; write YYYY-MM"),
    "date": ("2026-10-01,a,land,5,,", "column 'period': month is '2026-10-01'; write YYYY-MM"),
    "no office": ("2026-10,,land,5,,", "column 'office': it is empty; fill it in"),
    "a total": ("2026-10,all,land,5,,", "column 'office': 'all' is the name of a total; leave"),
    "no number": ("2026-10,a,land,,,", "column 'completed': the number is empty; write a whole"),
    "negative": ("2026-10,a,land,-1,,", "column 'completed': the number is '-1'; write a whole"),
    "fraction": ("2026-10,a,land,1.5,,", "column 'completed': the number is '1.5'; write a whole"),
    "thousands": ('2026-10,a,land,"1,500",,', "column 'completed': the number is '1,500'; write"),
    "on time": ("2026-10,a,land,5,6,", "column 'on_time': 6 of 5 completed; it cannot be more"),
    "online": ("2026-10,a,land,5,,9", "column 'online': 9 of 5 completed; it cannot be more"),
    "columns": ("2026-10,a,land,5,,,7", "row 2: it has too many columns; put texts"),
}


@pytest.mark.parametrize("name", POPULATION)
def test_a_broken_row_of_the_population_is_named(tmp_path, name):
    row, expected = POPULATION[name]
    path = tmp_path / "dossiers.csv"
    head = "period,office,sector,completed,on_time,online"
    path.write_text(f"{head}\n{row}\n2026-10,a,civil-status,3,,\n", encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        read_population(path)
    text = str(caught.value)
    assert text.startswith("dossiers.csv, row 2")
    assert expected in text
    assert len(text.splitlines()) == 1


def test_a_month_office_and_sector_given_twice_is_named(tmp_path):
    path = tmp_path / "dossiers.csv"
    row = "2026-10,a,land,3\n"
    path.write_text("period,office,sector,completed\n" + row * 2, encoding="utf-8")
    with pytest.raises(LayoutError, match=r"row 3, column 'period': .* of row 2 again; keep one"):
        read_population(path)


def test_columns_of_the_population_are_checked(tmp_path):
    path = tmp_path / "dossiers.csv"
    path.write_text("period,office,completed,ontime\n2026-10,a,3,3\n", encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        read_population(path)
    assert str(caught.value).splitlines() == [
        "dossiers.csv, column 'sector': it is missing; add it; see docs/data-layouts.md",
        "dossiers.csv, column 'ontime': it is not a column of the population layout;"
        " remove it, or rename it to one of period, office, sector, completed, on_time, online,"
        " due_known, filing_known, timed, days_allowed, days_taken",
    ]


def test_of_the_population_too_twenty_rows_of_a_kind_are_named(tmp_path):
    path = tmp_path / "dossiers.csv"
    rows = "".join(f"2026-10,a,s{n},-\n" for n in range(50))
    path.write_text("period,office,sector,completed\n" + rows, encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        read_population(path)
    assert len(caught.value.problems) == 21
    assert str(caught.value.problems[-1]).startswith(
        "dossiers.csv, column 'completed': 30 more like these; write a whole number"
    )
