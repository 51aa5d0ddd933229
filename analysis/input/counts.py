"""Whole answers counted: days, equal sheets, and items beside overall satisfaction.

Owns the aggregate expressions, for every engine, that screening, drivers and reliability need
beyond the moments. Judges nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from analysis.input.aggregates import (
    DATED,
    EVERYTHING,
    Only,
    barrier,
    chosen,
    date_text,
    dated,
    given,
    respondents,
    satisfied,
    scored,
)
from analysis.input.sources import run
from questionnaires import OVERALL

if TYPE_CHECKING:
    from analysis.input.responses import Responses
    from analysis.period import Period

SheetPlace = tuple[str, str, str]
"""Questionnaire, office and sector."""

OfficeMonth = tuple[str, str]
"""An office and a month ("2026-10")."""

AnswerSheet = tuple[tuple[str, int | None], ...]
"""Each item and its score, None where it has none."""

_SHEET_PLACE: Final = ("questionnaire", "office", "sector")
_COUNT: Final = "_count"
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Repeat:
    """One sheet on one day: `count` times, and `whole` times in the whole stretch."""

    place: SheetPlace
    day: date
    sheet: AnswerSheet
    count: int
    whole: int


@dataclass(frozen=True, slots=True)
class Repeats:
    """Repeated sheets of the days of a period, and how many sheets could have been repeated.

    `repeats`: sheets given `least` times or more on one day. `kinds`: of each place, the different
    sheets given `least` times or more in the whole stretch.
    """

    least: int
    repeats: tuple[Repeat, ...]
    kinds: Mapping[SheetPlace, int]


def read_days(
    responses: Responses, stretch: Period, only: Only = EVERYTHING
) -> dict[SheetPlace, dict[date, int]]:
    """Answers of every place on every day that has any, by one query."""
    rows = dated(chosen(responses, stretch, only), "day")
    found: dict[SheetPlace, dict[date, int]] = {}
    grouped = rows.group_by(*_SHEET_PLACE, DATED).aggregate(n=rows.count())
    for row in run(responses.source, grouped):
        found.setdefault(_place(row), {})[_day(row)] = int(row["n"])
    return found


def months_without_days(
    days: Mapping[SheetPlace, Mapping[date, int]], today: date | None
) -> frozenset[OfficeMonth]:
    """Offices and months that are over and whose answers all have the date of the first day.

    So a sealed month is stored: its dates are the month alone, and no day of it can be judged.
    """
    found: dict[OfficeMonth, set[date]] = {}
    for (_, office, _), counts in days.items():
        for day in counts:
            found.setdefault((office, f"{day:%Y-%m}"), set()).add(day)
    return frozenset(
        (office, month)
        for (office, month), dates in found.items()
        if all(day.day == 1 for day in dates)
        if today is None or month < f"{today:%Y-%m}"
    )


def with_days(responses: Responses, without: Collection[OfficeMonth]) -> Responses:
    """The answers but for those of offices and months whose days are not known."""
    if not without:
        return responses
    rows = dated(responses.table, "month")
    text = rows.office + _BETWEEN + rows[DATED].cast("string")
    known = [f"{office}{_BETWEEN}{month.replace('-', '')}" for office, month in sorted(without)]
    kept = rows.filter(~text.isin(known)).drop(DATED)
    return replace(responses, table=kept)


def count_flags(
    responses: Responses, period: Period, only: Only = EVERYTHING
) -> dict[str, Counter[str]]:
    """Answers of a period whose `flag` is set: how many there are of each, by office."""
    rows = chosen(responses, period, only)
    flagged = rows.filter(rows.flag != "")
    found: dict[str, Counter[str]] = {}
    grouped = flagged.group_by("office", "flag").aggregate(n=flagged.count())
    for row in run(responses.source, grouped):
        found.setdefault(str(row["office"]), Counter())[str(row["flag"])] += int(row["n"])
    return found


def read_repeats(
    responses: Responses,
    stretch: Period,
    period: Period,
    only: Only = EVERYTHING,
    *,
    least: int,
) -> Repeats:
    """Sheets that occur `least` times or more on a day of the period, by two queries.

    Parameters
    ----------
    stretch
        Over which a sheet's usual number is counted; holds the period.
    """
    whole = _often(responses, chosen(responses, stretch, only), (), least)
    daily = _often(responses, dated(chosen(responses, period, only), "day"), (DATED,), least)
    often = {_given(row, responses): int(row[_COUNT]) for row in whole}
    repeats = []
    for row in daily:
        place, sheet = _given(row, responses)
        repeats.append(Repeat(place, _day(row), sheet, int(row[_COUNT]), often[place, sheet]))
    return Repeats(least, tuple(repeats), Counter(place for place, _ in often))


def _often(
    responses: Responses, rows: Any, when: tuple[str, ...], least: int
) -> list[dict[str, Any]]:
    """Sheets given `least` times or more in one place, each with how often."""
    keys = (*_SHEET_PLACE, *when)
    items = list(responses.items)
    sheets = scored(rows, keys, items)
    counted = sheets.group_by(*keys, *items).aggregate(**{_COUNT: sheets.count()})
    return run(responses.source, counted.filter(counted[_COUNT] >= least))


def _given(row: Mapping[str, Any], responses: Responses) -> tuple[SheetPlace, AnswerSheet]:
    """Where a sheet was given, and the sheet."""
    return _place(row), tuple((item, row[item] or None) for item in responses.items)


def _place(row: Mapping[str, Any]) -> SheetPlace:
    return row["questionnaire"], row["office"], row["sector"]


def _day(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(date_text(row[DATED]))


@dataclass(frozen=True, slots=True)
class PairCounts:
    """People who answered both the overall question and a measure, by whether each satisfied them.

    `with_both`: satisfied with both; `with_measure`: with the measure (more than half of the items
    of it that they answered), whatever they said overall; `with_overall` the other way round.
    """

    n: int = 0
    with_measure: int = 0
    with_overall: int = 0
    with_both: int = 0

    def __add__(self, other: PairCounts) -> PairCounts:
        return PairCounts(
            self.n + other.n,
            self.with_measure + other.with_measure,
            self.with_overall + other.with_overall,
            self.with_both + other.with_both,
        )


@dataclass(frozen=True, slots=True)
class Sheets:
    """Sums over the people who answered every item of a block.

    `sums` and `squares`: of each item's scores, in the block's order; `total_squares`: of the sum
    of a person's scores.
    """

    n: int
    sums: tuple[int, ...]
    squares: tuple[int, ...]
    total_squares: int

    def __add__(self, other: Sheets) -> Sheets:
        return Sheets(
            self.n + other.n,
            tuple(map(sum, zip(self.sums, other.sums, strict=True))),
            tuple(map(sum, zip(self.squares, other.squares, strict=True))),
            self.total_squares + other.total_squares,
        )


@dataclass(frozen=True, slots=True)
class Joint:
    """One cell: a pair for every measure but `overall`, sheets for every block of several items."""

    pairs: Mapping[str, PairCounts]
    sheets: Mapping[str, Sheets]


JointCells = dict[tuple[str, str], Joint]
"""By office and sector."""

_JOINT_PLACE: Final = ("office", "sector")


def read_joint(
    responses: Responses,
    period: Period,
    blocks: Mapping[str, Mapping[str, tuple[str, ...]]],
    only: Only = EVERYTHING,
) -> dict[str, JointCells]:
    """By questionnaire, office and sector: pairs with overall, and complete sheets; one query.

    Parameters
    ----------
    blocks
        Questionnaire -> measure -> the items that it asks (`pooling.blocks_asked`): a sheet is
        complete where all of those are answered. Without `overall` there are no pairs.

    Returns
    -------
    dict
        Only cells with responses, flagged or not; integers on every engine.
    """
    present = [only.questionnaire] if only.questionnaire else list(responses.answers)
    keys = _JOINT_PLACE if len(present) == 1 else ("questionnaire", *_JOINT_PLACE)
    names = _names([blocks[key] for key in present if key in blocks])
    items = sorted({OVERALL, *(item for block in names for item in block)} & {*responses.items})
    rows = scored(chosen(responses, period, only), keys, items, scales=responses.scales)
    rows = barrier(rows, responses)
    rows = barrier(respondents(rows, {name: block for block, name in names.items()}), responses)
    sums = {"n": rows.count()}
    for block, name in names.items():
        sums |= _pair_sums(rows, name) if OVERALL in items else {}
        sums |= _sheet_sums(rows, name, block) if len(block) > 1 else {}
    found: dict[str, JointCells] = {}
    for row in run(responses.source, rows.group_by(*keys).aggregate(**sums)):
        key = row.get("questionnaire", present[0])
        cells = found.setdefault(key, {})
        cells[row["office"], row["sector"]] = _joint(row, blocks.get(key, {}), names)
    return found


def _names(blocks: Iterable[Mapping[str, tuple[str, ...]]]) -> dict[tuple[str, ...], str]:
    """A short name for every different set of items, `overall` by itself left out."""
    found = dict.fromkeys(block for measures in blocks for block in measures.values())
    found.pop((OVERALL,), None)
    return {block: f"block{number}" for number, block in enumerate(found)}


def _joint(
    row: Mapping[str, int],
    measures: Mapping[str, tuple[str, ...]],
    names: Mapping[tuple[str, ...], str],
) -> Joint:
    named = {measure: block for measure, block in measures.items() if block in names}
    asked = OVERALL in measures
    return Joint(
        {measure: _pair(row, names[block]) for measure, block in named.items() if asked},
        {m: _sheets(row, names[block], block) for m, block in named.items() if len(block) > 1},
    )


def _pair_sums(rows: Any, name: str) -> dict[str, Any]:
    y, m = rows[f"{name}_y"], rows[f"{name}_m"]
    both = given(rows[OVERALL]) * given(m)
    with_measure = (2 * y > m).cast("int32") * given(rows[OVERALL])
    happy = satisfied(rows, OVERALL)
    return {
        f"{name}__both": both.sum(),
        f"{name}__measure": with_measure.sum(),
        f"{name}__overall": (happy * given(m)).sum(),
        f"{name}__each": (happy * with_measure).sum(),
    }


def _sheet_sums(rows: Any, name: str, block: tuple[str, ...]) -> dict[str, Any]:
    t, full = rows[f"{name}_t"], (rows[f"{name}_m"] == len(block)).cast("int32")
    sums = {f"{name}__full": full.sum(), f"{name}__tt": (t * t * full).sum()}
    for item in block:
        score = rows[item].cast("int32") * full
        sums |= {f"{name}__x_{item}": score.sum(), f"{name}__xx_{item}": (score * score).sum()}
    return sums


def _pair(row: Mapping[str, int], name: str) -> PairCounts:
    keys = ("both", "measure", "overall", "each")
    return PairCounts(*(int(row[f"{name}__{key}"]) for key in keys))


def _sheets(row: Mapping[str, int], name: str, block: tuple[str, ...]) -> Sheets:
    return Sheets(
        int(row[f"{name}__full"]),
        tuple(int(row[f"{name}__x_{item}"]) for item in block),
        tuple(int(row[f"{name}__xx_{item}"]) for item in block),
        int(row[f"{name}__tt"]),
    )
