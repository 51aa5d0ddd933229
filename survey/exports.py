"""Files that leave the store in the two published layouts: CSV, Parquet, XLSX, SPSS, a folder.

Owns types and order of rows, Vietnamese labels, the guard against formulas, and the folder of
closed months (FOLDER/responses/month=2026-10/part-0.parquet), where a month is one file replaced at
once and `manifest.json` gathers what is known of each. Reads no database.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from questionnaires import Questionnaire
from questionnaires.layout import COLUMNS, IMPORTED, SIMULATED
from questionnaires.sentences import number_of
from survey.errors import ExportError, unwritable
from survey.files import whole
from survey.places import GENERAL, Places, sector_names
from survey.told import sentence

if TYPE_CHECKING:
    import pyarrow as pa

ORIGIN = "origin"
POPULATION = ("period", "office", "sector", "completed", "on_time", "online")


def responses_table(
    columns: Sequence[str], items: Iterable[str], parts: Iterable[Sequence[Sequence[Any]]]
) -> pa.Table:
    """Return responses ordered by their random ids: an export must not tell who came when."""
    import pyarrow as pa

    scores = set(items)
    own = {"answered_on": pa.date32(), "late": pa.bool_()}
    schema = pa.schema(
        [(name, pa.int8() if name in scores else own.get(name, pa.string())) for name in columns]
    )
    batches = [
        pa.record_batch(
            [
                pa.array(values, kind)
                for values, kind in zip(zip(*part, strict=True), schema.types, strict=True)
            ],
            schema=schema,
        )
        for part in parts
    ]
    return pa.Table.from_batches(batches, schema).sort_by("response_id").combine_chunks()


def population_table(counts: Iterable[Sequence[Any]]) -> pa.Table:
    """Return counts, each in the order of `POPULATION`, by month, office and sector."""
    import pyarrow as pa

    kinds = [pa.string()] * 3 + [pa.int64()] * 3
    values = list(zip(*sorted(counts, key=lambda count: tuple(count[:3])), strict=True))
    values = values or [()] * len(POPULATION)
    columns = [pa.array(column, kind) for column, kind in zip(values, kinds, strict=True)]
    return pa.table(columns, names=list(POPULATION))


def simulated(table: pa.Table, *, after: str) -> pa.Table:
    """The table with every row marked as made up, in the column `origin` behind another one."""
    import pyarrow as pa

    mark = pa.array([SIMULATED] * len(table), pa.string())
    if ORIGIN in table.column_names:
        return table.set_column(table.column_names.index(ORIGIN), ORIGIN, mark)
    return table.add_column(table.column_names.index(after) + 1, ORIGIN, mark)


def digest(table: pa.Table) -> str:
    """Return a SHA-256 of the rows, in hexadecimal.

    A column without a value does not count: a questionnaire published later adds one to every
    month, and changes none.
    """
    from pyarrow import csv

    names = [name for name in sorted(table.column_names) if table[name].null_count < len(table)]
    found = _Digest()
    csv.write_csv(table.select(names), found)
    return found.sha256.hexdigest()


class _Digest:
    """A file to write into that keeps nothing but the digest."""

    closed = False

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""


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
    if _is_simulated(table):
        yield (_ORIGINS[SIMULATED], None, None, None, None)
    for name in table.column_names:
        yield (name, labels.variables.get(name, ""), None, None, labels.notes.get(name))
        present = set(table[name].unique().to_pylist())
        for code, label in labels.values.get(name, {}).items():
            if name not in _FIXED_CODES or code in present:
                yield (name, None, bool(code) if name == "late" else code, label, None)


_FIXED_CODES = frozenset({"origin", "office", "sector", "procedure", "questionnaire"})
"""Columns whose codes are many: only those that occur are explained."""


def _sav(table: pa.Table, path: Path, labels: Labels) -> None:
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
        note=_ORIGINS[SIMULATED] if _is_simulated(table) else "",
    )


def _is_simulated(table: pa.Table) -> bool:
    return ORIGIN in table.column_names and SIMULATED in table[ORIGIN].unique().to_pylist()


_WRITERS: dict[str, Callable[[pa.Table, Path, Labels], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".sav": _sav,
}


_FIXED = {
    "response_id": "Mã phiếu (ngẫu nhiên)",
    "questionnaire": "Bộ câu hỏi và phiên bản",
    "office": "Đơn vị",
    "sector": "Lĩnh vực",
    "procedure": "Thủ tục hành chính",
    "channel": "Kênh trả lời",
    "answered_on": "Ngày trả lời",
    "late": "Đến sau khi kỳ đã chốt",
    "flag": "Lý do bị đánh dấu",
    "period": "Tháng",
    "completed": "Số hồ sơ đã giải quyết",
    "on_time": "Trong đó: đúng hạn hoặc trước hạn",
    "online": "Trong đó: nộp trực tuyến",
    "origin": "Nguồn gốc (trống: phiếu của chính cơ quan)",
}
_CHANNELS = {
    "poster": "Áp phích",
    "slip": "Phiếu mời",
    "kiosk": "Kiosk",
    "paper": "Phiếu giấy",
    "recheck": "Phúc tra",
}
_ORIGINS = {
    IMPORTED: "Mang từ công cụ khác vào",
    SIMULATED: "DỮ LIỆU MÔ PHỎNG, không phải ý kiến thật",
}
_LATE = {0: "Không", 1: "Có"}


_FLAGS = {
    "clock": "Ngày trả lời có thể sai (đồng hồ của máy tính bảng)",
    "haste": "Trả lời nhanh hơn người đọc kịp",
    "closed": "Trả lời trên máy tính bảng, hoặc nhiều phiếu từ một áp phích, ngoài giờ làm việc",
    "crowd": "Quá nhiều phiếu ở một máy tính bảng hoặc áp phích trong mười phút",
    "alike": "Quá nhiều phiếu giống hệt nhau ở một nơi trong mười phút",
    "row": "Một trình duyệt dùng nhiều phiếu mời trong một ngày",
}
_VARIABLE_BYTES, _VALUE_BYTES = 255, 120  # that SPSS holds


def population_labels(places: Places) -> Labels:
    """Return the labels of the population layout."""
    names = (*POPULATION, ORIGIN)
    values = {**_places(places), ORIGIN: _ORIGINS}
    return Labels({name: _FIXED[name] for name in names}, values)


def responses_labels(questionnaires: Iterable[Questionnaire], places: Places) -> Labels:
    """Return the labels of the responses layout.

    An item that several versions word differently has the newest one's words and a mark; its
    wordings stand in the notes, and a level that they call differently has each one's name.
    """
    versions = sorted(questionnaires, key=lambda each: (each.id, each.version))
    variables = {name: _FIXED[name] for name in (*COLUMNS, ORIGIN)}
    values: dict[str, Mapping[Any, str]] = {"channel": _CHANNELS, "late": _LATE, "flag": _FLAGS}
    values[ORIGIN] = _ORIGINS
    values |= _places(places)
    values["procedure"] = {one.code: _cut(one.name.vi, _VALUE_BYTES) for one in places.procedure}
    values["questionnaire"] = {one.key: _cut(one.title.vi, _VALUE_BYTES) for one in versions}
    notes = {}
    for item in dict.fromkeys(item for version in versions for item in version.item_ids):
        asked = [version for version in versions if item in version.item_ids]
        wordings = {version.key: version.item(item).text.vi for version in asked}
        label = list(wordings.values())[-1]
        if len(set(wordings.values())) > 1:
            label = f"{_cut(label, _VARIABLE_BYTES - len(_MARK.encode()))}{_MARK}"
            notes[item] = "; ".join(f"{key}: {text}" for key, text in wordings.items())
        variables[item] = _cut(label, _VARIABLE_BYTES)
        values[item] = _levels(asked)
    return Labels(variables, values, notes)


_MARK = " (*)"
"""Beside a label that stands for several wordings."""


def _levels(asked: Iterable[Questionnaire]) -> dict[int, str]:
    """Each score's name; where versions differ, each one's, by its key."""
    found: dict[int, dict[str, str]] = {}
    for version in asked:
        for score, label in zip(version.scale.scores, version.scale.labels, strict=True):
            found.setdefault(score, {})[version.key] = label.vi
    return {
        score: _cut(
            next(iter(names.values()))
            if len(set(names.values())) == 1
            else " / ".join(f"{name} ({key})" for key, name in names.items()) + _MARK,
            _VALUE_BYTES,
        )
        for score, names in sorted(found.items())
    }


def _places(places: Places) -> dict[str, Mapping[Any, str]]:
    named = {
        "office": {one.id: one.name.vi for one in places.office},
        "sector": {GENERAL: "Cơ quan nói chung", **sector_names(places, "vi")},
    }
    return {
        name: {id_: _cut(text, _VALUE_BYTES) for id_, text in of.items()}
        for name, of in named.items()
    }


def _cut(text: str, most: int) -> str:
    """The text within so many bytes, cut between letters and marked where it is."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"


