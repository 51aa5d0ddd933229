"""Nobody who knows all that is published, and how many answered, learns what a few people said."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from analysis.disclosure.rounding import EXACT
from analysis.disclosure.rule import RuleRow
from tests.analysis.disclosure.attack import Attack, Ints, World, small_targets
from tests.analysis.disclosure.worlds import (
    OFFICE,
    decisions,
    everything,
    simulate,
    simulate_tree,
    tree_rows,
    visible,
)


def dissatisfied(world: World) -> list[Ints]:
    """Groups of 1 to 9 people that hold a dissatisfied one."""
    return [
        target
        for _, target in small_targets(world)
        if world.satisfied[target].sum() < world.people[target].sum()
    ]


def some(world: World, most: int = 20) -> list[Ints]:
    """A part of them; `benchmarks/disclosure.py` takes them all."""
    targets = dissatisfied(world)
    assert len(targets) > most
    drawn = np.random.default_rng(7).choice(len(targets), most, replace=False)
    return [targets[number] for number in drawn]


@pytest.mark.parametrize(("per_month", "seed"), [(20, 1), (60, 2)])
def test_no_dissatisfied_few_are_determined_by_the_published_shares(per_month, seed):
    world = simulate(np.random.default_rng(seed), per_month)
    attack = Attack(world, everything(world), limits=False)
    determined, _ = attack.determined(some(world))
    assert determined == []


TREE = {
    "all": frozenset("abcde"),
    "north": frozenset("abc"),
    "south": frozenset("de"),
}


@pytest.mark.parametrize("seed", [2, 6, 8])
def test_no_dissatisfied_few_are_determined_by_offices_and_the_totals_of_their_tree(seed):
    months = ("2025-02", "2025-03")
    sizes = {"a": 40.0, "b": 12.0, "c": 4.0, "d": 40.0, "e": 12.0}
    world = simulate_tree(np.random.default_rng(seed), sizes, months)
    rows = tree_rows(world, TREE, months)
    assert min(map(len, rows.values())) > 5
    every = [row for found in rows.values() for row in found]
    determined, _ = Attack(world, every, limits=False).determined(dissatisfied(world))
    assert determined == []


def a_month() -> World:
    """Thirty people of one sector, and five of another whom only the total holds."""
    keys = tuple((OFFICE, sector, "2025-03", "kiosk", False) for sector in ("land", "education"))
    dossiers = {(OFFICE, "land", "2025-03"): 60, (OFFICE, "education", "2025-03"): 9}
    return World(keys, np.array([30, 5]), np.array([27, 4]), dossiers)


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "as ruled"])
def test_five_people_come_out_where_the_total_is_told_exactly_and_not_otherwise(exact):
    world = a_month()
    rows = everything(world)
    if exact:
        rows = [replace(row, step=EXACT) for row in rows]
    determined, _ = Attack(world, rows).determined([np.array([1])])
    assert determined == ([0] if exact else [])


@pytest.mark.parametrize("seed", range(4))
def test_sectors_on_ten_people_or_more_are_seen(seed):
    small = simulate(np.random.default_rng(seed), 60)
    shown, there = visible(small, 12)
    assert shown == there > 0
    large = simulate(np.random.default_rng(seed), 150)
    shown, there = visible(large, 1)
    assert shown >= 0.7 * there > 0


@pytest.mark.parametrize("minimum", [11, 30, 100])
def test_a_higher_minimum_publishes_nothing_that_the_built_in_rule_does_not(minimum):
    fewer = 0
    for seed, per_month in ((5, 60), (6, 150), (7, 400)):
        world = simulate(np.random.default_rng(seed), per_month)
        pairs = zip(decisions(world), decisions(world, minimum=minimum), strict=True)
        for (_, built_in, _), (known, stricter, _) in pairs:
            for row, step in stricter.steps.items():
                own = built_in.steps[row]
                assert step >= own and abs(step / own - round(step / own)) < 1e-6
            assert stricter.rest.items() <= built_in.rest.items()
            assert all(step >= built_in.items[name] for name, step in stricter.items.items())
            fewer += len(built_in.steps) - len(stricter.steps)
            months = set(stricter.period.months)
            people = Counter[str]()
            for key, n in zip(known.keys, known.people, strict=True):
                people[key[1]] += int(n) if key[2] in months else 0
            single = [row.sector for row in stricter.steps if row.sector in people]
            assert all(people[sector] >= minimum for sector in single)
    assert fewer > 0


def test_what_was_published_stays_so_whatever_comes_later():
    world = simulate(np.random.default_rng(5), 60)
    early = [key[2] <= "2025-06" for key in world.keys]
    half = World(
        tuple(key for key, kept in zip(world.keys, early, strict=True) if kept),
        world.people[early],
        world.satisfied[early],
        {key: n for key, n in world.dossiers.items() if key[2] <= "2025-06"},
    )
    for then, now in zip(decisions(half), decisions(world), strict=True):
        if then[1].period.last.month <= 6:
            assert then[1].steps == now[1].steps


def test_the_total_is_told_in_every_month_with_ten_answers():
    world = simulate(np.random.default_rng(3), 60)
    for _, decision, _ in decisions(world):
        assert decision.publishes(RuleRow(OFFICE))
