"""Verdicts: is a target met, missed, or not yet proven, and how many answers would settle it?

Owns the decision rule (STATISTICS section 5). Knows no file of targets and no deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np

from analysis.formulas.hypergeometric import TIE, Floats, Ints, lower_tail, upper_tail
from analysis.formulas.intervals import check_level
from analysis.formulas.needed import (
    NEVER,
    Question,
    counts_needed,
    ratio_p_values,
    ratios_needed,
)
from analysis.formulas.notes import Note, joined
from analysis.formulas.shares import (
    CENSUS,
    CLOPPER_PEARSON,
    HYPERGEOMETRIC,
    KG_S,
    NONE,
    Shares,
    notes_of,
    optional,
    share_limits,
    shares,
)
from analysis.formulas.strata import Design, Flags, Kind, Stratum, draw
from analysis.formulas.thresholds import check_threshold

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
    strata: Sequence[Stratum], threshold: Decimal, *, level: float = 0.95, kind: Kind = "item"
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
    >>> from analysis.counting.moments import Moments
    >>> all_satisfied = Moments(29, 29, 29, 29, 29, 29, 29, 116, 464, 116)
    >>> judge([Stratum(all_satisfied, 1000)], Decimal("0.90")).evidence
    'met'
    """
    return judge_many([strata], [threshold], kind, level=level)[0]


def judge_many(
    cells: Sequence[Sequence[Stratum]],
    thresholds: Sequence[Decimal],
    kinds: Kind | Sequence[Kind],
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

    def _question(self, rows: Ints) -> Question:
        found, reached = self.found, self.reached[rows]
        x, n, N = found.satisfied[rows], found.answered[rows], found.dossiers[rows]
        required, threshold = self.required[rows], self.threshold[rows]
        return Question(
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
