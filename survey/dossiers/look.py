"""What was seen in a file: its columns as understood, what is wrong, and the counts if nothing is.

Pure values, that travel between processes and wait for the officer's word. Must not read anything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from questionnaires.bilingual import Told
from survey.dossiers.count import Counted, ListedDossier, PopulationCount
from survey.errors import DossiersError

WordKind = Literal["office", "sector", "procedure"]


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """One column: its heading, what it is read as (None: not read), the cells of the first rows."""

    heading: str
    meaning: str | None
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word that names no place: in how many rows it stands, and the numbers of the first."""

    kind: WordKind
    word: str
    times: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a file gave.

    ``rows``: the numbers of the rows whose cells stand in ``columns``. ``unknown``: words that
    somebody has to assign. ``problems``: whatever else is wrong. ``refusal``: all of it in one
    text, and then nothing is ``counted``. ``guessed``: no headings were found, and the columns are
    those of a row that may be them. ``whose``: the file does not say of which office it is.
    """

    kind: Literal["export", "population"] = "export"
    columns: tuple[SeenColumn, ...] = ()
    rows: tuple[int, ...] = ()
    unknown: tuple[UnknownWord, ...] = ()
    problems: tuple[Told, ...] = ()
    counted: Counted | None = None
    refusal: Told | None = None
    guessed: bool = False
    whose: bool = False

    @property
    def meanings(self) -> Collection[str]:
        """What the columns are read as."""
        return {column.meaning for column in self.columns if column.meaning is not None}

    def require(self) -> Counted:
        """Return the counts. Raises DossiersError that says everything that is wrong."""
        if self.counted is None:
            raise DossiersError(self.refusal or Told("", ""))
        return self.counted


def packed(value: Any) -> Any:
    """Return a value of this module's kinds as plain JSON; told texts keep both languages."""
    if isinstance(value, Told):
        return {"en": str(value), "vi": value.vi}
    if is_dataclass(value):
        return {one.name: packed(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [packed(one) for one in value]
    return dict(value) if hasattr(value, "items") else value


def told_of(found: Any) -> Any:
    """Return the text that `packed` made of a told one; any other as it is."""
    return Told(found["en"], found["vi"]) if isinstance(found, dict) else found


def counts_of(found: Any) -> tuple[PopulationCount, ...]:
    """Return the counts that `packed` made a list of."""
    return tuple(PopulationCount(**count) for count in found)


def look_of(found: dict[str, Any]) -> Look:
    """Return the look that `packed` made plain."""
    counted = found["counted"]
    return Look(
        kind=found["kind"],
        columns=tuple(
            SeenColumn(each["heading"], each["meaning"], tuple(each["cells"]))
            for each in found["columns"]
        ),
        rows=tuple(found["rows"]),
        unknown=tuple(
            UnknownWord(each["kind"], each["word"], each["times"], tuple(each["rows"]))
            for each in found["unknown"]
        ),
        problems=tuple(map(told_of, found["problems"])),
        counted=None if counted is None else _counted_of(counted),
        refusal=told_of(found["refusal"]),
        guessed=found["guessed"],
        whose=found["whose"],
    )


def _counted_of(found: dict[str, Any]) -> Counted:
    return Counted(
        **found
        | {
            "counts": counts_of(found["counts"]),
            "no_dossiers": tuple(found["no_dossiers"]),
            "doubts": tuple(map(told_of, found["doubts"])),
            "listed": tuple(ListedDossier(**one) for one in found["listed"]),
        }
    )
