"""Which tablets need somebody, by what they last told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk import Heartbeat
from kiosk.devices import Contact, troubles
from tests.kiosk.memory import MORNING

WELL = Heartbeat(
    unsent=0,
    quarantined=0,
    oldest_s=0,
    sent=12,
    build="abc",
    questionnaire="desk@1",
    storage="granted",
    clock_offset_s=2,
)


def found(minutes: float = 5, **changes: object) -> tuple[str, ...]:
    told = replace(WELL, **changes)
    return troubles(Contact(MORNING, told), timedelta(minutes=minutes), "abc")


def test_a_tablet_that_is_well_is_not_named():
    assert found() == ()


@pytest.mark.parametrize(("minutes", "named"), [(0, ()), (29.9, ()), (30, ("silent",))])
def test_half_an_hour_of_opening_time_without_a_word_is_silence(minutes, named):
    assert found(minutes) == named


def test_answers_that_wait_for_more_than_an_hour_are_named():
    assert found(unsent=3, oldest_s=3600) == ()
    assert found(unsent=3, oldest_s=3601) == ("unsent",)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"quarantined": 1}, "quarantined"),
        ({"clock_offset_s": 86_401}, "clock"),
        ({"clock_offset_s": -86_401}, "clock"),
        ({"storage": "denied"}, "storage"),
        ({"storage": "missing"}, "storage"),
        ({"storage": "full"}, "storage"),
        ({"build": "abd"}, "old_build"),
    ],
)
def test_each_thing_that_is_wrong_has_its_name(changes, named):
    assert found(**changes) == (named,)


def test_everything_that_is_wrong_is_named_at_once():
    told = {"unsent": 1, "oldest_s": 9999, "quarantined": 1, "storage": "full", "build": "x"}
    assert found(60, **told, clock_offset_s=10**6) == (
        "silent", "unsent", "quarantined", "clock", "storage", "old_build",
    )  # fmt: skip


def test_of_a_tablet_that_was_only_enrolled_just_its_silence_is_known():
    assert troubles(Contact(MORNING), timedelta(minutes=29), "abc") == ()
    assert troubles(Contact(MORNING), timedelta(hours=3), "abc") == ("silent",)
