"""What is exported goes through pandas, R and LibreOffice, and comes back with equal figures."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import Result

import analysis
from survey.config import Config
from survey.past_answers import bring_in
from survey.store import open_engine
from survey.store.staff_actions import By
from tests.survey.commands.test_export import Run, figures, run

__all__ = ["run"]  # the office with two months, as of another file

PERIOD = ("--period", "2026-10")
PROGRAMS = 300  # seconds: they may start slowly


@pytest.fixture
def export(run: Run, tmp_path: Path) -> Callable[[str], tuple[Path, Path]]:
    """Answers and dossiers as files of a kind."""

    def write(ending: str) -> tuple[Path, Path]:
        paths = tmp_path / f"answers.{ending}", tmp_path / f"dossiers.{ending}"
        for layout, path in zip(("responses", "population"), paths, strict=True):
            run("export", layout, *PERIOD, "--out", path)
        return paths

    return write


@pytest.fixture
def same(run: Run) -> Callable[[Path, Path], None]:
    """Holds files to the figures of the office's own database."""

    def check(responses: Path, population: Path) -> None:
        options = ("analyze", *PERIOD, "--format", "json")
        found = run(*options, "--responses", responses, "--population", population)
        assert figures(found) == figures(run(*options))

    return check


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "sav"])
def test_our_own_files_come_back(export, same, ending: str) -> None:
    if ending == "sav":
        pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    same(*export(ending))


def read_with_pandas(path: Path) -> Any:
    if path.suffix == ".sav":
        return pd.read_spss(path, convert_categoricals=False)
    reader = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": pd.read_excel}
    return reader[path.suffix](path)


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "sav"])
def test_frames_of_our_files_and_what_pandas_writes_of_them_come_back(
    run: Run, export, same, tmp_path: Path, ending: str
) -> None:
    if ending == "sav":
        pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    frames = [read_with_pandas(path) for path in export(ending)]
    with analysis.read(*frames, today="2026-11-02") as data:
        found = analysis.estimate(data, "2026-10").document.as_json()
    own = json.loads(run("analyze", *PERIOD, "--format", "json").stdout)
    keyed = [{row_key(row): row for row in each["estimates"]} for each in (found, own)]
    assert keyed[0].keys() == keyed[1].keys()
    for key, row in keyed[0].items():
        assert row == keyed[1][key], key
    paths = tmp_path / "pandas-1.csv", tmp_path / "pandas-2.csv"
    for frame, path in zip(frames, paths, strict=True):
        frame.to_csv(path)  # its own index, 5.0, columns of nothing
    same(*paths)


def row_key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("office", "sector", "measure", "channel", "questionnaires"))


def r_has(*packages: str) -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = f"quit(status = !all(sapply(c({','.join(map(repr, packages))}), requireNamespace)))"
    found = subprocess.run(["Rscript", "-e", asked], check=False, capture_output=True)
    return found.returncode == 0


# haven 2.5 writes labels of long texts so that it cannot read its own file again: without them.
@pytest.mark.parametrize(
    ("ending", "package", "script"),
    [
        ("csv", "utils", "write.csv(read.csv(i), o, row.names = FALSE, na = '')"),
        ("csv", "readr", "readr::write_csv(readr::read_csv(i), o, na = '')"),
        ("sav", "haven", "haven::write_sav(haven::zap_labels(haven::read_sav(i)), o)"),
    ],
)
def test_what_r_writes_of_our_files_comes_back(
    export, same, tmp_path: Path, ending: str, package: str, script: str
) -> None:
    if ending == "sav":
        pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    if not r_has(package):
        pytest.skip(f"no Rscript here with the package {package}")
    paths = export(ending)
    back = [tmp_path / f"r-{path.name}" for path in paths]
    for path, out in zip(paths, back, strict=True):
        whole = f"i <- '{path.as_posix()}'; o <- '{out.as_posix()}'; {script}"
        subprocess.run(["Rscript", "-e", whole], check=True, timeout=PROGRAMS, capture_output=True)
    same(*back)


