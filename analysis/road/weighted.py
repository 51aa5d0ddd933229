"""The total under weights: the dossiers of each sector met, or those of each sector and channel.

Owns which answers share a weight, and what a total of weights must be. Weights and errors are
those of `formulas.weights` and `formulas.weighting`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.counting.moments import ZERO, Moments, unflagged
from analysis.design.pooling import blocks_of, sections
from analysis.design.running import read_told
from analysis.design.scopes import ALL, Place, Scope, Survey
from analysis.formulas.weighting import Group, Weighted, weighted_ratio
from analysis.road.estimates import Estimates
from analysis.road.listing import Listing, frame_of
from analysis.road.margins import Cell, called, cell_weights, check_channels, dossiers
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
    """What one answer of a cell stands for: `weight` dossiers."""

    office: str
    sector: str
    channel: str
    n: int
    weight: float


@dataclass(frozen=True, slots=True)
class WeightedEstimates(Listing[WeightedRow]):
    """Totals under weights; from `Estimates.weighted`.

    `rounds`, `gap`: how raking came to its end, `gap` in dossiers; None for sectors alone, whose
    weights are dossiers / answers at once.
    """

    row_type = WeightedRow

    estimates: Estimates = field(repr=False)
    office: str
    rows: tuple[WeightedRow, ...] = field(repr=False)
    weights: tuple[WeightRow, ...] = field(repr=False)
    rounds: int | None
    gap: float | None

    def weights_frame(self, lang: str | None = None) -> DataFrame:
        """The weight of every cell as a pandas data frame."""
        return frame_of(WeightRow, self.weights, lang)

    def table(self, lang: str | None = None) -> Table:
        """For people; for the office's own use."""
        found = self.estimates
        given = found.data.telling(lang)
        return weighting_table(
            self.rows,
            rounds=self.rounds,
            gap=self.gap,
            level=found.level,
            names=given["names"],
            lang=given["lang"],
        )

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def weighted(
    found: Estimates, channels: Mapping[str, int] | None = None, *, office: str = ALL
) -> WeightedEstimates:
    """Totals under weights that meet known numbers of dossiers.

    Parameters
    ----------
    found
        From `analysis.estimate`; its data must be open and hold the dossiers of every sector.
    channels
        Dossiers by channel, for example {"poster": 300, "kiosk": 190}: weights then meet both
        these and the dossiers of each sector (raking). Channels joined by "+" count as one: by way
        of filing, {"slip": 320, "poster+kiosk+paper": 410} where slips go to those who filed
        online. Left out: the dossiers of each sector alone (post-stratification).
    office
        An id; all together where left out.

    Returns
    -------
    WeightedEstimates
        Overall, index and elements, beside the shares of the verdict document.

    Raises
    ------
    Refusal
        Naming every reason why the totals cannot be met: a sector or channel without answers or
        without dossiers, totals that disagree, or empty cells that leave no way.

    Notes
    -----
    Post-stratification: w = N_h / n_h. Raking: iterative proportional fitting, to a relative
    1e-10 of all dossiers. The standard error is linearised with the margins taken out, as R's
    postStratify() and rake() do; the finite-population correction is that of one simple random
    sample. A channel that nobody could choose freely is no random sample: raking cannot mend that.

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
    """
    survey = _survey(found)
    scope = survey.scope(office, ALL)
    strata = dossiers(found, survey, scope)
    groups = {name: tuple(name.split("+")) for name in channels or {ALL: 0}}
    check_channels(found, survey, scope, groups)
    cells = {
        (called(place), name): (place, parts)
        for place in scope.places
        for name, parts in groups.items()
    }
    some = next(iter(survey.measures(scope)))  # every measure counts the same sheets
    counts = {key: _moments(survey, some, *cell).n for key, cell in cells.items()}
    weights, rounds, gap = cell_weights(found, counts, strata, channels)
    made = _Made(found, survey, scope, cells, weights, raked=channels is not None)
    return WeightedEstimates(
        found,
        office,
        tuple(made.rows()),
        tuple(
            WeightRow(*cells[key][0], key[1], counts[key], weight)
            for key, weight in weights.items()
            if counts[key]
        ),
        rounds,
        gap,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """Weights, and the cells that they belong to."""

    found: Estimates
    survey: Survey
    scope: Scope
    cells: Mapping[Cell, tuple[Place, tuple[str, ...]]]
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
        dossiers = sum(self.survey.completed(place) or 0 for place in self.scope.places)
        population = dossiers if people <= dossiers else None
        return weighted_ratio(groups, population=population, level=self.found.level)


def _survey(found: Estimates) -> Survey:
    """Moments and dossiers of the period, of the questionnaires that most people answered."""
    data, asked = found.data, found.asked
    responses = data.opened()
    blocks = blocks_of(responses, data.questionnaires)
    told, _ = read_told(responses, found.period, blocks, asked.only, (), data.today)
    kept = told if asked.flagged == "include" else unflagged(told)
    pooled = sections(kept, blocks, data.questionnaires)[0]
    dossiers = data.population.of(found.period, asked.office)
    return Survey(pooled, dossiers, found.period, data.targets.groups, data.order)


def _moments(survey: Survey, measure: str, place: Place, channels: tuple[str, ...]) -> Moments:
    return sum((survey.moments(place, measure, channel) for channel in channels), ZERO)
