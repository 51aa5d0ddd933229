"""What became of each dossier that was drawn, and which may be called next. Pure.

In a sector the first ones drawn are called in any order. One behind them takes the place of one
that gave no answer, for which there is a reason: the refused, the not reached and the wrong numbers
are counted, as what they would have said is not known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from survey import links
from survey.links import ALPHABET, CODE_LENGTH, random_code

SkipReason = Literal["refused", "not_reached", "wrong_number"]
SKIP_REASONS: Final[tuple[SkipReason, ...]] = get_args(SkipReason)
Outcome = Literal["answered", "refused", "not_reached", "wrong_number"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Call:
    """One dossier drawn: its place in its sector, and what became of it (None: nothing yet)."""

    sector: str
    position: int
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class SectorCalls:
    """The calls of a sector: `size` of its `dossiers` were asked for, those behind are spares."""

    sector: str
    dossiers: int
    size: int
    calls: tuple[Call, ...]

    def count(self, outcome: Outcome) -> int:
        """How many calls ended so."""
        return sum(call.outcome == outcome for call in self.calls)

    @property
    def skipped(self) -> int:
        """Calls that gave no answer."""
        return sum(self.count(reason) for reason in SKIP_REASONS)

    @property
    def drawn(self) -> int:
        """Dossiers that count as drawn: those asked for, and each spare that was called."""
        return sum(call.position <= self.size or call.outcome is not None for call in self.calls)

    @property
    def reach(self) -> int:
        """The last position that may be called: a spare more for each call without answer."""
        return self.size + self.skipped

    @property
    def open(self) -> int:
        """Calls that are still to be made."""
        reach = min(self.reach, len(self.calls))
        return sum(call.position <= reach and call.outcome is None for call in self.calls)


def spares(size: int, dossiers: int) -> int:
    """How many dossiers stand ready behind those asked for, in a sector of so many."""
    return min(max(size, 2), dossiers - size) if size else 0


def new_codes(number: int) -> Sequence[str]:
    """So many codes, each once: without letters that look alike, of about 40 random bits."""
    found: set[str] = set()
    while len(found) < number:
        found.add(random_code())
    return tuple(found)


def spelt(code: str) -> str:
    """A code as it is printed: in two groups.

    >>> spelt("k7m49qxp")
    'k7m4-9qxp'
    """
    return f"{code[:4]}-{code[4:]}"


def typed_code(text: str) -> str | None:
    """The code that was meant, however it was typed; None where it cannot be one."""
    code = links.typed_code(text)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def code_hash(code: str) -> str:
    """What is stored of a code: its SHA-256, in hexadecimal."""
    return hashlib.sha256(code.encode()).hexdigest()
