"""Satisfaction from responses to verdicts: layouts, moments, estimates, verdicts, one document.

Public names only, each loaded when first used: importing `analysis` loads no engine and no chart.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.beside import headline_sentences, sections_beside
    from analysis.colophon import head, method_table
    from analysis.detail_tables import channel_table, measure_table
    from analysis.document import Document, analyse, pick
    from analysis.estimates import Estimate, estimate
    from analysis.explanation import explain
    from analysis.history import Setting
    from analysis.insights import Insights
    from analysis.labels import measure_names, read_questionnaires
    from analysis.layout import Responses, read_responses
    from analysis.moments import Moments, Only
    from analysis.months import by_month, month_table
    from analysis.period import Period, parse_period
    from analysis.plots import (
        Chart,
        chart,
        chart_bytes,
        chart_description,
        month_chart,
        plot,
    )
    from analysis.population import Population, read_population
    from analysis.problems import LayoutError, PeriodError, Refusal, TargetsError, WordingError
    from analysis.result_tables import needed_table, sector_table, silence_table
    from analysis.scopes import Order
    from analysis.section import Section
    from analysis.strata import Stratum
    from analysis.tables import Table
    from analysis.targets import Targets, load_targets, shipped_targets
    from analysis.verdict_entries import VerdictList, verdict_list
    from analysis.verdicts import Verdict, judge

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
    "beside": ("headline_sentences", "sections_beside"),
    "colophon": ("head", "method_table"),
    "detail_tables": ("channel_table", "measure_table"),
    "document": ("Document", "analyse", "pick"),
    "estimates": ("Estimate", "estimate"),
    "explanation": ("explain",),
    "history": ("Setting",),
    "insights": ("Insights",),
    "labels": ("measure_names", "read_questionnaires"),
    "layout": ("Responses", "read_responses"),
    "moments": ("Moments", "Only"),
    "months": ("by_month", "month_table"),
    "period": ("Period", "parse_period"),
    "plots": ("Chart", "chart", "chart_bytes", "chart_description", "month_chart", "plot"),
    "population": ("Population", "read_population"),
    "problems": ("LayoutError", "PeriodError", "Refusal", "TargetsError", "WordingError"),
    "result_tables": ("needed_table", "sector_table", "silence_table"),
    "scopes": ("Order",),
    "section": ("Section",),
    "strata": ("Stratum",),
    "tables": ("Table",),
    "targets": ("Targets", "load_targets", "shipped_targets"),
    "verdict_entries": ("VerdictList", "verdict_list"),
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
