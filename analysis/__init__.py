"""Satisfaction from responses to verdicts: layouts, moments, estimates, verdicts, one document.

Public names only, each loaded when first used: importing `analysis` loads no engine and no chart.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.charts.plots import (
        Chart,
        chart,
        chart_bytes,
        chart_description,
        month_chart,
        plot,
    )
    from analysis.counting.moments import Moments, Only
    from analysis.design.history import Setting
    from analysis.design.scopes import Order
    from analysis.document import Document, analyse, pick
    from analysis.formulas.estimates import Estimate, estimate
    from analysis.formulas.strata import Stratum
    from analysis.formulas.verdicts import Verdict, judge
    from analysis.insights.explanation import explain
    from analysis.insights.insights import Insights
    from analysis.period import Period, parse_period
    from analysis.problems import LayoutError, PeriodError, Refusal, TargetsError, WordingError
    from analysis.reading.layout import Responses, read_responses
    from analysis.reading.population import Population, read_population
    from analysis.targets import Targets, load_targets, shipped_targets
    from analysis.telling.beside import headline_sentences, sections_beside
    from analysis.telling.colophon import head, method_table
    from analysis.telling.detail_tables import channel_table, measure_table
    from analysis.telling.labels import measure_names, read_questionnaires
    from analysis.telling.months import by_month, month_table
    from analysis.telling.result_tables import needed_table, sector_table, silence_table
    from analysis.telling.section import Section
    from analysis.telling.tables import Table
    from analysis.telling.verdict_entries import VerdictList, verdict_list

__all__ = [
    "Chart",
    "Document",
    "Estimate",
    "Insights",
    "LayoutError",
    "Moments",
    "Only",
    "Order",
    "Period",
    "PeriodError",
    "Population",
    "Refusal",
    "Responses",
    "Section",
    "Setting",
    "Stratum",
    "Table",
    "Targets",
    "TargetsError",
    "Verdict",
    "VerdictList",
    "WordingError",
    "analyse",
    "by_month",
    "channel_table",
    "chart",
    "chart_bytes",
    "chart_description",
    "estimate",
    "explain",
    "head",
    "headline_sentences",
    "judge",
    "load_targets",
    "measure_names",
    "measure_table",
    "method_table",
    "month_chart",
    "month_table",
    "needed_table",
    "parse_period",
    "pick",
    "plot",
    "read_population",
    "read_questionnaires",
    "read_responses",
    "sections_beside",
    "sector_table",
    "shipped_targets",
    "silence_table",
    "verdict_list",
]

_HOMES = {
    "telling.beside": ("headline_sentences", "sections_beside"),
    "telling.colophon": ("head", "method_table"),
    "telling.detail_tables": ("channel_table", "measure_table"),
    "document": ("Document", "analyse", "pick"),
    "formulas.estimates": ("Estimate", "estimate"),
    "insights.explanation": ("explain",),
    "design.history": ("Setting",),
    "insights.insights": ("Insights",),
    "telling.labels": ("measure_names", "read_questionnaires"),
    "reading.layout": ("Responses", "read_responses"),
    "counting.moments": ("Moments", "Only"),
    "telling.months": ("by_month", "month_table"),
    "period": ("Period", "parse_period"),
    "charts.plots": ("Chart", "chart", "chart_bytes", "chart_description", "month_chart", "plot"),
    "reading.population": ("Population", "read_population"),
    "problems": ("LayoutError", "PeriodError", "Refusal", "TargetsError", "WordingError"),
    "telling.result_tables": ("needed_table", "sector_table", "silence_table"),
    "design.scopes": ("Order",),
    "telling.section": ("Section",),
    "formulas.strata": ("Stratum",),
    "telling.tables": ("Table",),
    "targets": ("Targets", "load_targets", "shipped_targets"),
    "telling.verdict_entries": ("VerdictList", "verdict_list"),
    "formulas.verdicts": ("Verdict", "judge"),
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
