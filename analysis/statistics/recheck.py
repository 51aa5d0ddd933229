"""The random re-check: by itself, beside those who chose to answer, and with them.

Owns the bounds of its own non-response, the comparison, Hansen and Hurwitz' estimate from both, and
the test of the box. Limits of a share are those of `estimates`. Pure numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.statistics.comparisons import Difference, chance_of_fewer, difference, p_values
from analysis.statistics.estimates import Estimate, estimate
from analysis.statistics.exact import TIE, Interval, Ints, check_level
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.strata import MeasureKind, Stratum


@dataclass(frozen=True, slots=True)
class RecheckStratum:
    """One sector in one month (or months joined): who chose to answer, and who was drawn.

    Parameters
    ----------
    dossiers
        N, those completed: the list that was drawn from.
    drawn
        d of them, by lot.
    chose
        Of those who answered of their own accord: n, of them x satisfied.
    answered
        Of those drawn who answered: m, of them z satisfied.
    silent
        Of these, those who say that they had not answered before: m', z'.
    heard
        Those who say that they had: m'', z''. Who is not sure is in neither.
    """

    dossiers: int
    drawn: int
    chose: Moments = ZERO
    answered: Moments = ZERO
    silent: Moments = ZERO
    heard: Moments = ZERO

    def __post_init__(self) -> None:
        if not self.answered.answered <= self.drawn <= self.dossiers:
            raise ValueError(
                f"answered is {self.answered.answered}, drawn {self.drawn}, dossiers"
                f" {self.dossiers}; give answered <= drawn <= dossiers"
            )


Strata = Sequence[RecheckStratum]


def recheck_alone(strata: Strata, *, level: float = 0.95, kind: MeasureKind = "item") -> Estimate:
    """The share by those drawn who answered, a simple random sample of each stratum's dossiers.

    Parameters
    ----------
    strata
        Sectors and months; strata in which nobody answered say nothing.
    level, kind
        As for `estimate`: exact hypergeometric limits of one item in one stratum, KG-S otherwise.

    Examples
    --------
    >>> asked = Moments(n=26, answered=26, y=23, m=26, yy=23, ym=23, mm=26)
    >>> found = recheck_alone([RecheckStratum(120, 30, answered=asked)])
    >>> round(found.share, 3), round(found.low, 3), round(found.high, 3)
    (0.885, 0.725, 0.967)
    """
    return estimate([Stratum(s.answered, s.dossiers) for s in strata], level=level, kind=kind)


def draw_bounds(strata: Strata) -> Interval | None:
    """The share of those drawn if all who did not answer were dissatisfied, or satisfied.

    Each stratum weighs its dossiers. Chance is not in it: it bounds the estimate, as Horowitz &
    Manski (1998) do. None where nobody was drawn. Of a ratio non-respondents would answer as many
    questions as the average respondent.

    >>> asked = Moments(n=26, answered=26, y=23, m=26, yy=23, ym=23, mm=26)
    >>> draw_bounds([RecheckStratum(120, 30, answered=asked)])
    Interval(low=0.7666666666666667, high=0.9)
    """
    drawn = [s for s in strata if s.drawn]
    whole = sum(s.dossiers for s in drawn)
    if not whole:
        return None
    low = sum(
        s.dossiers * s.answered.answered / s.drawn * s.answered.y / s.answered.m
        for s in drawn
        if s.answered.m
    )
    silent = sum(s.dossiers * (1 - s.answered.answered / s.drawn) for s in drawn)
    return Interval(low / whole, (low + silent) / whole)


@dataclass(frozen=True, slots=True)
class Contrast:
    """The re-check beside those who chose to answer, over the same strata with the same weights.

    `difference`: the re-check less the others. `p_value`: of one item, exact and two-sided; None of
    a ratio. `differs`: beyond chance at the level asked.
    """

    chose: Estimate
    recheck: Estimate
    difference: Difference | None
    p_value: float | None
    differs: bool


def contrast(strata: Strata, *, level: float = 0.95, kind: MeasureKind = "item") -> Contrast:
    """Whether those drawn say something else than those who chose to answer.

    Notes
    -----
    Limits of the difference: Newcombe (1998) from each side's own limits. Whether it is beyond
    chance is decided by the exact conditional test of combined 2 x 2 tables (Fisher; Cox 1970):
    given each stratum's satisfied answers, those of the re-check are hypergeometric, and their sum
    is the convolution; the p-value doubles the smaller tail. Of a ratio, by the interval. Some of
    those drawn had answered of their own accord, which makes both lean to "no difference".

    Examples
    --------
    >>> chose = Moments(n=80, answered=80, y=76, m=80, yy=76, ym=76, mm=80)
    >>> asked = Moments(n=26, answered=26, y=20, m=26, yy=20, ym=20, mm=26)
    >>> found = contrast([RecheckStratum(120, 30, chose, asked)])
    >>> found.differs, round(found.difference.difference, 3), round(found.p_value, 3)
    (True, -0.181, 0.027)
    """
    alpha = (1 - check_level(level)) * (1 + TIE)
    recheck = recheck_alone(strata, level=level, kind=kind)
    those = [Stratum(s.chose, s.dossiers) for s in strata if s.answered.answered]
    chose = estimate(those, level=level, kind=kind)
    gap = difference(recheck, chose)
    if gap is None:
        return Contrast(chose, recheck, None, None, differs=False)
    if kind != "item":
        return Contrast(chose, recheck, gap, None, gap.beyond_chance)
    asked = _counts([s.answered for s in strata])
    (p,) = p_values([(asked, asked + _counts([s.chose for s in strata]))])
    return Contrast(chose, recheck, gap, p, differs=p <= alpha)


def _counts(moments: Sequence[Moments]) -> Ints:
    """(satisfied, answered) to one item, stratum by stratum."""
    return np.array([(m.y, m.m) for m in moments], dtype=np.int64).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Combined:
    """Hansen and Hurwitz' share of everybody, with two-sided limits and its standard error.

    `covered`: the part of the strata's dossiers that it stands for; strata whose silent people were
    not heard in the re-check are left out.
    """

    share: float
    low: float
    high: float
    se: float | None
    covered: float


def hansen_hurwitz(strata: Strata, *, level: float = 0.95) -> Combined | None:
    """Those who chose to answer, and a sample of those who did not: the share of both together.

    Parameters
    ----------
    strata
        Of one item. `silent` decides; `answered` and `heard` are not used.
    level
        Two-sided.

    Returns
    -------
    Combined or None
        None where one honest open answer a dossier is contradicted (n > N, or more people who say
        that they had not answered than there are others), or no silent person was heard.

    Notes
    -----
    The n who answered are a census of themselves; the m' drawn who had not are a simple random
    sample of the N - n others: share = (x + (N - n) z'/m') / N. With the limits L, U of the N - n
    (exact hypergeometric in one stratum, KG-S over strata) those of everybody are (x + L)/N and
    (x + U)/N; standard error (N - n)/N sqrt((1 - m'/(N - n)) s^2/m').

    References
    ----------
    Hansen & Hurwitz (1946), JASA 41:517.

    Examples
    --------
    >>> chose = Moments(n=40, answered=40, y=38, m=40, yy=38, ym=38, mm=40)
    >>> silent = Moments(n=20, answered=20, y=16, m=20, yy=16, ym=16, mm=20)
    >>> found = hansen_hurwitz([RecheckStratum(120, 30, chose, silent=silent)])
    >>> round(found.share, 4), round(found.low, 4), round(found.high, 4)
    (0.85, 0.7167, 0.9333)
    """
    check_level(level)
    whole = sum(s.dossiers for s in strata)
    if any(s.silent.answered > s.dossiers - s.chose.answered for s in strata):
        return None
    used = [s for s in strata if s.silent.answered or s.chose.answered == s.dossiers]
    if not any(s.silent.answered for s in used):
        return None
    others = [Stratum(s.silent, s.dossiers - s.chose.answered) for s in used if s.silent.answered]
    found = estimate(others, level=level)
    if found.share is None or found.low is None or found.high is None:
        return None
    silent = sum(s.dossiers - s.chose.answered for s in used)
    satisfied, dossiers = sum(s.chose.y for s in used), sum(s.dossiers for s in used)
    share, low, high = (
        (satisfied + silent * part) / dossiers for part in (found.share, found.low, found.high)
    )
    se = None if found.se is None else silent / dossiers * found.se
    return Combined(share, low, high, se, dossiers / whole)


@dataclass(frozen=True, slots=True)
class BoxTest:
    """Whether people who say that they had answered are as satisfied as the box says.

    `satisfied` of `people` are, where `expected` of them would be. `p_value`: the chance of so few
    or fewer, exact. `suspect`: at most one less the level asked.
    """

    people: int
    satisfied: int
    expected: float
    p_value: float
    suspect: bool


def box_test(strata: Strata, *, level: float = 0.95) -> BoxTest | None:
    """The z'' of m'' who say that they had answered, against x of n in the box.

    Notes
    -----
    If the box holds one honest answer of each of them, they are m'' of the n drawn by lot, and z''
    is hypergeometric (n, x, m''); over strata the convolution. A stratum in which more say that
    they answered than there are answers is left out. None where nobody is left.

    Examples
    --------
    >>> chose = Moments(n=100, answered=100, y=97, m=100, yy=97, ym=97, mm=100)
    >>> heard = Moments(n=10, answered=10, y=7, m=10, yy=7, ym=7, mm=10)
    >>> found = box_test([RecheckStratum(200, 30, chose, heard=heard)])
    >>> found.expected, round(found.p_value, 5), found.suspect
    (9.7, 0.00074, True)
    """
    used = [s for s in strata if 0 < s.heard.answered <= s.chose.answered]
    if not used:
        return None
    heard, chose = _counts([s.heard for s in used]), _counts([s.chose for s in used])
    p = chance_of_fewer(heard, chose)
    return BoxTest(
        people=int(heard[:, 1].sum()),
        satisfied=int(heard[:, 0].sum()),
        expected=float((heard[:, 1] * chose[:, 0] / chose[:, 1]).sum()),
        p_value=p,
        suspect=p <= (1 - check_level(level)) * (1 + TIE),
    )