Saved = Callable[[Sequence[Path], str], list[Path]]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """Saves files anew with LibreOffice, as files of another kind."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("no LibreOffice here")

    def save(paths: Sequence[Path], to: str) -> list[Path]:
        folder = tmp_path / f"back-{to}"
        utf8 = "csv:Text - txt - csv (StarCalc):44,34,76,1" if to == "csv" else to
        reading = ["--infilter=CSV:44,34,76,1"] if paths[0].suffix == ".csv" else []
        command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
        command += [*reading, "--convert-to", utf8, "--outdir", str(folder), *map(str, paths)]
        subprocess.run(command, check=True, timeout=PROGRAMS, capture_output=True)
        return [folder / f"{path.stem}.{to}" for path in paths]

    return save


@pytest.mark.parametrize(("ending", "to"), [("csv", "xlsx"), ("xlsx", "csv"), ("xlsx", "xlsx")])
def test_what_libreoffice_saves_of_our_files_comes_back(
    export, same, saved: Saved, ending: str, to: str
) -> None:
    same(*saved(export(ending), to))


MAPPING = """
form = "xuat-lai"
id = "response_id"
questionnaire = "desk@1"
office = "trieu-son"
channel = "paper"
[date]
column = "answered_on"
[sector]
column = "sector"
[items]
overall = "overall"
"""


@pytest.mark.sqlite_is_enough
def test_a_workbook_by_way_of_open_document_comes_back_as_figures_and_as_past_answers(
    export, same, saved: Saved, config: Config, tmp_path: Path
) -> None:
    """Saved as .ods first, and that as .xlsx: days, scores and empty cells are what they were."""
    responses, population = saved(saved(export("xlsx"), "ods"), "xlsx")
    same(responses, population)
    mapping = tmp_path / "xuat-lai.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    engine = open_engine(config.database_url)
    ways = (export("csv")[0], responses)
    now = By(None, datetime(2026, 11, 2, 9).astimezone())
    told = [bring_in(engine, file, mapping, now, dry_run=True) for file in ways]
    engine.dispose()
    assert told[0].new + told[0].repeated + len(told[0].refused) > 0
    counts = [(one.new, one.repeated, one.skipped, len(one.refused)) for one in told]
    assert counts[0] == counts[1]


@pytest.fixture
def demonstration(run: Run, config: Config) -> Run:
    """The same office, simulated."""
    text = (config.data / "hailong.toml").read_text(encoding="utf-8")
    (config.data / "hailong.toml").write_text(f"simulated = true\n{text}", encoding="utf-8")
    return run


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "sav"])
def test_every_file_of_a_demonstration_says_that_it_is_one(
    demonstration: Run, export, ending: str
) -> None:
    if ending == "sav":
        pytest.importorskip("pyreadstat", reason="pip install -e '.[spss]'")
    responses, population = export(ending)
    for path in (responses, population):
        assert set(read_with_pandas(path)["origin"]) == {"simulated"}
    found: Result = demonstration("analyze", *PERIOD, "--responses", responses)
    assert "Dữ liệu mô phỏng: không phải ý kiến thật của người dân." in found.stdout
    with analysis.read(read_with_pandas(responses)) as data:
        assert data.simulated
    if ending == "xlsx":
        book = openpyxl.load_workbook(responses, read_only=True)
        assert "DỮ LIỆU MÔ PHỎNG" in str(book["Bảng mã"]["A2"].value)
        book.close()
    if ending == "sav":
        import pyreadstat

        assert "DỮ LIỆU MÔ PHỎNG" in "".join(pyreadstat.read_sav(str(responses))[1].notes)


def test_the_folder_of_a_demonstration_says_so_in_every_month(
    demonstration: Run, tmp_path: Path
) -> None:
    demonstration("export", "--parquet", tmp_path / "kho")
    for path in (tmp_path / "kho").rglob("*.parquet"):
        assert set(pq.read_table(path, partitioning=None)["origin"].to_pylist()) == {"simulated"}
    with analysis.read(tmp_path / "kho" / "responses", tmp_path / "kho" / "population") as data:
        assert data.simulated


def test_the_files_of_an_office_have_no_column_of_origins(run: Run, export) -> None:
    for path in export("csv"):
        assert "origin" not in path.read_text(encoding="utf-8").splitlines()[0]
