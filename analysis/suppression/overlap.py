"""Which parts of a published sum may be shown apart, so that no small group can be worked out.

Owns the rule for one split of one sum (sectors, channels, questions). Knows no period or document.

The rule. Whatever can be computed from published sums by adding and subtracting gives every answer
a coefficient. Suppose such a combination concerned 1 to 4 people only. Take two parts that nothing
finer tells apart in some place (a stratum): there, all answers of the one part have one coefficient
and all of the other another, and if these differ, at most one is zero, so the combination concerns
at least as many people as the smaller of the two counts. Where these smaller counts add up to 5 or
more over all places, the coefficients must be equal: the two parts are tied. Where all parts are
tied together, directly or by way of others, showing them adds nothing to a combination about fewer
than 5 people. Parts that are not shown count as one part. It is counts of people that decide,
never what they answered: otherwise the gaps themselves would tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MINIMUM_CELL: Final = 5
"""Figures about fewer people than this are not published."""

_SEARCHED: Final = 12
"""Up to so many parts, any two or three may be withheld; of more, only the smallest."""

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


def shown_apart(
    people: Counts,
    alike: Flags,
    told: Flags,
    eligible: Flags,
    *,
    weights: Counts | None = None,
    merge: bool = True,
) -> Flags:
    """The parts of each sum that may be shown.

    Parameters
    ----------
    people : (P, T, K)
        For P sums: the people of each part K in each stratum T.
    alike : (P, T, K, K)
        Whether nothing finer that is published tells two parts apart in the stratum.
    told : (P, K)
        Parts that finer published figures add up to: showing them adds nothing.
    eligible : (P,)
        Whether the sum itself is shown.
    weights : (P, T, K)
        People that a difference between parts must at least concern, where these are fewer.
    merge
        Withhold the fewest and smallest parts that let the rest be shown; else show all or none.

    Returns
    -------
    (P, K)
        Parts with people that may be shown; the others, taken together, are then known too.
    """
    total: Counts = people.sum(axis=1)
    open_: Flags = (total > 0) & ~told
    shown: Flags = told & (total > 0) & eligible[:, None]
    weights = people if weights is None else weights
    light = _light(weights, open_)
    many = open_.sum(axis=1) > _SEARCHED
    waiting = np.flatnonzero(eligible & open_.any(axis=1))
    rank = np.argsort(
        np.argsort(np.where(open_, total, np.iinfo(np.int64).max), axis=1, kind="stable"), axis=1
    )
    for ranks in _tries(int(open_.sum(axis=1).max(initial=0))) if merge else [()]:
        able = waiting[light[waiting].sum(axis=1) <= len(ranks)]
        if ranks != tuple(range(len(ranks))):
            able = able[~many[able]]
        held = open_[able] & np.isin(rank[able], ranks)
        likely = ~np.asarray((light[able] & ~held).any(axis=1))
        able, held = able[likely], held[likely]
        single = open_[able] & ~held
        good = _tied(weights[able], alike[able], single, held)
        shown[able[good]] |= single[good]
        waiting = np.setdiff1d(waiting, able[good], assume_unique=True)
        if not waiting.size:
            break
    passed: Flags = shown & (total >= MINIMUM_CELL)
    return passed


def _tries(parts: int) -> Iterator[tuple[int, ...]]:
    """Parts to withhold, by rank of size: none, two, three, then ever more of the smallest.

    Never one: what is left of the sum would be that part.
    """
    yield ()
    for size in (2, 3):
        yield from combinations(range(min(parts, _SEARCHED)), size)
    for size in range(2, parts + 1):
        yield tuple(range(size))


def _light(weights: Counts, open_: Flags) -> Flags:
    """Parts with so few people that nothing can be tied to them; of one part alone, none is."""
    few: Flags = open_ & (weights.sum(axis=1) < MINIMUM_CELL)
    few[open_.sum(axis=1) < 2] = False
    return few


def _tied(weights: Counts, alike: Flags, single: Flags, held: Flags) -> Flags:
    """Whether the single parts, and the held ones as one part, are all tied together."""
    size, parts = single.shape
    any_held: Flags = np.asarray(held.any(axis=1))[:, None]
    joined = np.zeros((size, parts + 1, parts + 1), dtype=np.bool_)
    for one, other in combinations(range(parts), 2):
        smaller = np.minimum(weights[:, :, one], weights[:, :, other]) * alike[:, :, one, other]
        tie = smaller.sum(axis=1) >= MINIMUM_CELL
        joined[:, one, other] = tie & single[:, one] & single[:, other]
    for part in range(parts):
        beside = (weights * (alike[:, :, part] & held[:, None])).sum(axis=2)
        tie = np.minimum(beside, weights[:, :, part]).sum(axis=1) >= MINIMUM_CELL
        joined[:, part, parts] = tie & single[:, part] & any_held[:, 0]
    joined |= joined.transpose(0, 2, 1)
    return _connected(joined, np.concatenate([single, any_held], axis=1))


def _connected(joined: Flags, nodes: Flags) -> Flags:
    """Whether all nodes of each graph hang together."""
    reached = np.zeros_like(nodes)
    reached[np.arange(len(nodes)), nodes.argmax(axis=1)] = nodes.any(axis=1)
    for _ in range(nodes.shape[1]):
        further = reached | (joined & reached[:, None, :]).any(axis=2)
        if (further == reached).all():
            break
        reached = further
    whole: Flags = np.asarray((reached | ~nodes).all(axis=1))
    return whole


def keep_apart(alike: Flags, shown: Flags) -> Flags:
    """What is still alike after some parts are shown; shapes (..., K, K) and (..., K)."""
    apart = shown[..., :, None] | shown[..., None, :]
    apart &= ~np.eye(shown.shape[-1], dtype=np.bool_)
    left: Flags = alike & ~apart
    return left


def all_alike(*shape: int) -> Any:
    """Nothing is told apart yet: flags of shape (..., K, K) for shape (..., K)."""
    return np.ones((*shape, shape[-1]), dtype=np.bool_)
