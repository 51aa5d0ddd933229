"""What stands beside a verdict document: change, drivers, reliability, patterns, daily looks.

For the office's own view: it holds every figure. Owns which analyses are made and from which
answers: `gather` reads once for all offices, `Gathered.of` selects. Phrases and decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

from analysis.document import Document, VerdictRow, analyse
from analysis.input.aggregates import FlaggedAnswers
from analysis.input.counts import (
    JointCells,
    OfficeMonth,
    PairCounts,
    Sheets,
    count_flags,
    months_without_days,
    read_days,
    read_joint,
    read_repeats,
    with_days,
)
from analysis.input.population import Population
from analysis.input.responses import Responses, read_responses
from analysis.insights.daily import DailyMoments, looks, read_days_of_overall
from analysis.insights.drivers import Driver, Reliability, drivers, reliability
from analysis.insights.screening import LEAST, STRETCH, Flag, apart, bursts, marks_of, same_sheets
from analysis.insights.trend import Trend, settled, trends
from analysis.period import Period, last_months
from analysis.statistics.sequential import Look
from analysis.statistics.verdicts import Headline, headline
from analysis.strata.pooling import GENERAL, blocks_asked
from analysis.strata.survey import ALL, History, Place, Setting, read_history
from analysis.targets import Target
from questionnaires import shipped


def counts_by_place(
    found: Document, measure: str = "overall", whose: str | None = None
) -> dict[Place, tuple[int, int]]:
    """(satisfied, answered) of every office and sector of the first section that has the measure.

    Of the figures that the document shows; `whose`: of the rows of these questionnaires alone.
    """
    for section in found.sections:
        counts = {
            (row.office, row.sector): (row.satisfied, row.answered)
            for row in section.estimates
            if (row.measure, row.channel) == (measure, ALL) and ALL not in row[:2]
            if whose in (None, row.questionnaires)
            if not row.sector.startswith("group:")
            if row.satisfied is not None and row.answered
        }
        if counts:
            return counts
    return {}


def each_sector(found: Document, target: Target, office: str = ALL) -> list[VerdictRow]:
    """One verdict of a target for each sector: of the first section that has answers there."""
    told: dict[str, VerdictRow] = {}
    for verdict in found.verdicts:
        known = told.get(verdict.sector)
        if (verdict.target, verdict.office) == (target.id, office):
            told[verdict.sector] = verdict if known is None or known.evidence == "none" else known
    return list(told.values())


def headlines(found: Document, office: str = ALL) -> list[tuple[Target, Headline]]:
    """For every target that each of several sectors has to meet: how many proofs hold together."""
    told = []
    for target in found.targets.target:
        verdicts = each_sector(found, target, office)
        if len(verdicts) > 1:
            told.append((target, headline(verdicts, level=found.level)))
    return told


@dataclass(frozen=True, slots=True)
class Without:
    """One row of the document with all answers, and without those that were flagged."""

    office: str
    sector: str
    n: int
    share: float
    n_without: int
    share_without: float | None


@dataclass(frozen=True, slots=True)
class Insights:
    """Everything that belongs beside the document of one period and office.

    `flags`: of the whole installation. `undated`: months of the period of whose answers the month
    alone is known, so that no day of theirs is flagged. `marked`: how many of the office's answers
    were stored with a flag, by that flag. `without`: rows of the office that change when flagged
    answers, by either, are left out. `looks`: by office and sector of the document's rows, while
    the period is running.
    """

    period: Period
    office: str
    trends: tuple[Trend, ...] = ()
    drivers: tuple[Driver, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    flags: tuple[Flag, ...] = ()
    undated: tuple[str, ...] = ()
    marked: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    without: tuple[Without, ...] = ()
    looks: Mapping[Place, Look] = field(default_factory=lambda: MappingProxyType({}))


_NOTHING: Final = Population("", ())


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read for the insights of a document; those of an office are a selection from it.

    `flags`: of every office, as peers are compared. `undated`: offices and months whose days are
    not known. `marked`: stored flags by office. `other`: the document without flagged answers; None
    where none are flagged.
    """

    document: Document
    setting: Setting
    history: History | None
    joint: Mapping[str, JointCells]
    days: DailyMoments
    flags: tuple[Flag, ...]
    undated: frozenset[OfficeMonth]
    marked: Mapping[str, Counter[str]]
    other: Document | None

    def of(self, office: str = ALL) -> Insights:
        """The insights of one office or of all; flags stay those of every office."""
        return replace(
            self.together(office),
            trends=self._trends(office),
            flags=self.flags,
            undated=self._undated(office),
            marked=MappingProxyType(
                sum(
                    (found for place, found in self.marked.items() if office in (ALL, place)),
                    Counter[str](),
                )
            ),
            without=tuple(_changed(self.document, self.other, office)) if self.other else (),
            looks=MappingProxyType(self._looks(office)),
        )

    def together(self, office: str = ALL) -> Insights:
        """Drivers and reliability alone: what is told by several answers of the same person."""
        document, cells = self.document, self._cells(office)
        return Insights(
            period=document.period,
            office=office,
            drivers=drivers(self._pairs(office, cells), level=document.level),
            reliability=self._reliability(cells),
        )

    def _cells(self, office: str) -> list[tuple[str, Place]]:
        return [
            (key, place)
            for key, places in self.joint.items()
            for place in places
            if office in (ALL, place[0])
        ]

    @property
    def _running(self) -> date | None:
        """Today, while the period is running."""
        return self.setting.today if self.document.status == "running" else None

    def _trends(self, office: str) -> tuple[Trend, ...]:
        if self.history is None:
            return ()
        document, today = self.document, self._running
        found = trends(self.history, document.period, office=office, level=document.level)
        return tuple(settled(row, today) if today else row for row in found)

    def _undated(self, office: str) -> tuple[str, ...]:
        found = {month for place, month in self.undated if office in (ALL, place)}
        return tuple(month for month in self.document.period.months if month in found)

    def _looks(self, office: str) -> dict[Place, Look]:
        if self._running is None:
            return {}
        rows = dict.fromkeys(
            row[:2] for row in self.document.estimates if office in (ALL, row.office)
        )
        return looks(self.days, rows, self.setting.groups, level=self.document.level)

    def _pairs(
        self, office: str, cells: Sequence[tuple[str, Place]]
    ) -> dict[str, dict[Place, PairCounts]]:
        """Pairs of the measures that the total has: elements, without elements the items.

        The agency itself is asked other things: it counts only where nothing else was asked.
        """
        about = [entry for entry in cells if entry[1][1] != GENERAL] or cells
        found: dict[str, dict[Place, PairCounts]] = {}
        for key, place in about:
            for measure, pair in self.joint[key][place].pairs.items():
                if self.document.pick(office=office, measure=measure) is not None:
                    known = found.setdefault(measure, {})
                    known[place] = known.get(place, PairCounts()) + pair
        elements = {m: pairs for m, pairs in found.items() if m.startswith("element")}
        return elements or {m: pairs for m, pairs in found.items() if m.startswith("item")}

    def _reliability(self, cells: Sequence[tuple[str, Place]]) -> tuple[Reliability, ...]:
        sums: dict[str, dict[str, Sheets]] = {}
        for key, place in cells:
            known = sums.setdefault(key, {})
            for measure, sheets in self.joint[key][place].sheets.items():
                known[measure] = known[measure] + sheets if measure in known else sheets
        level = self.document.level
        return tuple(
            row for key, sheets in sums.items() for row in reliability(key, sheets, level=level)
        )


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
    if isinstance(responses, Responses):
        return gather(responses, population, document, setting).of(office)
    with read_responses(responses, questionnaires=setting.questionnaires) as opened:
        return gather(opened, population, document, setting).of(office)


