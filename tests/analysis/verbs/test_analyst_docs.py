"""docs/analyst.md is held to the code: its blocks run from top to bottom, its names are there."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

import analysis
from analysis.document import EstimateRow, VerdictRow
from analysis.results import Estimates, Months, Verdicts
from tests.analysis.verbs.office import an_office

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "analyst.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The folder, what the names of the page are after its blocks were run, what they printed."""
    folder, found, said = tmp_path_factory.mktemp("analyst"), {}, io.StringIO()
    an_office(folder)
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        for number, block in enumerate(BLOCKS):
            exec(compile(block, f"docs/analyst.md, block {number + 1}", "exec"), found)
    return folder, found, said.getvalue()


def test_the_page_runs_from_top_to_bottom(ran):
    folder, found, printed = ran
    assert (folder / "thang-10.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (folder / "theo-thang.svg").read_bytes().startswith(b"<?xml")
    assert (found["land"].n, found["land"].population) == (50, 120)
    assert found["missed"] == ["civil-status"] * 2  # of the office, and of all offices
    # 20 satisfied and all 20 others of 60 are 67%: whatever these think
    civil = printed.split("  Hộ tịch: ")[1]
    assert civil.startswith(
        "Tỷ lệ hài lòng 50,0% (40 phiếu).\n    Chưa đạt, dù những người chưa trả"
    )
    assert ("civil-status", "certain", None) in {(s, b, r) for s, b, _, r in found["by_whom"]}
    land = printed.split("  Đất đai: ")[1].split("\n")[1]
    assert land.startswith("    Đạt theo những người đã trả lời (50 trên 120;")
    assert ") · mục tiêu 2030: 80%. " in land
    assert ("2026-10", 0.9) in found["shares"]
    assert "khong-co.csv, file: there is no such file or folder" in printed


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
    assert len(named) == 6
    sizes = {name: (DOCS / name).stat().st_size for name in named}
    assert max(sizes.values()) <= 60_000, sizes
