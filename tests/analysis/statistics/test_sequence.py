"""Daily looks: safe at every look at once, the point at the end, and what a drift does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from analysis.statistics.exact import possible_counts
from analysis.statistics.sequential import confidence_sequence, sequence_counts


def kept_by_definition(x: int, n: int, N: int, a: float, b: float, alpha: float) -> list[int]:
    """Posterior / prior > alpha, the two beta-binomials written out."""
    M = np.arange(x, N - n + x + 1)
    prior = betabinom.pmf(M, N, a, b)
    posterior = betabinom.pmf(M - x, N - n, a + x, b + n - x)
    return M[posterior > alpha * prior * (1 + 1e-9)].tolist()


@pytest.mark.parametrize("prior", [(1.0, 1.0), (9.0, 1.0), (0.5, 0.5)])
@pytest.mark.parametrize("N", [1, 7, 30, 111])
def test_kept_counts_are_those_of_the_definition(N: int, prior: tuple[float, float]) -> None:
    looks = [(x, n) for n in range(0, N + 1, max(1, N // 9)) for x in range(0, n + 1, 3)]
    x, n = np.array(looks).T
    low, high = sequence_counts(x, n, N, alpha=0.05, prior=prior)
    for i, (satisfied, answered) in enumerate(looks):
        kept = kept_by_definition(satisfied, answered, N, *prior, 0.05)
        assert kept == list(range(low[i], high[i] + 1))


def test_looking_300_times_is_wrong_in_few_surveys_where_the_exact_interval_is_in_many() -> None:
    rng = np.random.default_rng(20261122)
    N, satisfied, surveys = 1000, 900, 200
    people = np.repeat([1, 0], [satisfied, N - satisfied])
    x = np.cumsum([rng.permutation(people)[:300] for _ in range(surveys)], axis=1)
    n = np.broadcast_to(np.arange(1, 301), x.shape)

    def wrong(limits: tuple[np.ndarray, np.ndarray]) -> float:
        low, high = (limit.reshape(x.shape) for limit in limits)
        return float(((low > satisfied) | (high < satisfied)).any(axis=1).mean())

    flat = (x.ravel(), n.ravel(), N)
    assert wrong(sequence_counts(*flat)) <= 0.05
    assert 0.2 <= wrong(possible_counts(*flat, 0.025)) <= 0.35


def test_everyone_answered_is_the_point_and_nobody_is_everything() -> None:
    first, last = confidence_sequence([(0, 0), (17, 20)], 20)
    assert (first.low, first.high) == (0.0, 1.0)
    assert last.low == last.high == last.running_low == last.running_high == 17 / 20
    assert confidence_sequence([], 20) == []
    (empty,) = confidence_sequence([(0, 0)], 0)
    assert (empty.low, empty.high) == (0.0, 1.0)


def test_running_limits_only_narrow_until_the_looks_contradict_each_other() -> None:
    steady = confidence_sequence([(9, 10), (17, 20), (44, 50)], 200)
    assert not any(look.changed for look in steady)
    lows, highs = [k.running_low for k in steady], [k.running_high for k in steady]
    assert lows == sorted(lows) and highs == sorted(highs, reverse=True)
    drifted = confidence_sequence([(100, 100), (100, 400)], None)
    assert [look.changed for look in drifted] == [False, True]
    assert (drifted[1].running_low, drifted[1].running_high) == (drifted[1].low, drifted[1].high)


def test_a_vast_population_is_as_good_as_unknown() -> None:
    known = confidence_sequence([(9, 10), (44, 50)], 10**8)
    unknown = confidence_sequence([(9, 10), (44, 50)])
    for a, b in zip(known, unknown, strict=True):
        assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=1e-5)
    (all_satisfied,) = confidence_sequence([(10, 10)])
    assert all_satisfied.high == 1.0
    # p^10 = alpha * Beta(11, 1)/Beta(1, 1) = 0.05 / 11
    assert all_satisfied.low == pytest.approx((0.05 / 11) ** 0.1)


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ([(5, 4)], "satisfied is 5"),
        ([(5, 30)], "more answers than dossiers"),
        ([(5, 6), (4, 7)], "give the counts so far"),
        ([(5, 6), (6, 6)], "give the counts so far"),
    ],
)
def test_counts_that_shrink_are_refused(looks: list[tuple[int, int]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        confidence_sequence(looks, 20)


def test_a_prior_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="prior is"):
        confidence_sequence([(1, 1)], 20, prior=(0, 1))
