"""`hailong dossiers`: what is shown, kept and logged; nothing where anything is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, inspect, select

from survey.commands.dossiers import command
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.dossiers.columns import shipped_columns, shipped_text
from survey.errors import DossiersError
from survey.store import tables
from survey.store.population import CountSource, list_imports, load_counts, save_counts
from survey.store.staff_actions import DoneFilter, list_actions
from tests.clock import OFFICE, stand_at

HEAD = "Mã hồ sơ,Lĩnh vực,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả kết quả,Hình thức nộp\n"
SEPTEMBER = "H26.12-0001,Đất đai,01/09/2026,20/09/2026,18/09/2026,Trực tuyến\n"
OCTOBER = (
    "H26.12-0002,Đất đai,01/10/2026,20/10/2026,18/10/2026,Trực tuyến\n"
    "H26.12-0003,Hộ tịch,01/10/2026,02/10/2026,05/10/2026,Trực tiếp\n"
    "H26.12-0004,Hộ tịch,28/10/2026,29/10/2026,,Trực tiếp\n"
)

Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a subcommand on the set-up office, as on 2 November 2026."""
    stand_at(monkeypatch, datetime(2026, 11, 2, 9, tzinfo=OFFICE))
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def invoke(*arguments: object) -> Result:
        listed = [*map(str, arguments), "--data", str(config.data)]
        return CliRunner().invoke(command, listed, catch_exceptions=False, standalone_mode=False)

    return invoke


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "thang-10.csv"
    file.write_text(HEAD + SEPTEMBER + OCTOBER, encoding="utf-8")
    return file


def test_an_import_shows_and_keeps_the_counts(run: Run, engine: Engine, export: Path) -> None:
    shown = run("import", export).stdout
    assert load_counts(engine) == (
        PopulationCount("2026-09", "trieu-son", "land", 1, 1, 1, 1, 1, 1, 19, 17),
        PopulationCount("2026-10", "trieu-son", "civil-status", 1, 0, 0, 1, 1, 1, 1, 4),
        PopulationCount("2026-10", "trieu-son", "land", 1, 1, 1, 1, 1, 1, 19, 17),
    )
    assert "thang-10.csv: 4 rows; columns code = 'Mã hồ sơ'" in shown
    assert "skipped as not returned yet: 1" in shown
    assert "counted as not filed online: 'Trực tiếp' 1" in shown
    assert "2026-10 trieu-son civil-status 1 0/1 0/1 1\n" in re.sub(" +", " ", shown)
    assert "on time can be told of 3 dossiers; due date not known: 0" in shown
    assert "filed online can be told of 3 dossiers; way of filing not known: 0" in shown
    assert "kept 2026-10 trieu-son: 2 completed\n" in shown


