"""How many answers to plan for, against tables made in R and power by enumeration."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom, hypergeom

from analysis.statistics.sample_size import (
    YAMANE_SOURCE,
    answers_for_power,
    fewest_all_satisfied,
    yamane,
)

# answers for an 80% chance of "met", made in R: target @ true share
WISHES = (
    (0.85, 0.90),
    (0.85, 0.95),
    (0.90, 0.93),
    (0.90, 0.95),
    (0.90, 0.98),
    (0.95, 0.97),
    (0.95, 0.98),
    (0.95, 0.99),
)
TABLE = {
    20: (18, 15, 17, 17, 12, 20, 16, 16),
    60: (46, 30, 52, 46, 31, 54, 45, 45),
    200: (115, 45, 142, 96, 40, 145, 112, 72),
    1000: (212, 58, 346, 148, 59, 372, 193, 117),
    None: (281, 59, 549, 179, 61, 601, 234, 124),
}


@pytest.mark.parametrize("population", TABLE)
def test_answers_for_80_percent_power_are_those_of_the_table(population: int | None) -> None:
    got = tuple(
        answers_for_power(Decimal(str(target)), Decimal(str(true)), population)
        for target, true in WISHES
    )
    assert got == TABLE[population]


def power(n: int, target: Decimal, true: Decimal, N: int | None) -> float:
    x = np.arange(n + 2)
    if N is None:
        null, alternative = binom(n, float(target)), binom(n, float(true))
    else:
        required = -(-Fraction(target) * N // 1)
        null = hypergeom(N, int(required) - 1, n)
        alternative = hypergeom(N, round(true * N), n)
    proof = x[null.sf(x - 1) <= 0.05 * (1 + 1e-9)]
    return float(alternative.sf(proof[0] - 1)) if proof.size else 0.0


@pytest.mark.parametrize(
    ("target", "true", "population"),
    [("0.9", "0.96", None), ("0.85", "0.93", 137), ("0.9", "0.92", 60), ("0.5", "0.6", 400)],
)
def test_it_is_the_first_number_with_the_power(
    target: str, true: str, population: int | None
) -> None:
    found = answers_for_power(Decimal(target), Decimal(true), population)
    assert found is not None
    asked = (Decimal(target), Decimal(true), population)
    assert power(found, *asked) >= 0.8
    assert max(power(n, *asked) for n in range(1, found)) < 0.8


def test_a_share_on_or_below_the_target_cannot_be_proven() -> None:
    assert answers_for_power(Decimal("0.9"), Decimal("0.9")) is None
    assert answers_for_power(Decimal("0.9"), Decimal("0.85"), 200) is None
    # in a finite population, exactly on the target is provable by asking everybody
    assert answers_for_power(Decimal("0.9"), Decimal("0.9"), 20) == 20


def test_close_calls_in_a_province_are_found_quickly() -> None:
    found = answers_for_power(Decimal("0.9"), Decimal("0.902"), 1_000_000)
    assert found is not None and 100_000 < found < 140_000


def test_fewest_all_satisfied_is_where_the_first_proof_is() -> None:
    for N in (7, 20, 60, 333):
        n = fewest_all_satisfied(Decimal("0.9"), N)
        assert n is not None
        required = -(-9 * N // 10)
        assert hypergeom.sf(n - 1, N, required - 1, n) <= 0.05
        assert hypergeom.sf(n - 2, N, required - 1, n - 1) > 0.05
    assert fewest_all_satisfied(Decimal("1")) is None
    assert fewest_all_satisfied(Decimal("1"), 20) == 19
    assert fewest_all_satisfied(Decimal("0")) == 0
    assert answers_for_power(Decimal("0"), Decimal("0.5"), 20) == 0


def test_yamane_is_the_2014_guidance_rounded_up() -> None:
    assert yamane(0) == 0
    assert yamane(400) == 200
    assert yamane(1_000_000) == 400
    assert yamane(1000, margin=Decimal("0.03")) == 527
    assert "1159/BNV-CCHC" in YAMANE_SOURCE
    with pytest.raises(ValueError, match="population is -1"):
        yamane(-1)


def test_impossible_wishes_are_refused() -> None:
    with pytest.raises(ValueError, match="power is 80"):
        answers_for_power(Decimal("0.9"), Decimal("0.95"), power=80)
    with pytest.raises(ValueError, match="level, 1: it is no fraction"):
        fewest_all_satisfied(Decimal("0.9"), level=1)