def gather(
    responses: Responses, population: Population | None, document: Document, setting: Setting
) -> Gathered:
    """Read once what the insights of every office are selected from; as for `explain`."""
    responses = responses.knowing(setting.questionnaires)
    population = population or _NOTHING
    period, running = document.period, document.status == "running"
    flags, undated = _screen(responses, document, setting)
    marks, marked = marks_of(flags), count_flags(responses, period, setting.only)
    blocks = blocks_asked(responses, setting.questionnaires)
    return Gathered(
        document=document,
        setting=setting,
        history=read_history(responses, population, period, setting),
        joint=read_joint(responses, period, blocks, setting.only),
        days=read_days_of_overall(responses, period, setting) if running else {},
        flags=flags,
        undated=undated,
        marked=marked,
        other=_without(responses, population, document, setting, marks)
        if marks or marked
        else None,
    )


def gather_together(
    responses: Responses, document: Document, setting: Setting, office: str = ALL
) -> Insights:
    """`Gathered.together`, with nothing else read: one query for each questionnaire."""
    responses = responses.knowing(setting.questionnaires)
    blocks = blocks_asked(responses, setting.questionnaires)
    joint = read_joint(responses, document.period, blocks, setting.only)
    return Gathered(document, setting, None, joint, {}, (), frozenset(), {}, None).together(office)


def _screen(
    responses: Responses, document: Document, setting: Setting
) -> tuple[tuple[Flag, ...], frozenset[OfficeMonth]]:
    """All flags; each rule is false in at most 1 - level of periods. And which days are not known.

    A sealed month has no days any more: nothing of it is judged by days, or learnt from.
    """
    only, period, level = setting.only, document.period, document.level
    stretch = last_months(period, max(STRETCH, len(period.months)))
    every = read_days(responses, stretch, only)
    undated = months_without_days(every, setting.today)
    days = {
        place: {day: n for day, n in found.items() if (place[1], f"{day:%Y-%m}") not in undated}
        for place, found in every.items()
    }
    repeats = read_repeats(with_days(responses, undated), stretch, period, only, least=LEAST)
    flags = (
        *same_sheets(days, repeats, period, level=level),
        *bursts(days, period, level=level),
        *apart(counts_by_place(document), level=level),
    )
    return flags, undated


def _without(
    responses: Responses,
    population: Population,
    document: Document,
    setting: Setting,
    marks: tuple[FlaggedAnswers, ...],
) -> Document:
    """The document without flagged answers."""
    return analyse(
        responses,
        population,
        period=document.period,
        targets=document.targets,
        level=document.level,
        questionnaires=setting.questionnaires,
        only=setting.only,
        order=setting.order,
        flagged="exclude",
        marks=marks,
        today=setting.today,
    )


def _changed(document: Document, other: Document, office: str) -> Iterator[Without]:
    row, left = (found.pick(office=office) for found in (document, other))
    if row is None or row.share is None:
        return
    n, share = (left.n, left.share) if left else (0, None)
    if n != row.n:
        yield Without(row.office, row.sector, row.n, row.share, n, share)
