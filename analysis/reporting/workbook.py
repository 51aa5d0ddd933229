"""What was found as an Excel workbook: the report's sections to read, and every figure as a number.

Owns the sheets, their widths and frozen heads. Figures and words are those that it is given.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from analysis.reporting.section import ReportSection
from analysis.reporting.table import Table
from analysis.reporting.verdicts import Head
from analysis.words import say

if TYPE_CHECKING:
    from pandas import DataFrame

_OPTIONS: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_TEXT, _FIRST, _OTHER = 100, 34, 18  # letters
_PERCENT: Final = frozenset(
    {
        *("response_rate", "coverage", "share", "low", "high", "silent_low", "silent_high"),
        *("threshold", "lower", "upper", "q", "se", "step"),
    }
)


@dataclass(frozen=True, slots=True)
class Figures:
    """A sheet of numbers: columns by the names of rows (`frame`), and their `heads` for people."""

    title: str
    frame: DataFrame
    heads: Sequence[str]


def workbook(
    head: Head, sections: Sequence[ReportSection], figures: Sequence[Figures], lang: str
) -> bytes:
    """The workbook as XLSX: what a report says, then a sheet of each kind of figures."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        _Book(book, lang).write(head, sections, figures)
    return file.getvalue()


class _Book:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, lang: str) -> None:
        self.book, self.lang = book, lang
        self.title = book.add_format({"bold": True, "font_size": 14, "text_wrap": True})
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.plain = book.add_format({"text_wrap": True, "valign": "top"})
        self.percent = book.add_format({"num_format": "0.0###%"})
        self.number = book.add_format({"num_format": "#,##0.###"})

    def write(
        self, head: Head, sections: Sequence[ReportSection], figures: Sequence[Figures]
    ) -> None:
        """Text first, then the tables of each section, then the numbers."""
        marks = " ".join(filter(None, (head.warning, head.internal)))
        self._text(head, sections)
        tables = [(s, table) for s in sections for table in (*s.tables, *s.details) if table.rows]
        for number, (section, table) in enumerate(tables, start=1):
            self._table(f"{number}. {section.title}", table)
        for found in figures:
            self._figures(found, marks)

    def _sheet(self, name: str) -> Any:
        """A sheet under a name that Excel takes: 31 letters, none of its signs."""
        plain = "".join(" " if letter in "[]:*?/\\" else letter for letter in name)
        return self.book.add_worksheet(plain[:31].strip(" '"))

    def _text(self, head: Head, sections: Sequence[ReportSection]) -> None:
        sheet = self._sheet(say("workbook.text", self.lang))
        sheet.set_column(0, 0, _TEXT)
        first, *more = str(head).split("\n")
        lines = [(first, self.title), *((line, self.plain) for line in more)]
        for section in sections:
            lines += [("", self.plain), (section.title, self.bold)]
            said = (*section.sentences, *str(section.verdicts or "").split("\n"), *section.basis)
            lines += [(line, self.plain) for line in said if line.strip()]
        for row, (line, form) in enumerate(lines):
            sheet.write_string(row, 0, line, form)

    def _table(self, name: str, table: Table) -> None:
        sheet = self._sheet(name)
        sheet.write_string(0, 0, table.caption, self.title)
        columns = [{"header": head} for head in _unlike(table.head)]
        last = len(table.rows) + 1
        sheet.add_table(1, 0, last, len(columns) - 1, {"columns": columns, "data": table.rows})
        sheet.freeze_panes(2, 1)
        sheet.set_column(0, 0, _FIRST)
        sheet.set_column(1, len(columns) - 1, _OTHER, self.plain)
        for row, note in enumerate(table.notes, start=last + 2):
            sheet.write_string(row, 0, note)

    def _figures(self, found: Figures, marks: str) -> None:
        sheet, frame = self._sheet(found.title), found.frame
        sheet.write_string(0, 0, marks)
        if frame.empty:
            return
        rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
        columns = [
            {"header": head, "format": self.percent if name in _PERCENT else self.number}
            for head, name in zip(_unlike(found.heads), frame.columns, strict=True)
        ]
        sheet.add_table(1, 0, len(rows) + 1, len(columns) - 1, {"columns": columns, "data": rows})
        sheet.freeze_panes(2, 2)
        sheet.set_column(0, 2, _FIRST)
        sheet.set_column(3, len(columns) - 1, _OTHER)


def _cell(value: Any) -> Any:
    """A value as Excel has it: a truth as one, what is missing as nothing."""
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return None if missing or str(value) == "<NA>" else value


def _unlike(heads: Sequence[str]) -> list[str]:
    """Heads that differ, as those of an Excel table must."""
    found: list[str] = []
    for head in heads:
        number, name = 1, head or " "
        while name.casefold() in (one.casefold() for one in found):
            number += 1
            name = f"{head} {number}"
        found.append(name)
    return found
