"""Importance: an association within places, with an interval that holds, and honest about n."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from analysis.input.counts import PairCounts
from analysis.insights.drivers import MINIMUM_SIDE, drivers


def pair(satisfied, dissatisfied):
    """From (satisfied overall, people) of those satisfied with the measure, and of the others."""
    (x1, n1), (x0, n0) = satisfied, dissatisfied
    return PairCounts(n1 + n0, n1, x1 + x0, x1)


def one(*places, **options):
    numbered = {("xã A", f"sector-{n}"): place for n, place in enumerate(places)}
    (found,) = drivers({"element:access": numbered}, **options)
    return found


def clopper_pearson(x, n, level=0.95):
    tail = (1 - level) / 2
    low = beta.ppf(tail, x, n - x + 1) if x else 0.0
    return low, beta.ppf(1 - tail, x + 1, n - x) if x < n else 1.0


@pytest.mark.parametrize("level", [0.95, 0.9])
@pytest.mark.parametrize(
    ("sat", "dis"), [((38, 40), (10, 20)), ((50, 50), (0, 12)), ((7, 10), (7, 10))]
)
def test_in_one_place_it_is_newcombes_difference_of_two_exact_intervals(sat, dis, level):
    found = one(pair(sat, dis), level=level)
    (p1, l1, u1), (p0, l0, u0) = ((x / n, *clopper_pearson(x, n, level)) for x, n in (sat, dis))
    gap = p1 - p0
    assert (found.share_satisfied, found.share_dissatisfied) == pytest.approx((p1, p0))
    assert found.importance.difference == pytest.approx(gap)
    assert found.importance.low == pytest.approx(gap - np.hypot(p1 - l1, u0 - p0))
    assert found.importance.high == pytest.approx(gap + np.hypot(u1 - p1, p0 - l0))


def test_over_places_it_is_the_mantel_haenszel_difference():
    """Weights 8, 4: (8*(.95-.5) + 4*(.8-.6)) / 12, computed by hand."""
    found = one(pair((38, 40), (5, 10)), pair((16, 20), (3, 5)))
    assert found.importance.difference == pytest.approx((8 * 0.45 + 4 * 0.2) / 12)
    assert found.share_satisfied == pytest.approx((8 * 0.95 + 4 * 0.8) / 12)


def test_places_that_differ_do_not_make_a_link():
    """Everyone in one place likes both, in the other many neither; within each there is no link."""
    happy, unhappy = pair((90, 90), (10, 10)), pair((5, 10), (45, 90))
    found = one(happy, unhappy)
    assert found.importance.difference == pytest.approx(0)
    pooled = 95 / 100 - 55 / 100
    assert pooled == pytest.approx(0.4)


def test_a_place_with_one_kind_of_people_cannot_be_compared():
    found = one(pair((38, 40), (10, 20)), pair((30, 30), (0, 0)))
    assert (found.satisfied, found.dissatisfied, found.left_out) == (40, 20, 30)
    assert found.importance == one(pair((38, 40), (10, 20))).importance


def test_a_side_of_too_few_people_gives_no_figure():
    few = one(pair((80, 90), (4, MINIMUM_SIDE - 1)))
    assert (few.importance, few.share_satisfied, few.share_dissatisfied) == (None, None, None)
    assert (few.satisfied, few.dissatisfied) == (90, MINIMUM_SIDE - 1)
    assert one(pair((80, 90), (4, MINIMUM_SIDE))).importance is not None


def test_small_places_add_up_to_enough():
    found = one(*[pair((9, 10), (1, 2))] * 5)
    assert (found.satisfied, found.dissatisfied) == (50, 10)
    assert found.importance.difference == pytest.approx(0.4)


def test_what_is_surely_important_goes_before_what_may_be():
    """The larger point estimate rests on fewer people."""
    place = ("xã A", "land")
    found = drivers(
        {
            "element:few": {place: pair((5, 5), (0, 2))},
            "element:unsure": {place: pair((20, 20), (3, 10))},
            "element:sure": {place: pair((190, 200), (40, 100))},
            "element:none": {place: pair((90, 100), (45, 50))},
            "element:unasked": {place: PairCounts()},
        }
    )
    assert [driver.measure.partition(":")[2] for driver in found] == [
        "sure",
        "unsure",
        "none",
        "few",
    ]
    assert found[1].importance.difference > found[0].importance.difference


def test_nobody_asked_gives_no_driver():
    assert drivers({}) == ()


DESIGNS = {
    "one place": ([40], [10], [0.97], [0.4]),
    "several": ([40, 15, 100, 8], [6, 3, 9, 2], [0.97, 0.9, 0.95, 0.8], [0.3, 0.5, 0.4, 0.6]),
    "unlike places": (
        [40, 15, 100, 30],
        [6, 3, 9, 12],
        [0.99, 0.6, 0.95, 0.8],
        [0.9, 0.1, 0.7, 0.2],
    ),
    "single unhappy people": ([20] * 12, [1] * 12, [0.97] * 12, [0.9] * 12),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_the_interval_holds_the_true_difference(design):
    """2,000 simulated surveys of known truth; below 95% by more than three errors would fail."""
    rng = np.random.default_rng(20261122)
    n1, n0, p1, p0 = map(np.array, DESIGNS[design])
    weights = n1 * n0 / (n1 + n0)
    truth = float((weights * (p1 - p0)).sum() / weights.sum())
    x1, x0 = rng.binomial(n1, p1, (2000, len(n1))), rng.binomial(n0, p0, (2000, len(n0)))
    surveys = {
        f"item:{r}": {
            ("xã A", str(h)): pair((int(x1[r, h]), int(n1[h])), (int(x0[r, h]), int(n0[h])))
            for h in range(len(n1))
        }
        for r in range(2000)
    }
    found = drivers(surveys)
    held = np.mean([d.importance.low <= truth <= d.importance.high for d in found])
    assert held >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 2000)
