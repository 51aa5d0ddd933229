"""What needs doing today, the most urgent first; what is not known is never "nothing to do"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

from kiosk.devices import Trouble
from survey.slips import ends_unused, fell
from survey.today import URGENCY, Backups, Facts, Task, agenda

TODAY = date(2026, 11, 5)
NOTHING = Facts(TODAY)


def kinds(facts: Facts) -> list[str]:
    return [task.kind for task in agenda(facts).tasks]


def test_where_all_is_done_there_is_nothing_to_do() -> None:
    found = agenda(
        replace(
            NOTHING,
            answered={"xa": 40},
            counted=frozenset({"xa"}),
            flagged={"2026-10": 0, "2026-11": 0},
            unverified={"desk@2": 0},
            backups=Backups(TODAY, anything=True),
        )
    )
    assert found.tasks == ()
    assert found.clear


def test_the_most_urgent_comes_first_answers_that_are_lost_before_figures_that_are_late() -> None:
    facts = Facts(
        TODAY,
        answered={"xa": 40},
        counted=frozenset(),
        flagged={"2026-10": 2},
        troubles=frozenset(get_args(Trouble)),
        unread=4,
        todo=1,
        unverified={"desk@2": 10},
        settings=1,
        backups=Backups(None, anything=True),
        calls={"2026-10": 3},
        beyond=("xa",),
        fell=("xa",),
        ending={"2026-11-09": 16},
        published=("Bộ câu hỏi (moi@2)",),
        altered=TODAY,
        purge={"2023": 40},
    )
    assert kinds(facts) == list(URGENCY)


def test_every_trouble_of_a_tablet_is_a_task() -> None:
    for trouble in get_args(Trouble):
        assert agenda(replace(NOTHING, troubles=frozenset({trouble}))).tasks == (Task(trouble),)


def test_only_offices_with_answers_and_without_dossiers_have_some_to_import() -> None:
    facts = replace(
        NOTHING, answered={"b": 3, "a": 1, "counted": 9, "empty": 0}, counted=frozenset({"counted"})
    )
    assert agenda(facts).tasks == (Task("dossiers", ("a", "b"), 2),)


def test_who_imports_no_dossiers_is_not_told_of_them() -> None:
    assert agenda(replace(NOTHING, answered={"xa": 3}, counted=None)).tasks == ()


def test_a_month_with_answers_has_a_report_with_or_without_dossiers() -> None:
    assert agenda(replace(NOTHING, answered={"xa": 1}, counted=frozenset())).report
    assert not agenda(replace(NOTHING, answered={"xa": 0})).report
    assert not agenda(NOTHING).report


def test_a_backup_is_old_after_a_week_and_an_empty_office_needs_none() -> None:
    for days, old in ((0, False), (7, False), (8, True), (400, True)):
        made = Backups(TODAY - timedelta(days=days), anything=True)
        assert kinds(replace(NOTHING, backups=made)) == ["backup"] * old
    assert kinds(replace(NOTHING, backups=Backups(None, anything=True))) == ["backup"]
    assert kinds(replace(NOTHING, backups=Backups(None, anything=False))) == []


def test_what_is_worth_a_second_look_is_a_task_for_each_period() -> None:
    facts = replace(NOTHING, flagged={"2026-10": 3, "2026-11": 1})
    assert agenda(facts).tasks == (
        Task("flagged", ("2026-10",), 3),
        Task("flagged", ("2026-11",), 1),
    )


def test_what_could_not_be_looked_at_is_not_nothing_to_do() -> None:
    found = agenda(replace(NOTHING, flagged={"2026-10": None, "2026-11": 0}))
    assert found.tasks == ()
    assert found.unknown == ("2026-10",)
    assert not found.clear


def test_each_questionnaire_with_wordings_to_check_is_named() -> None:
    facts = replace(NOTHING, unverified={"desk@2": 10, "sipas-22@2": 0, "agency-service@2": 1})
    assert agenda(facts).tasks == (
        Task("wordings", ("desk@2",), 10),
        Task("wordings", ("agency-service@2",), 1),
    )


def test_slips_that_end_unused_are_one_task_which_names_the_first_day() -> None:
    facts = replace(NOTHING, ending={"2026-11-12": 20, "2026-11-09": 16})
    assert agenda(facts).tasks == (Task("slips_ending", ("2026-11-09", "2026-11-12"), 36),)


def test_a_batch_is_told_of_in_its_last_week_where_half_of_it_and_a_sheet_are_left() -> None:
    for ahead, issued, left, told in (
        (7, 40, 20, True),
        (0, 40, 40, True),
        (8, 40, 40, False),
        (-1, 40, 40, False),
        (3, 40, 19, False),
        (3, 8, 7, False),
        (3, 8, 8, True),
    ):
        assert ends_unused(TODAY + timedelta(days=ahead), issued, left, TODAY) is told


def test_a_hand_out_fell_where_less_than_half_is_left_of_what_was_usual() -> None:
    for issued, left, told in (
        ([40, 40, 40, 19], 0, True),
        ([40, 40, 40, 20], 0, False),
        ([40, 40, 40, 0], 20, False),  # there are enough of the month before
        ([40, 40, 40, 0], 19, True),
        ([100, 0, 100, 0], 0, False),  # never was a number for each month
        ([20, 20, 20, 0], 0, False),  # too few to be usual
    ):
        assert fell(issued, left) is told, (issued, left)


def test_a_re_check_whose_calls_are_all_entered_is_no_task() -> None:
    facts = replace(NOTHING, calls={"2026-09": 0, "2026-10": 2})
    assert agenda(facts).tasks == (Task("recheck", ("2026-10",), 2),)
