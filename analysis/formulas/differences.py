"""Differences between two shares: periods, sectors, offices.

Owns Newcombe's interval from each side's own limits. Does not choose those limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from analysis.formulas.estimates import Estimate
from analysis.formulas.intervals import Interval, check_counts, check_level, wilson_limits


@dataclass(frozen=True, slots=True)
class Difference:
    """First share minus second, as fractions -1..1, two-sided at the level of both sides."""

    difference: float
    low: float
    high: float

    @property
    def beyond_chance(self) -> bool:
        """Zero lies outside the interval."""
        return self.low > 0 or self.high < 0


def newcombe(first: float, limits: Interval, second: float, other: Interval) -> Difference:
    """Square-and-add: the difference of two independent shares from each side's own limits.

    Parameters
    ----------
    first, limits
        One share and its two-sided interval, by whatever method suits that side.
    second, other
        The share taken off, and its interval.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873, method 10; Zou & Donner (2008).

    Examples
    --------
    >>> found = newcombe(0.8, Interval(0.69, 0.88), 0.6, Interval(0.49, 0.70))
    >>> round(found.low, 3), round(found.high, 3)
    (0.051, 0.336)
    """
    below = sqrt((first - limits.low) ** 2 + (other.high - second) ** 2)
    above = sqrt((limits.high - first) ** 2 + (second - other.low) ** 2)
    gap = first - second
    return Difference(gap, gap - below, gap + above)


def difference(first: Estimate, second: Estimate) -> Difference | None:
    """First minus second; None where either has no answers.

    The two must be different people: two periods, two sectors, two offices. ValueError where
    their levels differ.
    """
    if first.level != second.level:
        raise ValueError(f"levels are {first.level} and {second.level}; estimate both at one level")
    limits, other = _limits(first), _limits(second)
    if first.share is None or second.share is None or limits is None or other is None:
        return None
    return newcombe(first.share, limits, second.share, other)


def _limits(side: Estimate) -> Interval | None:
    if side.low is None or side.high is None:
        return None
    return Interval(side.low, side.high)


def score_difference(
    first: tuple[int, int],
    second: tuple[int, int],
    *,
    level: float = 0.95,
    continuity: bool = False,
) -> Difference:
    """Newcombe's methods 10 and 11 from (satisfied, answered) counts, dossiers unknown.

    Kept so that published tables can be checked; the product takes `difference`.
    """
    sides = []
    for satisfied, answered in (first, second):
        check_counts(satisfied, answered)
        if not answered:
            raise ValueError("a side has no answers; give at least one")
        tail = (1 - check_level(level)) / 2
        low, high = wilson_limits(satisfied, answered, tail, continuity=continuity)
        sides.append((satisfied / answered, Interval(float(low[0]), float(high[0]))))
    return newcombe(*sides[0], *sides[1])
