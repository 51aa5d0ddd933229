"""A table of words and figures for people, the same in a notebook, a page and a data frame.

Owns its shape and its HTML. Rounding and words come in with the cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts, the first of each being its name.

    `strong` holds the numbers of rows that stand out (groups, totals), `words` those of columns
    that hold sentences; `notes` are sentences that belong under the table. `empty` stands instead
    of a table without rows.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    strong: frozenset[int] = frozenset()
    words: frozenset[int] = frozenset()
    empty: str = ""

    def to_frame(self) -> DataFrame:
        """The same texts as a pandas data frame, columns named by the heads."""
        from pandas import DataFrame

        return DataFrame(list(self.rows), columns=list(self.head))

    def _repr_html_(self) -> str:
        """Readable by a screen reader, and on a phone where each row becomes a card."""
        body = "".join(self._html()) if self.rows else f"<p>{escape(self.empty)}</p>"
        notes = "".join(f'<p class="note">{escape(note)}</p>' for note in self.notes)
        return f"<div>{body}{notes}</div>"

    def _html(self) -> Iterator[str]:
        # Roles said twice: a table laid out as cards keeps them for screen readers.
        yield '<table class="figures" role="table">'
        yield f"<caption>{escape(self.caption)}</caption>"
        heads = (
            f'<th scope="col" role="columnheader"{self._kind(number)}>{escape(head)}</th>'
            for number, head in enumerate(self.head)
        )
        yield f'<thead role="rowgroup"><tr role="row">{"".join(heads)}</tr></thead>'
        yield '<tbody role="rowgroup">'
        for number, row in enumerate(self.rows):
            strong = ' class="strong"' if number in self.strong else ""
            yield f'<tr role="row"{strong}>{"".join(self._cells(row))}</tr>'
        yield "</tbody></table>"

    def _cells(self, row: tuple[str, ...]) -> Iterator[str]:
        yield f'<th scope="row" role="rowheader">{escape(row[0])}</th>'
        cells = zip(self.head, row, strict=True)
        for number, (head, cell) in enumerate(cells):
            if number:
                kind = self._kind(number)
                yield f'<td role="cell"{kind} data-head="{escape(head)}">{escape(cell)}</td>'

    def _kind(self, column: int) -> str:
        return ' class="words"' if column in self.words else ""
