"""How many people gave each score, of the same answers that the figures rest on.

Owns one query. Which answers may be told is `reasons.Tellable`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from analysis.input.aggregates import DATED, FLAGGED, LATE, Only, chosen, date_text, dated, times
from analysis.input.sources import run

if TYPE_CHECKING:
    from analysis.input.reasons import Tellable
    from analysis.input.responses import Responses
    from analysis.period import Period

ScoreKey: TypeAlias = tuple[str, str, str, str, str, str]
"""Questionnaire, office, sector, month ("2026-10"), channel and item."""

ScoreCounts: TypeAlias = Mapping[ScoreKey, tuple[int, ...]]
"""People who gave 1, 2 and so on up to the top of the scale."""

NO_SCORES: Final[ScoreCounts] = MappingProxyType({})

_PLACE: Final = ("questionnaire", "office", "sector", "channel")


def read_scores(
    responses: Responses,
    period: Period,
    items: Sequence[str],
    steps: int,
    only: Only,
    told: Tellable,
    *,
    flagged: bool,
) -> ScoreCounts:
    """The counts of every item's scores from 1 to `steps`, by one query.

    `flagged`: also of answers that a screening rule flagged.
    """
    if not items:
        return {}
    rows = dated(chosen(responses, period, only), "month" if told.month is None else "day")
    rows = rows.mutate(**{FLAGGED: (rows.flag != "").fill_null(False), LATE: rows.late})
    if not flagged:
        rows = rows.filter(~rows[FLAGGED])
    sums = {
        f"{item}__{score}": times(rows, (rows[item] == score).fill_null(False), responses)
        for item in items
        for score in range(1, steps + 1)
    }
    found: dict[ScoreKey, Counter[int]] = {}
    for row in run(responses.source, rows.group_by(*_PLACE, DATED, LATE).aggregate(**sums)):
        if told.holds(row):
            questionnaire, office, sector, channel = (str(row[name]) for name in _PLACE)
            month = date_text(row[DATED])[:7]
            for item in items:
                key = questionnaire, office, sector, month, channel, item
                counts = found.setdefault(key, Counter())
                for score in range(1, steps + 1):
                    counts[score] += int(row[f"{item}__{score}"] or 0)
    return {key: tuple(n[score] for score in range(1, steps + 1)) for key, n in found.items()}
