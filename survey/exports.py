"""What leaves the store in the two published layouts: tables, and a folder of closed months.

Owns types and order of rows, and the folder (FOLDER/responses/month=2026-10/part-0.parquet), where
a month is one file replaced at once and `manifest.json` gathers what is known of each. Reads no
database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from questionnaires.bilingual import number_of
from questionnaires.layout import POPULATION, SIMULATED
from survey.errors import ExportError
from survey.export_labels import DESIGN, ORIGIN
from survey.files import whole
from survey.told import sentence

if TYPE_CHECKING:
    import pyarrow as pa
    from pandas import DataFrame


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

    kinds = [pa.string()] * 3 + [pa.int64()] * (len(POPULATION) - 3)
    values = list(zip(*sorted(counts, key=lambda count: tuple(count[:3])), strict=True))
    values = values or [()] * len(POPULATION)
    columns = [pa.array(column, kind) for column, kind in zip(values, kinds, strict=True)]
    return pa.table(columns, names=list(POPULATION))


def design_table(frame: DataFrame) -> pa.Table:
    """Return answers with their strata and weights, from `Estimates.to_responses`, by their ids."""
    import pyarrow as pa

    kinds = {"N_h": pa.int64(), "n_h": pa.int64(), "weight": pa.float64(), "satisfied": pa.int8()}
    fields = [(name, kinds.get(name, pa.string())) for name in DESIGN]
    named = frame.rename(columns={"N": "N_h", "n": "n_h"})
    return pa.Table.from_pandas(named[list(DESIGN)], pa.schema(fields), preserve_index=False)


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
