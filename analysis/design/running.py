"""A month that is still running: figures as of an earlier day, so that no single answer moves them.

Owns the day up to which each office's sector is counted. How many answers have come is no secret
and is not held back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from analysis.counting.moments import (
    Cell,
    CellMoments,
    Only,
    Pairs,
    read_daily_moments,
    read_moments,
)
from analysis.counting.reasons import Told
from analysis.counting.scoring import Mark
from analysis.counting.sheets import read_days
from analysis.design.pooling import Blocks
from analysis.period import Period, parse_period
from analysis.reading.layout import Responses
from analysis.reading.sources import run

STEP: Final = 10
"""A figure of a running month moves by at least so many answers at once."""

Daily = Mapping[str, Mapping[str, CellMoments]]
"""Day ("2026-11-05") -> questionnaire -> moments."""

Place = tuple[str, str]

Spot = tuple[str, str, str]
"""Office, sector and month ("YYYY-MM")."""


def months_over(period: Period, today: date | None) -> tuple[str, ...]:
    """The months of a period that ended before `today`; all of them where no day is given."""
    if today is None or period.last < today:
        return period.months
    return tuple(month for month in period.months if parse_period(month).last < today)


def believed(today: date, newest: str | None) -> date:
    """The day to go by: answers from the future prove a clock wrong, then their month is over.

    `newest`: the date of the newest answer, ISO.
    """
    if newest is None or newest[:10] <= today.isoformat():
        return today
    return parse_period(newest[:7]).last + timedelta(days=1)


def as_of(responses: Responses, today: date) -> date:
    """`today` as the answers let it stand (`believed`), by one query."""
    newest = responses.table.answered_on.max()
    (row,) = run(responses.source, responses.table.aggregate(newest=newest))
    return believed(today, None if row["newest"] is None else str(row["newest"]))


Answers = dict[str, CellMoments]
"""Questionnaire -> its moments."""


def read_told(
    responses: Responses,
    period: Period,
    blocks: Blocks,
    only: Only,
    marks: Sequence[Mark],
    today: date | None,
    pairs: Pairs = (),
) -> tuple[Answers, Answers]:
    """The moments of a period that may be told as of `today`, and those of everything that came.

    The two differ in a running month (`settled`), and where few answers came late (`joined`).
    """
    over = months_over(period, today)
    if today is None or over == period.months:
        found = read_moments(responses, period, blocks, only, marks, pairs)
        return joined(found, period, today), found
    told: Answers = {}
    if over:
        ended = replace(period, months=over, last=parse_period(over[-1]).last)
        told = read_moments(responses, ended, blocks, only, marks, pairs)
    came = {key: dict(cells) for key, cells in told.items()}
    for month in period.months[len(over) :]:
        daily = read_daily_moments(responses, parse_period(month), blocks, only, marks, pairs)
        _join(told, settled(daily, today))
        for keys in daily.values():
            _join(came, keys)
    return joined(told, period, today), came


def joined(found: Answers, period: Period, today: date | None, step: int = STEP) -> Answers:
    """Late answers join their month's figures when `step` of them have come, or else their year's.

    Of an office's sector and month, so that no figure that was given moves by a single answer: few
    late answers count in the calendar year alone, once it is over.
    """
    if period.is_year and (today is None or period.last < today):
        return found
    few = few_late(found, step)
    if not few:
        return found
    return {
        key: {cell: m for cell, m in cells.items() if not (cell.late and spot(cell) in few)}
        for key, cells in found.items()
    }


def told(
    responses: Responses,
    period: Period,
    only: Only,
    today: date | None,
    came: Mapping[str, CellMoments],
) -> Told:
    """Which answers of a period may be told as of `today`: those that its figures rest on.

    By counting days, so that what is no score is held to the same ones. `came`: as from
    `read_told`.
    """
    whole = period.is_year and (today is None or period.last < today)
    waiting = frozenset() if whole else frozenset(few_late(came))
    over = months_over(period, today)
    if today is None or over == period.months:
        return Told({}, None, waiting)
    month = parse_period(period.months[len(over)])
    days: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for (_, office, sector), counts in read_days(responses, month, only).items():
        for day, n in counts.items():
            if day < today:
                days[office, sector][day.isoformat()] += n
    until = {place: _last(dict(sorted(counts.items())), STEP) for place, counts in days.items()}
    return Told(until, month.first.year * 100 + month.first.month, waiting)


def few_late(found: Mapping[str, CellMoments], step: int = STEP) -> set[Spot]:
    """Offices' sectors and months with late answers, but too few to join their month's figures."""
    waiting: Counter[Spot] = Counter()
    for cells in found.values():
        for cell, measures in cells.items():
            if cell.late:
                waiting[spot(cell)] += max((m.n for m in measures.values()), default=0)
    return {place for place, n in waiting.items() if n < step}


def spot(cell: Cell) -> Spot:
    """Office, sector and month of a cell."""
    return cell.office, cell.sector, cell.month


def _join(total: Answers, more: Mapping[str, CellMoments]) -> None:
    for key, cells in more.items():
        known = total.setdefault(key, {})
        for cell, measures in cells.items():
            before = known.get(cell, {})
            known[cell] = {
                name: before[name] + moments if name in before else moments
                for name, moments in measures.items()
            }


def settled(daily: Daily, today: date, step: int = STEP) -> Answers:
    """The moments of the settled days of a running month, added up (`settled_days`)."""
    found: Answers = {}
    for keys in settled_days(daily, today, step).values():
        _join(found, keys)
    return found


def settled_days(daily: Daily, today: date, step: int = STEP) -> dict[str, Answers]:
    """The days that may be told: of every office and sector those up to its last settled one.

    Parameters
    ----------
    daily
        Of the running month.
    today
        Not over yet, so that its answers are not told.
    step
        A day settles what came since the day settled before, once that is so many answers.
    """
    until: dict[tuple[str, ...], str] = {
        place: _last(counts, step) for place, counts in _days(daily, today).items()
    }
    return {
        day: {
            key: told
            for key, cells in keys.items()
            if (told := {cell: m for cell, m in cells.items() if day <= until.get(cell[:2], "")})
        }
        for day, keys in daily.items()
    }


def _days(daily: Daily, today: date) -> dict[Place, dict[str, int]]:
    """Answers of every office and sector on each day that is over."""
    days: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for day, keys in daily.items():
        if day < today.isoformat():
            for cells in keys.values():
                for cell, measures in cells.items():
                    n = max((moments.n for moments in measures.values()), default=0)
                    days[cell.office, cell.sector][day] += n
    return {place: dict(sorted(counts.items())) for place, counts in days.items()}


def _last(counts: Mapping[str, int], step: int) -> str:
    """The last day at whose end `step` or more answers had come since the last such day."""
    last, waiting = "", 0
    for day, n in counts.items():
        waiting += n
        if waiting >= step:
            last, waiting = day, 0
    return last
