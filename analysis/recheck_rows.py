"""What a verdict document says of the random re-check: its rows, and the verdicts that rest on it.

Owns their fields, what is set beside what, and which verdicts. Figures are those of
`statistics.recheck` and of the rows of any survey; strata are `strata.rechecks`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from analysis.document_rows import Basis, EstimateRow, OpenReason, SectionRows, VerdictRow, named
from analysis.input.rechecks import FACT
from analysis.statistics.estimates import Estimate, Note, Silence
from analysis.statistics.exact import TIE
from analysis.statistics.recheck import (
    BoxTest,
    Combined,
    Contrast,
    RecheckStratum,
    box_test,
    contrast,
    draw_bounds,
    hansen_hurwitz,
)
from analysis.statistics.strata import MeasureKind
from analysis.statistics.verdicts import Evidence, Verdict, holm
from analysis.strata.coverage import REQUIRED, Coverage
from analysis.strata.pooling import GENERAL, Blocks, Questionnaires, asked_alike
from analysis.strata.rechecks import Counts, Rechecked
from analysis.strata.survey import ALL, Scope, Survey
from analysis.targets import Targets
from questionnaires import OVERALL
from questionnaires.layout import NO


class Chose(NamedTuple):
    """Those who chose to answer, over the strata that the re-check covers.

    `step`: in a published document, the step of its figures.
    """

    questionnaires: str
    n: int
    satisfied: int | None
    share: float | None
    low: float | None
    high: float | None
    step: float | None = None


class Apart(NamedTuple):
    """The re-check's share less that of those who chose to answer."""

    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    differs: bool


class Together(NamedTuple):
    """Hansen and Hurwitz' share of everybody, and the part of the dossiers that it stands for."""

    share: float
    low: float
    high: float
    covered: float


class Box(NamedTuple):
    """Those drawn who say that they had answered, against what the answers say."""

    people: int
    satisfied: int
    expected: float
    p_value: float
    suspect: bool


