"""Thresholds as exact fractions, so that nine tenths of a count is never a rounding question.

Owns the check of a threshold and the count it requires.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def check_threshold(threshold: Decimal) -> Fraction:
    """The threshold as an exact fraction; ValueError for a float or outside 0..1."""
    if isinstance(threshold, float):
        raise ValueError(f"threshold is the float {threshold}; give Decimal('{threshold}')")
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; give a fraction 0..1, for example 0.90")
    return Fraction(threshold)


def required_count(threshold: Decimal, population: int) -> int:
    """Fewest satisfied dossiers of `population` that reach `threshold`: exact, never by floats.

    >>> required_count(Decimal("0.85"), 20), required_count(Decimal("0.9"), 57)
    (17, 52)
    """
    exact = check_threshold(threshold) * population
    return -(-exact.numerator // exact.denominator)
