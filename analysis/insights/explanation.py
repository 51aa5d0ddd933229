"""The way to `Insights`: the further analyses of one period, joined.

Owns which are made and from which answers. Phrases nothing and decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from analysis.counting.joint import JointCells, Pair, Sheets, read_joint
from analysis.counting.scoring import Mark, Only
from analysis.counting.sheets import count_flagged, read_days, read_repeats
from analysis.design.headcounts import read_headcounts
from analysis.design.history import Setting, read_history
from analysis.design.pooling import GENERAL, blocks_asked, blocks_of
from analysis.design.scopes import ALL, Place
from analysis.document import Document, analyse, period_of, pick
from analysis.formulas.departures import UNKNOWN
from analysis.formulas.sequence import Look
from analysis.insights.drivers import drivers
from analysis.insights.insights import Insights, Without, withheld
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
from analysis.insights.trend import Trend, trends
from analysis.period import Period, last_months, parse_period
from analysis.problems import Refusal
from analysis.reading.layout import Responses, read_responses
from analysis.reading.population import Population
from analysis.suppression.flagged_parts import tells_nobody_apart
from analysis.suppression.gate import published
from analysis.suppression.overlap import MINIMUM_CELL
from analysis.suppression.published_history import PublishedHistory
from analysis.targets import Targets, shipped_targets
from questionnaires import OVERALL, shipped

_NOTHING: Final = Population("", ())


@dataclass(frozen=True, slots=True)
class _Asked:
    """What all parts of an explanation need."""

    responses: Responses
    population: Population
    document: Document
    period: Period
    targets: Targets
    setting: Setting
    office: str

    @property
    def level(self) -> float:
        return float(self.document["level"])


def explain(
    responses: Responses | str | Path,
    population: Population | None,
    document: Document,
    *,
    targets: Targets | None = None,
    setting: Setting | None = None,
    office: str = ALL,
    today: date | None = None,
) -> Insights:
    """Trend, drivers, reliability and screening of a document's period, as they may leave.

    By some further queries.

    Parameters
    ----------
    responses, population, targets
        Those that the document was made from; the plan's own targets where left out.
    document
        From `analyse`; its level is used throughout. What may not leave of it is used nowhere.
    setting
        Questionnaires, groups, order, and which answers are wanted; the shipped ones and all
        answers where left out.
    office
        Whose rows; flags are those of every office, as peers are compared.
    today
        Where given and not after the period, it is still running: its last month gives no signal
        and the period no change, as one looked at every day would soon be false; looks are
        counted instead.

    Raises
    ------
    Refusal
        As for `analyse`; a wording that changed before the period only leaves out the trend.
    """
    if isinstance(responses, str | Path):
        with read_responses(responses) as opened:
            return explain(
                opened,
                population,
                document,
                targets=targets,
                setting=setting,
                office=office,
                today=today,
            )
    targets = shipped_targets() if targets is None else targets
    setting = setting or Setting(shipped(), targets.groups)
    counts, period = population or _NOTHING, period_of(document)
    seen = published(document, targets)
    asked = _Asked(responses, counts, seen, period, targets, setting, office)
    return _explained(asked, today if today is not None and today <= period.last else None)


def _explained(asked: _Asked, running: date | None) -> Insights:
    found, refusal = _trends(asked, running)
    flags = _screen(asked)
    joint = _joint(asked)
    return Insights(
        period=asked.period,
        office=asked.office,
        trends=found,
        refusal=refusal,
        drivers=drivers(_pairs(asked, joint), level=asked.level),
        reliability=_reliability(asked, joint),
        flags=flags,
        without=_without(asked, marks_of(flags)),
        looks=_looks(asked) if running else {},
    )


def _trends(asked: _Asked, running: date | None) -> tuple[tuple[Trend, ...], str | None]:
    try:
        history = _history(asked)
    except Refusal as refusal:
        return (), str(refusal)
    if history is None:
        return (), None
    found = trends(history, asked.period, office=asked.office, level=asked.level)
    found = [withheld(row, asked.period, history.allows) for row in found]
    return tuple(_settled(row, running) if running else row for row in found), None


def _history(asked: _Asked) -> PublishedHistory | None:
    """Two years of overall satisfaction, as they may be seen."""
    history = read_history(asked.responses, asked.population, asked.period, asked.setting)
    if history is None:
        return None
    blocks = blocks_of(asked.responses, asked.setting.questionnaires)
    block = {history.measure: blocks[history.measure]}
    only = Only(asked.setting.only.questionnaire)  # of every office: rows tell about others
    people = read_headcounts(asked.responses, history.stretch, block, only)
    return PublishedHistory(history, people, block)


def _settled(row: Trend, today: date) -> Trend:
    """Only what is over is told apart: no signal of a running month, no change of the period."""
    months = tuple(
        replace(month, departure=UNKNOWN) if parse_period(month.month).last >= today else month
        for month in row.months
    )
    return replace(row, months=months, changes=())


def _looks(asked: _Asked) -> dict[Place, Look]:
    days = read_days_of_overall(asked.responses, asked.period, asked.setting)
    rows = dict.fromkeys((row["office"], row["sector"]) for row in asked.document["estimates"])
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
            if pick(asked.document, office=asked.office, measure=measure) is not None:
                known = found.setdefault(measure, {})
                known[place] = known.get(place, Pair()) + pair
    found = {measure: _pieces(asked, measure, places) for measure, places in found.items()}
    elements = {measure: pairs for measure, pairs in found.items() if measure.startswith("element")}
    return elements or {measure: p for measure, p in found.items() if measure.startswith("item")}


def _pieces(asked: _Asked, measure: str, places: Mapping[Place, Pair]) -> dict[Place, Pair]:
    """Places whose figures may be seen, and the others as one; left out where these are few."""
    found: dict[Place, Pair] = {}
    for place, pair in places.items():
        piece = place if _is_seen(asked.document, place, measure) else ("", "")
        found[piece] = found.get(piece, Pair()) + pair
    return {piece: pair for piece, pair in found.items() if pair.n >= MINIMUM_CELL}


def _is_seen(document: Document, place: Place, measure: str) -> bool:
    office, sector = place
    names = (OVERALL, measure)
    rows = [pick(document, office=office, sector=sector, measure=name) for name in names]
    return all(row is not None and row["publishable"] for row in rows)


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
    """The total where it changes without flagged answers; further queries where there are any.

    Of sectors, too, it would take all of them to be protected together.
    """
    only = asked.setting.only
    if not marks and not count_flagged(asked.responses, asked.period, only):
        return ()
    if not _may_be_told_apart(asked, marks):
        return ()
    other = analyse(
        asked.responses,
        asked.population,
        period=asked.period,
        targets=asked.targets,
        level=asked.level,
        questionnaires=asked.setting.questionnaires,
        only=only,
        order=asked.setting.order,
        flagged="exclude",
        marks=marks,
    )
    return tuple(_changed(asked, published(other, asked.targets)))


def _may_be_told_apart(asked: _Asked, marks: tuple[Mark, ...]) -> bool:
    """Whether a total without flagged answers tells about nobody; by the rule of `overlap`.

    In each month, cell by cell, the fewer of flagged and other answers must add up to five.
    """
    blocks = blocks_of(asked.responses, asked.setting.questionnaires)
    if OVERALL not in blocks:
        return False
    block, only = {OVERALL: blocks[OVERALL]}, asked.setting.only
    everybody = read_headcounts(asked.responses, asked.period, block, only)
    others = read_headcounts(asked.responses, asked.period, block, only, without=marks)
    office = None if asked.office == ALL else asked.office
    return tells_nobody_apart(everybody, others, OVERALL, office)


def _changed(asked: _Asked, other: Document) -> Iterable[Without]:
    for row in asked.document["estimates"]:
        office, sector = row["office"], row["sector"]
        whole = (row["measure"], row["channel"]) == ("overall", ALL)
        if not whole or (office, sector) != (asked.office, ALL) or row["share"] is None:
            continue
        left = pick(other, office=office, sector=sector)
        n, share = (left["n"], left["share"]) if left else (0, None)
        if n != row["n"]:
            yield Without(office, sector, row["n"], row["share"], n, share)
