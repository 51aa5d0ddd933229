"""The published responses layout, version 1: reading it from any source, whole or not at all.

Owns `Responses`, the checks of rows, and saying where a wrong row stands. The rules of a value are
in `columns`, totals in `moments`, dossiers in `population`.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from analysis.errors import LayoutError, Problem, said
from analysis.input.columns import (
    ITEM_NAME,
    Rule,
    as_score,
    as_text,
    as_truth,
    item_columns,
    rules_of,
    type_fault,
)
from analysis.input.files import row_numbers
from analysis.input.opening import open_source
from analysis.input.sources import FILE_COLUMN, ROW_COLUMN, UNNAMED, OpenSource, damaged_rows, run
from analysis.input.tidying import look_alikes, tidied
from questionnaires import keys
from questionnaires.layout import COLUMNS, RECHECK
from questionnaires.sentences import Told, joined, number_of

if TYPE_CHECKING:
    from questionnaires import Questionnaire

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


def damage(source: OpenSource, damaged: Sequence[tuple[int, str]]) -> Iterator[Problem]:
    """A problem for each row that the engine could not read."""
    for line, kind in damaged[:LISTED]:
        what, remedy = _DAMAGE.get(kind, ("row.unread", "row.correct"))
        where = said("place.row", row=line)
        yield Problem(source.name, where, said(what, kind=kind.lower()), said(remedy))
    if len(damaged) > LISTED:
        hidden, remedy = len(damaged) - LISTED, said("row.correct_all")
        yield more(source.name, said("place.rows"), hidden, remedy)


def list_rows(
    source: OpenSource, rules: Sequence[Rule], totals: Mapping[str, int], damaged: Sequence[int]
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


def duplicated(source: OpenSource, damaged: Sequence[int]) -> Iterator[Problem]:
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


def _broken_rows(source: OpenSource, broken: Any, column: str, limit: int) -> list[dict[str, Any]]:
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


def _placer(source: OpenSource, damaged: Sequence[int]) -> Callable[[dict[str, Any]], str]:
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


_NAMES: Final = ("questionnaire", "office", "sector")
_MANY: Final = 1000
_HASHED: Final = ("csv", "parquet")  # DuckDB's hash has 64 bits; the others' have too few, or none
_DAYS: Final = 130_000  # more distinct dates than three centuries have: some must be wrong


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """Scores from 1 to `size`; those from `satisfied_from` on are satisfied."""

    size: int = 5
    satisfied_from: int = 4


USUAL: Final = ScoreScale()
"""Of a questionnaire that is not known."""

Scales = Mapping[str, ScoreScale]
"""By questionnaire, where it is not the usual one."""


def scales_of(questionnaires: Mapping[str, Questionnaire]) -> dict[str, ScoreScale]:
    """The scales that are not the usual one."""
    every = {
        key: ScoreScale(one.scale.size, one.scale.satisfied_from)
        for key, one in questionnaires.items()
    }
    return {key: scale for key, scale in every.items() if scale != USUAL}


@dataclass(frozen=True, slots=True)
class Responses:
    """Responses that keep to the layout, still in their engine.

    `table`: of people who chose to answer. Answers of the random re-check are a sample of their
    own: they are `rechecked`, apart, so that nothing adds them to the others by mistake; None where
    there are none. `table` has the columns of the layout: text, except the items (small integers,
    missing where there is no score), `answered_on` (a date, or ISO text where the engine stores
    text) and `late` (a truth). `answers` counts the answers to each item of `table`, per
    questionnaire and over all periods; it names no item where they have not been counted (a trusted
    source). `scales`: of questionnaires that do not rate from 1 to 5, satisfied from 4. `offices`:
    whose responses alone these are (`of`).
    """

    name: str
    table: Any
    items: tuple[str, ...]
    answers: Mapping[str, Mapping[str, int]]
    source: OpenSource = field(repr=False)
    scales: Scales = field(default_factory=dict)
    offices: frozenset[str] | None = None
    rechecked: Responses | None = None

    def knowing(self, questionnaires: Mapping[str, Questionnaire]) -> Responses:
        """The same responses, each questionnaire on the scale that it has here."""
        present = {key: questionnaires[key] for key in self.answers if key in questionnaires}
        asked = self.rechecked and self.rechecked.knowing(questionnaires)
        return replace(self, scales=scales_of(present), rechecked=asked)

    def of(self, offices: frozenset[str]) -> Responses:
        """The responses of these offices alone, and what was chosen there."""
        kept = self.table.filter(self.table.office.isin(sorted(offices)))
        asked = self.rechecked and self.rechecked.of(offices)
        return replace(self, table=kept, rechecked=asked, offices=offices)

    def close(self) -> None:
        """Give back the engine's connection and files."""
        self.source.close()

    def __enter__(self) -> Responses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_responses(
    source: str | Path,
    *,
    trusted: bool = False,
    questionnaires: Mapping[str, Questionnaire] | None = None,
) -> Responses:
    """Open a CSV, a Parquet file or folder, a database URL (its view `responses`) or spark://….

    Every row is checked first, and nothing is kept where one breaks the layout: LayoutError then
    lists all problems, at most 20 rows of a kind. `trusted` leaves the row checks out; it is for
    an office's own database, whose answers were checked when they came in. `questionnaires` say
    which scores there are; those of one that is not among them go from 1 to 5.
    """
    opened = open_source(source, "responses", COLUMNS)
    try:
        return _read(opened, trusted, scales_of(questionnaires or {})).knowing(questionnaires or {})
    except BaseException:
        opened.close()
        raise


