"""Exact limits of one share: hypergeometric, Clopper-Pearson, Wilson and beta, for many at once.

Owns tails of a count drawn without replacement, the step from counts (or a share and its effective
n) to limits, and thresholds as exact fractions, so that nine tenths of a count is never a rounding
question. Strata and weights are the business of `estimates`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, xlog1py

from analysis import arguments


def check_threshold(threshold: Decimal) -> Fraction:
    """The threshold as an exact fraction; ValueError for a float or outside 0..1."""
    if isinstance(threshold, float):
        raise ValueError(f"threshold is the float {threshold}; give Decimal('{threshold}')")
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; give a fraction 0..1, for example 0.90")
    return Fraction(threshold)


def required_count(threshold: Decimal, population: int) -> int:
    """Fewest satisfied dossiers of `population` that reach `threshold`: exact, never by floats.

    >>> required_count(Decimal("0.85"), 20), required_count(Decimal("0.9"), 57)
    (17, 52)
    """
    exact = check_threshold(threshold) * population
    return -(-exact.numerator // exact.denominator)


Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TIE = 1e-9
"""A tail equal to its limit up to this relative difference rejects the count."""

_SMALL = 16
_NEGLIGIBLE = 1e-17  # of the sum so far: below the last bit of a double
_CELLS = 1 << 16  # numbers held at once while summing a tail: they stay in the cache
_FIRST = 32  # terms of one tail at first, then ever more: most tails are short
_BLOCK = 1 << 13  # surveys searched at once, for the same reason


def _tabulated(k: int) -> float:
    return math.lgamma(k + 1) - (k * math.log(k) - k) if k else 0.0


_TABLE = np.array([_tabulated(k) for k in range(_SMALL)])


def _stirling_rest(k: Ints) -> Floats:
    """ln k! - (k ln k - k), to the last bits: a table below 16, Stirling's series above."""
    big = np.maximum(k, _SMALL).astype(np.float64)
    inverse = 1.0 / (big * big)
    series = 1 / 1260 - inverse * (1 / 1680 - inverse / 1188)
    series = (1 / 12 - inverse * (1 / 360 - inverse * series)) / big
    rest: Floats = np.where(
        k < _SMALL, _TABLE[np.minimum(k, _SMALL - 1)], 0.5 * np.log(2 * np.pi * big) + series
    )
    return rest


def _deviance(shift: Floats, expected: Floats) -> Floats:
    """O ln(O/E) - O + E with O = E + shift, without the cancellation near O = E."""
    t = np.divide(shift, expected, out=np.zeros_like(shift), where=expected > 0)
    t = np.maximum(t, -1.0)
    series = np.full_like(t, 1 / 90)
    for denominator in (72, 56, 42, 30, 20, 12, 6, 2):
        series = 1 / denominator - t * series
    plain = xlog1py(1.0 + t, t) - t
    scaled: Floats = expected * np.where(np.abs(t) < 0.03, t * t * series, plain)
    return scaled


def log_probability(x: Ints, n: Ints, M: Ints, N: Ints) -> Floats:
    """ln P(X = x), x possible, by the deviances of the 2 x 2 table.

    The four terms k ln k of the cells and margins are gathered into O ln(O/E) - O + E (Loader's
    saddle-point form), so the error stays near 1e-13 where N is a million: gammaln would lose
    1e-9, which is the size of the tie rule.
    """
    shift = (x * N - n * M) / N
    result = -_stirling_rest(N)
    for row, column, cell, sign in (
        (n, M, x, 1.0),
        (n, N - M, n - x, -1.0),
        (N - n, M, M - x, -1.0),
        (N - n, N - M, N - n - M + x, 1.0),
    ):
        expected = row.astype(np.float64) * column / N
        result -= _deviance(sign * shift, expected) + _stirling_rest(cell)
    for margin in (n, N - n, M, N - M):
        result += _stirling_rest(margin)
    return result


