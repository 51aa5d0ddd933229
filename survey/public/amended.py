"""What the public page says of changes that staff made after a period was sealed.

Owns which of them are about a page, and their sentences: when, what kind of record, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Final

from survey.access import Parents, way_up
from survey.public.kept import months_of
from survey.public.words import public_word
from survey.seals import Seal
from survey.store.amendments import Amendment

MOST: Final = 8
"""Sentences on a page, which is one small request; the seals have every change."""

CAUSED: Final = ("dossiers", "improvements", "imports")
"""Kinds that the program changes in one way alone, which is said."""


def amendments_since(
    chain: Sequence[Seal], period: str, every: Sequence[Amendment]
) -> tuple[Amendment, ...]:
    """Those about a period that is sealed, the newest first: of its months, and of targets once its
    last month was sealed."""
    months = months_of(period)
    sealed = (one.number for one in chain if one.kind == "month" and one.about == months[-1])
    since = min(sealed, default=None)

    def is_about(one: Amendment) -> bool:
        if one.seal.kind == "targets":
            return since is not None and one.seal.number > since
        return one.seal.month in months

    return tuple(filter(is_about, reversed(every)))


def told_amendments(
    amendments: Sequence[Amendment],
    office: str,
    parents: Parents,
    lang: str,
    *,
    total: bool = False,
) -> tuple[str, ...]:
    """A sentence for each change of a day and kind that is about the office, the newest first.

    `parents`: of each office the one above it, whose own thresholds may hold for it. `total`: its
    figures are those of all offices below it, and so are the changes.
    """
    below = {one for one in parents if office in way_up(one, parents)} if total else {office}
    whose = _Whose(office, below, way_up(office, parents))
    acts: dict[str, set[int]] = {}
    for one in amendments:
        for kind in _kinds(one, whose):
            # Answers and records are sealed one after the other where an id becomes another.
            act = 0 if one.seal.reason == "renamed" else one.act
            acts.setdefault(_sentence(one, kind, lang), set()).add(act)
    lines = [
        sentence
        if len(found) == 1
        else public_word("amended.times", lang, said=sentence, count=len(found))
        for sentence, found in acts.items()
    ]
    if len(lines) > MOST:
        lines = [*lines[: MOST - 1], public_word("amended.more", lang, count=len(lines) - MOST + 1)]
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose page it is, whose figures it has, and whose own thresholds hold for them."""

    office: str
    figures: Set[str]
    above: Sequence[str]

    def has(self, kind: str, of: str) -> bool:
        """Whether records of a kind, of an office or ("") of none, are about the page."""
        if kind == "improvements":  # which the page tells of its own office alone
            return of in ("", self.office)
        return not of or of in (self.above if kind == "own" else self.figures)


def _kinds(one: Amendment, whose: _Whose) -> Iterator[str]:
    """What of a change is about a page: kinds of records, or what the seal is of."""
    if one.seal.reason == "renamed" or not one.places:
        yield one.seal.kind
        return
    yield from dict.fromkeys(kind for kind, of in one.places if whose.has(kind, of))


def _sentence(one: Amendment, kind: str, lang: str) -> str:
    what = public_word(f"amended.what.{kind}", lang)
    said = public_word(f"amended.{one.seal.reason}", lang, day=f"{one.day:%d/%m/%Y}", what=what)
    if one.seal.reason == "changed" and kind in CAUSED:
        cause = public_word(f"amended.cause_{kind}", lang)
        said = public_word("amended.caused", lang, said=said, cause=cause)
    return public_word("amended.because", lang, said=said, why=one.why) if one.why else said
