"""Where the layouts come from: a CSV, a Parquet file or folder, or views of a database.

Owns opening a source as one table of the engine that fits it. Must not know what the columns mean.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from analysis.problems import LayoutError, Problem
from analysis.reading.delimited import Delimited, inspect

Kind = Literal["csv", "parquet", "database"]

FILE_COLUMN: Final = "filename"
ROW_COLUMN: Final = "file_row_number"
REJECTS: Final = "hailong_rejects"
_AGAIN: Final = {
    "csv": "save it again as 'CSV UTF-8'",
    "parquet": "write it again",
    "database": "check the database",
}
UNNAMED: Final = "(column {})"

_BUFFER: Final = 4_000_000  # bytes: as fast as the default of 32 MB, and 100 MB lighter

# Nothing may be fetched from outside at run time.
_OFFLINE: Final = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


@dataclass(frozen=True, slots=True)
class Source:
    """One open source. `name` is how problems call it; `duplicates` are doubled column names."""

    name: str
    kind: Kind
    backend: Any
    table: Any
    path: Path | None = None
    duplicates: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the layout is about."""
        own = {FILE_COLUMN, ROW_COLUMN} if self.kind == "parquet" else set()
        return tuple(name for name in self.table.columns if name not in own)

    def close(self) -> None:
        """Give back the connection and its files."""
        self.backend.disconnect()


def refuse(name: str, place: str, what: str, remedy: str) -> LayoutError:
    """A refusal with a single problem."""
    return LayoutError([Problem(name, place, what, remedy)])


def open_source(source: str | Path, view: str, known: Collection[str]) -> Source:
    """Open a file, a folder or the view `view` of a database URL.

    `known` holds the names of the layout's fixed columns: they tell the separator of a text file
    and which partition names of a folder are columns. LayoutError where it cannot be read.
    """
    if isinstance(source, str) and "://" in source:
        return _open_url(source, view, known)
    path = Path(source)
    if path.is_dir():
        return _open_parquet(path, _parquet_files(path), known)
    if not path.is_file():
        raise refuse(path.name, "file", "there is no such file or folder", "check the name")
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            return _open_parquet(path, path, known)
    if path.suffix.lower() == ".parquet":
        raise refuse(path.name, "file", "it is not a Parquet file, or damaged", "write it again")
    return _open_csv(path, known)


def _ibis() -> Any:
    """Ibis, told to leave the merging of nested selects to the engines, which do it anyway.

    Ibis takes longer over it than DuckDB over the answers of a province.
    """
    import ibis

    ibis.options.sql.fuse_selects = False
    return ibis


def _duckdb() -> Any:
    return _ibis().duckdb.connect(**_OFFLINE)


def _literal(path: Path) -> str:
    """The path for DuckDB, which would read answers1.csv for the "pattern" answers[1].csv."""
    return re.sub(r"[*?[]", r"[\g<0>]", str(path))


def _parquet_files(folder: Path) -> list[Path]:
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        what = "the folder holds no Parquet file"
        raise refuse(folder.name, "folder", what, "name the folder with the *.parquet files")
    return files


def _open_parquet(path: Path, files: Path | list[Path], known: Collection[str]) -> Source:
    import duckdb

    backend = _duckdb()
    try:
        table = backend.read_parquet(
            [_literal(file) for file in ([files] if isinstance(files, Path) else files)],
            filename=True,
            file_row_number=True,
            hive_partitioning=path.is_dir(),
            hive_types_autocast=False,
            union_by_name=path.is_dir(),
        )
    except duckdb.Error as error:
        backend.disconnect()
        what = f"it cannot be read as Parquet ({_first_line(error)})"
        raise refuse(path.name, "file", what, "write it again") from error
    partitions = _partition_names(path, files) - set(known)
    return Source(path.name, "parquet", backend, table.drop(*partitions), path)


def _partition_names(path: Path, files: Path | list[Path]) -> set[str]:
    """Names of folders such as month=2026-10: an arrangement of the files, not columns."""
    if isinstance(files, Path):
        return set()
    parts = {part for file in files for part in file.relative_to(path).parts[:-1]}
    return {part.split("=", 1)[0] for part in parts if "=" in part}


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
        what = f"it cannot be read as CSV ({_first_line(error)})"
        raise refuse(path.name, "file", what, "save it again as 'CSV UTF-8'") from error
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
    )


