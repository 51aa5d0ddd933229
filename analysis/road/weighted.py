"""The total under weights: the dossiers of each sector met, or those of each sector and channel.

Owns which answers share a weight, and what a total of weights must be. Weights and errors are
those of `formulas.weights` and `formulas.weighting`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.counting.moments import ZERO, Moments
from analysis.design.scopes import ALL, Scope, Survey
from analysis.formulas.weighting import Group, Weighted, weighted_ratio
from analysis.reading.columns import CHANNELS
from analysis.road.counted import survey_of
from analysis.road.estimates import Estimates
from analysis.road.listing import Listing, frame_of
from analysis.road.margins import (
    Cell,
    Joined,
    Margin,
    by_way_of_filing,
    cell_weights,
    check_channels,
    margins,
)
from analysis.telling.tables import Table
from analysis.telling.weighting_table import weighting_table

if TYPE_CHECKING:
    from pandas import DataFrame


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
    answers that no dossier count covers. These two are in no figure.
    """

    row_type = WeightedRow

    estimates: Estimates = field(repr=False)
    office: str
    rows: tuple[WeightedRow, ...] = field(repr=False)
    weights: tuple[WeightRow, ...] = field(repr=False)
    rounds: int | None
    gap: float | None
    joined: tuple[Joined, ...]
    left_out: tuple[str, ...]
    uncovered: int

    def weights_frame(self, lang: str | None = None) -> DataFrame:
        """The weight of every cell as a pandas data frame."""
        return frame_of(WeightRow, self.weights, lang)

    def table(self, lang: str | None = None) -> Table:
        """For people; for the office's own use."""
        found = self.estimates
        return weighting_table(self, level=found.level, **found.data.telling(lang))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


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
    analysis.problems.Refusal: population.csv, weights: rows add up to 180 dossiers, columns to \
160; both must count the same dossiers
    >>> data.close()
    >>> data = analysis.read(SLIPS, FILED)  # of 200 dossiers 150 filed online
    >>> (overall,) = analysis.estimate(data, "2026-10").weighted(online=("slip",))
    >>> round(overall.plain, 3), round(overall.share, 3)
    (0.75, 0.825)
    >>> data.close()
    """
    if channels and online:
        raise ValueError("channels and online both give the dossiers of channels; give one of them")
    survey = survey_of(found)
    scope = survey.scope(office, ALL)
    some = next(iter(survey.measures(scope)))  # every measure counts the same sheets
    met = margins(found, survey, scope, some)
    if online:
        channels = by_way_of_filing(found, scope, met, online)
    groups = {name: tuple(name.split("+")) for name in channels or {ALL: 0}}
    if channels is not None:
        came_by = [
            c for c in CHANNELS if any(_moments(survey, some, m, (c,)).n for m in met.strata)
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
    cells: Mapping[Cell, tuple[Margin, tuple[str, ...]]]
    weights: Mapping[Cell, float]
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
            Group(
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
