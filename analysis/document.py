"""The verdict document, version 2: what page, notebook, reports and API all print from.

Owns its shape and its JSON. Must not round, phrase or draw; figures are those of `estimates`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from analysis.arguments import one_of, refused
from analysis.census_rows import Census, census
from analysis.document_rows import (
    EstimateRow,
    ReasonRow,
    Received,
    SectionRows,
    VerdictRow,
    as_json,
    named,
    reason_rows,
)
from analysis.errors import Problem, Refusal, said
from analysis.indicator_rows import Indicators, indicators
from analysis.input.aggregates import (
    EVERYTHING,
    CellMoments,
    FlaggedAnswers,
    Only,
    read_imported,
    unflagged,
)
from analysis.input.indicators import IndicatorCounts, indicators_beside, read_indicators
from analysis.input.population import Dossiers, Population, read_population
from analysis.input.purged import require_answers
from analysis.input.reasons import Chosen, ReasonKey, Tellable, read_reasons
from analysis.input.rechecks import Rechecks, read_rechecks, rechecks_beside
from analysis.input.responses import Responses, read_responses
from analysis.input.sources import run
from analysis.period import Period, PeriodLike, period_of
from analysis.recheck_rows import Beside, Recheck, RecheckRows
from analysis.statistics.exact import check_level
from analysis.strata.coverage import REQUIRED
from analysis.strata.pooling import Blocks, Pooled, Questionnaires, blocks_of, family_of, sections
from analysis.strata.rechecks import Rechecked, read_rechecked_survey
from analysis.strata.running import months_over, read_told
from analysis.strata.running import told as days_told
from analysis.strata.survey import ALL, ANY_ORDER, Order, Survey, sectors_named
from analysis.targets import Targets, shipped_targets
from questionnaires import shipped
from questionnaires.layout import SIDES

__all__ = ["FORMAT", "Document", "EstimateRow", "Section", "VerdictRow", "analyse"]

FORMAT: Final = "hailong.verdicts/2"

MINIMUM: Final = 10
"""Figures on fewer people are not published."""

MOST_MINIMUM: Final = 100
"""The strictest that an office may be about its own figures."""

Flagged = Literal["include", "exclude"]
Status = Literal["closed", "running"]
ViewName = Literal["full", "published"]


@dataclass(frozen=True)
class Section:
    """The rows and verdicts of questionnaires that are counted together.

    `questionnaires`: their keys; none where there are no answers at all.
    """

    questionnaires: tuple[str, ...]
    estimates: tuple[EstimateRow, ...]
    verdicts: tuple[VerdictRow, ...]

    @cached_property
    def by_key(self) -> Mapping[tuple[str, ...], EstimateRow]:
        """Rows by office, sector, measure and channel."""
        return {row[:4]: row for row in self.estimates}

    @cached_property
    def whose(self) -> frozenset[str]:
        """The `questionnaires` of its rows."""
        return frozenset(row.questionnaires for row in self.estimates)


@dataclass(frozen=True)
class Document:
    """Everything about one period. `view` "full" is the office's own, "published" everybody's.

    `status`: "running" until its last day is over, then its verdicts are not proven. `sections`:
    the questionnaires that most people answered first. `required_coverage`: the part of a scope's
    dossiers that its answers must stand for; `minimum`: people that a published figure must be on.
    `partial`: some answers were left out by choice. `edition`: 1, and 2 once late answers are in
    it. `imported`: by office, how many of the answers that came were brought in from another tool;
    they count like all others. `reasons`: what people chose beside their scores, of an office's
    own database alone; a published document has none. `recheck`: what a random part of the people
    say; None where nobody was drawn. `census`: what is counted of all dossiers, beside the survey
    and never mixed with it; None where none are counted. `indicators`: the one-stop desk's nine
    indicators, likewise; None where none was entered. `surveys`: what each section was made from;
    `told`: which answers it rests on.
    """

    period: Period
    level: float
    status: Status
    sections: tuple[Section, ...]
    view: ViewName = "full"
    simulated: bool = False
    edition: int = 1
    required_coverage: float = REQUIRED
    minimum: int = MINIMUM
    partial: bool = False
    imported: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    reasons: tuple[ReasonRow, ...] = ()
    recheck: Recheck | None = None
    census: Census | None = None
    indicators: Indicators | None = None
    targets: Targets = field(default_factory=shipped_targets, repr=False, compare=False)
    surveys: tuple[Survey, ...] = field(default=(), repr=False, compare=False)
    told: Tellable | None = field(default=None, repr=False, compare=False)

    @property
    def estimates(self) -> tuple[EstimateRow, ...]:
        """The rows of every section."""
        return tuple(row for section in self.sections for row in section.estimates)

    @property
    def verdicts(self) -> tuple[VerdictRow, ...]:
        """The verdicts of every section."""
        return tuple(row for section in self.sections for row in section.verdicts)

    @property
    def measures(self) -> list[str]:
        """The measures that the document speaks of, in its order."""
        return list(dict.fromkeys(row.measure for row in self.estimates))

    @property
    def offices(self) -> list[str]:
        """The offices of the document, without the total of all."""
        return [name for name in dict.fromkeys(r.office for r in self.estimates) if name != ALL]

    def parts(self) -> Iterator[Document]:
        """Each section as a document by itself."""
        return (replace(self, sections=(section,)) for section in self.sections)

    def pick(
        self,
        *,
        office: str = ALL,
        sector: str = ALL,
        measure: str = "overall",
        channel: str = ALL,
    ) -> EstimateRow | None:
        """The row of these keys in the first section that has it with answers, else with none."""
        key = (office, sector, measure, channel)
        rows = [row for s in self.sections if (row := s.by_key.get(key)) is not None]
        return next((row for row in rows if row.received), rows[0] if rows else None)

    def row_of(self, verdict: VerdictRow) -> EstimateRow | None:
        """The estimate that a verdict speaks of; None where its measure was not asked.

        Of a verdict that rests on the re-check, the re-check's own.
        """
        if verdict.basis == "recheck" and self.recheck is not None:
            place = {"office": verdict.office, "sector": verdict.sector}
            rows = (self.recheck.pick(**place, measure=one) for one in self._judged[verdict.target])
            return next((row.alone for row in rows if row is not None), None)
        return self.chosen_row_of(verdict)

    def chosen_row_of(self, verdict: VerdictRow) -> EstimateRow | None:
        """The estimate by those who chose to answer of what a verdict is about."""
        for section in self.sections:
            if verdict.questionnaires in section.whose:
                for measure in self._judged[verdict.target]:
                    key = (verdict.office, verdict.sector, measure, ALL)
                    if key in section.by_key:
                        return section.by_key[key]
        return None

    @cached_property
    def _judged(self) -> Mapping[str, tuple[str, ...]]:
        """Target -> the measures that it may be about."""
        return {target.id: tuple(named(target.measure)) for target in self.targets.target}

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        """The thresholds of its verdicts: no share is rounded across one of them."""
        return tuple(sorted({verdict.threshold for verdict in self.verdicts}))

    def as_json(self) -> dict[str, Any]:
        """The document for `json.dumps`; docs/data-layouts.md says what each key means."""
        return {
            "format": FORMAT,
            "view": self.view,
            "period": {
                "text": self.period.text,
                "from": self.period.first.isoformat(),
                "to": self.period.last.isoformat(),
                "months": len(self.period.months),
                "status": self.status,
            },
            "edition": self.edition,
            "level": self.level,
            "required_coverage": self.required_coverage,
            **({"minimum": self.minimum} if self.view == "published" else {}),
            "questionnaires": [list(section.questionnaires) for section in self.sections],
            **({"simulated": True} if self.simulated else {}),
            **({"imported": dict(self.imported)} if self.imported else {}),
            "estimates": [as_json(row) for row in self.estimates],
            "verdicts": [as_json(row) for row in self.verdicts],
            **({"reasons": [row._asdict() for row in self.reasons]} if self.reasons else {}),
            **({"recheck": self.recheck.as_json()} if self.recheck else {}),
            **({"census": self.census.as_json()} if self.census else {}),
            **({"indicators": self.indicators.as_json()} if self.indicators else {}),
        }


def analyse(  # noqa: PLR0913  one argument for each choice
    responses: Responses | str | Path,
    population: Population | str | Path | None = None,
    *,
    period: PeriodLike,
    targets: Targets | None = None,
    level: float = 0.95,
    questionnaires: Questionnaires | None = None,
    only: Only = EVERYTHING,
    order: Order = ANY_ORDER,
    flagged: Flagged = "include",
    marks: Sequence[FlaggedAnswers] = (),
    today: date | None = None,
    simulated: bool = False,
    rechecks: Rechecks | str | Path | None = None,
    entered: IndicatorCounts | str | Path | None = None,
    minimum: int = MINIMUM,
) -> Document:
    """The verdict document of a period: the office's own, with every figure.

    `disclosure.published` makes of it the one that everybody may see.

    Parameters
    ----------
    responses, population
        Read already, or a file, folder or database URL in the published layouts; population may
        be left out.
    period
        For example "2026-10", "2026-Q4", "2026-H2", "2026", "12m:2026-10".
    targets
        The plan's own where left out.
    questionnaires
        Key -> questionnaire; the shipped ones where left out.
    only
        One questionnaire's or one office's answers.
    order
        Of offices and sectors; sectors as in the targets where left out. The rest is by name.
    flagged
        "exclude" leaves out answers that a screening rule flagged, as if never given.
    marks
        Answers to count as flagged, beside those whose `flag` is set (`screening.marks_of`).
    today
        A period that is not over by then is running: it is counted up to an earlier day, and its
        verdicts are not proven. Left out: every period is over.
    rechecks
        Draws of the random re-check, read already or a source of the layout; those of the office's
        own database where left out.
    entered
        Files with 2, 1 and 0 points of the desk's nine indicators, likewise.
    minimum
        The fewest people that a figure of the published document may rest on: `MINIMUM`, or more up
        to `MOST_MINIMUM`. Of this document it changes nothing.

    Raises
    ------
    Refusal
        Listing every problem of files or period, each with its remedy; or `minimum` is outside its
        range.
    """
    check_level(level)
    check_minimum(minimum)
    one_of("flagged", flagged, get_args(Flagged))
    period = period_of(period)
    targets = shipped_targets() if targets is None else targets
    if only.office is not None:
        targets = targets.totalled(only.office)
    known = shipped() if questionnaires is None else questionnaires
    counts = read_population(population) if isinstance(population, str | Path) else population
    counts = counts or Population("", ())
    wanted = _Wanted(period, only, flagged, tuple(marks), today)
    draws = read_rechecks(rechecks) if isinstance(rechecks, str | Path) else rechecks
    points = read_indicators(entered) if isinstance(entered, str | Path) else entered
    order = order if order.sectors else replace(order, sectors=sectors_named(targets))
    made = _Made(wanted, targets, level, order, counts.of(period, only.office), known)
    with _opened(responses, known) as opened:
        answers = _read(opened, counts, known, wanted)
        rechecked = made.rechecked(opened, draws)
        points = indicators_beside(opened) if points is None else points
    with no_cycles():
        surveys = tuple(made.survey(pooled) for pooled in answers.sections)
        parts = tuple(
            made.section(survey, answers.received, beside=number > 0)
            for number, survey in enumerate(surveys)
        )
        recheck, parts = made.beside(rechecked, parts, surveys, answers)
    return Document(
        period,
        level,
        "running" if wanted.running else "closed",
        parts,
        simulated=simulated,
        edition=answers.edition,
        minimum=minimum,
        partial=only.questionnaire is not None or flagged == "exclude",
        imported=MappingProxyType(dict(answers.imported)),
        reasons=reason_rows(answers.reasons, order.sectors),
        recheck=recheck,
        census=census(
            counts,
            period,
            targets,
            office=only.office,
            order=order,
            running=wanted.running,
        ),
        indicators=indicators(
            points, period, office=only.office, order=order, running=wanted.running
        ),
        targets=targets,
        surveys=surveys,
        told=answers.told,
    )


def _opened(
    responses: Responses | str | Path, known: Questionnaires
) -> AbstractContextManager[Responses]:
    """The responses of a source, which is closed again; those that are read already stay open."""
    if isinstance(responses, str | Path):
        return read_responses(responses, questionnaires=known)
    return nullcontext(responses.knowing(known))


def check_minimum(minimum: int) -> None:
    """Refusal where a published figure may not rest on so few, or need not on so many."""
    if type(minimum) is not int or not MINIMUM <= minimum <= MOST_MINIMUM:
        remedy = said("argument.write_minimum", least=MINIMUM, most=MOST_MINIMUM)
        raise refused("minimum", minimum, said("argument.no_minimum"), remedy)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which answers a document is about."""

    period: Period
    only: Only
    flagged: Flagged
    marks: tuple[FlaggedAnswers, ...]
    today: date | None

    @property
    def over(self) -> tuple[str, ...]:
        return months_over(self.period, self.today)

    @property
    def running(self) -> bool:
        return self.over != self.period.months


