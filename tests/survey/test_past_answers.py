"""Answers of another tool enter by the one door: once each, checked, marked, and told apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from survey.cli import cli
from survey.config import Config
from survey.errors import HailongError
from survey.past_answers import bring_in
from survey.store import tables
from survey.store.staff_actions import By, DoneFilter, list_actions
from tests.vietnamese import told_in_both

MAPPING = """
form = "khao-sat-cu"
id = "mã"
questionnaire = "desk@1"
office = "trieu-son"
channel = "paper"
[date]
column = "ngày"
[sector]
column = "lĩnh vực"
[sector.values]
"Đất đai" = "land"
"Hộ tịch" = "civil-status"
"Lạ" = "la-lam"
[items]
overall = "chung"
access = "tiếp cận"
[covariates]
x_age = "tuổi"
[skip]
empty = ["ngày"]
"""
NOW = datetime(2026, 11, 2, 9).astimezone()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """A file with these rows, and its mapping."""

    def write(*rows: str, mapping: str = MAPPING) -> tuple[Path, Path]:
        file, form = tmp_path / "cu.csv", tmp_path / "cu.toml"
        lines = ["mã,ngày,lĩnh vực,chung,tiếp cận,tuổi", *rows]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        form.write_text(mapping, encoding="utf-8")
        return file, form

    return write


def stored(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        rows = connection.execute(select(tables.response).order_by(tables.response.c.answered_on))
        return [dict(row._mapping) for row in rows]


def month(
    count: int, sector: str = "Đất đai", start: int = 0, day: str = "2026-09-05"
) -> list[str]:
    return [f"{start + n},{day},{sector},5,4,18-35" for n in range(count)]


def test_rows_are_taken_once_and_marked(engine: Engine, written) -> None:
    files = written(
        "1,2026-09-05,Đất đai,5,Rất hài lòng,18-35", "2,,Đất đai,5,5,", *month(1, start=3)
    )
    found = bring_in(engine, *files, By(None, NOW))
    assert (found.new, found.repeated, found.skipped, found.refused) == (2, 0, 1, [])
    rows = stored(engine)
    assert {row["origin"] for row in rows} == {"imported"}
    assert {(row["channel"], row["office"], row["sector"]) for row in rows} == {
        ("paper", "trieu-son", "land")
    }
    assert all(len(str(row["response_id"])) == 36 for row in rows)
    again = bring_in(engine, *files, By(None, NOW))
    assert (again.new, again.repeated) == (0, 2)
    assert stored(engine) == rows


def test_an_id_with_other_content_keeps_the_first(engine: Engine, written) -> None:
    bring_in(engine, *written("1,2026-09-05,Đất đai,5,4,"), By(None, NOW))
    found = bring_in(engine, *written("1,2026-09-05,Đất đai,1,4,"), By(None, NOW))
    (refused,) = found.refused
    assert found.new == found.repeated == 0
    assert "other content is there; the first one is kept" in refused.why
    assert str(stored(engine)[0]["scores"]).startswith("5")


def test_ids_of_two_forms_are_apart(engine: Engine, written) -> None:
    bring_in(engine, *written("1,2026-09-05,Đất đai,5,4,"), By(None, NOW))
    other = MAPPING.replace("khao-sat-cu", "khao-sat-khac")
    found = bring_in(engine, *written("1,2026-09-05,Đất đai,1,4,", mapping=other), By(None, NOW))
    assert found.new == 1


def test_a_row_that_the_door_refuses_is_told_whole_and_the_others_are_taken(
    engine: Engine, written
) -> None:
    files = written(
        "1,2026-09-05,Đất đai,5,4,",
        "2,2026-09-05,Lạ,5,4,",
        "3,2026-12-05,Đất đai,5,4,",
        "4,2026-09-05,Đất đai,9,4,",
        "5,2026-09-05,Đất đai,,,",
        ",2026-09-05,Đất đai,5,4,",
        "1,2026-09-05,Đất đai,5,4,",
    )
    found = bring_in(engine, *files, By(None, NOW))
    assert (found.new, found.repeated) == (1, 1)
    told = {str(one.place): str(one.why) for one in found.refused}
    assert told["row 3"].startswith("there is no sector 'la-lam'; use one of")
    assert told["row 4"].startswith("the day is 2026-12-05: it must be")
    assert told["row 5"] == "overall is 9, and its scale goes from 1 to 5"
    assert told["row 6"] == "there is no score in it"
    assert told["row 7"] == "it has no id; fill it in"
    for one in found.refused:
        told_in_both(HailongError(one.why))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("desk@1", "gone@1"), "the office has no questionnaire gone@1; use one of"),
        (("access =", "c01 ="), "desk@1 does not ask c01; in \\[items\\] of the mapping use"),
        (('"chung"', '"chugn"'), "is 'chung' meant?"),
    ],
)
def test_a_mapping_that_does_not_fit_takes_nothing(engine: Engine, written, change, told) -> None:
    files = written(*month(3), mapping=MAPPING.replace(*change))
    with pytest.raises(HailongError, match=told) as caught:
        bring_in(engine, *files, By(None, NOW))
    told_in_both(caught.value)
    assert stored(engine) == []


def test_late_ones_of_a_month_join_its_figures_together(engine: Engine, written) -> None:
    """Twelve of a month that is over are enough; four of another one wait for more."""
    rows = [*month(12), *month(4, "Hộ tịch", 20), *month(2, start=40, day="2026-11-01")]
    bring_in(engine, *written(*rows), By(None, NOW))
    late = [(row["sector"], row["late"]) for row in stored(engine)]
    assert late.count(("land", False)) == 14
    assert late.count(("civil-status", True)) == 4


def test_a_dry_run_says_the_same_and_keeps_nothing(engine: Engine, written) -> None:
    files = written(*month(3), *month(1), "9,2026-09-05,Lạ,5,4,")
    trial = bring_in(engine, *files, By(None, NOW), dry_run=True)
    assert stored(engine) == []
    found = bring_in(engine, *files, By(None, NOW))
    assert trial == found
    assert (found.new, found.repeated, len(found.refused)) == (3, 1, 1)


def test_the_log_tells_the_file_and_nothing_of_citizens(engine: Engine, written) -> None:
    bring_in(engine, *written(*month(3)), By("lan", NOW))
    (line,) = list_actions(engine, DoneFilter(action="past_answers_taken"))
    assert (line.name, line.office, dict(line.details)) == ("lan", "trieu-son", {"file": "cu.csv"})


def test_the_command_takes_them_and_every_report_tells_how_many(
    engine: Engine, config: Config, written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def run(*arguments: object) -> Result:
        listed = [*map(str, arguments), "--data", str(config.data)]
        return CliRunner().invoke(cli, listed, catch_exceptions=False, standalone_mode=False)

    file, mapping = written(*month(12), "99,2026-09-05,Lạ,5,4,")
    with pytest.raises(HailongError, match="1 rows were refused, the others were taken"):
        run("import", "responses", file, "--mapping", mapping)
    told = run("analyze", "--period", "2026-09", "--format", "json").stdout
    assert json.loads(told)["imported"] == {"trieu-son": 12}
    text = run("analyze", "--period", "2026-09").stdout
    assert "Trong số phiếu đã nhận có 12 phiếu mang từ công cụ khác vào." in text
    out = file.parent / "out.csv"
    run("export", "responses", "--period", "2026-09", "--out", out)
    exported = run("analyze", "--period", "2026-09", "--responses", out, "--format", "json")
    assert json.loads(exported.stdout)["imported"] == {"trieu-son": 12}


def test_an_answer_of_the_offices_own_has_no_origin(engine: Engine, written) -> None:
    from survey.store.responses import add_response
    from tests.survey.commands.test_export import made

    add_response(engine, replace(made(1, 9)[0], flag=""))
    assert [row["origin"] for row in stored(engine)] == [None]
