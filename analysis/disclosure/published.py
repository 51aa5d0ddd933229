"""The published document: what everybody may see of a full one, and of the rest how many answered.

Owns the way from rows to published rows. What may be published is `rule`'s, in which steps
`rounding`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np

from analysis.disclosure.figures import column, frames, limits, told
from analysis.disclosure.rounding import item_step
from analysis.disclosure.rule import REST, Decision, HeadcountCell, People, RuleRow, decide
from analysis.disclosure.totals import Totals
from analysis.document import Document, Section, no_cycles
from analysis.document_rows import EstimateRow, SectionRows, VerdictRow
from analysis.errors import Problem, Refusal, said
from analysis.input.aggregates import CellMoments, read_moments
from analysis.input.population import Population
from analysis.input.rechecks import Rechecks, rechecks_beside
from analysis.input.responses import Responses
from analysis.period import Period
from analysis.recheck_rows import Apart, Chose, RecheckRow
from analysis.statistics.estimates import Note, silence_within
from analysis.strata.pooling import (
    GENERAL,
    Pooled,
    Questionnaires,
    blocks_of,
    family_of,
    sections,
)
from analysis.strata.rechecks import read_headcounts
from analysis.strata.running import few_late, spot
from analysis.strata.survey import ALL, Key, Scope, Survey
from questionnaires import OVERALL

_LISTED: Final = ("overall", "index")
"""Measures of every row; elements and items are published of the total alone."""


@dataclass(frozen=True, slots=True)
class Among:
    """The tree that the total of some offices is a part of.

    `name`: of the total among `totals`, each with the offices that it is made of. `responses`,
    `population`: of every office. `decided`: shared by the totals of one tree, which all rest on
    the same; empty at first.
    """

    name: str
    totals: Mapping[str, Set[str]]
    responses: Responses
    population: Population | None
    decided: dict[object, Totals] = field(default_factory=dict, repr=False, compare=False)


def published(
    document: Document,
    responses: Responses,
    population: Population | None,
    known: Questionnaires,
    rechecks: Rechecks | None = None,
    *,
    among: Among | None = None,
) -> Document:
    """The document as it may be published.

    Parameters
    ----------
    document
        From `analyse`, of a calendar period that is over, with every answer counted.
    responses, population, known, rechecks
        Those that it was made from: what was published earlier in its year is taken into account.
    among
        Of the total of some offices: the tree that it is a part of, as what is published of its
        other offices and totals is taken into account too.

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
    whole = among or Among("", {}, responses, population)
    every, counts = whole.responses, whole.population or Population("", ())
    heard = _Heard(every, counts, document.period, known, together=among is not None)
    parts, deciding = [], _Deciding(document, among)
    with no_cycles():
        for section, survey in zip(document.sections, document.surveys, strict=True):
            decision = deciding.of(section.questionnaires, heard.people)
            own = tuple(verdict for verdict in section.verdicts if verdict.basis != "recheck")
            part = replace(section, verdicts=own)
            parts.append(_Publisher(document, survey, decision).section(part))
    shown = replace(document, view="published", sections=tuple(parts), surveys=(), told=None)
    shown = replace(
        shown, reasons=()
    )  # no rule of ours says yet which counts of reasons may be published
    if document.recheck is None or document.recheck.rechecked is None:
        return shown
    draws = rechecks_beside(every) if rechecks is None else rechecks

    def asked(_: tuple[str, ...]) -> People:
        return People(*read_headcounts(every, draws or Rechecks("", ()), year, known))

    decision = deciding.of(("recheck",), asked)
    return _with_recheck(document, shown, document.recheck.rechecked.survey, decision)


@dataclass(frozen=True, slots=True)
class _Deciding:
    """What decides which rows of a document are published."""

    document: Document
    among: Among | None

    def of(self, keys: tuple[str, ...], people: Callable[[tuple[str, ...]], People]) -> Decision:
        """The decision by the headcounts of questionnaires: of the document's offices, or of all of
        its tree."""
        found, tree = self.document, self.among
        period, groups, minimum = found.period, found.targets.groups, found.minimum
        if tree is None:
            return decide(people(keys), period, groups, minimum)
        place = period.text, keys
        if place not in tree.decided:
            tree.decided[place] = Totals(people(keys), tree.totals, period, groups, minimum)
        return tree.decided[place].decision(tree.name)


