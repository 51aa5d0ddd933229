"""The folder of closed months: FOLDER/responses/month=2026-10/part-0.parquet, population likewise.

Owns its layout, what is unchanged and what needs a revision. A month is one file, so that it is
replaced at once: whoever reads the folder sees a month as it was or as it is, never half or twice.
What is known of a month stands in its own file; `manifest.json` gathers it for people.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from questionnaires.told import number_of
from survey.durable import whole
from survey.errors import ExportError
from survey.exports.layouts import digest
from survey.told import sentence

if TYPE_CHECKING:
    import pyarrow as pa

Layout = Literal["responses", "population"]
LAYOUTS: tuple[Layout, ...] = ("responses", "population")
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

    layout: Layout
    month: str
    now: Revision
    before: Revision | None

    @property
    def unchanged(self) -> bool:
        """Whether the file was left alone."""
        return self.now == self.before


def months_in(folder: Path, layout: Layout) -> tuple[str, ...]:
    """Return the months that the folder holds."""
    found = (path.parent.name for path in (folder / layout).glob(f"month=*/{_NAME}"))
    return tuple(sorted(name.removeprefix("month=") for name in found))


def keep_month(folder: Path, layout: Layout, month: str, table: pa.Table, today: date) -> Kept:
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


def _told(folder: Path, layout: Layout) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for month in months_in(folder, layout):
        path = folder / layout / f"month={month}" / _NAME
        yield month, [asdict(revision) for revision in revisions(path)]
