"""What enumeration makes of a few counts; the public functions must say the same."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from analysis.statistics.moments import Moments
from analysis.statistics.strata import Stratum
from analysis.statistics.verdicts import judge

TWO, ONE = Fraction(1, 40), Fraction(1, 20)
"""What two-sided and one-sided limits leave out, at the level 95%."""
PLACE = ("office", "land")


def ways(k, M, n, N):
    """Ways to draw n of N dossiers with k of the M satisfied ones among them."""
    return math.comb(M, k) * math.comb(N - M, n - k) if 0 <= k <= n else 0


def at_least(x, M, n, N):
    return Fraction(sum(ways(k, M, n, N) for k in range(x, n + 1)), math.comb(N, n))


def at_most(x, M, n, N):
    return Fraction(sum(ways(k, M, n, N) for k in range(x + 1)), math.comb(N, n))


def possible(x, n, N, tail):
    """First and last count of satisfied dossiers that the answers do not rule out, all tried."""
    counts = range(x, N - n + x + 1)
    kept = [M for M in counts if at_least(x, M, n, N) > tail and at_most(x, M, n, N) > tail]
    return kept[0], kept[-1]


def item(x, n, N):
    return Stratum(Moments(n, n, x, n, x, x, n, 4 * x, 16 * x, 4 * x), N)


def verdict(x, n, N, target):
    """By enumeration; the code must say the same."""
    required = math.ceil(target * N)
    low, high = possible(x, n, N, ONE)
    found = "met" if low >= required else "missed" if high < required else "not_proven"
    assert judge([item(x, n, N)], decimal(target)).evidence == found
    return found


def decimal(share):
    return Decimal(share.numerator) / Decimal(share.denominator)


def outward(low, high, scale):
    return (
        Fraction(math.floor(low * 100 * scale), 100 * scale),
        Fraction(math.ceil(high * 100 * scale), 100 * scale),
    )


def ends(found):
    return found.low, found.high
