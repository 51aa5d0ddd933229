"""docs/data-layouts.md is held to the verdict document: it explains every key that there is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from analysis.document import FORMAT, ViewName, analyse
from analysis.document_rows import Basis, OpenReason, ReasonRow
from analysis.indicator_rows import indicators
from analysis.input.indicators import IndicatorCount, IndicatorCounts
from analysis.statistics.estimates import METHODS
from analysis.statistics.points import PointFiles
from analysis.statistics.verdicts import Evidence, Point
from analysis.strata.survey import ANY_ORDER
from tests.analysis.rechecked import an_office as a_rechecked_office
from tests.analysis.verbs.office import an_office

DOCS = Path(__file__).parents[2] / "docs" / "data-layouts.md"
TABLES = re.compile(r"^(##[^\n]*)\n(.*?)(?=^##|\Z)", re.M | re.S)
KEYS = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.M)


@pytest.fixture(scope="module")
def sections():
    """The text under each heading of the verdict document, and what its tables explain."""
    text = DOCS.read_text(encoding="utf-8")
    return dict(TABLES.findall(text))


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    office = an_office(tmp_path_factory.mktemp("office"))
    found = analyse(office["RESPONSES"], office["POPULATION"], period="2026-10", simulated=True)
    reason = ReasonRow("trieu-son", "land", "desk@1", "went_wrong", "waiting", 2, 3)
    recheck = a_rechecked_office(tmp_path_factory.mktemp("rechecked")).analyse().recheck
    files = IndicatorCount("2026-10", "trieu-son", 1, PointFiles(18, 1, 1))
    points = indicators(IndicatorCounts("", (files,)), found.period, order=ANY_ORDER)
    return replace(found, reasons=(reason,), recheck=recheck, indicators=points).as_json()


def _keys(sections, word):
    (part,) = (part for title, part in sections.items() if word in title)
    return [key for row in KEYS.findall(part) for key in re.findall(r"`(\w+)`", row)]


def test_every_key_of_the_document_has_its_row_in_order(sections, document):
    # answers brought in are of no example; only what leaves has a minimum (test_frames), and only
    # what is kept of a tree of offices has totals
    own = ("imported", "minimum", "totals")
    told = [key for key in _keys(sections, FORMAT) if key not in own]
    assert told == list(document)
    assert _keys(sections, "A row of") == list(document["estimates"][0])
    assert _keys(sections, "A verdict") == list(document["verdicts"][0])
    assert _keys(sections, "A reason") == list(document["reasons"][0])
    census = document["census"]
    assert _keys(sections, "Counts of a place") == list(census["rows"][0])
    assert _keys(sections, "A target on all dossiers") == list(census["verdicts"][0])
    points = document["indicators"]
    assert _keys(sections, "An indicator's score") == list(points["rows"][0])
    assert _keys(sections, "All indicators together") == list(points["totals"][0])
    assert _keys(sections, "A line of `rows`") == list(document["recheck"]["rows"][0])
    assert _keys(sections, "A line of `facts`") == list(document["recheck"]["facts"][0])
    for name in ("chose", "difference", "hansen_hurwitz", "box"):
        (row,) = re.findall(rf"^\| `{name}` \|.*$", "".join(sections.values()), re.M)
        assert [key for key in document["recheck"]["rows"][0][name] if f"`{key}`" not in row] == []


def test_what_a_key_may_be_is_told(sections, document):
    text = "".join(part for title, part in sections.items() if "verdict" in title or "row" in title)
    words = [*get_args(ViewName), *get_args(Basis), *get_args(OpenReason), *METHODS]
    words += [*get_args(Evidence), *get_args(Point), *document["period"], "on_site", "elsewhere"]
    assert [word for word in words if f"`{word}`" not in text] == []
