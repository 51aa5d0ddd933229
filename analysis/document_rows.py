"""The rows and verdicts of a verdict document, key by key.

Owns their fields and notes. Figures are those of `estimates` and `verdicts`; which rows there are
is `strata.survey`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from analysis.input.reasons import Chosen, ReasonKey
from analysis.statistics.comparisons import compare_channels
from analysis.statistics.estimates import Note, Silence, columns_of, joined, silence_within
from analysis.statistics.strata import FIVE
from analysis.statistics.verdicts import Evidence, Point, Verdict, judge_drawn
from analysis.strata.coverage import REQUIRED, Coverage
from analysis.strata.survey import ALL, Key, Scope, Survey
from analysis.targets import Aim, Target, Targets
from questionnaires.layout import ON_SITE, SIDES

Notes = tuple[Note, ...]

JudgedTarget = tuple[Target, Scope, str]
"""A target, the scope that it is judged in, and the document's key of its measure."""

Basis: TypeAlias = Literal["open", "census", "certain", "recheck"]
"""On whom a verdict rests: those who chose to answer, everyone, whatever non-respondents think, or
those who were drawn by lot."""

OpenReason: TypeAlias = Literal["running", "coverage", "not_counted", "recheck"]
"""Why a verdict is not proven although the limits alone might prove it."""

Withheld: TypeAlias = Literal["withheld"]
"""The evidence and point of a verdict that may not leave."""


