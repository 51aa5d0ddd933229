"""The random re-check: its figures by enumeration, by hand, and by R where it is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import product
from math import comb, sqrt
from pathlib import Path

import numpy as np
import pytest

from analysis.statistics.comparisons import newcombe
from analysis.statistics.exact import Interval, hypergeometric_limits
from analysis.statistics.moments import Moments
from analysis.statistics.recheck import (
    RecheckStratum,
    box_test,
    contrast,
    draw_bounds,
    hansen_hurwitz,
    recheck_alone,
)


def said(satisfied, answered):
    """Moments of one item."""
    n, y = answered, satisfied
    return Moments(n, n, y, n, y, y, n, 4 * y, 16 * y, 4 * y)


def chance(x, n, marked, whole):
    """P(X = x) of n drawn from a whole with so many marked."""
    if not max(0, n + marked - whole) <= x <= min(n, marked):
        return 0.0
    return comb(marked, x) * comb(whole - marked, n - x) / comb(whole, n)


def limits_by_trying(x, n, whole, tail):
    """Every M that x of n does not exclude: the first and the last."""
    kept = [
        M
        for M in range(whole + 1)
        if sum(chance(k, n, M, whole) for k in range(x, n + 1)) > tail * (1 + 1e-9)
        and sum(chance(k, n, M, whole) for k in range(x + 1)) > tail * (1 + 1e-9)
    ]
    return kept[0], kept[-1]


# --- alone --------------------------------------------------------------------------------------


def test_by_itself_it_is_a_random_sample_of_the_dossiers():
    found = recheck_alone([RecheckStratum(24, 8, answered=said(6, 7))])
    low, high = limits_by_trying(6, 7, 24, 0.025)
    assert (found.share, found.low, found.high) == (6 / 7, low / 24, high / 24)
    assert found.method == "hypergeometric"


ORACLES = json.loads(
    (Path(__file__).parents[1] / "oracles" / "hypergeom_ci.json").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", ORACLES, ids=lambda case: case["id"])
def test_by_itself_it_has_the_limits_of_the_oracles(case):
    given, expected = case["input"], case["expected"]["exact_two_sided"]
    drawn = said(given["x"], given["n"])
    found = recheck_alone(
        [RecheckStratum(given["N"], given["n"], answered=drawn)], level=given["level"]
    )
    if given["n"]:
        assert round(found.low * given["N"]) == expected["M_lower"]
        assert round(found.high * given["N"]) == expected["M_upper"]


@pytest.mark.parametrize("N", [12, 25])
def test_its_interval_holds_the_truth_whatever_that_is(N):
    """Every truth M of N, every outcome of a draw of 8 of whom all answer."""
    outcomes = [recheck_alone([RecheckStratum(N, 8, answered=said(z, 8))]) for z in range(9)]
    for M in range(N + 1):
        held = sum(
            chance(z, 8, M, N)
            for z, found in enumerate(outcomes)
            if found.low - 1e-12 <= M / N <= found.high + 1e-12
        )
        assert held >= 0.95


def test_sectors_and_months_weigh_their_dossiers():
    strata = [
        RecheckStratum(300, 10, answered=said(9, 9)),
        RecheckStratum(100, 10, answered=said(5, 10)),
    ]
    found = recheck_alone(strata)
    assert found.share == pytest.approx((300 * 1 + 100 * 0.5) / 400)
    assert found.method == "kg-s"


def test_a_year_of_thirty_calls_a_month_is_known_within_some_three_points():
    month = [RecheckStratum(400, 30, answered=said(27, 30))]
    one, year = recheck_alone(month), recheck_alone(month * 12)
    assert (one.high - one.low) / 2 == pytest.approx(0.11, abs=0.02)
    assert (year.high - year.low) / 2 == pytest.approx(0.03, abs=0.005)


def test_more_answers_than_were_drawn_are_refused():
    with pytest.raises(ValueError, match="answered <= drawn <= dossiers"):
        RecheckStratum(10, 3, answered=said(4, 4))
    with pytest.raises(ValueError, match="answered <= drawn <= dossiers"):
        RecheckStratum(10, 11)


# --- who was drawn and did not answer -----------------------------------------------------------


def test_bounds_count_those_not_reached_for_and_against():
    found = draw_bounds([RecheckStratum(120, 30, answered=said(23, 26))])
    assert found == Interval(23 / 30, 27 / 30)


def test_bounds_of_several_strata_weigh_their_dossiers():
    strata = [
        RecheckStratum(300, 10, answered=said(6, 8)),
        RecheckStratum(100, 10, answered=said(5, 10)),
        RecheckStratum(100, 5),  # nobody was reached: everything is open
    ]
    found = draw_bounds(strata)
    assert found.low == pytest.approx((300 * 0.6 + 100 * 0.5) / 500)
    assert found.high == pytest.approx((300 * 0.8 + 100 * 0.5 + 100) / 500)
    assert draw_bounds([]) is None


# --- beside those who chose to answer -----------------------------------------------------------


def fisher(z, m, x, n):
    """Two-sided, the smaller tail doubled."""
    chances = [chance(k, m, z + x, m + n) for k in range(m + 1)]
    return min(1.0, 2 * min(sum(chances[: z + 1]), sum(chances[z:])))


@pytest.mark.parametrize(("z", "m", "x", "n"), [(20, 26, 76, 80), (3, 5, 19, 20), (7, 7, 4, 9)])
def test_of_one_sector_the_p_value_is_fishers(z, m, x, n):
    found = contrast([RecheckStratum(120, 30, said(x, n), said(z, m))])
    assert found.p_value == pytest.approx(fisher(z, m, x, n), rel=1e-9)
    assert found.differs == (found.p_value <= 0.05)


def test_over_strata_it_is_the_convolution():
    sides = [((3, 5), (19, 20)), ((6, 8), (10, 12))]
    found = contrast([RecheckStratum(60, 10, said(*chose), said(*z)) for z, chose in sides])
    whole = 0
    tables = [{k: chance(k, m, z + x, m + n) for k in range(m + 1)} for (z, m), (x, n) in sides]
    below = above = 0.0
    for first, second in product(*tables):
        p = tables[0][first] * tables[1][second]
        whole += p
        below += p * (first + second <= 9)
        above += p * (first + second >= 9)
    assert whole == pytest.approx(1)
    assert found.p_value == pytest.approx(min(1.0, 2 * min(below, above)), rel=1e-9)


def test_limits_of_the_difference_are_newcombes_from_each_side():
    found = contrast([RecheckStratum(120, 30, said(76, 80), said(20, 26))])
    sides = (hypergeometric_limits(20, 26, 120, 0.025), hypergeometric_limits(76, 80, 120, 0.025))
    (a, b), (c, d) = (tuple(float(limit[0]) for limit in side) for side in sides)
    assert found.difference == newcombe(20 / 26, Interval(a, b), 76 / 80, Interval(c, d))


def test_where_nobody_chose_to_answer_nothing_is_compared():
    found = contrast([RecheckStratum(120, 30, answered=said(20, 26))])
    assert (found.difference, found.p_value, found.differs) == (None, None, False)


def test_both_samples_of_the_same_people_seldom_seem_to_differ():
    """Every outcome of two draws of one commune: at most 5% are called different."""
    N, M, n, m = 40, 34, 15, 8
    wrong = sum(
        chance(x, n, M, N) * chance(z, m, M, N)
        for x in range(n + 1)
        for z in range(m + 1)
        if contrast([RecheckStratum(N, m, said(x, n), said(z, m))]).differs
    )
    assert wrong <= 0.05


# --- Hansen and Hurwitz -------------------------------------------------------------------------


def test_both_together_by_hand():
    """120 dossiers, 40 chose to answer, 38 satisfied; of 20 drawn who had not, 16 are."""
    (found,) = [hansen_hurwitz([RecheckStratum(120, 30, said(38, 40), silent=said(16, 20))])]
    low, high = limits_by_trying(16, 20, 80, 0.025)
    assert found.share == pytest.approx((38 + 80 * 16 / 20) / 120)
    assert (found.low, found.high) == pytest.approx(((38 + low) / 120, (38 + high) / 120))
    s2 = 0.8 * 0.2 * 20 / 19
    assert found.se == pytest.approx(80 / 120 * sqrt((1 - 20 / 80) * s2 / 20))


def test_the_interval_of_both_holds_the_truth_whatever_the_silent_think():
    """Every truth of the silent, every outcome of a draw among them."""
    x, n, N, m = 9, 10, 30, 6
    outcomes = [hansen_hurwitz([RecheckStratum(N, 6, said(x, n), silent=said(z, m))])
                for z in range(m + 1)]  # fmt: skip
    for M in range(N - n + 1):
        truth = (x + M) / N
        held = sum(
            chance(z, m, M, N - n)
            for z, found in enumerate(outcomes)
            if found.low - 1e-12 <= truth <= found.high + 1e-12
        )
        assert held >= 0.95


def test_over_strata_the_silent_part_weighs_the_silent():
    strata = [
        RecheckStratum(100, 10, said(50, 60), silent=said(3, 4)),
        RecheckStratum(50, 10, said(10, 10), silent=said(2, 5)),
    ]
    found = hansen_hurwitz(strata)
    assert found.share == pytest.approx((50 + 10 + 40 * 3 / 4 + 40 * 2 / 5) / 150)
    assert 60 / 150 <= found.low < found.share < found.high <= (60 + 80) / 150


def test_a_sector_in_which_everybody_answered_counts_as_it_is():
    full = RecheckStratum(20, 2, said(18, 20))
    open_ = RecheckStratum(50, 10, said(10, 10), silent=said(4, 5))
    found = hansen_hurwitz([full, open_])
    assert found.share == pytest.approx((18 + 10 + 40 * 0.8) / 70)
    assert found.covered == 1


def test_a_sector_whose_silent_were_not_heard_is_left_out_and_told():
    unheard = RecheckStratum(30, 2, said(5, 5))
    open_ = RecheckStratum(50, 10, said(10, 10), silent=said(4, 5))
    found = hansen_hurwitz([unheard, open_])
    assert found.covered == pytest.approx(50 / 80)
    assert hansen_hurwitz([unheard]) is None


def test_more_answers_than_dossiers_contradict_one_answer_a_dossier():
    assert hansen_hurwitz([RecheckStratum(30, 5, said(30, 31), silent=said(1, 1))]) is None
    assert hansen_hurwitz([RecheckStratum(30, 5, said(28, 28), silent=said(3, 3))]) is None


# --- the box ------------------------------------------------------------------------------------


def test_those_who_say_that_they_had_answered_are_a_draw_from_the_box():
    found = box_test([RecheckStratum(200, 30, said(97, 100), heard=said(7, 10))])
    assert found.p_value == pytest.approx(sum(chance(k, 10, 97, 100) for k in range(8)))
    assert found.expected == pytest.approx(9.7)
    assert found.suspect


def test_an_honest_box_is_seldom_suspect():
    """Every outcome of eight who answered, drawn from a box of 40 with 34 satisfied."""
    wrong = sum(
        chance(z, 8, 34, 40)
        for z in range(9)
        if box_test([RecheckStratum(90, 20, said(34, 40), heard=said(z, 8))]).suspect
    )
    assert 0 < wrong <= 0.05


def test_months_of_the_box_add_up():
    strata = [RecheckStratum(90, 20, said(38, 40), heard=said(3, 4)) for _ in range(6)]
    one, all_ = box_test(strata[:1]), box_test(strata)
    assert not one.suspect
    assert all_.suspect
    assert (all_.people, all_.satisfied) == (24, 18)


def test_a_box_with_fewer_answers_than_remember_answering_is_not_tested():
    assert box_test([RecheckStratum(90, 20, said(3, 3), heard=said(3, 4))]) is None
    assert box_test([]) is None


# --- R ------------------------------------------------------------------------------------------

R = """
suppressMessages(library(survey))
d <- data.frame(h = c(rep("answered", 40), rep("silent", 20)),
                y = c(rep(1, 38), 0, 0, rep(1, 16), rep(0, 4)),
                N = c(rep(40, 40), rep(80, 20)))
