"""A period that is still running, looked at every day: limits that hold at every look.

Owns the looks of a period, a day each. The limits are those of `statistics.sequential`; once the
period is over, the document's own intervals are the ones to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Final

from analysis.input.aggregates import CellMoments, read_daily_moments
from analysis.input.responses import Responses
from analysis.period import Period, parse_period
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.sequential import Look, confidence_sequence
from analysis.strata.pooling import GENERAL, blocks_of, first_with, sections
from analysis.strata.running import ByQuestionnaire, months_over, settled_days
from analysis.strata.survey import ALL, Place, Setting

_MEASURE: Final = "overall"

DailyMoments = Mapping[str, Iterable[CellMoments]]


def read_days_of_overall(responses: Responses, period: Period, setting: Setting) -> DailyMoments:
    """Moments of `overall` on every day of a running period that may be told, by a query a month.

    Of the questionnaires that most people answered.
    """
    blocks = blocks_of(responses, setting.questionnaires)
    if _MEASURE not in blocks or setting.today is None:
        return {}
    block, over = {_MEASURE: blocks[_MEASURE]}, months_over(period, setting.today)
    found: dict[str, ByQuestionnaire] = {}
    for month in period.months:
        daily = read_daily_moments(responses, parse_period(month), block, setting.only)
        found |= daily if month in over else settled_days(daily, setting.today)
    whole: ByQuestionnaire = {}
    for keys in found.values():
        for key, cells in keys.items():
            whole.setdefault(key, {}).update(cells)
    parts = sections(whole, block, setting.questionnaires)
    chosen = set(first_with(parts, _MEASURE).questionnaires)
    return {
        day: [cells for key, cells in keys.items() if key in chosen] for day, keys in found.items()
    }


def looks(
    days: DailyMoments,
    rows: Iterable[Place],
    groups: Mapping[str, tuple[str, ...]],
    *,
    level: float = 0.95,
) -> dict[Place, Look]:
    """The newest look at `overall` in every row that has answers.

    Parameters
    ----------
    days
        Day -> cells with moments of `overall`.
    rows
        Office and sector of the document's rows, totals and groups included.
    groups
        `group:<id>` -> its sectors.
    level
        That all looks of a row together hold.

    Notes
    -----
    Dossiers are not used: those of a running period are not counted yet. Answers of one day are
    one look, as their order within the day is not kept.
    """
    daily = [_by_place(days[day]) for day in sorted(days)]
    sectors = {sector for today in daily for _, sector in today}
    about = sectors - {GENERAL} or sectors
    found = {}
    for office, sector in rows:
        wanted = about if sector == ALL else set(groups.get(sector, (sector,)))
        steps = [
            sum((m for (o, s), m in today.items() if office in (ALL, o) and s in wanted), ZERO)
            for today in daily
        ]
        so_far = [(total.y, total.m) for total in accumulate(steps) if total.m]
        if so_far:
            found[office, sector] = confidence_sequence(so_far, level=level)[-1]
    return found


def _by_place(cells: Iterable[CellMoments]) -> dict[Place, Moments]:
    found: dict[Place, Moments] = {}
    for part in cells:
        for cell, measures in part.items():
            place = (cell.office, cell.sector)
            found[place] = found.get(place, ZERO) + measures.get(_MEASURE, ZERO)
    return found
