"""The random re-check as a survey of its own: strata of those drawn, beside those who chose.

Owns which draws are told, and the strata that both sides share. Computes no share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from analysis.input.aggregates import EVERYTHING, CellMoments, Only
from analysis.input.population import Dossiers, Spot
from analysis.input.rechecks import Draw, Rechecks, fact_blocks, read_rechecked
from analysis.input.responses import Responses
from analysis.period import Period
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.recheck import RecheckStratum
from analysis.statistics.strata import MeasureKind
from analysis.strata.coverage import Coverage
from analysis.strata.pooling import Blocks, Pooled, Questionnaires, blocks_of, sections
from analysis.strata.running import spot
from analysis.strata.survey import ALL, ANY_ORDER, Order, Scope, Survey
from questionnaires.layout import NO, YES

__all__ = ["Counts", "Rechecked", "read_headcounts", "read_rechecked_survey"]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the dossiers drawn in a scope. `waiting`: nothing yet."""

    dossiers: int
    drawn: int
    received: int
    refused: int
    not_reached: int
    wrong_number: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The re-check of a period.

    `survey`: of those drawn who answered, dossiers of the list for its N; the channel of an answer
    is what its person said of having answered before. `draws`: those of months that are over.
    `told`: the spots whose office has an account of every call of that month; only their answers
    are in the survey, so that no figure moves by one call. `received`: answers that came.
    `left_out`: answers of no draw, or more than were drawn. `blocks`: measure -> its items.
    """

    survey: Survey
    draws: Mapping[Spot, Draw]
    told: frozenset[Spot]
    received: Mapping[Spot, int]
    left_out: int
    blocks: Blocks

    @property
    def questionnaires(self) -> tuple[str, ...]:
        """Whose answers."""
        return self.survey.pooled.questionnaires

    def counts(self, scope: Scope) -> Counts:
        """What became of the draws of a scope."""
        places = set(scope.places)
        draws = [draw for draw in self.draws.values() if draw.spot[:2] in places]
        received = sum(self.received.get(draw.spot, 0) for draw in draws)
        drawn, skipped = sum(d.drawn for d in draws), sum(d.skipped for d in draws)
        return Counts(
            dossiers=sum(draw.dossiers for draw in draws),
            drawn=drawn,
            received=received,
            refused=sum(draw.refused for draw in draws),
            not_reached=sum(draw.not_reached for draw in draws),
            wrong_number=sum(draw.wrong_number for draw in draws),
            waiting=max(drawn - skipped - received, 0),
        )

    def drawn(self, scope: Scope) -> int:
        """Dossiers drawn in the spots that are told."""
        places = set(scope.places)
        return sum(self.draws[spot].drawn for spot in self.told if spot[:2] in places)

    def coming(self, scope: Scope) -> float | None:
        """The part of the scope's dossiers that it covers once the calls under way are made."""
        waiting: Counter[tuple[str, str]] = Counter()
        for draw in self.draws.values():
            if draw.spot not in self.told:
                waiting[draw.spot[:2]] += draw.dossiers
        covers = (
            replace(cover, covered=cover.covered + waiting[cover.office, cover.sector])
            for cover in self.survey.covers(scope)
        )
        return Coverage.of(covers).share

    def strata(
        self, scope: Scope, measure: str, chose: Survey | None, by: str = ALL
    ) -> list[RecheckStratum]:
        """The strata of a scope, beside those of who chose to answer.

        `by`: whose number decides which months are joined: all who were drawn, or those who say
        that they had not answered before (`no`). Strata without any of these are left out.
        """
        survey = self.survey
        item = survey.measures(scope).get(measure) != "ratio"
        found = []
        for place in scope.places:
            by_month = {said: survey.by_month(place, measure, said) for said in (ALL, NO, YES)}
            near = chose is not None and place in chose.places
            beside = chose.by_month(place, measure) if chose is not None and near else {}
            for months, dossiers in survey.runs(place, by_month[by], item=item):
                answered = _sum(by_month[by], months)
                if not answered.answered or not dossiers:
                    continue
                drawn = sum(self.draws[*place, month].drawn for month in months)
                parts = (beside, *(by_month[said] for said in (ALL, NO, YES)))
                moments = (_sum(part, months) for part in parts)
                found.append(RecheckStratum(dossiers, drawn, *moments))
        return found


def _sum(answers: Mapping[str, Moments], months: Collection[str]) -> Moments:
    return sum((answers.get(month, ZERO) for month in months), ZERO)


