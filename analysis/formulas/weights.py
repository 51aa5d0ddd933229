"""Weights that make the answers add up to the dossiers: post-stratification and raking.

Owns the weights and their cost (Kish). What is estimated with them is in `weighting`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.formulas.hypergeometric import Floats
from analysis.problems import said
from questionnaires.told import Told, joined


class MarginError(ValueError):
    """The answers cannot be weighted to the totals; `problems` names every reason."""

    def __init__(self, problems: Sequence[Told]) -> None:
        super().__init__(joined(problems, "; "))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Raked:
    """Weights of the cells of a two-way table and how they were reached.

    `weights[row][column]` is 0 where nobody answered. `gap`: largest difference left between a
    weighted margin and its total, in dossiers.
    """

    weights: tuple[tuple[float, ...], ...]
    rounds: int
    gap: float


def kish_size(weights: ArrayLike) -> float:
    """Effective number of answers under unequal weights, (sum w)^2 / sum w^2 (Kish 1965).

    >>> kish_size([1, 1, 1, 1]), kish_size([3, 1])
    (4.0, 1.6)
    """
    w = np.asarray(weights, dtype=np.float64)
    if w.size == 0 or not np.isfinite(w).all() or (w < 0).any() or w.sum() == 0:
        raise ValueError("weights must be finite numbers, 0 or more, not all 0")
    return float(w.sum() ** 2 / (w**2).sum())


def kish_effect(weights: ArrayLike) -> float:
    """Design effect of unequal weights, number of answers / `kish_size`; 1 where all are alike."""
    return float(np.asarray(weights).size / kish_size(weights))


def poststratify(answers: Mapping[str, int], dossiers: Mapping[str, int]) -> dict[str, float]:
    """One weight per group, dossiers / answers.

    Parameters
    ----------
    answers, dossiers
        Counts by group (sector, way of filing).

    Returns
    -------
    dict
        Weight by group, in the order of `dossiers`; groups without dossiers are left out.

    Raises
    ------
    MarginError
        A group with dossiers and no answers, or with answers and no dossiers: all are named.

    Examples
    --------
    >>> poststratify({"land": 20, "construction": 10}, {"land": 310, "construction": 180})
    {'land': 15.5, 'construction': 18.0}
    """
    problems = _margin_problems(said("weights.group"), answers, dossiers)
    if problems:
        raise MarginError(problems)
    return {group: N / answers[group] for group, N in dossiers.items() if N}


def _margin_problems(
    noun: Told, answers: Mapping[str, int], dossiers: Mapping[str, int]
) -> list[Told]:
    problems = [
        said("weights.negative", noun=noun, name=name, total=total)
        for name, total in dossiers.items()
        if total < 0
    ]
    problems += [
        said("weights.no_answers", noun=noun, name=name, total=total)
        for name, total in dossiers.items()
        if total > 0 and not answers.get(name)
    ]
    return problems + [
        said("weights.no_dossiers", noun=noun, name=name, count=count)
        for name, count in answers.items()
        if count and not dossiers.get(name)
    ]


def rake(
    answers: Mapping[tuple[str, str], int],
    rows: Mapping[str, int],
    columns: Mapping[str, int],
    *,
    rounds: int = 1000,
    tolerance: float = 1e-10,
) -> Raked:
    """Weights by cell that meet both margins at once (iterative proportional fitting).

    Parameters
    ----------
    answers
        Counts by (row, column), for example (sector, channel) or (sector, way of filing).
    rows, columns
        Dossiers of each row and column; both add up to the same total.
    rounds, tolerance
        It stops when every margin is met up to `tolerance` of all dossiers.

    Returns
    -------
    Raked
        Weights in the order of `rows` and `columns`.

    Raises
    ------
    MarginError
        Totals that disagree, a margin without answers, answers without dossiers, or a pattern of
        empty cells under which the margins cannot be met; every problem is named.

    References
    ----------
    Deming & Stephan (1940); Kalton & Flores-Cervantes (2003), J. Official Statistics 19:81.

    Examples
    --------
    >>> counts = {("land", "poster"): 10, ("land", "kiosk"): 10, ("tax", "poster"): 10}
    >>> rake(counts, {"land": 60, "tax": 40}, {"poster": 70, "kiosk": 30}).weights
    ((3.0, 3.0), (4.0, 0.0))
    """
    counts = _table(answers, rows, columns)
    problems = _table_problems(answers, rows, columns)
    if problems:
        raise MarginError(problems)
    row_totals, column_totals = _totals(rows), _totals(columns)
    fitted, limit = counts.copy(), tolerance * row_totals.sum()
    gap = np.inf
    for done in range(1, rounds + 1):
        fitted *= _factors(row_totals, fitted.sum(axis=1))[:, None]
        fitted *= _factors(column_totals, fitted.sum(axis=0))
        gap = float(np.abs(fitted.sum(axis=1) - row_totals).max())
        if gap <= limit:
            return _raked(fitted, counts, done, gap)
    worst = list(rows)[int(np.abs(fitted.sum(axis=1) - row_totals).argmax())]
    raise MarginError([said("weights.unmet", name=worst, gap=f"{gap:.3g}", rounds=rounds)])


def _totals(margin: Mapping[str, int]) -> Floats:
    return np.array(list(margin.values()), dtype=np.float64)


def _factors(wanted: Floats, found: Floats) -> Floats:
    return np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)


def _table(
    answers: Mapping[tuple[str, str], int], rows: Mapping[str, int], columns: Mapping[str, int]
) -> Floats:
    return np.array([[answers.get((r, c), 0) for c in columns] for r in rows], dtype=np.float64)


def _table_problems(
    answers: Mapping[tuple[str, str], int], rows: Mapping[str, int], columns: Mapping[str, int]
) -> list[Told]:
    by_row: dict[str, int] = {}
    by_column: dict[str, int] = {}
    for (row, column), count in answers.items():
        by_row[row] = by_row.get(row, 0) + count
        by_column[column] = by_column.get(column, 0) + count
    problems = _margin_problems(said("weights.row"), by_row, rows)
    problems += _margin_problems(said("weights.column"), by_column, columns)
    row_total, column_total = sum(rows.values()), sum(columns.values())
    if row_total != column_total:
        problems.append(said("weights.sums", rows=row_total, columns=column_total))
    if not row_total and not problems:
        problems.append(said("weights.no_totals"))
    return problems


def _raked(fitted: Floats, counts: Floats, rounds: int, gap: float) -> Raked:
    weights = np.divide(fitted, counts, out=np.zeros_like(counts), where=counts > 0)
    return Raked(tuple(tuple(row) for row in weights.tolist()), rounds, gap)
