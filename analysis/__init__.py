"""Satisfaction from answers to verdicts in five verbs: read, estimate, judge, plot, report.

These names are the common road of an analyst (docs/analyst.md); everything else is in the module
that owns it. Each is loaded when first used: importing `analysis` loads no engine and no chart.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.charts.plots import Chart
    from analysis.document import EstimateRow, VerdictRow
    from analysis.problems import LayoutError, PeriodError, Refusal, TargetsError
    from analysis.road.data import Data, read
    from analysis.road.differences import Differences
    from analysis.road.estimates import Estimates, estimate
    from analysis.road.indices import IndexOfElements
    from analysis.road.months import Months
    from analysis.road.plan import Plan
    from analysis.road.reports import report
    from analysis.road.showing import plot
    from analysis.road.trending import Trends
    from analysis.road.verdicts import Verdicts, judge
    from analysis.road.weighted import WeightedEstimates

__all__ = [
    "Chart",
    "Data",
    "Differences",
    "EstimateRow",
    "Estimates",
    "IndexOfElements",
    "LayoutError",
    "Months",
    "PeriodError",
    "Plan",
    "Refusal",
    "TargetsError",
    "Trends",
    "VerdictRow",
    "Verdicts",
    "WeightedEstimates",
    "estimate",
    "judge",
    "plot",
    "read",
    "report",
]

_HOMES = {
    "charts.plots": ("Chart",),
    "document": ("EstimateRow", "VerdictRow"),
    "problems": ("LayoutError", "PeriodError", "Refusal", "TargetsError"),
    "road.data": ("Data", "read"),
    "road.differences": ("Differences",),
    "road.estimates": ("Estimates", "estimate"),
    "road.indices": ("IndexOfElements",),
    "road.months": ("Months",),
    "road.plan": ("Plan",),
    "road.reports": ("report",),
    "road.showing": ("plot",),
    "road.trending": ("Trends",),
    "road.verdicts": ("Verdicts", "judge"),
    "road.weighted": ("WeightedEstimates",),
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
