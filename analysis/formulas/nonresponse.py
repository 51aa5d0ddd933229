"""Those who did not answer: bounds whatever they think, and how satisfied they would have to be.

Owns arithmetic on the silent. Makes no interval: chance is the business of `intervals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from analysis.formulas.notes import Note
from analysis.formulas.strata import Kind, Stratum
from analysis.formulas.thresholds import check_threshold

Sureness: TypeAlias = Literal["met", "missed", "depends"]

LOW_RESPONSE = Fraction(1, 2)
"""Below this response rate a verdict "met" carries the share of the silent that it relies on."""


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
        All sectors of the cell, those without answers too.
    threshold
        Decimal, 0..1.
    kind
        "item", or "ratio": then the silent would answer as many items as the average respondent.

    Returns
    -------
    Silence or None
        None where the dossiers are unknown, zero, fewer than the answers, or where the strata
        hold a domain, whose own dossiers nobody knows.

    References
    ----------
    Horowitz & Manski (1998); Manski (2005).

    Examples
    --------
    >>> from analysis.counting.moments import Moments
    >>> answers = Moments(n=50, answered=50, y=48, m=50, yy=48, ym=48, mm=50)
    >>> silence([Stratum(answers, population=60)], Decimal("0.85")).share_needed
    0.3
    """
    target = check_threshold(threshold)
    heard = _heard(strata, kind)
    if heard is None:
        return None
    rate, low = heard
    high = low + 1 - rate
    needed = None if rate == 1 else float((target - low) / (1 - rate))
    verdict: Sureness = "met" if low >= target else "missed" if high < target else "depends"
    return Silence(float(rate), float(low), float(high), needed, verdict)


def _heard(strata: Sequence[Stratum], kind: Kind) -> tuple[Fraction, Fraction] | None:
    """Response rate, and satisfied answers as a part of all that could have been given."""
    voices = [s.moments.answered if kind == "item" else s.moments.n for s in strata]
    known = [s.population for s in strata if s.population is not None]
    dossiers = sum(known)
    sound = len(known) == len(strata) and dossiers > 0
    if not sound or any(s.responses is not None for s in strata):
        return None
    if any(s.moments.n > N for s, N in zip(strata, known, strict=True)):
        return None
    y, m = (sum(getattr(s.moments, name) for s in strata) for name in ("y", "m"))
    rate = Fraction(sum(voices) if m else 0, dossiers)
    return rate, rate * Fraction(y, m) if m else Fraction(0)


def caution(found: Silence, *, met: bool) -> tuple[Note, ...]:
    """The sentences that belong beside an interval: what it assumes, and on whom "met" relies."""
    notes = [Note("silent_assumed_alike")] if found.response_rate < 1 else []
    relies = met and found.verdict == "depends" and found.response_rate < LOW_RESPONSE
    if relies and found.share_needed is not None:
        notes.append(Note("met_if_the_silent", share=found.share_needed))
    return tuple(notes)
