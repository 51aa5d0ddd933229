"""The published responses layout, version 1: reading it from any source, whole or not at all.

Owns `Responses`, the checks of rows, and saying where a wrong row stands. The rules of a value are
in `columns`, totals in `moments`, dossiers in `population`.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from analysis.errors import LayoutError, Problem, said
from analysis.input.columns import (
    FIXED,
    ITEM_NAME,
    NOTHING_NAMED,
    Named,
    Rule,
    as_score,
    as_text,
    as_truth,
    further_columns,
    items_among,
    rules_of,
    type_fault,
)
from analysis.input.files import row_numbers
from analysis.input.opening import open_source
from analysis.input.sources import (
    FILE_COLUMN,
    ROW_COLUMN,
    UNNAMED,
    OpenSource,
    Source,
    damaged_rows,
    run,
)
from analysis.input.tidying import look_alikes, tidied
from questionnaires import OVERALL, keys, shipped
from questionnaires.bilingual import Told, joined, number_of
from questionnaires.layout import COLUMNS, RECHECK, SIMULATED

if TYPE_CHECKING:
    from analysis.input.mapping import FormMapping
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
    elif source.place is not None:
        chosen["position"] = table[ROW_COLUMN]
        order = ["position"]
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
    if (place := source.place) is not None:
        return lambda row: place(row["position"])
    return lambda row: said("place.response", id=row["id"])


def _shown(row: dict[str, Any]) -> str:
    value = row["value"]
    return said("name.empty") if value is None else keys.quoted(value)


_NAMES: Final = ("questionnaire", "office", "sector")
_MANY: Final = 1000
_SHOWN: Final = 8
_HASHED: Final = (
    "csv",
    "parquet",
    "frame",
)  # DuckDB's hash has 64 bits; the others' have too few, or none
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
    `covariates`: further columns of `table`, as text; they are no items and never count.
    `skipped`: rows of the file that a mapping leaves out. `simulated`: some are made up.
    """

    name: str
    table: Any
    items: tuple[str, ...]
    answers: Mapping[str, Mapping[str, int]]
    source: OpenSource = field(repr=False)
    scales: Scales = field(default_factory=dict)
    offices: frozenset[str] | None = None
    rechecked: Responses | None = None
    covariates: tuple[str, ...] = ()
    skipped: int = 0
    simulated: bool = False

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
    source: Source,
    *,
    trusted: bool = False,
    questionnaires: Mapping[str, Questionnaire] | None = None,
    named: Named = NOTHING_NAMED,
    mapping: FormMapping | None = None,
) -> Responses:
    """Open a file, a folder, a database URL (its view `responses`), spark://… or a table in memory.

    Every row is checked first, and nothing is kept where one breaks the layout: LayoutError then
    lists all problems, at most 20 rows of a kind. `trusted` leaves the row checks out; it is for
    an office's own database, whose answers were checked when they came in. `questionnaires` (the
    shipped ones where left out) say which columns are items and which scores there are; `named`
    says it of others, whose scores go from 1 to 5. Every further column is a covariate.

    `mapping`: of a file of another tool, or a table in memory as one, what its columns hold.
    """
    known = shipped() if questionnaires is None else questionnaires
    skipped = 0
    if mapping is None:
        opened = open_source(source, "responses", FIXED)
    else:
        opened, skipped = _mapped(source, mapping, known)
        named = Named((*mapping.items, *named.items), (*mapping.covariates, *named.covariates))
    try:
        found = _read(opened, trusted, known, named).knowing(known)
        return replace(found, skipped=skipped)
    except BaseException:
        opened.close()
        raise


def _mapped(
    source: Source, mapping: FormMapping, known: Mapping[str, Questionnaire]
) -> tuple[OpenSource, int]:
    """The answers of another tool as a source, and how many rows are none."""
    from analysis.input.cells import read_cells
    from analysis.input.mapped import apply

    found = apply(read_cells(source, mapping.sheet, mapping.heading), mapping, known)
    return found.opened(mapping), found.skipped


def _read(
    source: OpenSource, trusted: bool, known: Mapping[str, Questionnaire], named: Named
) -> Responses:
    further = further_columns(source)
    if trusted:
        return _made(source, further, (), _present(source))
    source = tidied(source, FIXED, _NAMES)
    faults = [
        *_column_faults(source, named),
        *_type_faults(source, {*FIXED, OVERALL, *named.items}),
    ]
    if not faults:
        faults += look_alikes(source, _NAMES)
    if faults:
        raise LayoutError(faults)
    further, found = further_columns(source), _present(source)
    present = {row["questionnaire"] for row in found}
    items = items_among(further, named, present, known)
    faults = [*_choice_faults(source, items, present, known, named), *_type_faults(source, items)]
    if faults:
        raise LayoutError(faults)
    sizes = {key: scale.size for key, scale in scales_of(known).items()}
    covariates = tuple(name for name in further if name not in items)
    return _made(source, items, covariates, _checked(source, items, sizes))


