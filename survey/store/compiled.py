"""Statements that every visitor needs, compiled once and then handed to the driver as they are.

Of the time of a short statement the database takes a tenth, SQLAlchemy the rest. So what is asked
for every form is compiled when it is asked first. Connections with their checks (`sqlite`,
`postgres`), transactions and errors stay what they are for all other statements.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

from sqlalchemy import Connection, Dialect, Engine, Insert, PoolProxiedConnection, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Values: TypeAlias = Mapping[str, Any]
_Change: TypeAlias = Callable[[Any], Any]
_Key = TypeVar("_Key", str, int)

_COUNT_IT: Final = {"preserve_rowcount": True}
_NONE: Final[Values] = {}


class CompiledSelect:
    """A query. Its rows are named tuples with the names and values that SQLAlchemy's would have."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._columns = tuple(query.selected_columns)
        names = [str(column.key) for column in self._columns]
        self._row: Any = namedtuple("Row", names)  # type: ignore[misc]  # names known only here
        self._known: dict[str, tuple[_Text, _Changes[int]]] = {}

    def rows(self, engine: Engine, given: Values = _NONE) -> tuple[Any, ...]:
        """Return the rows, read on a connection of the pool. Raises what `Engine.connect` and
        `Connection.execute` do."""
        text, changes = self._known.get(engine.name) or self._compiled(engine.dialect)
        connection = _connection(engine)
        try:
            cursor = connection.cursor()
            cursor.execute(text.sql, text.values(given))
            found = cursor.fetchall()
        except engine.dialect.loaded_dbapi.Error as error:
            raise _told(engine, error, connection) from error
        finally:
            connection.close()  # back to the pool
        return tuple(self._row._make(changes.made(list(row))) for row in found)

    def _compiled(self, dialect: Dialect) -> tuple[_Text, _Changes[int]]:
        changes = {
            place: column.type.dialect_impl(dialect).result_processor(dialect, None)
            for place, column in enumerate(self._columns)
        }
        found = _Text.of(self._query, dialect), _Changes.of(changes)
        self._known[dialect.name] = found
        return found


class CompiledInsert:
    """An insert of one row, given by the names of its columns and parameters."""

    def __init__(self, statements: Mapping[str, Insert], columns: Sequence[str]) -> None:
        """`statements`: what each database is told, by the name of its dialect."""
        self._statements, self._columns = statements, columns
        self._known: dict[str, _Text] = {}

    def run(self, connection: Connection, given: Values) -> int:
        """Insert a row as a part of the caller's transaction; return how many were.

        SQLAlchemy hands it to the driver: it has to know what a transaction did.
        """
        text = self._known.get(connection.dialect.name) or self._compiled(connection.dialect)
        done = connection.exec_driver_sql(text.sql, text.values(given), execution_options=_COUNT_IT)
        return done.rowcount

    def _compiled(self, dialect: Dialect) -> _Text:
        found = _Text.of(self._statements[dialect.name], dialect, self._columns)
        self._known[dialect.name] = found
        return found


@dataclass(frozen=True, slots=True)
class _Changes(Generic[_Key]):
    """What makes values of SQLAlchemy's types of the driver's, or the other way round."""

    each: tuple[tuple[_Key, _Change], ...]

    @classmethod
    def of(cls, found: Mapping[_Key, _Change | None]) -> _Changes[_Key]:
        return cls(tuple((key, change) for key, change in found.items() if change is not None))

    def made(self, values: Any) -> Any:
        """Change the values in their place, and return them."""
        for key, change in self.each:
            values[key] = change(values[key])
        return values


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement as a driver takes it.

    `names`: of its parameters in their order, or None where the driver takes them by name; `fixed`:
    those whose values are part of the statement.
    """

    sql: str
    names: tuple[str, ...] | None
    fixed: Values
    changes: _Changes[str]

    @classmethod
    def of(
        cls, statement: Select[Any] | Insert, dialect: Dialect, columns: Sequence[str] = ()
    ) -> _Text:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101  of a statement, not of a type
        binds = {name: compiled.binds[name] for name in compiled.params}
        return cls(
            compiled.string,
            tuple(compiled.positiontup or ()) if compiled.positional else None,
            {name: bind.value for name, bind in binds.items() if not bind.required},
            _Changes.of(
                {
                    name: bind.type.dialect_impl(dialect).bind_processor(dialect)
                    for name, bind in binds.items()
                }
            ),
        )

    def values(self, given: Values) -> Any:
        """Its parameters as the driver takes them. KeyError where one of them is missing."""
        named = self.changes.made({**self.fixed, **given})
        return named if self.names is None else tuple([named[name] for name in self.names])


def _connection(engine: Engine) -> PoolProxiedConnection:
    try:
        return engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:
        raise _told(engine, error) from error


def _told(
    engine: Engine, error: Exception, connection: PoolProxiedConnection | None = None
) -> BaseException:
    """SQLAlchemy's error for one of the driver; a connection that was lost leaves the pool."""
    dialect = engine.dialect
    lost = dialect.is_disconnect(error, connection and connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost and connection is not None:
        connection.invalidate(error)
    hidden = engine.hide_parameters
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(None, None, error, base, hidden, lost, dialect)