def test_an_import_says_before_it_keeps_anything_why_a_census_figure_will_be_missing(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    bare = tmp_path / "it-cot.csv"
    bare.write_text("Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Đất đai,05/10/2026\n", encoding="utf-8")
    shown = run("import", bare, "--dry-run").stdout
    assert "no share on time: the file has no due dates (1 dossiers)" in shown
    assert "no share filed online: the file has no way of filing (1 dossiers)" in shown
    assert "no days taken: " in shown
    assert not load_counts(engine)


def test_a_second_import_replaces_the_month_warns_when_smaller_and_is_logged(
    run: Run, engine: Engine, export: Path, tmp_path: Path
) -> None:
    run("import", export)
    part = tmp_path / "mot-phan.csv"
    part.write_text(HEAD + OCTOBER.splitlines()[0] + "\n", encoding="utf-8")
    result = run("import", part)
    assert "kept 2026-10 trieu-son: 1 completed, replacing 2 of an earlier import" in result.stdout
    assert "warning: 2026-10 trieu-son now has fewer dossiers than before" in result.stderr
    assert [(each.period, each.completed) for each in load_counts(engine)] == [
        ("2026-09", 1),
        ("2026-10", 1),
    ]
    lines = run("list").stdout.splitlines()
    assert [line.split("\t")[1:6] for line in lines] == [
        ["2026-09", "trieu-son", "1", "new", "thang-10.csv"],
        ["2026-10", "trieu-son", "2", "new", "thang-10.csv"],
        ["2026-10", "trieu-son", "1", "replaced 2", "mot-phan.csv"],
    ]
    assert all(line.startswith("2026-11-02\t") for line in lines)


def test_a_wrong_row_keeps_nothing_of_the_file(run: Run, engine: Engine, export: Path) -> None:
    run("import", export)
    before, log = load_counts(engine), list_imports(engine)
    with export.open("a", encoding="utf-8") as file:
        file.write("H26.12-0009,Địa chính,01/10/2026,20/10/2026,18/10/2026,Trực tuyến\n")
    with pytest.raises(DossiersError, match="row 6: sector 'Địa chính' is not known"):
        run("import", export)
    assert load_counts(engine) == before
    assert list_imports(engine) == log


def test_no_table_ever_holds_a_dossier_code(run: Run, engine: Engine, export: Path) -> None:
    shown = run("import", export)
    kept = []
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            kept += [str(row) for row in connection.execute(select(table))]
    assert any("2026-10" in row for row in kept)
    assert not any("H26.12" in text for text in [*kept, shown.stdout, shown.stderr])
    assert set(inspect(engine).get_table_names()) >= {"population_count", "population_import"}


@pytest.mark.sqlite_is_enough
def test_only_the_month_asked_for_is_taken(run: Run, engine: Engine, export: Path) -> None:
    shown = run("import", export, "--period", "2026-10").stdout
    assert "skipped as of other months: 1" in shown
    assert {each.period for each in load_counts(engine)} == {"2026-10"}


@pytest.mark.sqlite_is_enough
def test_a_dry_run_shows_and_keeps_nothing(run: Run, engine: Engine, export: Path) -> None:
    assert "nothing was kept" in run("import", export, "--dry-run").stdout
    assert load_counts(engine) == ()


@pytest.mark.sqlite_is_enough
def test_a_month_is_written_as_people_write_it(run: Run, export: Path) -> None:
    shown = run("import", export, "--period", "tháng 10/2026", "--dry-run").stdout
    assert shown == run("import", export, "--period", "2026-10", "--dry-run").stdout
    assert "2026-10" in shown


def test_what_is_no_single_month_is_refused(export: Path) -> None:
    result = CliRunner().invoke(command, ["import", str(export), "--period", "quý 4/2026"])
    assert result.exit_code == 2
    assert "write it as 2026-10" in result.stderr


@pytest.mark.sqlite_is_enough
def test_the_columns_file_of_the_office_goes_before_the_shipped_one_and_a_given_one_before_both(
    run: Run, engine: Engine, config: Config, tmp_path: Path
) -> None:
    export = tmp_path / "x.csv"
    export.write_text("Số,LV,Trả\n1,Địa chính,05/10/2026\n", encoding="utf-8")
    with pytest.raises(DossiersError, match="no known headings"):
        run("import", export)
    own = '[columns]\ncode="Số"\nsector="LV"\nreturned="Trả"\n[sectors]\n"Địa chính"="{}"\n'
    (config.data / "dossiers.toml").write_text(own.format("land"), encoding="utf-8")
    run("import", export)
    assert load_counts(engine)[0].sector == "land"
    (tmp_path / "other.toml").write_text(own.format("construction"), encoding="utf-8")
    run("import", export, "--columns", tmp_path / "other.toml")
    assert [each.sector for each in load_counts(engine)] == ["construction"]


@pytest.mark.sqlite_is_enough
def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    with pytest.raises(
        DossiersError, match=r"none\.csv: no such file or directory; check the name"
    ):
        run("import", tmp_path / "none.csv")


def test_the_printed_columns_file_is_the_shipped_one() -> None:
    result = CliRunner().invoke(command, ["columns"])
    assert result.stdout == shipped_text()
    assert shipped_columns().columns["code"][0] == "Mã hồ sơ"


@pytest.mark.sqlite_is_enough
def test_an_empty_log_says_what_to_do(run: Run) -> None:
    assert "hailong dossiers import --help" in run("list").stderr


def many_months(tmp_path: Path) -> Path:
    """October, and one row each of other months: what the system's filter let through."""
    file = tmp_path / "thang-10-lan.csv"
    rows = [f"A-{n},Đất đai,01/10/2026,20/10/2026,{n + 1:02}/10/2026,x\n" for n in range(20)]
    rows += [f"B-{n},Đất đai,01/01/2026,20/10/2026,15/{n:02}/2026,x\n" for n in range(2, 8)]
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    return file


def test_far_months_are_never_replaced_unasked(run: Run, engine: Engine, tmp_path: Path) -> None:
    known = tuple(PopulationCount(f"2026-{n:02}", "trieu-son", "land", 300) for n in range(2, 8))
    save_counts(engine, known, log=CountSource(date(2026, 9, 1), "x.csv", "0" * 64))
    before, log = load_counts(engine), list_imports(engine)
    file = many_months(tmp_path)
    shown = run("import", file, "--dry-run")
    assert "2026-03 trieu-son: changed, 1 instead of 300 completed" in shown.stdout
    with pytest.raises(DossiersError, match="nothing was kept; use --period"):
        run("import", file)
    assert (load_counts(engine), list_imports(engine)) == (before, log)
    run("import", file, "--period", "2026-10")
    assert [each for each in load_counts(engine) if each.period != "2026-10"] == list(before)
    run("import", file, "--yes")
    assert {each.completed for each in load_counts(engine)} == {1, 20}


def test_an_import_is_taken_back_by_a_command(run: Run, engine: Engine, export: Path) -> None:
    run("import", export, "--period", "2026-09")
    before = load_counts(engine)
    run("import", export)
    shown = run("undo").stdout
    assert "taken back 2026-10 trieu-son: no counts again, without the 2 of thang-10.csv" in shown
    assert load_counts(engine) == before
    assert "\ttaken back on 2026-11-02" in run("list").stdout
    undone, *imported = list_actions(engine, DoneFilter(commands=True))
    assert undone.details == {"months": "2026-10", "file": "thang-10.csv"}
    assert [one.action for one in (undone, *imported)] == [
        *("import_undone", "dossiers_imported", "dossiers_imported"),
    ]


@pytest.mark.sqlite_is_enough
def test_a_second_import_of_the_same_file_says_unchanged(run: Run, export: Path) -> None:
    run("import", export)
    again = run("import", export).stdout
    assert "2026-10 trieu-son: unchanged, 2 completed" in again
    assert "kept" not in again


@pytest.mark.sqlite_is_enough
@pytest.mark.slow
def test_twenty_thousand_rows_are_counted_right(run: Run, engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "big.csv"
    first = date(2026, 10, 1)
    with file.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        for number in range(20_000):
            returned = first + timedelta(number % 31)
            out.write(f"A-{number},Đất đai,{first},{first},{returned},Trực tuyến\n")
    run("import", file)
    assert load_counts(engine) == (
        # 20,000 = 645 x 31 + 5: the first day of the month comes 646 times.
        # Each was due on the day it came, and took 0 to 30 days: 645 x 465 + 0 + 1 + 2 + 3 + 4.
        PopulationCount(
            "2026-10", "trieu-son", "land", 20_000, 646, 20_000, 20_000, 20_000, 20_000, 0, 299_935
        ),
    )
