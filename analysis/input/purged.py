"""Months of an office's own database whose answers were deleted when their time was over.

Asked before any figure is made: what was deleted must not look like "no answers".
"""

from __future__ import annotations

from typing import Final

from analysis.errors import Problem, Refusal, said
from analysis.input.databases import view_beside
from analysis.input.responses import Responses
from analysis.input.sources import run
from analysis.period import Period

VIEW: Final = "purged"
_COLUMNS: Final = ("month", "purged_on")


def require_answers(responses: Responses, period: Period) -> None:
    """Refusal where answers of the period were purged, naming the months and the day."""
    if responses.source.kind != "database":
        return
    table = view_beside(responses.source, VIEW, _COLUMNS)
    if table is None:
        return
    gone = run(responses.source, table.filter(table.month.isin(list(period.months))))
    if gone:
        months = sorted(str(row["month"]) for row in gone)
        told = {"months": ", ".join(months), "day": max(str(row["purged_on"]) for row in gone)}
        what, remedy = said("purged.gone", **told), said("purged.stored")
        raise Refusal([Problem(responses.name, period.text, what, remedy)])
