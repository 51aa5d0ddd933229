"""docs/notebook.md says what the command and the notebook really have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import analysis
from survey.commands.notebook import command

TEXT = (Path(__file__).parents[2] / "docs" / "notebook.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """Six answers of October about land, of nine dossiers, under the names of the example."""
    head = "response_id,questionnaire,office,sector,procedure,channel,answered_on,late,flag,overall"
    rows = [f"r{n},mine@1,xa-a,land,,poster,2026-10-05,false,,4" for n in range(6)]
    (tmp_path / "responses.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    counts = "period,office,sector,completed\n2026-10,xa-a,land,9\n"
    (tmp_path / "population.csv").write_text(counts, encoding="utf-8")
    return tmp_path


def test_every_option_is_in_the_document_and_no_other():
    options = {name for option in command.params for name in option.opts}
    assert set(re.findall(r"--[a-z]+", TEXT)) == options


def test_the_example_for_analysts_runs(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    found = {}
    exec(compile(example, "docs/notebook.md", "exec"), found)
    assert found["document"]["format"] == "hailong.verdicts/1"
    assert len(found["months"]) == 12
    assert found["svg"].startswith(b"<?xml")
    assert found["frame"].iloc[0]["Phiếu/hồ sơ (tỷ lệ trả lời)"] == "6/9 (67%)"


def test_every_function_it_names_is_public():
    used = set(re.findall(r"analysis\.([a-z_]+)\(", TEXT))
    assert used and used <= set(analysis.__all__)
