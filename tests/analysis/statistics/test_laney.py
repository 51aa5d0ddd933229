"""Laney's chart: limits by hand, and quiet where months scatter more than chance lets them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from analysis.statistics.comparisons import departure
from analysis.statistics.laney import laney

RANGE, LOOK = 1.128379, 0.05 / 12


def test_limits_are_lanes_with_the_look_s_risk_by_hand():
    """Months of 25 answers, 20, 16, 24 and 20 satisfied: p = 0.8, z = 0, -2, 2, 0."""
    before = [[(20, 25)], [(16, 25)], [(24, 25)], [(20, 25)]]
    sigma = (2 + 4 + 2) / 3 / RANGE
    ranges = 3
    shared = (4 / np.pi) * (np.sqrt(3) / 2 + np.pi / 12 - 1)  # covariance of neighbouring ranges
    variance = (2 - 4 / np.pi) / ranges + 2 * shared * (ranges - 1) / ranges**2
    k = t.ppf(1 - LOOK / 2, RANGE**2 / (2 * variance)) * np.sqrt(1 + 1 / 4)
    reach = k * sigma * np.sqrt(0.8 * 0.2 / 400)
    found = laney([(320, 400)], before)
    assert found.expected == 320 and found.signal == "none"
    assert found.usual.low == pytest.approx(max(0, 0.8 - reach), abs=1e-6)
    assert found.usual.high == min(1, 0.8 + reach) == 1


def test_a_year_s_ranges_are_worth_seven_degrees_of_freedom():
    """By simulation of the mean range of twelve normal numbers: 2 CV^-2 / 4."""
    z = np.random.default_rng(1).normal(size=(200_000, 12))
    means = np.abs(np.diff(z, axis=1)).mean(axis=1)
    freedom = means.mean() ** 2 / (2 * means.var())
    before = [[(x, 100)] for x in (78, 82, 79, 85, 80, 76, 81, 83, 77, 80, 79, 80)]
    found = laney([(95, 100)], before)
    z = np.array([(x - 80) / 4 for ((x, _),) in before])
    wide = max(np.abs(np.diff(z)).mean() / RANGE, 1) * 4 * np.sqrt(13 / 12)
    assert found.p_value == pytest.approx(2 * t.sf(15 / wide, freedom), rel=0.02)
    assert freedom == pytest.approx(6.85, abs=0.05)


def test_a_month_at_its_limit_gives_no_signal_and_beyond_it_one():
    before = [[(x, 50)] for x in (45, 41, 47, 44, 40, 46, 45, 42, 46, 44, 41, 45)]
    usual = laney([(45, 50)], before).usual
    told = {x: laney([(x, 50)], before).signal for x in range(51)}
    assert {x for x, signal in told.items() if signal == "none"} == {
        x for x in range(51) if usual.low <= x / 50 <= usual.high
    }
    assert told[0] == "lower"


def test_months_that_happen_to_be_alike_do_not_make_chance_smaller():
    alike = [[(45, 50)]] * 12
    found = laney([(43, 50)], alike)
    assert found.signal == "none"
    narrowest = norm.ppf(1 - LOOK / 2) * np.sqrt(0.9 * 0.1 / 50)
    assert 0.9 - found.usual.low > narrowest


def test_a_changing_mix_of_sectors_is_no_change():
    before = [[(90 + x, 100), (10 - x, 20)] for x in (0, 1, -1, 2, 0, -2, 1, 0, -1, 0, 1, -1)]
    mixed = laney([(9, 10), (50, 100)], before)
    assert mixed.signal == "none" and mixed.expected == pytest.approx(59)
    assert laney([(59, 110)], [[(100, 120)]] * 12).signal == "lower"


@pytest.mark.parametrize(
    ("this", "before"),
    [
        ([(0, 0)], [[(8, 10)], [(9, 10)], [(7, 10)]]),
        ([(8, 10)], [[(8, 10)], [(0, 0)], [(9, 10)]]),  # two months with answers
        ([(8, 10)], [[(10, 10)]] * 12),  # everyone satisfied: nothing to scatter
        ([(8, 10)], []),
    ],
)
def test_without_months_that_can_scatter_nothing_is_said(this, before):
    found = laney(this, before)
    assert (found.signal, found.usual, found.p_value) == ("unknown", None, None)


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="satisfied is 11 of answered 10"):
        laney([(11, 10)], [[(8, 10)]] * 3)
    with pytest.raises(ValueError, match="number of strata"):
        laney([(8, 10)], [[(8, 10), (1, 2)]])


def years_with_a_signal(shares, n, rng):
    """Part of years in which any of twelve months signals, by the exact test and by Laney."""
    wolf = np.zeros(2)
    for year in shares:
        x = rng.binomial(n, year)
        months = [[(int(count), n)] for count in x]
        told = [
            (
                departure(months[t], [(int(x[t - 12 : t].sum()), 12 * n)]).signal,
                laney(months[t], months[t - 12 : t]).signal,
            )
            for t in range(12, 24)
        ]
        wolf += [any(signal != "none" for signal in by) for by in zip(*told, strict=True)]
    return wolf / len(shares)


def test_where_months_scatter_the_exact_test_cries_wolf_and_laney_does_not():
    """300 answers a month; its people are 72 to 88% satisfied, at random, and nothing changes.

    60 years of looking every month; the standard error of a true 5% is 3 points.
    """
    rng = np.random.default_rng(20261202)
    exact, wide = years_with_a_signal(rng.uniform(0.72, 0.88, (60, 24)), 300, rng)
    assert exact > 0.60
    assert wide <= 0.15


def test_where_only_chance_is_at_work_laney_stays_quiet_too():
    rng = np.random.default_rng(20261203)
    exact, wide = years_with_a_signal(np.full((60, 24), 0.85), 60, rng)
    assert exact <= 0.15 and wide <= 0.15


def test_a_fall_beyond_all_scatter_is_seen():
    rng = np.random.default_rng(20261204)
    before = [[(int(rng.binomial(300, share)), 300)] for share in rng.uniform(0.72, 0.88, 12)]
    assert laney([(120, 300)], before).signal == "lower"
