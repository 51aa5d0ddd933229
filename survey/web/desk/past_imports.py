"""What was brought in from other tools, for people: who, when, from which file, and its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from survey.store.past import PastImport, PastState, list_past
from survey.told import spoken_month
from survey.web.desk.guard import office_names, scope

IMPORTS: Final = 24
"""Imports that a page shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One import of the history. `months`: month (with several offices, its office) and answers.

    `undoable`: whether who is signed in may take it back now. `name` is None for the command line.
    """

    batch: str
    day: str
    file: str
    digest: str
    name: str | None
    answers: int
    months: tuple[tuple[str, int], ...]
    state: PastState
    undoable: bool
    undone_on: str
    undone_by: str | None


def own_imports(engine: Engine) -> Sequence[PastImport]:
    """The imports of which something is of the account's own offices, the oldest first."""
    own = scope(engine).offices
    return [one for one in list_past(engine) if one.offices & own]


def entry_of(engine: Engine, one: PastImport) -> Entry:
    """Return an import as the page shows it: of other offices nothing."""
    own, names = scope(engine).offices, office_names(engine)
    several = len(names) > 2
    parts = [part for part in one.parts if part.office in own]
    months = tuple(
        (
            spoken_month(part.period)
            + (f" · {names.get(part.office, part.office)}" if several else ""),
            part.answers,
        )
        for part in parts
    )
    return Entry(
        one.source.batch,
        f"{one.brought_on:%d/%m/%Y}",
        one.source.file,
        one.source.digest,
        one.name,
        sum(part.answers for part in parts),
        months,
        one.state,
        one.state == "open" and one.offices <= own,
        "" if one.undone_on is None else f"{one.undone_on:%d/%m/%Y}",
        one.undone_by,
    )