class RecheckRow(NamedTuple):
    """One row of the re-check.

    `alone`: its figures, as of any row; N is that of the lists, the response rate that of those
    drawn, and `silent_low`, `silent_high` are the share if all drawn who did not answer were
    dissatisfied, or satisfied. `counts`: what became of those drawn. `chose`, `apart`: beside those
    who chose to answer; None where they were not asked the same, or nobody was. `together`: with
    them, where one honest open answer a dossier is not contradicted. `box`: None of other measures
    than `overall`, and where nothing is known of who had answered.
    """

    alone: EstimateRow
    counts: Counts
    chose: Chose | None = None
    apart: Apart | None = None
    together: Together | None = None
    box: Box | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Office, sector and measure."""
        return self.alone[:3]

    @property
    def suspect(self) -> bool:
        """Whether the box says more than those who say that they had answered."""
        return self.box is not None and self.box.suspect

    @property
    def differs(self) -> bool:
        """Whether those drawn say something else than those who chose to answer."""
        return self.apart is not None and self.apart.differs


_KEYS = ("office", "sector", "measure", "questionnaires")
_FIGURES = (
    *("respondents", "satisfied", "population", "response_rate", "coverage", "months"),
    *("share", "low", "high", "method", "mean", "mean_low", "mean_high"),
    *("silent_low", "silent_high", "publishable", "step"),
)
_COUNTS = ("drawn", "received", "refused", "not_reached", "wrong_number", "waiting")


@dataclass(frozen=True, slots=True)
class Recheck:
    """The re-check of a document.

    `rows`: of every scope that was drawn from. `facts`: the questions of fact, whose share is of
    those who say yes. `left_out`: answers of the re-check that belong to no draw.
    """

    rows: tuple[RecheckRow, ...]
    facts: tuple[RecheckRow, ...]
    left_out: int
    rechecked: Rechecked | None = field(default=None, repr=False, compare=False)

    def pick(
        self, *, office: str = ALL, sector: str = ALL, measure: str = OVERALL
    ) -> RecheckRow | None:
        """The row of these keys."""
        wanted = office, sector, measure
        return next((row for row in (*self.rows, *self.facts) if row.key == wanted), None)

    def as_json(self) -> dict[str, Any]:
        """For `json.dumps`; docs/data-layouts.md says what each key means."""
        return {
            "rows": [_row_json(row) for row in self.rows],
            "facts": [_fact_json(row) for row in self.facts],
            "left_out": self.left_out,
        }


def _row_json(row: RecheckRow) -> dict[str, Any]:
    alone, counts = row.alone._asdict(), vars_of(row.counts)
    return {
        **{name: alone[name] for name in _KEYS},
        **{name: counts[name] for name in _COUNTS},
        **{name: alone[name] for name in _FIGURES},
        "chose": None if row.chose is None else row.chose._asdict(),
        "difference": None if row.apart is None else row.apart._asdict(),
        "hansen_hurwitz": None if row.together is None else row.together._asdict(),
        "box": None if row.box is None else row.box._asdict(),
        "note": row.alone.note,
    }


_FACT_FIGURES = ("population", "share", "low", "high", "method", "publishable", "step")


def _fact_json(row: RecheckRow) -> dict[str, Any]:
    alone = row.alone._asdict()
    return {
        "office": alone["office"],
        "sector": alone["sector"],
        "question": alone["measure"].removeprefix(FACT),
        "questionnaires": alone["questionnaires"],
        "answered": alone["respondents"],
        "yes": alone["satisfied"],
        **{name: alone[name] for name in _FACT_FIGURES},
        "note": row.alone.note,
    }


def vars_of(counts: Counts) -> dict[str, int | None]:
    """Counts by name."""
    return {name: getattr(counts, name) for name in _COUNTS}


@dataclass(frozen=True, slots=True)
class Beside:
    """A section of those who chose to answer, as far as a re-check is set beside it.

    `whole`: whether it holds every answer about sectors of the period.
    """

    questionnaires: tuple[str, ...]
    survey: Survey
    whole: bool


class RecheckRows(SectionRows):
    """The rows of a re-check, and the verdicts that rest on it alone."""

    def __init__(
        self,
        rechecked: Rechecked,
        sections: Sequence[Beside],
        blocks: Blocks,
        known: Questionnaires,
        level: float,
        *,
        running: bool,
    ) -> None:
        """`blocks`: measure -> items, of the re-check and of the sections together."""
        super().__init__(rechecked.survey, {}, level, running=running)
        self.rechecked, self.sections, self.blocks, self.known = rechecked, sections, blocks, known

    def found(self) -> Recheck:
        """Every row."""
        keys = [
            (scope, measure, ALL)
            for scope in self._scopes()
            for measure in self.survey.measures(scope)
            if not measure.startswith("item:")
        ]
        alone = self.rows_of(keys)
        strata = [self.rechecked.strata(scope, measure, None) for scope, measure, _ in keys]
        made = [
            self._row(key[0], self._of_draw(row, key[0], found), found)
            for key, row, found in zip(keys, alone, strata, strict=True)
        ]
        rows = [row for row in made if not row.alone.measure.startswith(FACT)]
        facts = [row for row in made if row.alone.measure.startswith(FACT)]
        told = tuple(_adjusted(rows, self.level))
        return Recheck(told, tuple(facts), self.rechecked.left_out, self.rechecked)

    def _scopes(self) -> Iterator[Scope]:
        drawn = {place[:2] for place in self.rechecked.draws}
        for scope in self.survey.scopes():
            if drawn.intersection(scope.places):
                yield scope

    def _of_draw(
        self, row: EstimateRow, scope: Scope, strata: Sequence[RecheckStratum]
    ) -> EstimateRow:
        """A row whose silent people are those drawn who did not answer."""
        drawn, bounds = self.rechecked.drawn(scope), draw_bounds(strata)
        return row._replace(
            questionnaires="+".join(self.rechecked.questionnaires),
            response_rate=row.respondents / drawn if drawn else None,
            silent_low=None if bounds is None else bounds.low,
            silent_high=None if bounds is None else bounds.high,
        )

    def _row(
        self, scope: Scope, alone: EstimateRow, strata: Sequence[RecheckStratum]
    ) -> RecheckRow:
        row = RecheckRow(alone, self.rechecked.counts(scope))
        section = self.beside(alone.measure)
        if section is None or not strata:
            return row
        kind: MeasureKind = self.survey.measures(scope).get(alone.measure) or "item"
        both = self.rechecked.strata(scope, alone.measure, section.survey)
        found = contrast(both, level=self.level, kind=kind)
        row = row._replace(**_contrasted(found, section))
        if alone.measure != OVERALL or not section.whole:
            return row
        box = box_test(both, level=self.level)
        row = row._replace(box=None if box is None else _box(box))
        if row.suspect:  # then the answers are no census of those who gave them
            return row
        silent = self.rechecked.strata(scope, alone.measure, section.survey, NO)
        together = hansen_hurwitz(silent, level=self.level)
        if together is None or not _holds(silent, both, together):
            return row
        return row._replace(together=_together(together))

    def beside(self, measure: str) -> Beside | None:
        """The section that asks a measure as the re-check does; overall may be in other words."""
        having = [one for one in self.sections if self._asks(one, measure)]
        alike = (one for one in having if self.alike(one.questionnaires, measure))
        first = having[0] if having and measure == OVERALL else None
        return next(alike, first)

    def _asks(self, section: Beside, measure: str) -> bool:
        return measure in section.survey.pooled.kinds["sectors"]

    def alike(self, questionnaires: Sequence[str], measure: str) -> bool:
        """Whether these questionnaires ask a measure as the re-check does."""
        ours = self.rechecked.questionnaires
        return asked_alike(measure, questionnaires, ours, self.blocks, self.known)

    def judged(
        self, sections: Sequence[tuple[VerdictRow, ...]], targets: Targets, found: Recheck
    ) -> list[tuple[VerdictRow, ...]]:
        """The verdicts of all sections: those that the re-check can answer rest on it alone.

        It answers for a scope whose dossiers it covers as far as any verdict must. One question is
        answered once: verdicts of further sections about it are left out. Of a running period
        nothing is proven by anybody, and nothing changes.
        """
        if self.running:
            return list(sections)
        rows: dict[tuple[str, ...], EstimateRow] = {row.alone[:4]: row.alone for row in found.rows}
        ours = {verdict.key: verdict for verdict in self.verdicts(targets, rows)}
        measures = {target.id: target.measure for target in targets.target}
        done: set[tuple[str, str, str]] = set()
        told = []
        for verdicts, section in zip(sections, self.sections, strict=True):
            kept = []
            for verdict in verdicts:
                if verdict.key in done:
                    continue
                judged = self._judge(verdict, ours.get(verdict.key), measures, section)
                if judged.basis == "recheck":
                    done.add(verdict.key)
                kept.append(judged)
            told.append(tuple(kept))
        return told

    def _judge(
        self,
        verdict: VerdictRow,
        ours: VerdictRow | None,
        measures: Mapping[str, str],
        section: Beside,
    ) -> VerdictRow:
        scope = self.survey.scope(verdict.office, verdict.sector)
        if verdict.sector == GENERAL or not scope.places:
            return verdict
        asked = measures[verdict.target]
        if not self._answers(asked, section):
            heard = ours is not None and ours.evidence != "none"
            note = (Note("recheck_asks_otherwise"),) if heard else ()
            return verdict._replace(notes=(*verdict.notes, *note))
        covered = self.survey.cover(scope).share or 0.0
        if ours is not None and ours.evidence != "none" and covered >= REQUIRED - 1e-12:
            return _rests_on(ours, verdict)
        coming = self.rechecked.coming(scope) or 0.0
        if coming >= REQUIRED - 1e-12 and verdict.reason is None:
            return _waits(verdict)
        return verdict

    def _answers(self, asked: str, section: Beside) -> bool:
        """Whether the re-check asks what a target is about, as the section does."""
        if asked == OVERALL:
            return True
        kinds = section.survey.pooled.kinds["sectors"]
        measure = next((name for name in named(asked) if name in kinds), None)
        if measure is None:  # nobody else was asked
            return any(name in self.survey.pooled.kinds["sectors"] for name in named(asked))
        return self.alike(section.questionnaires, measure)

    def _settled(
        self, found: Verdict, silent: Silence | None, cover: Coverage
    ) -> tuple[Evidence, Basis | None, OpenReason | None]:
        """By the limits alone: nobody chose to be drawn."""
        return found.evidence, "recheck" if found.evidence != "none" else None, None

    def _sides(self, scope: Scope, measure: str) -> tuple[Note, ...]:
        return ()


def _rests_on(ours: VerdictRow, other: VerdictRow) -> VerdictRow:
    """The re-check's verdict in its place, and what the other one would have been."""
    else_ = other.evidence in ("met", "missed") and other.evidence != ours.evidence
    note = (Note(f"alone_{other.evidence}"),) if else_ and ours.reason is None else ()
    return ours._replace(questionnaires=other.questionnaires, notes=(*ours.notes, *note))