def _read(source: OpenSource, trusted: bool, scales: Scales) -> Responses:
    if not trusted:
        source = tidied(source, COLUMNS, _NAMES)
    faults = [*_column_faults(source), *_type_faults(source)]
    if not faults and not trusted:
        faults += look_alikes(source, _NAMES)
    if faults:
        raise LayoutError(faults)
    items = item_columns(source)
    sizes = {key: scale.size for key, scale in scales.items()}
    found = _present(source) if trusted else _checked(source, items, sizes)
    rows = _typed(source, items)

    def those(table: Any, asked: bool) -> Responses:
        counted = {
            str(row["questionnaire"]): {
                item: row[f"answers__{item}"] for item in ([] if trusted else items)
            }
            for row in found
            if bool(row[_ASKED]) == asked
        }
        return Responses(source.name, table, items, counted, source)

    if not any(row[_ASKED] for row in found):  # nothing is filtered that is not there
        return those(rows, asked=False)
    asked = those(rows.filter(rows.channel == RECHECK), asked=True)
    return replace(those(rows.filter(rows.channel != RECHECK), asked=False), rechecked=asked)


_ASKED: Final = "_asked"
"""Whether rows are of the random re-check."""


def _asked(table: Any) -> Any:
    return (as_text(table.channel) == RECHECK).fill_null(False)


def _present(source: OpenSource) -> list[dict[str, Any]]:
    """The questionnaires of a trusted source, their answers uncounted."""
    table = source.table
    rows = table.select(questionnaire=table.questionnaire, **{_ASKED: _asked(table)})
    return run(source, rows.distinct())


def _checked(
    source: OpenSource, items: Sequence[str], sizes: Mapping[str, int]
) -> list[dict[str, Any]]:
    rules = tuple(rules_of(source.table, tuple(items), sizes))
    counted = _count(source, items, rules)
    problems = list(_row_faults(source, rules, counted))
    if problems:
        raise LayoutError(problems)
    return counted


def _column_faults(source: OpenSource) -> Iterator[Problem]:
    columns, name = source.columns, source.name
    if not set(columns) & set(COLUMNS):
        remedy = said("layout.write_header", columns=", ".join(COLUMNS))
        yield Problem(name, said("place.row", row=1), said("layout.no_header"), remedy)
        return
    meant = {missing: _meant(missing, columns) for missing in COLUMNS if missing not in columns}
    for missing, near in meant.items():
        remedy = said("layout.rename_near", near=near) if near else said("layout.add")
        yield Problem(name, in_column(missing), said("layout.missing"), remedy)
    for column in source.duplicates:
        yield Problem(name, in_column(column), said("layout.doubled"), said("layout.keep_one"))
    yield from _stray_columns(source, set(meant.values()))
    if not item_columns(source):
        what, remedy = said("layout.no_item"), said("layout.add_items")
        yield Problem(name, said("place.columns"), what, remedy)


def _meant(missing: str, columns: Sequence[str]) -> str | None:
    others = [column for column in columns if column not in COLUMNS]
    near = difflib.get_close_matches(missing, [column.lower() for column in others], n=1)
    return next((column for column in others if [column.lower()] == near), None)


