"""docs/analyst.md is followed line by line by the wheel, outside the checkout; its names are there.

The wheel is unpacked into a folder and alone on the path before the libraries, which are those of
the development environment: to install them anew would take minutes and prove nothing more.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import analysis
from analysis.document import EstimateRow, VerdictRow
from analysis.judging import Verdicts
from analysis.months import Months
from analysis.results import Estimates
from tests.analysis.verbs.office import an_office, sheets

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "analyst.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
PACKAGES = ("analysis", "kiosk", "questionnaires", "survey")
PROGRAMS = 240  # seconds

BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
FOLLOW = """
import ast, contextlib, io, json, sys
text, names, said = open("analyst.md", encoding="utf-8").read(), {}, io.StringIO()
lines, inside, block, start = text.splitlines(), False, [], 0
for number, line in enumerate(lines, start=1):
    if line == "```python":
        inside, block, start = True, [], number
    elif inside and line == "```":
        inside = False
        tree = ast.parse("\\n" * start + "\\n".join(block))
        for statement in tree.body:
            code = compile(ast.Module([statement], []), "docs/analyst.md", "exec")
            with contextlib.redirect_stdout(said):
                exec(code, names)
    elif inside:
        block.append(line)
import analysis
total = names["found"].to_frame(full=True).query(
    "office == 'all' and sector == 'all' and measure == 'overall' and channel == 'all'"
).iloc[0]
facts = {
    "home": analysis.__file__,
    "printed": said.getvalue(),
    "land": [names["land"].n, names["land"].population],
    "missed": names["missed"],
    "by_whom": names["by_whom"],
    "shares": names["shares"],
    "total": [float(total.share), float(total.se)],
}
json.dump(facts, open("facts.json", "w", encoding="utf-8"))
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The folder in which the page was followed, and what came of it."""
    folder = tmp_path_factory.mktemp("analyst")
    source, wheel, site, desk = (folder / name for name in ("source", "wheel", "site", "desk"))
    for path in (source, wheel, desk):
        path.mkdir()
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-c", BUILD, str(wheel)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=PROGRAMS)
    (built,) = wheel.glob("hailong-*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(site)
    an_office(desk)
    (desk / "analyst.md").write_text(TEXT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", FOLLOW],
        cwd=desk,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=PROGRAMS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return desk, site, json.loads((desk / "facts.json").read_text(encoding="utf-8"))


def test_the_page_runs_from_top_to_bottom_with_the_wheel_alone(ran):
    desk, site, found = ran
    assert Path(found["home"]).is_relative_to(site)
    assert (desk / "thang-10.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (desk / "theo-thang.svg").read_bytes().startswith(b"<?xml")
    assert (desk / "thang-10-cong-bo.xlsx").read_bytes().startswith(b"PK")
    assert found["land"] == [50, 120]
    assert found["missed"] == ["civil-status"] * 2  # of the office, and of all offices
    # 20 satisfied and all 20 others of 60 are 67%: whatever these think
    printed = found["printed"]
    civil = printed.split("  Hộ tịch: ")[1]
    assert civil.startswith(
        "Tỷ lệ hài lòng 50,0% (40 phiếu).\n    Chưa đạt, dù những người chưa trả"
    )
    assert ("civil-status", "certain", None) in {(s, b, r) for s, b, _, r in found["by_whom"]}
    land = printed.split("  Đất đai: ")[1].split("\n")[1]
    assert land.startswith("    Đạt theo những người đã trả lời (50 trên 120;")
    assert ") · mục tiêu 2030: 80%. " in land
    assert ["2026-10", 0.9] in found["shares"]
    assert "khong-co.csv, file: there is no such file or folder" in printed


def test_the_lines_for_r_give_the_figures_of_the_page_and_of_a_sector_with_one_answer(
    ran, read_rows
):
    desk, _, found = ran
    if shutil.which("Rscript") is None:
        pytest.skip("no Rscript here")
    (lines,) = re.findall(r"```r\n(.*?)```", TEXT, re.DOTALL)
    shown = lines.replace("svymean(~satisfied, s)", "m <- svymean(~satisfied, s)")
    shown += 'cat(format(c(coef(m), SE(m)), digits = 15), sep = "\\n"); cat("\\n")\n'
    rows = [*sheets("land", 45, 50), *sheets("civil-status", 20, 40), *sheets("construction", 1, 1)]
    dossiers = {"land": 120, "civil-status": 60, "construction": 9}
    alone = analysis.estimate(read_rows(rows, dossiers), "2026-10")
    alone.to_responses().to_csv(desk / "alone.csv", index=False)
    shown += shown.replace("phieu-trong-so.csv", "alone.csv")
    total = alone.to_frame(full=True).iloc[alone.rows.index(alone.pick())]
    done = subprocess.run(
        ["Rscript", "-e", shown],
        cwd=desk,
        capture_output=True,
        encoding="utf-8",
        timeout=PROGRAMS,
        check=False,
    )
    if "no package called" in done.stderr:
        pytest.skip("no package survey in R here")
    assert [float(number) for number in done.stdout.split()] == pytest.approx(
        [*found["total"], total.share, total.se], rel=1e-9
    )


def test_the_way_in_is_five_calls():
    lines = [line for line in BLOCKS[0].splitlines() if line and not line.startswith("import")]
    verbs = re.findall(r"analysis\.([a-z]+)\(", BLOCKS[0])
    assert len(lines) == 5
    assert verbs == ["read", "estimate", "judge", "plot", "report"]


def test_every_name_that_it_gives_is_there():
    public = set(re.findall(r"`?analysis\.([A-Za-z_]+)\b", TEXT))
    modules = {"document", "reporting", "statistics"}
    assert public - modules <= set(analysis.__all__)
    methods = set(re.findall(r"\bfound\.([a-z_]+)\(", TEXT))
    assert methods and all(hasattr(Estimates, name) for name in methods)
    for kind, name in ((Verdicts, "verdicts"), (Months, "months"), (Estimates, "shown")):
        methods = re.findall(rf"\b{name}\.([a-z_]+)\(", TEXT)
        assert all(hasattr(kind, method) for method in methods)
    told = {*EstimateRow._fields, *VerdictRow._fields, *dir(EstimateRow)}
    for field in ("respondents", "n", "received", "uncovered", "basis", "q", "coverage", "reason"):
        assert field in told and f"`{field}`" in TEXT


def test_its_pictures_are_there_and_light():
    named = re.findall(r"\((images/[\w.-]+)\)", TEXT)
    assert len(named) == 8
    sizes = {name: (ROOT / "docs" / name).stat().st_size for name in named}
    assert max(sizes.values()) <= 60_000, sizes
