"""Which rows break a rule: their place in the source and their value, at most twenty of a kind.

Owns finding and saying the place of a row. The rules themselves belong to `columns`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from analysis.problems import Problem
from analysis.reading.columns import Rule, as_text
from analysis.reading.delimited import row_numbers
from analysis.reading.sources import FILE_COLUMN, ROW_COLUMN, Source, run
from questionnaires import keys

LISTED: Final = 20
"""Rows named for one kind of problem; the others are counted."""


def more(name: str, place: str, count: int, remedy: str) -> Problem:
    """The line that counts what is not listed."""
    return Problem(name, place, f"{count:,} more like these", remedy)


_DAMAGE: Final = {
    "MISSING COLUMNS": ("it has too few columns", "fill in the missing separators"),
    "TOO MANY COLUMNS": ("it has too many columns", "put texts with a separator in quotes"),
    "UNQUOTED VALUE": ("a quotation mark is not closed", "double the marks inside a text"),
    "INVALID ENCODING": ("it is not UTF-8 text", "save the file as 'CSV UTF-8'"),
    "LINE SIZE OVER MAXIMUM": ("it is too long", "check the quotation marks above it"),
}


def damage(source: Source, damaged: Sequence[tuple[int, str]]) -> Iterator[Problem]:
    """A problem for each row that the engine could not read."""
    for line, kind in damaged[:LISTED]:
        what, remedy = _DAMAGE.get(kind, (f"it cannot be read ({kind.lower()})", "correct it"))
        yield Problem(source.name, f"row {line}", what, remedy)
    if len(damaged) > LISTED:
        yield more(source.name, "rows", len(damaged) - LISTED, "correct them all")


def list_rows(
    source: Source, rules: Sequence[Rule], totals: Mapping[str, int], damaged: Sequence[int]
) -> Iterator[Problem]:
    """A problem for each row that breaks one of these rules, `LISTED` of a kind, then the count."""
    if not rules:
        return
    place = _placer(source, damaged)
    listed: Counter[str] = Counter()
    for rule in rules:
        rows = _broken_rows(source, rule.broken, rule.column, LISTED - listed[rule.kind])
        listed[rule.kind] += len(rows)
        for row in rows:
            where = f"{place(row)}, column '{rule.column}'"
            yield Problem(source.name, where, rule.what.format(value=_shown(row)), rule.remedy)
    for kind in listed:
        same = [rule for rule in rules if rule.kind == kind]
        hidden = sum(totals[rule.name] for rule in same) - listed[kind]
        if hidden:
            columns = ", ".join(f"'{rule.column}'" for rule in same)
            yield more(source.name, f"column {columns}", hidden, same[0].remedy)


def duplicated(source: Source, damaged: Sequence[int]) -> Iterator[Problem]:
    """A problem for each response id that occurs more than once."""
    table = source.table
    counts = table.group_by(id=as_text(table.response_id)).aggregate(times=table.count())
    counts = counts.filter((counts.times > 1) & counts.id.notnull())
    found = run(source, counts.order_by(counts.times.desc(), counts.id).limit(LISTED))
    if not found:
        return
    place = _placer(source, damaged)
    for row in found:
        rows = _broken_rows(source, as_text(table.response_id) == row["id"], "response_id", 3)
        where = "; ".join(place(place_row) for place_row in rows)
        what = f"'{row['id']}' occurs {row['times']} times ({where})"
        yield Problem(source.name, "column 'response_id'", what, "keep one row of each response")
    (total,) = run(source, counts.aggregate(n=counts.count()))
    hidden = total["n"] - len(found)
    if hidden:
        remedy = "keep one row of each response"
        yield more(source.name, "column 'response_id'", hidden, remedy)


def _broken_rows(source: Source, broken: Any, column: str, limit: int) -> list[dict[str, Any]]:
    import ibis

    if limit <= 0:
        return []
    table = source.table
    chosen = {"broken": broken, "value": as_text(table[column]), "id": as_text(table.response_id)}
    if source.kind == "csv":
        chosen["position"] = ibis.row_number()
        order = ["position"]
    elif source.in_files:
        chosen |= {"file": table[FILE_COLUMN], "position": table[ROW_COLUMN]}
        order = ["file", "position"]
    else:
        order = ["id"]
    rows = table.select(**chosen)
    rows = rows.filter(rows.broken).order_by(order).limit(limit)
    return run(source, rows)


def _placer(source: Source, damaged: Sequence[int]) -> Callable[[dict[str, Any]], str]:
    """How a found row is named: as a person finds it again."""
    if source.kind == "csv" and source.path is not None:
        numbers = row_numbers(Path(source.path), damaged)
        return lambda row: f"row {numbers.row(row['position'])}"
    if source.in_files:
        return lambda row: source.row_of_file(row["file"], row["position"])
    return lambda row: f"response '{row['id']}'"


def _shown(row: dict[str, Any]) -> str:
    value = row["value"]
    return "empty" if value is None else keys.quoted(value)
