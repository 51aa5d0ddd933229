"""The headline "k of m sectors meet their target", safe against having looked at m of them.

Owns Holm's adjustment. Each sector's own verdict stays what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analysis.formulas.hypergeometric import TIE


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
