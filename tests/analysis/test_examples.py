"""Every example in the statistics' docstrings is run; every note speaks both languages."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.statistics.estimates import Note, joined
from analysis.words import words
from tests.analysis.verbs.office import an_office

MODULES = (
    "insights.drivers",
    "period",
    "reporting.wording",
    "statistics.comparisons",
    "statistics.estimates",
    "statistics.exact",
    "statistics.laney",
    "statistics.sample_size",
    "statistics.sequential",
    "statistics.verdicts",
    "statistics.weights",
)


@pytest.mark.parametrize("module", MODULES)
def test_docstring_examples_give_what_they_say(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"analysis.{module}"))
    assert result.attempted > 0
    assert result.failed == 0


VERBS = (
    "beside",
    "data",
    "differences",
    "estimating",
    "indices",
    "judging",
    "plan",
    "reports",
    "trends",
    "weighted",
)


@pytest.mark.parametrize("module", VERBS)
def test_the_examples_of_the_verbs_give_what_they_say(module: str, tmp_path: Path) -> None:
    found = importlib.import_module(f"analysis.{module}")
    result = doctest.testmod(found, extraglobs=an_office(tmp_path))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("code", sorted(words().group("note", "vi")))
def test_a_note_speaks_vietnamese_first_then_english(code: str) -> None:
    note = Note(code, strata=2, covered=30, population=50, count=7)
    vi, en = note.text("vi"), note.text("en")
    assert vi != en and "{" not in vi + en and "None" not in vi + en
    assert joined((note,)) == f"{vi} / {en}"
    assert " / " not in vi + en  # readers split the languages there
    assert vi.endswith(".") and en.endswith(".")


def test_a_note_writes_its_numbers_as_each_language_does() -> None:
    note = Note("not_all_covered", strata=2, covered=4190, population=12500)
    assert "4.190 trên 12.500 hồ sơ" in note.text("vi")
    assert "4,190 of 12,500 dossiers" in note.text("en")


def test_nothing_to_tell_is_none() -> None:
    assert joined(()) is None


def test_the_statistics_load_no_heavy_library() -> None:
    """scipy.stats alone would cost more than everything else together."""
    code = (
        "import sys\n"
        "from analysis.statistics import comparisons, sample_size, sequential, verdicts\n"
        "heavy = {'scipy.stats', 'pandas', 'matplotlib', 'duckdb', 'ibis', 'flask', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "[]"
