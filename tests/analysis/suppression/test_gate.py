"""What a published document keeps, and what is gone from it."""

from __future__ import annotations

import copy
import json

import pytest

from analysis.design.scopes import ALL
from analysis.document import row_of
from analysis.suppression.gate import WITHHELD, is_withheld, published
from analysis.targets import shipped_targets
from tests.analysis.suppression.offices import simulated, the_document

KEPT = {
    *("office", "sector", "measure", "channel"),
    *("n", "population", "response_rate", "publishable", "note"),
}


@pytest.fixture(scope="module")
def full():
    return the_document(simulated(2, 1, small=0.12, sectors=5, skip=0.05), "2026-05")


@pytest.fixture(scope="module")
def found(full):
    return published(full)


def test_no_figure_of_fewer_than_five_people_is_left(full, found):
    assert any(0 < row["n"] < 5 for row in full["estimates"])
    for row in found["estimates"]:
        if 0 < row["n"] < 5:
            assert {key for key, value in row.items() if value is not None} <= KEPT


def test_rows_stay_in_place_with_their_keys_and_their_number_of_answers(full, found):
    def keys(document):
        names = ("office", "sector", "measure", "channel", "n", "population", "publishable")
        return [[row[name] for name in names] for row in document["estimates"]]

    assert keys(found) == keys(full)
    assert [list(row) for row in found["estimates"]] == [list(row) for row in full["estimates"]]


def test_a_row_is_withheld_with_another_one_that_would_give_it_away(found):
    """Of what adds up to a published total, never is a single part missing."""
    rows = {
        row["sector"]: row
        for row in found["estimates"]
        if (row["office"], row["measure"], row["channel"]) == (ALL, "overall", ALL)
    }
    parts = [row for name, row in rows.items() if name != ALL and not name.startswith("group:")]
    missing = [row["n"] for row in parts if is_withheld(row)]
    assert rows[ALL]["publishable"]
    assert not missing or (len(missing) >= 2 and sum(missing) >= 5)


def test_a_verdict_on_a_withheld_row_says_so_and_nothing_else(found):
    targets = shipped_targets()
    on_withheld = [
        verdict
        for verdict in found["verdicts"]
        if (row := row_of(found, verdict, targets)) is not None and is_withheld(row)
    ]
    assert on_withheld
    for verdict in on_withheld:
        assert (verdict["point"], verdict["evidence"]) == (WITHHELD, WITHHELD)
        figures = ("share", "lower", "upper", "responses_needed")
        assert [verdict[key] for key in figures] == [None] * 4
        assert verdict["note"]


def test_publishing_twice_is_publishing_once(full, found):
    before = copy.deepcopy(full)
    assert published(found) == found
    assert published(full) == found
    assert full == before  # and the analyst's own document is left as it was


def test_the_document_says_that_it_may_leave_and_holds_no_second_version(found):
    assert found["published"] is True
    assert "instead" not in found
    json.dumps(found, allow_nan=False)


def test_a_row_without_answers_hides_nothing(found):
    assert not any(is_withheld(row) for row in found["estimates"] if not row["n"])
