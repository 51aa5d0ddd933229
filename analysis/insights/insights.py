"""What stands beside a verdict document: change, drivers, reliability, patterns, live looks.

For the office's own view: it holds every figure. Owns the shape of it; computes nothing: see
`explanation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.design.scopes import Place
from analysis.formulas.sequence import Look
from analysis.insights.drivers import Driver
from analysis.insights.reliability import Reliability
from analysis.insights.screening import Flag
from analysis.insights.trend import Trend
from analysis.period import Period


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

    `flags`: of the whole installation. `without`: rows of the office that change when flagged
    answers are left out. `looks`: by office and sector of the document's rows, while the period is
    running.
    """

    period: Period
    office: str
    trends: tuple[Trend, ...] = ()
    drivers: tuple[Driver, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    flags: tuple[Flag, ...] = ()
    without: tuple[Without, ...] = ()
    looks: Mapping[Place, Look] = field(default_factory=dict)
