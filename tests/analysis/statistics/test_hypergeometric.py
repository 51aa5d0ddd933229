"""Tails and possible counts against exact fractions, enumeration and an independent summation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.exact import lower_tail, possible_counts, upper_tail


def counts(x: int, n: int, N: int, tail: float) -> tuple[int, int]:
    """Smallest and largest count of one survey."""
    low, high = possible_counts(x, n, N, tail)
    return int(low[0]), int(high[0])


def exact_tail(x: int, n: int, M: int, N: int) -> Fraction:
    ways = sum(math.comb(M, k) * math.comb(N - M, n - k) for k in range(max(x, 0), min(n, M) + 1))
    return Fraction(ways, math.comb(N, n))


@pytest.mark.parametrize("N", [1, 2, 3, 7, 16, 17, 33])
def test_every_tail_of_a_small_population_is_exact(N: int) -> None:
    cases = [(x, n, M) for n in range(N + 1) for M in range(N + 1) for x in range(-1, n + 2)]
    x, n, M = np.array(cases).T
    got = upper_tail(x, n, M, N)
    expected = np.array([float(exact_tail(*case, N)) for case in cases])
    assert got == pytest.approx(expected, rel=1e-13, abs=0)
    below = np.array([float(1 - exact_tail(x + 1, n, M, N)) for x, n, M in cases])
    assert lower_tail(x, n, M, N) == pytest.approx(below, rel=1e-13, abs=0)


@pytest.mark.parametrize("N", [1, 2, 5, 12, 19, 24])
@pytest.mark.parametrize("tail", [Fraction(1, 40), Fraction(1, 20), Fraction(1, 10)])
def test_limits_are_the_last_counts_not_rejected(N: int, tail: Fraction) -> None:
    for n in range(N + 1):
        for x in range(n + 1):
            possible = range(x, N - n + x + 1)
            above = [M for M in possible if exact_tail(x, n, M, N) > tail]
            below = [M for M in possible if 1 - exact_tail(x + 1, n, M, N) > tail]
            assert counts(x, n, N, float(tail)) == (above[0], below[-1])


def test_a_tail_equal_to_its_limit_rejects() -> None:
    # P(X >= 1 | M = 1) = n/N = 1/20 exactly, which floats may put on either side
    assert counts(1, 1, 20, 0.05)[0] == 2
    assert counts(1, 1, 20, 1 - 0.95)[0] == 2
    # P(X >= 2 | M = 3) = 3/66 for N = 12, n = 2
    assert counts(2, 2, 12, 3 / 66)[0] == 4


def summed_outwards(x: int, n: int, M: int, N: int) -> float:
    """P(X >= x) from ratios to the mode, both sides, no logarithm of a factorial anywhere."""
    mode = (n + 1) * (M + 1) // (N + 2)
    terms = {mode: 1.0}
    k, term = mode, 1.0
    while k < min(n, M) and term > 1e-40:
        term *= (M - k) * (n - k) / ((k + 1) * (N - M - n + k + 1))
        k += 1
        terms[k] = term
    k, term = mode, 1.0
    while k > max(0, n + M - N) and term > 1e-40:
        term *= k * (N - M - n + k) / ((M - k + 1) * (n - k + 1))
        k -= 1
        terms[k] = term
    return math.fsum(t for k, t in terms.items() if k >= x) / math.fsum(terms.values())


@pytest.mark.parametrize(
    ("x", "n", "M", "N"),
    [
        (90_200, 100_000, 900_000, 1_000_000),
        (89_950, 100_000, 900_000, 1_000_000),
        (930, 1_000, 92_000_000, 100_000_000),
        (4_700, 5_000, 9_300, 10_000),
        (499_000, 500_000, 998_100, 1_000_000),
    ],
)
def test_large_populations_keep_ten_digits(x: int, n: int, M: int, N: int) -> None:
    assert upper_tail(x, n, M, N)[0] == pytest.approx(summed_outwards(x, n, M, N), rel=1e-10)


def test_limits_of_a_province_are_where_the_tail_crosses() -> None:
    x, n, N = 90_000, 100_000, 1_000_000
    low, high = counts(x, n, N, 0.025)
    assert upper_tail(x, n, low, N)[0] > 0.025 >= upper_tail(x, n, low - 1, N)[0]
    assert lower_tail(x, n, high, N)[0] > 0.025 >= lower_tail(x, n, high + 1, N)[0]


surveys = st.integers(1, 3000).flatmap(
    lambda N: st.tuples(st.just(N), st.integers(0, N)).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), st.integers(0, pair[1]))
    )
)


@given(surveys, st.floats(0.001, 0.49))
@settings(max_examples=300, deadline=None)
def test_limits_hold_the_point_and_mirror_each_other(
    survey: tuple[int, int, int], tail: float
) -> None:
    N, n, x = survey
    low, high = counts(x, n, N, tail)
    assert x <= low <= high <= N - n + x
    assert n == 0 or low - 1 < x * N / n < high + 1
    assert counts(n - x, n, N, tail) == (N - high, N - low)
    if n == N:
        assert low == high == x


@given(surveys, st.floats(0.001, 0.3))
@settings(max_examples=200, deadline=None)
def test_more_satisfied_answers_never_lower_a_limit(
    survey: tuple[int, int, int], tail: float
) -> None:
    N, n, x = survey
    if x < n:
        lows, highs = possible_counts([x, x + 1], n, N, tail)
        assert lows[0] <= lows[1] and highs[0] <= highs[1]


def test_many_surveys_at_once_give_what_each_gives_alone() -> None:
    rng = np.random.default_rng(20261122)
    N = rng.integers(1, 4000, 20_000)
    n = rng.integers(0, N + 1)
    x = rng.binomial(n, 0.9)
    lows, highs = possible_counts(x, n, N, 0.025)
    for i in rng.integers(0, N.size, 200):
        assert (lows[i], highs[i]) == counts(x[i], n[i], N[i], 0.025)
