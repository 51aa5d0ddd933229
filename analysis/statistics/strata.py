"""Strata of a cell, and how their answers were drawn: who is covered, which weight, which fraction.

Owns `Stratum` and `Design` (the strata of many cells as columns). Computes no share and no limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from operator import attrgetter
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.exact import Floats, Ints
from analysis.statistics.moments import Moments

MeasureKind: TypeAlias = Literal["item", "ratio"]
"""One yes/no item (at most one answer a person), or a ratio of satisfied answers to answers."""

Flags = NDArray[np.bool_]

_UNKNOWN = -1
_MOMENTS = attrgetter("n", "answered", "y", "m", "yy", "ym", "mm", "s", "ss", "sm")
_COLUMNS = 14
_PER_ROW = frozenset({"size", "dossiers", "fraction", "people", "heard", "respondents"})


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
    weight
        What the stratum weighs where no dossiers of its cell are known and every stratum of it
        has such a weight: months of a year that shall count alike. 0: its answers are pooled.
    """

    moments: Moments
    population: int | None
    responses: int | None = None
    weight: int = 0

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
    return (cell, known, size, *_MOMENTS(stratum.moments), stratum.weight)


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

    `size` is n_h, `dossiers` N_h and `fraction` f_h as used in the formulas: where a cell is not
    weighted, N_h = n_h (the stratum's own weight if it has one) and f_h = 0; f_h = 0 where there
    are more answers than dossiers. `people` are the respondents whose y and m are counted (a
    domain's own), `heard` the dossiers whose people answered (n_h, at most N_h), `respondents`
    people with an answer. Per cell: `above` the steps of the scale above 1; `rows` strata with
    answers, `empty` ones with dossiers only, `faults` with more answers than dossiers, `uncovered`
    answers left out as no dossier count covers them; `responses` answer sheets, `returned` dossiers
    with one; `population` and `covered` dossiers, -1 where unknown, as a domain's always are.
    """

    cell: Ints
    size: Floats
    dossiers: Floats
    fraction: Floats
    people: Floats
    heard: Floats
    respondents: Floats
    satisfied: Sums
    scored: Sums
    above: Floats
    item: Flags
    weighted: Flags
    domain: Flags
    rows: Ints
    empty: Ints
    faults: Ints
    uncovered: Ints
    responses: Ints
    returned: Ints
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


class _Rows:
    """All strata of all cells as columns, before those without answers are set aside."""

    def __init__(self, table: Ints, item: Flags) -> None:
        self.cell, self.population, self.responses, self.n, self.answered = table[:5]
        self.sums = table[5:-1].astype(np.float64)
        self.weight = table[-1]
        self.cells, single = item.size, item[self.cell]
        self.known, self.inside = self.population >= 0, self.responses >= 0
        self.weighted = self.sum(np.maximum(self.population, 0)) > 0
        self.counted = ~self.weighted[self.cell] | (self.population > 0)
        # a stratum whose people found nothing applicable still belongs to a ratio's design
        heard_of = (self.answered > 0) | ((self.n > 0) & ~single)
        answers = self.sum(np.where(self.counted, self.answered, 0))
        self.covered = self.counted & heard_of & (answers > 0)[self.cell]
        alike = self.sum(np.where(self.covered, self.weight, 0)) > 0
        self.alike = alike & ~self.weighted
        self.people = np.where(single, self.answered, self.n)
        self.size = np.where(self.inside, self.responses, self.people)
        # all responses count: 61 responses of 60 dossiers are a fault even if 58 answered this item
        heard = np.maximum(self.size, self.n)
        self.fault = (self.population > 0) & (heard > self.population)

    def count(self, flags: Flags) -> Ints:
        """Strata of each cell with the flag."""
        counts: Ints = np.bincount(self.cell[flags], minlength=self.cells)
        return counts

    def sum(self, values: Ints) -> Ints:
        """Exact sum over the strata of each cell."""
        sums = np.zeros(self.cells, dtype=np.int64)
        np.add.at(sums, self.cell, values)
        return sums


def draw(cells: Sequence[Sequence[Stratum]], kinds: Sequence[MeasureKind]) -> Design:
    """Columns of all strata of all cells, weighted by dossiers where any are known.

    Answers that no dossier count covers, or a count of 0, are left out of a weighted cell; where
    no dossiers of a cell are known, its answers are pooled with weight 1 and no correction, or its
    strata weigh what they are given (`Stratum.weight`).
    """
    return draw_table(table_of(cells), kinds)


def table_of(cells: Sequence[Sequence[Stratum]]) -> Ints:
    """Strata as columns: cell, N (-1 unknown), size (-1 the stratum's own), moments, weight."""
    rows = [_row(i, stratum) for i, strata in enumerate(cells) for stratum in strata]
    numbers = np.fromiter(chain.from_iterable(rows), np.int64, count=_COLUMNS * len(rows))
    return numbers.reshape(len(rows), _COLUMNS).T


def strata_of(table: Ints) -> list[Stratum]:
    """The strata of a table, in its order."""
    return [
        Stratum(
            Moments(*moments),
            None if population == _UNKNOWN else population,
            None if size == _UNKNOWN else size,
            weight,
        )
        for _, population, size, *moments, weight in table.T.tolist()
    ]


FIVE: Final = 5
"""The steps of a scale where nothing else is said."""


def draw_table(table: Ints, kinds: Sequence[MeasureKind], sizes: Sequence[int] = ()) -> Design:
    """`draw` for strata that are columns already (`table_of`), in any order.

    `sizes`: the steps of each cell's scale; five where left out.
    """
    item = np.fromiter((kind == "item" for kind in kinds), dtype=np.bool_, count=len(kinds))
    size = np.array(sizes or [FIVE] * len(kinds), dtype=np.float64)
    return _design(_Rows(table, item), item, size - 1)


def _design(rows: _Rows, item: Flags, above: Floats) -> Design:
    covered, weighted = rows.covered, rows.weighted
    domain = rows.count(rows.inside) > 0
    known = (rows.count(rows.known) > 0) & ~domain
    everything = rows.sum(np.where(rows.known, rows.population, 0))
    dossiers = rows.sum(np.where(covered & rows.known, rows.population, 0))
    N, fraction = _weighed(rows, weighted[rows.cell])
    heard = np.where(rows.population > 0, np.minimum(rows.people, rows.population), rows.people)
    y, m, yy, ym, mm, s, ss, sm = rows.sums[:, covered]
    most = above[rows.cell[covered]]
    return Design(
        cell=rows.cell[covered],
        size=rows.size[covered].astype(np.float64),
        dossiers=N[covered],
        fraction=fraction[covered],
        people=rows.people[covered].astype(np.float64),
        heard=heard[covered].astype(np.float64),
        respondents=rows.answered[covered].astype(np.float64),
        satisfied=Sums(y, m, yy, ym, mm),
        scored=Sums(s, most * m, ss, most * sm, most**2 * mm),
        above=above,
        item=item,
        weighted=weighted | rows.alike,
        domain=domain,
        rows=rows.count(covered),
        empty=rows.count(~covered & (rows.population > 0)),
        faults=rows.count(rows.fault),
        uncovered=rows.sum(np.where(rows.counted, 0, rows.n)),
        responses=rows.sum(np.where(rows.counted, rows.n, 0)),
        returned=rows.sum(np.where(rows.population > 0, np.minimum(rows.n, rows.population), 0)),
        population=np.where(known, everything, _UNKNOWN),
        covered=np.where(weighted & ~domain, dossiers, _UNKNOWN),
    )


def _weighed(rows: _Rows, weighs: Flags) -> tuple[Floats, Floats]:
    """N_h and f_h as the formulas use them."""
    plain = np.where(rows.alike[rows.cell], rows.weight, rows.size)
    N = np.where(weighs, rows.population, plain).astype(np.float64)
    corrected = weighs & ~rows.fault & (N > 0)
    return N, np.divide(rows.size, N, out=np.zeros_like(N), where=corrected)
