"""One table as one file: CSV, Parquet, XLSX, SPSS, Stata.

Owns how each is written, with its labels, and the guard against formulas. Knows no layout.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from questionnaires.bilingual import number_of
from questionnaires.layout import NAMES, SIMULATED
from survey.errors import ExportError, unwritable
from survey.export_labels import ORIGIN, ORIGINS, Labels
from survey.files import whole
from survey.told import sentence

if TYPE_CHECKING:
    import pyarrow as pa

_XLSX_ROWS = 1_048_575  # that a sheet holds below the names
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_ending(path: Path) -> None:
    """Raise ExportError where no format has this ending."""
    if path.suffix.lower() not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise ExportError(sentence("export.ending", file=path, ending=path.suffix, known=known))


@dataclass(frozen=True, slots=True)
class Beside:
    """Dossier counts that a workbook holds on a sheet beside the answers."""

    table: pa.Table
    labels: Labels


def write(table: pa.Table, path: Path, labels: Labels, beside: Beside | None = None) -> None:
    """Write the table whole, or raise ExportError and leave what was there."""
    check_ending(path)
    try:
        with whole(path) as part:
            _WRITERS[path.suffix.lower()](table, part, labels, beside)
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


def _csv(table: pa.Table, path: Path, _labels: Labels, _beside: Beside | None) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for row in _rows(table):
            writer.writerow([str(v).lower() if isinstance(v, bool) else v for v in row])


def _parquet(table: pa.Table, path: Path, _labels: Labels, _beside: Beside | None) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path)


def _xlsx(table: pa.Table, path: Path, labels: Labels, beside: Beside | None) -> None:
    """The rows as an Excel table under frozen heads, names beside codes, and what they all mean."""
    from openpyxl import Workbook

    if len(table) > _XLSX_ROWS:
        numbers = {"count": number_of(len(table)), "most": number_of(_XLSX_ROWS)}
        raise ExportError(sentence("export.too_long", **numbers))
    book = Workbook(write_only=True)
    _sheet(book, "hailong", table, labels)
    if beside is not None:
        _sheet(book, _DOSSIERS, beside.table, beside.labels)
    codes = book.create_sheet(_CODES)
    codes.freeze_panes = "A2"
    for letter, width in zip("ABCDE", (20, 48, 24, 48, 60), strict=True):
        codes.column_dimensions[letter].width = width
    for meaning in _meanings(table, labels):
        codes.append([guarded(cell) if isinstance(cell, str) else cell for cell in meaning])
    book.save(path)


def _sheet(book: Any, title: str, table: pa.Table, labels: Labels) -> None:
    """One sheet of rows; a sheet written row by row takes heads and widths before its first row."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.table import Table, TableStyleInfo

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    named = [name for name in table.column_names if f"{name}_name" in NAMES]
    heads = [
        head
        for name in table.column_names
        for head in ([name, f"{name}_name"] if name in named else [name])
    ]
    for place, name in enumerate(heads, start=1):
        width = _WIDTHS.get(name, _NAMED if name in NAMES else max(_NARROW, len(name) + 4))
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append(heads)
    for row in _rows(table):
        sheet.append(list(_with_names(row, table.column_names, named, labels)))
    if not len(table):
        return  # Excel knows no table without rows
    shown = Table(
        displayName="phieu" if title == "hailong" else "ho_so",
        ref=f"A1:{get_column_letter(len(heads))}{len(table) + 1}",
        tableStyleInfo=TableStyleInfo(name="TableStyleLight1", showRowStripes=True),
    )
    shown._initialise_columns()
    for column, head in zip(shown.tableColumns, heads, strict=True):
        column.name = head
    with warnings.catch_warnings():  # it reminds of the columns, which are there
        warnings.simplefilter("ignore", UserWarning)
        sheet.add_table(shown)


