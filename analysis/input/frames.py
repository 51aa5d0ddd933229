"""Tables in memory as sources: pandas, Arrow and what speaks its protocol, in DuckDB.

Owns the way from a table of another library to one of ours, row by row told apart. Must not know
what the columns mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from analysis.errors import said
from analysis.input.files import connected
from analysis.input.sources import ROW_COLUMN, OpenSource, refuse
from questionnaires.layout import SIMULATED

_ARROW: Final = "__arrow_c_stream__"
_NAME: Final = "frame"


def is_frame(source: object) -> bool:
    """Whether this is a table in memory: a pandas or Arrow one, or one that hands itself over."""
    return hasattr(source, _ARROW)


def open_frame(source: Any, view: str) -> OpenSource:
    """Open a pandas data frame or an Arrow table; LayoutError where it is none."""
    table, labels = table_of(source, view)
    name = frame_name(source, view)
    return open_table(table, name, lambda number: said("place.index", index=labels[number]))


def frame_name(source: object, view: str) -> str:
    """What problems call a table in memory: responses (pandas.DataFrame)."""
    return f"{view} ({type(source).__module__.split('.', 1)[0]}.{type(source).__name__})"


def table_of(source: Any, view: str) -> tuple[Any, Sequence[Any]]:
    """An Arrow table of plain columns, and what its owner calls its rows: from 0, or by labels."""
    if type(source).__module__.startswith("pandas"):
        return _of_pandas(source)
    table = _of_arrow(source, frame_name(source, view))
    return table, range(len(table))


def open_table(table: Any, name: str, place: Callable[[int], str]) -> OpenSource:
    """Open an Arrow table. `place`: how a row is called, by its number from 0."""
    import pyarrow as pa

    folded = [column.lower() for column in table.column_names]  # as DuckDB compares names
    doubled = tuple(sorted({one for one in folded if folded.count(one) > 1}))
    unique = [
        column if folded[n] not in folded[:n] else f"{column} (column {n + 1})"
        for n, column in enumerate(table.column_names)
    ]
    numbered = table.rename_columns(unique).append_column(ROW_COLUMN, pa.array(range(len(table))))
    backend = connected()
    backend.con.register(_NAME, numbered)
    return OpenSource(name, "frame", backend, backend.table(_NAME), None, doubled, place=place)


def _of_arrow(source: Any, name: str) -> Any:
    import pyarrow as pa

    try:
        table = source if isinstance(source, pa.Table) else pa.table(source)
    except (pa.ArrowException, TypeError, ValueError) as error:
        what = said("source.no_frame", why=error)
        raise refuse(name, said("place.source"), what, said("source.frames")) from error
    plain = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(plain, names=table.column_names)


def _of_pandas(frame: Any) -> tuple[Any, Sequence[Any]]:
    """The columns, an index that has a name among them; and what pandas calls its rows."""
    import pyarrow as pa

    labels = list(frame.index)
    names = [name for name in frame.index.names if name is not None and name not in frame.columns]
    if names:
        frame = frame.reset_index(names)
    columns = [column_of(frame.iloc[:, place]) for place in range(frame.shape[1])]
    titles = [str(name) for name in frame.columns]
    if frame.attrs.get(SIMULATED) and "origin" not in titles:
        columns.append(pa.array([SIMULATED] * len(frame), pa.string()))
        titles.append("origin")
    return pa.table(columns, names=titles), labels


def column_of(values: Any) -> Any:
    """A column of Arrow's: of one type where the values have one, else of texts."""
    import pyarrow as pa

    if type(getattr(values, "dtype", None)).__name__ == "PeriodDtype":
        values = values.astype(str)  # Arrow would count days since 1970
    try:
        column = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array(texts(values), pa.string())
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column


def texts(values: Iterable[Any]) -> list[str | None]:
    """Values of several types as a person would write each of them; None for a gap."""
    return [text_of(value) for value in values]


def text_of(value: Any) -> str | None:
    """One value: 5 for 5.0, 2026-10-05 for its midnight; None for a gap."""
    if value is None or type(value).__name__ == "NAType":  # pandas', of which nothing can be asked
        return None
    if value != value:  # noqa: PLR0124  not a number is not itself
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        midnight = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)
