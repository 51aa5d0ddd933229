"""What somebody types from a paper sheet, read as the same answers as a form's."""

from __future__ import annotations

import pytest

from questionnaires import InvalidAnswers, check, shipped
from survey.paper import differences, fields_of

DESK = shipped()["desk@2"]
REASONS = next(one for one in DESK.choices if one.id == "went_wrong")


def test_a_digit_is_a_score_and_nothing_is_no_answer():
    read = check(DESK, fields_of(DESK, {"overall": "4", "procedures": " 2 "}), partial=True)
    assert (read.scores["overall"], read.scores["procedures"]) == (4, 2)
    assert read.scores["results"] is None


def test_a_nought_is_not_applicable_where_the_sheet_has_one():
    read = check(DESK, fields_of(DESK, {"overall": "4", "results": "0"}), partial=True)
    assert read.scores["results"] is None
    with pytest.raises(InvalidAnswers):
        check(DESK, fields_of(DESK, {"overall": "0"}), partial=True)


@pytest.mark.parametrize("typed", ["1 3 10", "1,3,10", "10; 1. 3"])
def test_numbers_are_the_options_that_were_ticked(typed):
    read = check(DESK, fields_of(DESK, {"overall": "1", "went_wrong": typed}), partial=True)
    ids = REASONS.option_ids
    assert read.choices["went_wrong"] == (ids[0], ids[2], ids[9])


def test_up_to_nine_options_need_nothing_between_the_digits():
    few = next(one for one in DESK.choices if len(one.options) <= 9)
    assert few.show_when is not None
    low = {few.show_when.item: "1", few.id: "21"}
    read = check(DESK, fields_of(DESK, low), partial=True)
    assert read.choices[few.id] == few.option_ids[:2]


@pytest.mark.parametrize("typed", ["11", "0", "x", "1 y"])
def test_what_is_no_option_is_refused(typed):
    with pytest.raises(InvalidAnswers) as refused:
        check(DESK, fields_of(DESK, {"overall": "1", "went_wrong": typed}), partial=True)
    assert {one.code for one in refused.value.problems} == {"unknown_option"}


def test_two_readings_differ_where_a_person_would_say_so():
    first = {"overall": "4", "went_wrong": "1 3", "comment": "Chờ  lâu"}
    same = {"overall": "4", "went_wrong": "3, 1", "comment": "chờ lâu"}
    assert differences(first, same) == ()
    (other,) = differences(first, same | {"overall": "5"})
    assert (other.question, other.first, other.second) == ("overall", "4", "5")
