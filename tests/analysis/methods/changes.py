"""Examples of differences, daily looks, channels, trends and several sectors at once."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import pytest

from analysis.input.aggregates import Cell
from analysis.statistics import comparisons
from analysis.statistics.comparisons import departure
from analysis.statistics.estimates import estimate
from analysis.statistics.moments import Moments
from analysis.statistics.sequential import confidence_sequence
from analysis.statistics.verdicts import holm
from analysis.strata.running import STEP, settled
from tests.analysis.methods.enumeration import (
    ONE,
    PLACE,
    TWO,
    at_least,
    at_most,
    item,
    possible,
    ways,
)

AIM, YEAR = Fraction(9, 10), 2030
"""The target that the sentence about several sectors is quoted for."""


def a_difference(N, n, x, other):
    """Newcombe's square-and-add from the exact interval of each side, in percentage points."""
    p, q = Fraction(100 * x, n), Fraction(100 * other, n)
    (l1, u1), (l2, u2) = (
        [Fraction(100 * M, N) for M in possible(k, n, N, TWO)] for k in (x, other)
    )
    below, above = math.hypot(p - l1, u2 - q), math.hypot(u1 - p, q - l2)
    sides = (estimate([item(k, n, N)]) for k in (x, other))
    found = comparisons.difference(*sides)
    limits = [100 * found.low, 100 * found.high]
    assert limits == pytest.approx([float(p - q) - below, float(p - q) + above])
    return [
        *(p / 100, l1 / 100, u1 / 100, q / 100, l2 / 100, u2 / 100, p - q),
        *(p - q, p - l1, u2 - q, p - q - below, p - q, u1 - p, q - l2, p - q + above),
    ]


def a_daily_look(N, n, x):
    """Uniform prior: every number of satisfied answers was as likely as any other beforehand."""
    limit = ONE / (n + 1)
    chance = {M: Fraction(ways(x, M, n, N), math.comb(N, n)) for M in range(N + 1)}
    kept = [M for M in chance if chance[M] > limit]
    (look,) = confidence_sequence([(x, n)], N)
    assert (look.low, look.high) == (kept[0] / N, kept[-1] / N)
    fixed = possible(x, n, N, TWO)
    return [
        *(ONE, n + 1, limit, kept[0], ways(x, kept[0], n, N), math.comb(N, n), chance[kept[0]]),
        *(limit, kept[0], kept[-1], N, *fixed),
    ]


def settled_days(*answers):
    """Four days: what counts at the end of each, looked at on the day after."""
    days = [date(2026, 10, day) for day in range(5, 10)]
    daily = {
        day.isoformat(): {
            "desk@1": {Cell(*PLACE, "poster", False, "2026-10"): {"overall": Moments(n, n)}}
        }
        for day, n in zip(days, answers, strict=False)
    }
    told = [
        sum(
            measures["overall"].n
            for cells in settled(daily, today).values()
            for measures in cells.values()
        )
        for today in days[1:]
    ]
    third = sum(answers[:3])
    assert told == [0, 0, third, third]
    return [sum(answers[:2]), STEP, third, third, answers[3], STEP, sum(answers)]


def two_sides(n, x, other):
    """On site and elsewhere, n answers each; then a period with another part on site."""
    chance = at_least(x, x + other, n, 2 * n)
    found = comparisons.compare_channels({"on_site": [(x, n)], "elsewhere": [(other, n)]})
    assert [side.p_value for side in found] == pytest.approx([float(2 * chance)] * 2)
    assert found[0].differs
    here, there, more, less = Fraction(x, n), Fraction(other, n), 3 * n // 2, n // 2
    now, then = Fraction(x + other, 2 * n), (here * more + there * less) / (more + less)
    return [
        *(found[0].expected, x, chance, 2 * chance, ONE, x + other, 2 * n, now, more, less),
        *(here, there, here * more, there * less, more + less, then, 100 * (then - now)),
    ]


def two_channels(n, x, other):
    """Each channel `n` answers; the chance that so many satisfied ones fall to the first."""
    total, both = 2 * n, x + other
    chance = at_least(x, both, n, total)
    found = comparisons.compare_channels({"kiosk": [(x, n)], "poster": [(other, n)]})
    assert [c.p_value for c in found] == pytest.approx([2 * chance] * 2)
    assert found[0].differs
    return [
        *(both, total, found[0].expected, ways(x, both, n, total), math.comb(total, n)),
        *(chance, 2 * chance, ONE),
    ]


def a_month_of_twelve(n, x, before, satisfied_before):
    all_, share = n + before, x + satisfied_before
    limit, chance = ONE / 12, at_most(x, share, n, all_)
    found = departure([(x, n)], [(satisfied_before, before)])
    assert found.signal == "lower" and 2 * chance <= limit
    assert found.p_value == pytest.approx(float(2 * chance))
    return [share, n, all_, Fraction(share * n, all_), ONE, 12, limit]


def several_sectors(sectors, p1, p2, p3):
    adjusted = [3 * p1, max(3 * p1, 2 * p2), max(3 * p1, 2 * p2, p3)]
    assert holm([float(p) for p in (p1, p2, p3)]) == pytest.approx([float(a) for a in adjusted])
    proven = sum(a <= ONE for a in adjusted)
    alone = sum(p <= ONE for p in (p1, p2, p3))
    return [
        *(1 - ONE, sectors, 1 - (1 - ONE) ** sectors),
        *(3, p1, adjusted[0], 2, p2, adjusted[1], adjusted[2], ONE, proven, 3, alone),
        *(AIM, YEAR, AIM, YEAR, 3, alone, 0, proven),
    ]


EXAMPLES = {
    "difference": a_difference,
    "settled": settled_days,
    "daily": a_daily_look,
    "channels": two_channels,
    "sides": two_sides,
    "month": a_month_of_twelve,
    "several": several_sectors,
}
