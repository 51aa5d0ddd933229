"""Which dossiers are drawn: anyone with the list and the seed draws the same ones."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.dossiers.count import ListedDossier
from survey.recheck.tickets import LEAST, ROLLS, allocate, order, rolled
from tests.survey.recheck.drawn import DICE

SIZES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 300), min_size=1)


def dossiers(*sectors: str) -> list[ListedDossier]:
    return [
        ListedDossier(row, f"H-{row}", "", "2026-10", "xa", sector)
        for row, sector in enumerate(sectors, start=2)
    ]


def test_a_ticket_is_the_digest_of_seed_and_row_as_anybody_computes_it() -> None:
    drawn = order(dossiers(*["land"] * 9), DICE)["land"]
    plain = sorted(
        (hashlib.sha256(f"{DICE},{row}".encode()).hexdigest(), row) for row in range(2, 11)
    )
    assert [(one.ticket, one.dossier.row) for one in drawn] == plain
    assert [one.position for one in drawn] == list(range(1, 10))


def test_the_order_of_the_list_s_other_columns_changes_nothing() -> None:
    rows = dossiers("land", "civil", "land", "land", "civil")
    assert order(rows, DICE) == order(reversed(rows), DICE)


@settings(max_examples=80)
@given(SIZES, st.integers(1, 200))
def test_asking_for_more_never_takes_a_dossier_out_again(sizes: dict[str, int], size: int) -> None:
    fewer, more = allocate(sizes, size), allocate(sizes, size + 1)
    assert sum(fewer.values()) == min(size, sum(sizes.values()))
    assert all(fewer[one] <= more[one] <= sizes[one] for one in sizes)


@settings(max_examples=80)
@given(SIZES)
def test_each_sector_has_two_of_its_own_before_the_rest_goes_by_size(sizes: dict[str, int]) -> None:
    found = allocate(sizes, LEAST * len(sizes))
    assert all(found[one] >= min(LEAST, sizes[one]) for one in sizes)


def test_the_rest_is_shared_in_proportion_as_webster_does_it() -> None:
    assert allocate({"land": 60, "civil": 30, "trade": 10}, 20) == {
        "land": 12,
        "civil": 6,
        "trade": 2,
    }


@pytest.mark.parametrize("typed", [DICE, " ".join(DICE), "3514 2665-1342,6153.5421"])
def test_dice_may_be_typed_with_whatever_stands_between(typed: str) -> None:
    assert rolled(typed) == DICE


@pytest.mark.parametrize("typed", ["", "123456", "7" * ROLLS, "1" * (ROLLS - 1), "một hai ba"])
def test_too_few_rolls_or_no_die_make_no_seed(typed: str) -> None:
    assert rolled(typed) is None


def test_a_seed_that_differs_in_one_roll_draws_others() -> None:
    rows = dossiers(*["land"] * 200)
    first, other = (
        {one.dossier.row for one in order(rows, seed)["land"][:20]}
        for seed in (DICE, DICE[:-1] + "2")
    )
    assert len(first & other) < 10
