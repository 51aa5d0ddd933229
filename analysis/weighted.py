"""Totals under weights beside those of the verdicts.

Owns which dossiers an answer's weight stands for (what is joined, what stays outside, names of
cells, refusals) and the rows. Fits nothing: see `statistics.weights`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.arguments import checked, refused
from analysis.errors import Problem, Refusal, said
from analysis.indices import survey_of
from analysis.listing import Listing, frame_of, noted
from analysis.reporting.comparison_tables import weighting_table
from analysis.reporting.table import Table
from analysis.sample import Share, sampled
from analysis.statistics.moments import ZERO, Moments
from analysis.statistics.weights import (
    MarginError,
    Weighted,
    WeightGroup,
    poststratify,
    rake,
    weighted_ratio,
)
from analysis.strata.running import LEAST
from analysis.strata.survey import ALL, Place, Scope, Survey
from questionnaires import OVERALL
from questionnaires.bilingual import Told
from questionnaires.layout import OPEN_CHANNELS

if TYPE_CHECKING:
    from pandas import DataFrame

    from analysis.results import Estimates

WeightCell = tuple[str, str]
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
        if count.online is None or count.filing_known != count.completed
    ]
    if unknown:
        raise refusal(found, unknown)
    filed = sum(count.online or 0 for count in spots)
    others = "+".join(channel for channel in OPEN_CHANNELS if channel not in online)
    return {"+".join(online): filed, others: sum(count.completed for count in spots) - filed}


def check_channels(
    found: Estimates, came_by: Iterable[str], groups: Mapping[str, tuple[str, ...]]
) -> None:
    """Refuse names that are no channels, named twice, or left out though answers came by them."""
    named = [channel for parts in groups.values() for channel in parts]
    problems = [
        said("weights.no_channel", name=name, known=", ".join(OPEN_CHANNELS))
        for name in named
        if name not in OPEN_CHANNELS
    ]
    problems += [
        said("weights.channel_twice", name=name, times=times)
        for name, times in Counter(named).items()
        if times > 1
    ]
    problems += [
        said("weights.channel_uncounted", name=name)
        for name in OPEN_CHANNELS
        if name not in named and name in came_by
    ]
    if problems:
        raise refusal(found, problems)


def cell_weights(
    found: Estimates,
    counts: Mapping[WeightCell, int],
    strata: Mapping[str, int],
    channels: Mapping[str, int] | None,
) -> tuple[dict[WeightCell, float], int | None, float | None]:
    """Dossiers that an answer of each cell stands for; rounds and gap of raking."""
    try:
        return _fitted(counts, strata, channels)
    except MarginError as error:
        raise refusal(found, error.problems) from error


def _fitted(
    counts: Mapping[WeightCell, int], strata: Mapping[str, int], channels: Mapping[str, int] | None
) -> tuple[dict[WeightCell, float], int | None, float | None]:
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


@dataclass(frozen=True, slots=True)
class WeightedRow:
    """One measure under weights. Shares are fractions 0..1; None: cannot be had.

    `share`, `low`, `high`, `se`: under the weights, two-sided at the level of the estimates.
    `plain`: the share of the verdict document, each sector weighted by its dossiers alone.
    `n_eff` = share (1 - share) / se^2; `kish_n_eff` = (sum w)^2 / sum w^2 answers for the weights
    alone; `design_effect` = answers / n_eff.
    """

    measure: str
    n: int
    share: float | None
    low: float | None
    high: float | None
    se: float | None
    n_eff: float | None
    kish_n_eff: float | None
    design_effect: float | None
    plain: float | None


@dataclass(frozen=True, slots=True)
class WeightRow:
    """What one answer of a cell stands for: `weight` dossiers. `months`: joined by "+"."""

    office: str
    sector: str
    months: str
    channel: str
    n: int
    weight: float


@dataclass(frozen=True, slots=True)
class WeightedEstimates(Listing[WeightedRow]):
    """Totals under weights; from `Estimates.weighted`.

    `rounds`, `gap`: how raking came to its end, `gap` in dossiers; None for sectors alone, whose
    weights are dossiers / answers at once. `joined`: sectors without answers, whose dossiers count
    with another sector's answers. `left_out`: offices with dossiers and no answers; `uncovered`:
    answers that no dossier count covers. These two are in no figure. `rows`: one a measure;
    `weights`: one a cell of sector, month and channel. `office`: whose; `estimates`: what was
    asked.
    """

    row_type = WeightedRow
    short = ("measure", "n", "plain", "share", "low", "high", "se", "n_eff", "design_effect")

    estimates: Estimates = field(repr=False)
    office: str
    rows: tuple[WeightedRow, ...] = field(repr=False)
    weights: tuple[WeightRow, ...] = field(repr=False)
    rounds: int | None
    gap: float | None
    joined: tuple[Joined, ...]
    left_out: tuple[str, ...]
    uncovered: int

    @checked
    def to_responses(self) -> DataFrame:
        """Every answer with its weight, as a pandas data frame; the data must be open.

        Columns as of `Estimates.to_responses`: `N` are the dossiers that the answers of a stratum
        stand for together, `n` its answer sheets; `satisfied` is missing where the overall question
        was not answered. For the office's own analyst: single answers are never published.
        """
        shares: dict[tuple[str, str, str, str], Share] = {}
        for row in self.weights:
            name = "/".join((row.office, row.sector, row.months))
            alike = [one for one in self.weights if _stratum(one) == _stratum(row)]
            dossiers = sum(one.weight * one.n for one in alike)
            share = Share(name, dossiers, sum(one.n for one in alike), row.weight)
            channels = OPEN_CHANNELS if row.channel == ALL else row.channel.split("+")
            for month in row.months.split("+"):
                for channel in channels:
                    shares[row.office, row.sector, month, channel] = share
        survey = survey_of(self.estimates)
        return sampled(self.estimates, survey, shares, OVERALL, answered=False)

    @checked
    def weights_frame(self, lang: str | None = None) -> DataFrame:
        """The weight of every cell as a pandas data frame.

        `lang`: None: columns and values as in a row; "vi" or "en": by their names for people.
        """
        return frame_of(WeightRow, self.weights, lang, result=self)

    @checked
    def table(self, lang: str | None = None) -> Table:
        """For people; for the office's own use.

        `lang`: "vi" or "en"; that of the data where left out.
        """
        found = self.estimates
        given = found.data.labels(lang)
        return noted(weighting_table(self, level=found.level, **given), self, given["lang"])

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _stratum(row: WeightRow) -> tuple[str, str, str]:
    return row.office, row.sector, row.months


def weighted(
    found: Estimates,
    channels: Mapping[str, int] | None = None,
    *,
    online: Sequence[str] = (),
    office: str = ALL,
) -> WeightedEstimates:
    """Totals under weights that meet known numbers of dossiers.

    Parameters
    ----------
    found
        From `analysis.estimate`; its data must be open and hold dossiers.
    channels
        Dossiers by channel, for example {"poster": 300, "kiosk": 190}: weights then meet both
        these and the dossiers of each sector and month (raking). Channels joined by "+" count as
        one. Left out: the dossiers of each sector and month alone (post-stratification).
    online
        Channels by which those answer who filed online, for example ("slip",): weights then meet
        the dossiers filed online and the others, which the population's column `online` must give
        for every sector and month. The same as `channels` with these two numbers.
    office
        An id; all together where left out.

    Returns
    -------
    WeightedEstimates
        Overall, index and elements, beside the shares of the verdict document.

    Raises
    ------
    Refusal
        Naming every reason why the totals cannot be met: no dossiers known, a channel without
        answers or without dossiers, totals that disagree, or empty cells that leave no way.

    Notes
    -----
    Post-stratification: w = N_h / n_h over sectors and months. Where nothing is joined and every
    item is answered this is the share of the verdicts. Sectors and months with dossiers and no
    answers are joined with others (`margins`), so that the weights add up to all dossiers of
    offices with answers; the verdicts leave them out and tell the coverage instead.

    Raking: iterative proportional fitting, to a relative 1e-10 of all dossiers. The standard error
    is linearised with the margins taken out, as R's postStratify() and rake() do; the
    finite-population correction is that of one simple random sample. A channel that nobody could
    choose freely is no random sample: raking cannot mend that.

    There is no `on_time=`, although the population may count dossiers decided on time: weights
    need to know of each answer which class it belongs to, and no channel tells whether its dossier
    was late. (`late` in the responses says that the answer was.)

    References
    ----------
    Deming & Stephan (1940), Ann. Math. Stat. 11:427; Holt & Smith (1979), JRSS A 142:33; Kish
    (1965), Survey Sampling; Kalton & Flores-Cervantes (2003), J. Official Statistics 19:81.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> found = analysis.estimate(data, "2026-10")
    >>> (overall,) = found.weighted()
    >>> overall.share == overall.plain, round(overall.se, 6), round(overall.design_effect, 2)
    (True, 0.027489, 0.38)
    >>> raked = found.weighted({"poster": 60, "kiosk": 120})
    >>> raked.rounds, raked.gap < 1e-7, round(raked.rows[0].se, 6)
    (3, True, 0.034359)
    >>> found.weighted({"poster": 60, "kiosk": 100})
    Traceback (most recent call last):
    ...
    analysis.errors.Refusal: population.csv, weights: rows add up to 180 dossiers, columns to \
