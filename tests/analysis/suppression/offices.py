"""A made-up year of offices: who answered what, and the documents of any period of it.

Deterministic. Scores are drawn after and apart from who answered: suppression must not see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.counting.moments import Cell, CellMoments, Moments
from analysis.design.headcounts import Headcounts
from analysis.design.pooling import Pooled
from analysis.design.scopes import Survey
from analysis.document import document
from analysis.period import Period, parse_period
from analysis.reading.columns import CHANNELS
from analysis.reading.population import Dossiers
from analysis.suppression.publishable import publishable
from analysis.targets import shipped_targets

ITEMS = ("overall", "a1", "a2", "b", "c")
BLOCKS = {
    "overall": ("overall",),
    "index": ("a1", "a2", "b", "c"),
    "element:a": ("a1", "a2"),
    "element:b": ("b",),
    **{f"item:{item}": (item,) for item in ITEMS[1:]},
}
KINDS = {name: "item" if len(block) == 1 else "ratio" for name, block in BLOCKS.items()}
SECTORS = ("land", "construction", "investment", "civil", "trade", "health", "social", "tax")
GROUPS = {"group:plan": ("land", "construction", "investment")}
MONTHS = tuple(f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13))
YEAR = (*MONTHS[12:], *(f"2026-Q{n}" for n in range(1, 5)), "2026-H1", "2026-H2", "2026")
ROLLING = (*MONTHS[:18], "2025", "2025-H2", "12m:2026-03", "12m:2026-04", "12m:2026-06", "2026-Q1")

Place = tuple[str, str, str, str]
"""Office, sector, month, channel."""


@dataclass(frozen=True)
class People:
    """Scores of everybody (people, items), 0 where the item was left out, and where they were."""

    places: list[Place]
    scores: np.ndarray

    def within(self, months: Sequence[str]) -> People:
        chosen = [n for n, place in enumerate(self.places) if place[2] in months]
        return People([self.places[n] for n in chosen], self.scores[chosen])


def simulated(seed: int, offices: int, *, small: float, sectors: int = 8, skip: float) -> People:
    """Some offices, sectors and channels open, some months silent, some cells of 1 to 4 people."""
    rng = np.random.default_rng(seed)
    shape = (offices, sectors, len(MONTHS), len(CHANNELS))
    kinds, few = rng.random(shape), rng.integers(1, 5, shape)
    many = 5 + rng.poisson((4, 12)[seed % 2], shape)
    people = np.where(kinds < small, few, np.where(kinds < small + 0.35, 0, many))
    people *= rng.random((offices, sectors, 1, len(CHANNELS))) < 0.5
    people *= rng.random((offices, 1, len(MONTHS), 1)) < 0.9
    places = [
        (f"o{o}", SECTORS[s], MONTHS[m], CHANNELS[c])
        for o, s, m, c in np.argwhere(people > 0).tolist()
        for _ in range(people[o, s, m, c])
    ]
    given = rng.random((len(places), len(ITEMS))) >= np.array([0] + [skip] * 4)
    return People(places, rng.integers(1, 6, given.shape) * given)


def headcounts(people: People, months: Sequence[str]) -> Headcounts:
    """Counted afresh for these months, as a query of them would be."""
    inside = people.within(months)
    offices, sectors = (tuple(sorted({p[n] for p in inside.places})) for n in (0, 1))
    axes = (offices, sectors, tuple(months), CHANNELS)
    where = [[axis.index(key) for axis, key in zip(axes, p, strict=True)] for p in inside.places]
    cells = tuple(np.array(where, dtype=np.int64).reshape(-1, 4).T)
    found = {}
    for name, block in BLOCKS.items():
        counts = np.zeros([len(axis) for axis in axes], dtype=np.int64)
        gave = (inside.scores[:, [ITEMS.index(item) for item in block]] > 0).any(axis=1)
        np.add.at(counts, cells, gave.astype(np.int64))
        found[name] = counts
    return Headcounts(offices, sectors, tuple(months), found)


def moments(people: People) -> CellMoments:
    """Sums of every cell, person by person in plain Python."""
    cells: CellMoments = {}
    for (office, sector, _, channel), scores in zip(
        people.places, people.scores.tolist(), strict=True
    ):
        measures = cells.setdefault(Cell(office, sector, channel, False), {})
        for name, block in BLOCKS.items():
            given = [score for item, score in zip(ITEMS, scores, strict=True) if item in block]
            given = [score for score in given if score]
            y, m, s = sum(score >= 4 for score in given), len(given), sum(given)
            one = Moments(1, int(m > 0), y, m, y * y, y * m, m * m, s, s * s, s * m)
            measures[name] = measures[name] + one if name in measures else one
    return cells


def dossiers(people: People, period: Period) -> dict[tuple[str, str], Dossiers]:
    """More than answered, of odd sizes, so that weights give as much away as they can."""
    inside = people.within(period.months)
    found: dict[tuple[str, str], int] = {}
    for office, sector, *_ in inside.places:
        found[office, sector] = found.get((office, sector), 0) + 1
    sizes = enumerate(sorted(found.items()))
    return {place: Dossiers(2 * n + 7 * number + 3) for number, (place, n) in sizes}


def pooled(people: People) -> Pooled:
    nothing: frozenset[str] = frozenset()
    families = {"sectors": KINDS, "general": {}}
    return Pooled(moments(people), families, {"sectors": nothing, "general": nothing})


def the_document(people: People, text: str):
    """The analyst's document of a period, by the product's own road after the query."""
    period = parse_period(text)
    found = pooled(people.within(period.months))
    allowed = publishable(headcounts(people, period.months), found, BLOCKS, GROUPS)
    survey = Survey(found, dossiers(people, period), GROUPS)
    return document(survey, period, shipped_targets(), 0.95, allowed)


def the_rows(people: People, text: str):
    """A document with nothing but what an attack by counts reads: keys, `answered`, flags."""
    period = parse_period(text)
    counts = headcounts(people, period.months)
    allowed = publishable(counts, pooled(people.within(())), BLOCKS, GROUPS)
    rows = [
        {"office": o, "sector": s, "measure": m, "channel": c, "n": n, "answered": n}
        | {"publishable": n > 0 and allowed.allows(o, s, m, c)}
        for o in (*counts.offices, "all")
        for s in (*counts.sectors, *GROUPS, "all")
        for m in BLOCKS
        for c in ("all", *CHANNELS)
        for n in [_answered(counts, o, s, m, c)]
    ]
    dates = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return {"period": dates, "estimates": rows}


def _answered(counts: Headcounts, office: str, sector: str, measure: str, channel: str) -> int:
    members = counts.sectors if sector == "all" else GROUPS.get(sector, (sector,))
    sectors = [n for n, name in enumerate(counts.sectors) if name in members]
    offices = [n for n, name in enumerate(counts.offices) if office in ("all", name)]
    found = counts.people[measure][offices][:, sectors]
    return int((found if channel == "all" else found[..., CHANNELS.index(channel)]).sum())


def by_the_primary_rule_alone(found):
    """The same document if only rows of fewer than five people were withheld."""
    rows = [row | {"publishable": row["n"] >= 5} for row in found["estimates"]]
    return found | {"estimates": rows}
