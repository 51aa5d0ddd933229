"""How coarsely shares are published: the steps of a row, and where in them a share lies.

Owns the ladder of steps. Decides nothing about which rows are published.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import numpy as np

from analysis.statistics.exact import Floats, Ints

EXACT: Final = 0.001
LADDER: Final = (0.01, 0.025, 0.05, 0.10, 0.20, 0.50)
_NOISE: Final = 1e-9


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
        the light withheld people, where these make up for anyone heavier as many times.

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
        fits = (carried > 0) & (carried >= together * heaviest)
        fits &= (heads >= minimum) | (mass <= step * whole + _NOISE)
        found[fits] = step
    return found


def whole_step(step: float, of: float) -> float | None:
    """The least step not finer than `step` that is made of whole steps `of`; None: there is none.

    Whoever knows in which step `of` a share lies learns nothing from the step that this returns.

    >>> whole_step(0.025, of=0.01), whole_step(0.01, of=0.05), whole_step(0.5, of=0.2)
    (0.05, 0.05, None)
    """
    return next(
        (
            one
            for one in (EXACT, *LADDER)
            if one >= max(step, of) and abs(one / of - round(one / of)) < _NOISE
        ),
        None,
    )


def item_step(step: float, people: int, answered: int) -> float:
    """The step of an element or item of the total that fewer people answered than came.

    >>> item_step(0.05, 60, 30)
    0.1
    """
    needed = step * people / max(answered, 1) - _NOISE
    return LADDER[min(bisect_left(LADDER, needed), len(LADDER) - 1)]


def down(share: Floats, step: Floats) -> Floats:
    """The step that a share has reached; nobody learns from "100%" that the highest is full.

    >>> float(down(np.array([0.917]), np.array([0.05]))[0])
    0.9
    """
    reached = np.floor(share / step + _NOISE) * step
    capped: Floats = np.where(step > EXACT, np.minimum(reached, 1 - step), reached).astype(float)
    return np.round(capped, 6)


def up(share: Floats, step: Floats) -> Floats:
    """The end of the step that a share lies in, the highest step's being 100%."""
    found: Floats = np.round(1 - down(1 - share, step), 6)
    return found


def class_ends(share: Floats, step: Floats) -> tuple[Floats, Floats]:
    """From where to below where a published share lies: rounded down, never up to a target.

    An exact share has no width.
    """
    low = down(share, step)
    return low, np.where(step > EXACT, np.round(low + step, 6), low)
