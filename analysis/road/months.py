"""Several months, each computed by itself.

Owns the sequence of estimates. Judges no change: see `differences`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from analysis.design.scopes import ALL
from analysis.document import EstimateRow
from analysis.road.data import Data
from analysis.road.estimates import Estimates, choices
from analysis.road.listing import Listing, frame_of
from analysis.telling import months as telling
from analysis.telling.headings import heading
from analysis.telling.tables import Table

if TYPE_CHECKING:
    from pandas import DataFrame


class MonthRow(NamedTuple):
    """A row of one month: `period` is written "2026-10"."""

    period: str
    estimate: EstimateRow


@dataclass(frozen=True, slots=True)
class Months(Listing[MonthRow]):
    """Several months, each computed by itself; from `Estimates.by_month`."""

    row_type = MonthRow

    data: Data = field(repr=False)
    months: tuple[Estimates, ...]

    @property
    def rows(self) -> tuple[MonthRow, ...]:
        return tuple(MonthRow(month.period.text, row) for month in self.months for row in month)

    def published(self) -> Months:
        """What may leave of each month that is over; see `Estimates.published`."""
        closed = (month for month in self.months if month.document.status == "closed")
        return replace(self, months=tuple(month.published() for month in closed))

    def to_frame(self, lang: str | None = None) -> DataFrame:
        """As for every result, the month first."""
        frame = frame_of(EstimateRow, tuple(row.estimate for row in self.rows), lang)
        name = "period" if lang is None else heading("period", lang)
        frame.insert(0, name, [row.period for row in self.rows])
        return frame

    def table(
        self,
        *,
        office: str = ALL,
        sector: str = ALL,
        measure: str = "overall",
        lang: str | None = None,
    ) -> Table:
        """One row a month for people."""
        given = self.data.telling(lang)
        documents = [month.document for month in self.months]
        return telling.month_table(
            documents, office=office, sector=sector, measure=measure, **given
        )

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
    documents = telling.by_month(
        data.opened(),
        data.population,
        period=found.period,
        months=months,
        **choices(data, asked),
    )
    return Months(
        data,
        tuple(
            Estimates(data, replace(asked, period=document.period), document)
            for document in documents
        ),
    )
