"""The signal of a month: exact, and false in at most 5% of years in which nothing changes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact, hypergeom

from analysis.statistics.comparisons import departure, departures

LOOK = 0.05 / 12


def p_by_enumeration(this, before):
    """Twice the smaller tail of the satisfied answers, every split over the strata counted."""
    strata = [hypergeom(n + m, x + y, n) for (x, n), (y, m) in zip(this, before, strict=True)]
    chance: dict[int, float] = {}
    for split in itertools.product(*(range(n + 1) for _, n in this)):
        weight = np.prod([law.pmf(x) for law, x in zip(strata, split, strict=True)])
        chance[sum(split)] = chance.get(sum(split), 0.0) + weight
    seen = sum(x for x, _ in this)
    below = sum(p for x, p in chance.items() if x <= seen)
    above = sum(p for x, p in chance.items() if x >= seen)
    return min(1.0, 2 * min(below, above))


@pytest.mark.parametrize(
    ("this", "before"),
    [
        ([(3, 10)], [(95, 100)]),
        ([(10, 10)], [(30, 60)]),
        ([(2, 6), (4, 5)], [(20, 22), (8, 30)]),
        ([(5, 5), (0, 0), (1, 7)], [(9, 30), (4, 4), (30, 31)]),
    ],
)
def test_the_p_value_is_that_of_every_possible_split(this, before):
    assert departure(this, before).p_value == pytest.approx(p_by_enumeration(this, before))


def test_one_stratum_is_fishers_exact_test():
    table = [[20, 20], [270, 30]]
    smaller = min(fisher_exact(table, side).pvalue for side in ("less", "greater"))
    found = departure([(20, 40)], [(270, 300)])
    assert found.p_value == pytest.approx(2 * smaller)
    assert found.expected == pytest.approx(40 * 290 / 340)


def chance_of_a_signal(n, m, share):
    """Over all counts of a month of n and a base of m answers, one share behind both."""
    total = 0.0
    for y, weight in enumerate(binom.pmf(range(m + 1), m, share)):
        if weight < 1e-9:
            continue
        usual = departure([(0, n)], [(y, m)]).usual
        x = np.arange(n + 1)
        loud = (x / n < usual.low - 1e-12) | (x / n > usual.high + 1e-12)
        total += weight * binom.pmf(x[loud], n, share).sum()
    return total


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize(("n", "m"), [(5, 20), (12, 60), (40, 40), (60, 400)])
def test_a_look_is_false_in_at_most_a_twelfth_of_five_percent(n, m, share):
    assert chance_of_a_signal(n, m, share) <= LOOK


def test_the_usual_shares_are_those_without_a_signal():
    usual = departure([(0, 40)], [(270, 300)]).usual
    quiet = [x / 40 for x in range(41) if departure([(x, 40)], [(270, 300)]).signal == "none"]
    assert (usual.low, usual.high) == (min(quiet), max(quiet))
    assert len(quiet) == round(40 * (usual.high - usual.low)) + 1


def years_with_a_signal(draw, years):
    """Part of simulated years in which one of twelve months, each against its twelve, signals."""
    false = 0
    for _ in range(years):
        x, n = draw()
        false += any(
            departure(
                list(zip(x[:, t], n[:, t], strict=True)),
                [(int(x[h, t - 12 : t].sum()), int(n[h, t - 12 : t].sum())) for h in range(len(x))],
            ).signal
            in ("higher", "lower")
            for t in range(12, 24)
        )
    return false / years


def test_years_in_which_nothing_changes_rarely_give_a_false_signal():
    """Three strata of their own shares, months of changing size."""
    rng = np.random.default_rng(20261122)
    shares = np.array([[0.95], [0.8], [0.6]])

    def draw():
        n = rng.integers(0, [[40], [15], [8]], (3, 24))
        return rng.binomial(n, shares), n

    assert years_with_a_signal(draw, 200) <= 0.05


def test_it_holds_too_when_every_month_draws_from_its_own_dossiers():
    """60 dossiers a month, 54 satisfied, 40 of them answer: less variable than chance alone."""
    rng = np.random.default_rng(20261123)

    def draw():
        return rng.hypergeometric(54, 6, 40, (1, 24)), np.full((1, 24), 40)

    assert years_with_a_signal(draw, 200) <= 0.05


def test_a_real_fall_is_seen_and_told_in_its_direction():
    assert departure([(36, 60)], [(540, 600)]).signal == "lower"
    assert departure([(60, 60)], [(420, 600)]).signal == "higher"


def test_a_changing_mix_of_sectors_is_no_change():
    """Fewer answers of the happy sector lower the total, though no sector has changed."""
    assert departure([(10, 10), (50, 100)], [(900, 900), (50, 100)]).signal == "none"
    assert departure([(60, 110)], [(950, 1000)]).signal == "lower"


@pytest.mark.parametrize(("this", "before"), [([(0, 0)], [(5, 9)]), ([(5, 9)], [(0, 0)])])
def test_without_answers_on_both_sides_nothing_is_said(this, before):
    found = departure(this, before)
    assert (found.signal, found.p_value, found.usual) == ("unknown", None, None)


def test_many_months_together_give_what_each_gives_by_itself():
    few = [(3, 4), (0, 0), (12, 12)]
    pairs = [
        ([(20, 40)], [(270, 300)]),
        ([(0, 0)], [(270, 300)]),
        (few, [(50, 60), (7, 9), (0, 0)]),
        ([(40, 40)], [(300, 300)]),
        ([(35, 40)], [(250, 300)]),
    ]
    assert departures(pairs) == [departure(*pair) for pair in pairs]
    assert departures([]) == []


def test_two_sides_of_unlike_strata_are_refused():
    with pytest.raises(ValueError, match="number of strata"):
        departure([(3, 4)], [(3, 4), (5, 6)])
