"""Moments: the sums of a cell's answers, all that any formula needs to know of them.

Owns what is summed and adding two cells up. How answers are read and summed is in `input`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """Sufficient statistics of one measure in one cell, all integers (STATISTICS: six moments).

    For each respondent let y be the satisfied answers (of five: 4 or 5), m the answers given and
    s the sum of (score - 1) over the measure's items. A respondent to whom nothing applied has
    m = 0 and stays in ``n``.
    """

    n: int = 0
    answered: int = 0
    y: int = 0
    m: int = 0
    yy: int = 0
    ym: int = 0
    mm: int = 0
    s: int = 0
    ss: int = 0
    sm: int = 0

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.n + other.n,
            self.answered + other.answered,
            self.y + other.y,
            self.m + other.m,
            self.yy + other.yy,
            self.ym + other.ym,
            self.mm + other.mm,
            self.s + other.s,
            self.ss + other.ss,
            self.sm + other.sm,
        )


ZERO = Moments()
