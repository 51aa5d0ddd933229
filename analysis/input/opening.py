"""Opens a source by what it is called: a file, a folder, a database or a Spark cluster.

Owns the choice only; each kind is opened by the module of its name.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from analysis.errors import said
from analysis.input.cells import SPSS, ZIP, read_sheet, spss_cells
from analysis.input.databases import open_postgres, open_sqlite
from analysis.input.files import open_path
from analysis.input.frames import is_frame, open_frame
from analysis.input.sources import OpenSource, Source, refuse
from analysis.input.spark import open_spark


def open_source(source: Source, view: str, known: Collection[str]) -> OpenSource:
    """Open a file, a folder, the view `view` of a database URL, spark://host:port/path or a frame.

    `known` holds the names of the layout's fixed columns: they tell the separator of a text file
    and which partition names of a folder are columns. LayoutError where it cannot be read.
    """
    if is_frame(source):
        return open_frame(source, view)
    if isinstance(source, str) and "://" in source:
        return _open_url(source, view, known)
    if not isinstance(source, str | Path):
        what = said("source.no_source", type=type(source).__name__)
        raise refuse(view, said("place.source"), what, said("source.kinds"))
    path = Path(source)
    start = _start(path)
    if start == ZIP:
        return read_sheet(path).opened()
    return spss_cells(path).opened() if start in SPSS else open_path(path, known)


def _start(path: Path) -> bytes:
    """The first four bytes of a file; none of what is none."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(4)


def _open_url(url: str, view: str, known: Collection[str]) -> OpenSource:
    scheme = url.split(":", 1)[0].split("+", 1)[0]
    if scheme == "sqlite":
        return open_sqlite(url, view, known)
    if scheme in ("postgresql", "postgres"):
        return open_postgres(url, view)
    if scheme == "spark":
        return open_spark(url, known)
    what, remedy = said("source.kind"), said("source.kinds")
    raise refuse(f"{scheme}://…", said("place.source"), what, remedy)
