"""Examples of one share: its interval, its verdict, on whom it rests, what would settle it."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import pytest
from scipy.stats import binom

from analysis.statistics.estimates import estimate, silence
from analysis.statistics.exact import Interval, exact_interval, one_sided_bounds
from analysis.statistics.verdicts import judge, judge_many
from tests.analysis.methods.enumeration import (
    ONE,
    TWO,
    at_least,
    at_most,
    decimal,
    ends,
    item,
    outward,
    possible,
    verdict,
    ways,
)


def a_share(N, n, x):
    assert Fraction(estimate([item(x, n, N)]).share).limit_denominator(10**6) == Fraction(x, n)
    return [x, n, Fraction(x, n)]


def an_interval(N, n, x):
    all_ways = math.comb(N, n)
    low, high = possible(x, n, N, TWO)
    assert exact_interval(x, n, N) == Interval(low / N, high / N)
    below = sum(ways(k, low - 1, n, N) for k in range(x, n + 1))
    kept = sum(ways(k, low, n, N) for k in range(x, n + 1))
    above = sum(ways(k, high, n, N) for k in range(x + 1))
    assert high + 1 > N - (n - x)
    found = outward(Fraction(low, N), Fraction(high, N), 1)
    return [
        *(n, N, all_ways, TWO),
        *(low - 1, x, below, below, all_ways, Fraction(below, all_ways), TWO),
        *(low, x, kept, kept, all_ways, Fraction(kept, all_ways), TWO),
        *(high, x, above, above, all_ways, Fraction(above, all_ways), TWO),
        *(high + 1, n - x, low, high, N, Fraction(low, N), Fraction(high, N), *found),
    ]


def a_verdict(N, n, x, target):
    all_ways, required = math.comb(N, n), math.ceil(target * N)
    low, high = possible(x, n, N, ONE)
    assert one_sided_bounds(x, n, N) == Interval(low / N, high / N)
    assert verdict(x, n, N, target) == "not_proven"
    out = sum(ways(k, low - 1, n, N) for k in range(x, n + 1))
    kept = sum(ways(k, low, n, N) for k in range(x, n + 1))
    return [
        *(target, N, target * N, required, ONE),
        *(low - 1, out, all_ways, Fraction(out, all_ways), ONE),
        *(low, kept, all_ways, Fraction(kept, all_ways), ONE),
        *(low, N, Fraction(low, N), high, N, Fraction(high, N)),
        *(low, required, high, required, Fraction(x, n), target),
    ]


def a_small_proof(N, target, n):
    required = math.ceil(target * N)
    short = required - 1
    chance, fewer = at_least(n, short, n, N), at_least(n - 1, short, n - 1, N)
    assert (verdict(n, n, N, target), verdict(n - 1, n - 1, N, target)) == ("met", "not_proven")
    left = N - n
    return [
        *(required, n, short, N - short, n),
        *(left, N, left - 1, N - 1, chance, ONE),
        *(n - 1, left + 1, N, left, N - 1, fewer, ONE),
    ]


def a_big_proof(N, target, n):
    required = math.ceil(target * N)
    short, (low, _) = required - 1, possible(n, n, N, ONE)
    assert [verdict(k, k, N, target) for k in (n, n - 1, n - 2)] == ["met", "met", "not_proven"]
    unknown = [judge([item(k, k, None)], decimal(target)).evidence for k in (n, n - 1)]
    assert unknown == ["met", "not_proven"]
    return [
        *(required, n, short, n),
        *(short, N, short - 1, N - 1, short - n + 1, N - n + 1, at_least(n, short, n, N), ONE),
        *(low, N, Fraction(low, N), n - 1, at_least(n - 1, short, n - 1, N)),
        *(n - 2, at_least(n - 2, short, n - 2, N)),
        *(target, n, target**n, n - 1, target ** (n - 1), n),
    ]


def a_census(N, x, target):
    found = estimate([item(x, N, N)])
    assert found.low == found.high == found.share == x / N
    assert (verdict(x, N, N, target), verdict(x - 1, N, N, target)) == ("met", "missed")
    return [x, N, Fraction(x, N), math.ceil(target * N), N, N, x - 1, N, N]


def on_whom(N, n, x, target):
    """A verdict met by the one-sided limit and not by the two-sided one; q of the silent."""
    required = math.ceil(target * N)
    (low, _), (wide, _) = possible(x, n, N, ONE), possible(x, n, N, TWO)
    assert verdict(x, n, N, target) == "met"
    assert exact_interval(x, n, N).low == wide / N < target <= low / N
    q = (required - x) / Fraction(N - n)
    assert silence([item(x, n, N)], decimal(target)).share_needed == pytest.approx(float(q))
    least, shown = Fraction(math.ceil(100 * q), 100), Fraction(low, N)
    return [
        *(required, required - 1, x, at_least(x, required - 1, n, N), ONE),
        *(low, N, shown, wide, N, Fraction(wide, N), shown, target),
        *(N - n, required, x, N - n, q, least, n, N, least),
    ]


def still_needed(N, n, target):
    """All satisfied, then one not: more answers at the same share until the verdict falls."""
    required = math.ceil(target * N)
    sizes = range(n, N + 1)
    met = next(k for k in sizes if verdict(k, k, N, target) == "met")
    some = [(k, math.ceil(Fraction(k * (n - 1), n))) for k in sizes]
    missed, satisfied = next(s for s in some if verdict(s[1], s[0], N, target) == "missed")
    for x, size in ((n, met), (n - 1, missed)):
        assert judge([item(x, n, N)], decimal(target)).responses_needed == size - n
    return [
        *(n, met - n, met, met, n - 1, Fraction(n - 1, n), missed - n, missed),
        *(missed, satisfied, missed - satisfied, N, N - (missed - satisfied), required),
    ]


def still_running(target, n):
    """Dossiers not known, everyone satisfied: until target ** n is at most 5%."""
    enough = next(k for k in range(n, 999) if target**k <= ONE)
    assert judge([item(n, n, None)], decimal(target)).responses_needed == enough - n
    return [enough, enough - n]


def the_silent(N, n, x, target):
    q = (target * N - x) / (N - n)
    found = silence([item(x, n, N)], decimal(target))
    bounds = Fraction(x, N), Fraction(x + N - n, N)
    assert (found.low, found.high) == pytest.approx(tuple(map(float, bounds)))
    assert (found.share_needed, found.verdict) == (pytest.approx(float(q)), "depends")
    return [
        *(n, N, Fraction(n, N), N - n, x, N, bounds[0], x, N - n, N, bounds[1]),
        *(target, target, N, x, N - n, target * N - x, N - n, q),
    ]


def three_silences(N, target, *cases):
    """Three surveys (answers, satisfied): it depends, met whatever they think, out of reach."""
    required, found = target * N, []
    for (n, x), sure in zip(zip(cases[::2], cases[1::2], strict=True), SURE, strict=True):
        q = (required - x) / (N - n)
        known = silence([item(x, n, N)], decimal(target))
        assert (known.share_needed, known.verdict) == (pytest.approx(float(q)), sure)
        found += [required, x, N - n, q, n, N, *([q] if sure == "depends" else [])]
    return [required, *found]


SURE = ("depends", "met", "missed")


def self_selection(N, satisfied, from_satisfied, from_others):
    others, n = N - satisfied, from_satisfied + from_others
    low, high = (Fraction(round(end * N), N) for end in ends(exact_interval(from_satisfied, n, N)))
    assert (
        at_least(from_satisfied, round(low * N), n, N)
        > TWO
        >= at_least(from_satisfied, round(low * N) - 1, n, N)
    )
    assert (
        at_most(from_satisfied, round(high * N), n, N)
        > TWO
        >= at_most(from_satisfied, round(high * N) + 1, n, N)
    )
    truth, silent = Fraction(satisfied, N), N - n
    assert low > truth
    return [
        *(Fraction(from_satisfied, satisfied), Fraction(from_others, others), truth),
        *(n, from_satisfied, n, Fraction(from_satisfied, n), low, high, truth),
        *(Fraction(from_satisfied, N), Fraction(from_satisfied + silent, N), truth),
    ]


READINESS = (Fraction(1), Fraction(3, 2), Fraction(2), Fraction(3))


def readiness(target, *offices):
    """Offices (dossiers, part that answers); the truth is the target. How often "met" comes out.

    Each person answers independently: the satisfied and the other answers are two binomials.
    """
    seen = [target * a / (target * a + 1 - target) for a in READINESS]
    chances = [
        [_chance_of_met(int(N), part, target, times) for times in READINESS]
        for N, part in zip(offices[::2], offices[1::2], strict=True)
    ]
    N, n = int(offices[0]), int(offices[0] * offices[1])
    x = round(n * seen[2])
    silent, left = N - n, target * N - x
    least = Fraction(math.ceil(100 * left / silent), 100)
    rows = [(size, *row) for size, row in zip(offices[::2], chances, strict=True)]
    return [
        *READINESS[1:],
        *seen,
        *(number for row in rows for number in row),
        *(2, n, x, n, N, least, silent, left, left / silent),
    ]


def _chance_of_met(N, part, target, times):
    """By adding up every pair of satisfied and other answers that makes a verdict of met."""
    satisfied = int(target * N)
    rare = part / (times * target + 1 - target)
    happy, others = (
        kind.pmf(range(int(kind.isf(1e-9)) + 1)).tolist()
        for kind in (binom(satisfied, float(times * rare)), binom(N - satisfied, float(rare)))
    )
    pairs = [(x, y) for x in range(len(happy)) for y in range(len(others)) if x + y]
    fewest = _fewest_that_prove(N, len(happy) + len(others), target)
    return sum(happy[x] * others[y] for x, y in pairs if x >= fewest[x + y])


@lru_cache
def _fewest_that_prove(N, most, target):
    """Satisfied answers of n that prove the target; the code must draw the line there, too."""
    short = math.ceil(target * N) - 1
    found = {n: _too_common(n, short, N) + 1 for n in range(1, most)}
    lines = [(x, n) for n, fewest in found.items() for x in (fewest - 1, fewest) if x <= n]
    cells, thresholds = [[item(x, n, N)] for x, n in lines], [decimal(target)] * len(lines)
    said = judge_many(cells, thresholds, "item")
    assert [v.evidence == "met" for v in said] == [x >= found[n] for x, n in lines]
    return found


def _too_common(n, short, N):
    """The most satisfied answers of n that come too often when the target is just missed."""
    tail, x = 0, n + 1
    while 20 * tail <= math.comb(N, n):
        x -= 1
        tail += ways(x, short, n, N)
    return x


EXAMPLES = {
    "share": a_share,
    "interval": an_interval,
    "verdict": a_verdict,
    "small_proof": a_small_proof,
    "big_proof": a_big_proof,
    "census": a_census,
    "basis": on_whom,
    "needed": still_needed,
    "running": still_running,
    "silent": the_silent,
    "silences": three_silences,
    "self_selection": self_selection,
    "readiness": readiness,
}
