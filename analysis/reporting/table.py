"""A table for people: rows of texts, the same as text, HTML and data frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.reporting.render import aligned, html
from questionnaires.layout import SIMULATED

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts, the first of each being its name.

    `strong` holds the numbers of rows that stand out (groups, totals), `words` those of columns
    that hold sentences; `notes` are sentences that belong under the table. `empty` stands instead
    of a table without rows. `simulated`: it is of simulated answers, and its frame says so.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    strong: frozenset[int] = frozenset()
    words: frozenset[int] = frozenset()
    empty: str = ""
    simulated: bool = False

    def to_frame(self) -> DataFrame:
        """The same texts as a pandas data frame, columns named by the heads."""
        from pandas import DataFrame

        frame = DataFrame(list(self.rows), columns=list(self.head))
        if self.simulated:
            frame.attrs[SIMULATED] = True
        return frame

    def __str__(self) -> str:
        body = aligned([self.head, *self.rows]) if self.rows else (self.empty,)
        caption = (self.caption,) if self.rows else ()
        return "\n".join((*caption, *body, *self.notes))

    def _repr_html_(self) -> str:
        """Readable by a screen reader, and on a phone where each row becomes a card."""
        return html("table", self)

    def folded(self) -> Folded:
        """The same, shown under its caption where it is opened; not on paper."""
        return Folded(self)


@dataclass(frozen=True, slots=True)
class Folded:
    """A table behind its caption: for figures that stand elsewhere too."""

    table: Table

    def __str__(self) -> str:
        return str(self.table)

    def _repr_html_(self) -> str:
        return html("folded", self.table) if self.table.rows else html("table", self.table)
