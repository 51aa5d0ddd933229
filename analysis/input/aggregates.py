"""Sufficient statistics: the one aggregate expression, for every engine.

Owns choosing and scoring rows (missing scores as 0) and the reduction of any number of responses to
moments per cell. Knows no interval or target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from analysis.input.sources import run
from analysis.statistics.moments import Moments
from questionnaires.layout import IMPORTED

if TYPE_CHECKING:
    from analysis.input.responses import Responses, Scales
    from analysis.period import Period

__all__ = [
    "EVERYTHING",
    "SATISFIED_FROM",
    "Cell",
    "CellMoments",
    "Only",
    "Pairs",
    "crossed",
    "read_daily_moments",
    "read_moments",
    "unflagged",
]

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
class FlaggedAnswers:
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
    marks: Sequence[FlaggedAnswers] = (),
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


def _marked(rows: Any, marks: Sequence[FlaggedAnswers]) -> Any:
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
    return "float64" if responses.source.kind in ("csv", "parquet", "frame") else "int32"


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


class Cell(NamedTuple):
    """Where answers are counted together: a month ("2026-10") of an office's sector on a channel.

    `flagged`: a screening rule marked them; `late`: they arrived after their period was closed.
    """

    office: str
    sector: str
    channel: str
    flagged: bool
    month: str
    late: bool = False


CellMoments: TypeAlias = dict[Cell, dict[str, Moments]]
"""Per cell, the moments of each measure: overall | index | element:<id> | item:<id>."""

Pairs: TypeAlias = Sequence[tuple[str, str]]
"""Measures whose products with each other are wanted, each pair once."""


def crossed(first: str, second: str) -> str:
    """Where the products of two measures are found among the moments of a cell.

    There yy, ym and mm are sums of y y', y m' and m m', the first measure's y and m and the
    second's y' and m'; `n` counts the sheets, all else is 0.
    """
    return f"{first}*{second}"


def read_moments(
    responses: Responses,
    period: Period,
    blocks: Mapping[str, tuple[str, ...]],
    only: Only = EVERYTHING,
    marks: Sequence[FlaggedAnswers] = (),
    pairs: Pairs = (),
) -> dict[str, CellMoments]:
    """Reduce the responses of a period to moments per questionnaire, month and cell, by one query.

    Parameters
    ----------
    responses
        In any engine; whole numbers throughout, so that every engine gives equal results.
    period
        By the day of the answer.
    blocks
        Measure -> its items: one (`overall`, `item:c01`) or several (`index`, `element:access`).
    only
        One questionnaire's or one office's answers.
    marks
        Answers to count as flagged, beside those whose `flag` is set.
    pairs
        Measures of `blocks` to be multiplied with each other; under the names `crossed` gives, in
        both orders.

    Returns
    -------
    dict
        Only cells with responses. `n` counts them all, also those to whom nothing applied (m = 0).
    """
    rows = chosen(responses, period, only)
    if len(period.months) == 1:
        (only_month,) = period.months
        return _reduced(responses, rows, (), blocks, only, marks, pairs, only_month).get("", {})
    found: dict[str, CellMoments] = {}
    dates = _reduced(responses, dated(rows, "month"), (DATED,), blocks, only, marks, pairs)
    for month in dates.values():
        for key, cells in month.items():
            found.setdefault(key, {}).update(cells)
    return found


def read_imported(
    responses: Responses, period: Period, only: Only = EVERYTHING, *, flagged: bool = True
) -> dict[str, int]:
    """How many answers of a period were brought in from another tool, by office, where any were.

    `flagged`: whether those that a screening rule flagged are among them.
    """
    rows = chosen(responses, period, only)
    if "origin" not in rows.columns:
        return {}
    rows = rows.filter(rows.origin == IMPORTED)
    if not flagged:
        rows = rows.filter((rows.flag == "").fill_null(True))
    counts = run(responses.source, rows.group_by("office").aggregate(n=rows.count()))
    return {row["office"]: int(row["n"]) for row in counts}


def read_daily_moments(
    responses: Responses,
    period: Period,
    blocks: Mapping[str, tuple[str, ...]],
    only: Only = EVERYTHING,
    marks: Sequence[FlaggedAnswers] = (),
    pairs: Pairs = (),
) -> dict[str, dict[str, CellMoments]]:
    """`read_moments` for every day ("2026-10-05") with responses, by one query."""
    rows = dated(chosen(responses, period, only), "day")
    return _reduced(responses, rows, (DATED,), blocks, only, marks, pairs)


def unflagged(found: Mapping[str, CellMoments]) -> dict[str, CellMoments]:
    """Only the cells of answers that no screening rule flagged."""
    return {
        key: {cell: measures for cell, measures in cells.items() if not cell.flagged}
        for key, cells in found.items()
    }


def _reduced(
    responses: Responses,
    rows: Any,
    when: tuple[str, ...],
    blocks: Mapping[str, tuple[str, ...]],
    only: Only,
    marks: Sequence[FlaggedAnswers],
    pairs: Pairs = (),
    month: str = "",
) -> dict[str, dict[str, CellMoments]]:
    """Moments by date ("" where there is none, all of `month`), questionnaire and cell."""
    present = [only.questionnaire] if only.questionnaire else list(responses.answers)
    keys = (*when, *_PLACE) if len(present) == 1 else (*when, "questionnaire", *_PLACE)
    items = sorted({item for block in blocks.values() for item in block})
    multiplied = {name for pair in pairs for name in pair}
    several = [block for name, block in blocks.items() if len(block) > 1 or name in multiplied]
    names = {block: f"_block{number}" for number, block in enumerate(several)}
    rows = barrier(scored(rows, keys, items, marks, responses.scales), responses)
    number = number_type(responses)
    rows = respondents(rows, {name: block for block, name in names.items()}, number)
    if names:
        rows = barrier(rows, responses)
    sums = {"n": rows.count()} | _item_sums(rows, items, responses)
    sums |= _block_sums(rows, list(names.values()), responses)
    readers = {
        measure: _block_reader(names[block], block) if block in names else _item_reader(block[0])
        for measure, block in blocks.items()
    }
    for first, second in pairs:
        sums |= _pair_sums(rows, names[blocks[first]], names[blocks[second]])
        for one, other in ((first, second), (second, first)):
            readers[crossed(one, other)] = _pair_reader(names[blocks[one]], names[blocks[other]])
    found: dict[str, dict[str, CellMoments]] = {}
    for row in run(responses.source, rows.group_by(*keys, FLAGGED, LATE).aggregate(**sums)):
        date = date_text(row[DATED]) if when else ""
        place = (row["office"], row["sector"], row["channel"])
        cell = Cell(*place, bool(row[FLAGGED]), date[:7] or month, bool(row[LATE]))
        cells = found.setdefault(date, {}).setdefault(row.get("questionnaire", present[0]), {})
        cells[cell] = {measure: read(row) for measure, read in readers.items()}
    return found


_PLACE: Final = ("office", "sector", "channel")


def _item_sums(rows: Any, items: Sequence[str], responses: Responses) -> dict[str, Any]:
    """Four sums fix all moments of an item, as nobody gives it more than one answer."""
    sums = {}
    for item in items:
        score = rows[item]
        sums[f"{item}__m"] = times(rows, score > 0, responses)
        sums[f"{item}__y"] = times(rows, score >= satisfied_from(rows), responses)
        sums[f"{item}__t"] = score.sum()
        sums[f"{item}__tt"] = (score * score).sum()
    return sums


def _block_sums(rows: Any, names: Sequence[str], responses: Responses) -> dict[str, Any]:
    """Squares and products; the plain sums of a block are those of its items together."""
    sums = {}
    for name in names:
        y, m, t = (rows[f"{name}_{letter}"] for letter in "ymt")
        sums[f"{name}__some"] = times(rows, m > 0, responses)
        for key, product in (("yy", y * y), ("ym", y * m), ("mm", m * m)):
            sums[f"{name}__{key}"] = product.sum()
        for key, product in (("tt", t * t), ("tm", t * m)):
            sums[f"{name}__{key}"] = product.sum()
    return sums


def _pair_sums(rows: Any, first: str, second: str) -> dict[str, Any]:
    """Sums of products of two blocks' y and m, each product once."""
    columns = ((a, b) for a in (f"{first}_y", f"{first}_m") for b in (f"{second}_y", f"{second}_m"))
    return {_product(a, b): (rows[a] * rows[b]).sum() for a, b in columns}


