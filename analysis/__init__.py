"""Satisfaction from answers to verdicts in five verbs: read, estimate, judge, plot, report.

These names are what an analyst needs (docs/analyst.md); everything else is in the module
that owns it. Each is loaded when first used: importing `analysis` loads no engine and no chart.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.beside import (
        Drivers,
        Reliabilities,
        Screening,
        drivers,
        reliability,
        screening,
        trend,
    )
    from analysis.data import Data, read
    from analysis.differences import Differences
    from analysis.document import EstimateRow, VerdictRow
    from analysis.domains import Domains
    from analysis.errors import LayoutError, PeriodError, Refusal, TargetsError
    from analysis.estimating import estimate
    from analysis.exploring import Explorer, explore
    from analysis.indices import IndexOfElements
    from analysis.judging import Verdicts, judge
    from analysis.months import Months
    from analysis.parts import Parts
    from analysis.plan import Plan
    from analysis.plotting import plot
    from analysis.reporting.chart import Chart
    from analysis.reports import report
    from analysis.results import Estimates
    from analysis.trends import Trends
    from analysis.weighted import WeightedEstimates

__all__ = [
    "Chart",
    "Data",
    "Differences",
    "Domains",
    "Drivers",
    "EstimateRow",
    "Estimates",
    "Explorer",
    "IndexOfElements",
    "LayoutError",
    "Months",
    "Parts",
    "PeriodError",
    "Plan",
    "Refusal",
    "Reliabilities",
    "Screening",
    "TargetsError",
    "Trends",
    "VerdictRow",
    "Verdicts",
    "WeightedEstimates",
    "drivers",
    "estimate",
    "explore",
    "judge",
    "plot",
    "read",
    "reliability",
    "report",
    "screening",
    "trend",
]

_HOMES = {
    "beside": (
        *("Drivers", "Reliabilities", "Screening"),
        *("drivers", "reliability", "screening", "trend"),
    ),
    "data": ("Data", "read"),
    "differences": ("Differences",),
    "document": ("EstimateRow", "VerdictRow"),
    "domains": ("Domains",),
    "errors": ("LayoutError", "PeriodError", "Refusal", "TargetsError"),
    "indices": ("IndexOfElements",),
    "judging": ("Verdicts", "judge"),
    "months": ("Months",),
    "parts": ("Parts",),
    "plan": ("Plan",),
    "reporting.chart": ("Chart",),
    "estimating": ("estimate",),
    "exploring": ("Explorer", "explore"),
    "plotting": ("plot",),
    "reports": ("report",),
    "results": ("Estimates",),
    "trends": ("Trends",),
    "weighted": ("WeightedEstimates",),
}


def __getattr__(name: str) -> Any:
    """Load a public name from the module that owns it (PEP 562)."""
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"analysis.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