@dataclass(frozen=True, slots=True)
class _Answers:
    """The answers side by side, and how many came in all, by questionnaire and cell."""

    sections: list[Pooled]
    received: Mapping[str, CellMoments]
    edition: int
    reasons: Mapping[ReasonKey, Chosen]
    blocks: Blocks
    imported: Mapping[str, int]
    told: Tellable

    def holds_all(self, questionnaires: tuple[str, ...]) -> bool:
        """Whether every answer about sectors that came is to one of these."""
        return not any(
            family_of(cell.sector) == "sectors"
            for key, cells in self.received.items()
            if key not in questionnaires
            for cell in cells
        )


def _read(
    responses: Responses, counts: Population, known: Questionnaires, wanted: _Wanted
) -> _Answers:
    require_answers(responses, wanted.period)
    _check_only(responses, counts, known, wanted.only)
    blocks = blocks_of(responses, known)
    told, received = read_told(
        responses, wanted.period, blocks, wanted.only, wanted.marks, wanted.today
    )
    came = received
    if wanted.flagged == "exclude":
        told, received = unflagged(told), unflagged(received)
    late = any(cell.late for cells in told.values() for cell in cells)
    edition = 2 if late and not wanted.period.is_year else 1
    if told is not received:
        told = _with_empty(told, received)
    days = days_told(responses, wanted.period, wanted.only, wanted.today, came)
    flagged = wanted.flagged == "include"
    imported = read_imported(responses, wanted.period, wanted.only, flagged=flagged)
    reasons = read_reasons(responses, wanted.period, wanted.only, days, flagged=flagged)
    pooled = sections(told, blocks, known)
    return _Answers(pooled, received, edition, reasons, blocks, imported, days)


