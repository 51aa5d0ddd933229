"""Hand-made answers in the published layouts, written the way each kind of source has them."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import Problem, Refusal
from questionnaires.layout import COLUMNS
from tests.analysis.given import Given
from tests.spark import Cluster
from tests.vietnamese import told_in_both

Row = dict[str, Any]
WriteCsv = Callable[..., Path]


def a_response(number: int = 1, **changes: Any) -> Row:
    """A sound response; `changes` set columns, items included."""
    row: Row = {
        "response_id": f"r{number:06d}",
        "questionnaire": "survey@1",
        "office": "trieu-son",
        "sector": "land",
        "procedure": "",
        "channel": "poster",
        "answered_on": "2026-10-05",
        "late": "false",
        "flag": "",
        "overall": "5",
    }
    return row | changes


@pytest.fixture
def response() -> Callable[..., Row]:
    """Make one row of the responses layout."""
    return a_response


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Nothing given yet."""
    return Given(tmp_path)


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    """Write rows as a CSV; the first row's keys are the columns."""

    def write(
        rows: Sequence[Row],
        name: str = "answers.csv",
        delimiter: str = ",",
        encoding: str = "utf-8",
        columns: Sequence[str] = (),
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, columns or list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def _typed(row: Row) -> Row:
    """The row with the types of a typed source: dates, truths, integers, missing values."""
    items = {
        key: None if row[key] in ("", None) else int(row[key]) for key in row.keys() - set(COLUMNS)
    }
    ordered = {key: items[key] for key in row if key in items}
    fixed = {key: row[key] for key in COLUMNS}
    fixed |= {"answered_on": date.fromisoformat(row["answered_on"]), "late": row["late"] == "true"}
    return fixed | ordered


@pytest.fixture
def write_parquet(tmp_path: Path) -> Callable[..., Path]:
    """Write rows as Parquet: one file, or a folder partitioned by month."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def table(rows: Sequence[Row]) -> pa.Table:
        typed = [_typed(row) for row in rows]
        columns = {}
        for name in typed[0]:
            values = [row[name] for row in typed]
            if name in ("answered_on", "late"):
                columns[name] = pa.array(values)
            else:
                columns[name] = pa.array(values, pa.string() if name in COLUMNS else pa.int8())
        return pa.table(columns)

    def write(rows: Sequence[Row], name: str = "answers.parquet", by_month: bool = False) -> Path:
        path = tmp_path / name
        if not by_month:
            pq.write_table(table(rows), path)
            return path
        for month in sorted({row["answered_on"][:7] for row in rows}):
            folder = path / f"month={month}"
            folder.mkdir(parents=True)
            part = [row for row in rows if row["answered_on"].startswith(month)]
            pq.write_table(table(part), folder / "part-0.parquet")
        return path

    return write


@pytest.fixture
def write_sqlite(tmp_path: Path) -> Callable[..., str]:
    """Write rows into a SQLite table and show them as an untyped view `responses`; its URL."""

    def write(rows: Sequence[Row], columns: Sequence[str] = ()) -> str:
        path = tmp_path / "office.sqlite3"
        names = list(columns or rows[0])
        connection = sqlite3.connect(path)
        connection.execute(f"CREATE TABLE kept ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        values = [[_loose(name, row[name]) for name in names] for row in rows]
        connection.executemany(f"INSERT INTO kept VALUES ({marks})", values)
        connection.execute("CREATE VIEW responses AS SELECT * FROM kept")
        connection.commit()
        connection.close()
        return f"sqlite:///{path.as_posix()}"

    return write


def _loose(name: str, value: Any) -> Any:
    if name == "late":
        return int(value == "true") if value in ("true", "false") else value
    if name in COLUMNS:
        return value
    return None if value == "" else (int(value) if str(value).isdigit() else value)


@pytest.fixture
def write_postgres(postgres_url: str) -> Callable[..., str]:
    """Write rows into a typed PostgreSQL table `responses`; the URL."""
    import psycopg

    def write(rows: Sequence[Row]) -> str:
        typed = [_typed(row) for row in rows]
        types = {"answered_on": "date", "late": "boolean"}
        columns = [
            f'"{name}" {types.get(name, "text" if name in COLUMNS else "smallint")}'
            for name in typed[0]
        ]
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLE responses ({', '.join(columns)})")
            marks = ", ".join(["%s"] * len(columns))
            with connection.cursor() as cursor:
                values = [list(row.values()) for row in typed]
                cursor.executemany(f"INSERT INTO responses VALUES ({marks})", values)
        return postgres_url

    return write


@pytest.fixture
def write_spark(spark: Cluster, write_parquet: Callable[..., Path]) -> Callable[..., str]:
    """Write rows as Parquet partitioned by month; the URL through the cluster."""

    def write(rows: Sequence[Row], name: str = "answers") -> str:
        return f"{spark.url}{write_parquet(rows, name, by_month=True).as_posix()}"

    return write


@pytest.fixture(autouse=True)
def every_refusal_knows_vietnamese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever refusal a test meets is told in both languages."""
    met: list[BaseException] = []
    make = Refusal.__init__

    def kept(refusal: Refusal, problems: Iterable[Problem]) -> None:
        make(refusal, problems)
        met.append(refusal)

    monkeypatch.setattr(Refusal, "__init__", kept)
    yield
    for refusal in met:
        told_in_both(refusal)
