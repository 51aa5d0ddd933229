"""Strata of a cell, and how their answers were drawn: who is covered, which weight, which fraction.

Owns `Stratum` and `Design` (the strata of many cells as columns). Computes no share and no limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from operator import attrgetter
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.hypergeometric import Floats, Ints
from analysis.moments import Moments

Kind: TypeAlias = Literal["item", "ratio"]
"""One yes/no item (at most one answer a person), or a ratio of satisfied answers to answers."""

Flags = NDArray[np.bool_]

_UNKNOWN = -1
_MOMENTS = attrgetter("n", "answered", "y", "m", "yy", "ym", "mm", "s", "ss", "sm")
_COLUMNS = 13
_PER_ROW = frozenset({"size", "dossiers", "fraction", "people"})


@dataclass(frozen=True, slots=True)
class Stratum:
    """The answers of one sector (or office) and the dossiers they stand for.

    Parameters
    ----------
    moments
        Sufficient statistics of the measure among the answers of the cell.
    population
        Dossiers of the stratum, None where unknown.
    responses
        Only where `moments` are those of a domain inside the stratum (a channel, a procedure):
        the stratum's full sample size; for one item, the stratum's full number of answers to it.
        y and m then count as zero outside the domain, as R's subset() does.
    """

    moments: Moments
    population: int | None
    responses: int | None = None

    def __post_init__(self) -> None:
        if self.population is not None and self.population < 0:
            raise ValueError(f"population is {self.population}; give 0 or more, or None")
        if self.responses is not None and self.responses < self.moments.answered:
            raise ValueError(
                f"responses is {self.responses}, fewer than the domain's {self.moments.answered}"
                " answers; give the whole stratum's sample size"
            )


def _row(cell: int, stratum: Stratum) -> tuple[int, ...]:
    known = stratum.population if stratum.population is not None else _UNKNOWN
    size = stratum.responses if stratum.responses is not None else _UNKNOWN
    return (cell, known, size, *_MOMENTS(stratum.moments))


@dataclass(frozen=True, slots=True)
class Sums:
    """y, m and their squares per stratum: a numerator and a denominator to be divided."""

    y: Floats
    m: Floats
    yy: Floats
    ym: Floats
    mm: Floats

    def only(self, rows: Flags) -> Sums:
        """The sums of some strata."""
        return Sums(self.y[rows], self.m[rows], self.yy[rows], self.ym[rows], self.mm[rows])


@dataclass(frozen=True, slots=True)
class Design:
    """The strata that have answers, one row each, and facts of their cells.

    `size` is n_h, `dossiers` N_h and `fraction` f_h as used in the formulas: N_h = n_h and f_h = 0
    where a cell is not weighted, f_h = 0 where there are more answers than dossiers. `people` are
    the respondents whose y and m are counted (a domain's own). Per cell: `rows` strata with
    answers, `strata` in all, `faults` with more answers than dossiers, `gaps` without a dossier
    count; `population` and `covered` dossiers, -1 where unknown, as a domain's always are.
    """

    cell: Ints
    size: Floats
    dossiers: Floats
    fraction: Floats
    people: Floats
    satisfied: Sums
    scored: Sums
    item: Flags
    weighted: Flags
    domain: Flags
    rows: Ints
    strata: Ints
    faults: Ints
    gaps: Ints
    responses: Ints
    population: Ints
    covered: Ints

    def total(self, values: Floats) -> Floats:
        """Sum over the strata of each cell."""
        totals = np.bincount(self.cell, weights=values, minlength=self.item.size)
        return totals.astype(np.float64)  # bincount of nothing gives integers

    def first(self, values: Floats) -> Floats:
        """The value of the cell's only stratum; of no meaning where there are several."""
        found = np.zeros(self.item.size)
        found[self.cell] = values
        return found

    def only(self, cells: Ints) -> Design:
        """The design of some cells, numbered anew in the order given (increasing)."""
        place = np.full(self.item.size, _UNKNOWN)
        place[cells] = np.arange(cells.size)
        kept = place[self.cell] >= 0
        picked = {
            field.name: getattr(self, field.name)[kept if field.name in _PER_ROW else cells]
            for field in fields(self)
            if field.name not in {"cell", "satisfied", "scored"}
        }
        return Design(
            cell=place[self.cell][kept],
            satisfied=self.satisfied.only(kept),
            scored=self.scored.only(kept),
            **picked,
        )

    @property
    def census(self) -> Flags:
        """Every dossier of every covered stratum answered."""
        full = self.total((self.fraction < 1).astype(np.float64)) == 0
        flags: Flags = full & (self.rows > 0)
        return flags


def draw(cells: Sequence[Sequence[Stratum]], kinds: Sequence[Kind]) -> Design:
    """Columns of all strata of all cells, weighted by dossiers where these are known.

    A cell is weighted where every stratum with answers has a dossier count, not all zero;
    otherwise its answers are pooled with weight 1 and no correction.
    """
    count = len(cells)
    rows = [_row(i, stratum) for i, strata in enumerate(cells) for stratum in strata]
    numbers = np.fromiter(chain.from_iterable(rows), np.int64, count=_COLUMNS * len(rows))
    table = numbers.reshape(len(rows), _COLUMNS).T
    item = np.fromiter((kind == "item" for kind in kinds), dtype=np.bool_, count=count)
    return _design(table, item)


def _count(cell: Ints, flags: Flags, cells: int) -> Ints:
    counts: Ints = np.bincount(cell[flags], minlength=cells)
    return counts


def _sum(cell: Ints, values: Ints, cells: int) -> Ints:
    sums = np.zeros(cells, dtype=np.int64)
    np.add.at(sums, cell, values)
    return sums


def _design(table: Ints, item: Flags) -> Design:
    cells = item.size
    cell, population, responses, n, answered = table[:5]
    covered, known = answered > 0, population >= 0
    inside = responses >= 0
    size = np.where(inside, responses, np.where(item[cell], answered, n))
    # all responses count: 61 responses of 60 dossiers are a fault even if 58 answered this item
    fault = known & (np.maximum(size, n) > population)
    missing = _count(cell, covered & ~known, cells)
    dossiers = _sum(cell, np.where(covered & known, population, 0), cells)
    weighted = (missing == 0) & (dossiers > 0)
    nothing_known = _count(cell, known, cells) == 0
    complete = (_count(cell, ~known & (n > 0), cells) == 0) & ~nothing_known
    everything = _sum(cell, np.where(known, population, 0), cells)
    domain = _count(cell, inside, cells) > 0
    weighs = weighted[cell]
    N = np.where(weighs, population, size).astype(np.float64)
    f = np.where(weighs & ~fault, np.divide(size, N, out=np.zeros_like(N), where=N > 0), 0.0)
    y, m, yy, ym, mm, s, ss, sm = table[5:].astype(np.float64)[:, covered]
    people = np.where(item[cell], answered, n)
    return Design(
        cell=cell[covered],
        size=size[covered].astype(np.float64),
        dossiers=N[covered],
        fraction=f[covered],
        people=people[covered].astype(np.float64),
        satisfied=Sums(y, m, yy, ym, mm),
        scored=Sums(s, 4 * m, ss, 4 * sm, 16 * mm),
        item=item,
        weighted=weighted,
        domain=domain,
        rows=_count(cell, covered, cells),
        strata=_count(cell, np.ones_like(covered), cells),
        faults=_count(cell, fault & (np.maximum(size, n) > 0), cells),
        gaps=np.where(nothing_known, 0, missing),
        responses=_sum(cell, n, cells),
        population=np.where(complete & ~domain, everything, _UNKNOWN),
        covered=np.where(weighted & ~domain, dossiers, _UNKNOWN),
    )
