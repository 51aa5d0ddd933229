"""The row of a cell: which method, which people, what is left unknown, what is said beside it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.estimates import estimate, estimate_many
from analysis.statistics.exact import exact_interval, one_sided_bounds
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.strata import Stratum


def item(x: int, n: int, responses: int | None = None) -> Moments:
    """x of n satisfied, everyone scoring 5 or 2."""
    s, squares = 4 * x + (n - x), 16 * x + (n - x)
    people = n if responses is None else responses
    return Moments(people, n, x, n, x, x, n, s, squares, s)


def people(*answers: tuple[int, int]) -> Moments:
    """An index from (satisfied, answered) per person; satisfied ones score 5, others 2."""
    rows = [(y, m, 4 * y + (m - y)) for y, m in answers]
    return Moments(
        n=len(rows),
        answered=sum(m > 0 for _, m, _ in rows),
        y=sum(y for y, _, _ in rows),
        m=sum(m for _, m, _ in rows),
        yy=sum(y * y for y, _, _ in rows),
        ym=sum(y * m for y, m, _ in rows),
        mm=sum(m * m for _, m, _ in rows),
        s=sum(s for _, _, s in rows),
        ss=sum(s * s for _, _, s in rows),
        sm=sum(s * m for _, m, s in rows),
    )


def test_one_item_in_one_sector_is_exact() -> None:
    found = estimate([Stratum(item(37, 41), 60)])
    both, one = exact_interval(37, 41, 60), one_sided_bounds(37, 41, 60)
    assert (found.low, found.high) == (both.low, both.high)
    assert (found.lower, found.upper) == (one.low, one.high)
    assert found.method == "hypergeometric"
    assert (found.n, found.answered, found.satisfied, found.population) == (41, 41, 37, 60)
    assert found.response_rate == 41 / 60
    assert found.share == 37 / 41
    assert found.silent_low == pytest.approx(37 / 60)
    assert found.silent_high == pytest.approx((37 + 19) / 60)
    assert found.df == 40
    assert found.note is None


def test_the_standard_error_is_that_of_sampling_without_replacement() -> None:
    found = estimate([Stratum(item(37, 41), 60)])
    p = 37 / 41
    by_hand = (1 - 41 / 60) * (41 / 40) * p * (1 - p) / 41
    assert found.se == pytest.approx(by_hand**0.5, rel=1e-12)
    assert found.n_eff == pytest.approx(41 / (1 - 41 / 60))
    assert found.design_effect == pytest.approx(by_hand / (p * (1 - p) / 41))


def test_without_dossiers_it_is_clopper_pearson() -> None:
    found = estimate([Stratum(item(37, 41), None)])
    both = exact_interval(37, 41)
    assert (found.low, found.high, found.method) == (both.low, both.high, "clopper-pearson")
    assert found.population is found.response_rate is found.silent_low is found.silent_high is None
    assert found.note is None


def test_who_left_the_item_out_is_not_in_its_sample_but_in_the_responses() -> None:
    found = estimate([Stratum(item(30, 35, responses=41), 60)])
    both = exact_interval(30, 35, 60)
    assert (found.low, found.high) == (both.low, both.high)
    assert (found.n, found.answered) == (41, 35)
    assert found.response_rate == 41 / 60
    assert found.silent_low == pytest.approx(30 / 60)
    assert found.silent_high == pytest.approx((30 + 25) / 60)


def test_a_census_is_a_point_for_every_measure() -> None:
    for kind, moments in (("item", item(3, 5)), ("ratio", people((2, 5), (5, 5), (0, 1)))):
        found = estimate([Stratum(moments, moments.n)], kind=kind)
        share = moments.y / moments.m
        assert found.method == "census"
        assert found.low == found.high == found.lower == found.upper == found.share == share
        assert found.mean_low == found.mean_high == found.mean
        assert found.se == 0
        assert found.n_eff is None


def test_a_census_of_all_sectors_is_a_point_of_the_whole() -> None:
    found = estimate([Stratum(item(3, 5), 5), Stratum(item(8, 10), 10)])
    assert found.low == found.high == found.share == pytest.approx(11 / 15)


def test_a_total_weighs_sectors_by_their_dossiers() -> None:
    found = estimate([Stratum(item(8, 10), 100), Stratum(item(10, 10), 300)])
    assert found.share == pytest.approx((100 * 0.8 + 300 * 1.0) / 400)
    assert found.method == "kg-s"
    assert (found.population, found.population_covered) == (400, 400)
    assert found.low is not None and found.high is not None
    assert found.low < found.share < found.high < 1


def test_nobody_answered() -> None:
    for strata in ([], [Stratum(ZERO, 40)], [Stratum(ZERO, None)], [Stratum(ZERO, 0)]):
        for kind in ("item", "ratio"):
            found = estimate(strata, kind=kind)
            assert (found.n, found.answered, found.satisfied) == (0, 0, 0)
            figures = (found.share, found.low, found.high, found.mean, found.se, found.method)
            assert figures == (None,) * 6
            assert (found.silent_low, found.silent_high, found.note) == (None, None, None)
            assert not found.reliable
    assert estimate([Stratum(ZERO, 40)]).population == 40


def test_a_respondent_to_whom_nothing_applied_stays_in_n() -> None:
    some = people((4, 5), (5, 5), (0, 0), (3, 5))
    found = estimate([Stratum(some, 50)], kind="ratio")
    assert (found.n, found.answered, found.satisfied) == (4, 15, 12)
    assert found.df == 3
    without = estimate([Stratum(replace(some, n=3), 50)], kind="ratio")
    assert found.share == without.share and found.se != without.se


def test_a_sector_where_nothing_applied_to_anybody_still_widens_an_index() -> None:
    """R 4.2, the formula of STATISTICS 3.3 over n = (3, 1) of N = (60, 20): kgs(...)."""
    heard = [Stratum(people((4, 5), (5, 5), (2, 4)), 60), Stratum(people((0, 0)), 20)]
    found = estimate(heard, kind="ratio")
    assert (found.n, found.answered) == (4, 14)
    assert found.share == pytest.approx(11 / 14)
    assert (found.low, found.high) == pytest.approx((0.259837199733, 0.994259869188), abs=1e-9)


def test_a_sector_without_answers_is_said_and_counted() -> None:
    found = estimate([Stratum(item(8, 10), 100), Stratum(ZERO, 25), Stratum(ZERO, 0)])
    alone = estimate([Stratum(item(8, 10), 100)])
    assert (found.low, found.high, found.share) == (alone.low, alone.high, alone.share)
    assert (found.population, found.population_covered) == (125, 100)
    assert found.response_rate == 10 / 125
    assert found.silent_low == pytest.approx(8 / 125)
    assert found.silent_high == pytest.approx((8 + 115) / 125)
    assert found.note is not None
    assert "100 trên 125 hồ sơ: 1 nhóm" in found.note
    assert "100 of 125 dossiers: dossier groups without any answer yet: 1" in found.note


def test_more_answers_than_dossiers_is_an_error_that_is_told() -> None:
    found = estimate([Stratum(item(37, 41), 40)])
    unknown = exact_interval(37, 41)
    assert (found.low, found.high) == (unknown.low, unknown.high)
    assert found.method == "clopper-pearson"
    assert (found.population, found.response_rate) == (40, 1.0)
    assert found.silent_low == found.silent_high == pytest.approx(37 / 41)  # nobody is left
    assert [note.code for note in found.notes] == ["more_answers_than_dossiers"]


def test_61_responses_of_60_dossiers_are_an_error_even_if_58_answered_the_item() -> None:
    found = estimate([Stratum(item(50, 58, responses=61), 60)])
    assert found.method == "clopper-pearson"
    assert [note.code for note in found.notes] == ["more_answers_than_dossiers"]


def test_answers_where_there_are_no_dossiers_at_all_are_counted_as_without_any_count() -> None:
    found = estimate([Stratum(item(3, 5), 0)])
    assert (found.n, found.uncovered, found.share) == (5, 0, 3 / 5)
    assert (found.low, found.high) == (exact_interval(3, 5).low, exact_interval(3, 5).high)
    assert found.response_rate is found.silent_low is None


def test_an_error_in_one_sector_takes_the_correction_from_that_sector_only() -> None:
    sound = estimate([Stratum(item(8, 10), 20), Stratum(item(9, 10), 20)])
    broken = estimate([Stratum(item(8, 10), 20), Stratum(item(9, 10), 9)])
    assert [note.code for note in broken.notes] == ["more_answers_than_dossiers"]
    assert broken.share == pytest.approx((20 * 0.8 + 9 * 0.9) / 29)
    assert broken.response_rate == 19 / 29 and sound.response_rate == 0.5
    assert broken.silent_low == pytest.approx((8 + 9 * 0.9) / 29)
    assert broken.silent_high == pytest.approx((8 + 9 * 0.9 + 10) / 29)
    # sector 1 alone has a correction: variance 20^2 (1 - 1/2) 0.16/9 + 9^2 0.09/9 of 29^2
    assert broken.se == pytest.approx((20**2 * 0.5 * 0.16 / 9 + 9**2 * 0.09 / 9) ** 0.5 / 29)


@pytest.mark.parametrize("dossiers", [None, 0])
def test_answers_that_no_dossier_count_covers_stand_outside(dossiers: int | None) -> None:
    alone = estimate([Stratum(item(8, 10), 100)])
    found = estimate([Stratum(item(8, 10), 100), Stratum(item(30, 30), dossiers)])
    assert found == replace(alone, uncovered=30, notes=found.notes)
    assert [(note.code, note.count) for note in found.notes] == [("uncovered", 30)]


def test_no_dossiers_at_all_pool_one_item_and_cluster_an_index() -> None:
    strata = [Stratum(item(8, 10), None), Stratum(item(30, 30), None)]
    found = estimate(strata)
    assert (found.share, found.method) == (38 / 40, "clopper-pearson")
    assert found.note is None
    index = [Stratum(people((4, 5), (5, 5), (2, 5)), None), Stratum(people((1, 1), (0, 4)), None)]
    clustered = estimate(index, kind="ratio")
    assert clustered.share == pytest.approx(12 / 20)
    assert clustered.method == "kg-s"


def test_one_answer_has_an_interval_and_no_standard_error() -> None:
    found = estimate([Stratum(item(1, 1), 15)])
    assert (found.low, found.high) == (1 / 15, 1.0)
    assert found.se is None and found.df == 0
    total = estimate([Stratum(item(1, 1), 15), Stratum(item(8, 10), 100)])
    assert total.se is not None
    assert [note.code for note in total.notes] == ["one_answer_in_a_stratum"]


def test_all_satisfied_keeps_a_width() -> None:
    for strata in ([Stratum(item(5, 5), 20)], [Stratum(item(5, 5), 20), Stratum(item(6, 6), 30)]):
        found = estimate(strata)
        assert found.share == found.high == 1.0
        assert found.low is not None and found.low < 0.8
        assert found.se == 0


def test_five_happy_people_with_eight_items_are_five_people() -> None:
    eager = estimate([Stratum(people(*[(8, 8)] * 5), 1000)], kind="ratio")
    single = exact_interval(5, 5, 1000)
    assert eager.low is not None and 0.3 < eager.low < single.low


def test_an_items_mean_is_the_mean_of_its_scores() -> None:
    found = estimate([Stratum(item(8, 10), 100)])
    assert found.mean == pytest.approx((8 * 5 + 2 * 2) / 10)
    assert found.mean_low is not None and found.mean_high is not None
    assert 1 <= found.mean_low < found.mean < found.mean_high <= 5
    spread = (8 * 0.6**2 + 2 * 2.4**2) / 9
    assert found.mean_se == pytest.approx(((1 - 0.1) * spread / 10) ** 0.5)


def test_silent_people_answer_as_many_items_as_the_average() -> None:
    found = estimate([Stratum(people((4, 5), (5, 5), (1, 2)), 12)], kind="ratio")
    # 3 of 12 heard with 12 items, so 48 items in all, 36 of them silent
    assert found.silent_low == pytest.approx(10 / 48)
    assert found.silent_high == pytest.approx((10 + 36) / 48)


def test_a_channel_keeps_the_sectors_full_sample_and_has_no_dossiers_of_its_own() -> None:
    kiosk = estimate(
        [
            Stratum(item(18, 20), 100, responses=40),
            Stratum(item(9, 10), 50, responses=30),
        ]
    )
    assert kiosk.n == 30
    satisfied, answered = 100 / 40 * 18 + 50 / 30 * 9, 100 / 40 * 20 + 50 / 30 * 10
    assert kiosk.share == pytest.approx(satisfied / answered)
    assert kiosk.population is kiosk.response_rate is kiosk.silent_low is None
    assert kiosk.df == 28


def test_a_channel_in_one_sector_uses_the_most_dossiers_it_can_have() -> None:
    kiosk = estimate([Stratum(item(18, 20), 60, responses=40)])
    widest = exact_interval(18, 20, 60 - 20)
    assert (kiosk.low, kiosk.high) == (widest.low, widest.high)
    for dossiers in range(20, 41):
        inner = exact_interval(18, 20, dossiers)
        assert kiosk.low <= inner.low + 1 / 40 and kiosk.high >= inner.high - 1 / 40


def test_a_channel_of_a_census_is_known() -> None:
    kiosk = estimate([Stratum(item(18, 20), 40, responses=40)])
    assert kiosk.low == kiosk.high == 18 / 20


def test_reliability_needs_thirty_answers_and_a_narrow_interval() -> None:
    assert not estimate([Stratum(item(10, 10), 1000)]).reliable
    assert not estimate([Stratum(item(16, 32), 10_000)]).reliable
    assert estimate([Stratum(item(95, 100), 1000)]).reliable
    # 19 of 20 dossiers answered leave nothing to guess
    assert estimate([Stratum(item(18, 19), 20)]).reliable


def test_impossible_strata_are_refused() -> None:
    with pytest.raises(ValueError, match="population is -1"):
        Stratum(ZERO, -1)
    with pytest.raises(ValueError, match="fewer than the domain"):
        Stratum(item(3, 5), 10, responses=4)
    with pytest.raises(ValueError, match="give one each"):
        estimate_many([[Stratum(ZERO, 1)]], ["item", "ratio"])
    with pytest.raises(ValueError, match="level, 95: it is no fraction"):
        estimate([], level=95)


def fractions(strata: list[Stratum]) -> Fraction:
    above = sum(Fraction(s.population or 0, s.moments.n) * s.moments.y for s in strata)
    below = sum(Fraction(s.population or 0, s.moments.n) * s.moments.m for s in strata)
    return above / below


answers = st.lists(
    st.integers(0, 6).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))),
    min_size=1,
    max_size=12,
)
sectors = st.lists(st.tuples(answers, st.integers(0, 60)), min_size=1, max_size=5)


@given(sectors, st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=200, deadline=None)
def test_any_index_lies_inside_its_own_limits(
    data: list[tuple[list[tuple[int, int]], int]], level: float
) -> None:
    strata = [Stratum(people(*rows), len(rows) + more) for rows, more in data]
    found = estimate(strata, kind="ratio", level=level)
    if found.share is None:
        assert found.answered == 0
        return
    assert found.share == pytest.approx(float(fractions([s for s in strata if s.moments.m])))
    assert None not in (found.low, found.high, found.lower, found.upper)
    assert 0 <= found.low <= found.lower <= found.share + 1e-12  # type: ignore[operator]
    assert found.share - 1e-12 <= found.upper <= found.high <= 1  # type: ignore[operator]
    assert found.silent_low is not None and found.silent_high is not None
    assert found.silent_low <= found.silent_high + 1e-12


@given(sectors)
@settings(max_examples=60, deadline=None)
def test_many_cells_at_once_give_what_each_gives_alone(
    data: list[tuple[list[tuple[int, int]], int]],
) -> None:
    strata = [Stratum(people(*rows), len(rows) + more) for rows, more in data]
    binary = [
        Stratum(item(sum(y > 0 for y, _ in rows), len(rows)), len(rows) + more)
        for rows, more in data
    ]
    cells = [[one] for one in strata] + [strata, binary, [binary[0]], []]
    kinds = ["ratio"] * (len(strata) + 1) + ["item"] * 3
    together = estimate_many(cells, kinds)
    assert together == [estimate(cell, kind=kind) for cell, kind in zip(cells, kinds, strict=True)]
