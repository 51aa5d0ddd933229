"""Sheets of rows, whatever kind of file they came from, and their bounds.

Knows neither how a file is opened nor what a column means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from questionnaires.bilingual import Told, number_of
from survey.dossiers.cells import EXCEL_EPOCH
from survey.errors import DossiersError
from survey.told import sentence

Row = tuple[int, tuple[object, ...]]
"""The number of a row, as a spreadsheet shows it, and its cells."""

MOST_ROWS: Final = 1_048_576  # of a spreadsheet; no office has as many dossiers in a month
MOST_COLUMNS: Final = 1_024
LONGEST_TEXT: Final = 32_767  # characters in one cell of a spreadsheet


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose ``rows`` can be read from the beginning any number of times.

    ``separated``: its cells were told apart by a sign that may stand within a cell as well.
    ``tab``: its own name in a workbook, where ``name`` is what messages call it.
    ``hidden_rows``: numbers of the rows read so far that somebody who opens it does not see.
    """

    name: str
    source: Callable[[], Iterable[Row]]
    epoch: date = EXCEL_EPOCH
    expected: int | None = None
    hidden: bool = False
    separated: bool = False
    tab: str = ""
    hidden_rows: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[Row]:
        """Yield every row that is not empty. Raises DossiersError where the file is damaged."""
        read = 0
        for number, cells in self.source():
            if any(cell is not None and str(cell).strip() for cell in cells):
                read += 1
                if read > MOST_ROWS:
                    raise DossiersError(
                        sentence(
                            "sheet.rows", file=self.name, row=number, most=number_of(MOST_ROWS)
                        )
                    )
                yield number, cells


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a file.

    ``alternatives``: all are the same table read in different ways, and the one that makes sense is
    meant. ``refusal``: what to say where none does.
    """

    sheets: tuple[Sheet, ...]
    alternatives: bool = False
    refusal: Told | None = None