def _product(one: str, other: str) -> str:
    return "__".join(sorted((one, other)))


_Reader: TypeAlias = Callable[[Mapping[str, Any]], Moments]


def _item_reader(item: str) -> _Reader:
    """Moments of an item from a row of sums: y and m are 0 or 1, and so are their products."""
    given_, satisfied_, total_, squares_ = (f"{item}__{key}" for key in ("m", "y", "t", "tt"))

    def read(row: Mapping[str, Any]) -> Moments:
        m, y, t = int(row[given_]), int(row[satisfied_]), int(row[total_])
        s = t - m
        return Moments(int(row["n"]), m, y, m, y, y, m, s, int(row[squares_]) - 2 * t + m, s)

    return read


def _block_reader(name: str, block: Sequence[str]) -> _Reader:
    """Moments of several items: their plain sums together, the products as counted."""
    plain = [[f"{item}__{key}" for item in block] for key in ("m", "y", "t")]
    products = [f"{name}__{key}" for key in ("some", "yy", "ym", "mm", "tt", "tm")]

    def read(row: Mapping[str, Any]) -> Moments:
        m, y, t = (int(sum(row[column] for column in columns)) for columns in plain)
        some, yy, ym, mm, tt, tm = (int(row[column]) for column in products)
        return Moments(int(row["n"]), some, y, m, yy, ym, mm, t - m, tt - 2 * tm + mm, tm - mm)

    return read


def _pair_reader(first: str, second: str) -> _Reader:
    """Products of two blocks, in the order of the pair."""
    keys = (("y", "y"), ("y", "m"), ("m", "m"))
    names = [_product(f"{first}_{a}", f"{second}_{b}") for a, b in keys]

    def read(row: Mapping[str, Any]) -> Moments:
        yy, ym, mm = (int(row[name]) for name in names)
        return Moments(n=int(row["n"]), yy=yy, ym=ym, mm=mm)

    return read
