"""How many further answers would settle a verdict, if the share stays what it is.

Owns this search for the exact methods and for KG-S. Decides nothing about the answers at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betainc

from analysis.hypergeometric import TIE, Floats, Ints, lower_tail
from analysis.ratios import ratios
from analysis.strata import Design, Flags, Sums

NEVER = -1
_MOST = 1 << 40  # answers; beyond every nation's dossiers


@dataclass(frozen=True, slots=True)
class Question:
    """One-item surveys that lean towards a decision: `against` of `answered` speak against it.

    hypergeometric: `population` N and `limit`, the most people against in N that the decision
    must exclude; binomial (`population` 0): `rate`, their share to exclude.
    """

    against: Ints
    answered: Ints
    population: Ints
    limit: Ints
    rate: Floats

    def __getitem__(self, rows: Ints) -> Question:
        return Question(
            self.against[rows],
            self.answered[rows],
            self.population[rows],
            self.limit[rows],
            self.rate[rows],
        )


def _decided(q: Question, against: Ints, answers: Ints, alpha: float) -> Flags:
    """Would `answers` answers, `against` of them against, exclude the limit?"""
    small = np.zeros(against.size)
    finite = q.population > 0
    if finite.any():
        small[finite] = lower_tail(
            against[finite], answers[finite], q.limit[finite], q.population[finite]
        )
    other = ~finite
    small[other] = betainc(
        np.maximum(answers - against, 1)[other], against[other] + 1.0, 1 - q.rate[other]
    )
    small[other & (answers <= against)] = 1.0
    decided: Flags = (small <= alpha * (1 + TIE)) | (finite & (answers >= q.population))
    return decided


def _first(low: Ints, high: Ints, true_at: Callable[[Ints, Ints], Flags]) -> Ints:
    """Smallest value in (low, high] where a monotone condition holds; it holds at high."""
    low, high = low.copy(), high.copy()
    left = np.flatnonzero(high - low > 1)
    while left.size:
        middle = (low[left] + high[left]) // 2
        holds = true_at(left, middle)
        high[left] = np.where(holds, middle, high[left])
        low[left] = np.where(holds, low[left], middle)
        left = left[high[left] - low[left] > 1]
    return high


def _last_with(q: Question, against: Ints, most: Ints) -> Ints:
    """Most answers of which only `against` are against, at the share seen: ceil(n a / n0) = a."""
    doubled = against * q.answered // np.maximum(q.against, 1)
    last: Ints = np.where(q.against > 0, np.minimum(doubled, most), most)
    return last


def counts_needed(q: Question, alpha: float) -> Ints:
    """Further answers for each question; NEVER where no number decides.

    Those against are rounded up, so the evidence falls back each time one more of them is due.
    First the number against at which the best case decides is found, then the answers.
    """
    most = np.where(q.population > 0, q.population, _MOST // np.maximum(q.answered, 1))
    most = np.maximum(most, q.answered)
    ends = -(-most * q.against // np.maximum(q.answered, 1))

    def settles(rows: Ints, against: Ints) -> Flags:
        asked = q[rows]
        return _decided(asked, against, _last_with(asked, against, most[rows]), alpha)

    rows = np.arange(most.size)
    possible = settles(rows, ends)
    against = _first(q.against - 1, ends, settles)
    before = np.maximum(_last_with(q, against - 1, most), q.answered)
    before = np.where(q.against == 0, q.answered, before)

    def enough(rows: Ints, answers: Ints) -> Flags:
        return _decided(q[rows], against[rows], answers, alpha)

    answers = _first(before, _last_with(q, against, most), enough)
    return np.where(possible, answers - q.answered, NEVER)


def _grown(design: Design, growth: Floats) -> tuple[Design, Sums]:
    """The same answers `growth` times over in each cell, no stratum beyond its dossiers."""
    most = np.where(design.fraction > 0, 1 / np.maximum(design.fraction, 1e-300), np.inf)
    times = np.minimum(growth[design.cell], most)
    fraction = np.where(times >= most, 1.0, design.fraction * times)
    old = design.satisfied
    sums = Sums(old.y * times, old.m * times, old.yy * times, old.ym * times, old.mm * times)
    grown = replace(
        design, size=design.size * times, people=design.people * times, fraction=fraction
    )
    return grown, sums


def beta_p_values(share: Floats, n_eff: Floats, threshold: Floats) -> tuple[Floats, Floats]:
    """p of "met" and of "missed" at n_eff answers: where the one-sided limits touch the threshold.

    An infinite n_eff (census) gives 0 and 1, or 1 and 0.
    """
    census = np.isinf(n_eff)
    n = np.where(census, 1.0, n_eff)
    yes, no = n * share, n * (1 - share)
    met = np.where(yes > 0, betainc(np.where(yes > 0, yes, 1.0), no + 1, threshold), 1.0)
    missed = np.where(no > 0, betainc(np.where(no > 0, no, 1.0), yes + 1, 1 - threshold), 1.0)
    reached = share >= threshold
    return (
        np.where(census, np.where(reached, 0.0, 1.0), met),
        np.where(census, np.where(reached, 1.0, 0.0), missed),
    )


def ratios_needed(design: Design, threshold: Floats, alpha: float) -> Ints:
    """Further answers for KG-S: all strata grow alike, each up to its dossiers.

    NEVER where the share does not decide however often it is repeated.
    """

    def decided(growth: Floats) -> tuple[Flags, Floats]:
        grown, sums = _grown(design, growth)
        ratio = ratios(grown, sums)
        met, missed = beta_p_values(ratio.share, ratio.n_eff, threshold)
        proven: Flags = np.minimum(met, missed) <= alpha * (1 + TIE)
        return proven | np.isinf(ratio.n_eff), grown.total(grown.size)

    start = design.total(design.size)
    low, high = np.zeros(start.size), np.ones(start.size)
    settled, answers = decided(2**high)
    while not (settled | (high > 40)).all():
        high = np.where(settled, high, high * 2)
        settled, answers = decided(2**high)
    for _ in range(60):
        middle = (low + high) / 2
        holds, reached = decided(2**middle)
        high, low = np.where(holds, middle, high), np.where(holds, low, middle)
        answers = np.where(holds, reached, answers)
    needed = np.ceil(np.round(answers - start, 6)).astype(np.int64)
    return np.where(settled, needed, NEVER)
