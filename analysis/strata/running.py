"""Which months make a stratum, and what may be said of a month that is still running.

Owns the rule that joins months with few answers, and the day up to which each office's sector is
counted, so that no single answer moves a figure. Computes no share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from analysis.input.aggregates import (
    Cell,
    CellMoments,
    FlaggedAnswers,
    Only,
    Pairs,
    read_daily_moments,
    read_moments,
)
from analysis.input.counts import read_days
from analysis.input.population import Spot
from analysis.input.reasons import Tellable
from analysis.input.responses import Responses
from analysis.input.sources import run
from analysis.period import Period, parse_period
from analysis.statistics.exact import Ints
from analysis.statistics.strata import Flags
from analysis.strata.coverage import STATISTICS, Place
from analysis.strata.pooling import Blocks

LEAST: Final = 2
"""Fewer answers give no variance: such a month is joined with the next one that has answers."""

N, ANSWERED = STATISTICS.index("n"), STATISTICS.index("answered")


def runs(some: Flags, heard: Ints, counted: Flags) -> Ints:
    """The stratum of every month, by numbers in the order of a place's strata; -1: in none.

    Parameters
    ----------
    some, heard, counted
        Place × month: whether there are answers, how many of them count for a variance, and whether
        there are dossiers.

    Notes
    -----
    A month with answers is a stratum by itself. One with fewer than two answers to the measure is
    joined with the next month that has answers, the last one with the one before. Months without
    answers stay alone, as what they would say is not known; months whose dossiers are not counted
    are one stratum together, which the total leaves out.
    """
    months, joins = some.shape[1], some & counted
    ends, waiting = np.zeros_like(joins), np.zeros(len(joins), np.int64)
    for month in range(months):
        waiting += np.where(joins[:, month], heard[:, month], 0)
        ends[:, month] = joins[:, month] & (waiting >= LEAST)
        waiting[ends[:, month]] = 0
    last = months - 1 - ends[:, ::-1].argmax(axis=1)
    end = np.where(ends.any(axis=1), last, months)  # of the run that a month joins, from behind
    found: Ints = np.full(some.shape, -1, np.int64)
    for month in reversed(range(months)):
        end = np.where(ends[:, month], month, end)
        found[:, month] = np.where(joins[:, month], end, month)
    found[~counted] = -1
    found[some & ~counted] = months + 1
    return found


def added(values: Ints, found: Ints) -> Ints:
    """Numbers of months added up by run: place × month × … to place × run × …."""
    rows = np.arange(len(found))
    total: Ints = np.zeros((len(found), found.shape[1] + 2, *values.shape[2:]), np.int64)
    for month in range(found.shape[1]):
        inside = found[:, month] >= 0
        total[rows[inside], found[inside, month]] += values[inside, month]
    return total


@dataclass(frozen=True, slots=True)
class Runs:
    """The strata of a measure in every place, by place and run; none without answers and dossiers.

    `table`: as of `table_of`, with the place for the cell. `first`, `many`: where the strata of a
    place begin, and how many there are.
    """

    found: Ints
    run: Ints
    table: Ints
    first: Ints
    many: Ints

    @classmethod
    def of(cls, moments: Ints, counts: Ints, counted: Flags, weighs: Flags, *, item: bool) -> Runs:
        """Of moments (place × month × statistic) and dossiers.

        `counted`: which dossiers are known; `weighs`: places without any, whose months count alike.
        """
        n = moments[:, :, N]
        heard = moments[:, :, ANSWERED] if item else n
        found = runs(n > 0, heard, (counts > 0) | weighs[:, None])
        sums = added(moments, found)
        known = (added(counted.astype(np.int64), found) > 0) & ~weighs[:, None]
        dossiers = np.where(known, added(counts, found), -1)
        months = np.where(weighs[:, None], added(np.ones_like(counts), found), 0)
        place, run = np.nonzero((sums[:, :, N] > 0) | (dossiers > 0))
        own = np.full(place.size, -1)
        columns = [place, dossiers[place, run], own, *sums[place, run].T, months[place, run]]
        many = np.bincount(place, minlength=len(found))
        return cls(found, run, np.array(columns, np.int64), np.cumsum(many) - many, many)

    def inside(self, moments: Ints, *, item: bool) -> Ints:
        """The table of a part of the answers (a channel's) within the same strata, which stay."""
        table = self.table.copy()
        table[2] = table[3 + (ANSWERED if item else N)]
        table[3:-1] = added(moments, self.found)[table[0], self.run].T
        return table


STEP: Final = 10
"""A figure of a running month moves by at least so many answers at once."""

Daily = Mapping[str, Mapping[str, CellMoments]]
"""Day ("2026-11-05") -> questionnaire -> moments."""


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


ByQuestionnaire = dict[str, CellMoments]
"""Questionnaire -> its moments."""


def read_told(
    responses: Responses,
    period: Period,
    blocks: Blocks,
    only: Only,
    marks: Sequence[FlaggedAnswers],
    today: date | None,
    pairs: Pairs = (),
) -> tuple[ByQuestionnaire, ByQuestionnaire]:
    """The moments of a period that may be told as of `today`, and those of everything that came.

    The two differ in a running month (`settled`), and where few answers came late (`joined`).
    """
    over = months_over(period, today)
    if today is None or over == period.months:
        found = read_moments(responses, period, blocks, only, marks, pairs)
        return joined(found, period, today), found
    told: ByQuestionnaire = {}
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


def joined(
    found: ByQuestionnaire, period: Period, today: date | None, step: int = STEP
) -> ByQuestionnaire:
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
) -> Tellable:
    """Which answers of a period may be told as of `today`: those that its figures rest on.

    By counting days, so that what is no score is held to the same ones. `came`: as from
    `read_told`.
    """
    whole = period.is_year and (today is None or period.last < today)
    waiting = frozenset() if whole else frozenset(few_late(came))
    over = months_over(period, today)
    if today is None or over == period.months:
        return Tellable({}, None, waiting)
    month = parse_period(period.months[len(over)])
    days: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for (_, office, sector), counts in read_days(responses, month, only).items():
        for day, n in counts.items():
            if day < today:
                days[office, sector][day.isoformat()] += n
    until = {place: _last(dict(sorted(counts.items())), STEP) for place, counts in days.items()}
    return Tellable(until, month.first.year * 100 + month.first.month, waiting)


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


def _join(total: ByQuestionnaire, more: Mapping[str, CellMoments]) -> None:
    for key, cells in more.items():
        known = total.setdefault(key, {})
        for cell, measures in cells.items():
            before = known.get(cell, {})
            known[cell] = {
                name: before[name] + moments if name in before else moments
                for name, moments in measures.items()
            }


def settled(daily: Daily, today: date, step: int = STEP) -> ByQuestionnaire:
    """The moments of the settled days of a running month, added up (`settled_days`)."""
    found: ByQuestionnaire = {}
    for keys in settled_days(daily, today, step).values():
        _join(found, keys)
    return found


def settled_days(daily: Daily, today: date, step: int = STEP) -> dict[str, ByQuestionnaire]:
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
