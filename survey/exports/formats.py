"""Writes a table as CSV, Parquet, XLSX or SPSS, by the file's ending.

Owns the formats and the guard against formulas. Must not know where the rows come from.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from questionnaires.told import number_of
from survey.durable import whole
from survey.errors import ExportError, unwritable
from survey.told import sentence

if TYPE_CHECKING:
    import pyarrow as pa

_XLSX_ROWS = 1_048_575  # that a sheet holds below the names
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Labels:
    """What SPSS shows, and the sheet of codes: labels of variables, labels of their values.

    `notes`: of a variable whose label stands for several wordings, all of them.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def check_ending(path: Path) -> None:
    """Raise ExportError where no format has this ending."""
    if path.suffix.lower() not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise ExportError(sentence("export.ending", file=path, ending=path.suffix, known=known))


def write(table: pa.Table, path: Path, labels: Labels) -> None:
    """Write the table whole, or raise ExportError and leave what was there."""
    check_ending(path)
    try:
        with whole(path) as part:
            _WRITERS[path.suffix.lower()](table, part, labels)
    except OSError as error:
        raise ExportError(unwritable(path, error)) from error


def guarded(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula: an apostrophe before its mark."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(table: pa.Table) -> Iterator[list[Any]]:
    for batch in table.to_batches(max_chunksize=10_000):
        columns = [column.to_pylist() for column in batch.columns]
        for row in zip(*columns, strict=True):
            yield [guarded(value) if isinstance(value, str) else value for value in row]


def _csv(table: pa.Table, path: Path, _labels: Labels) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for row in _rows(table):
            writer.writerow([str(v).lower() if isinstance(v, bool) else v for v in row])


def _parquet(table: pa.Table, path: Path, _labels: Labels) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path)


def _xlsx(table: pa.Table, path: Path, labels: Labels) -> None:
    """The rows under frozen heads, and a second sheet that says what columns and codes mean."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    if len(table) > _XLSX_ROWS:
        numbers = {"count": number_of(len(table)), "most": number_of(_XLSX_ROWS)}
        raise ExportError(sentence("export.too_long", **numbers))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("hailong")
    sheet.freeze_panes = "B2"  # a sheet written row by row takes both before its first row
    for place, name in enumerate(table.column_names, start=1):
        width = _WIDTHS.get(name, max(_NARROW, len(name) + 2))
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append(table.column_names)
    for row in _rows(table):
        sheet.append(row)
    codes = book.create_sheet(_CODES)
    codes.freeze_panes = "A2"
    for letter, width in zip("ABCDE", (20, 48, 24, 48, 60), strict=True):
        codes.column_dimensions[letter].width = width
    for meaning in _meanings(table, labels):
        codes.append([guarded(cell) if isinstance(cell, str) else cell for cell in meaning])
    book.save(path)


_CODES = "Bảng mã"
_WIDTHS = {"response_id": 38, "questionnaire": 18, "office": 20, "sector": 18, "answered_on": 12}
_NARROW = 9


def _meanings(table: pa.Table, labels: Labels) -> Iterator[tuple[Any, ...]]:
    """Every column with its label, and a row for each of its codes that there is."""
    yield ("Cột", "Nhãn của cột", "Mã", "Nhãn của mã", "Ghi chú")
    for name in table.column_names:
        yield (name, labels.variables.get(name, ""), None, None, labels.notes.get(name))
        present = set(table[name].unique().to_pylist())
        for code, label in labels.values.get(name, {}).items():
            if name not in _FIXED_CODES or code in present:
                yield (name, None, bool(code) if name == "late" else code, label, None)


_FIXED_CODES = frozenset({"office", "sector", "procedure", "questionnaire"})
"""Columns whose codes are many: only those that occur are explained."""


def _sav(table: pa.Table, path: Path, labels: Labels) -> None:
    try:
        import pyreadstat
    except ImportError as error:
        from analysis.problems import install

        raise ExportError(sentence("out.spss", command=install("spss"))) from error
    texts = [
        name
        for name, kind in zip(table.column_names, table.schema.types, strict=True)
        if str(kind) == "string"
    ]
    frame = table.to_pandas(date_as_object=True)
    frame = frame.fillna(dict.fromkeys(texts, "")).astype(
        {"late": "int8"} if "late" in frame else {}
    )
    ordinal = {name for name, values in labels.values.items() if name not in texts}
    measures = {
        name: "nominal"
        if name in texts or name in ("late", "answered_on")
        else "ordinal"
        if name in ordinal
        else "scale"
        for name in table.column_names
    }
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=dict(labels.variables),
        variable_value_labels={
            name: dict(values) for name, values in labels.values.items() if values and name in frame
        },
        variable_measure=measures,
    )


_WRITERS: dict[str, Callable[[pa.Table, Path, Labels], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".sav": _sav,
}
