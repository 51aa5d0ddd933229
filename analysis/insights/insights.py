"""What stands beside a verdict document: change, drivers, reliability, patterns, live looks.

Owns the shape of it, and what may not leave of it. Computes nothing: see `explanation`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from analysis.design.scopes import Place
from analysis.formulas.departures import UNKNOWN
from analysis.formulas.estimates import Estimate
from analysis.formulas.sequence import Look
from analysis.insights.changes import Change
from analysis.insights.drivers import Driver
from analysis.insights.reliability import Reliability
from analysis.insights.screening import Flag
from analysis.insights.trend import Month, Trend
from analysis.period import Period, parse_period

Allows = Callable[[str, str, Period], bool]
"""Office, sector, period -> whether the figures of that row may leave."""


@dataclass(frozen=True, slots=True)
class Without:
    """One row of the document with all answers, and without those that were flagged."""

    office: str
    sector: str
    n: int
    share: float
    n_without: int
    share_without: float | None


@dataclass(frozen=True, slots=True)
class Insights:
    """Everything that belongs beside the document of one period and office.

    `refusal`: why there is no trend, where wordings changed within the two years. `flags`: of the
    whole installation. `without`: rows of the office that change when flagged answers are left
    out. `looks`: by office and sector of the document's rows, while the period is running.
    """

    period: Period
    office: str
    trends: tuple[Trend, ...] = ()
    refusal: str | None = None
    drivers: tuple[Driver, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    flags: tuple[Flag, ...] = ()
    without: tuple[Without, ...] = ()
    looks: Mapping[Place, Look] = field(default_factory=dict)


def withheld(row: Trend, period: Period, allows: Allows) -> Trend:
    """The same without the figures of months and periods that may not leave.

    `period`: the one whose changes are told.
    """

    def allowed(other: Period) -> bool:
        return allows(row.office, row.sector, other)

    return replace(
        row,
        months=tuple(
            month if allowed(parse_period(month.month)) else _without_figures(month)
            for month in row.months
        ),
        changes=tuple(_change(change, period, allowed) for change in row.changes),
    )


def _without_figures(month: Month) -> Month:
    return replace(month, estimate=_blank(month.estimate), departure=UNKNOWN)


def _change(change: Change, period: Period, allowed: Callable[[Period], bool]) -> Change:
    now, then = allowed(period), allowed(change.earlier)
    if now and then:
        return change
    this = change.this if now else _blank(change.this)
    other = change.other if then else _blank(change.other)
    return replace(change, this=this, other=other, difference=None, signal="unknown")


def _blank(found: Estimate) -> Estimate:
    """Only how many people there are, of how many."""
    kept = ("n", "population", "population_covered", "response_rate", "level", "notes")
    values = {name: getattr(found, name) for name in kept} | {"answered": found.n}
    nothing = dict.fromkeys(set(Estimate.__slots__) - set(values))
    return Estimate(**{**nothing, **values, "satisfied": 0, "reliable": False})
