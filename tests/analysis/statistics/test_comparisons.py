"""Differences, the headline over many sectors, and channels against each other."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from analysis.statistics.comparisons import compare_channels, difference
from analysis.statistics.estimates import estimate
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.strata import Stratum
from analysis.statistics.verdicts import headline, holm, judge_many


def item(x: int, n: int, N: int | None = None) -> Stratum:
    return Stratum(Moments(n, n, x, n, x, x, n), N)


def test_a_difference_takes_each_sides_own_interval() -> None:
    first, second = estimate([item(45, 50, 60)]), estimate([item(70, 90, 900)])
    found = difference(first, second)
    assert found is not None
    assert first.share and first.low and first.high and second.share and second.low and second.high
    below = np.hypot(first.share - first.low, second.high - second.share)
    above = np.hypot(first.high - first.share, second.share - second.low)
    assert found.difference == pytest.approx(45 / 50 - 70 / 90)
    assert (found.low, found.high) == pytest.approx(
        (found.difference - below, found.difference + above)
    )
    assert found.beyond_chance


def test_turning_the_sides_turns_the_interval() -> None:
    first, second = estimate([item(45, 50, 60)]), estimate([item(70, 90, 900)])
    one, other = difference(first, second), difference(second, first)
    assert one is not None and other is not None
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_two_censuses_differ_by_exactly_their_difference() -> None:
    found = difference(estimate([item(9, 10, 10)]), estimate([item(8, 10, 10)]))
    assert found is not None
    assert found.low == found.high == found.difference == pytest.approx(0.1)
    assert found.beyond_chance


def test_a_side_without_answers_has_no_difference() -> None:
    assert difference(estimate([item(9, 10)]), estimate([Stratum(ZERO, 5)])) is None


def test_levels_must_agree() -> None:
    with pytest.raises(ValueError, match="estimate both at one level"):
        difference(estimate([item(9, 10)]), estimate([item(9, 10)], level=0.9))


def test_holm_by_hand() -> None:
    # 4 * .01, 3 * .02, 2 * .03, and never falling below the one before
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_no_adjustment_and_bonferroni(p: list[float]) -> None:
    for raw, adjusted in zip(p, holm(p), strict=True):
        assert raw <= adjusted <= min(1.0, raw * len(p)) + 1e-12
    order = np.argsort(p, kind="stable")
    assert (np.diff(np.array(holm(p))[order]) >= 0).all()


def test_eight_sectors_just_below_their_target_rarely_make_a_false_headline() -> None:
    """One sector alone errs in up to 5%, eight together in up to 34%; the headline in 5%."""
    rng = np.random.default_rng(20261122)
    N, n, required = 200, 80, 180
    surveys = 600
    x = rng.hypergeometric(required - 1, N - required + 1, n, size=8 * surveys)
    cells = [[item(int(k), n, N)] for k in x]
    verdicts = judge_many(cells, [Decimal("0.9")] * x.size, "item")
    rows = [verdicts[i : i + 8] for i in range(0, x.size, 8)]
    single = sum(any(v.evidence == "met" for v in row) for row in rows)
    together = sum(headline(row).met > 0 for row in rows)
    assert single / surveys > 0.1
    assert together / surveys <= 0.05


def test_the_headline_counts_sectors_without_answers() -> None:
    cells = [[item(200, 200, 300)], [item(5, 6, 300)], [item(90, 180, 300)], [Stratum(ZERO, 40)]]
    found = headline(judge_many(cells, [Decimal("0.9")] * 4, "item"))
    assert (found.met, found.missed, found.total) == (1, 1, 4)
    assert found.adjusted_met[3] is None
    assert found.adjusted_met[1] == 1.0


def test_two_channels_in_one_sector_are_fishers_exact_test() -> None:
    kiosk, poster = compare_channels({"kiosk": [(3, 9)], "poster": [(18, 20)]})
    one_sided = fisher_exact([[3, 6], [18, 2]], "less")[1]
    assert kiosk.p_value == poster.p_value == pytest.approx(2 * one_sided)
    assert kiosk.differs and poster.differs
    assert kiosk.expected == pytest.approx(9 * 21 / 29)


def test_several_sectors_are_compared_within_each() -> None:
    counts = {"kiosk": [(10, 10), (2, 10)], "slip": [(40, 40), (9, 40)]}
    # pooled, the kiosk's 12 of 20 against 49 of 80 would hide or invent differences
    found = compare_channels(counts)[0]
    first = hypergeom(50, 50, 10).pmf(np.arange(11))
    second = hypergeom(50, 11, 10).pmf(np.arange(11))
    chances = np.convolve(first, second)
    expected = min(1, 2 * min(chances[:13].sum(), chances[12:].sum()))
    assert found.p_value == pytest.approx(expected)
    assert not found.differs


def test_a_channel_of_another_sector_is_not_another_opinion() -> None:
    # land is disliked everywhere and answered at the kiosk mostly: pooled 40% against 84%
    counts = {"kiosk": [(20, 60), (8, 10)], "poster": [(3, 9), (72, 90)]}
    assert not any(c.differs for c in compare_channels(counts))
    pooled = compare_channels({"kiosk": [(28, 70)], "poster": [(75, 99)]})
    assert all(c.differs for c in pooled)


def test_channels_alike_are_rarely_called_different() -> None:
    rng = np.random.default_rng(4)
    sizes = {"poster": (30, 12), "slip": (25, 20), "kiosk": (18, 9), "paper": (8, 0)}
    alarms, runs = 0, 400
    for _ in range(runs):
        counts = {
            name: [(int(rng.binomial(n, p)), n) for n, p in zip(ns, (0.9, 0.7), strict=True)]
            for name, ns in sizes.items()
        }
        alarms += any(c.differs for c in compare_channels(counts))
    assert alarms / runs <= 0.05


def test_fewer_than_two_channels_are_nothing_to_compare() -> None:
    assert compare_channels({}) == ()
    assert compare_channels({"kiosk": [(3, 5)], "poster": [(0, 0)]}) == ()
    with pytest.raises(ValueError, match="number of sectors"):
        compare_channels({"kiosk": [(3, 5)], "poster": []})
    with pytest.raises(ValueError, match="satisfied is 6"):
        compare_channels({"kiosk": [(6, 5)], "poster": [(1, 2)]})
    assert [c.p_value for c in compare_channels({"a": [(5, 5)], "b": [(7, 7)]})] == [1.0, 1.0]


def test_large_channels_are_compared_too() -> None:
    kiosk, _ = compare_channels({"kiosk": [(90_000, 100_000)], "poster": [(181_500, 200_000)]})
    z = (90_000 - kiosk.expected) / (100_000 * 0.905 * 0.095 * 200_000 / 299_999) ** 0.5
    assert z < -6 and kiosk.p_value < 1e-8 and kiosk.differs
