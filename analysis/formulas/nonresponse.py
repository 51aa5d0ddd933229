"""Those who did not answer: bounds whatever they think, and how satisfied they would have to be.

Owns arithmetic on the silent. Makes no interval: chance is the business of `intervals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

import numpy as np

from analysis.formulas.hypergeometric import Floats
from analysis.formulas.shares import Shares, shares
from analysis.formulas.strata import Kind, Stratum, draw
from analysis.formulas.thresholds import check_threshold

Sureness: TypeAlias = Literal["met", "missed", "depends"]

_NEAR: Final = 1e-12  # a threshold written in decimals and a share of counts, compared as floats


@dataclass(frozen=True, slots=True)
class Silence:
    """What the silent could change.

    response_rate
        Answers per dossier, 0..1 (for one item: answers to that item).
    low, high
        The share if every silent person were dissatisfied, or satisfied.
    share_needed
        q, the share of the silent that must be satisfied for the target: 0 or less, it is met
        whatever they think; above 1, it cannot be met. None where nobody is silent.
    verdict
        "met" or "missed" whatever the silent think, else "depends".
    """

    response_rate: float
    low: float
    high: float
    share_needed: float | None
    verdict: Sureness


def silence(
    strata: Sequence[Stratum], threshold: Decimal, *, kind: Kind = "item"
) -> Silence | None:
    """Bounds and the share needed for one target.

    Parameters
    ----------
    strata
        All strata of the cell, those without answers too.
    threshold
        Decimal, 0..1.
    kind
        "item", or "ratio": then the silent would answer as many items as the average respondent.

    Returns
    -------
    Silence or None
        None where no dossiers are known, or where the strata hold a domain, whose own dossiers
        nobody knows.

    References
    ----------
    Horowitz & Manski (1998); Manski (2005).

    Examples
    --------
    >>> from analysis.counting.moments import Moments
    >>> answers = Moments(n=50, answered=50, y=48, m=50, yy=48, ym=48, mm=50)
    >>> round(silence([Stratum(answers, population=60)], Decimal("0.85")).share_needed, 12)
    0.3
    """
    target = float(check_threshold(threshold))
    found = shares(draw([strata], [kind]))
    rate, low = (float(values[0]) for values in _heard(found))
    if found.answered[0] == 0 and found.design.population[0] > 0:
        rate = low = 0.0  # nobody answered: everything is open
    if np.isnan(low):
        return None
    return silence_within(low, low + 1 - rate, target, rate)


def silence_within(
    low: float | None, high: float | None, threshold: float, rate: float | None = None
) -> Silence | None:
    """What the silent could change between two bounds; None where these are not known.

    `rate`: answers per dossier, taken from the bounds where left out.
    """
    if low is None or high is None:
        return None
    silent = high - low if high - low > _NEAR else 0.0
    needed = (threshold - low) / silent if silent else None
    verdict: Sureness = "depends"
    if low >= threshold - _NEAR:
        verdict = "met"
    elif high < threshold - _NEAR:
        verdict = "missed"
    if needed is not None and verdict != "missed":  # beyond these by the last digit alone
        needed = min(needed, 0.0 if verdict == "met" else 1.0)
    return Silence(1 - silent if rate is None else rate, low, high, needed, verdict)


def bounds(found: Shares) -> tuple[Floats, Floats]:
    """The share of every cell if all the silent were dissatisfied, or satisfied; nan if unknown.

    Notes
    -----
    (sum x_h) / N and (sum x_h + N - n) / N (Horowitz & Manski 1998). The silent of an index answer
    as many items as the average respondent; for one item, who left it out is silent too. A stratum
    with more answers than dossiers counts as fully heard.
    """
    rate, low = _heard(found)
    return low, low + 1 - rate


def _heard(found: Shares) -> tuple[Floats, Floats]:
    """Answers per dossier, and satisfied ones as a part of all that could have been given."""
    design = found.design
    heard = design.total(design.heard)
    part = design.heard / np.maximum(design.people, 1)
    y, m = (design.total(part * sums) for sums in (design.satisfied.y, design.satisfied.m))
    known = (m > 0) & (design.population > 0)
    rate = np.full(known.size, np.nan)
    rate[known] = heard[known] / design.population[known]
    return rate, rate * np.divide(y, m, out=np.full_like(y, np.nan), where=m > 0)
