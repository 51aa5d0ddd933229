"""Made-up offices to publish: who answered and who was satisfied in every cell of a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from analysis.disclosure.rule import Decision, RuleRow, decide
from analysis.disclosure.totals import Totals
from analysis.document import MINIMUM
from analysis.period import parse_period
from tests.analysis.disclosure.attack import PublishedRow, World, published_rows

OFFICE: Final = "o"
SECTORS: Final = {
    **{"land": 20.0, "civil-status": 22.0, "certification": 24.0, "residence": 10.0},
    **{"business": 8.0, "social-protection": 6.0, "construction": 4.0, "environment": 2.5},
    **{"investment": 1.5, "education": 2.0},
}
"""Sector -> its part of a busy desk's answers, roughly."""

GROUPS: Final = (
    {"group:lci": ("land", "construction", "investment")},
    {
        "group:lci": ("land", "construction", "investment", "business"),
        "group:living": ("residence", "environment"),
    },
)
"""Two targets files under which the same months are published."""

PERIODS: Final = (
    *(f"-{month:02d}" for month in range(1, 13)),
    *("-Q1", "-Q2", "-Q3", "-Q4", "-H1", "-H2", ""),
)
_LATE: Final = 0.03
_OFFLINE: Final = 0.5  # in the month whose tablet had no network until it was over


def simulate(rng: np.random.Generator, per_month: float, year: int = 2025) -> World:
    """An office of five to ten sectors with so many answers in a mean month."""
    count = int(rng.integers(5, len(SECTORS) + 1))
    names = sorted(rng.choice(list(SECTORS), count, replace=False).tolist())
    size = np.array([SECTORS[name] for name in names]) * np.exp(rng.normal(0, 0.3, count))
    size /= size.sum()
    rate, truth = rng.uniform(0.15, 0.7, count), rng.uniform(0.80, 0.97, count)
    offline = int(rng.integers(0, 12))
    extra: list[tuple[str, ...]] = [(), ("slip",), ("paper",), ("slip", "paper")]
    channels = ("poster", "kiosk", *extra[int(rng.integers(0, len(extra)))])
    keys, people, satisfied = [], [], []
    dossiers = {}
    for number, month in enumerate(f"{year}-{number:02d}" for number in range(1, 13)):
        for at, sector in enumerate(names):
            completed = int(rng.poisson(per_month * size[at] / rate[at]))
            answers = int(rng.binomial(completed, rate[at]))
            if not completed:
                continue
            dossiers[OFFICE, sector, month] = completed
            parts = rng.dirichlet([4.0, 5.0, *(2.0 for _ in channels[2:])])
            late = int(rng.binomial(answers, _OFFLINE if number == offline else _LATE))
            for tardy, heads in ((False, answers - late), (True, late)):
                for channel, n in zip(channels, rng.multinomial(heads, parts), strict=True):
                    if n:
                        keys.append((OFFICE, sector, month, channel, tardy))
                        people.append(int(n))
                        satisfied.append(int(rng.binomial(n, truth[at])))
    return World(tuple(keys), np.array(people), np.array(satisfied), dossiers)


def simulate_tree(
    rng: np.random.Generator, per_month: Mapping[str, float], months: Sequence[str]
) -> World:
    """Several offices with so many answers in a mean month each, in some months of a year."""
    keys, people, satisfied, dossiers = [], [], [], {}
    for office, mean in per_month.items():
        alone = simulate(rng, mean)
        for key, n, y in zip(alone.keys, alone.people, alone.satisfied, strict=True):
            if key[2] in months:
                keys.append((office, *key[1:]))
                people.append(n)
                satisfied.append(y)
        for (_, sector, month), n in alone.dossiers.items():
            if month in months:
                dossiers[office, sector, month] = n
    return World(tuple(keys), np.array(people), np.array(satisfied), dossiers)


def tree_rows(
    world: World, totals: Mapping[str, frozenset[str]], periods: Sequence[str]
) -> dict[str, list[PublishedRow]]:
    """What is published of each total of a tree with its offices, in some periods of 2025."""
    groups, known = GROUPS[0], world.headcounts()
    found: dict[str, list[PublishedRow]] = {name: [] for name in totals}
    for text in periods:
        decided = Totals(known, totals, parse_period(text), groups)
        for name, offices in totals.items():
            decision = decided.decision(name)
            found[name] += published_rows(world, decision, groups, offices)
    return found


def decisions(
    world: World, year: int = 2025, minimum: int = MINIMUM
) -> list[tuple[World, Decision, dict[str, tuple[str, ...]]]]:
    """Every publication of a world's year: all periods, three editions, two targets files."""
    return [
        (
            known,
            decide(known.headcounts(), parse_period(f"{year}{period}"), groups, minimum),
            groups,
        )
        for period in PERIODS
        for groups in GROUPS
        for known in editions(world)
    ]


def editions(world: World) -> list[World]:
    """As first published; with late people by tens; with a dossier count that was corrected."""
    late: Counter[tuple[str, str, str]] = Counter()
    for key, people in zip(world.keys, world.people.tolist(), strict=True):
        late[key[:3]] += people * key[4]
    joined = frozenset(stratum for stratum, people in late.items() if people >= 10)
    corrected = dict(world.dossiers)
    first = min(month for _, _, month in corrected)
    stratum = max((n, key) for key, n in corrected.items() if key[2] == first)[1]
    corrected[stratum] = round(1.1 * corrected[stratum])
    return [world, replace(world, joined=joined), replace(world, dossiers=corrected)]


def everything(world: World) -> list[PublishedRow]:
    """All rows that are published of a world's year."""
    return [
        row
        for known, decision, groups in decisions(world)
        for row in published_rows(known, decision, groups)
    ]


def visible(world: World, months: int) -> tuple[int, int]:
    """Sector rows that are published in periods so long, of those on 10 people or more."""
    shown = there = 0
    for _, decision, _ in decisions(world)[:: 3 * len(GROUPS)]:
        if len(decision.period.months) != months:
            continue
        for sector in {key[1] for key in world.keys}:
            if _people(world, sector, decision.period.months) >= 10:
                there += 1
                shown += decision.publishes(RuleRow(OFFICE, sector))
    return shown, there


def _people(world: World, sector: str, months: Sequence[str]) -> int:
    return sum(
        int(n)
        for key, n in zip(world.keys, world.people, strict=True)
        if key[1] == sector and key[2] in months and (len(months) == 12 or not key[4])
    )
