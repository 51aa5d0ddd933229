"""Examples of what stands beside the verdicts: drivers, reliability, patterns."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from scipy.stats import beta, chi2, nbinom, poisson

from analysis.input.counts import PairCounts, Sheets
from analysis.insights import drivers, screening
from analysis.insights.drivers import cronbach
from analysis.period import parse_period
from analysis.statistics import comparisons
from analysis.statistics.exact import Interval
from tests.analysis.methods.enumeration import (
    ONE,
)


def a_driver(n, satisfied, with_both, with_overall_only):
    others = n - satisfied
    shares = Fraction(with_both, satisfied), Fraction(with_overall_only, others)
    pair = PairCounts(n, satisfied, with_both + with_overall_only, with_both)
    (found,) = drivers.drivers({"item:x": {("office", "land"): pair}})
    ends = [found.importance.low, found.importance.high]
    assert found.importance.difference == pytest.approx(float(shares[0] - shares[1]))
    sides = [
        (share, Interval(*(beta.ppf(p, a, b) for p, a, b in limits)))
        for share, limits in (
            (s, ((0.025, k, m - k + 1), (0.975, k + 1, m - k)))
            for s, k, m in zip(
                shares, (with_both, with_overall_only), (satisfied, others), strict=True
            )
        )
    ]
    again = comparisons.newcombe(*sides[0], *sides[1])
    assert ends == pytest.approx([again.low, again.high])
    return [
        *(with_both, satisfied, shares[0], others, with_overall_only, others, shares[1]),
        *((shares[0] - shares[1]) * 100, *(round(100 * end) for end in ends)),
    ]


def an_alpha(*scores):
    """Three people, two items; variances with n - 1."""
    first, second = scores[::2], scores[1::2]
    sums = [a + b for a, b in zip(first, second, strict=True)]
    found = [_variance(values) for values in (first, second, sums)]
    alpha = 2 * (1 - (found[0] + found[1]) / found[2])
    squares = tuple(sum(v * v for v in values) for values in (first, second, sums))
    sheets = Sheets(len(first), (sum(first), sum(second)), squares[:2], squares[2])
    assert cronbach(sheets) == pytest.approx(float(alpha))
    return [*found, 2, 2, 1, 1, found[0], found[1], found[2], alpha]


def _variance(values):
    mean = Fraction(sum(values), len(values))
    return sum((v - mean) ** 2 for v in values) / (len(values) - 1)


def a_burst(sectors, days, *counts):
    *others, today = (int(count) for count in counts)
    number, total = len(others), sum(others)
    assert days == number + 1
    usual = Fraction(2 * total + 1, 2 * number)
    spread, limit = _variance(others), chi2.ppf(0.01, number - 1)
    ratio = spread / Fraction(total, number)
    worst = float(ratio) * (number - 1) / limit
    wide = float(usual) * worst * days / number
    tail = nbinom(float(usual) ** 2 / (wide - float(usual)), float(usual) / wide).sf(today - 1)
    first = date(2026, 10, 1)
    table = {first + timedelta(n): count for n, count in enumerate([*others, today])}
    found = {("desk@1", "office", f"{n}"): table if n == 0 else {first: 1} for n in range(sectors)}
    (flag,) = screening.bursts(found, parse_period("2026-10"))
    assert (flag.reason, flag.expected) == ("burst", pytest.approx(float(usual)))
    assert flag.p_value == pytest.approx(tail)
    tests = sectors * days
    return [
        *(sectors, days, tests, ONE, tests, ONE / tests, total, Fraction(1, 2), number, usual),
        *(spread, spread, Fraction(total, number), ratio, Fraction(99, 100)),
        *(ratio, number - 1, limit, worst, usual, worst, days, number, wide, today, tail),
    ]


def unserved(sectors, days, answers, hours, people):
    served = hours * people
    assert served == screening.SERVED
    first = date(2026, 10, 1)
    found = {
        ("desk@1", "office", f"{n}"): {first: 1, first + timedelta(days - 1): answers if n else 1}
        for n in range(2)
    }
    found |= {("desk@1", "office", f"{n}"): {first: 1} for n in range(2, sectors)}
    (flag,) = screening.bursts(found, parse_period("2026-10"))
    tail = poisson(served).sf(answers - 1)
    assert (flag.reason, flag.p_value) == ("unserved", pytest.approx(tail))
    tests = sectors * days
    return [served, sectors, days, tests, ONE, tests, ONE / tests, served, answers, tail]


EXAMPLES = {
    "driver": a_driver,
    "alpha": an_alpha,
    "burst": a_burst,
    "unserved": unserved,
}