def _with_empty(
    told: Mapping[str, CellMoments], received: Mapping[str, CellMoments]
) -> dict[str, CellMoments]:
    """A cell for everything that came, empty where nothing of it is told yet: it has its row."""
    return {
        key: {cell: told.get(key, {}).get(cell, {}) for cell in cells}
        for key, cells in received.items()
    }


def _check_only(
    responses: Responses, counts: Population, known: Questionnaires, only: Only
) -> None:
    """Refuse a name that occurs nowhere: a slip of the pen must not look like "no answers"."""
    for what, chosen, found in (
        ("questionnaire", only.questionnaire, responses.answers.keys() | known.keys()),
        ("office", only.office, _offices(responses, counts) if only.office else set()),
    ):
        if chosen is not None and chosen not in found:
            known_ones = ", ".join(sorted(found)[:20]) or said("choice.in_files")
            remedy = said("choice.use_one", known=known_ones)
            nowhere = said("choice.nowhere")
            raise Refusal([Problem(said(f"name.{what}"), f"'{chosen}'", nowhere, remedy)])


def _offices(responses: Responses, counts: Population) -> set[str]:
    rows = run(responses.source, responses.table.select("office").distinct())
    return {str(row["office"]) for row in rows} | {count.office for count in counts.counts}


@dataclass(frozen=True, slots=True)
class _Made:
    """What every section of a document is made with."""

    wanted: _Wanted
    targets: Targets
    level: float
    order: Order
    dossiers: Dossiers
    known: Questionnaires

    def rechecked(self, responses: Responses, draws: Rechecks | None) -> Rechecked | None:
        """The re-check of the period; none beside the answers to one questionnaire alone."""
        wanted = self.wanted
        if wanted.only.questionnaire is not None:
            return None
        draws = rechecks_beside(responses) if draws is None else draws
        if draws is None and responses.rechecked is None:
            return None
        return read_rechecked_survey(
            responses,
            draws or Rechecks("", ()),
            self.dossiers,
            wanted.period,
            wanted.over,
            known=self.known,
            groups=self.targets.groups,
            order=self.order,
            only=wanted.only,
        )

    def beside(
        self,
        rechecked: Rechecked | None,
        parts: tuple[Section, ...],
        surveys: tuple[Survey, ...],
        answers: _Answers,
    ) -> tuple[Recheck | None, tuple[Section, ...]]:
        """The re-check beside the sections, and these with the verdicts that rest on it."""
        if rechecked is None:
            return None, parts
        beside = []
        for survey in surveys:
            keys = survey.pooled.asked.get("sectors", ())
            beside.append(Beside(keys, survey, answers.holds_all(keys)))
        asked = dict.fromkeys((*answers.blocks, *rechecked.blocks))
        blocks = {
            measure: tuple(
                dict.fromkeys(
                    (*answers.blocks.get(measure, ()), *rechecked.blocks.get(measure, ()))
                )
            )
            for measure in asked
        }
        rows = RecheckRows(
            rechecked, beside, blocks, self.known, self.level, running=self.wanted.running
        )
        found = rows.found()
        verdicts = rows.judged([part.verdicts for part in parts], self.targets, found)
        told = zip(parts, verdicts, strict=True)
        return found, tuple(replace(part, verdicts=judged) for part, judged in told)

    def survey(self, pooled: Pooled) -> Survey:
        wanted, groups = self.wanted, self.targets.groups
        return Survey(pooled, self.dossiers, wanted.period, groups, self.order, wanted.over)

    def section(
        self, survey: Survey, received: Mapping[str, CellMoments], *, beside: bool
    ) -> Section:
        """`beside`: not the first one, which alone has the rows of what nobody answered."""
        came = _received(survey, received)
        rows = SectionRows(survey, came, self.level, running=self.wanted.running)
        estimates = tuple(rows.estimates())
        verdicts = rows.verdicts(self.targets, {row[:4]: row for row in estimates})
        if beside:
            estimates = tuple(row for row in estimates if row.received)
            verdicts = [verdict for verdict in verdicts if verdict.evidence != "none"]
        return Section(survey.pooled.questionnaires, estimates, tuple(verdicts))


def _received(survey: Survey, received: Mapping[str, CellMoments]) -> Received:
    """Answer sheets that came, by the keys of the rows of a survey."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for key in survey.pooled.questionnaires:
        for cell, measures in received.get(key, {}).items():
            n = max((moments.n for moments in measures.values()), default=0)
            place = counts.setdefault((cell.office, cell.sector), {})
            for channel in (cell.channel, ALL):
                place[channel] = place.get(channel, 0) + n
    found: dict[tuple[str, str, str], int] = {}
    for scope in survey.scopes():
        for channel in (ALL, *survey.channels(scope)):
            names = SIDES.get(channel, (channel,))
            came = (counts.get(place, {}) for place in scope.places)
            total = sum(place.get(name, 0) for place in came for name in names)
            found[scope.office, scope.sector, channel] = total
    return found


@contextmanager
def no_cycles() -> Iterator[None]:
    """Rows come by the hundred thousand and hold no cycles: to look for some takes as long."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
