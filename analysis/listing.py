"""Results as lists of frozen rows that also are a data frame.

Owns what all results have in common. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from analysis.arguments import checked
from analysis.reporting.table import Table
from analysis.reporting.wording import heading, measure_title, sector_name
from analysis.strata.survey import ALL
from analysis.words import say, words
from questionnaires.layout import SIMULATED

if TYPE_CHECKING:
    from pandas import DataFrame

    from analysis.data import Data

RowOf = TypeVar("RowOf", bound="Any")

EMPTY: Final[Mapping[str, Sequence[Any]]] = MappingProxyType({})
_WHOLE: Final = frozenset({"int", "int | None"})


class Listing(Generic[RowOf]):
    """Something with `rows`: it can be looped over, counted, and made a data frame."""

    __slots__ = ()

    row_type: ClassVar[type[Any]]
    """The class of the rows, whose fields are the columns."""

    short: ClassVar[tuple[str, ...]] = ()
    """The columns of the short frame; all of them where there are none."""

    inner: ClassVar[frozenset[str]] = frozenset(
        {"asked", "data", "inner", "judged_by", "row_type", "setting", "short"}
    )
    """What other modules use and an analyst does not: it is not offered for completion."""

    if TYPE_CHECKING:  # at run time it would be taken for the default of a field `rows`

        @property
        def rows(self) -> tuple[RowOf, ...]:
            """The rows, as frozen dataclasses."""

    def __iter__(self) -> Iterator[RowOf]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __dir__(self) -> list[str]:
        """What is for whoever holds the result."""
        return sorted(n for n in dir(type(self)) if n[0] != "_" and n not in self.inner)

    @checked
    def to_frame(self, lang: str | None = None, *, full: bool = False) -> DataFrame:
        """Every row, unrounded, as a pandas data frame.

        Parameters
        ----------
        lang
            None: columns and values are called as in a row ("share", "land"). "vi" or "en":
            columns, offices, sectors, measures, channels and verdicts by their names for people.
        full
            Every column instead of the few that are mostly wanted.

        Returns
        -------
        pandas.DataFrame
            One line a row, in the same order.

        Notes
        -----
        Shares and limits are fractions 0..1, counts whole numbers that may be missing (`Int64`).
        """
        columns = () if full else self.short
        return frame_of(self.row_type, self.rows, lang, result=self, columns=columns)


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


def frame_of(
    row_type: type[Any],
    rows: Sequence[Any],
    lang: str | None = None,
    *,
    result: object = None,
    columns: Sequence[str] = (),
    first: Mapping[str, Sequence[Any]] = EMPTY,
    last: Mapping[str, Sequence[Any]] = EMPTY,
) -> DataFrame:
    """Rows of one type as a data frame, also where there are none; notes as one text.

    `columns`: those wanted, all where there are none. `first`, `last`: further columns. `result`:
    whose rows they are, which knows the names that are given in a language.
    """
    from pandas import DataFrame

    types = _columns(row_type)
    wanted = [name for name in columns or types if name not in first]
    cells = {
        **first,
        **{name: [getattr(row, name) for row in rows] for name in wanted},
        **last,
    }
    frame = DataFrame(cells)
    whole = {name: "Int64" for name in wanted if types[name] in _WHOLE}
    frame = frame.astype({**whole, **{name: "Int64" for name in last if name[:6] == "score_"}})
    if lang is not None:
        told = _Told(result, lang)
        for name in frame.columns.intersection(list(TOLD)):
            frame[name] = [told.value(name, value) for value in frame[name].tolist()]
        frame = frame.rename(columns=told.head)
    return marked(frame, result)


_WORDS: Final = {
    "channel": "wording.channels",
    "evidence": "verdict",
    "signal": "comparison_tables.difference_signals",
}
TOLD: Final = ("office", "sector", "measure", "channel", "evidence", "signal", "first", "second")
"""Columns whose values have names for people."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Names for people of what stands in the columns of a result."""

    result: object
    lang: str

    def value(self, column: str, value: Any) -> Any:
        """What a value is called; itself where it has no other name."""
        if not isinstance(value, str) or not value:
            return value
        given = _data_of(self.result).labels(self.lang)
        names = given["names"]
        if column in _WORDS:
            return say(f"{_WORDS[column]}.{value}", self.lang)
        if column == "office" and value == ALL:
            return say("wording.all_offices", self.lang)
        if column == "measure":
            return names.get(value) or measure_title(value, self.lang)
        return sector_name(value, given["targets"], names, self.lang)

    def head(self, column: str) -> str:
        """The heading of a column."""
        if column[:6] == "score_":
            return say("wording.score_heading", self.lang, score=column[6:])
        known = words().group("wording.headings", self.lang)
        return heading(column, self.lang) if column in known else column  # a covariate's own name


def _data_of(result: Any) -> Data:
    """The data that a result was made of."""
    while not hasattr(result, "data"):
        result = getattr(result, "estimates", None) or result.verdicts
    data: Data = result.data
    return data


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
