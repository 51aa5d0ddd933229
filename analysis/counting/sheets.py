"""Days and whole answer sheets, counted: what `screening` looks at.

Owns the two aggregate expressions over days and sheets, for every engine. Suspects nothing.
"""

from __future__ import annotations

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
_WHOLE: Final = "_whole"


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
    items = list(responses.items)
    rows = scored(dated(chosen(responses, stretch, only), "day"), (*_PLACE, DATED), items)
    daily = rows.group_by(*_PLACE, DATED, *items).aggregate(**{_COUNT: rows.count()})
    return Repeats(
        least, _repeats(responses, daily, period, least), _kinds(responses, daily, least)
    )


def _repeats(responses: Responses, daily: Any, period: Period, least: int) -> tuple[Repeat, ...]:
    import ibis

    items = list(responses.items)
    alike = ibis.window(group_by=[daily[name] for name in (*_PLACE, *items)])
    counted = daily.mutate(**{_WHOLE: daily[_COUNT].sum().over(alike).cast("int64")})
    first, last = (int(f"{day:%Y%m%d}") for day in (period.first, period.last))
    found = counted.filter(counted[_COUNT] >= least, counted[DATED].between(first, last))
    return tuple(
        Repeat(
            _place(row),
            _day(row),
            tuple((item, row[item] or None) for item in items),
            int(row[_COUNT]),
            int(row[_WHOLE]),
        )
        for row in run(responses.source, found)
    )


def _kinds(responses: Responses, daily: Any, least: int) -> dict[Place, int]:
    whole = daily.group_by(*_PLACE, *responses.items).aggregate(
        **{_WHOLE: daily[_COUNT].sum().cast("int64")}
    )
    often = whole.filter(whole[_WHOLE] >= least)
    grouped = often.group_by(*_PLACE).aggregate(n=often.count())
    return {_place(row): int(row["n"]) for row in run(responses.source, grouped)}


def _place(row: Mapping[str, Any]) -> Place:
    return row["questionnaire"], row["office"], row["sector"]


def _day(row: Mapping[str, Any]) -> date:
    return date.fromisoformat(date_text(row[DATED]))