class EstimateRow(NamedTuple):
    """One row of the verdict document.

    `office`, `sector`, `measure`, `channel`: the keys; "all" is a total, "group:ID" a pooled list
    of sectors, "on_site" and "elsewhere" sides of the channels; measures are overall, index,
    element:ID and item:ID. `questionnaires`: whose answers, joined by "+".

    `n`: answer sheets that the figures rest on; `respondents`: people among them who answered the
    measure; `answered`: answers that count (an index: those to all its items); `satisfied`: those
    of 4 or 5, or from where another scale says. `received`: sheets that came in all, `uncovered` of
    them without a dossier count, the rest of the difference not told yet. `population`: completed
    dossiers, as far as they are counted; `response_rate`, `coverage` (the part of the dossiers in
    months and sectors with answers) and shares: fractions 0..1; `months`: months with answers that
    count. `mean`, with `mean_low` and
    `mean_high`: on the scale from 1 to `scale`. `low`, `high` and the like: two-sided at the
    document's level. `silent_low`, `silent_high`: the share if all who did not answer were
    dissatisfied, or satisfied. `publishable`: whether these very figures may be published, which is
    so in a published document alone; `step`: there, the steps in which its shares are given (0.05:
    from `share` to below `share` + 0.05). `method`: of the interval. `notes`: what the reader must
    be told. None: unknown.
    """

    office: str
    sector: str
    measure: str
    channel: str
    questionnaires: str
    n: int
    respondents: int
    answered: int | None
    satisfied: int | None
    received: int
    uncovered: int
    population: int | None
    response_rate: float | None
    coverage: float | None
    months: int
    share: float | None
    low: float | None
    high: float | None
    method: str | None
    mean: float | None
    mean_low: float | None
    mean_high: float | None
    silent_low: float | None
    silent_high: float | None
    publishable: bool
    step: float | None
    notes: Notes
    scale: int = FIVE

    @property
    def note(self) -> str | None:
        """What the reader must be told, Vietnamese first, by ids; None where there is nothing."""
        return joined(self.notes)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Office, sector, measure and channel."""
        return self[:4]


class ReasonRow(NamedTuple):
    """How many people chose an option of a question, such as what went wrong.

    `office` and `sector` may be "all"; `people`: those of them who chose anything at all.
    """

    office: str
    sector: str
    questionnaire: str
    question: str
    option: str
    chosen: int
    people: int


def reason_rows(found: Mapping[ReasonKey, Chosen], order: Sequence[str]) -> tuple[ReasonRow, ...]:
    """Rows of every office and sector, and of all together; sectors in this order."""
    people: Counter[ReasonKey] = Counter()
    options: Counter[tuple[ReasonKey, str]] = Counter()
    for (questionnaire, office, sector, question), chosen in found.items():
        for key in product((questionnaire,), (office, ALL), (sector, ALL), (question,)):
            people[key] += chosen.people
            for option, n in chosen.options.items():
                options[key, option] += n
    rank = {sector: place for place, sector in enumerate((ALL, *order))}
    rows = [
        ReasonRow(office, sector, questionnaire, question, option, n, people[key])
        for (key, option), n in options.items()
        for questionnaire, office, sector, question in [key]
    ]
    rows.sort(key=lambda r: (r[0], r[2], r[3], rank.get(r[1], len(rank)), r[1], -r.chosen, r[4]))
    return tuple(rows)


class VerdictRow(NamedTuple):
    """One verdict of the document.

    `target`, `office`, `sector`: the keys. `share`, `n`, `population`, `response_rate`, `coverage`,
    `questionnaires`, `notes`: as of an `EstimateRow`. `threshold`: the share to be reached, by the
    end of the year `deadline`. `lower`, `upper`: each one-sided at the level, the bounds that
    decide. `point`: the share read plainly (met, not_met, none). `evidence`: met, missed,
    not_proven, or none without answers; `reason` why it is not proven whatever the bounds say.
    `basis`: on whom it rests; `q`: the share of those who did not answer that must be satisfied for
    the target (0 or less: met whatever they think; above 1: missed whatever they think), None where
    nobody is silent or the dossiers are not known. `n`: people who answered the measure.
    `responses_needed`: further answers that would settle it if the share stays what it is; None
    where no number does. `p_met`, `p_missed`: how often answers this good (bad) would come if the
    target were just missed (just met); None where nothing may be proven. `threshold_of`: the office
    whose threshold it is, its own or one above it; None where it is the target's.
    """

    target: str
    office: str
    sector: str
    questionnaires: str
    threshold: float
    deadline: int
    share: float | None
    lower: float | None
    upper: float | None
    point: Point | Withheld | None
    evidence: Evidence | Withheld | None
    basis: Basis | None
    reason: OpenReason | None
    n: int
    population: int | None
    response_rate: float | None
    coverage: float | None
    q: float | None
    responses_needed: int | None
    p_met: float | None
    p_missed: float | None
    notes: Notes
    threshold_of: str | None = None

    @property
    def note(self) -> str | None:
        """What the reader must be told, Vietnamese first, by ids; None where there is nothing."""
        return joined(self.notes)

    @property
    def key(self) -> tuple[str, str, str]:
        """Target, office and sector."""
        return self[:3]


def as_json(row: EstimateRow | VerdictRow) -> dict[str, Any]:
    """A row by the names of its fields, with its notes in words as `note`."""
    found = row._asdict()
    del found["notes"]
    return found | {"note": row.note}


def row_keys(survey: Survey) -> list[Key]:
    """Every row of a section, in its order; channels of elements and items of totals alone."""
    return [
        (scope, measure, channel)
        for scope in survey.scopes()
        for channels in [survey.channels(scope)]
        for measure in survey.measures(scope)
        for channel in (ALL, *(channels if _by_channel(scope, measure) else ()))
    ]


def _by_channel(scope: Scope, measure: str) -> bool:
    return scope.sector in (ALL, "general") or measure in ("overall", "index")


_FIGURES: Final = (
    *("n", "respondents", "answered", "satisfied", "uncovered", "population", "response_rate"),
    *("share", "low", "high", "method", "mean", "mean_low", "mean_high"),
    *("silent_low", "silent_high", "notes"),
)

Received = Mapping[tuple[str, str, str], int]
"""Sheets that came, by office, sector (totals and groups too) and channel."""


class SectionRows:
    """The rows and verdicts of one section of a document."""

    def __init__(self, survey: Survey, received: Received, level: float, *, running: bool) -> None:
        self.survey, self.level, self.running = survey, level, running
        self._received = received
        self._coverages: dict[tuple[str, str], Coverage] = {}

    def estimates(self) -> list[EstimateRow]:
        """Every row, in its order."""
        return self.rows_of(row_keys(self.survey))

    def rows_of(self, keys: Sequence[Key]) -> list[EstimateRow]:
        """The rows of these keys."""
        design = self.survey.design(keys)
        found = columns_of(design, level=self.level, names=_FIGURES)
        covers = [self._coverage(scope) for scope, _, _ in keys]
        told = [
            self._named(notes, key[0]) if notes or cover.gaps else ()
            for notes, key, cover in zip(found.pop("notes"), keys, covers, strict=True)
        ]
        columns = {
            "office": [scope.office for scope, _, _ in keys],
            "sector": [scope.sector for scope, _, _ in keys],
            "measure": [measure for _, measure, _ in keys],
            "channel": [channel for _, _, channel in keys],
            "questionnaires": [self.survey.pooled.whose(scope.family) for scope, _, _ in keys],
            "received": self._came(keys, found),
            "coverage": [
                cover.share if key[2] == ALL else None
                for key, cover in zip(keys, covers, strict=True)
            ],
            "months": [cover.months for cover in covers],
            "publishable": [False] * len(keys),
            "step": [None] * len(keys),
            "notes": told,
            "scale": [self.survey.size(scope) for scope, _, _ in keys],
            **found,
        }
        ordered = (columns[name] for name in EstimateRow._fields)
        return list(map(EstimateRow._make, zip(*ordered, strict=True)))

    def _came(self, keys: Sequence[Key], found: Mapping[str, list[Any]]) -> list[int]:
        """Answer sheets that came for each row, told or not."""
        counted = zip(keys, found["n"], found["uncovered"], strict=True)
        return [
            self._received.get((scope.office, scope.sector, channel), n + uncovered)
            for (scope, _, channel), n, uncovered in counted
        ]

    def _coverage(self, scope: Scope) -> Coverage:
        key = scope.office, scope.sector
        if key not in self._coverages:
            self._coverages[key] = self.survey.cover(scope)
        return self._coverages[key]

    def _named(self, notes: Notes, scope: Scope) -> Notes:
        """The notes of a row by name; a dossier count that is missing is told in any case."""
        cover, told = self._coverage(scope), self._placed(notes, scope)
        silent = cover.share is not None and cover.uncounted
        if silent and not any(note.code == "uncovered" for note in notes):
            return (*told, Note("not_counted", places=self._places(cover.uncounted, scope)))
        return told

    def _placed(self, notes: Notes, scope: Scope) -> Notes:
        """The notes with the names of the places that they are about."""
        cover = self._coverage(scope)
        places = {
            "more_answers_than_dossiers": self._places(cover.faults, scope),
            "uncovered": self._places(cover.uncounted, scope),
        }
        return tuple(replace(note, places=places.get(note.code, ())) for note in notes)

    def _places(
        self, found: Sequence[tuple[str, str, tuple[str, ...]]], scope: Scope
    ) -> tuple[tuple[str, str], ...]:
        """Offices and sectors, without the office where it goes without saying."""
        several = scope.office == ALL and len(self.survey.offices) > 1
        return tuple((office if several else "", sector) for office, sector, _ in found)

    def verdicts(
        self, targets: Targets, rows: Mapping[tuple[str, ...], EstimateRow]
    ) -> list[VerdictRow]:
        """Every verdict, in the order of the targets. `rows`: by their keys."""
        asked = asked_verdicts(self.survey, targets)
        survey, aims = self.survey, targets.aims
        held = [aims.of(target, scope.office) for target, scope, _ in asked]
        found = judge_drawn(
            survey.design([(scope, measure, ALL) for _, scope, measure in asked]),
            [Decimal(aim.threshold) for aim in held],
            level=self.level,
        )
        return [
            self._verdict(key, aim, verdict, rows.get((key[1].office, key[1].sector, key[2], ALL)))
            for key, aim, verdict in zip(asked, held, found, strict=True)
        ]

    def _verdict(
        self, key: JudgedTarget, aim: Aim, found: Verdict, row: EstimateRow | None
    ) -> VerdictRow:
        target, scope, measure = key
        cover = self._coverage(scope)
        threshold = float(aim.threshold)
        silent = None if row is None else silence_within(row.silent_low, row.silent_high, threshold)
        evidence, basis, reason = self._settled(found, silent, cover)
        return VerdictRow(
            target=target.id,
            office=scope.office,
            sector=scope.sector,
            questionnaires=self.survey.pooled.whose(scope.family),
            threshold=threshold,
            deadline=target.deadline,
            share=found.share,
            lower=found.lower,
            upper=found.upper,
            point=found.point,
            evidence=evidence,
            basis=basis,
            reason=reason,
            n=0 if row is None else row.respondents,
            population=None if row is None else row.population,
            response_rate=None if row is None else row.response_rate,
            coverage=cover.share,
            q=None if silent is None else silent.share_needed,
            responses_needed=0 if evidence in ("met", "missed") else found.responses_needed,
            p_met=_proof(found.p_met, "met", evidence, basis, reason),
            p_missed=_proof(found.p_missed, "missed", evidence, basis, reason),
            notes=(*self._told(scope, measure, found), *self._sides(scope, measure)),
            threshold_of=aim.office,
        )

    def _settled(
        self, found: Verdict, silent: Silence | None, cover: Coverage
    ) -> tuple[Evidence, Basis | None, OpenReason | None]:
        """What may be said: a running period and one that is little covered prove nothing."""
        if found.evidence == "none":
            return "none", None, None
        if self.running:
            return "not_proven", "open", "running"
        several = len(self.survey.period.months) > 1
        if cover.share is None and several:
            return "not_proven", "open", "not_counted"
        if cover.share is not None and cover.share < REQUIRED - 1e-12:
            return "not_proven", "open", "coverage"
        whole = cover.share is not None and not cover.uncounted and not cover.faults
        if silent is not None and whole and silent.verdict != "depends":
            return silent.verdict, "census" if silent.response_rate == 1 else "certain", None
        return found.evidence, "open", None

    def _told(self, scope: Scope, measure: str, found: Verdict) -> Notes:
        pooled = self.survey.pooled
        if measure in pooled.withheld[scope.family]:
            return (Note("asked_differently"),)
        if pooled.kinds[scope.family] and measure not in self.survey.measures(scope):
            return (Note("not_asked"),)
        return self._placed(found.notes, scope)

    def _sides(self, scope: Scope, measure: str) -> Notes:
        """Answers on site and elsewhere that differ beyond chance are not pooled in silence."""
        if scope.sector not in (ALL, "general") or ON_SITE not in self.survey.channels(scope):
            return ()
        if self.survey.measures(scope).get(measure) != "item":
            return ()
        sides = {side: self.survey.counts(scope, measure, side).reshape(-1, 2) for side in SIDES}
        counts = {side: [(y, m) for y, m in found.tolist()] for side, found in sides.items()}
        compared = compare_channels(counts, level=self.level)
        if not any(side.differs for side in compared):
            return ()
        on_site = next(side for side in compared if side.channel == ON_SITE)
        higher = on_site.satisfied > on_site.expected
        return (Note("on_site_higher" if higher else "on_site_lower"),)


def _proof(
    p: float | None,
    side: Evidence,
    evidence: Evidence,
    basis: Basis | None,
    reason: OpenReason | None,
) -> float | None:
    """The p-value of one side as the verdict may use it."""
    if reason is not None:
        return None
    return 0.0 if basis == "certain" and evidence == side else p


def asked_verdicts(survey: Survey, targets: Targets) -> list[JudgedTarget]:
    """Every verdict of a section, in its order."""
    return [
        (target, survey.scope(office, sector), _measure(survey, target, sector))
        for target in targets.target
        for office in [*survey.offices, ALL]
        for sector in targets.scopes(target) or survey.about_sectors
    ]


def _measure(survey: Survey, target: Target, sector: str) -> str:
    """The document's key of a target's measure."""
    kinds = survey.measures(survey.scope(ALL, sector))
    return next((name for name in named(target.measure) if name in kinds), target.measure)


def named(measure: str) -> tuple[str, str, str]:
    """The document's keys that a target's measure may mean; an element goes before an item."""
    return (measure, f"element:{measure}", f"item:{measure}")
