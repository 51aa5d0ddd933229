"""The benchmark of stuffing in small: honest months are let be, what is stuffed plainly shows."""

from __future__ import annotations

import pytest

from benchmarks.stuffing import FALSE, World, marks, scenario
from survey.web.arrivals import USUAL

SIZE = 150


def test_honest_traffic_is_hardly_ever_marked():
    found = [mark for seed in range(4) for mark in marks(World(seed, 500).honest(10))]
    assert len(found) > 1500
    assert sum(map(bool, found)) / len(found) <= FALSE / 4


@pytest.mark.parametrize(
    "cheat", ["officer at the tablet", "script on the poster", "slips in a row"]
)
def test_a_fifth_of_a_month_stuffed_plainly_is_detected_at_arrival(cheat):
    assert all(scenario(seed, SIZE, cheat, 0.2).arrival for seed in range(3))


def test_a_careful_cheat_is_not_seen_at_arrival():
    """As SECURITY.md says; who changes that says so there."""
    assert not any(scenario(seed, SIZE, "careful cheat", 0.2).arrival for seed in range(3))


def test_the_same_seed_gives_the_same_month():
    assert marks(World(1, SIZE).honest(10)) == marks(World(1, SIZE).honest(10))
    assert USUAL.kiosk_alike < USUAL.kiosk_crowd
