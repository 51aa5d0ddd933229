"""Met, missed or not proven: exact arithmetic, the promised error rates, what would settle it."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.estimates import estimate
from analysis.statistics.exact import log_probability, required_count
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.strata import Stratum
from analysis.statistics.verdicts import Verdict, judge, judge_many

TENTHS = Decimal("0.9")


def item(x: int, n: int, N: int | None, responses: int | None = None) -> Stratum:
    return Stratum(Moments(n, n, x, n, x, x, n), N, responses)


def index(N: int | None, *answers: tuple[int, int]) -> Stratum:
    y, m = np.array(answers).T
    sums = [y.sum(), m.sum(), y @ y, y @ m, m @ m]
    return Stratum(Moments(len(y), int((m > 0).sum()), *(int(s) for s in sums)), N)


def verdict(x: int, n: int, N: int | None, threshold: Decimal = TENTHS) -> Verdict:
    return judge([item(x, n, N)], threshold)


def test_nine_tenths_of_a_count_is_never_a_rounding_question() -> None:
    assert required_count(Decimal("0.9"), 30) == 27
    assert required_count(Decimal("0.85"), 20) == 17
    assert required_count(Decimal("0.855"), 1000) == 855
    assert required_count(Decimal("1") / 3, 3) == 1
    for N in range(2000):
        assert required_count(Decimal("0.95"), N) == math.ceil(Fraction(19, 20) * N)


def test_a_float_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"give Decimal\('0.9'\)"):
        judge([], 0.9)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="threshold is 90"):
        judge([], Decimal("90"))


def test_exactly_the_target_is_met() -> None:
    for N in (10, 20, 60, 200):
        x = required_count(TENTHS, N)
        assert (verdict(x, N, N).evidence, verdict(x, N, N).point) == ("met", "met")
        assert (verdict(x - 1, N, N).evidence, verdict(x - 1, N, N).point) == ("missed", "not_met")
    # 27/30 as a float product would be 0.8999...
    assert verdict(27, 30, None).point == "met"
    assert judge([item(27, 30, 300), item(9, 10, 70)], TENTHS).point == "met"


def test_exactly_the_target_over_sectors_is_decided_in_fractions() -> None:
    # 1/3 * 30 + 3/3 * 60 of 90 dossiers: 70/90 without a finite binary form
    strata = [item(1, 3, 30), item(3, 3, 60)]
    assert judge(strata, Decimal("0.7777777777777777")).point == "met"
    assert judge(strata, Decimal("0.7777777777777778")).point == "not_met"
    full = [item(10, 30, 30), item(60, 60, 60)]
    assert judge(full, Decimal("0.7777777777777778")).evidence == "missed"
    assert judge(full, Decimal("0.7777777777777777")).evidence == "met"


def test_nobody_answered() -> None:
    for strata in ([], [Stratum(ZERO, 40)]):
        found = judge(strata, TENTHS)
        assert (found.point, found.evidence, found.share) == ("none", "none", None)
        assert found.responses_needed is found.lower is found.p_met is found.note is None


def test_the_verdict_follows_the_limits_that_the_row_prints() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        n = int(rng.integers(1, 80))
        N = int(n + rng.integers(0, 400))
        strata = [item(int(rng.binomial(n, 0.9)), n, N)]
        row, found = estimate(strata), judge(strata, TENTHS)
        assert (found.lower, found.upper, found.share) == (row.lower, row.upper, row.share)
        required = required_count(TENTHS, N)
        assert row.lower is not None and row.upper is not None
        low, high = round(row.lower * N), round(row.upper * N)
        expected = "met" if low >= required else "missed" if high < required else "not_proven"
        assert found.evidence == expected


@pytest.mark.parametrize("threshold", ["0.85", "0.90", "0.95"])
@pytest.mark.parametrize(("N", "n"), [(20, 5), (20, 15), (37, 10), (60, 15), (60, 40), (200, 40)])
def test_a_false_verdict_comes_at_most_five_times_in_a_hundred(
    threshold: str, N: int, n: int
) -> None:
    """Every sample of every population is added up."""
    x = np.arange(n + 1)
    target = Decimal(threshold)
    found = judge_many([[item(int(k), n, N)] for k in x], [target] * x.size, "item")
    evidence = np.array([v.evidence for v in found])
    required = required_count(target, N)
    for M in range(N + 1):
        possible = x[(x >= n + M - N) & (x <= min(n, M))]
        sizes = (np.full_like(possible, size) for size in (n, M, N))
        chances = np.exp(log_probability(possible, *sizes))
        wrong = "met" if required > M else "missed"
        assert chances[evidence[possible] == wrong].sum() <= 0.05 + 1e-9


def test_a_census_decides_whatever_the_method() -> None:
    assert judge([index(3, (5, 5), (4, 5), (5, 5))], TENTHS, kind="ratio").evidence == "met"
    found = judge([index(3, (5, 5), (3, 5), (5, 5))], TENTHS, kind="ratio")
    assert (found.evidence, found.p_met, found.p_missed) == ("missed", 1.0, 0.0)
    assert found.responses_needed == 0


def test_more_answers_than_dossiers_is_said_in_the_verdict_too() -> None:
    found = verdict(60, 61, 60)
    assert found.note is not None and "nhiều hơn số hồ sơ" in found.note
    assert found.required is None


def test_thresholds_at_the_ends() -> None:
    assert verdict(0, 5, 20, Decimal(0)).evidence == "met"
    assert verdict(4, 5, 20, Decimal(1)).evidence == "missed"
    assert verdict(5, 5, 20, Decimal(1)).evidence == "not_proven"
    assert verdict(5, 5, 20, Decimal(1)).responses_needed == 14  # 19 of 20 leave one in 20
    assert verdict(5, 5, None, Decimal(1)).responses_needed is None
    assert verdict(0, 5, None, Decimal(0)).evidence == "met"


def brute_needed(x: int, n: int, N: int, threshold: Decimal) -> int:
    """The first sample size that proves the share's own side; all of N always decide.

    Those against are rounded up, so that rounding itself proves nothing.
    """
    leans_met = Fraction(x, n) >= Fraction(threshold)
    against, proof = (n - x, "met") if leans_met else (x, "missed")
    for more in range(N - n + 1):
        size = n + more
        due = -(-size * against // n)
        satisfied = size - due if leans_met else due
        if size == N or verdict(satisfied, size, N, threshold).evidence == proof:
            return more
    raise AssertionError("a census decides")


@pytest.mark.parametrize("threshold", ["0.85", "0.90", "0.95"])
def test_responses_needed_is_the_first_number_that_decides(threshold: str) -> None:
    rng = np.random.default_rng(11)
    for _ in range(25):
        N = int(rng.integers(5, 90))
        n = int(rng.integers(1, N + 1))
        x = int(rng.binomial(n, 0.9))
        found = verdict(x, n, N, Decimal(threshold))
        decided = found.evidence != "not_proven"
        expected = 0 if decided else brute_needed(x, n, N, Decimal(threshold))
        assert found.responses_needed == expected, (x, n, N)


def test_responses_needed_without_dossiers_decides_there_and_not_one_before() -> None:
    found = verdict(95, 100, None)
    assert found.evidence == "not_proven"
    needed = found.responses_needed
    assert needed is not None and needed > 0

    def then(more: int) -> str:
        size = 100 + more
        return verdict(size - math.ceil(size * 5 / 100), size, None).evidence

    assert then(needed) == "met"
    assert "met" not in {then(more) for more in range(needed)}


def test_a_share_on_the_target_is_never_settled_unless_everybody_can_be_asked() -> None:
    found = verdict(9, 10, None)
    assert found.responses_needed is None
    assert found.note is not None and "không số phiếu nào" in found.note
    assert verdict(9, 10, 200).responses_needed == 190
    assert judge([item(9, 10, 20), item(9, 10, 30)], TENTHS).responses_needed == 30
    endless = [index(None, *[(9, 10)] * 20)]
    assert judge(endless, TENTHS, kind="ratio").responses_needed is None


def grown(stratum: Stratum, times: int) -> Stratum:
    a = stratum.moments
    names = ("n", "answered", "y", "m", "yy", "ym", "mm", "s", "ss", "sm")
    return Stratum(Moments(*(times * getattr(a, name) for name in names)), stratum.population)


def test_responses_needed_for_an_index_decides_when_the_answers_repeat_themselves() -> None:
    rng = np.random.default_rng(5)
    y = rng.permutation([5] * 13 + [4, 4, 3])
    start = index(5000, *[(int(k), 5) for k in y])
    found = judge([start], TENTHS, kind="ratio")
    assert (found.evidence, found.point) == ("not_proven", "met")
    needed = found.responses_needed
    assert needed is not None
    times = 1 + needed / 16
    assert judge([grown(start, math.ceil(times))], TENTHS, kind="ratio").evidence == "met"
    assert judge([grown(start, math.floor(times))], TENTHS, kind="ratio").evidence == "not_proven"


def test_responses_needed_of_a_total_stops_where_everyone_answered() -> None:
    found = judge([item(18, 20, 22), item(9, 10, 12)], Decimal("0.899"))
    assert found.evidence == "not_proven"
    assert found.responses_needed is not None and 0 < found.responses_needed <= 4


def test_a_province_is_judged_in_milliseconds() -> None:
    found = verdict(90_000, 100_000, 1_000_000, Decimal("0.899"))
    assert (found.evidence, found.required) == ("not_proven", 899_000)
    assert found.responses_needed is not None and 50_000 < found.responses_needed < 200_000


@given(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(0, 2000),
    st.sampled_from(["0.5", "0.85", "0.9", "0.95", "1"]),
)
@settings(max_examples=150, deadline=None)
def test_p_values_and_verdict_agree(counts: tuple[int, int], more: int, threshold: str) -> None:
    x, n = counts
    for N in (n + more, None):
        found = verdict(x, n, N, Decimal(threshold))
        assert found.p_met is not None and found.p_missed is not None
        assert (found.evidence == "met") == (found.p_met <= 0.05 + 1e-10)
        assert (found.evidence == "missed") == (found.p_missed <= 0.05 + 1e-10)
        # the share cannot be both far above and far below: the two tails overlap in x
        assert found.p_met + found.p_missed >= (1 - 1e-9 if N is None else 0)
        if found.evidence == "met":
            assert found.point == "met"
        if found.evidence == "missed":
            assert found.point == "not_met"


def test_one_more_satisfied_answer_never_weakens_the_evidence() -> None:
    for n, N in ((12, 40), (30, 300), (25, None)):
        p = [verdict(x, n, N).p_met for x in range(n + 1)]
        assert all(a is not None and b is not None and a >= b for a, b in pairwise(p))


def test_many_verdicts_at_once_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(8)
    cells = [
        [item(int(rng.binomial(n, 0.9)), int(n), int(n + rng.integers(0, 50))) for n in sizes]
        for sizes in (rng.integers(1, 40, rng.integers(1, 4)) for _ in range(40))
    ]
    thresholds = [Decimal(t) for t in rng.choice(["0.85", "0.9", "0.95"], len(cells))]
    together = judge_many(cells, thresholds, "item")
    alone = [judge(c, t) for c, t in zip(cells, thresholds, strict=True)]
    assert together == alone
    with pytest.raises(ValueError, match="give one each"):
        judge_many(cells, thresholds[:-1], "item")
