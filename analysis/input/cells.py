"""Sheets as they are: the headings and cells of a CSV, a workbook or an SPSS file, row by row.

Owns opening such a file whole and where its rows stand. Must not know what the columns mean.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from analysis.errors import install, said
from analysis.input.columns import FIXED
from analysis.input.frames import column_of, frame_name, is_frame, open_table, table_of
from analysis.input.sources import OpenSource, refuse

OWN_SHEET: Final = "hailong"
"""The sheet of our own workbooks that holds the rows."""

ZIP: Final = b"PK\x03\x04"
SPSS: Final = (b"$FL2", b"$FL3")
_MARKS: Final = ",;\t"
_FORMULA: Final = re.compile(rb"<f[ >]")
_LONG: Final = 1 << 27  # characters of a cell, for the parser: more than any file here has


@dataclass(frozen=True, slots=True)
class Cells:
    """A table of cells. `numbers`: the row of the file that each of `rows` is, 1 for the first."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]

    def column(self, heading: str) -> list[Any]:
        """The cells below a heading; KeyError where there is no such one."""
        if heading not in self.headings:
            raise KeyError(heading)
        place = self.headings.index(heading)
        return [row[place] for row in self.rows]

    def opened(self) -> OpenSource:
        """The same as a source, its columns of one type where their cells are."""
        import pyarrow as pa

        columns = [column_of([row[place] for row in self.rows]) for place in self._used()]
        names = [self.headings[place] for place in self._used()]
        return open_table(pa.table(columns, names=names), self.name, self.place)

    def place(self, number: int) -> str:
        """How a row is called, by its number from 0."""
        return said("place.row", row=self.numbers[number])

    def _used(self) -> list[int]:
        """Columns that have a heading or a value: a sheet is often wider than what is in it."""
        every = range(len(self.headings))
        return [
            i for i in every if self.headings[i] or any(row[i] is not None for row in self.rows)
        ]


def read_cells(source: Any, sheet: str | None = None, heading: int = 1) -> Cells:
    """The cells of a CSV, XLSX, SPSS or Parquet file or of a table in memory.

    `sheet`: of a workbook; ours or the first one where left out. `heading`: the row with the
    names. LayoutError where it cannot be read.
    """
    if is_frame(source):
        return _of_frame(source)
    if isinstance(source, str) and "://" in source:
        what, remedy = said("cells.no_file"), said("cells.files")
        raise refuse(source.split(":", 1)[0] + "://…", said("place.source"), what, remedy)
    path = Path(source)
    if not path.is_file():
        what, remedy = said("file.missing"), said("file.check_name")
        raise refuse(path.name, said("place.file"), what, remedy)
    with path.open("rb") as file:
        start = file.read(4)
    if start == ZIP:
        return read_sheet(path, sheet, heading)
    if start in SPSS:
        return spss_cells(path)
    if start == b"PAR1":
        from pyarrow import parquet

        return _of_frame(parquet.read_table(path, partitioning=None), path.name)
    return _of_text(path, heading)


