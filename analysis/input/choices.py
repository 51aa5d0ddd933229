"""The view `choices` of an office's own database: what was chosen beside the scores.

One row for each option that a person chose: `response_id` and the columns of the responses layout
that say whose answer it is, `question` and `option`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from analysis.input.columns import as_truth
from analysis.input.databases import view_beside

if TYPE_CHECKING:
    from analysis.input.responses import Responses

VIEW: Final = "choices"
COLUMNS: Final = (
    *("response_id", "questionnaire", "office", "sector", "answered_on", "late", "flag"),
    *("question", "option"),
)


def choices_of(responses: Responses) -> Any | None:
    """The choices of these responses; None where their source holds none."""
    if responses.source.kind != "database":
        return None
    table = view_beside(responses.source, VIEW, COLUMNS)
    if table is None:
        return None
    if responses.offices is not None:
        table = table.filter(table.office.isin(sorted(responses.offices)))
    return table.mutate(late=as_truth(table.late))
