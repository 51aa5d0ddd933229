"""The view `choices` of an office's own database: what was chosen beside the scores.

One row for each option that a person chose: `response_id` and the columns of the responses layout
that say whose answer it is, `question` and `option`. Those of the random re-check are apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from analysis.input.columns import as_truth
from analysis.input.databases import view_beside
from questionnaires.layout import RECHECK

if TYPE_CHECKING:
    from analysis.input.responses import Responses

VIEW: Final = "choices"
COLUMNS: Final = (
    *("response_id", "questionnaire", "office", "sector", "channel", "answered_on", "late"),
    "flag",
    *("question", "option"),
)


def choices_of(responses: Responses) -> Any | None:
    """What was chosen by those who chose to answer; None where the source holds no choices."""
    table = _choices(responses)
    if table is None or "channel" not in table.columns:  # a view of before there were re-checks
        return table
    return table.filter(table.channel != RECHECK)


def choices_rechecked(responses: Responses) -> Any | None:
    """What was chosen in the random re-check; None where the source holds no choices."""
    table = _choices(responses)
    if table is None or "channel" not in table.columns:
        return None
    return table.filter(table.channel == RECHECK)


def _choices(responses: Responses) -> Any | None:
    if responses.source.kind != "database":
        return None
    table = view_beside(responses.source, VIEW, COLUMNS)
    if table is None:
        return None
    if responses.offices is not None:
        table = table.filter(table.office.isin(sorted(responses.offices)))
    return table.mutate(late=as_truth(table.late))
