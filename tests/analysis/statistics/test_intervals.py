"""Intervals of one share: edges, errors, and coverage by complete enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.exact import (
    Interval,
    beta_limits,
    clopper_pearson_limits,
    exact_interval,
    hypergeometric_limits,
    log_probability,
    one_sided_bounds,
)


def test_without_answers_everything_is_possible() -> None:
    assert exact_interval(0, 0, 40) == exact_interval(0, 0) == Interval(0.0, 1.0)
    assert exact_interval(0, 0, 0) == Interval(0.0, 1.0)


def test_a_census_is_the_figure_itself() -> None:
    assert exact_interval(37, 41, 41) == Interval(37 / 41, 37 / 41)


def test_the_rule_of_three() -> None:
    # 1 - 0.05^(1/n), by hand for n = 59
    assert one_sided_bounds(59, 59).low == pytest.approx(0.05 ** (1 / 59), rel=1e-12)
    assert one_sided_bounds(0, 59).high == pytest.approx(1 - 0.05 ** (1 / 59), rel=1e-12)


def test_a_vast_population_is_as_good_as_unknown() -> None:
    known, unknown = exact_interval(37, 41, 10**9), exact_interval(37, 41)
    assert known.low == pytest.approx(unknown.low, abs=1e-6)
    assert known.high == pytest.approx(unknown.high, abs=1e-6)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((5, 4, 10), "satisfied is 5 of answered 4"),
        ((-1, 4, 10), "satisfied is -1"),
        ((4, 11, 10), "more answers than dossiers"),
    ],
)
def test_impossible_counts_are_named(counts: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        exact_interval(*counts)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.1])
def test_a_level_is_a_fraction(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        exact_interval(1, 2, level=level)


def coverage(N: int, n: int, tail: float) -> np.ndarray:
    """Probability of holding M/N, for every M, by adding up every possible sample."""
    x = np.arange(n + 1)
    low, high = hypergeometric_limits(x, n, N, tail)
    covered = []
    for M in range(N + 1):
        possible = x[(x >= n + M - N) & (x <= min(n, M))]
        chances = np.exp(log_probability(possible, *(np.full_like(possible, v) for v in (n, M, N))))
        held = (low[possible] <= M / N + 1e-12) & (high[possible] >= M / N - 1e-12)
        covered.append(chances[held].sum())
        assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    return np.array(covered)


@pytest.mark.parametrize("N", [5, 11, 20, 37])
def test_exact_intervals_cover_at_least_95_percent_of_all_samples(N: int) -> None:
    for n in range(1, N + 1):
        assert coverage(N, n, 0.025).min() >= 0.95 - 1e-9


@given(st.integers(1, 400), st.data())
@settings(max_examples=150, deadline=None)
def test_intervals_nest_as_the_level_grows(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    N = data.draw(st.integers(n, 2000))
    narrow, wide = exact_interval(x, n, N, level=0.8), exact_interval(x, n, N, level=0.99)
    assert wide.low <= narrow.low <= narrow.high <= wide.high
    below, above = x * N // n, -(-x * N // n)  # the share may lie between two whole counts
    assert narrow.low <= above / N
    assert below / N <= narrow.high
    assert narrow.low <= x / n + 1 / N
    assert x / n - 1 / N <= narrow.high


@given(st.integers(1, 400), st.data())
@settings(max_examples=150, deadline=None)
def test_a_known_population_never_widens_by_more_than_a_dossier(
    n: int, data: st.DataObject
) -> None:
    x = data.draw(st.integers(0, n))
    N = data.draw(st.integers(n, 2000))
    known, unknown = exact_interval(x, n, N), exact_interval(x, n)
    assert known.low >= unknown.low - 1 / N
    assert known.high <= unknown.high + 1 / N


def test_beta_limits_at_whole_numbers_are_clopper_pearson() -> None:
    x, n = np.array([0, 3, 9, 10]), np.full(4, 10)
    low, high = clopper_pearson_limits(x, n, 0.025)
    got_low, got_high = beta_limits(x / n, n.astype(float), 0.025)
    assert got_low == pytest.approx(low, abs=1e-12)
    assert got_high == pytest.approx(high, abs=1e-12)


def test_beta_limits_of_a_census_and_of_nothing() -> None:
    low, high = beta_limits(np.array([0.7, np.nan]), np.array([np.inf, np.nan]), 0.025)
    assert low[0] == high[0] == 0.7
    assert np.isnan(low[1]) and np.isnan(high[1])
