"""A period that is still running, looked at every day: limits that hold at every look.

Owns the looks of a period, a day each. The limits are `sequence`'s; once the period is over, the
document's own interval is the one to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate

from analysis.history import Setting, by_questionnaire
from analysis.layout import Responses
from analysis.moments import ZERO, Cell, CellMoments, Moments, read_dated_moments
from analysis.period import Period
from analysis.pooling import blocks_of, pool
from analysis.scopes import Place
from analysis.sequence import Look, confidence_sequence

_MEASURE = "overall"


def read_looks(
    responses: Responses, period: Period, setting: Setting, *, level: float = 0.95
) -> dict[Place, Look]:
    """The newest look at `overall` in every office and sector, by one query over days.

    Dossiers are not used: those of a running period are not counted yet. Answers of one day are
    one look, as their order within the day is not kept.

    Raises
    ------
    Refusal
        Where the questionnaires of the period word the question differently.
    """
    blocks = blocks_of(responses, setting.questionnaires)
    if _MEASURE not in blocks:
        return {}
    block = {_MEASURE: blocks[_MEASURE]}
    found = read_dated_moments(responses, period, block, setting.only, span="day")
    pool(by_questionnaire(found), block, setting.questionnaires)  # refuses unlike wordings
    return looks_of({day: list(keys.values()) for day, keys in found.items()}, level=level)


def looks_of(days: Mapping[str, list[CellMoments]], *, level: float = 0.95) -> dict[Place, Look]:
    """The newest look of each place from the answers of every day ("2026-10-05")."""
    daily: dict[Place, list[Moments]] = {}
    for day in sorted(days):
        today: dict[Place, Moments] = {}
        for cells in days[day]:
            for cell, measures in cells.items():
                place = _place(cell)
                today[place] = today.get(place, ZERO) + measures.get(_MEASURE, ZERO)
        for place, moments in today.items():
            daily.setdefault(place, []).append(moments)
    return {place: _newest(found, level) for place, found in daily.items()}


def _place(cell: Cell) -> Place:
    return cell.office, cell.sector


def _newest(days: list[Moments], level: float) -> Look:
    so_far = accumulate(days)
    return confidence_sequence([(found.y, found.m) for found in so_far], level=level)[-1]
