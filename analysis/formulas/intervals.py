"""Intervals of one share: exact without replacement, Clopper-Pearson, Wilson, and beta limits.

Owns the step from counts (or a share and its effective n) to limits. Strata and weights belong to
`ratios`; a limit says nothing about people who did not answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtri

from analysis.formulas.hypergeometric import Floats, possible_counts


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits of a share (0..1), of a difference (-1..1) or of a mean score (1..5)."""

    low: float
    high: float


def check_level(level: float) -> float:
    """`level` itself; ValueError unless 0 < level < 1."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; give a fraction between 0 and 1, for example 0.95")
    return level


def check_counts(satisfied: int, answered: int, population: int | None = None) -> None:
    """ValueError where the counts cannot come from one survey."""
    if answered < 0 or not 0 <= satisfied <= answered:
        raise ValueError(
            f"satisfied is {satisfied} of answered {answered}; give 0 <= satisfied <= answered"
        )
    if population is not None and population < answered:
        raise ValueError(
            f"answered is {answered} of population {population}; more answers than dossiers"
            " is a data error: correct the population or leave it out"
        )


def hypergeometric_limits(
    satisfied: ArrayLike, answered: ArrayLike, population: ArrayLike, tail: float
) -> tuple[Floats, Floats]:
    """Exact limits of the share M/N, each excluding `tail`; arrays, N >= n and N > 0.

    A limit is the last count that is not rejected (STATISTICS 3.1).
    """
    N = np.asarray(population, dtype=np.float64)
    smallest, largest = possible_counts(satisfied, answered, population, tail)
    return smallest / N, largest / N


def clopper_pearson_limits(
    satisfied: ArrayLike, answered: ArrayLike, tail: float
) -> tuple[Floats, Floats]:
    """Exact binomial limits, each excluding `tail`; arrays (Clopper & Pearson 1934)."""
    x = np.atleast_1d(np.asarray(satisfied, dtype=np.float64))
    misses = np.atleast_1d(np.asarray(answered, dtype=np.float64)) - x
    low = np.where(x > 0, betaincinv(np.maximum(x, 1), misses + 1, tail), 0.0)
    high = np.where(misses > 0, betaincinv(x + 1, np.maximum(misses, 1), 1 - tail), 1.0)
    return low, high


def beta_limits(share: Floats, n_eff: Floats, tail: float) -> tuple[Floats, Floats]:
    """Korn & Graubard (1998): Clopper-Pearson at n_eff answers of which n_eff*share satisfied.

    Infinite n_eff (a census) gives the point; nan gives nan.
    """
    known = np.isfinite(n_eff)
    n = np.where(known, n_eff, 0.0)
    counts = n * share + 1j * n * (1 - share)
    pairs, which = np.unique(counts, return_inverse=True)  # small cells are much alike
    yes, no = pairs.real, pairs.imag
    low = np.where(yes > 0, betaincinv(np.where(yes > 0, yes, 1.0), no + 1, tail), 0.0)
    high = np.where(no > 0, betaincinv(yes + 1, np.where(no > 0, no, 1.0), 1 - tail), 1.0)
    unknown = np.where(np.isinf(n_eff), share, np.nan)
    low, high = low[which].reshape(n.shape), high[which].reshape(n.shape)
    return np.where(known, low, unknown), np.where(known, high, unknown)


def wilson_limits(
    satisfied: ArrayLike, answered: ArrayLike, tail: float, *, continuity: bool = False
) -> tuple[Floats, Floats]:
    """Score limits, with Newcombe's continuity correction on demand (Newcombe 1998, 3 and 4).

    Kept to check Newcombe's published differences and for comparison; not used for a verdict.
    """
    x = np.atleast_1d(np.asarray(satisfied, dtype=np.float64))
    n = np.atleast_1d(np.asarray(answered, dtype=np.float64))
    p, z, c = x / n, -float(ndtri(tail)), float(continuity)
    centre, scale = 2 * n * p + z * z, 2 * (n + z * z)
    below = z * z + 4 * n * p * (1 - p) - c * (2 + 1 / n) + 4 * c * p
    above = z * z + 4 * n * p * (1 - p) + c * (2 - 1 / n) - 4 * c * p
    low = (centre - c - z * np.sqrt(np.maximum(below, 0))) / scale
    high = (centre + c + z * np.sqrt(np.maximum(above, 0))) / scale
    return np.where(x > 0, np.maximum(low, 0), 0.0), np.where(x < n, np.minimum(high, 1), 1.0)


def exact_interval(
    satisfied: int, answered: int, population: int | None = None, *, level: float = 0.95
) -> Interval:
    """Two-sided interval of one share: exact hypergeometric, or Clopper-Pearson without N.

    Parameters
    ----------
    satisfied, answered, population
        Satisfied answers, answers and dossiers (None where unknown).
    level
        Two-sided level; each limit excludes (1 - level) / 2.

    Returns
    -------
    Interval
        Fractions 0..1; 0..1 itself without answers, the point where everyone answered.

    Raises
    ------
    ValueError
        Impossible counts or level.

    References
    ----------
    Wright (1991), Exact confidence bounds when sampling from small finite universes.

    Examples
    --------
    >>> exact_interval(3, 10, 50)
    Interval(low=0.1, high=0.62)
    """
    return _exact(satisfied, answered, population, (1 - check_level(level)) / 2)


def one_sided_bounds(
    satisfied: int, answered: int, population: int | None = None, *, level: float = 0.95
) -> Interval:
    """The lower and the upper one-sided bound, each at `level`: the pair that decides a verdict.

    >>> one_sided_bounds(29, 29, 1000)
    Interval(low=0.904, high=1.0)
    """
    return _exact(satisfied, answered, population, 1 - check_level(level))


def _exact(x: int, n: int, N: int | None, tail: float) -> Interval:
    check_counts(x, n, N)
    if n == 0 or N == 0:
        return Interval(0.0, 1.0)
    low, high = (
        clopper_pearson_limits(x, n, tail) if N is None else hypergeometric_limits(x, n, N, tail)
    )
    return Interval(float(low[0]), float(high[0]))
