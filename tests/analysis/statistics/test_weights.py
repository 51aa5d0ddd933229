"""Weights: both margins met, every impossible margin named, the cost of unequal weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.estimates import estimate
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.strata import Stratum
from analysis.statistics.weights import (
    MarginError,
    WeightGroup,
    poststratify,
    rake,
    weighted_ratio,
)

CHANNELS = {"poster": 70, "kiosk": 30}
SECTORS = {"land": 60, "tax": 40}


def item(x: int, n: int) -> Moments:
    return Moments(n=n, answered=n, y=x, m=n, yy=x, ym=x, mm=n)


def test_kish_is_the_number_of_answers_where_weights_are_alike() -> None:
    """(sum w)^2 / sum w^2: 4^2 / (9 + 1) of the weights 3 and 1."""
    alike = weighted_ratio([WeightGroup(item(5, 7), 2.5)])
    apart = weighted_ratio([WeightGroup(item(1, 1), 3.0), WeightGroup(item(0, 1), 1.0)])
    assert (alike.kish_n_eff, apart.kish_n_eff) == (pytest.approx(7), pytest.approx(1.6))


def test_poststratified_weights_add_up_to_the_dossiers() -> None:
    weights = poststratify({"land": 20, "tax": 10}, {"land": 310, "tax": 180, "closed": 0})
    assert weights == {"land": 15.5, "tax": 18.0}


def test_every_impossible_group_is_named_at_once() -> None:
    with pytest.raises(MarginError) as caught:
        poststratify({"land": 20, "farm": 3}, {"land": 310, "tax": 180, "odd": -1})
    assert len(caught.value.problems) == 3
    said = str(caught.value)
    assert "'tax': 180 dossiers but no answers" in said
    assert "'farm': 3 answers but no dossiers" in said
    assert "'odd': -1 dossiers" in said


def margins(table: dict[tuple[str, str], int]) -> tuple[np.ndarray, np.ndarray]:
    raked = np.array(rake(table, SECTORS, CHANNELS).weights)
    counts = np.array([[table.get((s, c), 0) for c in CHANNELS] for s in SECTORS])
    return (raked * counts).sum(axis=1), (raked * counts).sum(axis=0)


counts = st.integers(1, 500)


@given(st.tuples(counts, counts, counts, counts))
@settings(max_examples=200, deadline=None)
def test_raked_weights_meet_both_margins(cells: tuple[int, int, int, int]) -> None:
    names = [(s, c) for s in SECTORS for c in CHANNELS]
    rows, columns = margins(dict(zip(names, cells, strict=True)))
    assert rows == pytest.approx([60, 40]) and columns == pytest.approx([70, 30])


def test_raking_reports_how_it_got_there() -> None:
    table = {("land", "poster"): 9, ("land", "kiosk"): 2, ("tax", "poster"): 5, ("tax", "kiosk"): 7}
    found = rake(table, SECTORS, CHANNELS)
    assert 1 < found.rounds < 50
    assert found.gap <= 1e-10 * 100
    # weights of a two-way table factor into a row and a column part
    (a, b), (c, d) = found.weights
    assert a * d == pytest.approx(b * c)


@pytest.mark.parametrize(
    ("table", "rows", "columns", "said"),
    [
        ({("land", "poster"): 5}, SECTORS, CHANNELS, "row 'tax': 40 dossiers but no answers"),
        ({("land", "poster"): 5}, SECTORS, CHANNELS, "column 'kiosk': 30 dossiers but no answers"),
        ({("farm", "poster"): 5}, SECTORS, CHANNELS, "row 'farm': 5 answers but no dossiers"),
        ({("land", "poster"): 5}, {"land": 60}, {"poster": 61}, "rows add up to 60 dossiers"),
        ({}, {"land": 0}, {"poster": 0}, "there are no dossiers"),
    ],
)
def test_a_margin_that_cannot_be_met_is_refused_by_name(
    table: dict[tuple[str, str], int], rows: dict[str, int], columns: dict[str, int], said: str
) -> None:
    with pytest.raises(MarginError, match=said):
        rake(table, rows, columns)


def test_empty_cells_that_leave_no_way_are_refused() -> None:
    # tax was answered at the kiosk only, but 40 dossiers cannot be among the kiosk's 30
    table = {("land", "poster"): 10, ("land", "kiosk"): 10, ("tax", "kiosk"): 10}
    with pytest.raises(MarginError, match=r"off after 200 rounds; its empty cells"):
        rake(table, SECTORS, CHANNELS, rounds=200)


def test_weighting_by_sector_gives_the_stratified_share() -> None:
    dossiers, answers = {"land": 300, "tax": 100}, {"land": (18, 20), "tax": (5, 10)}
    weights = poststratify({s: n for s, (_, n) in answers.items()}, dossiers)
    weighted = weighted_ratio(
        [WeightGroup(item(*answers[s]), weights[s], (s,)) for s in answers], population=400
    )
    stratified = estimate([Stratum(item(*answers[s]), dossiers[s]) for s in answers])
    assert weighted.share == pytest.approx(stratified.share)
    assert weighted.se == pytest.approx(stratified.se, rel=0.1)
    assert (weighted.low, weighted.high) == pytest.approx(
        (stratified.low, stratified.high), abs=0.03
    )


def test_equal_weights_are_a_simple_random_sample() -> None:
    found = weighted_ratio([WeightGroup(item(37, 41), 3.0)], population=60)
    p = 37 / 41
    assert found.se == pytest.approx(((1 - 41 / 60) * p * (1 - p) / 40) ** 0.5)
    assert found.kish_n_eff == pytest.approx(41)
    assert found.df == 40


def test_all_satisfied_keeps_a_width_under_weights() -> None:
    found = weighted_ratio([WeightGroup(item(5, 5), 1.0), WeightGroup(item(6, 6), 4.0)])
    assert (found.share, found.high, found.se, found.n_eff) == (1.0, 1.0, 0.0, None)
    assert found.low is not None and 0.4 < found.low < 0.8


def test_everyone_answered_is_a_point() -> None:
    found = weighted_ratio([WeightGroup(item(3, 5), 1.0)], population=5)
    assert found.low == found.high == found.share == 0.6
    assert found.se == 0


def test_nothing_and_one_answer() -> None:
    assert weighted_ratio([]).share is None
    assert weighted_ratio([WeightGroup(ZERO, 1.0)]).n == 0
    one = weighted_ratio([WeightGroup(item(1, 1), 2.0)])
    assert (one.share, one.se, one.df) == (1.0, None, 0)
    assert one.low is not None and one.low < 0.1


def test_impossible_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="weight is negative"):
        weighted_ratio([WeightGroup(item(1, 2), -1.0)])
    with pytest.raises(ValueError, match="number of margins"):
        weighted_ratio([WeightGroup(item(1, 2), 1.0, ("a",)), WeightGroup(item(1, 2), 1.0)])
    with pytest.raises(ValueError, match="population is 1 for 2 responses"):
        weighted_ratio([WeightGroup(item(1, 2), 1.0)], population=1)
