"""Planning: how many answers a period needs before a target can be proven.

Owns questions asked before the answers are in. What the answers at hand still lack is a
verdict's `responses_needed`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from scipy.special import betainc

from analysis.statistics.exact import (
    TIE,
    Floats,
    Ints,
    check_level,
    check_threshold,
    required_count,
    upper_tail,
)
from analysis.statistics.strata import Flags

YAMANE_SOURCE = "công văn 1159/BNV-CCHC (2014): n = N / (1 + N·e²)"
"""The only official sample-size formula found; it ignores target, method and true share."""

_MOST = 1 << 40


@dataclass(frozen=True, slots=True)
class _Test:
    """The one-sided exact test of "the share is below the threshold".

    `null`, `true`: chance of at least x satisfied among n, at the best share that misses the
    threshold and at the true share.
    """

    null: Callable[[Ints, Ints], Floats]
    true: Callable[[Ints, Ints], Floats]
    alpha: float

    def critical(self, n: Ints) -> Ints:
        """Fewest satisfied of n that prove the target; n + 1 where none do."""
        low, high = np.full_like(n, -1), n + 1
        while (high - low > 1).any():
            middle = np.maximum((low + high) // 2, 0)
            enough = self.null(middle, n) <= self.alpha * (1 + TIE)
            high, low = np.where(enough, middle, high), np.where(enough, low, middle)
        return high

    def power(self, n: Ints, *, randomised: bool) -> Floats:
        """Chance of a proof at the true share.

        Randomised: the level is used up by a coin at the next lower count. That power only grows
        with n, which makes it a safe place to start looking from.
        """
        x = self.critical(n)
        power = self.true(x, n)
        if not randomised:
            return power
        spare = self.alpha - self.null(x, n)
        coin = spare / np.maximum(self.null(x - 1, n) - self.null(x, n), 1e-300)
        coin = np.clip(coin, 0.0, 1.0)
        return power + coin * (self.true(x - 1, n) - power)


def _binomial(share: float) -> Callable[[Ints, Ints], Floats]:
    def tail(x: Ints, n: Ints) -> Floats:
        inner = (x > 0) & (x <= n)
        chance = betainc(np.where(inner, x, 1.0), np.where(inner, n - x + 1, 1.0), share)
        chances: Floats = np.where(inner, chance, (x <= 0).astype(np.float64))
        return chances

    return tail


def _hypergeometric(satisfied: int, population: int) -> Callable[[Ints, Ints], Floats]:
    return lambda x, n: upper_tail(x, n, satisfied, population)


def _exact_test(
    threshold: Decimal, true_share: Decimal, population: int | None, level: float
) -> _Test | None:
    """None where the true share misses the threshold, so that no number of answers proves it."""
    target, true = check_threshold(threshold), check_threshold(true_share)
    alpha = 1 - check_level(level)
    if population is None:
        reachable = true > target
        return _Test(_binomial(float(target)), _binomial(float(true)), alpha) if reachable else None
    required, satisfied = required_count(threshold, population), round(true * population)
    if satisfied < required:
        return None
    null, alternative = (_hypergeometric(M, population) for M in (required - 1, satisfied))
    return _Test(null, alternative, alpha)


def answers_for_power(
    threshold: Decimal,
    true_share: Decimal,
    population: int | None = None,
    *,
    power: float = 0.80,
    level: float = 0.95,
) -> int | None:
    """Fewest answers that prove the target with the wished probability, at a stated true share.

    Parameters
    ----------
    threshold, true_share
        Decimals 0..1. With N dossiers the true share is that of the nearest possible count.
    population
        Dossiers, None for unknown (very many).
    power, level
        Probability of the verdict "met"; one-sided level of the exact test.

    Returns
    -------
    int or None
        None where the true share does not exceed the threshold: it cannot be proven.

    Notes
    -----
    The power of an exact test falls back each time one more satisfied answer is asked for; the
    number is the first to reach `power`, and a few more answers may fall short again.

    References
    ----------
    Wright (1991); Chernick & Liu (2002), The American Statistician 56:149, on the saw-tooth.

    Examples
    --------
    >>> answers_for_power(Decimal("0.85"), Decimal("0.90"), 200)
    115
    """
    if not 0 < power < 1:
        raise ValueError(f"power is {power!r}; give a fraction between 0 and 1, for example 0.80")
    if check_threshold(threshold) == 0:
        return 0
    test = _exact_test(threshold, true_share, population, level)
    if test is None:
        return None

    def enough(n: Ints, *, randomised: bool) -> Flags:
        flags: Flags = test.power(n, randomised=randomised) >= power
        return flags

    start = _smallest(lambda n: enough(n, randomised=True), population or _MOST)
    block = 32
    while start <= (population or _MOST):
        tried = np.arange(start, min(start + block, (population or _MOST) + 1))
        found = enough(tried, randomised=False)
        if found.any():
            return int(tried[found.argmax()])
        start, block = start + block, min(block * 2, 8192)
    return None


def _smallest(holds: Callable[[Ints], Flags], most: int) -> int:
    """Smallest n of 1 .. most at which a growing condition holds; `most` where it never does."""
    high = 1
    while high < most and not holds(np.array([high]))[0]:
        high *= 2
    low, high = high // 2, min(high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(np.array([middle]))[0] else (middle, high)
    return high


def fewest_all_satisfied(
    threshold: Decimal, population: int | None = None, *, level: float = 0.95
) -> int | None:
    """Fewest answers, all satisfied, that can prove the target; with fewer it is out of reach.

    None where no number can (a threshold of 1 with the dossiers unknown).

    >>> fewest_all_satisfied(Decimal("0.90"), 60), fewest_all_satisfied(Decimal("0.90"))
    (20, 29)
    """
    target, alpha = check_threshold(threshold), 1 - check_level(level)
    if target == 0:
        return 0
    if population is None:
        if target == 1:
            return None
        tail = _binomial(float(target))
        most = _MOST
    else:
        tail = _hypergeometric(required_count(threshold, population) - 1, population)
        most = population
    return _smallest(lambda n: tail(n, n) <= alpha * (1 + TIE), most)


def yamane(population: int, *, margin: Decimal = Decimal("0.05")) -> int:
    """Answers by the 2014 guidance, n = N / (1 + N e^2), rounded up (`YAMANE_SOURCE`).

    >>> yamane(1730), yamane(60)
    (325, 53)
    """
    if population < 0 or margin <= 0:
        raise ValueError(
            f"population is {population}, margin {margin}; give 0 or more, and above 0"
        )
    exact = population / (1 + population * Fraction(margin) ** 2)
    return -(-exact.numerator // exact.denominator)
