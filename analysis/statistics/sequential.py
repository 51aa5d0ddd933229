"""Limits that hold at every look at once, however often one looks at a period under way.

Owns the prior-posterior-ratio confidence sequence for one item in one stratum, and the allowance
of KG-S where most dossiers answered. Period-end verdicts use the fixed-period interval instead;
answers must arrive in no particular order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, xlog1py, xlogy

from analysis.statistics.exact import (
    TIE,
    Floats,
    Interval,
    Ints,
    check_counts,
    check_level,
    log_probability,
)
from analysis.statistics.strata import Design, Flags, Sums

UNIFORM = (1.0, 1.0)
"""Prior that knows nothing. (9, 1) is narrower near 90% and wider far from it."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the answers so far; shares 0..1.

    `low`, `high`: limits from this look. `running_low`, `running_high`: what all looks so far
    leave, narrower and just as safe. `changed`: the looks contradict each other, as happens when
    the service itself changes over the period; the running limits then start anew.
    """

    satisfied: int
    answered: int
    low: float
    high: float
    running_low: float
    running_high: float
    changed: bool


def _log_marginal(x: Floats, n: Floats, prior: tuple[float, float]) -> Floats:
    """ln of the beta-binomial chance of x of n, in any one order."""
    a, b = prior
    marginal: Floats = betaln(a + x, b + n - x) - betaln(a, b)
    return marginal


def _orders(x: Floats, n: Floats) -> Floats:
    """ln of the number of orders, n over x."""
    orders: Floats = -np.log(n + 1) - betaln(x + 1, n - x + 1)
    return orders


def sequence_counts(
    satisfied: ArrayLike,
    answered: ArrayLike,
    population: ArrayLike,
    *,
    alpha: float = 0.05,
    prior: tuple[float, float] = UNIFORM,
) -> tuple[Ints, Ints]:
    """Smallest and largest satisfied count of N that each look leaves possible; arrays.

    Kept is M where posterior / prior > alpha. The ratio equals the chance of the answers given M
    over their chance under the prior, so only that needs computing; a tie (1e-9) is dropped.
    """
    x, n, N = (
        np.atleast_1d(a).astype(np.int64)
        for a in np.broadcast_arrays(satisfied, answered, population)
    )
    seen, all_ = x.astype(np.float64), n.astype(np.float64)
    floor = np.log(alpha) + TIE + _orders(seen, all_) + _log_marginal(seen, all_, prior)

    def kept(rows: Ints, M: Ints) -> Flags:
        flags: Flags = log_probability(x[rows], n[rows], M, N[rows]) > floor[rows]
        return flags

    least, most = x, N - n + x
    best = np.clip(x * (N + 1) // np.maximum(n, 1), least, most)
    return _edge(kept, best, least - 1), _edge(kept, best, most + 1)


def _edge(kept: Callable[[Ints, Ints], Flags], inside: Ints, outside: Ints) -> Ints:
    """The last kept count on the way from the likeliest to one that is impossible."""
    inside, outside = inside.copy(), outside.copy()
    left = np.flatnonzero(np.abs(outside - inside) > 1)
    while left.size:
        middle = (inside[left] + outside[left]) // 2
        holds = kept(left, middle)
        inside[left] = np.where(holds, middle, inside[left])
        outside[left] = np.where(holds, outside[left], middle)
        left = left[np.abs(outside[left] - inside[left]) > 1]
    return inside


def _shares(x: Floats, n: Floats, alpha: float, prior: tuple[float, float]) -> list[Floats]:
    """The same limits for a share when the dossiers are unknown, by bisection."""
    floor = np.log(alpha) + _log_marginal(x, n, prior)
    best = np.divide(x, n, out=np.full_like(x, 0.5), where=n > 0)
    limits = []
    for end in (0.0, 1.0):
        inside, outside = best.copy(), np.full_like(best, end)
        open_ = xlogy(x, outside) + xlog1py(n - x, -outside) > floor
        for _ in range(60):
            middle = (inside + outside) / 2
            holds = xlogy(x, middle) + xlog1py(n - x, -middle) > floor
            inside, outside = np.where(holds, middle, inside), np.where(holds, outside, middle)
        limits.append(np.where(open_, end, inside))
    return limits


def confidence_sequence(
    looks: Sequence[tuple[int, int]],
    population: int | None = None,
    *,
    level: float = 0.95,
    prior: tuple[float, float] = UNIFORM,
) -> list[Look]:
    """Limits at every look, wrong at some look in at most 1 - level of all periods.

    Parameters
    ----------
    looks
        (satisfied so far, answered so far), in the order of looking; counts only grow.
    population
        Dossiers of the whole period, None where unknown.
    level
        That all looks together hold.
    prior
        Beta prior, chosen before the period begins.

    Returns
    -------
    list of Look
        One per look. Everyone answered: the point.

    Raises
    ------
    ValueError
        Impossible counts, counts that shrink, a prior not above 0.

    References
    ----------
    Waudby-Smith & Ramdas (2020), arXiv:2006.04347.

    Examples
    --------
    >>> [round(look.low, 3) for look in confidence_sequence([(4, 5), (18, 20)], 60)]
    [0.233, 0.65]
    """
    alpha = 1 - check_level(level)
    _check_looks(looks, population, prior)
    if not looks:
        return []
    x, n = np.array(looks, dtype=np.int64).T
    if population is None:
        lows, highs = _shares(x.astype(np.float64), n.astype(np.float64), alpha, prior)
    elif population == 0:
        lows, highs = np.zeros(x.size), np.ones(x.size)
    else:
        counts = sequence_counts(x, n, population, alpha=alpha, prior=prior)
        lows, highs = (count / population for count in counts)
    return _running(looks, lows.tolist(), highs.tolist())


def _check_looks(
    looks: Sequence[tuple[int, int]], population: int | None, prior: tuple[float, float]
) -> None:
    if min(prior) <= 0:
        raise ValueError(f"prior is {prior}; both numbers must be above 0, for example (1, 1)")
    before = (0, 0)
    for x, n in looks:
        check_counts(x, n, population)
        if x < before[0] or n - x < before[1] - before[0]:
            raise ValueError(
                f"look {x} of {n} follows {before[0]} of {before[1]}; give the counts so far,"
                " in the order of looking"
            )
        before = (x, n)


def _running(looks: Sequence[tuple[int, int]], lows: list[float], highs: list[float]) -> list[Look]:
    found: list[Look] = []
    kept = Interval(0.0, 1.0)
    for (x, n), low, high in zip(looks, lows, highs, strict=True):
        kept = Interval(max(kept.low, low), min(kept.high, high))
        changed = kept.low > kept.high
        kept = Interval(low, high) if changed else kept
        found.append(Look(x, n, low, high, kept.low, kept.high, changed))
    return found


BEGINS = 0.5
"""Answered part of the dossiers from which on something is given away."""

WHOLE = 0.75
"""Answered part at which all of it is."""

ANSWERS = 0.75
"""What is given away, in answers: half an answer for the step and a quarter for the tail."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One number per cell, in shares 0..1.

    `shift`: how far each KG-S limit moves outwards, 0 up to one half answered. `least`, `most`:
    the share if all who are silent were dissatisfied, or satisfied; 0 and 1 where nothing is
    shifted, and for an index or a domain, of which the silent part is unknown.
    """

    shift: Floats
    least: Floats
    most: Floats

    def limits(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """KG-S limits moved outwards, within what is possible."""
        return (
            np.maximum(low - self.shift, self.least),
            np.minimum(high + self.shift, self.most),
        )

    def only(self, cells: Flags) -> Allowance:
        """Those of some cells."""
        return Allowance(self.shift[cells], self.least[cells], self.most[cells])


def allowance(design: Design, sums: Sums) -> Allowance:
    """The allowance of `sums` in every cell.

    Notes
    -----
    KG-S takes its limits from n_eff answers drawn with replacement. These move in steps of
    1/n_eff and lean as the binomial does. The estimate moves in steps of one answer's weight,
    u = (N_h/n_h) / N, and its third moment has the factor 1 - 2 f: above one half answered the
    estimate leans the other way, for non-respondents are now the smaller sample. With z the normal
    quantile, the Cornish-Fisher terms of the two distributions differ by

        f u (1/2 + (z^2 - 1) (2 p - 1) / 6)

    at the lower limit, which is too high by that much (at the upper, with 1 - 2 p, too low). At
    p = 0.9 and z = 1.645 this is 0.73 f u, hence the three quarters. Up to one half KG-S stands
    as it is, its guards being wide enough as a rule; from there the allowance grows with f, all
    of it being due at three quarters, so that no limit jumps. u is the mean over the strata by
    their part of the variance, for an index that of a person. Measured by benchmarks/coverage.py.

    Not mended, at any f: all the dissatisfied in one stratum of a few answers, all of whom happen
    to be satisfied; KG-S then takes that stratum to be like the others.

    References
    ----------
    Cornish & Fisher (1938); the hypergeometric third moment in Johnson, Kemp & Kotz (2005).
    """
    N, n, open_part = design.dossiers, design.size, 1.0 - design.fraction
    corrected = design.fraction > 0
    dossiers = design.total(N)
    heard = _divided(design.total(np.where(corrected, n, 0.0)), dossiers)
    lever = N * N * open_part / n
    weight = N / n
    mean_weight = _divided(design.total(lever * weight), design.total(lever))
    items = _divided(design.total(sums.m), design.total(design.people))
    unit = _divided(mean_weight * items, design.total(weight * sums.m))
    due = np.clip((heard - BEGINS) / (WHOLE - BEGINS), 0.0, 1.0)
    shift = ANSWERS * due * unit

    known = design.item & ~design.domain & (shift > 0)
    satisfied = design.total(np.where(corrected, sums.y, 0.0))
    least = np.where(known, _divided(satisfied, dossiers), 0.0)
    return Allowance(shift, least, np.where(known, least + 1.0 - heard, 1.0))


def _divided(a: Floats, b: Floats) -> Floats:
    """a / b, 0 where b is 0: no answers, or nothing left open."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
