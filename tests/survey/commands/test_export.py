"""`hailong export`: the published layouts as files, whole or not at all, that tell no order."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from math import isnan
from pathlib import Path
from typing import Any

import click
import openpyxl
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from analysis.input.population import read_population
from analysis.input.responses import read_responses
from questionnaires import shipped
from survey.cli import cli
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.errors import ExportError
from survey.export_files import guarded
from survey.export_labels import responses_labels
from survey.exports import MANIFEST, keep_month, population_table, revisions
from survey.files import whole
from survey.intake import Response
from survey.places import shipped_places
from survey.store import open_engine
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from tests.clock import OFFICE, stand_at

Run = Callable[..., Result]
DESK = shipped()["desk@1"]
TODAY = date(2026, 11, 2)


def made(count: int, month: int, seed: int = 7) -> list[Response]:
    draw = random.Random(seed + month)
    return [
        Response(
            response_id=str(uuid.UUID(int=draw.getrandbits(128), version=4)),
            questionnaire="desk@1",
            office="trieu-son",
            sector=draw.choice(["land", "construction", "civil-status"]),
            channel=draw.choice(["poster", "kiosk"]),
            answered_on=date(2026, month, draw.randrange(1, 29)),
            scores="".join(draw.choice("-1234555") for _ in DESK.item_ids),
            procedure=draw.choice(["", "1.012753"]),
            late=draw.random() < 0.1,
            flag=draw.choice(["", "", "burst"]),
            comment="không được rời cơ quan",
        )
        for _ in range(count)
    ]


COUNTS = [
    PopulationCount(f"2026-{month:02d}", "trieu-son", sector, 300, 290, 100)
    for month in (9, 10)
    for sector in ("land", "construction", "civil-status")
]


@pytest.fixture
def run(config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an office with two closed months and a running one, on 2 November."""
    stand_at(monkeypatch, datetime(2026, 11, 2, 9, tzinfo=OFFICE))
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    for month, count in ((9, 60), (10, 80), (11, 5)):
        add_many(engine, made(count, month))
    save_counts(engine, COUNTS, log=CountSource(TODAY, "simulated", "0" * 64))

    def invoke(*arguments: object) -> Result:
        listed = [*map(str, arguments), "--data", str(config.data)]
        return CliRunner().invoke(cli, listed, catch_exceptions=False, standalone_mode=False)

    return invoke


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_an_exported_period_is_read_as_the_database_is(
    run: Run, config: Config, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"answers{ending}"
    assert run("export", "responses", "--period", "2026-10", "--out", out).stdout == (
        f"{out}\t80 rows\t2026-10\n"
    )
    expected = {response.response_id: response for response in made(80, 10)}
    with read_responses(out) as found:
        assert found.items == DESK.item_ids
        rows = found.table.to_pyarrow().to_pylist()
    assert len(rows) == 80
    for row in rows:
        response = expected[row["response_id"]]
        assert "".join(str(row[item] or "-") for item in DESK.item_ids) == response.scores
        assert str(row["answered_on"]) == response.answered_on.isoformat()
        assert (row["flag"] or "", row["procedure"] or "") == (response.flag, response.procedure)
        assert row["sector"] == response.sector


def test_the_order_of_rows_tells_nothing_and_comments_stay(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    run("export", "responses", "--period", "2026-10", "--out", out)
    text = out.read_text(encoding="utf-8")
    ids = [line.split(",")[0] for line in text.splitlines()[1:]]
    assert ids == sorted(ids)
    assert ids != [response.response_id for response in made(80, 10)]
    assert "rời cơ quan" not in text


@pytest.mark.sqlite_is_enough
def test_the_csv_writes_truths_and_gaps_as_the_layout_says(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    run("export", "responses", "--period", "2026-10", "--out", out)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["late"] for row in rows} == {"true", "false"}
    assert {row["overall"] for row in rows} == {"", "1", "2", "3", "4", "5"}


def test_population_is_exported_and_read_back(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "dossiers.csv"
    run("export", "population", "--period", "2026-Q4", "--out", out)
    assert {(c.period, c.sector, c.completed, c.online) for c in read_population(out).counts} == {
        (c.period, c.sector, c.completed, c.online) for c in COUNTS if c.period == "2026-10"
    }


@pytest.mark.sqlite_is_enough
def test_a_sheet_holds_the_same_cells(run: Run, tmp_path: Path) -> None:
    out, same = tmp_path / "answers.xlsx", tmp_path / "answers.parquet"
    for file in (out, same):
        run("export", "responses", "--period", "2026-10", "--out", file)
    book = openpyxl.load_workbook(out)
    heads, *cells = book["hailong"].iter_rows(values_only=True)
    book.close()
    table = pq.read_table(same)
    kept = [place for place, name in enumerate(heads) if not name.endswith("_name")]
    assert [heads[place] for place in kept] == table.column_names
    rows = [[row[place] for place in kept] for row in cells]
    expected = [list(row.values()) for row in table.to_pylist()]
    assert [[_plain(cell) for cell in row] for row in rows] == [
        [_plain(value) for value in row] for row in expected
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return None if value == "" else value


@pytest.mark.sqlite_is_enough
def test_an_spss_file_carries_vietnamese_labels_and_levels(run: Run, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    out = tmp_path / "answers.sav"
    run("export", "responses", "--period", "2026-10", "--out", out)
    frame, about = pyreadstat.read_sav(str(out))
    overall = next(item for item in DESK.items if item.id == "overall")
    assert len(frame) == 80
    assert about.column_names_to_labels["overall"] == overall.text.get("vi")
    assert about.variable_value_labels["overall"] == {
        float(score): label.get("vi")
        for score, label in zip(DESK.scale.scores, DESK.scale.labels, strict=True)
    }
    assert about.variable_measure["overall"] == "ordinal"
    assert about.variable_measure["sector"] == "nominal"
    assert about.variable_value_labels["channel"]["poster"] == "Áp phích"
    expected = {r.response_id: r.scores[0] for r in made(80, 10)}
    scores = dict(zip(frame["response_id"], frame[DESK.item_ids[0]], strict=True))
    assert {key: "-" if isnan(v) else str(int(v)) for key, v in scores.items()} == expected


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.sqlite_is_enough
def test_a_hostile_text_is_no_formula_in_csv_and_xlsx(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    hostile = '=HYPERLINK("http://example.org","x")'
    add_many(engine, [replace(made(1, 8)[0], flag=hostile)])
    for ending in ("csv", "xlsx"):
        run("export", "responses", "--period", "2026-08", "--out", tmp_path / f"a.{ending}")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["flag"] == f"'{hostile}"
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = {cell.value: cell.data_type for cell in book["hailong"][2]}
    book.close()
    assert cells[f"'{hostile}"] == "s"


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (("responses", "--period", "2026-10", "--out", "a.docx"), "not a format to export; use"),
        (("responses", "--period", "2026-10"), "with --period P and --out FILE"),
        (("--parquet", "f", "--period", "2026-10"), "stands alone"),
        (("responses", "--period", "2026-13", "--out", "a.csv"), "there is no month 13"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, arguments: tuple[str], refusal: str) -> None:
    with pytest.raises((ExportError, click.UsageError)) as caught:
        run("export", *arguments)
    assert refusal in str(caught.value)


@pytest.mark.sqlite_is_enough
def test_the_help_says_that_these_are_single_answers(run: Run) -> None:
    assert "SINGLE ANSWERS" in CliRunner().invoke(cli, ["export", "--help"]).stdout


def visible(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_the_folder_holds_each_closed_month_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    assert run("export", "--parquet", folder).stdout.splitlines() == [
        "responses\t2026-09\t60 rows\twritten",
        "responses\t2026-10\t80 rows\twritten",
        "population\t2026-09\t3 rows\twritten",
        "population\t2026-10\t3 rows\twritten",
    ]
    assert visible(folder) == [
        MANIFEST,
        *(
            f"{layout}/month=2026-{month}/part-0.parquet"
            for layout in ("population", "responses")
            for month in ("09", "10")
        ),
    ]


def test_a_month_that_is_there_unchanged_is_left_alone(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    run("export", "--parquet", folder)
    files = sorted(folder.rglob("*.parquet"))
    before = [(file.stat().st_mtime_ns, file.stat().st_ino) for file in files]
    told = run("export", "--parquet", folder).stdout.splitlines()
    assert all(line.endswith("\tunchanged") for line in told)
    assert [(file.stat().st_mtime_ns, file.stat().st_ino) for file in files] == before


def test_a_changed_month_is_replaced_and_said_so(run: Run, engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    run("export", "--parquet", folder)
    late = replace(made(1, 10, seed=99)[0], late=True)
    add_many(engine, [late])
    told = run("export", "--parquet", folder).stdout
    assert (
        "responses\t2026-10\t81 rows\tCHANGED since 2026-11-02: 80 rows before; "
        "revision 2 replaces revision 1\n" in told
    )
    with read_responses(folder / "responses") as found:
        assert found.table.count().to_pyarrow().as_py() == 60 + 81
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert [each["rows"] for each in manifest["responses"]["2026-10"]] == [80, 81]
    assert [each["rows"] for each in manifest["responses"]["2026-09"]] == [60]


@pytest.mark.sqlite_is_enough
def test_a_reader_keeps_the_month_that_it_opened(run: Run, engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    run("export", "--parquet", folder)
    path = folder / "responses" / "month=2026-10" / "part-0.parquet"
    with path.open("rb") as reader:
        add_many(engine, made(1, 10, seed=99))
        run("export", "--parquet", folder)
        assert pq.read_table(reader).num_rows == 80
    assert pq.read_table(path, partitioning=None).num_rows == 81


def figures(result: Result) -> list[Any]:
    found = json.loads(result.stdout)
    rows = [*found["estimates"], *found["verdicts"]]
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


@pytest.mark.parametrize("period", ["2026-10", "12m:2026-10"])
def test_the_folder_is_analysed_as_the_database_is(run: Run, tmp_path: Path, period: str) -> None:
    folder = tmp_path / "archive"
    run("export", "--parquet", folder)
    options = ("analyze", "--period", period, "--format", "json")
    sources = ("--responses", folder / "responses", "--population", folder / "population")
    own, exported = run(*options), run(*options, *sources)
    assert figures(exported) == figures(own)
    assert any(row.get("population") for row in figures(own))


@pytest.mark.sqlite_is_enough
def test_a_folder_of_something_else_is_not_written_into(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "archive" / "responses" / "month=2026-10" / "part-0.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(population_table([]), path)
    before = path.read_bytes()
    with pytest.raises(ExportError, match="was not written by this command"):
        run("export", "--parquet", tmp_path / "archive")
    assert path.read_bytes() == before
    assert (tmp_path / "archive" / "responses" / "month=2026-09" / "part-0.parquet").exists()


@pytest.mark.sqlite_is_enough
def test_further_files_in_a_month_are_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "archive" / "responses" / "month=2026-10" / "part-1.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(population_table([]), path)
    with pytest.raises(ExportError, match="which would be read as further answers"):
        run("export", "--parquet", tmp_path / "archive")


def test_a_month_that_is_gone_from_the_database_is_not_emptied(tmp_path: Path) -> None:
    full = population_table([("2026-10", "a", "land", 1, *[None] * 7)])
    keep_month(tmp_path, "population", "2026-10", full, TODAY)
    with pytest.raises(ExportError, match="is it the folder of another office"):
        keep_month(tmp_path, "population", "2026-10", population_table([]), TODAY)
    path = tmp_path / "population" / "month=2026-10" / "part-0.parquet"
    assert [revision.rows for revision in revisions(path)] == [1]


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OSError, match="disk full"), whole(path) as part:
        part.write_text("half", encoding="utf-8")
        raise OSError("disk full")
    assert path.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


@pytest.fixture
def large_office(data_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A SQLite office with enough answers in a month that a kill meets it being written."""
    from survey.config import load_config
    from survey.places import installed_questionnaires
    from survey.store.migrate import upgrade
    from survey.store.views import publish

    config = load_config(data_folder, environ={})
    engine = open_engine(config.database_url)
    upgrade(engine)
    publish(engine, installed_questionnaires(config).values())
    for month in (8, 9, 10):
        add_many(engine, made(15_000, month))
    engine.dispose()
    yield data_folder


def kill_while_writing(office: Path, folder: Path) -> bool:
    """Start an export and SIGKILL it as soon as it writes a month; whether it was met writing."""
    command = [sys.executable, "-m", "survey", "export", "--parquet", str(folder)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [*command, "--data", str(office)], env=environ, stdout=subprocess.DEVNULL
    )
    while process.poll() is None:
        if any(folder.rglob(".*.part")):
            process.send_signal(signal.SIGKILL)
            process.wait()
            break
        time.sleep(0.0005)
    return any(folder.rglob(".*.part"))


@pytest.mark.slow
def test_a_killed_export_leaves_no_half_month(large_office: Path, tmp_path: Path) -> None:
    folder, met = tmp_path / "archive", 0
    for _ in range(12):
        met += kill_while_writing(large_office, folder)
        months = sorted(folder.glob("responses/month=*/part-0.parquet"))
        for path in months:
            assert pq.read_table(path, partitioning=None).num_rows == 15_000
            assert [revision.rows for revision in revisions(path)] == [15_000]
        if months:
            with read_responses(folder / "responses") as found:
                assert found.table.count().to_pyarrow().as_py() == 15_000 * len(months)
        if met >= 2:
            break
    assert met >= 2, "no kill met an export that was writing"
    command = ["export", "--parquet", str(folder), "--data", str(large_office)]
    result = CliRunner().invoke(cli, command, catch_exceptions=False, standalone_mode=False)
    assert result.stdout.count("\t15000 rows\t") == 3
    assert not list(folder.rglob(".*.part"))


@pytest.mark.sqlite_is_enough
def test_a_sheet_of_codes_says_what_columns_and_codes_mean(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "answers.xlsx"
    run("export", "responses", "--period", "2026-10", "--out", out)
    book = openpyxl.load_workbook(out)
    data, codes = book["hailong"], book["Bảng mã"]
    meant = {(row[0], row[2]): row[3] for row in codes.iter_rows(min_row=2, values_only=True)}
    columns = {row[0]: row[1] for row in codes.iter_rows(min_row=2, values_only=True) if row[1]}
    assert (data.freeze_panes, codes.freeze_panes) == ("B2", "A2")
    assert data.column_dimensions["A"].width >= 36
    book.close()
    heads = [cell.value for cell in data[1]]
    assert set(columns) == {name for name in heads if not name.endswith("_name")}
    assert meant["office", "trieu-son"].startswith("UBND xã")
    assert meant["sector", "land"] == "Đất đai"
    assert meant["questionnaire", "desk@1"] == DESK.title.vi
    assert meant["overall", 5] == DESK.scale.labels[4].vi
    assert ("sector", "agriculture") not in meant  # only codes that occur


@pytest.mark.sqlite_is_enough
def test_a_workbook_is_for_people_names_beside_codes_a_table_and_the_dossiers(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "answers.xlsx"
    run("export", "responses", "--period", "2026-10", "--out", out)
    book = openpyxl.load_workbook(out)
    data, dossiers = book["hailong"], book["Hồ sơ"]
    heads = [cell.value for cell in data[1]]
    sector = heads.index("sector")
    assert heads[sector + 1] == "sector_name"
    rows = list(data.iter_rows(min_row=2, values_only=True))
    assert {row[sector + 1] for row in rows if row[sector] == "land"} == {"Đất đai"}
    assert data.tables["phieu"].ref.endswith(str(len(rows) + 1))
    assert [cell.value for cell in dossiers[1]][:2] == ["period", "office"]
    assert dossiers.freeze_panes == "B2" and "ho_so" in dossiers.tables
    book.close()


@pytest.mark.sqlite_is_enough
def test_whole_numbers_have_no_decimals_in_spss(run: Run, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    out = tmp_path / "answers.sav"
    run("export", "responses", "--period", "2026-10", "--out", out)
    _, about = pyreadstat.read_sav(str(out))
    assert about.original_variable_types["overall"] == "F8.0"
    assert about.original_variable_types["late"] == "F8.0"


@pytest.mark.sqlite_is_enough
def test_a_stata_file_keeps_labels_within_what_stata_holds(run: Run, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    out = tmp_path / "answers.dta"
    run("export", "responses", "--period", "2026-10", "--out", out)
    frame, about = pyreadstat.read_dta(str(out))
    assert len(frame) == 80
    assert max(map(len, about.column_names_to_labels.values())) <= 80
    assert about.variable_value_labels["overall"][5] == DESK.scale.labels[4].vi
    assert {"land", "civil-status"} <= set(frame["sector"])


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "sav", "dta"])
@pytest.mark.sqlite_is_enough
def test_answers_leave_with_strata_and_weights(run: Run, tmp_path: Path, ending: str) -> None:
    import pandas as pd

    if ending in ("sav", "dta"):
        pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    out = tmp_path / f"design.{ending}"
    run("export", "responses", "--design", "--period", "2026-10", "--out", out)
    readers: dict[str, Any] = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "xlsx": pd.read_excel,
        "sav": lambda path: pd.read_spss(path, convert_categoricals=False),
        "dta": lambda path: pd.read_stata(path, convert_categoricals=False),
    }
    frame = readers[ending](out)
    columns = ("month", "stratum", "N_h", "n_h", "weight", "satisfied")
    assert set(columns) <= set(frame.columns)
    found = json.loads(run("analyze", "--period", "2026-10", "--format", "json").stdout)
    (total,) = [
        row
        for row in found["estimates"]
        if (row["office"], row["sector"], row["measure"], row["channel"])
        == ("all", "all", "overall", "all")
    ]
    share = (frame.weight * frame.satisfied).sum() / frame.weight.sum()
    assert share == pytest.approx(total["share"], rel=1e-9)


@pytest.mark.sqlite_is_enough
def test_an_spss_file_labels_offices_sectors_and_questionnaires(run: Run, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    out, counts = tmp_path / "answers.sav", tmp_path / "counts.sav"
    run("export", "responses", "--period", "2026-10", "--out", out)
    run("export", "population", "--period", "2026-10", "--out", counts)
    for file in (out, counts):
        _, about = pyreadstat.read_sav(str(file))
        assert about.variable_value_labels["sector"]["civil-status"] == "Hộ tịch"
        assert about.variable_value_labels["office"]["trieu-son"].startswith("UBND xã")
    _, about = pyreadstat.read_sav(str(out))
    assert about.variable_value_labels["questionnaire"]["desk@1"] == DESK.title.vi


def test_one_label_for_several_wordings_is_marked() -> None:
    text = DESK.items[0].text.model_copy(update={"vi": "Câu khác hẳn?"})
    levels = tuple(
        label.model_copy(update={"vi": f"Mức {place}"}) if place == 3 else label
        for place, label in enumerate(DESK.scale.labels, start=1)
    )
    other = DESK.model_copy(
        update={
            "version": 2,
            "items": (DESK.items[0].model_copy(update={"text": text}), *DESK.items[1:]),
            "scale": DESK.scale.model_copy(update={"labels": levels}),
        }
    )
    labels = responses_labels([other, DESK], shipped_places())
    assert labels.variables["overall"] == "Câu khác hẳn? (*)"
    assert labels.notes["overall"] == f"desk@1: {DESK.items[0].text.vi}; desk@2: Câu khác hẳn?"
    assert labels.values["overall"][3] == f"{DESK.scale.labels[2].vi} (desk@1) / Mức 3 (desk@2) (*)"
    assert labels.values["overall"][5] == DESK.scale.labels[4].vi
    assert "access" not in labels.notes


def test_labels_fit_what_spss_holds() -> None:
    text = DESK.items[0].text.model_copy(update={"vi": "ệ" * 300})
    other = DESK.model_copy(update={"items": (DESK.items[0].model_copy(update={"text": text}),)})
    label = responses_labels([other], shipped_places()).variables["overall"]
    assert len(label.encode()) <= 255
    assert label.endswith("ệ…")