def _with_names(
    row: Sequence[Any], columns: Sequence[str], named: Sequence[str], labels: Labels
) -> Iterator[Any]:
    """A row with the name beside each code of the columns that have names."""
    for name, value in zip(columns, row, strict=True):
        yield value
        if name in named:
            label = labels.values.get(name, {}).get(value)
            yield guarded(label) if label else None


_CODES = "Bảng mã"
_DOSSIERS = "Hồ sơ"
_NAMED = 32
_WIDTHS = {"response_id": 38, "questionnaire": 18, "office": 20, "sector": 18, "answered_on": 14}
_NARROW = 9


def _meanings(table: pa.Table, labels: Labels) -> Iterator[tuple[Any, ...]]:
    """Every column with its label, and a row for each of its codes that there is."""
    yield ("Cột", "Nhãn của cột", "Mã", "Nhãn của mã", "Ghi chú")
    if _is_simulated(table):
        yield (ORIGINS[SIMULATED], None, None, None, None)
    for name in table.column_names:
        yield (name, labels.variables.get(name, ""), None, None, labels.notes.get(name))
        present = set(table[name].unique().to_pylist())
        for code, label in labels.values.get(name, {}).items():
            if name not in _FIXED_CODES or code in present:
                yield (name, None, bool(code) if name == "late" else code, label, None)


_FIXED_CODES = frozenset({"origin", "office", "sector", "procedure", "questionnaire"})
"""Columns whose codes are many: only those that occur are explained."""


def _sav(table: pa.Table, path: Path, labels: Labels, _beside: Beside | None) -> None:
    pyreadstat, texts, frame = _prepared(table)
    ordinal = {name for name, values in labels.values.items() if name not in texts}
    measures = {
        name: "nominal"
        if name in texts or name in ("late", "answered_on", "satisfied")
        else "ordinal"
        if name in ordinal
        else "scale"
        for name in table.column_names
    }
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={n: label for n, label in labels.variables.items() if n in frame},
        variable_value_labels={
            name: dict(values) for name, values in labels.values.items() if values and name in frame
        },
        variable_measure=measures,
        variable_format=dict.fromkeys(_whole_numbers(table), "F8.0"),
        note=ORIGINS[SIMULATED] if _is_simulated(table) else "",
    )


_STATA_LABEL, _STATA_FILE = 80, 80  # letters that Stata holds of a label


def _dta(table: pa.Table, path: Path, labels: Labels, _beside: Beside | None) -> None:
    """Stata 13 and later: names of codes only beside numbers, labels of 80 letters."""
    pyreadstat, texts, frame = _prepared(table)
    levels = {
        name: {int(code): label for code, label in values.items()}
        for name, values in labels.values.items()
        if values and name in frame and name not in texts
    }
    pyreadstat.write_dta(
        frame,
        str(path),
        file_label=ORIGINS[SIMULATED][:_STATA_FILE] if _is_simulated(table) else "Hài Lòng",
        column_labels={
            name: label if len(label) <= _STATA_LABEL else f"{label[: _STATA_LABEL - 1]}…"
            for name, label in labels.variables.items()
            if name in frame
        },
        variable_value_labels=levels,
        variable_format=dict.fromkeys(_whole_numbers(table), "%8.0f"),
        version=15,
    )


def _prepared(table: pa.Table) -> tuple[Any, list[str], Any]:
    """pyreadstat, which columns are texts, and a frame that it writes."""
    try:
        import pyreadstat
    except ImportError as error:
        from analysis.errors import install

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
    return pyreadstat, texts, frame


def _whole_numbers(table: pa.Table) -> list[str]:
    """Columns of whole numbers, and truths, which are written as 0 and 1."""
    kinds = zip(table.column_names, table.schema.types, strict=True)
    return [name for name, kind in kinds if str(kind).startswith("int") or str(kind) == "bool"]


def _is_simulated(table: pa.Table) -> bool:
    return ORIGIN in table.column_names and SIMULATED in table[ORIGIN].unique().to_pylist()


_WRITERS: dict[str, Callable[[pa.Table, Path, Labels, Beside | None], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".sav": _sav,
    ".dta": _dta,
}
