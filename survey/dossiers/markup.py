"""Tables that other programs write under the name .xls: a web page, or the XML of Excel 2003.

Knows nothing of what a column means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from typing import Any, Final, Literal
from xml.parsers import expat

from questionnaires.bilingual import number_of
from survey.dossiers.sheets import LONGEST_TEXT, MOST_COLUMNS, MOST_ROWS, Row, Sheet
from survey.errors import DossiersError
from survey.told import sentence

MOST_CELLS: Final = 4_000_000
_CHUNK: Final = 1 << 14
_LONGEST_TAG: Final = 1 << 16
_SPREADSHEET: Final = "urn:schemas-microsoft-com:office:spreadsheet"
_PAGE: Final = re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta|div|style)\b", re.I)


def tells_markup(content: bytes, encoding: str) -> Literal["xml", "page"] | None:
    """Tell whether a text is Excel's XML or a web page, by its beginning."""
    head = content[:8192].decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n")
    if not head.startswith("<"):
        return None
    if _SPREADSHEET in head:
        return "xml"
    return "page" if _PAGE.search(head) else None


class _Tables:
    """Tables while they are read, bounded in rows, columns and cells."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._cells = 0

    def check_text(self, length: int, row: int) -> None:
        if length > LONGEST_TEXT:
            most = number_of(LONGEST_TEXT)
            raise DossiersError(sentence("sheet.long_cell", file=self._name, row=row, most=most))

    def check_place(self, row: int, column: int) -> None:
        self._cells += 1
        if row > MOST_ROWS or column >= MOST_COLUMNS or self._cells > MOST_CELLS:
            bounds = {"rows": MOST_ROWS, "columns": MOST_COLUMNS, "cells": MOST_CELLS}
            most = {name: number_of(bound) for name, bound in bounds.items()}
            raise DossiersError(sentence("sheet.large", file=self._name, row=row, **most))


class _Table:
    """One table: its rows, and the cells that reach down into the rows that follow."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[int, object]] = {}
        self.row = 0
        self.column = 0
        self._taken: dict[int, int] = {}

    def next_row(self) -> None:
        self.row += 1
        self.column = 0
        self._taken = {column: left - 1 for column, left in self._taken.items() if left > 1}

    def place(self, width: int, height: int) -> int:
        """The column of the next cell, which covers so many columns and rows."""
        while self.column in self._taken:
            self.column += 1
        here = self.column
        if height > 1:
            self._taken |= dict.fromkeys(range(here, here + width), height)
        self.column += width
        return here

    def sheet(self, name: str, *, hidden: bool = False) -> Sheet:
        def rows() -> Iterator[Row]:
            for number, cells in self.rows.items():
                yield number, tuple(cells.get(column) for column in range(max(cells) + 1))

        return Sheet(name, rows, expected=self.row, hidden=hidden)


class _Page(HTMLParser):
    """Every table of a web page."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._bounds = _Tables(name)
        self._cell: tuple[_Table, int] | None = None
        self._texts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._unseen += 1
        elif tag == "table":
            self._end_cell()
            self.tables.append(_Table())
            self._open.append(self.tables[-1])
        elif self._open and tag == "tr":
            self._end_cell()
            self._open[-1].next_row()
        elif self._open and tag in ("td", "th"):
            self._end_cell()
            self._start_cell(self._open[-1], dict(attrs))
        elif tag in ("br", "p", "div"):
            self._texts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._unseen:
            self._texts.append(data)
            self._bounds.check_text(len(data), self._cell[0].row)

    def _start_cell(self, table: _Table, attrs: dict[str, str | None]) -> None:
        table.row = max(table.row, 1)
        place = table.place(_span(attrs.get("colspan")), _span(attrs.get("rowspan")))
        self._bounds.check_place(table.row, place)
        self._cell = (table, place)

    def _end_cell(self) -> None:
        if self._cell is not None:
            table, place = self._cell
            text = " ".join("".join(self._texts).split())
            self._bounds.check_text(len(text), table.row)
            if text:
                table.rows.setdefault(table.row, {})[place] = text
        self._cell, self._texts = None, []


def _span(text: str | None) -> int:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), MOST_COLUMNS)


def open_page(text: str, name: str) -> tuple[Sheet, ...]:
    """Open every table of a web page. Raises DossiersError where there is none."""
    page = _Page(name)
    for start in range(0, len(text), _CHUNK):
        page.feed(text[start : start + _CHUNK])
        if len(page.rawdata) > _LONGEST_TAG:  # the parser begins anew with every piece
            raise DossiersError(sentence("sheet.damaged_page", file=name))
    page.close()
    tables = [table for table in page.tables if table.rows]
    if not tables:
        raise DossiersError(sentence("sheet.no_table", file=name))
    if len(tables) == 1:
        return (tables[0].sheet(name),)
    return tuple(
        table.sheet(sentence("sheet.table", file=name, number=number))
        for number, table in enumerate(tables, start=1)
    )


class _Xml:
    """The worksheets of Excel's XML of 2003."""

    def __init__(self, name: str) -> None:
        self.sheets: list[tuple[str, _Table, bool]] = []
        self._bounds = _Tables(name)
        self._place: int | None = None
        self._kind = ""
        self._texts: list[str] | None = None
        self._length = 0

    def start(self, name: str, attrs: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        own = {key.rpartition(":")[2]: value for key, value in attrs.items()}
        if tag == "Worksheet":
            self.sheets.append((own.get("Name", ""), _Table(), False))
        elif tag == "Row" and self.sheets:
            self._table.next_row()
            self._table.row = max(_number(own, "Index"), self._table.row)
            self._bounds.check_place(self._table.row, 0)
        elif tag == "Cell" and self.sheets:
            self._table.column = max(_number(own, "Index") - 1, self._table.column)
            self._place = self._table.place(
                1 + min(_number(own, "MergeAcross"), MOST_COLUMNS),
                1 + min(_number(own, "MergeDown"), MOST_ROWS),
            )
            self._bounds.check_place(self._table.row, self._place)
        elif tag == "Data" and self._place is not None:
            self._kind, self._texts, self._length = own.get("Type", ""), [], 0
        elif tag == "Visible":
            self._texts, self._length = [], 0

    def end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        text = "".join(self._texts or ())
        if tag == "Data" and self._place is not None:
            self._table.rows.setdefault(self._table.row, {})[self._place] = _typed(text, self._kind)
            self._texts = None
        elif tag == "Cell":
            self._place = None
        elif tag == "Visible" and self.sheets:
            title, table, _ = self.sheets[-1]
            self.sheets[-1] = (title, table, text.strip().startswith("SheetHidden"))
            self._texts = None

    def text(self, data: str) -> None:
        if self._texts is not None:
            self._texts.append(data)
            self._length += len(data)
            self._bounds.check_text(self._length, self._table.row if self.sheets else 0)

    @property
    def _table(self) -> _Table:
        return self.sheets[-1][1]


def _number(attrs: dict[str, str], name: str) -> int:
    text = attrs.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _typed(text: str, kind: str) -> object:
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    if kind == "DateTime":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return text


def open_xml(content: bytes, name: str) -> tuple[Sheet, ...]:
    """Open every worksheet of Excel's XML of 2003. Raises DossiersError where it is damaged."""
    found = _Xml(name)
    parser: Any = expat.ParserCreate()
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise DossiersError(sentence("sheet.damaged_xml", file=name, why=error)) from error
    return tuple(
        table.sheet(sentence("sheet.named", file=name, sheet=title), hidden=hidden)
        for title, table, hidden in found.sheets
    )


def _no_doctype(*_: object) -> None:
    raise ValueError("it declares entities of its own")
