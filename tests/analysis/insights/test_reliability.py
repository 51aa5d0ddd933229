"""Cronbach's alpha: published examples, hand computation, what it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f

from analysis.input.counts import Sheets
from analysis.insights.drivers import MINIMUM_SHEETS, cronbach, feldt_interval, reliability
from analysis.simulate import Truth, simulate_scores

# Three questions, ten people: a worked example of pingouin.cronbach_alpha (statology.org,
# "How to Calculate Cronbach's Alpha in Python"), which prints (0.7734375, [0.336, 0.939]).
TEN_PEOPLE = [
    *([1, 1, 1], [2, 1, 1], [2, 1, 2], [3, 2, 1], [2, 3, 2]),
    *([2, 3, 3], [3, 2, 3], [3, 3, 3], [2, 3, 2], [3, 3, 3]),
]


def sheets_of(rows):
    table = np.array(rows, dtype=int)
    return Sheets(
        len(table),
        tuple(table.sum(axis=0).tolist()),
        tuple((table**2).sum(axis=0).tolist()),
        int((table.sum(axis=1) ** 2).sum()),
    )


def test_a_published_example():
    alpha = cronbach(sheets_of(TEN_PEOPLE))
    found = feldt_interval(alpha, n=10, items=3)
    assert alpha == 0.7734375
    assert (round(found.low, 3), round(found.high, 3)) == (0.336, 0.939)


@pytest.mark.parametrize(("alpha", "n", "k"), [(0.79, 41, 26), (0.2, 15, 3), (-0.5, 200, 8)])
def test_the_interval_is_that_of_feldt_woodruff_and_salih(alpha, n, k):
    """Their formulas 6 and 7 (1987, p. 95), with the F of another library."""
    law = f(n - 1, (n - 1) * (k - 1))
    found = feldt_interval(alpha, n=n, items=k, level=0.9)
    expected = 1 - (1 - alpha) * law.ppf(0.95), 1 - (1 - alpha) * law.ppf(0.05)
    assert (found.low, found.high) == pytest.approx(expected)


def by_definition(rows):
    table = np.array(rows, dtype=float)
    k = table.shape[1]
    parts, whole = table.var(axis=0, ddof=1).sum(), table.sum(axis=1).var(ddof=1)
    return k / (k - 1) * (1 - parts / whole)


@given(
    st.integers(2, 6).flatmap(
        lambda k: st.lists(
            st.lists(st.integers(1, 5), min_size=k, max_size=k), min_size=2, max_size=30
        )
    )
)
def test_it_is_what_the_variances_give(rows):
    if len({sum(row) for row in rows}) == 1:
        assert cronbach(sheets_of(rows)) is None
    else:
        assert cronbach(sheets_of(rows)) == pytest.approx(by_definition(rows), abs=1e-9)


@given(st.integers(2, 8), st.lists(st.integers(1, 5), min_size=2, max_size=20, unique=False))
def test_items_that_always_agree_have_alpha_one(k, scores):
    found = cronbach(sheets_of([[score] * k for score in scores]))
    assert found is None if len(set(scores)) == 1 else found == pytest.approx(1)


def test_items_that_contradict_each_other_have_a_negative_alpha():
    rows = [[5, 1, 3], [1, 5, 4], [4, 2, 3], [2, 4, 3]] * 3
    (found,) = reliability("survey@1", {"index": sheets_of(rows)})
    assert found.alpha == pytest.approx(by_definition(rows))
    assert found.alpha < 0
    assert found.interval.low < found.alpha < found.interval.high


def test_where_all_sums_are_alike_it_says_so():
    (found,) = reliability("survey@1", {"index": sheets_of([[5, 5]] * 40)})
    assert (found.alpha, found.interval, found.missing) == (None, None, "all_alike")
    assert (found.items, found.n) == (2, 40)


def test_too_few_complete_sheets_give_no_figure():
    few, enough = (
        reliability("survey@1", {"index": sheets_of((TEN_PEOPLE * 2)[:n])})[0]
        for n in (MINIMUM_SHEETS - 1, MINIMUM_SHEETS)
    )
    assert (few.alpha, few.missing, few.n) == (None, "few_sheets", MINIMUM_SHEETS - 1)
    assert enough.alpha is not None


def test_no_sheet_at_all_is_too_few():
    (found,) = reliability("survey@1", {"element:access": Sheets(0, (0, 0), (0, 0), 0)})
    assert (found.n, found.missing) == (0, "few_sheets")


def test_measures_keep_their_order():
    sheets = sheets_of(TEN_PEOPLE)
    found = reliability("desk@1", {"index": sheets, "element:b": sheets, "element:a": sheets})
    assert [row.measure for row in found] == ["index", "element:b", "element:a"]


@pytest.mark.parametrize(("n", "items"), [(1, 5), (10, 1)])
def test_an_interval_needs_two_people_and_two_items(n, items):
    with pytest.raises(ValueError, match="two of each"):
        feldt_interval(0.8, n=n, items=items)


def test_the_interval_holds_for_the_model_it_assumes():
    """Normal scores, equal correlation .4, five items: true alpha 5*.4 / (1 + 4*.4)."""
    rng = np.random.default_rng(20261122)
    truth, held = 5 * 0.4 / (1 + 4 * 0.4), 0
    for _ in range(2000):
        table = np.sqrt(0.4) * rng.standard_normal((40, 1)) + np.sqrt(0.6) * rng.standard_normal(
            (40, 5)
        )
        found = feldt_interval(by_definition(table), n=40, items=5)
        held += found.low <= truth <= found.high
    assert held / 2000 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 2000))


def test_on_scores_of_mostly_satisfied_people_it_holds_almost_as_often():
    """The docstring's 91% to 95%: 90% satisfied, 4 items, 100 sheets; truth from 400,000."""
    rng = np.random.default_rng(20261122)
    truth = by_definition(simulate_scores(rng, Truth("land", 0.9, 0), 400_000, 4))
    held = 0
    for _ in range(1000):
        alpha = by_definition(simulate_scores(rng, Truth("land", 0.9, 0), 100, 4))
        found = feldt_interval(alpha, n=100, items=4)
        held += found.low <= truth <= found.high
    assert 0.89 <= held / 1000 <= 0.96
