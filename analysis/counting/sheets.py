"""Days and whole answer sheets, counted: what `screening` looks at.

Owns the two aggregate expressions over days and sheets, for every engine. Suspects nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from analysis.counting.scoring import DATED, EVERYTHING, Only, chosen, date_text, dated, scored
from analysis.reading.sources import run

if TYPE_CHECKING:
    from analysis.period import Period
    from analysis.reading.layout import Responses

Place = tuple[str, str, str]
"""Questionnaire, office and sector."""

Sheet = tuple[tuple[str, int | None], ...]
"""Each item and its score, None where it has none."""

_PLACE: Final = ("questionnaire", "office", "sector")
_COUNT: Final = "_count"


@dataclass(frozen=True, slots=True)
class Repeat:
    """One sheet on one day: `count` times, and `whole` times in the whole stretch."""

    place: Place
    day: date
    sheet: Sheet
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
    kinds: Mapping[Place, int]


def read_days(
    responses: Responses, stretch: Period, only: Only = EVERYTHING
) -> dict[Place, dict[date, int]]:
    """Answers of every place on every day that has any, by one query."""
    rows = dated(chosen(responses, stretch, only), "day")
    found: dict[Place, dict[date, int]] = {}
    grouped = rows.group_by(*_PLACE, DATED).aggregate(n=rows.count())
    for row in run(responses.source, grouped):
        found.setdefault(_place(row), {})[_day(row)] = int(row["n"])
    return found


def count_flagged(responses: Responses, period: Period, only: Only = EVERYTHING) -> int:
    """Answers of a period whose `flag` is set."""
    rows = chosen(responses, period, only)
    (row,) = run(responses.source, rows.aggregate(n=(rows.flag != "").fill_null(False).sum()))
    return int(row["n"] or 0)


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
    keys = (*_PLACE, *when)
    items = list(responses.items)
    sheets = scored(rows, keys, items)
    counted = sheets.group_by(*keys, *items).aggregate(**{_COUNT: sheets.count()})
    return run(responses.source, counted.filter(counted[_COUNT] >= least))


def _given(row: Mapping[str, Any], responses: Responses) -> tuple[Place, Sheet]:
    """Where a sheet was given, and the sheet."""
    return _place(row), tuple((item, row[item] or None) for item in responses.items)


def _place(row: Mapping[str, Any]) -> Place:
    return row["questionnaire"], row["office"], row["sector"]


def _day(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(date_text(row[DATED]))
