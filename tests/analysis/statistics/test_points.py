"""Points of the nine indicators: small cases enumerated, and where each class begins."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from fractions import Fraction

import pytest

from analysis.statistics.points import (
    NINE,
    OF_A_PERSON,
    PointFiles,
    class_of_person,
    class_of_unit,
    score,
    total,
)


def test_a_score_is_the_points_of_each_file_added_up_over_the_files():
    """Files one by one, as an officer would add them up by hand; halves of a tenth go up."""
    for count in range(1, 8):
        for files in itertools.combinations_with_replacement((2, 1, 0), count):
            mean = Fraction(sum(files), count)
            by_hand = Fraction(math.floor(10 * mean + Fraction(1, 2)), 10)
            counted = PointFiles(*(files.count(points) for points in (2, 1, 0)))
            assert Fraction(score(counted)) == by_hand, files


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((18, 1, 1), "1.9"),  # 37/20 = 1.85, a half of a tenth
        ((7, 15, 18), "0.7"),  # 29/40 = 0.725
        ((0, 1, 19), "0.1"),  # 1/20 = 0.05, a half of a tenth
        ((0, 1, 20), "0.0"),  # 1/21
        ((999_999, 0, 0), "2.0"),
        ((0, 0, 5), "0.0"),
    ],
)
def test_worked_examples(files, expected):
    assert score(PointFiles(*files)) == Decimal(expected)


@pytest.mark.parametrize("files", [(0, 0, 0), (3, -1, 0)])
def test_no_files_have_no_score(files):
    with pytest.raises(ValueError, match="PointFiles"):
        score(PointFiles(*files))


def test_the_total_adds_up_rounded_scores():
    """Three scores of 1/3, each 0.3, make 0.9 and not 1.0."""
    assert total([score(PointFiles(0, 1, 2))] * 3) == Decimal("0.9")
    assert total([]) == 0
    assert total([score(PointFiles(1, 0, 0))] * len(NINE)) == 18
    assert total([score(PointFiles(1, 0, 0))] * len(OF_A_PERSON)) == 10


def test_classes_of_a_unit_begin_at_their_limits():
    """Every total that there can be, in tenths: 0.0 to 18.0."""
    words = [class_of_unit(Decimal(tenths).scaleb(-1)) for tenths in range(181)]
    lengths = [(word, len(list(run))) for word, run in itertools.groupby(words)]
    assert lengths == [("weak", 60), ("average", 30), ("fair", 30), ("good", 30), ("excellent", 31)]


def test_levels_of_a_person_begin_at_their_limits():
    words = [class_of_person(Decimal(tenths).scaleb(-1)) for tenths in range(101)]
    lengths = [(word, len(list(run))) for word, run in itertools.groupby(words)]
    assert lengths == [("part", 35), ("most", 15), ("whole", 51)]
