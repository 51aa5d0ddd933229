"""Satisfaction from responses to verdicts: layouts, moments, estimates, verdicts, one document.

Public names only, each loaded when first used: importing `analysis` loads no engine and no chart.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.document import Document, analyse, pick
    from analysis.estimates import Estimate, estimate
    from analysis.layout import Responses, read_responses
    from analysis.moments import Moments
    from analysis.period import Period, parse_period
    from analysis.plots import chart_bytes, chart_description, plot
    from analysis.population import Population, read_population
    from analysis.problems import LayoutError, PeriodError, Refusal, TargetsError, WordingError
    from analysis.strata import Stratum
    from analysis.targets import Targets, load_targets, shipped_targets
    from analysis.verdicts import Verdict, judge

__all__ = [
    "Document",
    "Estimate",
    "LayoutError",
    "Moments",
    "Period",
    "PeriodError",
    "Population",
    "Refusal",
    "Responses",
    "Stratum",
    "Targets",
    "TargetsError",
    "Verdict",
    "WordingError",
    "analyse",
    "chart_bytes",
    "chart_description",
    "estimate",
    "judge",
    "load_targets",
    "parse_period",
    "pick",
    "plot",
    "read_population",
    "read_responses",
    "shipped_targets",
]

_HOMES = {
    "document": ("Document", "analyse", "pick"),
    "estimates": ("Estimate", "estimate"),
    "layout": ("Responses", "read_responses"),
    "moments": ("Moments",),
    "period": ("Period", "parse_period"),
    "plots": ("chart_bytes", "chart_description", "plot"),
    "population": ("Population", "read_population"),
    "problems": ("LayoutError", "PeriodError", "Refusal", "TargetsError", "WordingError"),
    "strata": ("Stratum",),
    "targets": ("Targets", "load_targets", "shipped_targets"),
    "verdicts": ("Verdict", "judge"),
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
