"""A period that is still running, looked at every day: limits that hold at every look.

Owns the looks of a period, a day each, and the document that goes by them. The limits are
`sequence`'s; once the period is over, the document's own intervals are the ones to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, Final

from analysis.counting.moments import ZERO, CellMoments, Moments, read_dated_moments
from analysis.design.history import Setting, by_questionnaire
from analysis.design.pooling import GENERAL, blocks_of, pool
from analysis.design.scopes import ALL, Place
from analysis.document import Document, Row, row_of
from analysis.formulas.sequence import Look, confidence_sequence
from analysis.period import Period
from analysis.reading.layout import Responses
from analysis.suppression.gate import WITHHELD
from analysis.targets import Targets

METHOD: Final = "confidence-sequence"

_MEASURE: Final = "overall"
_COUNTED: Final = ("hypergeometric", "clopper-pearson", "census")
_RUNNING: Final = (
    "Kỳ chưa kết thúc: chỉ kết luận nếu xem mỗi ngày vẫn đúng. / The period is still running:"
    " judged only by limits that hold at every look."
)

Days = Mapping[str, Iterable[CellMoments]]


def read_days_of_overall(responses: Responses, period: Period, setting: Setting) -> Days:
    """Moments of `overall` on every day of a period ("2026-11-05"), by one query.

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
    return {day: list(keys.values()) for day, keys in found.items()}


def looks(
    days: Days,
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


def live(document: Document, newest: Mapping[Place, Look], targets: Targets) -> Document:
    """The document of a running period: intervals and verdicts that daily looking cannot mislead.

    Rows of `overall` whose share is one of plain counts get the limits of their looks, and their
    verdicts are judged by these. No other verdict is given before the period is over.
    """
    rows = [
        _row(row, newest[_place(row)]) if _goes_by_looks(row) and _place(row) in newest else row
        for row in document["estimates"]
    ]
    found = {**document, "estimates": rows}
    verdicts = []
    for verdict in document["verdicts"]:
        row = row_of(found, verdict, targets)
        sure = row is not None and row["method"] == METHOD
        verdicts.append(_verdict(verdict, newest[_place(verdict)] if sure else None))
    return {**found, "verdicts": verdicts}


def _place(row: Row) -> Place:
    return row["office"], row["sector"]


def _goes_by_looks(row: Row) -> bool:
    whole = (row["measure"], row["channel"]) == (_MEASURE, ALL)
    return whole and row["method"] in _COUNTED


def _row(row: Row, look: Look) -> dict[str, Any]:
    return {**row, "low": look.running_low, "high": look.running_high, "method": METHOD}


def _verdict(verdict: Row, look: Look | None) -> dict[str, Any]:
    if verdict["evidence"] in ("none", WITHHELD):
        return dict(verdict)
    evidence = "not_proven"
    low, high = (look.running_low, look.running_high) if look else (None, None)
    if low is not None and high is not None:
        reached = "met" if low >= verdict["threshold"] else evidence
        evidence = "missed" if high < verdict["threshold"] else reached
    judged = {"lower": low, "upper": high, "evidence": evidence, "responses_needed": None}
    return {**verdict, **judged, "note": _RUNNING}
