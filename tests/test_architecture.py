"""ARCHITECTURE.md names places that are there, and has a place for every change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
TOP = ("analysis", "benchmarks", "deploy", "docs", "kiosk", "questionnaires", "survey", "tests")
PATHS = sorted(
    {
        path
        for path in re.findall(r"`([\w./-]+)`", TEXT)
        if path.split("/")[0] in TOP and "/" in path
    }
)


def the_table() -> list[list[str]]:
    """The rows of "Where do I make a change?": what is wanted, and where to look."""
    part = TEXT.split("## Where do I make a change?")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ", 1) for line in part.splitlines() if line[:1] == "|"]
    return rows[2:]


@pytest.mark.parametrize("path", PATHS)
def test_every_path_it_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_at_least_twenty_five_changes_have_their_place_and_each_names_one() -> None:
    rows = the_table()
    assert len(rows) >= 25
    assert all("`" in where for _, where in rows)


def test_every_package_has_a_place_in_the_house() -> None:
    packages = {
        str(found.parent.relative_to(ROOT)).replace("\\", "/")
        for top in ("analysis", "kiosk", "questionnaires", "survey")
        for found in (ROOT / top).rglob("__init__.py")
    }
    drawn = {"analysis", "kiosk"}  # each has a picture of its own
    assert {package for package in packages if f"`{package}/`" not in TEXT} == drawn
    assert all(f"### {package}:" in TEXT for package in drawn)


def test_the_calendar_is_asked_where_it_is_said_to_be() -> None:
    """An office's day is its own, whatever zone the machine has, and one for one decision."""
    asking = re.compile(r"\bdatetime\.(?:now|today|utcnow)\b|\bdate\.today\b")
    found = {
        str(file.relative_to(ROOT)).replace("\\", "/")
        for top in ("analysis", "kiosk", "questionnaires", "survey")
        for file in (ROOT / top).rglob("*.py")
        if asking.search(file.read_text(encoding="utf-8"))
    }
    # Of the office; of an analyst without one; the age of a form's token.
    assert found == {"survey/config.py", "analysis/data.py", "survey/web/security.py"}