def _stray_columns(source: OpenSource, meant: set[str | None]) -> Iterator[Problem]:
    """Further columns that are no items; those said to be meant or doubled are not told again."""
    doubled = tuple(f"{name} (" for name in source.duplicates)
    for column in source.columns:
        told = column in meant or column.lower().startswith(doubled)
        if column in COLUMNS or ITEM_NAME.fullmatch(column) or told:
            continue
        if column.startswith(UNNAMED.split("{", maxsplit=1)[0]):
            what, remedy = said("layout.no_name"), said("layout.name_it")
            yield Problem(source.name, column.strip("()"), what, remedy)
            continue
        what, remedy = said("layout.stray"), said("layout.rename_item")
        yield Problem(source.name, in_column(column), what, remedy)


def _type_faults(source: OpenSource) -> Iterator[Problem]:
    for column, dtype in source.table.schema().items():
        fault = type_fault(column, dtype) if column in source.columns else None
        if fault:
            yield Problem(source.name, in_column(column), *fault)


def _count(source: OpenSource, items: Sequence[str], rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """One pass: per questionnaire, re-check apart, its responses, answers and broken rules."""
    table = source.table
    totals = {"n": table.count()}
    totals |= {f"answers__{item}": _filled(table[item]).count() for item in items}
    totals |= {rule.name: rule.broken.sum() for rule in rules}
    # an engine skips columns that are not asked for, and what is damaged in them
    totals |= {f"read__{name}": table[name].count() for name in ("procedure", "flag")}
    keys = {"questionnaire": as_text(table.questionnaire), _ASKED: _asked(table)}
    grouped = table.group_by(**keys).aggregate(**totals)
    rows: list[dict[str, Any]] = run(source, grouped.limit(_MANY + 1))
    return rows


def _filled(column: Any) -> Any:
    return column.nullif("") if column.type().is_string() else column


def _row_faults(
    source: OpenSource, rules: Sequence[Rule], counted: list[dict[str, Any]]
) -> Iterator[Problem]:
    damaged = damaged_rows(source)
    yield from damage(source, damaged)
    if len(counted) > _MANY:
        what, remedy = said("layout.many_values", most=_MANY), said("layout.swapped")
        yield Problem(source.name, in_column("questionnaire"), what, remedy)
        return
    totals = {rule.name: sum(row[rule.name] or 0 for row in counted) for rule in rules}
    lines = [line for line, _ in damaged]
    yield from list_rows(source, [rule for rule in rules if totals[rule.name]], totals, lines)
    yield from _date_faults(source, lines)
    if _maybe_duplicated(source, counted):
        yield from duplicated(source, lines)


def _maybe_duplicated(source: OpenSource, counted: list[dict[str, Any]]) -> bool:
    """Whether equal ids cannot be ruled out: equal ids have equal hashes, the reverse is rare.

    A query of its own, of this form: the engine takes it by way of the disk where ids are many.
    """
    if source.kind not in _HASHED:
        return True
    hashes = source.table.select(hash=source.table.response_id.hash()).distinct()
    (row,) = run(source, hashes.aggregate(ids=hashes.count()))
    return bool(row["ids"] < sum(one["n"] for one in counted))


def _date_faults(source: OpenSource, lines: Sequence[int]) -> Iterator[Problem]:
    """Dates kept as text are few: the distinct ones are looked at one by one."""
    column = source.table.answered_on
    if not column.type().is_string():
        return
    distinct = source.table.select(day=as_text(column)).distinct().limit(_DAYS)
    wrong = [row["day"] for row in run(source, distinct) if not _is_day(row["day"])]
    if not wrong:
        return
    text = as_text(column)
    broken = text.isnull() | text.isin([day for day in wrong if day is not None][:_MANY])
    (row,) = run(source, source.table.aggregate(n=broken.fill_null(False).sum()))
    remedy = said("row.write_date")
    rule = Rule("answered_on", broken.fill_null(False), "row.date", remedy, "date")
    yield from list_rows(source, [rule], {rule.name: row["n"]}, lines)


def _is_day(text: str | None) -> bool:
    if text is None or len(text) != 10:
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _typed(source: OpenSource, items: Sequence[str]) -> Any:
    table = source.table
    texts = [name for name in COLUMNS if name not in ("answered_on", "late")]
    columns = {name: table[name].cast("string") for name in texts}
    scores = {item: as_score(table[item]) for item in items}
    return table.select(
        **columns, answered_on=table.answered_on, late=as_truth(table.late), **scores
    )
