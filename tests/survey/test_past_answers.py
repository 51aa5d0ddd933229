"""Answers of another tool enter by the one door: once each, checked, marked, and told apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from survey.cli import cli
from survey.config import Config
from survey.errors import HailongError, StoreError
from survey.past_answers import bring_in
from survey.sealing import seal_days_due
from survey.store import tables
from survey.store.overviews import facts_by_office
from survey.store.past import PastSource, add_past, list_past, undo_past
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.state import state_of
from survey.store.verification import verify
from tests.survey.commands.test_export import made
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
SEPTEMBER = date(2026, 9, 1), date(2026, 9, 30)


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

    add_response(engine, replace(made(1, 9)[0], flag=""))
    assert [row["origin"] for row in stored(engine)] == [None]


def marks(engine: Engine) -> list[tuple[object, ...]]:
    """What is stored, with what became of it since its day was sealed."""
    return sorted((r["response_id"], r["late"], r["since_seal"]) for r in stored(engine))


def links(engine: Engine) -> int:
    with engine.connect() as connection:
        return len(connection.execute(select(tables.past_import_answer)).all())


def test_an_import_is_undone_to_exactly_what_was_there(engine: Engine, written) -> None:
    """Also who had waited, and joined the figures of a month through it, waits again."""
    bring_in(engine, *written(*month(4), *month(3, "Hộ tịch", 20)), By("lan", NOW))
    before = marks(engine)
    shared = [*month(1), *month(9, start=4), *month(2, "Hộ tịch", 40)]
    found = bring_in(engine, *written(*shared), By("mai", NOW))
    assert (found.new, found.repeated) == (11, 1)
    assert sum(bool(late) for _, late, _ in marks(engine)) == 3 + 2  # four of the other joined
    first, second = list_past(engine)
    assert [(one.name, one.answers, one.state) for one in (first, second)] == [
        ("lan", 7, "open"), ("mai", 11, "open")
    ]  # fmt: skip
    undone = undo_past(engine, second.source.batch, By("hoa", NOW))
    assert (undone.state, undone.undone_by, undone.undone_on) == ("undone", "hoa", NOW.date())
    assert marks(engine) == before
    (line,) = list_actions(engine, DoneFilter(action="past_answers_undone"))
    assert (line.name, line.office, dict(line.details)) == ("hoa", "trieu-son", {"file": "cu.csv"})
    undo_past(engine, first.source.batch, By("lan", NOW))
    assert (stored(engine), links(engine)) == ([], 0)
    assert bring_in(engine, *written(*shared), By("lan", NOW)).new == 12


def test_what_a_seal_covers_cannot_be_undone(engine: Engine, written) -> None:
    """Answers of days that were sealed before them too: the next night seals these days again."""
    bring_in(engine, *written(*month(1, day="2026-11-01")), By(None, NOW))
    seal_days_due(engine, NOW.date())
    bring_in(engine, *written(*month(3, start=5)), By(None, NOW))
    sealed, fresh = list_past(engine)
    assert (sealed.state, fresh.state) == ("sealed", "open")
    assert links(engine) == 3
    undo_past(engine, fresh.source.batch, By(None, NOW))
    again = bring_in(engine, *written(*month(3, start=5)), By(None, NOW))
    assert (again.new, verify(engine).faults) == (3, ())
    seal_days_due(engine, NOW.date())
    assert links(engine) == 0
    states = [one.state for one in list_past(engine)]
    assert states == ["sealed", "undone", "sealed"]
    for batch in (list_past(engine)[2].source.batch, fresh.source.batch, "0" * 16):
        with pytest.raises(StoreError) as refused:
            undo_past(engine, batch, By(None, NOW))
        told_in_both(refused.value)
    assert (len(stored(engine)), verify(engine).faults) == (4, ())


def test_an_import_that_is_undone_while_it_runs_stores_no_more(engine: Engine) -> None:
    answers = made(2, 9)
    source = PastSource("cu.csv", "0" * 64)
    add_past(engine, answers[:1], By(None, NOW), source)
    undo_past(engine, source.batch, By(None, NOW))
    with pytest.raises(StoreError) as refused:
        add_past(engine, answers[1:], By(None, NOW), source)
    told_in_both(refused.value)
    assert stored(engine) == []


def test_figures_are_computed_anew_though_as_many_answers_are_there(
    engine: Engine, written
) -> None:
    """One import taken back and as large a one brought in: the number of answers is the same."""
    bring_in(engine, *written(*month(3)), By(None, NOW))
    before = state_of(engine, NOW.date()), facts_by_office(engine, *SEPTEMBER)
    undo_past(engine, list_past(engine)[0].source.batch, By(None, NOW))
    bring_in(engine, *written(*month(3, start=50)), By(None, NOW))
    after = state_of(engine, NOW.date()), facts_by_office(engine, *SEPTEMBER)
    assert before[0] != after[0] and before[1] != after[1]


def test_the_commands_list_imports_and_take_one_back(
    engine: Engine, config: Config, written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def run(*arguments: object) -> str:
        listed = [*map(str, arguments), "--data", str(config.data)]
        return CliRunner().invoke(cli, listed, catch_exceptions=False).output

    assert "Nothing was brought in yet" in run("import", "list")
    file, mapping = written(*month(2))
    run("import", "responses", file, "--mapping", mapping)
    (line,) = run("import", "list").splitlines()
    batch, _, name, called, digest, parts, state = line.split("\t")
    assert (name, called, parts, state) == (
        "-",
        "cu.csv",
        "trieu-son 2026-09: 2",
        "can be taken back",
    )
    assert digest == sha256(file.read_bytes()).hexdigest()
    assert "2 answers of cu.csv" in run("import", "undo", batch)
    assert run("import", "list").split("\t")[-1].startswith("taken back on ")
    assert stored(engine) == []
