"""docs/data-layouts.md is held to the code: its examples run, and it names every column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.document import analyse
from analysis.errors import LayoutError
from analysis.input.indicators import read_indicators
from analysis.input.population import COLUMNS as POPULATION
from analysis.input.population import OPTIONAL, REQUIRED, read_population
from analysis.input.rechecks import read_rechecks
from analysis.input.responses import read_responses
from questionnaires.layout import CHANNELS, COLUMNS, INDICATORS, RECHECKS

DOCS = Path(__file__).parents[3] / "docs" / "data-layouts.md"


@pytest.fixture
def text():
    return DOCS.read_text(encoding="utf-8")


@pytest.fixture
def examples(text, tmp_path):
    paths = []
    for name, example in zip(
        ("answers.csv", "dossiers.csv", "rechecks.csv", "indicators.csv"),
        re.findall(r"```csv\n(.*?)```", text, re.S),
        strict=True,
    ):
        path = tmp_path / name
        path.write_text(example, encoding="utf-8")
        paths.append(path)
    return paths


def test_the_examples_are_read_and_analysed(examples):
    responses, population, *_ = examples
    found = analyse(responses, population, period="2026-10")
    land = found.pick(sector="land")
    assert (land.n, land.satisfied, land.population) == (3, 2, 60)
    assert found.pick().population == 211
    assert "element:access" in {row.measure for row in found.estimates}


def test_the_examples_hold_every_fixed_column(examples):
    with read_responses(examples[0]) as found:
        assert set(COLUMNS) <= {*found.source.columns}
    assert len(read_population(examples[1]).counts) == 3
    assert len(read_rechecks(examples[2]).draws) == 2
    assert len(read_indicators(examples[3]).counts) == 2
    layouts = (REQUIRED + OPTIONAL, RECHECKS, INDICATORS)
    for path, columns in zip(examples[1:], layouts, strict=True):
        assert path.read_text(encoding="utf-8").splitlines()[0].split(",") == list(columns)


@pytest.mark.parametrize("name", [*COLUMNS, *POPULATION, *RECHECKS, *INDICATORS, *CHANNELS])
def test_the_page_explains_every_column_and_channel(text, name):
    assert f"`{name}`" in text


def test_the_messages_shown_are_those_that_are_given(text, examples):
    (shown,) = re.findall(r"```text\n(.*?)```", text, re.S)
    path = examples[0]
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("2026-10-06", "31/10/2026").replace(",false,,4", ",false,,7")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        read_responses(path)
    assert str(caught.value).splitlines() == shown.splitlines()
