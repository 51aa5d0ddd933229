"""What publication gives away, and what it leaves to be seen.

    python -m benchmarks.disclosure --answers 60 --worlds 3 --groups 50

Makes up offices with so many answers a month, publishes every period of a year of each (two
editions, two targets files), and looks for groups of 1 to 9 people whose satisfied ones the
publication determines. Years share no published row, so that two are attacked as one and one.

`determined`: groups with a dissatisfied person for which a solver proves that no other world has
the same published shares. `open`: groups for which it has not been shown that another world
publishes the same shares, limits and verdicts: the search ends before it has tried all.
`all satisfied`: the groups of satisfied people alone that the shares determine.

    python -m benchmarks.disclosure --offices --worlds 200

Installations of five offices of 4 to 40 answers a month instead, and two months of them: all
groups with a dissatisfied person, attacked by the shares of every office and of all together.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from typing import Final

import numpy as np

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

SIZES: Final = {"a": 40.0, "b": 12.0, "c": 4.0, "d": 40.0, "e": 12.0}
MONTHS: Final = ("2025-02", "2025-03")

_LENGTHS = {1: "months", 3: "quarters", 6: "half-years", 12: "years"}


def main() -> None:
    """Print a line for each made-up office."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--answers", type=float, default=60, help="in a mean month")
    parser.add_argument("--worlds", type=int, default=3, help="made-up offices")
    parser.add_argument("--groups", type=int, default=1000, help="of each kind, drawn at random")
    parser.add_argument("--shares", action="store_true", help="attack the shares alone; faster")
    parser.add_argument("--offices", action="store_true", help="attack installations of several")
    asked = parser.parse_args()
    if asked.offices:
        _attack_offices(asked.worlds)
        return
    print(f"NumPy {np.__version__}, Python {sys.version.split()[0]}; {asked.answers:g} a month")
    for seed in range(asked.worlds):
        world = simulate(np.random.default_rng(seed), asked.answers)
        _show(seed, world)
        _attack(world, most=asked.groups, limits=not asked.shares)


def _attack_offices(worlds: int) -> None:
    groups = told = found = 0
    steps = Counter[float]()
    for seed in range(worlds):
        world = simulate_tree(np.random.default_rng(seed), SIZES, MONTHS)
        rows = tree_rows(world, {"all": frozenset(SIZES)}, MONTHS)["all"]
        targets = [cells for _, cells in small_targets(world) if _has_dissatisfied(world, cells)]
        determined, _ = Attack(world, rows, limits=False).determined(targets)
        groups, told, found = (
            groups + len(targets),
            told + len(determined),
            found + bool(determined),
        )
        steps.update(row.step for row in rows)
    listed = ", ".join(f"{step:.1%} {n / steps.total():.0%}" for step, n in sorted(steps.items()))
    print(f"installations {worlds}, groups {groups}: determined {told}, in {found} installations")
    print(f"  rows in steps of {listed}")


def _has_dissatisfied(world: World, cells: Ints) -> bool:
    return bool(world.satisfied[cells].sum() < world.people[cells].sum())


def _show(seed: int, world: World) -> None:
    parts = []
    for months, name in _LENGTHS.items():
        shown, there = visible(world, months)
        parts.append(f"{name} {shown}/{there}")
    print(f"office {seed}: sector rows on 10 people or more that are seen: {', '.join(parts)}")
    for months, name in _LENGTHS.items():
        told = Counter(
            step
            for _, decision, _ in decisions(world)
            for row, step in decision.steps.items()
            if row.office == OFFICE and len(decision.period.months) == months
        )
        total = sum(told.values())
        steps = ", ".join(f"{step:.1%} {count / total:.0%}" for step, count in sorted(told.items()))
        print(f"  {name}: rows in steps of {steps}")


def _drawn(targets: list[Ints], most: int) -> list[Ints]:
    order = np.random.default_rng(0).permutation(len(targets))[:most]
    return [targets[number] for number in sorted(order.tolist())]


def _attack(world: World, *, most: int, limits: bool) -> None:
    started = time.perf_counter()
    targets = [target for _, target in small_targets(world)]
    full = [world.satisfied[target].sum() == world.people[target].sum() for target in targets]
    attack = Attack(world, everything(world), limits=limits)
    some = [target for target, satisfied in zip(targets, full, strict=True) if not satisfied]
    every = [target for target, satisfied in zip(targets, full, strict=True) if satisfied]
    some, every = (_drawn(targets, most) for targets in (some, every))
    determined, left = attack.determined(some)
    shares = Attack(world, everything(world), limits=False)
    known, _ = shares.determined(every)
    print(
        f"  with a dissatisfied person: {len(some)} groups, determined {len(determined)},"
        f" open {len(left)}; all satisfied: {len(every)} groups, determined {len(known)}"
        f" ({time.perf_counter() - started:.0f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
