"""The funnel tells no office apart by chance, and does not miss one that is truly unlike."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from analysis.statistics.funnel import FEWEST, between_offices, funnel, limits, widened


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


# --- offices that vary more than chance -----------------------------------------------------------

# Thirteen trials of a vaccine (Colditz et al. 1994): ill and well with it, ill and well without.
VACCINE = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]  # fmt: skip


def test_uncut_it_is_the_published_estimate_of_dersimonian_and_laird():
    effects, variances = [], []
    for a, b, c, d in VACCINE:
        effects.append(math.log(a / (a + b)) - math.log(c / (c + d)))
        variances.append(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    y, v = np.array(effects), np.array(variances)
    centred = y - (y / v).sum() / (1 / v).sum()
    tau, freedom = between_offices(centred, v, cut=0)
    # The DerSimonian-Laird estimate of these trials, as R's metafor prints it: tau^2 = 0.3088.
    assert tau**2 == pytest.approx(0.3088, abs=5e-5)
    assert freedom == 12


def test_the_cut_estimate_is_that_of_its_formula_step_by_step():
    # Eleven offices, a tenth of which is one on each side: the outermost count as the next.
    effects = [Fraction(k, 100) for k in (-40, -12, -9, -6, -3, 0, 3, 6, 9, 12, 30)]
    variance = Fraction(1, 1000)
    inner = [*[Fraction(-12, 100)], *effects[1:-1], *[Fraction(12, 100)]]
    total = float(sum(effect**2 / variance for effect in inner))
    edge = 1.2815515655446004  # the upper tenth of the normal curve
    density = math.exp(-(edge**2) / 2) / math.sqrt(2 * math.pi)
    left = 0.8 - 2 * edge * density + 0.2 * edge**2
    assert left == pytest.approx(0.67865, abs=1e-5)
    wanted = (total / left - 10) / float(11 / variance - 1 / variance)
    found, freedom = between_offices(np.array(effects, dtype=float), np.full(11, float(variance)))
    assert found**2 == pytest.approx(wanted, rel=1e-12)
    assert freedom == 8


def test_of_few_offices_or_alike_ones_nothing_is_widened():
    assert between_offices(np.full(FEWEST - 1, 0.5), np.full(FEWEST - 1, 0.001))[0] == 0
    assert between_offices(np.zeros(50), np.full(50, 0.001))[0] == 0
    assert between_offices(np.full(50, 0.5), np.zeros(50))[0] == 0
    alike = funnel([[(90, 100)]] * 20)
    assert alike.between == 0
    plain = limits(0.9, np.array([10, 100]), 0.001)
    for one, other in zip(widened(0.9, np.array([10, 100]), 0.001, 0.0), plain, strict=True):
        assert (one == other).all()


def uneven(rng: np.random.Generator, offices: int = 30) -> list[list[tuple[int, int]]]:
    truth = np.clip(rng.normal(0.85, 0.05, offices), 0, 1)
    return [[(int(rng.binomial(400, share)), 400)] for share in truth]


def test_where_offices_differ_anyway_the_limits_are_widened_and_only_the_remarkable_is_told():
    rng = np.random.default_rng(20261130)
    offices = uneven(rng)
    found = funnel([*offices, [(160, 400)]])
    assert 0.03 < found.between < 0.08
    assert found.points[-1].signal == "lower"
    many = sum(point.signal != "none" for point in found.points[:-1])
    share = np.array([one[0][0] / 400 for one in offices])
    chance = limits(found.centre, np.array([400]), 0.025 / 31)
    by_chance = int(((share < chance[0]) | (share > chance[1])).sum())
    assert by_chance > 3  # chance alone would have told these
    assert many == 0
    for (n, low, high), (below, above) in zip(
        found.limits,
        zip(
            *limits(found.centre, np.array([n for n, _, _ in found.limits]), 0.025 / 31),
            strict=True,
        ),
        strict=True,
    ):
        assert low < below, n
        assert high >= above, n


def test_of_offices_that_differ_as_usual_hardly_ever_is_any_one_told_apart():
    rng = np.random.default_rng(20261201)
    periods = 20
    told = sum(
        any(point.signal != "none" for point in funnel(uneven(rng, 20)).points)
        for _ in range(periods)
    )
    assert told <= 0.05 * periods + 3 * math.sqrt(0.05 * 0.95 * periods)
