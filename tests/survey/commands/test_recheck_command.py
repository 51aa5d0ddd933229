"""`hailong recheck`: seals, draws and enters as the page does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from survey.cli import cli
from survey.store import tables
from tests.survey.recheck.drawn import DICE, export

Run = Callable[..., Result]

pytestmark = pytest.mark.sqlite_is_enough


@pytest.fixture
def run(config, engine, monkeypatch) -> Run:
    monkeypatch.setenv("HAILONG_DATA", str(config.data))
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    return lambda *words: CliRunner().invoke(cli, ["recheck", *map(str, words)])


@pytest.fixture
def codes(run: Run, tmp_path: Path) -> list[str]:
    """The codes of a call sheet of four dossiers, in the order of the sheet."""
    file, sheet = tmp_path / "thang-10.csv", tmp_path / "goi.xlsx"
    file.write_bytes(export())
    asked = ("draw", "--period", "2026-10", "--dossiers", file)
    sealed = run(*asked)
    assert sealed.exit_code == 0, sealed.output
    assert "sealed 52 dossiers" in sealed.output
    assert not sheet.exists()
    drawn = run(*asked, "--size", 4, "--dice", DICE, "--out", sheet)
    assert drawn.exit_code == 0, drawn.output
    rows = openpyxl.load_workbook(sheet).worksheets[0].iter_rows(min_row=2, values_only=True)
    return [str(row[5]) for row in rows if not row[6]]


def told(result: Result) -> str:
    assert result.exit_code == 1
    return f"{result.output}{result.exception}"


def test_a_month_is_sealed_drawn_and_entered(run: Run, codes: list[str], engine) -> None:
    assert len(codes) == 4
    assert run("enter", codes[0], "answered_before=2", "overall=4").exit_code == 0
    assert run("enter", codes[1], "--none", "refused").exit_code == 0
    with engine.connect() as connection:
        (row,) = connection.execute(select(tables.response))
    assert (row.channel, row.scores[0]) == ("recheck", "4")
    listed = run("list").output
    assert "52 dossiers, 4 drawn, 1 answered, 1 refused" in listed


def test_every_answer_that_is_none_is_told_and_nothing_is_stored(
    run: Run, codes: list[str], engine
) -> None:
    problems = told(run("enter", codes[0], "overall=9", "procedures=7"))
    assert "question overall" in problems
    assert "question procedures" in problems
    for words in (("overall",), (), ("overall=4", "--none", "refused")):
        told(run("enter", codes[0], *words))
    assert "zzzz-zzzz" in told(run("enter", "zzzz-zzzz", "overall=4"))
    with engine.connect() as connection:
        assert connection.execute(select(tables.response)).first() is None


def test_a_month_that_runs_cannot_be_drawn_from(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "thang.csv"
    file.write_bytes(export())
    assert "2099-10" in told(run("draw", "--period", "2099-10", "--dossiers", file))
    assert "2026-Q4" in told(run("draw", "--period", "2026-Q4", "--dossiers", file))