def _waits(verdict: VerdictRow) -> VerdictRow:
    """While people are called nothing is proven: nobody gains by leaving a bad re-check undone."""
    if verdict.evidence == "none":
        return verdict
    return verdict._replace(
        evidence="not_proven",
        basis="open",
        reason="recheck",
        responses_needed=None,
        p_met=None,
        p_missed=None,
    )


def _contrasted(found: Contrast, section: Beside) -> dict[str, Any]:
    chose, gap = found.chose, found.difference
    if not chose.respondents:
        return {}
    return {
        "chose": _chose(chose, section),
        "apart": Apart(
            None if gap is None else gap.difference,
            None if gap is None else gap.low,
            None if gap is None else gap.high,
            found.p_value,
            found.differs,
        ),
    }


def _chose(found: Estimate, section: Beside) -> Chose:
    whose = section.survey.pooled.whose("sectors")
    figures = (found.satisfied, found.share, found.low, found.high)
    return Chose(whose, found.respondents, *figures)


def _box(found: BoxTest) -> Box:
    return Box(found.people, found.satisfied, found.expected, found.p_value, found.suspect)


def _together(found: Combined) -> Together:
    return Together(found.share, found.low, found.high, found.covered)


def _holds(
    silent: Sequence[RecheckStratum], both: Sequence[RecheckStratum], found: Combined
) -> bool:
    """Whether no stratum has more answers than dossiers, and the share stands for enough."""
    every = all(s.chose.n <= s.dossiers for s in (*silent, *both))
    whole = sum(s.dossiers for s in both)
    covered = found.covered * sum(s.dossiers for s in silent)
    return every and covered >= REQUIRED * whole - 1e-9


def _adjusted(rows: Sequence[RecheckRow], level: float) -> Iterator[RecheckRow]:
    """Sectors of an office are looked at together: only those that differ all the same do (Holm).

    Totals and groups are looked at each by itself.
    """
    families: dict[tuple[str, str], list[RecheckRow]] = {}
    for row in rows:
        if row.apart is not None and row.apart.p_value is not None and _single(row):
            families.setdefault((row.alone.office, row.alone.measure), []).append(row)
    differs: dict[tuple[str, str, str], bool] = {}
    for family in families.values():
        p_values = [
            row.apart.p_value for row in family if row.apart and row.apart.p_value is not None
        ]
        for row, p in zip(family, holm(p_values), strict=True):
            differs[row.key] = p <= (1 - level) * (1 + TIE)
    for row in rows:
        if row.apart is None or row.key not in differs:
            yield row
        else:
            yield row._replace(apart=row.apart._replace(differs=differs[row.key]))


def _single(row: RecheckRow) -> bool:
    return row.alone.sector != ALL and not row.alone.sector.startswith("group:")
