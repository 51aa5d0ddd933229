"""Rows with their scores, as every aggregate needs them: those asked for, missing scores as 0.

Owns the first step of each expression, for every engine. Sums nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from analysis.period import Period
    from analysis.reading.layout import Responses, Scales

SATISFIED_FROM: Final = 4
"""Scores from here count as satisfied (hài lòng, rất hài lòng), where nothing else is said."""

STARTS: Final = "_from"
"""The column that says from which score on a row's questionnaire counts as satisfied."""

FLAGGED: Final = "_flagged"
LATE: Final = "_late"
DATED: Final = "_dated"
"""Columns beside the items, which no item can be called."""

Span: TypeAlias = Literal["month", "day"]

_NO_LIMIT: Final = 1 << 62
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Only:
    """Which answers are wanted: of one questionnaire (id@version), of one office, or all."""

    questionnaire: str | None = None
    office: str | None = None


EVERYTHING: Final = Only()


@dataclass(frozen=True, slots=True)
class Mark:
    """Answers to be counted as flagged, beside those whose `flag` is set.

    All of an office's sector on a day, or only those whose scores to every item are `sheet`
    (None for no score).
    """

    office: str
    sector: str
    day: date
    sheet: tuple[tuple[str, int | None], ...] = ()


def chosen(responses: Responses, period: Period, only: Only) -> Any:
    """The rows asked for. Dates kept as ISO text compare as text does."""
    rows = responses.table
    day = rows.answered_on
    first, last = period.first, period.last
    if day.type().is_string():
        rows = rows.filter(day.between(first.isoformat(), last.isoformat()))
    else:
        rows = rows.filter(day.between(first, last))
    if only.questionnaire is not None:
        rows = rows.filter(rows.questionnaire == only.questionnaire)
    if only.office is not None:
        rows = rows.filter(rows.office == only.office)
    return rows


def scored(
    rows: Any,
    keys: Sequence[str],
    items: Sequence[str],
    marks: Sequence[Mark] = (),
    scales: Scales | None = None,
) -> Any:
    """Scores with 0 for none: engines compute without missing values several times faster.

    Beside the keys, `_flagged`: a screening rule or one of the marks is about the row; `_late`: it
    arrived after its period was closed; where `scales` are given, `_from`.
    """
    import ibis

    starts = {key: scale.satisfied_from for key, scale in (scales or {}).items()}
    start = ibis.literal(SATISFIED_FROM, "int16")
    for key, satisfied_from in starts.items():
        mine = (rows.questionnaire == key).fill_null(False)
        start = ibis.ifelse(mine, ibis.literal(satisfied_from, "int16"), start)

    nothing = ibis.literal(0, "int16")
    flagged = (rows.flag != "").fill_null(False)
    if marks:
        flagged = flagged | _marked(rows, marks)
    return rows.select(
        **{key: rows[key] for key in keys},
        **{FLAGGED: flagged, LATE: rows.late},
        **({STARTS: start} if starts else {}),
        **{item: ibis.coalesce(rows[item], nothing) for item in items},
    )


def _marked(rows: Any, marks: Sequence[Mark]) -> Any:
    """Whether a row is one of those meant: a text of its place, day and scores is in a list.

    One list for each set of items keeps the expression flat, however many marks there are.
    """
    wanted: dict[tuple[str, ...], list[str]] = {}
    for mark in marks:
        scores = (str(score or 0) for _, score in mark.sheet)
        parts = (mark.office, mark.sector, f"{mark.day:%Y%m%d}", *scores)
        wanted.setdefault(tuple(item for item, _ in mark.sheet), []).append(_BETWEEN.join(parts))
    found = None
    for items, texts in wanted.items():
        text = rows.office + _BETWEEN + rows.sector + _BETWEEN
        text = text + _date_number(rows, "day").cast("string")
        for item in items:
            text = text + _BETWEEN + rows[item].fill_null(0).cast("string")
        here = text.isin(texts).fill_null(False)
        found = here if found is None else found | here
    return found


def dated(rows: Any, span: Span) -> Any:
    """The rows with their month or day as a number, 202610 or 20261005, in column `_dated`."""
    return rows.mutate(**{DATED: _date_number(rows, span)})


def _date_number(rows: Any, span: Span) -> Any:
    day = rows.answered_on
    if day.type().is_string():
        month = day.substr(0, 4) + day.substr(5, 2)
        return (month if span == "month" else month + day.substr(8, 2)).cast("int32")
    number = day.year().cast("int32") * 100 + day.month().cast("int32")
    return number if span == "month" else number * 100 + day.day().cast("int32")


def date_text(number: int) -> str:
    """202610 as "2026-10", 20261005 as "2026-10-05"."""
    text = str(number)
    return "-".join(filter(None, (text[:4], text[4:6], text[6:])))


def barrier(rows: Any, responses: Responses) -> Any:
    """Keep an engine that works row by row from computing a column anew at each of its uses.

    SQLite and PostgreSQL put a subquery's expressions in place of its columns, unless it has a
    limit. DuckDB computes an expression once, and a limit would stop its threads.
    """
    return rows.limit(_NO_LIMIT) if responses.source.kind == "database" else rows


def number_type(responses: Responses) -> str:
    """The type that an engine counts in fastest; whole numbers below 2^53 are exact in both.

    DuckDB looks for overflow at each sum of integers, not at those of doubles.
    """
    return "float64" if responses.source.kind in ("csv", "parquet") else "int32"


def times(rows: Any, condition: Any, responses: Responses) -> Any:
    """In how many rows the condition holds, in the way that is quickest for the engine.

    A database counts faster than it casts and sums; DuckDB the other way round.
    """
    if responses.source.kind == "database":
        return rows.count(where=condition)
    return condition.cast(number_type(responses)).sum()


def satisfied_from(rows: Any) -> Any:
    """The score from which on the answers of `scored` rows are satisfied ones."""
    return rows[STARTS] if STARTS in rows.columns else SATISFIED_FROM


def satisfied(rows: Any, item: str, number: str = "int32") -> Any:
    """1 where the score of an item is a satisfied one, else 0."""
    return (rows[item] >= satisfied_from(rows)).cast(number)


def given(score: Any, number: str = "int32") -> Any:
    """1 where there is a score, else 0."""
    return (score > 0).cast(number)


def total(columns: Sequence[Any], number: str = "int32") -> Any:
    """The sum of columns, row by row."""
    found = columns[0]
    for column in columns[1:]:
        found = found + column
    return found.cast(number)


def respondents(rows: Any, blocks: Mapping[str, Sequence[str]], number: str = "int32") -> Any:
    """Per respondent and block: satisfied answers, answers given, sum of scores."""
    columns = {}
    for name, block in blocks.items():
        scores = [rows[item] for item in block]
        columns[f"{name}_y"] = total([satisfied(rows, item, number) for item in block], number)
        columns[f"{name}_m"] = total([given(score, number) for score in scores], number)
        columns[f"{name}_t"] = total(scores, number)
    return rows.mutate(**columns)
