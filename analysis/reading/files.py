"""Files as sources: a CSV, a Parquet file, or a folder of Parquet files, in DuckDB.

Owns opening them as one table. Must not know what the columns mean.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from analysis.problems import LayoutError, said
from analysis.reading.delimited import Delimited, inspect
from analysis.reading.sources import (
    REJECTS,
    UNNAMED,
    Source,
    first_line,
    load_ibis,
    partitions_among,
    refuse,
)

_BUFFER: Final = 4_000_000  # bytes: as fast as the default of 32 MB, and 100 MB lighter

# Nothing may be fetched from outside at run time.
_OFFLINE: Final = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}

_MEMORY: Final = "300MB"
"""For the engine: what needs more (a hundred million ids, compared) goes by way of the disk."""


def open_path(path: Path, known: Collection[str]) -> Source:
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


def _duckdb() -> Any:
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


def _open_parquet(path: Path, files: Path | list[Path], known: Collection[str]) -> Source:
    import duckdb

    backend = _duckdb()
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
    return Source(path.name, "parquet", backend, table.drop(*drop & set(table.columns)), path)


def _arranged(path: Path, files: Path | list[Path]) -> bool:
    """Whether folders below the one that was named arrange the files: month=2026-10."""
    if isinstance(files, Path):
        return False
    return any("=" in part for file in files for part in file.relative_to(path).parts[:-1])


def _open_csv(path: Path, known: Collection[str]) -> Source:
    import duckdb

    shape = inspect(path, known)
    folded = [name.lower() for name in shape.columns if name]  # as DuckDB compares names
    doubled = tuple(sorted({name for name in folded if folded.count(name) > 1}))
    backend = _duckdb()
    try:
        table = _read_csv(backend, path, shape)
    except duckdb.Error as error:
        backend.disconnect()
        raise _refuse(path, "not_csv", "save_again", why=first_line(error)) from error
    return Source(path.name, "csv", backend, table, path, doubled)


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
