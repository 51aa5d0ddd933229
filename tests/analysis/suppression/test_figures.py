"""Every published figure, to its last digit: who may have answered what stays open.

The attackers here share no code with the product. One enumerates all answers that fit the figures;
one solves the equations of the figures in exact fractions.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest

from analysis.suppression.gate import published
from tests.analysis.suppression.offices import (
    GROUPS,
    ITEMS,
    People,
    by_the_primary_rule_alone,
    simulated,
    the_document,
)

PERIODS = ("2026-01", "2026-02")
CELLS = {
    ("land", "2026-01"): 8,
    ("trade", "2026-01"): 3,
    ("civil", "2026-01"): 4,
    ("land", "2026-02"): 7,
    ("trade", "2026-02"): 6,
    ("civil", "2026-02"): 2,
}
TRULY = (6, 1, 3, 5, 4, 1)  # satisfied people of each cell


def office(satisfied):
    """One office; people score 5 or 1, and only overall satisfaction was asked."""
    places, scores = [], []
    for ((sector, month), n), y in zip(CELLS.items(), satisfied, strict=True):
        places += [("o0", sector, month, "poster")] * n
        scores += [5] * y + [1] * (n - y)
    rest = np.zeros((len(scores), len(ITEMS) - 1), dtype=np.int64)
    return People(places, np.column_stack([np.array(scores), rest]))


def documents(satisfied, rule=published):
    return [rule(the_document(office(satisfied), period)) for period in PERIODS]


def fitting(found):
    """Every assignment of satisfied people to cells that gives the published sums."""
    sums = []
    for document in found:
        month = document["period"]["from"][:7]
        for row in document["estimates"]:
            if row["share"] is not None and row["publishable"] and row["measure"] == "overall":
                inside = {"all": ("land", "trade", "civil"), "group:plan": ("land",)}
                sectors = inside.get(row["sector"], (row["sector"],))
                cells = [n for n, (s, m) in enumerate(CELLS) if m == month and s in sectors]
                sums.append((cells, row["satisfied"]))
    return [
        cells
        for cells in product(*(range(n + 1) for n in CELLS.values()))
        if all(sum(cells[n] for n in places) == total for places, total in sums)
    ]


def small_cells():
    return [number for number, n in enumerate(CELLS.values()) if n < 5]


def test_every_answer_of_a_small_cell_remains_possible_whatever_is_published():
    found = documents(TRULY)
    possible = fitting(found)
    for number in small_cells():
        others = [cells for cells in possible if cells[number] != TRULY[number]]
        assert others, "the cell's sum is determined"
        alternative = min(others, key=lambda c: sum(a != b for a, b in zip(c, TRULY, strict=True)))
        assert documents(alternative) == found  # to the last digit, verdicts and bounds included


def test_enumeration_finds_the_small_cells_where_only_small_rows_are_withheld():
    found = documents(TRULY, by_the_primary_rule_alone)
    possible = {tuple(cells[n] for n in small_cells()) for cells in fitting(found)}
    february = {cells[-1] for cells in possible}
    assert february == {TRULY[-1]}  # all less land less trade is civil


def equations(found, *, merged):
    """Every published sum, mean and share of a month: each is linear in what people scored.

    Unknowns: satisfied answers of each cell, then the sum of its scores. `merged`: a total weighs
    what is withheld as one part; else every sector by itself, which is worse.
    """
    rows = []
    for document in found:
        month = document["period"]["from"][:7]
        cells = {s: number for number, (s, m) in enumerate(CELLS) if m == month}
        here = {
            row["sector"]: row
            for row in document["estimates"]
            if (row["office"], row["measure"], row["channel"]) == ("all", "overall", "all")
        }
        seen = [sector for sector in cells if here[sector]["publishable"]]
        rows += [weighted({cells[sector]: Fraction(1)}) for sector in seen]
        hidden = [sector for sector in cells if sector not in seen]
        parts = [hidden] if merged else [[sector] for sector in hidden]
        rows += total(here, cells, [*([sector] for sector in seen), *filter(None, parts)])
    return [row for pair in rows for row in pair]


def weighted(weights):
    """The same weights for satisfied answers and for scores."""
    size = len(CELLS)
    satisfied, scores = [Fraction(0)] * 2 * size, [Fraction(0)] * 2 * size
    for cell, weight in weights.items():
        satisfied[cell] = scores[size + cell] = weight
    return satisfied, scores


def total(here, cells, parts):
    """The plain sum, and the share and mean weighed by the dossiers of these parts."""
    sizes, row = list(CELLS.values()), here["all"]
    assert row["publishable"]
    weights = {}
    for part in parts:
        dossiers = sum(here[sector]["population"] for sector in part)
        people = sum(sizes[cells[sector]] for sector in part)
        weights |= {cells[sector]: Fraction(dossiers, people) for sector in part}
    share = sum(weight * TRULY[cell] for cell, weight in weights.items()) / row["population"]
    assert row["share"] == pytest.approx(float(share), abs=1e-12)  # the figure is this equation
    return [weighted({cell: Fraction(1) for cell in cells.values()}), weighted(weights)]


def rank(rows):
    """By elimination in exact fractions."""
    rows, found = [list(row) for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((n for n in range(found, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for n in range(found + 1, len(rows)):
            times = rows[n][column] / rows[found][column]
            rows[n] = [a - times * b for a, b in zip(rows[n], rows[found], strict=True)]
        found += 1
    return found


def determined(rows):
    """Sets of cells of 1 to 4 people about which some combination of figures tells."""
    sizes, count = list(CELLS.values()), len(CELLS)
    for number in (1, 2, 3):
        for cells in combinations(range(count), number):
            if sum(sizes[n] for n in cells) >= 5:
                continue
            inside = {*cells, *(count + n for n in cells)}
            outside = [[v for n, v in enumerate(row) if n not in inside] for row in rows]
            if rank(outside) < rank(rows):
                yield cells


def test_exact_fractions_of_all_shares_means_and_weighted_totals_determine_nothing_small():
    found = documents(TRULY)
    assert list(determined(equations(found, merged=True))) == []


def test_exact_fractions_find_what_the_primary_rule_leaves():
    """February's total less land and trade is civil; January's two totals tell two cells apart."""
    found = documents(TRULY, by_the_primary_rule_alone)
    leaks = list(determined(equations(found, merged=False)))
    assert (5,) in leaks
    assert (1,) in leaks


def test_what_withheld_people_answered_changes_no_figure_that_leaves():
    """Scores swapped between people of two withheld sectors, channel by channel: same document."""
    tried, month = 0, "2026-03"
    for seed in range(8):
        people = simulated(seed, 1, small=0.4, skip=0)
        found = published(the_document(people, month))
        swapped = swap(people, month, withheld(found))
        if (swapped.scores != people.scores).any():
            tried += 1
            assert the_document(swapped, month) != the_document(people, month)
            assert published(the_document(swapped, month)) == found
    assert tried


def withheld(found):
    """The sectors that are withheld."""
    rows = [
        row["sector"]
        for row in found["estimates"]
        if (row["office"], row["measure"], row["channel"]) == ("all", "overall", "all")
        and row["sector"] != "all"
        and row["n"]
        and not row["publishable"]
    ]
    return [sector for sector in rows if not sector.startswith("group:")]


def swap(people, month, sectors):
    """Person by person within each channel, so that every published sum stays what it was."""
    scores = people.scores.copy()
    inside = set(GROUPS["group:plan"])
    for one, other in combinations(sectors, 2):
        if (one in inside) != (other in inside):
            continue  # the group's own sum may be published
        for channel in {place[3] for place in people.places}:
            sides = [
                [n for n, p in enumerate(people.places) if p[1:] == (sector, month, channel)]
                for sector in (one, other)
            ]
            for a, b in zip(*sides, strict=False):
                scores[[a, b]] = scores[[b, a]]
    return People(people.places, scores)
