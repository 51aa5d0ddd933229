"""Twelve months of every row, and what changed: the last month, and the period.

Owns the rows and months of a trend. Signals are `departures`', comparisons `changes`'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from analysis.design.history import History
from analysis.design.scopes import ALL, Scope
from analysis.formulas.departures import UNKNOWN, YEAR, Departure, departures
from analysis.formulas.estimates import Estimate, estimate_drawn
from analysis.formulas.laney import laney
from analysis.formulas.strata import Kind, draw_table
from analysis.insights.changes import Change, changes
from analysis.period import Period, last_months, moved, parse_period

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
    rows: Mapping[Scope, Kind],
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
    rows: Mapping[Scope, Kind],
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
