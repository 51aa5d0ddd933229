"""Weights that make the answers add up to the dossiers, and the share under them.

Owns post-stratification, raking, their cost (Kish), and the weighted share with its safeguarded
interval. The stratified estimate of the verdicts is in `estimates`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import said
from analysis.statistics.exact import Floats, beta_limits, check_level
from analysis.statistics.moments import Moments
from questionnaires.bilingual import Told, joined


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


_SWEEPS = 10
"""Rounds of the projection on two margins: as many as R's svyrecvar makes."""


@dataclass(frozen=True, slots=True)
class WeightGroup:
    """Answers that share one weight, and the poststrata they fall into.

    `margins`: one label per margin, for example ("land", "kiosk") after raking over both; empty
    where the weights were not fitted to totals.
    """

    moments: Moments
    weight: float
    margins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weighted:
    """A share under weights. Fractions 0..1; None where it cannot be had.

    `n_eff` = share (1 - share) / se^2, as svyciprop uses it; `kish_n_eff` answers for the weights
    alone; `design_effect` = answers / n_eff. `low`, `high`: two-sided at the level asked.
    """

    n: int
    share: float | None
    se: float | None
    df: int
    n_eff: float | None
    kish_n_eff: float | None
    design_effect: float | None
    low: float | None
    high: float | None


_NOTHING = Weighted(0, None, None, 0, None, None, None, None, None)


def weighted_ratio(
    groups: Sequence[WeightGroup], *, population: int | None = None, level: float = 0.95
) -> Weighted:
    """The ratio of satisfied answers to answers under weights, with its linearised error.

    Parameters
    ----------
    groups
        Answers by weight; all must have the same number of margins.
    population
        Dossiers, for the finite-population correction of one simple random sample; None: none.
    level
        Two-sided, 0 < level < 1.

    Returns
    -------
    Weighted
        `se` equals svymean or svyratio under svydesign(ids=~1), postStratify() or rake(). The
        interval is KG-S with the weights in place of N_h/n_h.

    Raises
    ------
    ValueError
        Fewer dossiers than answers, a negative weight, or groups of unequal margins.

    Examples
    --------
    >>> from analysis.statistics.moments import Moments
    >>> yes = Moments(n=30, answered=30, y=30, m=30, yy=30, ym=30, mm=30)
    >>> no = Moments(n=10, answered=10, y=0, m=10, yy=0, ym=0, mm=10)
    >>> found = weighted_ratio([WeightGroup(yes, 1.0), WeightGroup(no, 2.0)])
    >>> found.share, found.kish_n_eff
    (0.6, 35.714285714285715)
    """
    check_level(level)
    _check(groups, population)
    kept = [group for group in groups if group.moments.m and group.weight]
    if not kept:
        return _NOTHING
    return _Linearised(kept, population).weighted((1 - level) / 2)


def _check(groups: Sequence[WeightGroup], population: int | None) -> None:
    if any(group.weight < 0 for group in groups):
        raise ValueError("a weight is negative; give 0 or more")
    if len({len(group.margins) for group in groups}) > 1:
        raise ValueError("groups differ in their number of margins; give each one label a margin")
    n = sum(group.moments.n for group in groups)
    if population is not None and population < n:
        raise ValueError(
            f"population is {population} for {n} responses; correct it or leave it out"
        )


class _Linearised:
    """Sums over the groups, on the way to the variance."""

    def __init__(self, groups: Sequence[WeightGroup], population: int | None) -> None:
        columns = [
            [getattr(group.moments, name) for group in groups]
            for name in ("n", "y", "m", "yy", "ym", "mm")
        ]
        self.n, y, self.m, yy, ym, mm = np.array(columns, dtype=np.float64)
        self.w = np.array([group.weight for group in groups], dtype=np.float64)
        self.people = float(self.n.sum())
        self.open = 1 - self.people / population if population else 1.0
        self.whole = float((self.w * self.m).sum())
        self.share = float((self.w * y).sum()) / self.whole
        self.off = y - self.share * self.m
        self.squares = np.maximum(yy - 2 * self.share * ym + self.share**2 * mm, 0)
        self.fit = self._projected([group.margins for group in groups])

    def _projected(self, labels: list[tuple[str, ...]]) -> Floats:
        """What the margins explain of the residual, by repeated unweighted means as R does."""
        fit = np.zeros(self.n.size)
        codes = [np.unique(margin, return_inverse=True)[1] for margin in zip(*labels, strict=True)]
        for _ in range(_SWEEPS if len(codes) > 1 else 1):
            for code in codes:
                left = np.bincount(code, weights=self.off - self.n * fit)
                fit = fit + (left / np.bincount(code, weights=self.n))[code]
        return fit

    def _variance(self) -> float:
        """(1-f) n/(n-1) sum (z - mean z)^2 with z = w (e - fit) / sum(w m)."""
        sums = self.w * (self.off - self.n * self.fit)
        squares = self.squares - 2 * self.fit * self.off + self.n * self.fit**2
        spread = float((self.w**2 * squares).sum() - sums.sum() ** 2 / self.people)
        return self.open * self.people / (self.people - 1) * max(spread, 0.0) / self.whole**2

    def _safeguarded(self, variance: float) -> float:
        """KG-S: never more than the answers given, never certain because all agree."""
        lever = self.open * float((self.w**2 * self.n).sum()) / self.whole**2
        items = float(self.m.sum()) / self.people
        pooled = lever * (float(self.squares.sum()) + items**2 / 2) / self.people
        cap = self.whole**2 / (self.open * float((self.w**2 * self.m).sum()))
        shrunk = (self.share * self.people + 0.5) / (self.people + 1)
        return min(shrunk * (1 - shrunk) / max(variance, pooled), cap)

    def weighted(self, tail: float) -> Weighted:
        """All figures."""
        variance = self._variance() if self.people > 1 else 0.0
        known = self.people > 1 or not self.open
        n_eff = self._safeguarded(variance) if self.open else np.inf
        low, high = beta_limits(np.array([self.share]), np.array([n_eff]), tail)
        simple = self.share * (1 - self.share) / variance if variance else None
        return Weighted(
            n=int(self.people),
            share=self.share,
            se=float(np.sqrt(variance)) if known else None,
            df=int(self.people) - 1,
            n_eff=simple,
            kish_n_eff=float((self.w * self.n).sum() ** 2 / (self.w**2 * self.n).sum()),
            design_effect=float(self.m.sum()) / simple if simple else None,
            low=float(low[0]),
            high=float(high[0]),
        )
