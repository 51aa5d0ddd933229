"""Twelve months of every row, and what changed: the last month, and the period.

Owns the rows and months of a trend, which periods are compared, and when a change may be told. The
tests and intervals are those of `statistics.comparisons`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from analysis.period import Period, last_months, moved, parse_period
from analysis.statistics.comparisons import (
    UNKNOWN,
    YEAR,
    Departure,
    Difference,
    Signal,
    departures,
    difference,
)
from analysis.statistics.estimates import Estimate, estimate_drawn, estimate_many
from analysis.statistics.laney import laney
from analysis.statistics.strata import MeasureKind, Stratum, draw_table
from analysis.strata.survey import ALL, History, Scope


@dataclass(frozen=True, slots=True)
class Change:
    """The period against an earlier one of the same length.

    `difference` has the level of the figures. `signal` is told only where `told_signal` allows
    it: all changes of one page together bring a false one in at most 1 - level of periods.
    """

    earlier: Period
    this: Estimate
    other: Estimate
    difference: Difference | None
    signal: Signal


def earlier(period: Period) -> tuple[Period, ...]:
    """The period before of the same length, then the same one a year before if it is another."""
    before, year = moved(period, -len(period.months)), moved(period, -12)
    return (before,) if before.months == year.months else (before, year)


def told_signal(decisive: Difference | None, answers: Signal | None) -> Signal:
    """What may be said of a change: its interval leaves out 0, and the answers changed too.

    Parameters
    ----------
    decisive
        The difference, at a level that allows for every comparison told with it.
    answers
        The exact test within strata at the same level; None for an index, which has none.

    Notes
    -----
    Square-and-add alone is false too often where a few dossiers were nearly all answered (11%
    instead of 2.5% for 5 of 20 against 30 of 40 dossiers, 95% satisfied); the exact test is not.
    The test alone would tell of a change in answers that leaves the share of all dossiers as it
    was.
    """
    if decisive is None:
        return "unknown"
    signal: Signal = "higher" if decisive.low > 0 else "lower" if decisive.high < 0 else "none"
    return signal if answers in (None, signal) else "none"


def changes(
    history: History, rows: Mapping[Scope, MeasureKind], period: Period, level: float
) -> dict[Scope, tuple[Change, ...]]:
    """The changes of every row; `history` reaches two years back from the end of the period."""
    periods = (period, *earlier(period))
    cells = [history.strata(scope, p) for scope in rows for p in periods]
    kinds = [kind for kind in rows.values() for _ in periods]
    told = max(1, _told(cells, len(periods)))
    figures = iter(estimate_many(cells, kinds, level=level))
    wide = iter(estimate_many(cells, kinds, level=1 - (1 - level) / told))
    answers = iter(_answers(history, list(rows), periods, level, told))
    found = {}
    for scope, kind in rows.items():
        this, decisive = next(figures), next(wide)
        row = []
        for other in periods[1:]:
            then, apart, changed = next(figures), difference(decisive, next(wide)), next(answers)
            signal = told_signal(apart, changed if kind == "item" else None)
            row.append(Change(other, this, then, difference(this, then), signal))
        found[scope] = tuple(row)
    return found


def _answers(
    history: History, scopes: Sequence[Scope], periods: Sequence[Period], level: float, told: int
) -> list[Signal]:
    """Whether answers changed, for every row against each earlier period."""
    this, *others = periods
    pairs = [
        (history.counts(scope, this), history.counts(scope, other))
        for scope in scopes
        for other in others
    ]
    return [found.signal for found in departures(pairs, level=level, looks=told)]


def _told(cells: Sequence[Sequence[Stratum]], width: int) -> int:
    """How many of the comparisons have answers on both sides."""
    some = [any(stratum.moments.answered for stratum in strata) for strata in cells]
    return sum(
        sum(some[start + 1 : start + width]) for start in range(0, len(some), width) if some[start]
    )


MONTHS: Final = YEAR
"""Shown, and looked back upon by the signal of each of them."""

Dispersion = Literal["binomial", "laney"]
"""What a month is held against: chance alone (the exact test), or the scatter of months as well."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month ("2026-10") of a row: every figure, and its departure from those before."""

    month: str
    estimate: Estimate
    departure: Departure


@dataclass(frozen=True, slots=True)
class Trend:
    """One row: an office and a sector (or a total), its twelve months, its changes.

    `changes`: against the period before, and where that is another one, a year before.
    """

    office: str
    sector: str
    months: tuple[Month, ...]
    changes: tuple[Change, ...]


def trends(
    history: History,
    period: Period,
    *,
    office: str = ALL,
    level: float = 0.95,
    dispersion: Dispersion = "binomial",
) -> list[Trend]:
    """Every row of an office that has answers: its last twelve months, and the period's changes.

    Parameters
    ----------
    history
        Up to the end of the period (`read_history`).
    period
        Whose changes are told; the months are the twelve up to its last.
    office
        One, or all together.
    level
        Of intervals and signals.
    dispersion
        "laney" where months are known to vary more than chance alone lets them, as they do where
        who answers differs from month to month. Changes of the period are not affected.

    Notes
    -----
    Months of an index have no signal: its answers are not independent, so no exact test applies.
    """
    rows = {
        scope: kind
        for scope in history.rows.scopes()
        if scope.office == office and (kind := history.kind(scope)) is not None
    }
    names = last_months(period, MONTHS).months
    months = _months(history, rows, [parse_period(name) for name in names], level, dispersion)
    compared = changes(history, rows, period, level)
    return [
        Trend(scope.office, scope.sector, months[scope], compared[scope])
        for scope in rows
        if any(month.estimate.answered for month in months[scope])
    ]


def settled(row: Trend, today: date) -> Trend:
    """Only what is over is told apart: no signal of a running month, no change of the period."""
    months = tuple(
        replace(month, departure=UNKNOWN) if parse_period(month.month).last >= today else month
        for month in row.months
    )
    return replace(row, months=months, changes=())


def _months(
    history: History,
    rows: Mapping[Scope, MeasureKind],
    periods: Sequence[Period],
    level: float,
    dispersion: Dispersion,
) -> dict[Scope, tuple[Month, ...]]:
    kinds = [kind for kind in rows.values() for _ in periods]
    design = draw_table(history.table(list(rows), periods), kinds)
    found = iter(estimate_drawn(design, level=level))
    told = iter(_departures(history, rows, periods, level, dispersion))
    return {
        scope: tuple(
            Month(period.text, next(found), next(told) if kind == "item" else UNKNOWN)
            for period in periods
        )
        for scope, kind in rows.items()
    }


def _departures(
    history: History,
    rows: Mapping[Scope, MeasureKind],
    periods: Sequence[Period],
    level: float,
    dispersion: Dispersion,
) -> Sequence[Departure]:
    """Of every row of an item, and every month against the year before it."""
    items = [scope for scope, kind in rows.items() if kind == "item"]
    years = [last_months(moved(period, -1), MONTHS) for period in periods]
    pairs = [
        (scope, this, before)
        for scope in items
        for this, before in zip(periods, years, strict=True)
    ]
    if dispersion == "binomial":
        sides = [
            (history.counts(scope, this), history.counts(scope, before))
            for scope, this, before in pairs
        ]
        return departures(sides, level=level)
    return [
        laney(
            history.counts(scope, this),
            [history.counts(scope, parse_period(month)) for month in before.months],
            level=level,
        )
        for scope, this, before in pairs
    ]