@dataclass(frozen=True, slots=True)
class _Read:
    """The answers of those drawn, by questionnaire, of the spots that are told."""

    cells: Mapping[str, CellMoments]
    draws: Mapping[Spot, Draw]
    told: frozenset[Spot]
    received: Mapping[Spot, int]
    left_out: int


def _read(
    responses: Responses,
    rechecks: Rechecks,
    period: Period,
    over: Collection[str],
    only: Only,
    known: Questionnaires,
) -> _Read:
    asked = responses.rechecked
    blocks = fact_blocks() | ({} if asked is None else blocks_of(asked, known))
    found = read_rechecked(responses, period, blocks, only)
    received: Counter[Spot] = Counter()
    for cells in found.values():
        for cell, measures in cells.items():
            if cell.month in over:
                received[spot(cell)] += max((m.n for m in measures.values()), default=0)
    draws = rechecks.of(over, only.office)
    sound = {
        place: draw for place, draw in draws.items() if received[place] <= draw.drawn - draw.skipped
    }
    under_way = {
        (place[0], place[2])
        for place, draw in sound.items()
        if received[place] < draw.drawn - draw.skipped
    }
    told = frozenset(place for place in sound if (place[0], place[2]) not in under_way)
    cells_told = {
        key: kept
        for key, cells in found.items()
        if (kept := {cell: m for cell, m in cells.items() if spot(cell) in told})
    }
    left_out = sum(n for place, n in received.items() if place not in sound)
    return _Read(cells_told, sound, told, received, left_out)


_NOBODY: Final = Pooled({}, {"sectors": {}, "general": {}}, {})


def read_rechecked_survey(  # noqa: PLR0913  as the survey that it stands beside
    responses: Responses,
    rechecks: Rechecks,
    dossiers: Dossiers,
    period: Period,
    over: Collection[str],
    *,
    known: Questionnaires,
    groups: Mapping[str, tuple[str, ...]],
    order: Order = ANY_ORDER,
    only: Only = EVERYTHING,
) -> Rechecked | None:
    """The re-check of the months of a period that are over; None where there is none.

    Parameters
    ----------
    responses, rechecks
        Answers and draws.
    dossiers
        Completed ones of the period: of what was not drawn from, for the coverage.
    known, groups, order, only
        As for the survey of those who chose to answer.
    """
    read = _read(responses, rechecks, period, over, only, known)
    if not read.draws and not read.left_out:
        return None
    counts = {**dossiers.counts, **{place: draw.dossiers for place, draw in read.draws.items()}}
    months: dict[str, frozenset[str]] = dict(dossiers.months)
    for office, _, month in read.draws:
        months[office] = months.get(office, frozenset()) | {month}
    survey = Survey(
        _pooled(read.cells, responses, known),
        Dossiers(counts, months),
        period,
        groups,
        order,
        over,
    )
    asked = responses.rechecked
    blocks = {} if asked is None else blocks_of(asked, known)
    return Rechecked(survey, read.draws, read.told, read.received, read.left_out, blocks)


def _pooled(
    cells: Mapping[str, CellMoments], responses: Responses, known: Questionnaires
) -> Pooled:
    """Of the re-check's questionnaires that belong together, those that most people answered."""
    if responses.rechecked is None or not cells:
        return replace(_NOBODY, withheld={"sectors": frozenset(), "general": frozenset()})
    pooled = sections(cells, blocks_of(responses.rechecked, known), known)[0]
    heard = {m for found in pooled.cells.values() for m, n in found.items() if n.answered}
    facts: dict[str, MeasureKind] = {name: "item" for name in fact_blocks() if name in heard}
    kinds = {**pooled.kinds, "sectors": {**pooled.kinds["sectors"], **facts}}
    return replace(pooled, kinds=kinds)


def read_headcounts(
    responses: Responses,
    rechecks: Rechecks,
    year: Period,
    known: Questionnaires,
) -> tuple[dict[tuple[str, str, str, str], int], dict[Spot, int]]:
    """People who answered `overall` in the re-check of a year, and dossiers, by spot.

    For the rule of publication; the channel of each is `all`.
    """
    read = _read(responses, rechecks, year, year.months, EVERYTHING, known)
    people: Counter[tuple[str, str, str, str]] = Counter()
    for cells in read.cells.values():
        for cell, measures in cells.items():
            if "overall" in measures:
                people[*spot(cell), "kiosk"] += measures["overall"].answered
    return dict(people), {place: read.draws[place].dossiers for place in read.told}
