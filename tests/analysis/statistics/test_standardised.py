"""Standardised shares: as R has them, as enumeration has them, and what they leave out."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest

from analysis.statistics.estimates import estimate
from analysis.statistics.standardised import LEAST_HELD, standardise
from analysis.statistics.strata import draw
from tests.analysis.methods.enumeration import item

LAND = [item(9, 10, 40), item(10, 12, 60)]  # two months
CIVIL = [item(3, 6, 30), item(4, 5, 20)]


def standardised(cells, mix, group=None, level=0.95):
    design = draw(cells, ["item"] * len(cells))
    group = np.zeros(len(cells), np.int64) if group is None else np.array(group)
    return standardise(design, group, np.array(mix, float), level=level)


@pytest.mark.parametrize(
    ("mix", "share", "se"),
    [
        ((300, 700), 0.692, 0.0992132689073026),
        ((500, 100), 0.82, 0.0623852481915332),
    ],
)
def test_share_and_standard_error_are_those_of_svystandardize(mix, share, se):
    # R 4.2.2, survey 4.1.1: svymean of svystandardize(svydesign(id=~1, strata=~stratum, fpc=~N),
    # by=~sector, over=~1, population=mix), the strata being a sector's months.
    found = standardised([LAND, CIVIL], mix)
    assert found.share[0] == pytest.approx(share, abs=1e-14)
    assert found.se[0] == pytest.approx(se, abs=1e-14)


def test_under_its_own_mix_an_office_has_its_own_figures():
    found, own = standardised([LAND, CIVIL], (100, 50)), estimate(LAND + CIVIL)
    figures = (found.share[0], found.low[0], found.high[0], found.se[0])
    assert figures == pytest.approx((own.share, own.low, own.high, own.se), abs=1e-14)


def test_one_stratum_alone_has_its_exact_limits():
    found, own = (
        standardised([[item(9, 10, 40)], CIVIL], (1, 1), [0, 1]),
        estimate([item(9, 10, 40)]),
    )
    assert own.method == "hypergeometric"
    assert (found.share[0], found.low[0], found.high[0]) == (own.share, own.low, own.high)


def test_a_hand_worked_example():
    # 90% of 10 dossiers of land, all answered, and 50% of 10 of civil status: half and half.
    found = standardised([[item(9, 10, 10)], [item(5, 10, 10)]], (1, 1))
    assert found.share[0] == pytest.approx(0.7)
    assert (found.low[0], found.high[0]) == pytest.approx((0.7, 0.7))  # everyone answered


def test_each_group_has_its_own_figure():
    both = standardised([LAND, CIVIL, CIVIL, LAND], (300, 700, 300, 700), [0, 0, 1, 1])
    alone = [standardised(cells, (300, 700)) for cells in ([LAND, CIVIL], [CIVIL, LAND])]
    for name in ("share", "low", "high", "se", "held"):
        expected = [getattr(one, name)[0] for one in alone]
        assert getattr(both, name).tolist() == pytest.approx(expected, abs=1e-14)


def test_a_sector_without_answers_is_left_out_while_the_others_hold_four_fifths():
    nobody = [item(0, 0, 50)]
    found = standardised([LAND, nobody], (80, 20))
    assert found.held[0] == pytest.approx(LEAST_HELD)
    assert found.share[0] == pytest.approx(estimate(LAND).share)
    less = standardised([LAND, nobody], (79, 21))
    assert np.isnan([less.share[0], less.low[0], less.high[0], less.se[0]]).all()
    assert less.held[0] == pytest.approx(0.79)


def test_a_group_without_any_answers_has_no_figure_and_disturbs_no_other():
    nobody = [item(0, 0, 50)]
    found = standardised([LAND, CIVIL, nobody, nobody], (300, 700, 300, 700), [0, 0, 1, 1])
    assert found.share[0] == pytest.approx(0.692)
    assert np.isnan(found.share[1])
    assert found.held[1] == 0


def test_a_sector_that_the_standard_does_not_have_counts_for_nothing():
    found = standardised([LAND, CIVIL], (10, 0))
    assert found.share[0] == pytest.approx(estimate(LAND).share)
    assert found.held[0] == 1


@pytest.mark.parametrize(
    ("satisfied", "mix"), [((7, 4), (1, 3)), ((9, 6), (4, 1)), ((5, 5), (1, 1))]
)
def test_over_every_sample_the_figure_is_unbiased_and_its_limits_hold_the_truth(satisfied, mix):
    sizes, drawn = (10, 8), (4, 4)
    weights = [Fraction(one, sum(mix)) for one in mix]
    truth = sum(w * Fraction(M, N) for w, M, N in zip(weights, satisfied, sizes, strict=True))
    mean, covered = Fraction(0), Fraction(0)
    for x in product(range(drawn[0] + 1), range(drawn[1] + 1)):
        chance = Fraction(1)
        for k, M, N, n in zip(x, satisfied, sizes, drawn, strict=True):
            chance *= Fraction(comb(M, k) * comb(N - M, n - k), comb(N, n))
        if not chance:
            continue
        cells = [[item(k, n, N)] for k, n, N in zip(x, drawn, sizes, strict=True)]
        found = standardised(cells, mix)
        exact = sum(w * Fraction(k, n) for w, k, n in zip(weights, x, drawn, strict=True))
        assert found.share[0] == pytest.approx(float(exact))
        mean += chance * exact
        covered += chance * (found.low[0] <= float(truth) <= found.high[0])
    assert mean == truth
    assert covered >= Fraction(95, 100)


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="negative"):
        standardised([LAND], (-1,))
    with pytest.raises(ValueError, match="differ in their number"):
        standardised([LAND, CIVIL], (1,))
    with pytest.raises(ValueError, match="level"):
        standardised([LAND], (1,), level=2)
