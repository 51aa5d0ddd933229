"""Where the layouts come from: files, views of a database, or Parquet on a Spark cluster.

Owns what an open source is, and asking its engine. Must not know what the columns mean. The
modules `files`, `databases` and `spark` open the sources; each loads its engine only when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from analysis.errors import LayoutError, Problem, said
from questionnaires.bilingual import Told, joined

SourceKind = Literal["csv", "parquet", "frame", "database", "spark"]

Source: TypeAlias = Any
"""A file or folder, a URL, or a table in memory: pandas, Arrow, what speaks Arrow's protocol."""

FILE_COLUMN: Final = "filename"
ROW_COLUMN: Final = "file_row_number"
REJECTS: Final = "hailong_rejects"
UNNAMED: Final = "(column {})"

_AGAIN: Final = {
    "csv": "file.save_again",
    "parquet": "file.write_again",
    "frame": "source.check_frame",
    "database": "source.check_database",
    "spark": "source.check_files",
}
_DRIVERS: Final = ("duckdb", "_duckdb", "psycopg", "sqlite3", "pyspark", "py4j")


@dataclass(frozen=True, slots=True)
class OpenSource:
    """One open source. `name` is how problems call it; `duplicates` are doubled column names.

    `path` is the file or folder; of Spark, as the cluster sees it. `place`: of a table in memory,
    how a row is called by its number from 0.
    """

    name: str
    kind: SourceKind
    backend: Any
    table: Any
    path: PurePath | None = None
    duplicates: tuple[str, ...] = ()
    let_go: Callable[[], None] | None = None
    place: Callable[[int], str] | None = None

    @property
    def in_files(self) -> bool:
        """Whether each row comes with its file and its number there (`FILE_COLUMN`, …)."""
        return self.kind in ("parquet", "spark")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the layout is about."""
        numbered = self.in_files or self.kind == "frame"
        own = {FILE_COLUMN, ROW_COLUMN} if numbered else set()
        return tuple(name for name in self.table.columns if name not in own)

    def row_of_file(self, file: str, position: int) -> str:
        """Where a row stands, as a person finds it again; row 1 is the first response."""
        found = PurePath(unquote(urlsplit(file).path) if self.kind == "spark" else file)
        row = said("place.row", row=position + 1)
        if self.path is None or found == self.path:
            return row
        inside = found.relative_to(self.path) if found.is_relative_to(self.path) else found.name
        return joined((PurePath(inside).as_posix(), row), ", ")

    def close(self) -> None:
        """Give back the connection and its files."""
        (self.let_go or self.backend.disconnect)()


def refuse(name: str, place: str, what: Told, remedy: Told) -> LayoutError:
    """A refusal with a single problem."""
    return LayoutError([Problem(name, place, what, remedy)])


def load_ibis() -> Any:
    """Ibis, told to leave the merging of nested selects to the engines, which do it anyway.

    Ibis takes longer over it than DuckDB over the answers of a province.
    """
    import ibis

    ibis.options.sql.fuse_selects = False
    return ibis


def partitions_among(files: Iterable[PurePath], known: Collection[str]) -> set[str]:
    """Names of folders such as month=2026-10: an arrangement of the files, not columns."""
    parts = {part for file in files for part in file.parts[:-1]}
    return {part.split("=", 1)[0] for part in parts if "=" in part} - set(known)


def damaged_rows(source: OpenSource) -> list[tuple[int, str]]:
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


def run(source: OpenSource, expression: Any) -> list[dict[str, Any]]:
    """The rows of a small result; LayoutError where the engine cannot read the source through.

    The compiled query is run by the engine's own driver: Ibis would load pandas to hand over rows.
    """
    query = source.backend.compile(expression)
    try:
        return _fetched(source, query)
    except Exception as error:
        if not type(error).__module__.startswith(_DRIVERS):
            raise
        reason = said("source.line_ends") if "state machine" in str(error) else first_line(error)
        what = said("source.unread", why=reason)
        remedy = said(_AGAIN[source.kind])
        raise refuse(source.name, said("place.rows"), what, remedy) from error


def _fetched(source: OpenSource, query: str) -> list[dict[str, Any]]:
    if source.kind == "spark":
        return [row.asDict() for row in source.backend.raw_sql(query).collect()]
    found = source.backend.con.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def first_line(error: Exception) -> str:
    """What an engine says, without its trace."""
    return str(error).strip().split("\n", 1)[0]
