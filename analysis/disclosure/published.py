"""The published document: what may leave of a full one, and of the rest how many answered.

Owns the way from rows to published rows. What may leave is `rule`'s, in which steps `rounding`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from analysis.counting.moments import CellMoments, read_moments
from analysis.design.pooling import GENERAL, Known, blocks_of, family_of
from analysis.design.scopes import ALL, Scope, Survey
from analysis.disclosure.rounding import Figures, rounded
from analysis.disclosure.rule import REST, Cell, Decision, People, Row, decide
from analysis.document import Document, Section
from analysis.document_rows import EstimateRow, Rows, VerdictRow
from analysis.formulas.nonresponse import silence_within
from analysis.formulas.notes import Note
from analysis.period import Period
from analysis.problems import Problem, Refusal
from analysis.reading.layout import Responses
from analysis.reading.population import Population
from questionnaires import OVERALL

_LISTED: Final = ("overall", "index")
"""Measures of every row; elements and items are published of the total alone."""


def published(
    document: Document, responses: Responses, population: Population | None, known: Known
) -> Document:
    """The document as it may leave.

    Parameters
    ----------
    document
        From `analyse`, of a calendar period that is over, with every answer counted.
    responses, population, known
        Those that it was made from: what was published earlier in its year is taken into account.

    Returns
    -------
    Document
        Its `view` is "published". Rows that are not published keep their keys, `n`, `received` and
        dossiers; sectors that are not stand together in the row "rest" where they may. Every
        figure is the full one's, rounded.

    Raises
    ------
    Refusal
        A period that is running or rolling, or answers left out by choice.
    """
    _check(document)
    year = _year(document.period)
    found = read_moments(responses, year, _block(responses, known))
    dossiers = (population or Population("", ())).of(year).counts
    parts = []
    for section, survey in zip(document.sections, document.surveys, strict=True):
        people = _people(found, section.questionnaires, dossiers)
        groups = document.targets.groups
        decision = decide(people, document.period, groups, document.minimum)
        parts.append(_Publisher(document, survey, decision).section(section))
    return replace(document, view="published", sections=tuple(parts), surveys=())


def _check(document: Document) -> None:
    period, problems = document.period, []
    if document.status == "running":
        problems.append(("it is not over yet", "publish it when it is"))
    if period.text.startswith("12m:") and period.first.month != 1:
        problems.append(("a rolling year is not published", "take the month, quarter or year"))
    if document.partial:
        what = "answers were left out by choice (questionnaire, flagged)"
        problems.append((what, "publish the figures of all answers"))
    if problems:
        name = f"period {period.text}"
        raise Refusal([Problem("published", name, what, remedy) for what, remedy in problems])


def _year(period: Period) -> Period:
    """From January to the end of a period: what was published of them is known."""
    months = tuple(f"{period.last.year}-{month:02d}" for month in range(1, period.last.month + 1))
    return replace(period, first=date(period.last.year, 1, 1), months=months)


def _block(responses: Responses, known: Known) -> dict[str, tuple[str, ...]]:
    """The measure that people are counted by: the overall question, else all items together."""
    blocks = blocks_of(responses, known)
    name = OVERALL if OVERALL in blocks else next(iter(blocks))
    return {name: blocks[name]}


def _people(
    found: Mapping[str, CellMoments],
    questionnaires: tuple[str, ...],
    dossiers: Mapping[tuple[str, str, str], int],
) -> People:
    answers: Counter[Cell] = Counter()
    for key in questionnaires:
        for cell, measures in found.get(key, {}).items():
            heard = max((moments.answered for moments in measures.values()), default=0)
            answers[cell.office, cell.sector, cell.month, cell.channel] += heard
    return People(+answers, dossiers)


_CHANNELS: Final = {"on_site": "on-site"}
"""Channels that the rule calls otherwise."""


@dataclass(frozen=True, slots=True)
class _Publisher:
    """One section of a document, with what may leave of it."""

    document: Document
    survey: Survey
    decision: Decision

    def section(self, section: Section) -> Section:
        """Its rows and verdicts as they may leave."""
        rows = [self._row(row) for row in section.estimates if self._listed(row)]
        rows += [self._row(row) for row in self._rest()]
        shown: set[tuple[str, ...]] = {row[:4] for row in rows if row.publishable}
        verdicts = (
            self._verdict(verdict, self.document.row_of(verdict), shown)
            for verdict in section.verdicts
        )
        return Section(section.questionnaires, tuple(rows), tuple(verdicts))

    def _listed(self, row: EstimateRow) -> bool:
        """Whether the row belongs to a table that is published at all."""
        total = row.sector in (ALL, GENERAL)
        return (total or row.channel == ALL) and (total or row.measure in _LISTED)

    def _rest(self) -> list[EstimateRow]:
        """The sectors that are withheld, as one row."""
        keys = []
        for office, sectors in sorted(self.decision.rest.items()):
            near = self.survey.scope(office, ALL).places
            places = tuple(place for place in near if place[1] in sectors)
            scope = Scope(office, REST, places, family_of(sectors[0]))
            keys += [(scope, measure, ALL) for measure in self.survey.measures(scope)]
        listed = [key for key in keys if key[1] in _LISTED]
        rows = Rows(self.survey, {}, self.document.level, running=False)
        return rows.rows_of(listed) if listed else []

    def _step(self, row: EstimateRow) -> float | None:
        """The step in which a row's shares are published; None where it is withheld."""
        if row.respondents < self.document.minimum:
            return None
        whole = Row(row.office, row.sector, _CHANNELS.get(row.channel, row.channel))
        step = self.decision.steps.get(whole)
        if step is None or row.measure in _LISTED:
            return step
        if row.channel != ALL:
            return None
        return self.decision.items.get(row.office, step) if row.sector == ALL else step

    def _row(self, row: EstimateRow) -> EstimateRow:
        step = self._step(row)
        if step is None:
            return _blank(row)
        told = _rounded(row, step)
        return row._replace(
            share=told.share,
            low=told.low,
            high=told.high,
            silent_low=told.silent_low,
            silent_high=told.silent_high,
            mean=told.mean,
            mean_low=told.mean_low,
            mean_high=told.mean_high,
            satisfied=None,
            publishable=True,
            step=step,
        )

    def _verdict(
        self, verdict: VerdictRow, row: EstimateRow | None, shown: set[tuple[str, ...]]
    ) -> VerdictRow:
        """The word is that of the full figures; limits and q are rounded as the row is."""
        told = verdict._replace(responses_needed=None, p_met=None, p_missed=None)
        if row is None or not row.received or verdict.evidence == "none":
            return told
        step = self._step(row) if row[:4] in shown else None
        if step is None:
            return _withheld(told)
        figures = _rounded(row, step, verdict)
        silent = silence_within(figures.silent_low, figures.silent_high, verdict.threshold)
        return told._replace(
            share=figures.share,
            lower=figures.lower,
            upper=figures.upper,
            q=None if silent is None else silent.share_needed,
            notes=tuple(note for note in verdict.notes if note.code not in _TESTS),
        )


_TESTS: Final = ("on_site_higher", "on_site_lower")
"""Notes that tell the outcome of a test between rows that may be withheld."""


def _rounded(row: EstimateRow, step: float, verdict: VerdictRow | None = None) -> Figures:
    figures = Figures(
        share=row.share,
        low=row.low,
        high=row.high,
        lower=None if verdict is None else verdict.lower,
        upper=None if verdict is None else verdict.upper,
        silent_low=row.silent_low,
        silent_high=row.silent_high,
        mean=row.mean,
        mean_low=row.mean_low,
        mean_high=row.mean_high,
    )
    return rounded(figures, step)


def _blank(row: EstimateRow) -> EstimateRow:
    """How many answered, of how many; nothing of what they said."""
    return row._replace(
        answered=None,
        satisfied=None,
        share=None,
        low=None,
        high=None,
        method=None,
        mean=None,
        mean_low=None,
        mean_high=None,
        silent_low=None,
        silent_high=None,
        notes=(),
    )


def _withheld(verdict: VerdictRow) -> VerdictRow:
    return verdict._replace(
        share=None,
        lower=None,
        upper=None,
        q=None,
        point="withheld",
        evidence="withheld",
        basis=None,
        reason=None,
        notes=(Note("withheld"),),
    )
