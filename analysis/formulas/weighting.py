"""The share under given weights: estimate, standard error, effective size, safeguarded interval.

Owns weighted estimation where weights are not simply N_h/n_h: raked answers, decimal weights.
The stratified estimate of the monthly verdict is in `estimates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.counting.moments import Moments
from analysis.formulas.hypergeometric import Floats
from analysis.formulas.intervals import beta_limits, check_level

_SWEEPS = 10
"""Rounds of the projection on two margins: as many as R's svyrecvar makes."""


@dataclass(frozen=True, slots=True)
class Group:
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
    groups: Sequence[Group], *, population: int | None = None, level: float = 0.95
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
    >>> from analysis.counting.moments import Moments
    >>> yes = Moments(n=30, answered=30, y=30, m=30, yy=30, ym=30, mm=30)
    >>> no = Moments(n=10, answered=10, y=0, m=10, yy=0, ym=0, mm=10)
    >>> found = weighted_ratio([Group(yes, 1.0), Group(no, 2.0)])
    >>> found.share, found.kish_n_eff
    (0.6, 35.714285714285715)
    """
    check_level(level)
    _check(groups, population)
    kept = [group for group in groups if group.moments.m and group.weight]
    if not kept:
        return _NOTHING
    return _Linearised(kept, population).weighted((1 - level) / 2)


def _check(groups: Sequence[Group], population: int | None) -> None:
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

    def __init__(self, groups: Sequence[Group], population: int | None) -> None:
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
