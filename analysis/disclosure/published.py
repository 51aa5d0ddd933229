"""The published document: what may leave of a full one, and of the rest how many answered.

Owns the way from rows to published rows. What may leave is `rule`'s, in which steps `rounding`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from analysis.counting.moments import CellMoments, read_moments
from analysis.design.pooling import GENERAL, Known, blocks_of, family_of
from analysis.design.scopes import ALL, Scope, Survey
from analysis.disclosure.figures import Frame, figures_of, frames, limits_of, told
from analysis.disclosure.rounding import item_step
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
        listed = [row for row in section.estimates if self._listed(row)] + self._rest()
        steps = {row.key: step for row in listed if (step := self._step(row)) is not None}
        known = self._frames([row for row in listed if row.key in steps])
        level = self.document.level
        rows = tuple(
            told(row, steps[row.key], known[row.key], level) if row.key in steps else _blank(row)
            for row in listed
        )
        verdicts = []
        for verdict in section.verdicts:
            row = self.document.row_of(verdict)
            if row is None or not row.received or verdict.evidence == "none":
                verdicts.append(_word(verdict))
            elif row.key in steps:
                verdicts.append(self._verdict(verdict, row, steps[row.key], known[row.key]))
            else:
                verdicts.append(_withheld(_word(verdict)))
        return Section(section.questionnaires, rows, tuple(verdicts))

    def _frames(self, rows: Sequence[EstimateRow]) -> dict[tuple[str, ...], Frame]:
        """Of rows that are published, what is the same whatever anybody said."""
        keys = [(self._scope(row.office, row.sector), row.measure, row.channel) for row in rows]
        found = frames(self.survey, keys) if keys else []
        return {row.key: frame for row, frame in zip(rows, found, strict=True)}

    def _scope(self, office: str, sector: str) -> Scope:
        if sector != REST:
            return self.survey.scope(office, sector)
        sectors = self.decision.rest[office]
        near = self.survey.scope(office, ALL).places
        places = tuple(place for place in near if place[1] in sectors)
        return Scope(office, REST, places, family_of(sectors[0]))

    def _listed(self, row: EstimateRow) -> bool:
        """Whether the row belongs to a table that is published at all."""
        total = row.sector in (ALL, GENERAL)
        return (total or row.channel == ALL) and (total or row.measure in _LISTED)

    def _rest(self) -> list[EstimateRow]:
        """The sectors that are withheld, as one row."""
        scopes = [self._scope(office, REST) for office in sorted(self.decision.rest)]
        keys = [
            (scope, measure, ALL)
            for scope in scopes
            for measure in self.survey.measures(scope)
            if measure in _LISTED
        ]
        rows = Rows(self.survey, {}, self.document.level, running=False)
        return rows.rows_of(keys) if keys else []

    def _step(self, row: EstimateRow) -> float | None:
        """The step in which a row's shares are published; None where it is withheld."""
        if row.respondents < self.document.minimum or row.share is None or row.low is None:
            return None
        whole = Row(row.office, row.sector, _CHANNELS.get(row.channel, row.channel))
        step = self.decision.steps.get(whole)
        if step is None or row.measure in _LISTED:
            return step
        if row.channel != ALL:
            return None
        if row.sector != ALL:
            return item_step(step, row.n, row.respondents)
        items = self.decision.items.get(row.office)
        return None if items is None else item_step(items, row.n, row.respondents)

    def _verdict(
        self, verdict: VerdictRow, row: EstimateRow, step: float, frame: Frame
    ) -> VerdictRow:
        """The word is that of the full figures; limits and q are rounded as the row is."""
        level = self.document.level
        shown = told(row, step, frame, level)
        silent = silence_within(shown.silent_low, shown.silent_high, verdict.threshold)
        limits = limits_of(row, verdict)
        figures = figures_of(row.share or 0.0, limits, step, frame, level)
        return _word(verdict)._replace(
            share=figures.share,
            lower=figures.limits.lower,
            upper=figures.limits.upper,
            q=None if silent is None else silent.share_needed,
            notes=tuple(note for note in verdict.notes if note.code not in _TESTS),
        )


_TESTS: Final = ("on_site_higher", "on_site_lower")
"""Notes that tell the outcome of a test between rows that may be withheld."""


def _word(verdict: VerdictRow) -> VerdictRow:
    """The verdict without what answers it would need and p-values, which tell the exact share."""
    return verdict._replace(responses_needed=None, p_met=None, p_missed=None)


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