def read_sheet(path: Path, sheet: str | None = None, heading: int = 1) -> Cells:
    """The cells of one sheet of a workbook (.xlsx)."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with (
            path.open("rb") as file,  # whatever it is called
            closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book,
        ):
            names = book.sheetnames
            wanted = sheet or (OWN_SHEET if OWN_SHEET in names else names[0])
            if wanted not in names:
                what = said("cells.no_sheet", sheet=wanted)
                remedy = said("cells.sheets", known=", ".join(names))
                raise refuse(path.name, said("place.file"), what, remedy)
            found = book[wanted]
            found.reset_dimensions()  # some programs write a wrong one
            lines = [tuple(map(_cell, line)) for line in found.iter_rows(values_only=True)]
        _check_formulas(path, wanted, lines)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as error:
        if isinstance(error, ValueError) and hasattr(error, "problems"):
            raise
        what, remedy = said("file.workbook"), said("file.save_sheet")
        raise refuse(path.name, said("place.file"), what, remedy) from error
    return _below(path.name, lines, list(range(1, len(lines) + 1)), heading)


def _cell(value: Any) -> Any:
    """A cell of spaces alone is an empty one."""
    return None if isinstance(value, str) and not value.strip() else value


def _check_formulas(path: Path, sheet: str, lines: Sequence[Sequence[Any]]) -> None:
    """LayoutError where a formula has no value: a program wrote it, and none has computed it."""
    import openpyxl

    with ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        if not any(_FORMULA.search(parts.read(name)) for name in sheets):
            return
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        found = book[sheet]
        found.reset_dimensions()
        for number, (line, values) in enumerate(zip(found.iter_rows(), lines, strict=False), 1):
            for cell, value in zip(line, values, strict=False):
                if value is None and cell.data_type == "f":
                    what, remedy = said("cells.no_value"), said("cells.compute")
                    where = said("cells.cell", cell=f"{cell.column_letter}{number}")
                    raise refuse(path.name, where, what, remedy)


def spss_cells(path: Path) -> Cells:
    """The cells of an SPSS file (.sav, .zsav)."""
    try:
        import pyreadstat
    except ImportError as error:
        what = said("cells.no_spss")
        remedy = said("source.install", command=install("spss"))
        raise refuse(path.name, said("place.file"), what, remedy) from error
    try:
        frame, about = pyreadstat.read_sav(str(path))
    except pyreadstat.ReadstatError as error:
        what, remedy = said("cells.not_spss", why=error), said("file.write_again")
        raise refuse(path.name, said("place.file"), what, remedy) from error
    for name, labels in about.variable_value_labels.items():
        # Codes whose labels are the words; whether an answer came late is written 1 and 0.
        if name in FIXED and name != "late" and frame[name].dtype.kind in "if":
            frame[name] = [labels.get(code, code) for code in frame[name]]
    return _of_frame(frame, path.name)


def _of_frame(frame: Any, name: str = "") -> Cells:
    table, _ = table_of(frame, "responses")
    columns = [column.to_pylist() for column in table.columns]
    rows = list(zip(*columns, strict=True))
    name = name or frame_name(frame, "responses")
    return Cells(name, tuple(table.column_names), rows, range(1, len(rows) + 1))


def _of_text(path: Path, heading: int) -> Cells:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        what, remedy = said("file.not_utf8"), said("file.save_csv")
        raise refuse(path.name, said("place.file"), what, remedy) from None
    if "\0" in text:
        what, remedy = said("file.zero_bytes"), said("file.save_csv")
        raise refuse(path.name, said("place.file"), what, remedy)
    csv.field_size_limit(_LONG)
    best = max(_MARKS, key=lambda mark: len(_nth(text, mark, heading)))
    lines, numbers = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=best)
    before = 0
    for line in reader:
        lines.append(tuple(cell if cell.strip() else None for cell in line))
        numbers.append(before + 1)
        before = reader.line_num
    return _below(path.name, lines, numbers, heading)


def _nth(text: str, mark: str, number: int) -> list[str]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    return next((line for at, line in enumerate(lines, start=1) if at == number), [])


def _below(
    name: str, lines: Sequence[Sequence[Any]], numbers: Sequence[int], heading: int
) -> Cells:
    """What stands below the row of headings; rows of nothing are none."""
    if len(lines) < heading or not any(cell is not None for cell in lines[heading - 1]):
        what, remedy = said("file.empty"), said("file.give_header")
        raise refuse(name, said("place.row", row=heading), what, remedy)
    width = max(len(line) for line in lines)
    padded = [(*line, *[None] * (width - len(line))) for line in lines]
    headings = tuple("" if cell is None else str(cell).strip() for cell in padded[heading - 1])
    kept = [
        (line, number)
        for line, number in zip(padded[heading:], numbers[heading:], strict=True)
        if any(cell is not None for cell in line)
    ]
    return Cells(name, headings, [line for line, _ in kept], [number for _, number in kept])
