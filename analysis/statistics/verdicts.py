"""Verdicts: is a target met, missed, or not yet proven, and how many answers would settle it?

Owns the decision rule (STATISTICS section 5), the search for the further answers needed, and Holm's
adjustment for "k of m sectors meet their target". Knows no file of targets and no deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Protocol, TypeAlias

import numpy as np
from scipy.special import betainc

from analysis.statistics.estimates import (
    CENSUS,
    CLOPPER_PEARSON,
    HYPERGEOMETRIC,
    KG_S,
    NONE,
    Note,
    Shares,
    joined,
    notes_of,
    optional,
    ratios,
    share_limits,
    shares,
)
from analysis.statistics.exact import (
    TIE,
    Floats,
    Ints,
    check_level,
    check_threshold,
    lower_tail,
    upper_tail,
)
from analysis.statistics.sequential import Allowance, allowance
from analysis.statistics.strata import Design, Flags, MeasureKind, Stratum, Sums, draw

NEVER = -1
_MOST = 1 << 40  # answers; beyond every nation's dossiers


@dataclass(frozen=True, slots=True)
class LeaningSurveys:
    """One-item surveys that lean towards a decision: `against` of `answered` speak against it.

    hypergeometric: `population` N and `limit`, the most people against in N that the decision
    must exclude; binomial (`population` 0): `rate`, their share to exclude.
    """

    against: Ints
    answered: Ints
    population: Ints
    limit: Ints
    rate: Floats

    def __getitem__(self, rows: Ints) -> LeaningSurveys:
        return LeaningSurveys(
            self.against[rows],
            self.answered[rows],
            self.population[rows],
            self.limit[rows],
            self.rate[rows],
        )


def _tails(q: LeaningSurveys, against: Floats, answers: Ints) -> Floats:
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


def _decided(q: LeaningSurveys, against: Floats, answers: Ints, alpha: float) -> Flags:
    everyone = (q.population > 0) & (answers >= q.population)
    decided: Flags = (_tails(q, against, answers) <= alpha * (1 + TIE)) | everyone
    return decided


def _even(q: LeaningSurveys, answers: Ints) -> Floats:
    """Against among `answers` at exactly the share seen."""
    return q.against * (answers / np.maximum(q.answered, 1))


def _due(q: LeaningSurveys, answers: Ints) -> Floats:
    """The same rounded up, so that rounding never makes a decision."""
    due: Floats = -(-answers * q.against // np.maximum(q.answered, 1)).astype(np.float64)
    return due


def counts_needed(q: LeaningSurveys, alpha: float) -> Ints:
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


def _rounded(q: LeaningSurveys, answers: Ints, possible: Flags, alpha: float) -> Ints:
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
    """The same with what the limits give away: 0 or 1 where non-respondents can change nothing."""
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


class Proof(Protocol):
    """A verdict's p-values, None where there is nothing to prove with."""

    @property
    def p_met(self) -> float | None: ...
    @property
    def p_missed(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Headline:
    """How many verdicts are proven together.

    `met` counts the sectors proven to meet their target, of `total`: a false one is among them in
    at most 1 - level of periods, whatever the number of sectors. `missed` holds the same promise
    for itself. `adjusted_met` and `adjusted_missed` are the p-values after Holm, in the order
    given (None without answers).
    """

    met: int
    missed: int
    total: int
    adjusted_met: tuple[float | None, ...]
    adjusted_missed: tuple[float | None, ...]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment, in the order given (Holm 1979, Scand. J. Statistics 6:65).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, highest = [0.0] * len(order), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def headline(verdicts: Sequence[Proof], *, level: float = 0.95) -> Headline:
    """Proofs that survive Holm's adjustment, those of "met" and those of "missed" apart.

    Sectors without answers count in the total and prove nothing.
    """
    met = _adjusted([verdict.p_met for verdict in verdicts])
    missed = _adjusted([verdict.p_missed for verdict in verdicts])
    limit = (1 - level) * (1 + TIE)
    return Headline(
        met=sum(p is not None and p <= limit for p in met),
        missed=sum(p is not None and p <= limit for p in missed),
        total=len(verdicts),
        adjusted_met=tuple(met),
        adjusted_missed=tuple(missed),
    )


def _adjusted(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm over all of them, one without answers standing for p = 1."""
    adjusted = holm([1.0 if p is None else p for p in p_values])
    return [None if p is None else a for p, a in zip(p_values, adjusted, strict=True)]


Point: TypeAlias = Literal["met", "not_met", "none"]
Evidence: TypeAlias = Literal["met", "missed", "not_proven", "none"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reading of one target.

    `point` compares the observed fraction with the threshold; `evidence` asks what the answers
    prove at `level`. `responses_needed`: further answers for a decision if the share stays the
    same, 0 once decided, None where no number can settle it or nobody answered. `required`:
    satisfied dossiers that meet the threshold, for one item with a known number of dossiers.
    `p_met` and `p_missed`: how often answers this good (bad) would come if the target were just
    missed (just met); small values are evidence.
    """

    share: float | None
    lower: float | None
    upper: float | None
    point: Point
    evidence: Evidence
    responses_needed: int | None
    required: int | None
    p_met: float | None
    p_missed: float | None
    notes: tuple[Note, ...]

    @property
    def note(self) -> str | None:
        """What the reader must be told, Vietnamese first; None where there is nothing."""
        return joined(self.notes)


def judge(
    strata: Sequence[Stratum],
    threshold: Decimal,
    *,
    level: float = 0.95,
    kind: MeasureKind = "item",
) -> Verdict:
    """Whether the share of a cell reaches `threshold`, on the evidence.

    Parameters
    ----------
    strata, level, kind
        As for `estimate`; each of the two one-sided bounds holds at `level`.
    threshold
        A Decimal, 0..1, so that 0.9 is nine tenths exactly.

    Returns
    -------
    Verdict
        evidence "met" where the lower bound reaches the threshold, "missed" where the upper
        bound stays below it, "not_proven" between, "none" without answers. Everyone answered:
        certain.

    Raises
    ------
    ValueError
        A float or impossible threshold, an impossible level.

    References
    ----------
    Wright (1991); Korn & Graubard (1998); the rule's error rates are in docs/methods.

    Examples
    --------
    >>> from analysis.statistics.moments import Moments
    >>> all_satisfied = Moments(29, 29, 29, 29, 29, 29, 29, 116, 464, 116)
    >>> judge([Stratum(all_satisfied, 1000)], Decimal("0.90")).evidence
    'met'
    """
    return judge_many([strata], [threshold], kind, level=level)[0]


def judge_many(
    cells: Sequence[Sequence[Stratum]],
    thresholds: Sequence[Decimal],
    kinds: MeasureKind | Sequence[MeasureKind],
    *,
    level: float = 0.95,
) -> list[Verdict]:
    """`judge` for many cells at once, each with its threshold; the same verdicts."""
    exact = [check_threshold(threshold) for threshold in thresholds]
    if isinstance(kinds, str):
        kinds = [kinds] * len(cells)
    if not len(cells) == len(exact) == len(kinds):
        raise ValueError(
            f"{len(cells)} cells, {len(exact)} thresholds, {len(kinds)} kinds; give one each"
        )
    if not cells:
        return []
    return judge_drawn(draw(cells, kinds), thresholds, level=level)


def judge_drawn(
    design: Design, thresholds: Sequence[Decimal], *, level: float = 0.95
) -> list[Verdict]:
    """`judge_many` of cells whose strata are drawn already."""
    exact = [check_threshold(threshold) for threshold in thresholds]
    return _Trial(shares(design), exact, 1 - check_level(level)).verdicts()


class _Trial:
    """All cells with their thresholds, on the way to verdicts."""

    def __init__(self, found: Shares, exact: list[Fraction], alpha: float) -> None:
        self.found, self.exact, self.alpha = found, exact, alpha
        self.threshold = np.array([float(t) for t in exact])
        counts = [
            -(-t.numerator * N // t.denominator)
            for t, N in zip(exact, found.dossiers.tolist(), strict=True)
        ]
        self.required = np.array(counts, dtype=np.int64)
        self.reached = self._compare(at_least=True)
        self.met, self.missed = self._p_values()

    def _compare(self, *, at_least: bool) -> Flags:
        """share >= threshold (or ==), in exact arithmetic where floats are too close to tell."""
        share = self.found.ratio.share
        result: Flags = share >= self.threshold if at_least else np.zeros(share.size, np.bool_)
        for i in np.flatnonzero(np.abs(share - self.threshold) < 1e-9).tolist():
            gap = self._gap(i)
            result[i] = gap >= 0 if at_least else gap == 0
        return result

    def _gap(self, cell: int) -> Fraction:
        design, threshold = self.found.design, self.exact[cell]
        rows = np.flatnonzero(design.cell == cell)
        columns = (design.dossiers, design.size, design.satisfied.y, design.satisfied.m)
        return sum(
            (
                Fraction(int(N), int(n)) * (int(y) - threshold * int(m))
                for N, n, y, m in zip(*(column[rows] for column in columns), strict=True)
            ),
            Fraction(0),
        )

    def _p_values(self) -> tuple[Floats, Floats]:
        found = self.found
        n_eff = np.where(found.method == CLOPPER_PEARSON, found.answered, found.ratio.n_eff)
        met, missed = ratio_p_values(found.ratio.share, n_eff, self.threshold, found.allowed)
        exact = np.flatnonzero(found.method == HYPERGEOMETRIC)
        if exact.size:
            x, n, N = found.satisfied[exact], found.answered[exact], found.dossiers[exact]
            required = self.required[exact]
            met[exact] = upper_tail(x, n, np.maximum(required - 1, 0), N)
            missed[exact] = lower_tail(x, n, required, N)
        census = found.method == CENSUS
        met[census] = np.where(self.reached, 0.0, 1.0)[census]
        missed[census] = np.where(self.reached, 1.0, 0.0)[census]
        anything = self.threshold == 0
        met[anything], missed[anything] = 0.0, 1.0
        return met, missed

    def _needed(self, open_: Flags) -> Ints:
        """Further answers wanted, 0 where decided."""
        found, alpha = self.found, self.alpha
        needed = np.zeros(open_.size, dtype=np.int64)
        tied = self._compare(at_least=False)
        counted = open_ & np.isin(found.method, (HYPERGEOMETRIC, CLOPPER_PEARSON))
        rows = np.flatnonzero(counted)
        if rows.size:
            needed[rows] = counts_needed(self._question(rows), alpha)
        rows = np.flatnonzero(open_ & (found.method == KG_S))
        if rows.size:
            needed[rows] = ratios_needed(found.design.only(rows), self.threshold[rows], alpha)
        endless = tied & (found.method != HYPERGEOMETRIC) & ~self._countable()
        needed[open_ & endless] = NEVER
        return needed

    def _countable(self) -> Flags:
        """Asking everybody would settle it."""
        design = self.found.design
        unlimited: Flags = design.total((design.fraction == 0).astype(np.float64)) == 0
        return unlimited

    def _question(self, rows: Ints) -> LeaningSurveys:
        found, reached = self.found, self.reached[rows]
        x, n, N = found.satisfied[rows], found.answered[rows], found.dossiers[rows]
        required, threshold = self.required[rows], self.threshold[rows]
        return LeaningSurveys(
            against=np.where(reached, n - x, x),
            answered=n,
            population=N,
            limit=np.where(reached, N - required + 1, required),
            rate=np.where(reached, 1 - threshold, threshold),
        )

    def verdicts(self) -> list[Verdict]:
        found, limit = self.found, self.alpha * (1 + TIE)
        lower, upper = share_limits(found, self.alpha)
        answered = found.method != NONE
        met, missed = self.met <= limit, self.missed <= limit
        evidence = np.select([~answered, met, missed], ["none", "met", "missed"], "not_proven")
        point = np.select([~answered, self.reached], ["none", "met"], "not_met")
        needed = self._needed(evidence == "not_proven")
        told = notes_of(found, never=needed == NEVER)
        return [
            Verdict(*row)
            for row in zip(
                optional(found.ratio.share),
                optional(lower),
                optional(upper),
                point.tolist(),
                evidence.tolist(),
                optional(needed, answered & (needed != NEVER)),
                optional(self.required, found.dossiers > 0),
                optional(self.met, answered),
                optional(self.missed, answered),
                told,
                strict=True,
            )
        ]
