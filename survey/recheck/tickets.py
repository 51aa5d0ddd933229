"""Which dossiers are drawn: by tickets that anyone with the same list and seed computes again.

The list is fixed first, by the SHA-256 of its file; the seed afterwards, where nobody can choose
it. The ticket of a row is SHA-256("<seed>,<row>"), and the smallest tickets of a sector are drawn,
as in audits of elections (Lindeman & Stark 2012, "A gentle introduction to risk-limiting audits";
the sampler is Rivest's). Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from survey.dossiers.count import ListedDossier

LEAST: Final = 2
"""Dossiers drawn of each sector before the rest goes by size: a variance takes two."""

ROLLS: Final = 20
"""Rolls of a die that make a seed: 6^20 outcomes, more than anybody tries in advance."""

_DICE: Final = re.compile(r"[1-6]+")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A dossier with its ticket (hexadecimal). `position`: its place in its sector, from 1."""

    dossier: ListedDossier
    ticket: str
    position: int


def ticket_of(seed: str, row: int) -> str:
    """The ticket of a row, 64 hexadecimal digits.

    >>> ticket_of("61345", 7) == hashlib.sha256(b"61345,7").hexdigest()
    True
    """
    return hashlib.sha256(f"{seed},{row}".encode()).hexdigest()


def order(dossiers: Iterable[ListedDossier], seed: str) -> Mapping[str, Sequence[Ticket]]:
    """Every dossier of each sector in the order in which they are drawn."""
    sectors: dict[str, list[tuple[str, int, ListedDossier]]] = defaultdict(list)
    for one in dossiers:
        sectors[one.sector].append((ticket_of(seed, one.row), one.row, one))
    return {
        sector: tuple(
            Ticket(dossier, ticket, position)
            for position, (ticket, _, dossier) in enumerate(sorted(found), start=1)
        )
        for sector, found in sorted(sectors.items())
    }


def allocate(dossiers: Mapping[str, int], size: int) -> dict[str, int]:
    """How many are drawn of each sector, of its number of dossiers: `size` in all, if there are.

    Two of each first, the largest sectors before the others; the rest in proportion by Webster's
    method (Balinski & Young 1982), by which a larger `size` never takes one away from a sector.
    """
    taken = dict.fromkeys(dossiers, 0)
    for _ in range(min(size, sum(dossiers.values()))):
        free = [sector for sector in dossiers if taken[sector] < dossiers[sector]]
        few = [sector for sector in free if taken[sector] < LEAST]
        rank = _by_turn if few else _by_size
        taken[min(few or free, key=lambda sector: rank(sector, dossiers, taken))] += 1
    return taken


_Rank = tuple[Fraction, int, str]


def _by_turn(sector: str, dossiers: Mapping[str, int], taken: Mapping[str, int]) -> _Rank:
    return Fraction(taken[sector]), -dossiers[sector], sector


def _by_size(sector: str, dossiers: Mapping[str, int], taken: Mapping[str, int]) -> _Rank:
    return -Fraction(dossiers[sector], 2 * taken[sector] + 1), -dossiers[sector], sector


def rolled(text: str) -> str | None:
    """The seed that dice make, typed with or without spaces; None where it is none.

    >>> rolled("61 345 " * 4)
    '61345613456134561345'
    """
    digits = re.sub(r"[\s,.;-]+", "", text)
    return digits if _DICE.fullmatch(digits) and len(digits) >= ROLLS else None
