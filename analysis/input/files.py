"""Files as sources: CSV, Parquet, or a folder of Parquet files, in DuckDB.

Owns opening them as one table, and what must be known of a text file before the engine reads it:
encoding, separator, header. Must not know what the columns mean.
"""

from __future__ import annotations

import bisect
import csv
import io
import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from analysis.errors import LayoutError, Problem, said
from analysis.input.sources import (
    REJECTS,
    UNNAMED,
    OpenSource,
    first_line,
    load_ibis,
    partitions_among,
    refuse,
)

_HEAD = 1 << 20  # bytes: a header longer than this is no header
_SIGNATURES = (
    (b"PK\x03\x04", "workbook", "save_sheet"),
    (b"\xd0\xcf\x11\xe0", "old_excel", "save_sheet"),
    (b"\x1f\x8b", "compressed", "unpack"),
    (b"SQLite format 3\x00", "sqlite", "name_sqlite"),
    (b"\xff\xfe", "utf16", "save_csv"),
    (b"\xfe\xff", "utf16", "save_csv"),
)


@dataclass(frozen=True, slots=True)
class Delimited:
    """How to read one text file: its separator and the names in its first row."""

    separator: str
    columns: tuple[str, ...]


def inspect(path: Path, known: Collection[str]) -> Delimited:
    """Look at the first row; LayoutError where the file is not UTF-8 text with a header."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    _check_bytes(path, head)
    line = _first_row(path, head)
    separator = max(",;\t", key=lambda mark: _hits(line, mark, known))
    columns = [name.strip() for name in _split(line, separator)]
    return Delimited(separator, _as_wide_as_rows(columns, head, separator))


def _as_wide_as_rows(columns: list[str], head: bytes, separator: str) -> tuple[str, ...]:
    """The names, with as many empty ones at the end as the first row of values has cells for.

    Some programs end every row with separators, some only the names, some only the values.
    """
    named = len(columns)
    while named and not columns[named - 1]:
        named -= 1
    lines = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    second = lines.split(b"\n", 2)[1:2]
    values = _split(second[0].decode("utf-8", errors="replace"), separator) if second else []
    width = len(values) if len(values) > named and not any(values[named:]) else named
    if any(values[named:]):
        width = len(columns)
    return (*columns[:named], *[""] * (width - named))


def _check_bytes(path: Path, head: bytes) -> None:
    for signature, what, remedy in _SIGNATURES:
        if head.startswith(signature):
            raise _refusal(path, "place.file", what, remedy)
    if not head.strip():
        raise _refusal(path, "place.file", "empty", "give_header")
    if b"\x00" in head:
        raise _refusal(path, "place.file", "zero_bytes", "save_csv")


def _refusal(path: Path, place: str, what: str, remedy: str) -> LayoutError:
    """A refusal of a file, by the keys of its sentences."""
    where = said(place, row=1)
    return LayoutError([Problem(path.name, where, said(f"file.{what}"), said(f"file.{remedy}"))])


def _first_row(path: Path, head: bytes) -> str:
    line = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n").split(b"\n", 1)[0]
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise _refusal(path, "place.row", "header_not_utf8", "save_csv") from None


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader(io.StringIO(line), delimiter=separator), [])


def _hits(line: str, separator: str, known: Collection[str]) -> int:
    return sum(name.strip() in known for name in _split(line, separator))


@dataclass(frozen=True, slots=True)
class RowNumbers:
    """Turns the engine's count of read rows into the row a person sees in the file.

    The engine skips blank lines and hands out damaged ones apart; row 1 is the header.
    """

    skipped: tuple[int, ...]

    def row(self, position: int) -> int:
        """The row of the file that is the `position`-th (from 0) that was read."""
        row = position + 2
        passed = 0
        while (here := bisect.bisect_right(self.skipped, row)) > passed:
            row += here - passed
            passed = here
        return row


def row_numbers(path: Path, damaged: Sequence[int]) -> RowNumbers:
    """Rows that the engine did not count: blank lines and the `damaged` ones."""
    return RowNumbers(tuple(sorted({*_blank_lines(path), *damaged})))


def _blank_lines(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip(b"\r\n"):
                yield number


_BUFFER: Final = 4_000_000  # bytes: as fast as the default of 32 MB, and 100 MB lighter

# Nothing may be fetched from outside at run time.
_OFFLINE: Final = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}

_MEMORY: Final = "300MB"
"""For the engine: what needs more (a hundred million ids, compared) goes by way of the disk."""


def open_path(path: Path, known: Collection[str]) -> OpenSource:
    """Open a file or folder; LayoutError where it cannot be read."""
    if path.is_dir():
        return _open_parquet(path, _parquet_files(path), known)
    if not path.is_file():
        raise _refuse(path, "missing_either", "check_name")
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            return _open_parquet(path, path, known)
    if path.suffix.lower() == ".parquet":
        raise _refuse(path, "no_parquet", "write_again")
    return _open_csv(path, known)


def _refuse(path: Path, what: str, remedy: str, **values: object) -> LayoutError:
    """A refusal of a file, by the keys of its sentences."""
    sentence = said(f"file.{what}", **values)
    return refuse(path.name, said("place.file"), sentence, said(f"file.{remedy}"))


def connected() -> Any:
    """An engine of our own in memory, that fetches nothing and spills to the disk."""
    # made by the engine when it is needed, and taken away again
    spill = Path(tempfile.gettempdir()) / f"hailong-{uuid4().hex}"
    limits = {"memory_limit": _MEMORY, "temp_directory": str(spill)}
    return load_ibis().duckdb.connect(**_OFFLINE, **limits)


def _literal(path: Path) -> str:
    """The path for DuckDB, which would read answers1.csv for the "pattern" answers[1].csv."""
    return re.sub(r"[*?[]", r"[\g<0>]", str(path))


def _parquet_files(folder: Path) -> list[Path]:
    """Every *.parquet below, but what is hidden: names that begin with a dot or an underscore.

    Spark passes these over too; a file that is still being written is called so.
    """
    files = sorted(
        file
        for file in folder.rglob("*.parquet")
        if not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    )
    if not files:
        what, remedy = said("file.no_parquet_there"), said("file.name_folder")
        raise refuse(folder.name, said("place.folder"), what, remedy)
    return files


def _open_parquet(path: Path, files: Path | list[Path], known: Collection[str]) -> OpenSource:
    import duckdb

    backend = connected()
    try:
        table = backend.read_parquet(
            [_literal(file) for file in ([files] if isinstance(files, Path) else files)],
            filename=True,
            file_row_number=True,
            hive_partitioning=_arranged(path, files),
            hive_types_autocast=False,
            union_by_name=path.is_dir(),
        )
    except duckdb.Error as error:
        backend.disconnect()
        raise _refuse(path, "not_parquet", "write_again", why=first_line(error)) from error
    inside = [] if isinstance(files, Path) else [file.relative_to(path) for file in files]
    drop = partitions_among(inside, known)
    if inside and _arranged(path, files):
        drop |= partitions_among([path.absolute() / "_"], ())  # of folders above, which arrange too
    return OpenSource(path.name, "parquet", backend, table.drop(*drop & set(table.columns)), path)


def _arranged(path: Path, files: Path | list[Path]) -> bool:
    """Whether folders below the one that was named arrange the files: month=2026-10."""
    if isinstance(files, Path):
        return False
    return any("=" in part for file in files for part in file.relative_to(path).parts[:-1])


def _open_csv(path: Path, known: Collection[str]) -> OpenSource:
    import duckdb

    shape = inspect(path, known)
    folded = [name.lower() for name in shape.columns if name]  # as DuckDB compares names
    doubled = tuple(sorted({name for name in folded if folded.count(name) > 1}))
    backend = connected()
    try:
        table = _read_csv(backend, path, shape)
    except duckdb.Error as error:
        backend.disconnect()
        raise _refuse(path, "not_csv", "save_again", why=first_line(error)) from error
    return OpenSource(path.name, "csv", backend, table, path, doubled)


def _read_csv(backend: Any, path: Path, shape: Delimited) -> Any:
    """Every column as text, so that nothing is guessed; damaged rows are kept apart."""
    names = [name or UNNAMED.format(n) for n, name in enumerate(shape.columns, start=1)]
    folded = [name.lower() for name in names]
    unique = [
        name if folded[n] not in folded[:n] else f"{name} {UNNAMED.format(n + 1)}"
        for n, name in enumerate(names)
    ]
    return backend.read_csv(
        _literal(path),
        header=True,
        columns=dict.fromkeys(unique, "VARCHAR"),
        auto_detect=False,
        delim=shape.separator,
        quote='"',
        escape='"',
        buffer_size=_BUFFER,
        store_rejects=True,
        rejects_table=REJECTS,
        rejects_limit=0,
        hive_partitioning=False,
    )
