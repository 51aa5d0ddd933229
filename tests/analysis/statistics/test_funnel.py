"""The funnel tells no office apart by chance, and does not miss one that is truly unlike."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from analysis.statistics.funnel import funnel, limits


def test_few_answers_prove_nothing_however_bad_they_are():
    found = funnel([[(270, 300)], [(180, 200)], [(0, 1)], [(0, 2)], [(3, 3)]])
    assert [point.signal for point in found.points] == ["none"] * 5
    assert found.points[2].share == 0


def test_an_office_that_is_truly_unlike_is_told():
    found = funnel([[(90, 100)], [(180, 200)], [(270, 300)], [(30, 60)], [(448, 450)]])
    assert [point.signal for point in found.points][3:] == ["lower", "higher"]


def test_a_mix_of_other_sectors_is_no_difference():
    # One sector is satisfied everywhere, the other nowhere much: only the mix differs.
    offices = [[(95, 100), (30, 60)], [(190, 200), (5, 10)], [(19, 20), (50, 100)]]
    found = funnel(offices)
    assert [point.signal for point in found.points] == ["none"] * 3
    for point in found.points:
        assert point.share == pytest.approx(found.centre, abs=0.01)
    without = funnel([[tuple(map(sum, zip(*one, strict=True)))] for one in offices])
    assert "lower" in [point.signal for point in without.points]


def test_of_offices_that_are_alike_hardly_ever_is_any_one_told_apart():
    rng = np.random.default_rng(20261130)
    sizes = rng.integers(2, 120, 20)
    periods, told = 60, 0
    for _ in range(periods):
        counts = [[(int(rng.binomial(n, 0.88)), int(n))] for n in sizes]
        told += any(point.signal != "none" for point in funnel(counts).points)
    assert told <= 0.05 * periods + 3 * math.sqrt(0.05 * 0.95 * periods)


@pytest.mark.parametrize(
    ("n", "share"), [(7, Fraction(4, 5)), (30, Fraction(9, 10)), (200, Fraction(3, 4))]
)
@pytest.mark.parametrize("tail", [Fraction(1, 40), Fraction(1, 1000)])
def test_limits_are_those_of_the_binomial_by_enumeration(n, share, tail):
    low, high = limits(float(share), np.array([n]), float(tail))

    def below(x, p):
        return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(x + 1))

    for limit, p in ((low[0], share), (1 - high[0], 1 - share)):
        r = next(x for x in range(n + 1) if below(x, p) > tail)
        chance = below(r, p) - below(r - 1, p)
        wanted = max(Fraction(0), (r - (below(r, p) - tail) / chance) / n)
        assert limit == pytest.approx(float(wanted), abs=1e-9)


def test_limits_widen_as_answers_get_fewer():
    low, high = limits(0.9, np.array([5, 10, 20, 50, 100, 1000]), 0.001)
    assert np.all(np.diff(low) > 0)
    assert np.all(np.diff(high) <= 0)


def test_without_answers_there_is_no_centre_and_an_office_alone_is_not_compared():
    assert funnel([]).centre is None
    nothing = funnel([[(0, 0)], [(0, 0)]])
    assert nothing.centre is None
    assert nothing.points[0].share is None
    alone = funnel([[(9, 10)], [(0, 0)]])
    assert [point.signal for point in alone.points] == ["unknown", "unknown"]
