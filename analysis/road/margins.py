"""Numbers of dossiers that weights must meet, and every reason why they cannot.

Owns which dossiers an answer's weight stands for: what is joined, what stays outside, the names of
cells and the refusals. Fits nothing: see `formulas.weights`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.design.runs import LEAST
from analysis.design.scopes import ALL, Place, Scope, Survey
from analysis.formulas.weights import MarginError, poststratify, rake
from analysis.problems import Problem, Refusal, said
from analysis.reading.columns import CHANNELS
from analysis.road.estimates import Estimates
from questionnaires.told import Told

Cell = tuple[str, str]
"""A stratum and a group of channels, as called: ("xa-a/land/2026-10", "poster+kiosk")."""


@dataclass(frozen=True, slots=True)
class Margin:
    """A stratum of the weights: the answers of a place in some months, and their dossiers.

    `dossiers`: of these months, with those of sectors that nobody answered for.
    """

    place: Place
    months: tuple[str, ...]
    dossiers: int

    @property
    def name(self) -> str:
        """How it is called in refusals: "xa-a/land/2026-10+2026-11"."""
        return "/".join((*self.place, "+".join(self.months)))


@dataclass(frozen=True, slots=True)
class Joined:
    """A sector with `dossiers` and no answers in the period, counted with the sector `into`."""

    office: str
    sector: str
    dossiers: int
    into: str


@dataclass(frozen=True, slots=True)
class Margins:
    """What the weights of a scope meet, and what stays outside them.

    `left_out`: offices with dossiers and no answers at all; `uncovered`: answers that no dossier
    count covers.
    """

    strata: tuple[Margin, ...]
    joined: tuple[Joined, ...]
    left_out: tuple[str, ...]
    uncovered: int


def margins(found: Estimates, survey: Survey, scope: Scope, measure: str) -> Margins:
    """The strata of a scope: sectors and months with answers, and what is joined with them.

    A month with fewer than two answers is joined with the next one of its sector, the last with
    the one before, as in the verdicts; so is a month without any. A sector without answers is
    joined with the next sector of its office that has some, the last with the one before.
    """
    counts = _dossiers(survey, scope)
    if not counts:
        raise refusal(found, _uncounted(scope))
    sheets = {place: _sheets(survey, place, measure, counts) for place in scope.places}
    heard = [place for place in scope.places if sheets[place]]
    if not heard:
        raise refusal(found, [said("weights.unanswered")])
    joined = tuple(_joined(survey, counts, heard))
    for sector in joined:
        whole = counts[sector.office, sector.into]
        for month, dossiers in counts.pop((sector.office, sector.sector)).items():
            whole[month] = whole.get(month, 0) + dossiers
    strata = tuple(
        Margin(place, months, sum(counts[place].get(month, 0) for month in months))
        for place in heard
        for months in _runs(survey.period.months, counts[place], sheets[place])
    )
    answers = sum(survey.moments(place, measure).n for place in scope.places)
    covered = sum(sum(months.values()) for months in sheets.values())
    left_out = dict.fromkeys(place[0] for place in counts if place not in heard)
    return Margins(strata, joined, tuple(left_out), answers - covered)


def _dossiers(survey: Survey, scope: Scope) -> dict[Place, dict[str, int]]:
    """Dossiers by place and month, where there are any."""
    found: dict[Place, dict[str, int]] = {}
    for (office, sector, month), dossiers in survey.dossiers.counts.items():
        if dossiers and (office, sector) in scope.places:
            found.setdefault((office, sector), {})[month] = dossiers
    return found


def _uncounted(scope: Scope) -> list[Told]:
    if not scope.places:
        return [said("weights.nothing")]
    return [said("weights.uncounted", place="/".join(place)) for place in scope.places]


def _sheets(
    survey: Survey, place: Place, measure: str, counts: Mapping[Place, Mapping[str, int]]
) -> dict[str, int]:
    """Answers of a place in the months that have dossiers."""
    months = survey.by_month(place, measure)
    return {m: found.n for m, found in months.items() if found.n and m in counts.get(place, ())}


def _joined(survey: Survey, counts: Iterable[Place], heard: Sequence[Place]) -> Iterator[Joined]:
    """Sectors with dossiers and no answers, in offices that have answers."""
    order = {sector: number for number, sector in enumerate(survey.sectors)}
    for office, sector in sorted(counts, key=lambda place: (place[0], order[place[1]])):
        near = sorted((s for o, s in heard if o == office), key=order.__getitem__)
        if near and sector not in near:
            after = (other for other in near if order[other] > order[sector])
            dossiers = survey.completed((office, sector)) or 0
            yield Joined(office, sector, dossiers, next(after, near[-1]))


def _runs(
    months: Iterable[str], counts: Mapping[str, int], sheets: Mapping[str, int]
) -> list[tuple[str, ...]]:
    """Months of one place in runs with answers enough, the last ones with the run before."""
    runs: list[tuple[str, ...]] = []
    open_: tuple[str, ...] = ()
    for month in months:
        if month in counts:
            open_ = (*open_, month)
        if sum(sheets.get(name, 0) for name in open_) >= LEAST:
            runs.append(open_)
            open_ = ()
    if open_ and runs:
        runs[-1] = (*runs[-1], *open_)
    return runs or [open_]


def by_way_of_filing(
    found: Estimates, scope: Scope, met: Margins, online: Sequence[str]
) -> dict[str, int]:
    """Dossiers filed online, whose people answer by the channels `online`, and the others."""
    wanted = {*scope.places}
    spots = [
        count
        for count in found.data.population.counts
        if count.completed and count.period in found.period.months
        if (count.office, count.sector) in wanted and count.office not in met.left_out
    ]
    unknown = [
        said("weights.online", place=f"{count.office}/{count.sector}/{count.period}")
        for count in spots
        if count.online is None
    ]
    if unknown:
        raise refusal(found, unknown)
    filed = sum(count.online or 0 for count in spots)
    others = "+".join(channel for channel in CHANNELS if channel not in online)
    return {"+".join(online): filed, others: sum(count.completed for count in spots) - filed}


def check_channels(
    found: Estimates, came_by: Iterable[str], groups: Mapping[str, tuple[str, ...]]
) -> None:
    """Refuse names that are no channels, named twice, or left out though answers came by them."""
    named = [channel for parts in groups.values() for channel in parts]
    problems = [
        said("weights.no_channel", name=name, known=", ".join(CHANNELS))
        for name in named
        if name not in CHANNELS
    ]
    problems += [
        said("weights.channel_twice", name=name, times=times)
        for name, times in Counter(named).items()
        if times > 1
    ]
    problems += [
        said("weights.channel_uncounted", name=name)
        for name in CHANNELS
        if name not in named and name in came_by
    ]
    if problems:
        raise refusal(found, problems)


def cell_weights(
    found: Estimates,
    counts: Mapping[Cell, int],
    strata: Mapping[str, int],
    channels: Mapping[str, int] | None,
) -> tuple[dict[Cell, float], int | None, float | None]:
    """Dossiers that an answer of each cell stands for; rounds and gap of raking."""
    try:
        return _fitted(counts, strata, channels)
    except MarginError as error:
        raise refusal(found, error.problems) from error


def _fitted(
    counts: Mapping[Cell, int], strata: Mapping[str, int], channels: Mapping[str, int] | None
) -> tuple[dict[Cell, float], int | None, float | None]:
    if channels is None:
        alone = poststratify({name: n for (name, _), n in counts.items()}, strata)
        return {(name, ALL): weight for name, weight in alone.items()}, None, None
    raked = rake(counts, strata, channels)
    weights = {
        (name, channel): weight
        for name, row in zip(strata, raked.weights, strict=True)
        for channel, weight in zip(channels, row, strict=True)
    }
    return weights, raked.rounds, raked.gap


def refusal(found: Estimates, problems: Sequence[Told]) -> Refusal:
    """Every reason with its remedy, which follows the last semicolon."""
    name, place = found.data.population.name, said("asked.weights")
    return Refusal([Problem(name, place, *_halves(problem)) for problem in problems])


def _halves(problem: Told) -> tuple[Told, Told]:
    """What is wrong, and the remedy."""
    english, vietnamese = problem.rpartition("; "), problem.vi.rpartition("; ")
    return Told(english[0], vietnamese[0]), Told(english[2], vietnamese[2])