def _sum_upwards(x: Ints, n: Ints, M: Ints, N: Ints) -> Floats:
    """P(X >= x) for possible x above the mean, where the terms fall from the first one on."""
    total, term, k = np.ones(x.size), np.ones(x.size), x.copy()
    left, most = np.arange(x.size), _FIRST
    while left.size:
        width = min(max(_CELLS // left.size, 4), most)
        at = k[left, None] + np.arange(width)
        up = np.maximum(M[left, None] - at, 0) * np.maximum(n[left, None] - at, 0)
        down = (at + 1) * ((N - M - n)[left, None] + at + 1)
        terms = term[left, None] * np.cumprod(up / down, axis=1)
        total[left] += terms.sum(axis=1)
        term[left] = terms[:, -1]
        k[left] += width
        left, most = left[term[left] > _NEGLIGIBLE * total[left]], min(2 * most, 1024)
    probability: Floats = np.exp(log_probability(x, n, M, N)) * total
    return probability


def _counts(*arrays: ArrayLike) -> list[Ints]:
    return [np.atleast_1d(a).astype(np.int64) for a in np.broadcast_arrays(*arrays)]


def upper_tail(
    satisfied: ArrayLike, answered: ArrayLike, marked: ArrayLike, population: ArrayLike
) -> Floats:
    """P(X >= satisfied) for X satisfied among n answered of N dossiers, M of them satisfied.

    Arrays broadcast. The smaller side is summed, so a small tail keeps 12 digits. N up to 3e9.
    """
    x, n, M, N = _counts(satisfied, answered, marked, population)
    tail: Floats = (x <= np.maximum(0, n + M - N)).astype(np.float64)
    inner = np.flatnonzero((x > np.maximum(0, n + M - N)) & (x <= np.minimum(n, M)))
    if inner.size:
        x, n, M, N = x[inner], n[inner], M[inner], N[inner]
        above = x * N > n * M
        # P(X >= x) = 1 - P(at least n - x + 1 of the others)
        summed = _sum_upwards(np.where(above, x, n - x + 1), n, np.where(above, M, N - M), N)
        tail[inner] = np.where(above, summed, 1.0 - summed)
    return tail


def lower_tail(
    satisfied: ArrayLike, answered: ArrayLike, marked: ArrayLike, population: ArrayLike
) -> Floats:
    """P(X <= satisfied), by the same sum over those who are not satisfied."""
    x, n, M, N = _counts(satisfied, answered, marked, population)
    return upper_tail(n - x, n, N - M, N)


def _guess(x: Ints, n: Ints, N: Ints, limit: float) -> Ints:
    """Wise's approximation: binomial in n with p = (M - (x-1)/2) / (N - (n-1)/2)."""
    share = betaincinv(np.maximum(x, 1), n - x + 1, limit)
    guess: Ints = (share * (N - (n - 1) / 2) + (x - 1) / 2).astype(np.int64)
    return guess


def possible_counts(
    satisfied: ArrayLike, answered: ArrayLike, population: ArrayLike, tail: float
) -> tuple[Ints, Ints]:
    """Smallest M of x .. N-(n-x) with P(X >= x | M) > tail, and largest with P(X <= x | M) > tail.

    The first probability grows with M; the largest is N less the smallest of those who are not
    satisfied. From a good guess the search gallops, then bisects: three to five sums per survey
    and side, whatever N.
    """
    x, n, N = _counts(satisfied, answered, population)
    ends = _smallest(np.append(x, n - x), np.append(n, n), np.append(N, N), tail)
    return ends[: x.size], N - ends[x.size :]


def _smallest(x: Ints, n: Ints, N: Ints, tail: float) -> Ints:
    alike, first = _alike(x, n, N)
    x, n, N = x[first], n[first], N[first]
    found = np.empty(x.size, dtype=np.int64)
    for start in range(0, x.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = _search(x[part], n[part], N[part], tail)
    return found[alike]


def _alike(x: Ints, n: Ints, N: Ints) -> tuple[Ints, Ints]:
    """Surveys with the same counts have the same limits: number each kind, name its first.

    A country's communes share few counts; where one number cannot hold all three, none is shared.
    """
    most = int(n.max(initial=0)) + 1
    if x.size < 2 or (int(N.max()) + 1) * most * most >= 1 << 63:
        every = np.arange(x.size)
        return every, every
    _, first, alike = np.unique((N * most + n) * most + x, return_index=True, return_inverse=True)
    return alike, first


def _search(x: Ints, n: Ints, N: Ints, limit: float) -> Ints:
    low, high, step = x - 1, N - n + x, np.ones_like(x)
    probe = np.clip(_guess(x, n, N, limit), low + 1, np.maximum(high - 1, low + 1))
    left = np.flatnonzero(high - low > 1)
    while left.size:
        p = probe[left]
        accepted = upper_tail(x[left], n[left], p, N[left]) > limit * (1 + TIE)
        high[left] = np.where(accepted, p, high[left])
        low[left] = np.where(accepted, low[left], p)
        middle = (low[left] + high[left]) // 2
        near, far = p - step[left], p + step[left]
        probe[left] = np.where(accepted, np.maximum(middle, near), np.minimum(middle, far))
        probe[left] = np.clip(probe[left], low[left] + 1, high[left] - 1)
        step[left] *= 4
        left = left[high[left] - low[left] > 1]
    return high


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits of a share (0..1), of a difference (-1..1) or of a mean score (1..5)."""

    low: float
    high: float


def check_level(level: float) -> float:
    """`level` itself; Refusal unless 0 < level < 1."""
    arguments.level("level", level)
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