@dataclass(frozen=True)
class _Heard:
    """Who answered in the year of a period, read once. `together`: of some offices' questionnaires,
    those that all offices' answers are counted together with in the period."""

    responses: Responses
    population: Population
    period: Period
    known: Questionnaires
    together: bool

    @cached_property
    def _block(self) -> dict[str, tuple[str, ...]]:
        return _block(self.responses, self.known)

    @cached_property
    def _found(self) -> Mapping[str, CellMoments]:
        return read_moments(self.responses, _year(self.period), self._block)

    @cached_property
    def _pooled(self) -> list[Pooled]:
        found = read_moments(self.responses, self.period, self._block) if self.together else {}
        return sections(found, self._block, self.known) if found else []

    def people(self, keys: tuple[str, ...]) -> People:
        """Headcounts of questionnaires."""
        near = (one.questionnaires for one in self._pooled if {*keys} <= {*one.questionnaires})
        dossiers = self.population.of(_year(self.period)).counts
        return _people(self._found, next(near, keys), dossiers)


def _with_recheck(
    document: Document, shown: Document, survey: Survey, decision: Decision
) -> Document:
    """The re-check by the same rule, as a survey of its own, and the verdicts that rest on it.

    Of what it says beside those who chose to answer only whether they differ may be published, of
    totals that are published on both sides: the figures made of both, and of those who say that
    they had answered, would tell what few people said.
    """
    found = document.recheck
    assert found is not None  # noqa: S101  the caller looked
    resting = tuple(verdict for verdict in document.verdicts if verdict.basis == "recheck")
    rows = tuple(
        row.alone._replace(silent_low=None, silent_high=None) for row in (*found.rows, *found.facts)
    )
    pseudo = Section(("recheck",), rows, resting)
    part = _Publisher(document, survey, decision, rest=False).section(pseudo)
    told: dict[tuple[str, ...], EstimateRow] = {row.key: row for row in part.estimates}
    recheck = replace(
        found,
        rows=tuple(_leaving(found.rows, told, shown)),
        facts=tuple(_leaving(found.facts, told, shown)),
        rechecked=None,
    )
    verdicts = {verdict.key: verdict for verdict in part.verdicts}
    sections = []
    for full, section in zip(document.sections, shown.sections, strict=True):
        own = {verdict.key: verdict for verdict in section.verdicts}
        kept = (
            verdicts[one.key] if one.basis == "recheck" else own[one.key] for one in full.verdicts
        )
        sections.append(replace(section, verdicts=tuple(kept)))
    return replace(shown, sections=tuple(sections), recheck=recheck)


def _leaving(
    rows: Sequence[RecheckRow], told: Mapping[tuple[str, ...], EstimateRow], shown: Document
) -> Iterator[RecheckRow]:
    """Published rows; of those withheld the total alone, without a figure."""
    for row in rows:
        alone = told.get(row.alone.key)
        if alone is None or not (alone.publishable or alone.sector == ALL):
            continue
        place = {"office": alone.office, "sector": alone.sector}
        other = shown.pick(**place, measure=alone.measure)
        beside = alone.publishable and other is not None and other.publishable
        both = beside and row.chose is not None
        total = both and alone.sector == ALL
        yield RecheckRow(
            alone,
            row.counts,
            chose=_chose(other) if both and other is not None else None,
            apart=Apart(None, None, None, None, row.differs) if total else None,
        )


def _chose(row: EstimateRow) -> Chose:
    figures = (row.share, row.low, row.high, row.step)
    return Chose(row.questionnaires, row.respondents, None, *figures)


def _check(document: Document) -> None:
    period, problems = document.period, []
    if document.status == "running":
        problems.append(("running", "wait"))
    if period.first.year != period.last.year:
        problems.append(("rolling", "calendar"))
    if document.partial:
        problems.append(("partial", "all"))
    if problems:
        view, name = said("name.published"), said("place.period", period=period.text)
        raise Refusal(
            Problem(view, name, said(f"published.{what}"), said(f"published.{remedy}"))
            for what, remedy in problems
        )


def _year(period: Period) -> Period:
    """From January to the end of a period: what was published of them is known."""
    months = tuple(f"{period.last.year}-{month:02d}" for month in range(1, period.last.month + 1))
    return replace(period, first=date(period.last.year, 1, 1), months=months)


def _block(responses: Responses, known: Questionnaires) -> dict[str, tuple[str, ...]]:
    """The measure that people are counted by: the overall question, else all items together.

    None of them where nobody has answered at all.
    """
    blocks = blocks_of(responses, known)
    name = OVERALL if OVERALL in blocks else next(iter(blocks), None)
    return {} if name is None else {name: blocks[name]}


