"""Offices as a tree, and what each of them needs. Pure.

A group is an office with offices below it, or everything where there is no single office above all:
its total is told, and the answers of all in it are read together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, Literal, get_args

ALL: Final = "all"

Need = Literal["dossiers", "silent", "missed", "evidence", "unlike"]
NEEDS: Final[tuple[Need, ...]] = get_args(Need)
"""The most urgent first. `unlike`: unlike the other offices by more than chance."""

SILENT: Final = timedelta(days=14)
"""Without an answer for longer than this, an office is asked whether its posters still hang."""


class Tree:
    """Every office with the one above it."""

    def __init__(self, parents: Mapping[str, str | None]) -> None:
        self.parents = {one: above if above in parents else None for one, above in parents.items()}
        self._children: dict[str | None, list[str]] = {}
        for one, above in self.parents.items():
            self._children.setdefault(above, []).append(one)

    @property
    def roots(self) -> list[str]:
        """The offices that have none above them."""
        return self._children.get(None, [])

    @property
    def top(self) -> str:
        """The group of every office."""
        return self.roots[0] if len(self.roots) == 1 else ALL

    @property
    def groups(self) -> list[str]:
        """Every group, the largest first; none where there is one office alone."""
        found = [ALL] if self.top == ALL and len(self.roots) > 1 else []
        waiting = list(self.roots)
        while waiting:
            one = waiting.pop(0)
            if below := self._children.get(one):
                found.append(one)
                waiting += below
        return found

    def children(self, office: str) -> list[str]:
        """The offices directly below; of everything, those that have none above."""
        return self._children.get(None if office == ALL else office, [])

    def is_group(self, office: str) -> bool:
        """Whether it has a total of its own."""
        return office == ALL or office in self._children

    def below(self, office: str) -> frozenset[str]:
        """An office and all below it."""
        if office == ALL:
            return frozenset(self.parents)
        found, waiting = {office}, [office]
        while waiting:
            more = [one for one in self._children.get(waiting.pop(), ()) if one not in found]
            found.update(more)
            waiting += more
        return frozenset(found)

    def above(self, office: str) -> list[str]:
        """The groups that an office is in, the nearest first; its own where it is one."""
        found = [office] if self.is_group(office) else []
        while (parent := self.parents.get(office)) is not None and parent not in found:
            found.append(parent)
            office = parent
        return found if self.top != ALL else [*found, ALL]

    def home(self, office: str) -> str:
        """The group whose computation gives an office its row."""
        return self.above(office)[0]


@dataclass(frozen=True, slots=True)
class Needed:
    """One thing that an office needs. `about`: months, or targets, or groups that wait for it."""

    kind: Need
    about: tuple[str, ...] = ()
    count: int = 0
    groups: tuple[str, ...] = field(default=())


def needs_of(
    row: Mapping[str, Any],
    silent: Needed | None = None,
    *,
    blocked: Sequence[str] = (),
    unlike: str = "",
) -> tuple[Needed, ...]:
    """Return what an office needs, the most urgent first.

    `row`: as it is kept; `silent`: as of `silence`; `blocked`: totals that prove nothing for want
    of its dossiers; `unlike`: "higher", "lower" or "".
    """
    found = [*row_needs(row, blocked)]
    if silent is not None:
        found.append(silent)
    if unlike:
        found.append(Needed("unlike", (unlike,)))
    return tuple(sorted(found, key=lambda one: NEEDS.index(one.kind)))


def row_needs(row: Mapping[str, Any], blocked: Sequence[str] = ()) -> Iterator[Needed]:
    """What an office needs by its row alone, whatever the day and whoever it is held against."""
    if row["undone"]:
        yield Needed("dossiers", tuple(row["undone"]), groups=tuple(blocked))
    missed = [one["target"] for one in row["targets"] if one["word"] == "missed"]
    if missed:
        yield Needed("missed", tuple(missed), len(missed))
    open_ = [one for one in row["targets"] if one["word"] in ("not_proven", "none")]
    if open_ and len(open_) == len(row["targets"]):
        # More answers settle nothing where those that came stand for too few dossiers.
        more = [one["needed"] for one in open_ if one["needed"] and not one["reason"]]
        spread = any(one["reason"] == "coverage" for one in open_) and not more
        yield Needed("evidence", ("coverage",) if spread else (), min(more, default=0))


def silence(last: date | None, today: date) -> Needed | None:
    """That no answers have come for long, since which day or month; None where they do.

    Of a month that is over, the first is any day of it: that is what stands in a sealed one.
    """
    if last is None:
        return Needed("silent")
    known = last.day > 1 or (last.year, last.month) == (today.year, today.month)
    since = last if known else (last + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if today - since <= SILENT:
        return None
    about = last.isoformat() if known else f"{last:%Y-%m}"
    return Needed("silent", (about,), (today - since).days)


@lru_cache(maxsize=20_000)
def by_name(name: str) -> tuple[Any, ...]:
    """A key that sorts names as a Vietnamese dictionary does, and 2 before 10.

    The seven letters with a mark of their own follow the plain ones (d, đ); tones decide last.
    """
    letters = unicodedata.normalize("NFD", name.lower())
    untoned = unicodedata.normalize("NFC", "".join(one for one in letters if one not in _TONES))
    return (*(_rank(part) for part in _PARTS.findall(untoned)), (2, 0, letters))


def _rank(part: str) -> tuple[int, int, Any]:
    if part.isdecimal():
        return (0, int(part), 0)
    plain, variant = _MARKED.get(part, (part, 0))
    return (1, ord(plain[0]), variant)


_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_MARKED: Final = {
    **{"ă": ("a", 1), "â": ("a", 2), "đ": ("d", 1), "ê": ("e", 1)},
    **{"ô": ("o", 1), "ơ": ("o", 2), "ư": ("u", 1)},
}
_PARTS: Final = re.compile(r"\d+|\D")


def plainly(name: str) -> str:
    """A name without marks, in small letters, for who types it so."""
    letters = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(one for one in letters if not unicodedata.combining(one))


def by_evidence(width: float | None, n: int) -> tuple[float, int]:
    """A key that puts first the offices of which most is known: the narrowest interval."""
    return (2.0 if width is None else width, -n)


Sort = Literal["name", "evidence"]
SORTS: Final[Sequence[Sort]] = get_args(Sort)
"""Never by the share: with few answers the first and the last would be so by chance."""
