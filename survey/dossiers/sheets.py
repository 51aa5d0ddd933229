"""Opens a CSV or XLSX file as sheets of rows. Knows nothing of what a column means."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from survey.dossiers.cells import EXCEL_EPOCH
from survey.errors import DossiersError

Row = tuple[int, tuple[object, ...]]
"""The number of a row, as a spreadsheet shows it, and its cells."""

DELIMITERS = ",;\t"
# SyntaxError is what a broken XML part raises.
_DAMAGED = (csv.Error, SyntaxError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError)
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose ``rows`` can be read from the beginning any number of times."""

    name: str
    source: Any
    epoch: date
    expected: int | None

    def rows(self) -> Iterator[Row]:
        """Yield every row that is not empty. Raises DossiersError where the file is damaged."""
        number = 0
        try:
            for number, cells in enumerate(self.source(), start=1):
                if any(cell is not None and str(cell).strip() for cell in cells):
                    yield number, tuple(cells)
        except _DAMAGED as error:
            raise DossiersError(
                f"{self.name}, after row {number}: {error}; correct what stands there (often a "
                "quotation mark that is not closed), or save the file again"
            ) from error


def read_bytes(file: Path) -> bytes:
    """Return the content of a file. Raises DossiersError where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise DossiersError(f"{file}: {reason.lower()}; check the name of the file") from error


@contextmanager
def open_sheets(content: bytes, name: str) -> Iterator[tuple[Sheet, ...]]:
    """Open the content of a file called ``name``; what it is shows in its first bytes.

    Raises DossiersError where it is neither XLSX nor a text in UTF-8.
    """
    if content.startswith(_OLD_EXCEL):
        raise DossiersError(
            f"{name}: an old .xls file, or one with a password; save it as .xlsx without a password"
        )
    if content.startswith(_ZIP):
        with _workbook(content, name) as sheets:
            yield sheets
    else:
        yield (_text(content, name),)


@contextmanager
def _workbook(content: bytes, name: str) -> Iterator[tuple[Sheet, ...]]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which are not read
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        except _DAMAGED as error:
            raise DossiersError(
                f"{name}: a damaged XLSX file or another kind; open it and save it as .xlsx"
            ) from error
        try:
            epoch = book.epoch.date() if book.epoch.year == 1904 else EXCEL_EPOCH
            yield tuple(_sheet(name, sheet, epoch) for sheet in book.worksheets)
        finally:
            book.close()


def _sheet(file: str, sheet: Any, epoch: date) -> Sheet:
    expected = sheet.max_row
    # Some exporters write a wrong size into the file; the rows themselves are the truth.
    sheet.reset_dimensions()
    return Sheet(
        f"{file}, sheet '{sheet.title}'", lambda: sheet.iter_rows(values_only=True), epoch, expected
    )


def _text(content: bytes, name: str) -> Sheet:
    text = _decoded(content, name)
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r"sep=(.)\r?", first)  # a line that Excel writes and understands
    delimiter = told[1] if told else _delimiter(text)

    def rows() -> Iterator[list[str]]:
        if told:
            yield []
        # strict: a quote that is never closed must not swallow the rows that follow.
        yield from csv.reader(
            io.StringIO(rest if told else text, newline=""), delimiter=delimiter, strict=True
        )

    return Sheet(name, rows, EXCEL_EPOCH, text.count("\n"))


def _decoded(content: bytes, name: str) -> str:
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DossiersError(
            f"{name}, line {line}: not UTF-8 text; save the file as 'CSV UTF-8' or as .xlsx"
        ) from error


def _delimiter(text: str) -> str:
    """Return the delimiter that gives the widest row near the top."""
    top = "\n".join(text.splitlines()[:30])

    def width(delimiter: str) -> int:
        try:
            return max(map(len, csv.reader(io.StringIO(top), delimiter=delimiter)), default=0)
        except csv.Error:  # told with its place when the rows are read
            return 0

    return max(DELIMITERS, key=width)
