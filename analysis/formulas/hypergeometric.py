"""Hypergeometric tails and the counts they leave possible, for arrays of surveys at once.

Owns the probability of a count in a sample drawn without replacement. Knows no share, level or
target; must not be used with weights.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, xlog1py

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
