"""Sufficient statistics: the one aggregate expression, for every engine.

Owns the reduction of any number of responses to moments per cell. Knows no interval or target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from analysis.sources import run

if TYPE_CHECKING:
    from analysis.layout import Responses
    from analysis.period import Period

SATISFIED_FROM: Final = 4
"""Scores from here count as satisfied (hài lòng, rất hài lòng)."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sufficient statistics of one measure in one cell, all integers (STATISTICS: six moments).

    For each respondent let y be the satisfied answers (score 4 or 5), m the answers given and
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


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where answers are counted together. `flagged`: a screening rule marked them."""

    office: str
    sector: str
    channel: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class Only:
    """Which answers are wanted: of one questionnaire (id@version), of one office, or all."""

    questionnaire: str | None = None
    office: str | None = None


EVERYTHING: Final = Only()

CellMoments: TypeAlias = dict[Cell, dict[str, Moments]]
"""Per cell, the moments of each measure: overall | index | element:<id> | item:<id>."""


def read_moments(
    responses: Responses,
    period: Period,
    blocks: Mapping[str, tuple[str, ...]],
    only: Only = EVERYTHING,
) -> dict[str, CellMoments]:
    """Reduce the responses of a period to moments per questionnaire and cell, by one query.

    Parameters
    ----------
    responses
        In any engine; integers throughout, so that every engine gives equal results.
    period
        By the day of the answer.
    blocks
        Measure -> its items: one (`overall`, `item:c01`) or several (`index`, `element:access`).
    only
        One questionnaire's or one office's answers.

    Returns
    -------
    dict
        Only cells with responses. `n` counts them all, also those to whom nothing applied (m = 0).
    """
    present = [only.questionnaire] if only.questionnaire else list(responses.answers)
    keys = _PLACE if len(present) == 1 else ("questionnaire", *_PLACE)
    items = sorted({item for block in blocks.values() for item in block})
    several = [block for block in blocks.values() if len(block) > 1]
    names = {block: f"block{number}" for number, block in enumerate(several)}
    rows = _barrier(_scored(_chosen(responses, period, only), keys, items), responses)
    rows = _respondents(rows, {name: block for block, name in names.items()})
    if names:
        rows = _barrier(rows, responses)
    sums = {"n": rows.count()} | _item_sums(rows, items) | _block_sums(rows, list(names.values()))
    found: dict[str, CellMoments] = {}
    for row in run(responses.source, rows.group_by(*keys, "flagged").aggregate(**sums)):
        cell = Cell(row["office"], row["sector"], row["channel"], bool(row["flagged"]))
        cells = found.setdefault(row.get("questionnaire", present[0]), {})
        cells[cell] = {
            measure: _block_moments(row, names[block], block)
            if block in names
            else _item_moments(row, block[0])
            for measure, block in blocks.items()
        }
    return found


_PLACE: Final = ("office", "sector", "channel")
_NO_LIMIT: Final = 1 << 62


def _chosen(responses: Responses, period: Period, only: Only) -> Any:
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


def _scored(rows: Any, keys: Sequence[str], items: Sequence[str]) -> Any:
    """Scores with 0 for none: engines compute without missing values several times faster."""
    import ibis

    nothing = ibis.literal(0, "int16")
    return rows.select(
        **{key: rows[key] for key in keys},
        flagged=(rows.flag != "").fill_null(False),
        **{item: ibis.coalesce(rows[item], nothing) for item in items},
    )


def _barrier(rows: Any, responses: Responses) -> Any:
    """Keep an engine that works row by row from computing a column anew at each of its uses.

    SQLite and PostgreSQL put a subquery's expressions in place of its columns, unless it has a
    limit. DuckDB computes an expression once, and a limit would stop its threads.
    """
    return rows.limit(_NO_LIMIT) if responses.source.kind == "database" else rows


def _satisfied(score: Any) -> Any:
    return (score >= SATISFIED_FROM).cast("int32")


def _given(score: Any) -> Any:
    return (score > 0).cast("int32")


def _total(columns: Sequence[Any]) -> Any:
    total = columns[0]
    for column in columns[1:]:
        total = total + column
    return total.cast("int32")


def _respondents(rows: Any, blocks: Mapping[str, Sequence[str]]) -> Any:
    """Per respondent and block: satisfied answers, answers given, sum of scores."""
    columns = {}
    for name, block in blocks.items():
        scores = [rows[item] for item in block]
        columns[f"{name}_y"] = _total([_satisfied(score) for score in scores])
        columns[f"{name}_m"] = _total([_given(score) for score in scores])
        columns[f"{name}_t"] = _total(scores)
    return rows.mutate(**columns)


def _item_sums(rows: Any, items: Sequence[str]) -> dict[str, Any]:
    """Four sums fix all moments of an item, as nobody gives it more than one answer."""
    sums = {}
    for item in items:
        score = rows[item]
        sums[f"{item}__m"] = _given(score).sum()
        sums[f"{item}__y"] = _satisfied(score).sum()
        sums[f"{item}__t"] = score.sum()
        sums[f"{item}__tt"] = (score * score).sum()
    return sums


def _block_sums(rows: Any, names: Sequence[str]) -> dict[str, Any]:
    """Squares and products; the plain sums of a block are those of its items together."""
    sums = {}
    for name in names:
        y, m, t = (rows[f"{name}_{letter}"] for letter in "ymt")
        sums[f"{name}__some"] = (m > 0).cast("int32").sum()
        for key, product in (("yy", y * y), ("ym", y * m), ("mm", m * m)):
            sums[f"{name}__{key}"] = product.sum()
        for key, product in (("tt", t * t), ("tm", t * m)):
            sums[f"{name}__{key}"] = product.sum()
    return sums


def _item_moments(row: Mapping[str, int], item: str) -> Moments:
    m, y, t, tt = (int(row[f"{item}__{key}"]) for key in ("m", "y", "t", "tt"))
    s = t - m
    return Moments(int(row["n"]), m, y, m, y, y, m, s, tt - 2 * t + m, s)


def _block_moments(row: Mapping[str, int], name: str, block: Sequence[str]) -> Moments:
    m, y, t = (sum(int(row[f"{item}__{key}"]) for item in block) for key in ("m", "y", "t"))
    keys = ("some", "yy", "ym", "mm", "tt", "tm")
    some, yy, ym, mm, tt, tm = (int(row[f"{name}__{key}"]) for key in keys)
    return Moments(int(row["n"]), some, y, m, yy, ym, mm, t - m, tt - 2 * tm + mm, tm - mm)
