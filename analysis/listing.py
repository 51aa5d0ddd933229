"""Results as lists of frozen rows that also are a data frame.

Owns what all results have in common. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from analysis.reporting.tables import Table
from analysis.reporting.wording import heading
from analysis.words import say
from questionnaires.layout import SIMULATED

if TYPE_CHECKING:
    from pandas import DataFrame

RowOf = TypeVar("RowOf", bound="Any")

_WHOLE: Final = frozenset({"int", "int | None"})


class Listing(Generic[RowOf]):
    """Something with `rows`: it can be looped over, counted, and made a data frame."""

    __slots__ = ()

    row_type: ClassVar[type[Any]]
    """The class of the rows, whose fields are the columns."""

    if TYPE_CHECKING:  # at run time it would be taken for the default of a field `rows`

        @property
        def rows(self) -> tuple[RowOf, ...]:
            """The rows, as frozen dataclasses."""

    def __iter__(self) -> Iterator[RowOf]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self, lang: str | None = None) -> DataFrame:
        """Every row in full precision as a pandas data frame.

        Parameters
        ----------
        lang
            None: columns are called as the fields of a row; "vi" or "en": as people call them.

        Notes
        -----
        Counts are whole numbers that may be missing (`Int64`).
        """
        return marked(frame_of(self.row_type, self.rows, lang), self)


def is_simulated(result: object) -> bool:
    """Whether a result is of simulated answers, by the data that it was made of."""
    for name in ("data", "estimates", "verdicts"):
        owner = getattr(result, name, None)
        if owner is not None:
            return bool(owner.simulated) if name == "data" else is_simulated(owner)
    return False


def marked(frame: DataFrame, result: object) -> DataFrame:
    """The frame, with the attribute `simulated` where its figures are of simulated answers."""
    if is_simulated(result):
        frame.attrs[SIMULATED] = True
    return frame


def noted(table: Table, result: object, lang: str) -> Table:
    """The table, with a note and a mark of its frame where it is of simulated answers."""
    if not is_simulated(result):
        return table
    return replace(table, notes=(*table.notes, say("verdicts.simulated", lang)), simulated=True)


def frame_of(row_type: type[Any], rows: tuple[Any, ...], lang: str | None) -> DataFrame:
    """Rows of one type as a data frame, also where there are none; notes as one text."""
    from pandas import DataFrame

    columns = _columns(row_type)
    frame = DataFrame({name: [getattr(row, name) for row in rows] for name in columns})
    whole = {name: "Int64" for name, type_ in columns.items() if type_ in _WHOLE}
    frame = frame.astype(whole)
    return frame if lang is None else frame.rename(columns=lambda name: heading(name, lang))


def _columns(row_type: type[Any]) -> dict[str, str]:
    """The fields of a row with their types as written."""
    if is_dataclass(row_type):
        return {column.name: str(column.type) for column in fields(row_type)}
    found = {name: _written(type_) for name, type_ in row_type.__annotations__.items()}
    if "notes" in found:
        found = {name: type_ for name, type_ in found.items() if name != "notes"} | {"note": "str"}
    return found


def _written(annotation: Any) -> str:
    """An annotation of a named tuple, which keeps them as forward references."""
    return str(getattr(annotation, "__forward_arg__", annotation))
