"""Exact elimination over whole numbers modulo a prime, and the lightest combinations of rows.

Owns the arithmetic of `audit`. Knows no answers and no documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.suppression.overlap import Counts, Flags

PRIME: Final = 2**31 - 1
"""Numbers modulo this prime stand for fractions: no rounding, and fast."""

_BATCH: Final = 200_000


@dataclass(frozen=True, slots=True)
class Unit:
    """Columns that belong together, and the people behind them."""

    columns: tuple[int, ...]
    people: int


def free_rows(matrix: Counts, first: int) -> Counts:
    """The combinations of rows that are zero in the `first` columns: a basis, elsewhere."""
    reduced, rank = eliminated(matrix, first)
    rest, more = eliminated(reduced[rank:, first:], matrix.shape[1] - first)
    return rest[:more]


def eliminated(matrix: Counts, columns: int) -> tuple[Counts, int]:
    """Rows in echelon form over these columns, and how many are independent there."""
    matrix, done = matrix % PRIME, 0
    for column in range(columns):
        pivots = np.flatnonzero(matrix[done:, column])
        if not pivots.size:
            continue
        matrix[[done, done + pivots[0]]] = matrix[[done + pivots[0], done]]
        matrix[done] = matrix[done] * pow(int(matrix[done, column]), -1, PRIME) % PRIME
        below = done + 1 + np.flatnonzero(matrix[done + 1 :, column])
        times = matrix[below, column][:, None]
        matrix[below] = (matrix[below] - times * matrix[done]) % PRIME
        done += 1
    return matrix, done


def components(rows: Counts) -> list[list[int]]:
    """Columns that hang together by the rows; zero columns are left out."""
    left = [set(np.flatnonzero(row).tolist()) for row in rows]
    found: list[set[int]] = []
    for columns in left:
        touching = [group for group in found if group & columns]
        found = [group for group in found if not group & columns]
        found.append(columns.union(*touching))
    return [sorted(group) for group in found if group]


def light_sets(rows: Counts, units: Sequence[Unit], limit: int) -> list[tuple[int, ...]]:
    """Sets of columns that some combination of the rows is not zero in, and zero elsewhere.

    Only the smallest ones, made of units with at most `limit` people together.
    """
    rows = rows[rows.any(axis=1)]
    rows = free_rows(rows, 0)
    sketch = _sketch(rows)
    found: list[set[int]] = []
    by_size: dict[int, list[tuple[int, ...]]] = {}
    for columns in _sets(units, limit):
        by_size.setdefault(len(columns), []).append(columns)
    for _, sets in sorted(by_size.items()):
        for start in range(0, len(sets), _BATCH):
            batch = np.array(sets[start : start + _BATCH], dtype=np.int64)
            for number in np.flatnonzero(_dependent(sketch, batch)).tolist():
                columns = tuple(batch[number].tolist())
                known = any(less.issubset(columns) for less in found)
                if not known and _isolates(rows, columns):
                    found.append(set(columns))
    return [tuple(sorted(columns)) for columns in found]


def _sets(units: Sequence[Unit], limit: int) -> Iterator[tuple[int, ...]]:
    """Columns of every choice of units that have at most `limit` people together."""
    seen: set[tuple[int, ...]] = set()
    ordered = sorted(units, key=lambda unit: unit.people)

    def more(start: int, columns: tuple[int, ...], people: int) -> Iterator[tuple[int, ...]]:
        for number in range(start, len(ordered)):
            unit = ordered[number]
            if people + unit.people > limit:
                return
            wider = tuple(sorted({*columns, *unit.columns}))
            if wider not in seen:
                seen.add(wider)
                yield wider
            yield from more(number + 1, wider, people + unit.people)

    yield from more(0, (), 0)


def _sketch(rows: Counts) -> Counts:
    """Per column a short vector: columns outside which a combination vanishes are dependent here.

    The vectors span what no row sees (the null space), mixed at random into few numbers.
    """
    reduced, rank = _fully(rows)
    pivots = [int(np.flatnonzero(row)[0]) for row in reduced[:rank]]
    rest = [column for column in range(rows.shape[1]) if column not in set(pivots)]
    space = np.zeros((rows.shape[1], len(rest)), dtype=np.int64)
    space[rest, range(len(rest))] = 1
    space[pivots] = -reduced[:rank][:, rest] % PRIME
    mixed = np.random.default_rng(1).integers(1, PRIME, (len(rest), 24))
    found = np.zeros((rows.shape[1], 24), dtype=np.int64)
    for place in range(len(rest)):
        found = (found + space[:, place : place + 1] * mixed[place]) % PRIME
    return found


def _fully(rows: Counts) -> tuple[Counts, int]:
    """Reduced echelon form: every pivot alone in its column."""
    matrix, rank = eliminated(rows, rows.shape[1])
    for number in reversed(range(rank)):
        pivot = int(np.flatnonzero(matrix[number])[0])
        times = matrix[:number, pivot][:, None]
        matrix[:number] = (matrix[:number] - times * matrix[number]) % PRIME
    return matrix, rank


def _dependent(sketch: Counts, sets: Counts) -> Flags:
    """Whether the vectors of each set of columns are linearly dependent."""
    size = sets.shape[1]
    if size > sketch.shape[1]:
        return np.ones(len(sets), dtype=np.bool_)
    matrix = sketch[sets]
    full = np.ones(len(sets), dtype=np.bool_)
    index = np.arange(len(sets))
    for row in range(size):
        pivot = (matrix[:, row] != 0).argmax(axis=1)
        value = matrix[index, row, pivot]
        full &= value != 0
        inverse = _inverse(value)
        for below in range(row + 1, size):
            times = matrix[index, below, pivot] * inverse % PRIME
            matrix[:, below] = (matrix[:, below] - times[:, None] * matrix[:, row]) % PRIME
    return ~full


def _inverse(values: Counts) -> Counts:
    """By Fermat: the power PRIME - 2."""
    result, base, power = np.ones_like(values), values.copy(), PRIME - 2
    while power:
        if power & 1:
            result = result * base % PRIME
        base, power = base * base % PRIME, power >> 1
    return result


def _isolates(rows: Counts, chosen: Sequence[int]) -> bool:
    """Whether some combination of independent rows is zero in all but the chosen columns."""
    others = [column for column in range(rows.shape[1]) if column not in set(chosen)]
    _, rank = eliminated(rows[:, others], len(others))
    return rank < len(rows)