both <- svymean(~y, svydesign(~1, strata = ~h, fpc = ~N, data = d))
a <- data.frame(h = c(rep("land", 9), rep("tax", 10)),
                y = c(rep(1, 8), 0, rep(1, 7), rep(0, 3)), N = c(rep(300, 9), rep(100, 10)))
alone <- svymean(~y, svydesign(~1, strata = ~h, fpc = ~N, data = a))
cat(sprintf('{"both": [%.12f, %.12f], "alone": [%.12f, %.12f], "fisher": %.12f}',
    coef(both), SE(both), coef(alone), SE(alone),
    min(1, 2 * min(phyper(20, 96, 10, 26), 1 - phyper(19, 96, 10, 26)))))
"""


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_estimates_and_standard_errors_are_rs():
    done = subprocess.run(
        ["Rscript", "-e", R],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("R has no package survey")
    r = json.loads(done.stdout)
    both = hansen_hurwitz([RecheckStratum(120, 30, said(38, 40), silent=said(16, 20))])
    alone = recheck_alone(
        [
            RecheckStratum(300, 10, answered=said(8, 9)),
            RecheckStratum(100, 10, answered=said(7, 10)),
        ]
    )
    asked = contrast([RecheckStratum(120, 30, said(76, 80), said(20, 26))])
    assert np.allclose((both.share, both.se), r["both"], atol=1e-10)
    assert np.allclose((alone.share, alone.se), r["alone"], atol=1e-10)
    assert np.allclose(asked.p_value, r["fisher"], atol=1e-10)
