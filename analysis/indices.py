"""The index as the mean of element shares, beside the one in which every answer counts alike.

Owns the second index, its name, and the further query that it needs. The first one is the
document's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Final

from analysis.arguments import checked
from analysis.document import EstimateRow
from analysis.errors import Problem, Refusal, said
from analysis.input.aggregates import Pairs, crossed, unflagged
from analysis.listing import Listing, noted
from analysis.reporting.comparison_tables import index_table
from analysis.reporting.table import Table
from analysis.statistics.elements import ElementMean, ElementStratum, element_mean
from analysis.statistics.moments import ZERO, Moments
from analysis.strata.pooling import INDEX, Blocks, blocks_of, first_with, sections
from analysis.strata.running import months_over, read_told
from analysis.strata.survey import ALL, Place, Survey
from questionnaires import OVERALL

if TYPE_CHECKING:
    from analysis.results import Estimates


def survey_of(
    found: Estimates, measure: str = OVERALL, blocks: Blocks | None = None, pairs: Pairs = ()
) -> Survey:
    """Moments and dossiers of the period, of the first questionnaires that ask a measure.

    `blocks`: all measures where left out; `pairs`: of measures that are multiplied as well.
    """
    data, asked = found.data, found.asked
    responses = data.opened()
    blocks = blocks_of(responses, data.questionnaires) if blocks is None else blocks
    told, _ = read_told(responses, found.period, blocks, asked.only, (), data.today, pairs)
    kept = told if asked.flagged == "include" else unflagged(told)
    pooled = first_with(sections(kept, blocks, data.questionnaires), measure)
    return Survey(
        pooled,
        data.population.of(found.period, asked.office),
        found.period,
        data.targets.groups,
        data.order,
        months_over(found.period, data.today),
    )


INDEX_OF_ELEMENTS: Final = "index_of_elements"


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An element, the index of the document, or `index_of_elements`. Shares are fractions 0..1.

    `n`: people who answered any of it. `low`, `high`: two-sided at the level of the estimates.
    None: cannot be had.
    """

    office: str
    sector: str
    measure: str
    n: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class IndexOfElements(Listing[IndexRow]):
    """The elements of a row and both ways of joining them; from `Estimates.index_of_elements`.

    `mean`: the new index with its standard error, effective size and one-sided limits. `rows`: one
    an element, then `index` and `index_of_elements`. `estimates`: the figures that were asked.
    """

    row_type = IndexRow

    estimates: Estimates = field(repr=False)
    rows: tuple[IndexRow, ...] = field(repr=False)
    mean: ElementMean

    @checked
    def table(self, lang: str | None = None) -> Table:
        """For people; for the office's own use.

        `lang`: "vi" or "en"; that of the data where left out.
        """
        found = self.estimates
        given = found.data.labels(lang)
        names, lang = given["names"], given["lang"]
        made = index_table(self.rows, level=found.level, names=names, lang=lang)
        return noted(made, self, lang)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def index_of_elements(found: Estimates, *, office: str = ALL, sector: str = ALL) -> IndexOfElements:
    """The mean of the element shares of a row, each element counting alike.

    Parameters
    ----------
    found
        From `analysis.estimate`; its data must be open.
    office, sector
        Of the row, as for `pick`.

    Returns
    -------
    IndexOfElements
        Rows of the elements, of `index` (every answer counts alike) and of `index_of_elements`,
        which is None where an element has no answer.

    Raises
    ------
    LookupError
        A name that is not there.
    Refusal
        The questionnaire has no elements.

    Notes
    -----
    Which of the two the official index is has not been published; they are the same where every
    element has as many answers. Neither is ever put in the other's place: the document, targets
    and verdicts know `index` alone. One further query counts which elements were answered
    together; see `analysis.statistics.elements.element_mean`.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(SIPAS)
    >>> found = analysis.estimate(data, "2026-10").index_of_elements()
    >>> for row in found:
    ...     print(row.measure, row.n, round(row.share, 4))
    element:access 20 0.9
    element:results 20 0.5
    index 20 0.7667
    index_of_elements 20 0.7
    >>> round(found.mean.se, 4), round(found.rows[-1].low, 3), round(found.rows[-1].high, 3)
    (0.0761, 0.512, 0.849)
    >>> data.close()
    """
    found.pick(office=office, sector=sector)  # an unknown name is told
    blocks = blocks_of(found.data.opened(), found.data.questionnaires)
    blocks = {name: block for name, block in blocks.items() if name.startswith("element:")}
    parts = _elements(found, office, sector)
    survey = survey_of(found, parts[0].measure, blocks, tuple(combinations(blocks, 2)))
    scope = survey.scope(office, sector)
    names, kinds = zip(*survey.measures(scope).items(), strict=True)
    strata = [s for place in scope.places for s in _strata(survey, place, names)]
    shares = {part.measure: part.share for part in parts}
    mean = element_mean(strata, kinds, [shares[name] for name in names], level=found.level)
    made = [
        IndexRow(office, sector, part.measure, part.respondents, part.share, part.low, part.high)
        for part in parts
    ]
    both = replace(
        made[-1], measure=INDEX_OF_ELEMENTS, share=mean.share, low=mean.low, high=mean.high
    )
    return IndexOfElements(found, (*made, both), mean)


def _elements(found: Estimates, office: str, sector: str) -> list[EstimateRow]:
    """The rows of the elements and of the index, of the first questionnaires that have both."""
    for section in found.document.sections:
        rows = [
            row
            for row in section.estimates
            if (row.office, row.sector, row.channel) == (office, sector, ALL)
            and (row.measure == INDEX or row.measure.startswith("element:"))
        ]
        if len(rows) > 1:
            return sorted(rows, key=lambda row: row.measure == INDEX)
    what, remedy = said("asked.no_elements"), said("asked.give_questionnaires")
    raise Refusal([Problem(said("asked.estimates"), INDEX_OF_ELEMENTS, what, remedy)])


def _strata(survey: Survey, place: Place, names: Sequence[str]) -> Iterator[ElementStratum]:
    """The strata of a place: its months, joined where an element has too few answers."""
    asked = {name: survey.by_month(place, name) for name in names}
    whole = {
        name: found for name, found in asked.items() if any(m.answered for m in found.values())
    }
    months = {month for found in whole.values() for month in found}
    fewest = {
        month: Moments(
            n=max(found[month].n for found in whole.values()),
            answered=min(found[month].answered for found in whole.values()),
        )
        for month in months
    }
    for run, dossiers in survey.runs(place, fewest, item=True):
        products = [
            [
                _added(survey, place, one if one == other else crossed(one, other), run)
                for other in names
            ]
            for one in names
        ]
        yield ElementStratum(products, dossiers)


def _added(survey: Survey, place: Place, measure: str, months: Sequence[str]) -> Moments:
    found = survey.by_month(place, measure)
    return sum((found[month] for month in months if month in found), ZERO)