def _made(
    source: OpenSource,
    items: tuple[str, ...],
    covariates: tuple[str, ...],
    found: Sequence[Mapping[str, Any]],
) -> Responses:
    """The answers of people who chose to give some, and apart from them those of the re-check.

    `found`: of each questionnaire, and of whether the re-check asked it, the answers to each item
    where they were counted.
    """
    table = _typed(source, items, covariates)

    def those(rows: Any, *, asked: bool) -> Responses:
        answers = {
            str(row["questionnaire"]): {
                item: row[name] for item in items if (name := f"answers__{item}") in row
            }
            for row in found
            if bool(row[_ASKED]) == asked
        }
        return Responses(source.name, rows, items, answers, source, covariates=covariates)

    if any(row[_ASKED] for row in found):  # else nothing is filtered that is not there
        asked = those(table.filter(table.channel == RECHECK), asked=True)
        chose = those(table.filter(table.channel != RECHECK), asked=False)
        chose = replace(chose, rechecked=asked)
    else:
        chose = those(table, asked=False)
    return replace(chose, simulated=_any_of(chose, SIMULATED))


def _any_of(responses: Responses, origin: str) -> bool:
    """Whether any answer comes from there; a file that tells no origin has none."""
    table = responses.table
    if "origin" not in table.columns:
        return False
    return bool(run(responses.source, table.filter(table.origin == origin).limit(1)[["origin"]]))


_ASKED: Final = "_asked"
"""Whether rows are of the random re-check."""


def _asked(table: Any) -> Any:
    return (as_text(table.channel) == RECHECK).fill_null(False)


def _present(source: OpenSource) -> list[dict[str, Any]]:
    """The questionnaires of a source, their answers uncounted."""
    table = source.table
    rows = table.select(questionnaire=as_text(table.questionnaire), **{_ASKED: _asked(table)})
    found = run(source, rows.distinct().limit(_MANY + 1))
    return [row for row in found if row["questionnaire"]]


def _checked(
    source: OpenSource, items: Sequence[str], sizes: Mapping[str, int]
) -> list[dict[str, Any]]:
    rules = tuple(rules_of(source.table, tuple(items), sizes))
    counted = _count(source, items, rules)
    problems = list(_row_faults(source, rules, counted))
    if problems:
        raise LayoutError(problems)
    return counted


def _column_faults(source: OpenSource, named: Named) -> Iterator[Problem]:
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
    yield from _stray_columns(source, {*meant.values(), *named.covariates})
    for column in dict.fromkeys((*named.items, *named.covariates)):
        if column not in further_columns(source):
            close = difflib.get_close_matches(column, further_columns(source), n=1)
            remedy = said("layout.near", near=close[0]) if close else said("layout.name_another")
            yield Problem(name, in_column(column), said("layout.not_there"), remedy)
    if not further_columns(source):
        what, remedy = said("layout.no_item"), said("layout.add_items")
        yield Problem(name, said("place.columns"), what, remedy)


def _choice_faults(
    source: OpenSource,
    items: Sequence[str],
    present: Collection[str],
    known: Mapping[str, Questionnaire],
    named: Named,
) -> Iterator[Problem]:
    """Nothing that counts, or an item that is said to be none."""
    asked = {item for key in present if key in known for item in known[key].item_ids}
    for column in named.covariates:
        if column in asked.union(named.items):
            what, remedy = said("layout.item_and_covariate"), said("layout.one_of_both")
            yield Problem(source.name, in_column(column), what, remedy)
    if not items:
        what = said("layout.none_counts", keys=", ".join(sorted(present)[:_SHOWN]) or "–")
        columns = ", ".join(further_columns(source))
        remedy = said("layout.name_items", columns=columns)
        yield Problem(source.name, said("place.columns"), what, remedy)


def _meant(missing: str, columns: Sequence[str]) -> str | None:
    others = [column for column in columns if column not in FIXED]
    near = difflib.get_close_matches(missing, [column.lower() for column in others], n=1)
    return next((column for column in others if [column.lower()] == near), None)


def _stray_columns(source: OpenSource, meant: set[str | None]) -> Iterator[Problem]:
    """Further columns that are no items; those said to be meant or doubled are not told again."""
    doubled = tuple(f"{name} (" for name in source.duplicates)
    for column in source.columns:
        told = column in meant or column.lower().startswith(doubled)
        if column in FIXED or ITEM_NAME.fullmatch(column) or told:
            continue
        if column.startswith(UNNAMED.split("{", maxsplit=1)[0]):
            what, remedy = said("layout.no_name"), said("layout.name_it")
            yield Problem(source.name, column.strip("()"), what, remedy)
            continue
        what, remedy = said("layout.stray"), said("layout.rename_item")
        yield Problem(source.name, in_column(column), what, remedy)


def _type_faults(source: OpenSource, columns: Collection[str]) -> Iterator[Problem]:
    for column, dtype in source.table.schema().items():
        fault = type_fault(column, dtype) if column in columns else None
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


def _typed(source: OpenSource, items: Sequence[str], covariates: Sequence[str]) -> Any:
    table = source.table
    texts = [name for name in FIXED if name not in ("answered_on", "late")]
    columns = {name: table[name].cast("string") for name in texts if name in table.columns}
    scores = {item: as_score(table[item]) for item in items}
    others = {name: as_text(table[name]) for name in covariates}
    return table.select(
        **columns, answered_on=table.answered_on, late=as_truth(table.late), **scores, **others
    )
