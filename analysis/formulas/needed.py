"""How many further answers would settle a verdict, if the share stays what it is.

Owns this search for the exact methods and for KG-S. Decides nothing about the answers at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betainc

from analysis.formulas.allowance import Allowance, allowance
from analysis.formulas.hypergeometric import TIE, Floats, Ints, lower_tail
from analysis.formulas.ratios import ratios
from analysis.formulas.strata import Design, Flags, Sums

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


def _tails(q: Question, against: Floats, answers: Ints) -> Floats:
    """How likely so few against would be at the limit; counts between integers interpolate."""
    tails = np.zeros(against.size)
    finite = np.flatnonzero(q.population > 0)
    if finite.size:
        below = np.floor(against[finite])
        n, limit, N = answers[finite], q.limit[finite], q.population[finite]
        low, high = (lower_tail(below + step, n, limit, N) for step in (0, 1))
        part = against[finite] - below
        tails[finite] = np.where(part > 0, low ** (1 - part) * high**part, low)
    other = np.flatnonzero(q.population == 0)
    free = answers[other] - against[other]
    tail = betainc(np.where(free > 0, free, 1.0), against[other] + 1.0, 1 - q.rate[other])
    tails[other] = np.where(free > 0, tail, 1.0)
    return tails


def _decided(q: Question, against: Floats, answers: Ints, alpha: float) -> Flags:
    everyone = (q.population > 0) & (answers >= q.population)
    decided: Flags = (_tails(q, against, answers) <= alpha * (1 + TIE)) | everyone
    return decided


def _even(q: Question, answers: Ints) -> Floats:
    """Against among `answers` at exactly the share seen."""
    return q.against * (answers / np.maximum(q.answered, 1))


def _due(q: Question, answers: Ints) -> Floats:
    """The same rounded up, so that rounding never makes a decision."""
    due: Floats = -(-answers * q.against // np.maximum(q.answered, 1)).astype(np.float64)
    return due


def counts_needed(q: Question, alpha: float) -> Ints:
    """Further answers for each question; NEVER where no number decides.

    The number is the smallest at which the decision falls with those against rounded up. At the
    exact share, not rounded, evidence only grows: bisection finds where that decides, and the
    answer is the first rounded number from there on.
    """
    most = np.where(q.population > 0, q.population, _MOST // np.maximum(q.answered, 1))
    low, high = q.answered.copy(), np.maximum(most, q.answered)
    possible = _decided(q, _even(q, high), high, alpha)
    left = np.flatnonzero(possible & (high - low > 1))
    while left.size:
        middle = _between(low[left], high[left])
        asked = q[left]
        holds = _decided(asked, _even(asked, middle), middle, alpha)
        high[left], low[left] = (
            np.where(holds, middle, high[left]),
            np.where(holds, low[left], middle),
        )
        left = left[high[left] - low[left] > 1]
    answers = _rounded(q, high, possible, alpha)
    return np.where(possible, answers - q.answered, NEVER)


def _between(low: Ints, high: Ints) -> Ints:
    """The geometric mean while the bounds are far apart, else the middle."""
    far = high > 4 * low
    mean = np.sqrt(low.astype(np.float64) * high)
    middle: Ints = np.where(far, mean.astype(np.int64), (low + high) // 2)
    return np.clip(middle, low + 1, high - 1)


def _rounded(q: Question, answers: Ints, possible: Flags, alpha: float) -> Ints:
    """The first number from `answers` on that decides with those against rounded up."""
    answers, block = answers.copy(), 8
    left = np.flatnonzero(possible)
    while left.size:
        rows = np.repeat(left, block)
        tried = answers[rows] + np.tile(np.arange(block), left.size)
        tried = np.where(q.population[rows] > 0, np.minimum(tried, q.population[rows]), tried)
        asked = q[rows]
        holds = _decided(asked, _due(asked, tried), tried, alpha).reshape(left.size, block)
        found = holds.any(axis=1)
        answers[left] += np.where(found, holds.argmax(axis=1), block)
        left, block = left[~found], min(block * 4, 4096)
    return answers


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


def ratio_p_values(
    share: Floats, n_eff: Floats, threshold: Floats, allowed: Allowance
) -> tuple[Floats, Floats]:
    """The same with what the limits give away: 0 or 1 where the silent can change nothing."""
    met, _ = beta_p_values(share, n_eff, np.minimum(threshold + allowed.shift, 1.0))
    _, missed = beta_p_values(share, n_eff, np.maximum(threshold - allowed.shift, 0.0))
    # a possible share differs from a threshold by far more than this, or not at all
    reached, out_of_reach = allowed.least >= threshold - 1e-12, allowed.most < threshold - 1e-12
    return (
        np.select([reached, out_of_reach], [0.0, 1.0], met),
        np.select([reached, out_of_reach], [1.0, 0.0], missed),
    )


def ratios_needed(design: Design, threshold: Floats, alpha: float) -> Ints:
    """Further answers for KG-S: all strata grow alike, each up to its dossiers.

    NEVER where the share does not decide however often it is repeated. Evidence grows with every
    repetition, so bisection finds the growth at which it decides, to a fiftieth of an answer.
    """

    def decided(growth: Floats) -> tuple[Flags, Floats]:
        grown, sums = _grown(design, growth)
        ratio = ratios(grown, sums)
        allowed = allowance(grown, sums)
        met, missed = ratio_p_values(ratio.share, ratio.n_eff, threshold, allowed)
        proven: Flags = np.minimum(met, missed) <= alpha * (1 + TIE)
        return proven | np.isinf(ratio.n_eff), grown.total(grown.size)

    start = design.total(design.size)
    low, high = np.ones(start.size), _most_growth(design)
    possible, answers = decided(high)
    while ((high - low) * start > 0.02)[possible].any():
        middle = np.where(high > 4 * low, np.sqrt(low * high), (low + high) / 2)
        holds, reached = decided(middle)
        high, low = np.where(holds, middle, high), np.where(holds, low, middle)
        answers = np.where(holds, reached, answers)
    needed: Ints = np.ceil(np.round(answers - start, 6)).astype(np.int64)
    return np.where(possible, needed, NEVER)


def _most_growth(design: Design) -> Floats:
    """Until the stratum with the smallest fraction is complete; without end where one is open."""
    most = np.zeros(design.item.size)
    full = 1 / np.where(design.fraction > 0, design.fraction, 1.0)
    np.maximum.at(most, design.cell, full)
    endless = design.total((design.fraction == 0).astype(np.float64)) > 0
    growth: Floats = np.where(endless, _MOST / np.maximum(design.total(design.size), 1), most)
    return growth