def _people(
    found: Mapping[str, CellMoments],
    questionnaires: tuple[str, ...],
    dossiers: Mapping[tuple[str, str, str], int],
) -> People:
    counted = [Counter[HeadcountCell](), Counter[HeadcountCell]()]
    few = few_late(found)
    for key in questionnaires:
        for cell, measures in found.get(key, {}).items():
            heard = max((moments.answered for moments in measures.values()), default=0)
            waits = cell.late and spot(cell) in few
            counted[waits][cell.office, cell.sector, cell.month, cell.channel] += heard
    return People(+counted[False], dossiers, +counted[True])


@dataclass(frozen=True, slots=True)
class _Publisher:
    """One section of a document, with what may be published of it."""

    document: Document
    survey: Survey
    decision: Decision
    rest: bool = True

    def section(self, section: Section) -> Section:
        """Its rows and verdicts as they may be published."""
        listed = [row for row in section.estimates if self._listed(row)]
        listed += self._rest() if self.rest else []
        steps = {row.key: step for row in listed if (step := self._step(row)) is not None}
        shown = self._told([row for row in listed if row.key in steps], steps)
        rows = tuple(shown.get(row.key) or _blank(row) for row in listed)
        verdicts = [_word(verdict) for verdict in section.verdicts]
        asked = [self.document.row_of(verdict) for verdict in verdicts]
        known = self._bounds(verdicts, asked, shown)
        return Section(
            section.questionnaires,
            rows,
            tuple(
                verdict
                if row is None or not row.received or verdict.evidence == "none"
                else self._verdict(verdict, shown[row.key], *known[verdict.key])
                if row.key in shown
                else _withheld(verdict)
                for verdict, row in zip(verdicts, asked, strict=True)
            ),
        )

    def _told(
        self, rows: Sequence[EstimateRow], steps: Mapping[Any, float]
    ) -> dict[tuple[str, ...], EstimateRow]:
        """The rows that are published, by their keys."""
        if not rows:
            return {}
        step = np.array([steps[row.key] for row in rows])
        found = told(rows, step, frames(self.survey, self._keys(rows)), self.document.level)
        return {row.key: row for row in found}

    def _keys(self, rows: Sequence[EstimateRow]) -> list[Key]:
        return [(self._scope(row.office, row.sector), row.measure, row.channel) for row in rows]

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
        rows = SectionRows(self.survey, {}, self.document.level, running=False)
        return rows.rows_of(keys) if keys else []

    def _step(self, row: EstimateRow) -> float | None:
        """The step in which a row's shares are published; None where it is withheld."""
        if row.respondents < self.document.minimum or row.share is None or row.low is None:
            return None
        whole = RuleRow(row.office, row.sector, row.channel)
        step = self.decision.steps.get(whole)
        if step is None or row.measure in _LISTED:
            return step
        if row.channel != ALL:
            return None
        if row.sector != ALL:
            return item_step(step, row.n, row.respondents)
        items = self.decision.items.get(row.office)
        return None if items is None else item_step(items, row.n, row.respondents)

    def _bounds(
        self,
        verdicts: Sequence[VerdictRow],
        asked: Sequence[EstimateRow | None],
        shown: Mapping[tuple[str, ...], EstimateRow],
    ) -> dict[tuple[str, ...], tuple[float, float]]:
        """The one-sided limits of the verdicts whose rows are published, by their keys."""
        pairs = [
            (verdict, shown[row.key])
            for verdict, row in zip(verdicts, asked, strict=True)
            if row is not None and row.key in shown
        ]
        if not pairs:
            return {}
        full = column([v.lower for v, _ in pairs]), column([v.upper for v, _ in pairs])
        lower, upper = limits(
            column([v.share for v, _ in pairs]),
            column([row.step for _, row in pairs]),
            frames(self.survey, self._keys([row for _, row in pairs])).cap,
            full,
            1 - self.document.level,
        )
        return {
            verdict.key: (float(low), float(high))
            for (verdict, _), low, high in zip(pairs, lower, upper, strict=True)
        }

    def _verdict(
        self, verdict: VerdictRow, row: EstimateRow, lower: float, upper: float
    ) -> VerdictRow:
        """The word is that of the full figures; limits and q are rounded as the row is."""
        silent = silence_within(row.silent_low, row.silent_high, verdict.threshold)
        if silent is not None and verdict.basis == "certain" and silent.verdict != verdict.evidence:
            silent = None  # the rounded bounds leave open what the full ones settle
        return verdict._replace(
            share=row.share,
            lower=lower,
            upper=upper,
            q=None if silent is None else silent.share_needed,
            notes=tuple(note for note in verdict.notes if note.code not in _TESTS),
        )


_TESTS: Final = ("on_site_higher", "on_site_lower", "alone_met", "alone_missed")
"""Notes that tell the outcome of a test of, or between, rows that may be withheld."""


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
