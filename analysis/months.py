"""Several months of a period side by side, each computed by itself.

Owns their rows. Figures are those of `analysis.document`, a document a month; no change is judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.arguments import checked
from analysis.asking import Made, choices
from analysis.data import Data, ids_of
from analysis.details import SHORT, detail_columns
from analysis.document import Document, EstimateRow, analyse
from analysis.input.population import Population
from analysis.input.responses import Responses
from analysis.input.scores import NO_SCORES
from analysis.listing import EMPTY, Listing, frame_of, noted
from analysis.period import PeriodLike, period_of
from analysis.reporting import tables
from analysis.reporting.table import Table
from analysis.strata.survey import ALL

if TYPE_CHECKING:
    from pandas import DataFrame

    from analysis.results import Estimates


class MonthRow(NamedTuple):
    """A row of one month: `period` is written "2026-10"."""

    period: str
    estimate: EstimateRow


@dataclass(frozen=True, slots=True)
class Months(Listing[MonthRow]):
    """Several months, each computed by itself; from `Estimates.by_month`."""

    row_type = MonthRow
    inner = Listing.inner | {"ids"}

    data: Data = field(repr=False)
    months: tuple[Estimates, ...]

    @property
    def rows(self) -> tuple[MonthRow, ...]:
        """The rows of every month, one month after the other."""
        return tuple(MonthRow(month.period.text, row) for month in self.months for row in month)

    @checked
    def published(self) -> Months:
        """What may be published of each month that is over; see `Estimates.published`."""
        closed = (month for month in self.months if month.document.status == "closed")
        return replace(self, months=tuple(month.published() for month in closed))

    @checked
    def to_frame(self, lang: str | None = None, *, full: bool = False) -> DataFrame:
        """As of `Estimates.to_frame` (`lang`, `full`), the month first.

        Without the counts of each score.
        """
        rows = self.rows
        last: dict[str, list[Any]] = {"se": [], "n_eff": []}
        for month in self.months if full else ():
            for name, values in detail_columns(month.document, month.rows).items():
                last[name] += values
        return frame_of(
            EstimateRow,
            tuple(row.estimate for row in rows),
            lang,
            result=self,
            columns=() if full else SHORT,
            first={"period": [row.period for row in rows]},
            last=last if full else EMPTY,
        )

    @checked
    def table(
        self,
        *,
        office: str = ALL,
        sector: str = ALL,
        measure: str = "overall",
        lang: str | None = None,
    ) -> Table:
        """One row a month for people.

        `office`, `sector`: ids or names, the total where left out. `measure`: "overall", "index",
        an element or an item. `lang`: "vi" or "en"; that of the data where left out.
        """
        given = self.data.labels(lang)
        documents = [month.document for month in self.months]
        rows = self.ids(office=office, sector=sector, measure=measure)
        return noted(tables.month_table(documents, **rows, **given), self, given["lang"])

    def ids(self, **called: str) -> dict[str, str]:
        """As of `Estimates.ids`, by the rows of every month."""
        return ids_of(self.data, [row.estimate for row in self.rows], called)

    def __repr__(self) -> str:
        return f"<Months {', '.join(month.period.text for month in self.months)}>"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def by_month(found: Estimates, months: int = 12) -> Months:
    """The months up to the end of a period; its data must be open.

    Parameters
    ----------
    found
        From `analysis.estimate`; its choices hold for every month.
    months
        How many.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> months = analysis.estimate(data, "2026-10").by_month(2)
    >>> [(month.period.text, month.pick().n) for month in months.months]
    [('2026-09', 0), ('2026-10', 90)]
    >>> data.close()
    """
    data, asked = found.data, found.asked
    documents = monthly_documents(
        data.opened(),
        data.population,
        period=found.period,
        months=months,
        **choices(data, asked),
    )
    return Months(
        data,
        tuple(
            replace(
                found,
                asked=replace(asked, period=document.period),
                document=document,
                scores=NO_SCORES,
                made=Made(),
            )
            for document in documents
        ),
    )


def monthly_documents(
    responses: Responses | str | Path,
    population: Population | str | Path | None = None,
    *,
    period: PeriodLike,
    months: int = 12,
    **options: Any,
) -> list[Document]:
    """Return the verdict documents of the `months` calendar months up to the last of `period`.

    `options` as for `analyse`. Give open `responses`, so that they are read only once.
    """
    period = period_of(period)
    last = 12 * period.last.year + period.last.month - 1
    written = [divmod(number, 12) for number in range(last - months + 1, last + 1)]
    return [
        analyse(responses, population, period=f"{year:04d}-{month + 1:02d}", **options)
        for year, month in written
    ]