LayoutName = Literal["responses", "population"]
LAYOUTS: tuple[LayoutName, ...] = ("responses", "population")
MANIFEST = "manifest.json"
_KEY = b"hailong.export/1"
_NAME = "part-0.parquet"


@dataclass(frozen=True, slots=True)
class Revision:
    """What a month's file holds or held: how many rows, their digest, and since when."""

    revision: int
    rows: int
    digest: str
    exported_on: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a month: `before` is None for a month that was not there."""

    layout: LayoutName
    month: str
    now: Revision
    before: Revision | None

    @property
    def unchanged(self) -> bool:
        """Whether the file was left alone."""
        return self.now == self.before


def months_in(folder: Path, layout: LayoutName) -> tuple[str, ...]:
    """Return the months that the folder holds."""
    found = (path.parent.name for path in (folder / layout).glob(f"month=*/{_NAME}"))
    return tuple(sorted(name.removeprefix("month=") for name in found))


def keep_month(folder: Path, layout: LayoutName, month: str, table: pa.Table, today: date) -> Kept:
    """Write a month unless the folder holds the same rows of it already.

    Raises ExportError where its folder holds what this product did not write, or where all of its
    rows are gone.
    """
    path = folder / layout / f"month={month}" / _NAME
    history, found = revisions(path), digest(table)
    before = history[-1] if history else None
    if before is not None and before.digest == found:
        return Kept(layout, month, before, before)
    _check(path, before, len(table))
    now = Revision(len(history) + 1, len(table), found, today.isoformat())
    _write(path, table, [*history, now])
    return Kept(layout, month, now, before)


def _check(path: Path, before: Revision | None, rows: int) -> None:
    others = sorted(file.name for file in path.parent.glob("*.parquet") if file.name != _NAME)
    if others:
        listed = ", ".join(others)
        raise ExportError(sentence("export.others", folder=path.parent, files=listed))
    if before is not None and before.rows and not rows:
        rows_before = number_of(before.rows)
        raise ExportError(sentence("export.empty", folder=path.parent, rows=rows_before))


def _write(path: Path, table: pa.Table, history: Sequence[Revision]) -> None:
    from pyarrow import parquet

    known = json.dumps([asdict(revision) for revision in history]).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part:
            parquet.write_table(table.replace_schema_metadata({_KEY: known}), part)
    except OSError as error:
        raise ExportError(sentence("export.no_room", file=path, why=error.strerror)) from error


def revisions(path: Path) -> list[Revision]:
    """Return what a month's file says of itself, oldest first; nothing where there is no file."""
    import pyarrow as pa
    from pyarrow import parquet

    if not path.exists():
        return []
    try:
        known: Mapping[bytes, bytes] = parquet.read_schema(path).metadata or {}
        return [Revision(**each) for each in json.loads(known[_KEY])]
    except (pa.ArrowInvalid, KeyError, ValueError, TypeError) as error:
        raise ExportError(sentence("export.foreign", file=path)) from error


def write_manifest(folder: Path) -> None:
    """Gather what the months say of themselves."""
    found: dict[str, Any] = {"format": _KEY.decode()}
    for layout in LAYOUTS:
        found[layout] = dict(_told(folder, layout))
    folder.mkdir(parents=True, exist_ok=True)
    with whole(folder / MANIFEST) as part:
        part.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _told(folder: Path, layout: LayoutName) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for month in months_in(folder, layout):
        path = folder / layout / f"month={month}" / _NAME
        yield month, [asdict(revision) for revision in revisions(path)]