def _open_url(url: str, view: str, known: Collection[str]) -> Source:
    scheme = url.split(":", 1)[0].split("+", 1)[0]
    if scheme == "sqlite":
        return _open_sqlite(url, view, known)
    if scheme in ("postgresql", "postgres"):
        return _open_postgres(url, view)
    remedy = "use sqlite:///FILE, postgresql://…, a CSV, a Parquet file or a folder of them"
    raise refuse(f"{scheme}://…", "source", "this kind of source is not known", remedy)


def _open_sqlite(url: str, view: str, known: Collection[str]) -> Source:
    path = Path(unquote(url.split("://", 1)[1].removeprefix("/").split("?", 1)[0]))
    if not path.is_file():
        raise refuse(str(path), "file", "there is no such database", "check the name")
    name = f"{path.name}, view '{view}'"
    backend = _ibis().sqlite.connect(path)
    try:
        found = backend.con.execute("SELECT name, type FROM pragma_table_info(?)", (view,))
        types = dict(found.fetchall())
    except sqlite3.DatabaseError as error:
        backend.disconnect()
        raise refuse(path.name, "file", f"it is no SQLite database ({error})", "check it") from None
    if not types:
        backend.disconnect()
        raise refuse(name, "view", "it is not there", "name a database with the published views")
    return Source(name, "database", backend, _sqlite_table(backend, view, types, known))


def _sqlite_table(backend: Any, view: str, types: dict[str, str], known: Collection[str]) -> Any:
    """Columns of SQLite's views may have no type: fixed ones are read as text, items as numbers.

    A column that is text already is not cast, so that an index on it can be used.
    """
    import ibis

    parts = []
    for name, declared in types.items():
        quoted = '"' + name.replace('"', '""') + '"'
        plain = name not in known or "CHAR" in declared.upper() or declared.upper() == "TEXT"
        parts.append(quoted if plain else f"CAST({quoted} AS TEXT) AS {quoted}")
    schema = ibis.schema({name: "string" if name in known else "float64" for name in types})
    query = f"SELECT {', '.join(parts)} FROM {view}"  # noqa: S608  names are quoted
    return backend.sql(query, schema=schema, dialect="sqlite")


def _open_postgres(url: str, view: str) -> Source:
    from ibis.common.exceptions import TableNotFound

    try:
        import psycopg
    except ImportError as error:
        remedy = "install it: pip install 'hailong[postgres]'"
        raise refuse("postgresql", "source", "its driver is not installed", remedy) from error
    name = f"database {urlsplit(url).path.strip('/')}, view '{view}'"
    try:
        connection = psycopg.connect(
            "postgresql://" + url.split("://", 1)[1], autocommit=True, connect_timeout=10
        )
    except psycopg.Error as error:
        what = f"cannot connect ({_first_line(error)})"
        raise refuse(name, "database", what, "check address, name and password") from None
    backend = _ibis().postgres.from_connection(connection)
    try:
        return Source(name, "database", backend, backend.table(view))
    except TableNotFound:
        backend.disconnect()
        remedy = "name a database with the published views"
        raise refuse(name, "view", "it is not there", remedy) from None


def damaged_rows(source: Source) -> list[tuple[int, str]]:
    """Line and error type of every row that the engine could not read; after a full scan."""
    import duckdb

    if source.kind != "csv":
        return []
    with suppress(duckdb.CatalogException):  # no scan has been made
        found = source.backend.con.execute(
            f"SELECT DISTINCT line, error_type FROM {REJECTS} ORDER BY line"  # noqa: S608
        ).fetchall()
        return [(int(line), str(kind)) for line, kind in found]
    return []


def run(source: Source, expression: Any) -> list[dict[str, Any]]:
    """The rows of a small result; LayoutError where the engine cannot read the source through.

    The compiled query is run by the engine's own driver: Ibis would load pandas to hand over rows.
    """
    query = source.backend.compile(expression)
    try:
        found = source.backend.con.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except Exception as error:
        if not type(error).__module__.startswith(("duckdb", "_duckdb", "psycopg", "sqlite3")):
            raise
        reason = "its line ends are mixed" if "state machine" in str(error) else _first_line(error)
        what = f"it cannot be read through ({reason})"
        remedy = _AGAIN[source.kind]
        raise refuse(source.name, "rows", what, remedy) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
