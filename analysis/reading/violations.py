"""Which rows break a rule: their place in the source and their value, at most twenty of a kind.

Owns finding and saying the place of a row. The rules themselves belong to `columns`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from analysis.problems import Problem, said
from analysis.reading.columns import Rule, as_text
from analysis.reading.delimited import row_numbers
from analysis.reading.sources import FILE_COLUMN, ROW_COLUMN, Source, run
from questionnaires import keys
from questionnaires.told import Told, joined, number_of

LISTED: Final = 20
"""Rows named for one kind of problem; the others are counted."""


def in_column(column: str) -> Told:
    """The place of something wrong with a column."""
    return said("place.column", column=column)


def more(name: str, place: str, count: int, remedy: Told) -> Problem:
    """The line that counts what is not listed."""
    return Problem(name, place, said("row.more", count=number_of(count)), remedy)


_DAMAGE: Final = {
    "MISSING COLUMNS": ("row.few_cells", "row.fill_separators"),
    "TOO MANY COLUMNS": ("row.many_cells", "row.quote_texts"),
    "UNQUOTED VALUE": ("row.open_quote", "row.double_quotes"),
    "INVALID ENCODING": ("file.not_utf8", "row.save_file"),
    "LINE SIZE OVER MAXIMUM": ("row.too_long", "row.quotes_above"),
}


def damage(source: Source, damaged: Sequence[tuple[int, str]]) -> Iterator[Problem]:
    """A problem for each row that the engine could not read."""
    for line, kind in damaged[:LISTED]:
        what, remedy = _DAMAGE.get(kind, ("row.unread", "row.correct"))
        where = said("place.row", row=line)
        yield Problem(source.name, where, said(what, kind=kind.lower()), said(remedy))
    if len(damaged) > LISTED:
        hidden, remedy = len(damaged) - LISTED, said("row.correct_all")
        yield more(source.name, said("place.rows"), hidden, remedy)


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
            where = joined((place(row), in_column(rule.column)), ", ")
            what = said(rule.what, value=_shown(row))
            yield Problem(source.name, where, what, rule.remedy)
    for kind in listed:
        same = [rule for rule in rules if rule.kind == kind]
        hidden = sum(totals[rule.name] for rule in same) - listed[kind]
        if hidden:
            columns = ", ".join(f"'{rule.column}'" for rule in same)
            where = said("place.listed", columns=columns)
            yield more(source.name, where, hidden, same[0].remedy)


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
        where = joined((place(place_row) for place_row in rows), "; ")
        what = said("row.repeated", id=row["id"], times=row["times"], where=where)
        yield Problem(source.name, in_column("response_id"), what, said("row.keep_response"))
    (total,) = run(source, counts.aggregate(n=counts.count()))
    hidden = total["n"] - len(found)
    if hidden:
        yield more(source.name, in_column("response_id"), hidden, said("row.keep_response"))


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
        return lambda row: said("place.row", row=numbers.row(row["position"]))
    if source.in_files:
        return lambda row: source.row_of_file(row["file"], row["position"])
    return lambda row: said("place.response", id=row["id"])


def _shown(row: dict[str, Any]) -> str:
    value = row["value"]
    return said("name.empty") if value is None else keys.quoted(value)