160; both must count the same dossiers
    >>> data.close()
    >>> data = analysis.read(SLIPS, FILED)  # of 200 dossiers 150 filed online
    >>> (overall,) = analysis.estimate(data, "2026-10").weighted(online=("slip",))
    >>> round(overall.plain, 3), round(overall.share, 3)
    (0.75, 0.825)
    >>> data.close()
    """
    if channels and online:
        raise refused("online", online, said("argument.one_way"), said("argument.leave_one"))
    survey = survey_of(found)
    scope = survey.scope(office, ALL)
    some = next(iter(survey.measures(scope)))  # every measure counts the same sheets
    met = margins(found, survey, scope, some)
    if online:
        channels = by_way_of_filing(found, scope, met, online)
    groups = {name: tuple(name.split("+")) for name in channels or {ALL: 0}}
    if channels is not None:
        came_by = [
            c for c in OPEN_CHANNELS if any(_moments(survey, some, m, (c,)).n for m in met.strata)
        ]
        check_channels(found, came_by, groups)
    cells = {
        (stratum.name, name): (stratum, parts)
        for stratum in met.strata
        for name, parts in groups.items()
    }
    counts = {key: _moments(survey, some, *cell).n for key, cell in cells.items()}
    dossiers = {stratum.name: stratum.dossiers for stratum in met.strata}
    weights, rounds, gap = cell_weights(found, counts, dossiers, channels)
    made = _Made(found, survey, scope, cells, weights, raked=channels is not None)
    return WeightedEstimates(
        found,
        office,
        tuple(made.rows()),
        tuple(
            WeightRow(*cells[key][0].place, "+".join(cells[key][0].months), key[1], n, weights[key])
            for key, n in counts.items()
            if n
        ),
        rounds,
        gap,
        met.joined,
        met.left_out,
        met.uncovered,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """Weights, and the cells that they belong to."""

    found: Estimates
    survey: Survey
    scope: Scope
    cells: Mapping[WeightCell, tuple[Margin, tuple[str, ...]]]
    weights: Mapping[WeightCell, float]
    raked: bool

    def rows(self) -> Iterator[WeightedRow]:
        """Overall, index, elements."""
        for measure in self.survey.measures(self.scope):
            if measure.startswith("item:"):
                continue
            figures = self._figures(measure)
            yield WeightedRow(
                measure=measure,
                n=figures.n,
                share=figures.share,
                low=figures.low,
                high=figures.high,
                se=figures.se,
                n_eff=figures.n_eff,
                kish_n_eff=figures.kish_n_eff,
                design_effect=figures.design_effect,
                plain=self.found.pick(office=self.scope.office, measure=measure).share,
            )

    def _figures(self, measure: str) -> Weighted:
        groups = [
            WeightGroup(
                _moments(self.survey, measure, *self.cells[key]),
                weight,
                key if self.raked else key[:1],
            )
            for key, weight in self.weights.items()
            if weight
        ]
        people = sum(group.moments.n for group in groups)
        strata = {stratum.name: stratum.dossiers for stratum, _ in self.cells.values()}
        dossiers = sum(strata.values())
        population = dossiers if people <= dossiers else None
        return weighted_ratio(groups, population=population, level=self.found.level)


def _moments(survey: Survey, measure: str, stratum: Margin, channels: tuple[str, ...]) -> Moments:
    months = (survey.by_month(stratum.place, measure, channel) for channel in channels)
    return sum((m[month] for m in months for month in stratum.months if month in m), ZERO)
