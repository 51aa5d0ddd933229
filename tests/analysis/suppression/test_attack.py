"""Adding and subtracting everything an office published over a year gives nobody away."""

from __future__ import annotations

import pytest

from analysis.suppression.audit import recoverable
from tests.analysis.suppression.offices import (
    BLOCKS,
    GROUPS,
    MONTHS,
    ROLLING,
    YEAR,
    headcounts,
    simulated,
    the_rows,
)
from tests.analysis.suppression.offices import by_the_primary_rule_alone as primary


def attacked(people, documents):
    return recoverable(documents, headcounts(people, MONTHS), BLOCKS, GROUPS)


@pytest.mark.parametrize("periods", [YEAR, ROLLING], ids=["a year", "rolling years"])
@pytest.mark.parametrize(
    ("seed", "offices", "small", "sectors"),
    [(1, 1, 0.03, 8), (2, 1, 0.12, 8), (3, 2, 0.03, 5), (4, 3, 0.02, 3)],
)
def test_nothing_published_together_tells_about_fewer_than_five_people(
    seed, offices, small, sectors, periods
):
    people = simulated(seed, offices, small=small, sectors=sectors, skip=0.05)
    documents = [the_rows(people, period) for period in periods]
    assert attacked(people, documents) == []
    shown = [row for found in documents for row in found["estimates"] if row["publishable"]]
    assert len(shown) > 20 * len(periods)  # and not by hiding everything
    assert min(row["n"] for row in shown) >= 5


def test_a_split_that_only_months_show_is_not_completed_by_a_longer_period():
    """September by channel, less other sectors' channels known from the half-year, was 3 people."""
    people = simulated(0, 1, small=0.04, skip=0)
    documents = [the_rows(people, period) for period in YEAR]
    assert attacked(people, documents) == []


def test_the_attack_succeeds_where_only_small_rows_are_withheld():
    people = simulated(1, 1, small=0.03, skip=0.05)
    documents = [primary(the_rows(people, "2026-05")), primary(the_rows(people, "2026-06"))]
    leaks = attacked(people, documents)
    assert leaks
    assert all(1 <= leak.people < 5 for leak in leaks)


def test_a_month_less_than_its_quarter_is_found_out_by_the_primary_rule_alone():
    """April and May with enough answers, June with few: the quarter less both months is June."""
    people = simulated(1, 1, small=0.03, sectors=1, skip=0)
    june = [n for n, place in enumerate(people.places) if place[2] == "2026-06"]
    kept = [n for n in range(len(people.places)) if n not in set(june[3:])]
    people = type(people)([people.places[n] for n in kept], people.scores[kept])
    periods = ("2026-04", "2026-05", "2026-06", "2026-Q2")
    plain = [primary(the_rows(people, period)) for period in periods]
    assert any(leak.people <= 3 for leak in attacked(people, plain))
    assert attacked(people, [the_rows(people, period) for period in periods]) == []
