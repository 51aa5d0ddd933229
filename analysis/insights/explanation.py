"""The way to `Insights`: the further analyses of one period, joined.

Owns which are made and from which answers. Phrases nothing and decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from analysis.counting.joint import JointCells, Pair, Sheets, read_joint
from analysis.counting.scoring import Mark
from analysis.counting.sheets import count_flagged, read_days, read_repeats
from analysis.design.history import Setting, read_history
from analysis.design.pooling import GENERAL, blocks_asked
from analysis.design.scopes import ALL, Place
from analysis.document import Document, analyse
from analysis.formulas.sequence import Look
from analysis.insights.drivers import drivers
from analysis.insights.insights import Insights, Without
from analysis.insights.looks import looks, read_days_of_overall
from analysis.insights.reliability import Reliability, reliability
from analysis.insights.screening import (
    LEAST,
    STRETCH,
    Flag,
    apart,
    bursts,
    marks_of,
    same_sheets,
)
from analysis.insights.tallies import counts_by_place
from analysis.insights.trend import Trend, settled, trends
from analysis.period import Period, last_months
from analysis.reading.layout import Responses, read_responses
from analysis.reading.population import Population
from questionnaires import shipped

_NOTHING: Final = Population("", ())


@dataclass(frozen=True, slots=True)
class _Asked:
    """What all parts of an explanation need."""

    responses: Responses
    population: Population
    document: Document
    setting: Setting
    office: str

    @property
    def level(self) -> float:
        return self.document.level

    @property
    def period(self) -> Period:
        return self.document.period

    @property
    def running(self) -> date | None:
        """Today, while the period is running."""
        return self.setting.today if self.document.status == "running" else None


def explain(
    responses: Responses | str | Path,
    population: Population | None,
    document: Document,
    *,
    setting: Setting | None = None,
    office: str = ALL,
) -> Insights:
    """Trend, drivers, reliability and screening of a document's period, by some further queries.

    For the office's own view: nothing is withheld.

    Parameters
    ----------
    responses, population
        Those that the document was made from.
    document
        From `analyse`; its level is used throughout.
    setting
        Questionnaires, groups, order, which answers are wanted, and today: while the period is
        running its last month gives no signal and the period no change, as one looked at every day
        would soon be false; looks are counted instead. The shipped ones and all answers where left
        out.
    office
        Whose rows; flags are those of every office, as peers are compared.

    Raises
    ------
    Refusal
        As for `analyse`.
    """
    setting = setting or Setting(shipped(), document.targets.groups)
    known = setting.questionnaires
    if isinstance(responses, str | Path):
        with read_responses(responses, questionnaires=known) as opened:
            return explain(opened, population, document, setting=setting, office=office)
    responses = responses.knowing(known)
    asked = _Asked(responses, population or _NOTHING, document, setting, office)
    flags = _screen(asked)
    joint = _joint(asked)
    return Insights(
        period=asked.period,
        office=asked.office,
        trends=_trends(asked),
        drivers=drivers(_pairs(asked, joint), level=asked.level),
        reliability=_reliability(asked, joint),
        flags=flags,
        without=_without(asked, marks_of(flags)),
        looks=_looks(asked) if asked.running else {},
    )


def _trends(asked: _Asked) -> tuple[Trend, ...]:
    history = read_history(asked.responses, asked.population, asked.period, asked.setting)
    if history is None:
        return ()
    found = trends(history, asked.period, office=asked.office, level=asked.level)
    today = asked.running
    return tuple(settled(row, today) if today else row for row in found)


def _looks(asked: _Asked) -> dict[Place, Look]:
    days = read_days_of_overall(asked.responses, asked.period, asked.setting)
    rows = dict.fromkeys(row[:2] for row in asked.document.estimates)
    return looks(days, rows, asked.setting.groups, level=asked.level)


def _joint(asked: _Asked) -> Mapping[str, JointCells]:
    blocks = blocks_asked(asked.responses, asked.setting.questionnaires)
    return read_joint(asked.responses, asked.period, blocks, asked.setting.only)


def _cells(asked: _Asked, joint: Mapping[str, JointCells]) -> Iterable[tuple[str, Place]]:
    """Questionnaire and place of every cell of the office."""
    for key, cells in joint.items():
        yield from ((key, place) for place in cells if asked.office in (ALL, place[0]))


def _pairs(asked: _Asked, joint: Mapping[str, JointCells]) -> dict[str, dict[Place, Pair]]:
    """Pairs of the measures that the document's total has: elements, without elements the items.

    The agency itself is asked other things: it counts only where nothing else was asked.
    """
    places = [(key, place) for key, place in _cells(asked, joint)]
    about = [entry for entry in places if entry[1][1] != GENERAL] or places
    found: dict[str, dict[Place, Pair]] = {}
    for key, place in about:
        for measure, pair in joint[key][place].pairs.items():
            if asked.document.pick(office=asked.office, measure=measure) is not None:
                known = found.setdefault(measure, {})
                known[place] = known.get(place, Pair()) + pair
    elements = {measure: pairs for measure, pairs in found.items() if measure.startswith("element")}
    return elements or {measure: p for measure, p in found.items() if measure.startswith("item")}


def _reliability(asked: _Asked, joint: Mapping[str, JointCells]) -> tuple[Reliability, ...]:
    sums: dict[str, dict[str, Sheets]] = {}
    for key, place in _cells(asked, joint):
        known = sums.setdefault(key, {})
        for measure, sheets in joint[key][place].sheets.items():
            known[measure] = known[measure] + sheets if measure in known else sheets
    return tuple(
        row for key, sheets in sums.items() for row in reliability(key, sheets, level=asked.level)
    )


def _screen(asked: _Asked) -> tuple[Flag, ...]:
    """All flags; each rule is false in at most 1 - level of periods."""
    only, period, level = asked.setting.only, asked.period, asked.level
    stretch = last_months(period, max(STRETCH, len(period.months)))
    days = read_days(asked.responses, stretch, only)
    repeats = read_repeats(asked.responses, stretch, period, only, least=LEAST)
    return (
        *same_sheets(days, repeats, period, level=level),
        *bursts(days, period, level=level),
        *apart(counts_by_place(asked.document), level=level),
    )


def _without(asked: _Asked, marks: tuple[Mark, ...]) -> tuple[Without, ...]:
    """The total where it changes without flagged answers; further queries where there are any."""
    only = asked.setting.only
    if not marks and not count_flagged(asked.responses, asked.period, only):
        return ()
    other = analyse(
        asked.responses,
        asked.population,
        period=asked.period,
        targets=asked.document.targets,
        level=asked.level,
        questionnaires=asked.setting.questionnaires,
        only=only,
        order=asked.setting.order,
        flagged="exclude",
        marks=marks,
        today=asked.setting.today,
    )
    return tuple(_changed(asked, other))


def _changed(asked: _Asked, other: Document) -> Iterator[Without]:
    row, left = (found.pick(office=asked.office) for found in (asked.document, other))
    if row is None or row.share is None:
        return
    n, share = (left.n, left.share) if left else (0, None)
    if n != row.n:
        yield Without(row.office, row.sector, row.n, row.share, n, share)
