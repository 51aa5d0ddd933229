"""Databases as sources: the views of a SQLite file or of a PostgreSQL server.

Owns opening one view as one table. Must not know what the columns mean.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from analysis.errors import LayoutError, install, said
from analysis.input.sources import OpenSource, first_line, load_ibis, refuse

# Compiling a query of many sums takes longer than running it; sorting every row, than hashing it.
_HASTE: Final = ("SET jit = off", "SET work_mem = '64MB'")


def open_sqlite(url: str, view: str, known: Collection[str]) -> OpenSource:
    """Open the view of a SQLite file, sqlite:///FILE."""
    path = Path(unquote(url.split("://", 1)[1].removeprefix("/").split("?", 1)[0]))
    if not path.is_file():
        raise refuse(
            str(path), said("place.file"), said("source.no_database"), said("file.check_name")
        )
    name = f"{path.name}, view '{view}'"
    backend = load_ibis().sqlite.connect(path)
    try:
        found = backend.con.execute("SELECT name, type FROM pragma_table_info(?)", (view,))
        types = dict(found.fetchall())
    except sqlite3.DatabaseError as error:
        backend.disconnect()
        what = said("source.no_sqlite", why=error)
        raise refuse(path.name, said("place.file"), what, said("source.check")) from None
    if not types:
        backend.disconnect()
        raise _no_view(name)
    return OpenSource(name, "database", backend, _sqlite_table(backend, view, types, known))


def view_beside(source: OpenSource, view: str, known: Collection[str]) -> Any | None:
    """Another view of the database that a source is of; None where it has none of this name."""
    backend = source.backend
    if backend.name == "sqlite":
        found = backend.con.execute("SELECT name, type FROM pragma_table_info(?)", (view,))
        types = dict(found.fetchall())
        return _sqlite_table(backend, view, types, known) if types else None
    return backend.table(view) if view in backend.list_tables() else None


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


def _no_view(name: str) -> LayoutError:
    return refuse(name, said("place.view"), said("source.no_view"), said("source.name_views"))


def open_postgres(url: str, view: str) -> OpenSource:
    """Open the view of a server, postgresql://…."""
    from ibis.common.exceptions import TableNotFound

    try:
        import psycopg
    except ImportError as error:
        what = said("source.no_driver")
        remedy = said("source.install", command=install("postgres"))
        raise refuse("postgresql", said("place.source"), what, remedy) from error
    name = f"database {urlsplit(url).path.strip('/')}, view '{view}'"
    try:
        connection = psycopg.connect(
            "postgresql://" + url.split("://", 1)[1], autocommit=True, connect_timeout=10
        )
        for setting in _HASTE:
            connection.execute(setting)
    except psycopg.Error as error:
        what = said("source.unconnected", why=first_line(error))
        raise refuse(name, said("place.database"), what, said("source.check_login")) from None
    backend = load_ibis().postgres.from_connection(connection)
    try:
        return OpenSource(name, "database", backend, backend.table(view))
    except TableNotFound:
        backend.disconnect()
        raise _no_view(name) from None
