"""What offices enter of the desk's nine indicators: stored whole, logged, added up in a merger."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from analysis.document import analyse
from survey.errors import HailongError, StoreError
from survey.indicators import changes, read_files, read_pairs, written
from survey.places import shipped_places
from survey.store.indicators import enter_indicators, list_indicators, load_indicators
from survey.store.places import list_offices, save_places
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.state import state_of
from tests.survey.desk.communes import FOREIGN, OWN, TODAY, save_communes

BY = By("lan", datetime(2026, 11, 3, 9, 0, tzinfo=UTC))
MONTH = "2026-10"


def test_what_is_entered_is_kept_changed_and_taken_away_with_a_line_in_the_log_each(engine):
    first = {1: (412, 20, 3), 8: (3, 0, 0)}
    assert enter_indicators(engine, OWN, MONTH, first, {}, BY)
    assert load_indicators(engine, OWN, MONTH) == first
    second = {1: (412, 21, 3)}
    assert enter_indicators(engine, OWN, MONTH, second, first, BY)
    assert not enter_indicators(engine, OWN, MONTH, second, second, BY)  # nothing to log
    assert list_indicators(engine, [OWN]) == [(MONTH, OWN, second)]
    assert enter_indicators(engine, OWN, MONTH, {}, second, BY)
    assert load_indicators(engine, OWN, MONTH) == {}
    lines = list_actions(engine, DoneFilter(frozenset({OWN})), actions=("indicators_entered",))
    assert [(line.name, line.details["month"], line.details["changes"]) for line in lines] == [
        ("lan", MONTH, "1: 412/21/3 → –"),
        ("lan", MONTH, "1: 412/20/3 → 412/21/3; 8: 3/0/0 → –"),
        ("lan", MONTH, "1: – → 412/20/3; 8: – → 3/0/0"),
    ]


def test_what_somebody_else_entered_meanwhile_is_not_overwritten(engine):
    assert enter_indicators(engine, OWN, MONTH, {1: (1, 0, 0)}, {}, BY)
    with pytest.raises(StoreError, match="Somebody else"):
        enter_indicators(engine, OWN, MONTH, {1: (2, 0, 0)}, {}, BY)
    assert load_indicators(engine, OWN, MONTH) == {1: (1, 0, 0)}


def test_a_month_that_has_not_begun_is_refused(engine):
    with pytest.raises(HailongError, match="12/2026 has not begun; choose 11/2026"):
        enter_indicators(engine, OWN, "2026-12", {1: (1, 0, 0)}, {}, BY)


def test_the_analysis_reads_them_beside_the_answers_and_figures_are_computed_again(engine):
    before = state_of(engine, TODAY)
    enter_indicators(engine, OWN, MONTH, {1: (18, 1, 1), 9: (0, 1, 3)}, {}, BY)
    assert state_of(engine, TODAY) != before
    url = engine.url.render_as_string(hide_password=False)
    found = analyse(url, period=MONTH).indicators
    assert [(row.indicator, row.score) for row in found.rows if row.office == OWN] == [
        (1, 1.9),
        (9, 0.3),
    ]


def test_files_of_offices_that_become_one_are_added_up(engine):
    save_communes(engine)
    enter_indicators(engine, OWN, MONTH, {1: (10, 1, 0), 2: (5, 0, 0)}, {}, BY)
    enter_indicators(engine, FOREIGN, MONTH, {1: (1, 1, 1), 3: (0, 0, 4)}, {}, BY)
    enter_indicators(engine, FOREIGN, "2026-09", {1: (7, 0, 0)}, {}, BY)
    shipped = shipped_places()
    own = shipped.office[0].model_copy(update={"was": FOREIGN})
    save_places(engine, shipped.model_copy(update={"office": (own,)}), date(2026, 11, 3))
    every = [one.id for one in list_offices(engine)]
    assert list_indicators(engine, every) == [
        ("2026-09", OWN, {1: (7, 0, 0)}),
        (MONTH, OWN, {1: (11, 2, 1), 2: (5, 0, 0), 3: (0, 0, 4)}),
    ]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("", "", ""), None),
        ((" 412 ", "", ""), (412, 0, 0)),
        (("1.204", "1 204", "0"), (1204, 1204, 0)),
        (("999999", "0", "0"), (999_999, 0, 0)),
    ],
)
def test_fields_are_read_as_people_write_numbers(typed, expected):
    assert read_files(1, typed) == (expected, [])


@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "1,5", "1000000", "12.34", "٣"])
def test_what_is_no_number_of_files_is_named_by_its_field(wrong):
    files, problems = read_files(7, ("1", wrong, "0"))
    assert files is None
    (problem,) = problems
    assert (problem.indicator, problem.point) == (7, 1)
    assert f"Chỉ số 7, ô 1 điểm: “{wrong}” không phải số hồ sơ" in problem.said("vi")


@pytest.mark.parametrize(
    "text", ["1", "10=1/2/3", "0=1/2/3", "1=1/2", "1=//", "1=1/2/3/4", "=1/2/3"]
)
def test_a_pair_that_is_none_says_how_one_is_written(text):
    with pytest.raises(HailongError, match="1=412/20/3, or 8=-"):
        read_pairs([text])


def test_a_line_says_the_same_for_the_same():
    assert read_pairs(["8=-", "1=4/2/0"]) == {8: None, 1: (4, 2, 0)}
    with pytest.raises(HailongError, match=r"“x” is no[\s\S]*“y” is no[\s\S]*“2” is no indicator"):
        read_pairs(["1=x/y/0", "2"])
    assert written({8: (3, 0, 0), 1: (4, 2, 0)}) == "1: 4/2/0; 8: 3/0/0"
    assert changes({1: (1, 0, 0)}, {1: (1, 0, 0)}) == ""
