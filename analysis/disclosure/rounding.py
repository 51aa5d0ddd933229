"""Figures as they are published: shares in steps, limits outwards.

Owns the steps and the arithmetic of rounding. Decides nothing about which rows are published.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.formulas.intervals import beta_limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXACT: Final = 0.001
LADDER: Final = (0.01, 0.025, 0.05, 0.10, 0.20, 0.50)
PRUDENCE: Final = 0.7
_NOISE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """Two-sided limits of a share, and the one-sided pair that decides a verdict; fractions 0..1.

    Where a row has no verdict, the one-sided pair is the two-sided one.
    """

    low: float
    high: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A share as it is published: from `share` to below `share_to`, and the limits around it.

    `share_to` is `share` where nothing is withheld, and the highest step holds 100% too.
    """

    share: float
    share_to: float
    limits: Limits


def steps(
    row: Ints, people: Ints, weight: Floats, whole: Floats, together: Ints, minimum: int
) -> Floats:
    """The step of every row: so wide that several of its withheld people fit into it.

    Parameters
    ----------
    row, people, weight
        One entry a withheld cell of a row: the row's number, who answered there, and how many
        dossiers one of them stands for.
    whole
        Dossiers that each row stands for.
    together
        How many people must fit into a step of each row, at least 2.
    minimum
        Withheld cells of fewer people fit into one step all together.

    Returns
    -------
    ndarray
        `EXACT` where nothing is withheld. Else the first step of the ladder that holds so many of
        the light withheld people, where these make up for twice anyone heavier.

    Notes
    -----
    A step of two people is the least that lets one person's answer change without leaving the
    step whatever the share: up, or down. Heavier people are covered by others who change with
    them.
    """
    heads = np.bincount(row, weights=people, minlength=whole.size)
    mass = np.bincount(row, weights=people * weight, minlength=whole.size)
    found = np.where(heads > 0, LADDER[-1], EXACT)
    for step in reversed(LADDER):
        light = together[row] * weight <= step * whole[row] + _NOISE
        carried = np.bincount(row[light], weights=(people * weight)[light], minlength=whole.size)
        heaviest = np.zeros(whole.size)
        np.maximum.at(heaviest, row[~light], weight[~light])
        fits = (carried > 0) & (carried >= 2 * heaviest)
        fits &= (heads >= minimum) | (mass <= step * whole + _NOISE)
        found[fits] = step
    return found


def share_class(share: float, step: float) -> tuple[float, float]:
    """From where to below where a published share lies: rounded down, never up to a target.

    >>> share_class(0.917, 0.05), share_class(1.0, 0.05), share_class(1.0, EXACT)
    ((0.9, 0.95), (0.95, 1.0), (1.0, 1.0))
    """
    low = _down(share, step)
    return low, low if step <= EXACT else round(low + step, 6)


def rounded(share: float, limits: Limits, step: float, plain: Callable[[float], Limits]) -> Figures:
    """A share and its limits as they are published.

    Parameters
    ----------
    share, limits
        In full precision.
    step
        Of the row.
    plain
        `plain_limits` of the row's design. Asked only for the two ends of a step.

    Notes
    -----
    The published limits are those of the whole step: the lower one at its low end, the upper one
    at its high end, both outwards. They say no more than the step does, and reach at least as far
    as the limits in full precision, which would tell where in the step the share lies.
    """
    low, high = share_class(share, step)
    below = above = limits
    if step > EXACT:
        below, above = plain(low), plain(high)
    return Figures(
        low,
        high,
        Limits(
            low=_down(min(limits.low, below.low), step),
            high=_up(max(limits.high, above.high), step),
            lower=_down(min(limits.lower, below.lower), step),
            upper=_up(max(limits.upper, above.upper), step),
        ),
    )


@lru_cache(maxsize=65536)  # every measure of a place has the same design
def plain_limits(share: float, cap: float, level: float) -> Limits:
    """KG-S limits at a share that depend on the design alone: on `PRUDENCE` times its n_cap."""
    size, at = np.array([PRUDENCE * cap]), np.array([share])
    two, one = (beta_limits(at, size, tail) for tail in ((1 - level) / 2, 1 - level))
    return Limits(float(two[0][0]), float(two[1][0]), float(one[0][0]), float(one[1][0]))


def rounded_score(mean: float, step: float, *, up: bool = False) -> float:
    """A mean of the scale 1..5, rounded as the part of the scale that it reaches."""
    part = (mean - 1) / 4
    return round(1 + 4 * (_up(part, step) if up else _down(part, step)), 6)


def rounded_outwards(low: float, high: float, step: float) -> tuple[float, float]:
    """Bounds of a share in the steps that hold them."""
    return _down(low, step), _up(high, step)


def silent_bounds(
    figures: Figures, weight: Sequence[float], answered: Sequence[float]
) -> tuple[float, float]:
    """The share if every silent person were dissatisfied, or satisfied, as far as published.

    Parameters
    ----------
    figures
        The published share.
    weight, answered
        Of each stratum: its part of the row's dossiers, and the part of its dossiers answered.

    Returns
    -------
    tuple of float
        The lowest and highest that the published step allows, whatever the strata's own shares;
        they follow from headcounts and the step alone.
    """
    reached = sorted(zip(answered, weight, strict=True), reverse=True)
    heard = sum(part * size for part, size in reached)
    return (
        heard - _most(reached, 1 - figures.share),
        1 - heard + _most(reached, figures.share_to),
    )


def _most(reached: Sequence[tuple[float, float]], mass: float) -> float:
    """The most answers that so much of the dossiers' weight can hold."""
    held = 0.0
    for part, size in reached:
        held += part * min(size, mass)
        mass = max(mass - size, 0.0)
    return held


def item_step(step: float, people: int, answered: int) -> float:
    """The step of an element or item of the total that fewer people answered than came.

    >>> item_step(0.05, 60, 30)
    0.1
    """
    needed = step * people / max(answered, 1) - _NOISE
    return next((known for known in LADDER if known >= needed), LADDER[-1])


def _down(value: float, step: float) -> float:
    """The step reached; nobody learns from "100%" that a highest step is full."""
    reached = math.floor(value / step + _NOISE) * step
    return round(reached if step <= EXACT else min(reached, 1 - step), 6)


def _up(value: float, step: float) -> float:
    return round(1 - _down(1 - value, step), 6)
