"""What other programs do to a table without changing what it says is taken back before the checks.

Owns the forms that stand for the same: a column of nothing at the end, '5.0' for 5, two spellings
of one name. Must not judge values: that is for the layouts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from analysis.errors import LayoutError, Problem, said
from analysis.input.sources import UNNAMED, OpenSource, run
from questionnaires import keys
from questionnaires.bilingual import joined, number_of

MOST_COLUMNS: Final = 500
"""Besides the fixed ones: five questionnaires of a hundred items; more is another table."""

_NAMES: Final = 10_000  # different ones; more are no names of places


def tidied(source: OpenSource, known: Collection[str], names: Collection[str]) -> OpenSource:
    """The same source, each value in the form that the layouts know.

    `known`: the fixed columns, all others hold numbers; `names`: those of them that name something.
    LayoutError where it has more columns than any questionnaires together.
    """
    others = [name for name in source.columns if name not in known]
    if len(others) > MOST_COLUMNS:
        what = said("layout.many_columns", count=number_of(len(others)))
        remedy = said("layout.keep_questions", most=MOST_COLUMNS)
        raise LayoutError([Problem(source.name, said("place.columns"), what, remedy)])
    source = replace(source, table=_typed(source))
    source = replace(source, table=_retyped(source, known))
    source = replace(source, table=source.table.drop(*_unused(source)))
    columns = source.columns
    table = source.table
    changed = {
        name: whole_number(table[name])
        for name in columns
        if (name not in known or name == "late") and table[name].type().is_string()
    }
    for name in (name for name in columns if name in names):
        if spelled := _spellings(source, name):
            changed[name] = source.table[name].cast("string").substitute(spelled)
    return replace(source, table=source.table.mutate(**changed)) if changed else source


def look_alikes(source: OpenSource, names: Collection[str]) -> Iterator[Problem]:
    """A problem for each group of names of one column that differ and look the same."""
    for name in (name for name in source.columns if name in names):
        # Spaces around a name are told by the layout, row by row.
        for group in keys.look_alikes({text.strip() for text in _distinct(source, name)}):
            yield alike(source.name, said("place.column", column=name), group)


def alike(file: str, place: str, group: tuple[str, ...]) -> Problem:
    """The problem of names that look the same and are not."""
    first, second = group[:2]
    listed = joined(map(keys.quoted, group), said("layout.and"))
    what = said("layout.alike", names=listed, difference=keys.difference(first, second))
    return Problem(file, place, what, said("layout.write_one"))


def _typed(source: OpenSource) -> Any:
    """A column of no type holds nothing: then it is an empty text, and judged as one."""
    import ibis

    empty = {
        name: ibis.null("string")
        for name, dtype in source.table.schema().items()
        if dtype.is_null() or (dtype.is_unknown() and "NULL" in str(dtype))
    }
    return source.table.mutate(**empty) if empty else source.table


def _retyped(source: OpenSource, known: Collection[str]) -> Any:
    """Columns of a type that says the same: what pandas and SPSS make of days, truths and codes.

    Midnights are days, 0 and 1 are truths, texts of which there is none are no numbers, and a
    procedure's code (1.012750) that became a number has its six decimals again.
    """
    import ibis

    table, doubtful = source.table, {}
    for name, dtype in table.schema().items():
        column = table[name]
        if name == "answered_on" and dtype.is_timestamp() and dtype.timezone is None:
            doubtful[name] = (column != column.truncate("D"), column.cast("date"))
        elif name == "late" and dtype.is_numeric():
            doubtful[name] = (~column.isin([0, 1]), column == 1)
        elif name in known and dtype.is_floating():
            empty = (column.notnull() & ~column.isnan(), ibis.null("string"))
            code = (column < 0, _code(column))
            doubtful[name] = code if name == "procedure" else empty
    if not doubtful:
        return table
    broken = {name: wrong.fill_null(False).sum() for name, (wrong, _) in doubtful.items()}
    (found,) = run(source, table.aggregate(**broken))
    return table.mutate(**{name: to for name, (_, to) in doubtful.items() if not found[name]})


def _code(column: Any) -> Any:
    return column.nullif(float("nan")).cast("decimal(12, 6)").cast("string")


def _unused(source: OpenSource) -> list[str]:
    """Columns without a name that hold nothing, or the numbers of the rows.

    Separators at the end of a row make the ones, pandas' index the other.
    """
    start = UNNAMED.split("{", maxsplit=1)[0]
    unnamed = [name for name in source.columns if name.startswith(start)]
    index = [name for name in source.columns if name == _PANDAS_INDEX]
    if not unnamed:
        return index
    table = source.table
    counts = {name: table[name].nullif("").count() for name in unnamed}
    first = table[unnamed[0]].try_cast("int64") if source.kind == "csv" else None
    if first is not None:
        counts |= {"_least": first.min(), "_most": first.max(), "_many": first.nunique()}
    (found,) = run(source, table.aggregate(_rows=table.count(), **counts))
    empty = [name for name in unnamed if not found[name]]
    numbers = (0, found["_rows"] - 1, found["_rows"])
    if first is not None and (found["_least"], found["_most"], found["_many"]) == numbers:
        index.append(unnamed[0])
    return [*index, *empty]


_PANDAS_INDEX: Final = "__index_level_0__"


def whole_number(column: Any) -> Any:
    """A text column as whole numbers are written: without '.0' or '.00'; 'NaN' is empty.

    pandas writes integers with gaps as 5.0 and NaN, SPSS as 5.00. Not '.000': in Vietnam 1.000 is
    a thousand.
    """
    short = column
    for zeros in (".00", ".0"):
        ends = column.endswith(zeros) & (column.length() > len(zeros))
        short = ends.ifelse(column.substr(0, column.length() - len(zeros)), short)
    return short.nullif("NaN").nullif("nan")


def _spellings(source: OpenSource, name: str) -> Mapping[str, str]:
    """Names as they are written -> in their normal form, where that is another.

    Plain spaces around a name are left to the layout, which refuses them.
    """
    return {
        written: keys.normal(written)
        for written in _distinct(source, name)
        if written == written.strip(" \t") and keys.normal(written) not in ("", written)
    }


def _distinct(source: OpenSource, name: str) -> list[str]:
    column = source.table.select(value=source.table[name].cast("string")).distinct()
    found = run(source, column.limit(_NAMES + 1))
    values = [row["value"] for row in found if row["value"]]
    return values if len(found) <= _NAMES else []
