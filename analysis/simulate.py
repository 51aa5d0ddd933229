"""Simulated answers of known truth, for the demonstration and tests. Never mixed with real ones.

Pure: a seeded generator goes in, scores come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist

import numpy as np
from numpy.random import Generator

# How satisfied answers split into 4 and 5, and the others into 1, 2 and 3.
_SATISFIED = (0.55, 0.45)
_NOT_SATISFIED = (0.12, 0.28, 0.60)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one sector, and unknown to whoever analyses the answers.

    ``share`` is the probability that an answer to any item is 4 or 5, ``dossiers`` the expected
    completed dossiers a month, ``correlation`` how alike one person's answers are (0 to 1).
    """

    sector: str
    share: float
    dossiers: int
    correlation: float = 0.45


def simulate_scores(rng: Generator, truth: Truth, people: int, items: int) -> list[list[int]]:
    """Return ``people`` rows of ``items`` scores 1..5.

    A person's mood and a noise of each item add up to a standard normal, cut at the quantiles of
    the score probabilities: so the truth holds exactly for every item, and answers of one person
    are correlated.
    """
    mood = rng.standard_normal((people, 1)) * np.sqrt(truth.correlation)
    noise = rng.standard_normal((people, items)) * np.sqrt(1 - truth.correlation)
    cuts = [NormalDist().inv_cdf(p) for p in list(accumulate(score_probabilities(truth.share)))[:4]]
    scores: list[list[int]] = (np.searchsorted(cuts, mood + noise) + 1).tolist()
    return scores


def score_probabilities(share: float) -> list[float]:
    """Return the probabilities of the scores 1 to 5 where ``share`` are satisfied."""
    low = [(1 - share) * part for part in _NOT_SATISFIED]
    return low + [share * part for part in _SATISFIED]


def split(rng: Generator, total: int, weights: Sequence[float]) -> list[int]:
    """Return ``total`` divided at random in proportion to ``weights``."""
    parts: list[int] = rng.multinomial(total, np.array(weights) / sum(weights)).tolist()
    return parts
