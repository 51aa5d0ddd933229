"""Sufficient statistics: the one aggregate expression, for every engine.

Owns the reduction of any number of responses to moments per cell. Knows no interval or target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from analysis.counting.scoring import (
    DATED,
    EVERYTHING,
    FLAGGED,
    LATE,
    SATISFIED_FROM,
    Mark,
    Only,
    barrier,
    chosen,
    date_text,
    dated,
    number_type,
    respondents,
    satisfied_from,
    scored,
    times,
)
from analysis.reading.sources import run

if TYPE_CHECKING:
    from analysis.period import Period
    from analysis.reading.layout import Responses

__all__ = [
    "EVERYTHING",
    "SATISFIED_FROM",
    "ZERO",
    "Cell",
    "CellMoments",
    "Moments",
    "Only",
    "Pairs",
    "crossed",
    "read_daily_moments",
    "read_moments",
    "unflagged",
]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sufficient statistics of one measure in one cell, all integers (STATISTICS: six moments).

    For each respondent let y be the satisfied answers (of five: 4 or 5), m the answers given and
    s the sum of (score - 1) over the measure's items. A respondent to whom nothing applied has
    m = 0 and stays in ``n``.
    """

    n: int = 0
    answered: int = 0
    y: int = 0
    m: int = 0
    yy: int = 0
    ym: int = 0
    mm: int = 0
    s: int = 0
    ss: int = 0
    sm: int = 0

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.n + other.n,
            self.answered + other.answered,
            self.y + other.y,
            self.m + other.m,
            self.yy + other.yy,
            self.ym + other.ym,
            self.mm + other.mm,
            self.s + other.s,
            self.ss + other.ss,
            self.sm + other.sm,
        )


ZERO = Moments()


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
    marks: Sequence[Mark] = (),
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


def read_daily_moments(
    responses: Responses,
    period: Period,
    blocks: Mapping[str, tuple[str, ...]],
    only: Only = EVERYTHING,
    marks: Sequence[Mark] = (),
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
    marks: Sequence[Mark],
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
