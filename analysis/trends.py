"""The last twelve months of every sector, each against the twelve before it.

Owns the rows of a trend. Figures and signals are those of `insights.trend`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.arguments import checked, one_of
from analysis.data import id_of
from analysis.insights.trend import Dispersion, Trend, settled, trends
from analysis.listing import Listing, noted
from analysis.reporting.comparison_tables import trend_table
from analysis.reporting.table import Table
from analysis.statistics.comparisons import Signal
from analysis.strata.survey import ALL, read_history

if TYPE_CHECKING:
    from analysis.results import Estimates


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One month ("2026-10") of one row. Shares are fractions 0..1; None: cannot be had.

    `n` people answered, `satisfied` of them are. `share`, `low`, `high`: as in the month's own
    document. `expected`: satisfied answers if the month were like those before it; `usual_low`,
    `usual_high`: shares that give no signal (of the exact test in one sector of one office only).
    `signal`: higher, lower or none; unknown without answers on both sides, and in a month that is
    not over.
    """

    office: str
    sector: str
    month: str
    n: int
    satisfied: int
    share: float | None
    low: float | None
    high: float | None
    expected: float | None
    usual_low: float | None
    usual_high: float | None
    signal: Signal


@dataclass(frozen=True, slots=True)
class Trends(Listing[TrendRow]):
    """Twelve months of every sector, group and total; from `Estimates.trend`.

    `rows`: one a sector and month: `share` with `low`, `high`; `expected` satisfied answers if the
    month were like those before it; `usual_low`, `usual_high`: shares that give no signal;
    `signal`: higher, lower, none or unknown. `dispersion`: as given. `estimates`: the figures that
    were asked.
    """

    row_type = TrendRow
    inner = Listing.inner | {"sector"}
    short = (
        *("office", "sector", "month", "n", "share", "low", "high"),
        *("usual_low", "usual_high", "signal"),
    )

    estimates: Estimates = field(repr=False)
    dispersion: Dispersion
    rows: tuple[TrendRow, ...] = field(repr=False)

    @checked
    def table(self, *, sector: str = ALL, lang: str | None = None) -> Table:
        """Twelve months of one sector for people; for the office's own use.

        `sector`: its id or name; all together where left out. `lang`: "vi" or "en"; that of the
        data where left out.
        """
        found, sector = self.estimates, self.sector(sector)
        rows = [row for row in self.rows if row.sector == sector]
        given = found.data.labels(lang)
        made = trend_table(
            rows, sector=sector, dispersion=self.dispersion, level=found.level, **given
        )
        return noted(made, self, given["lang"])

    def sector(self, called: str) -> str:
        """A sector of the rows by its id; UnknownName where there is none."""
        if called == ALL:
            return ALL
        return id_of(self.estimates.data, "sector", called, (row.sector for row in self.rows))

    def __repr__(self) -> str:
        told = sum(row.signal in ("higher", "lower") for row in self.rows)
        return f"<Trends {self.dispersion}: {len(self.rows)} months of rows, {told} signals>"

    def _repr_html_(self) -> str:
        sectors = dict.fromkeys(row.sector for row in self.rows)
        return "".join(self.table(sector=sector)._repr_html_() for sector in sectors)


def trend(found: Estimates, *, dispersion: Dispersion = "binomial", office: str = ALL) -> Trends:
    """Overall satisfaction month by month up to the end of a period, against the year before each.

    Parameters
    ----------
    found
        From `analysis.estimate`; its data must be open.
    dispersion
        "binomial": the exact test against chance alone. "laney": limits widened by how much the
        earlier months scatter among themselves; for offices in which who answers differs from
        month to month, so that the exact test gives a signal nearly every month.
    office
        An id; all together where left out.

    Returns
    -------
    Trends
        A row for each sector with answers and each month.

    Notes
    -----
    Each sector shares (1 - level) over twelve looks: see `statistics.comparisons` and
    `statistics.laney`, where the limits and their references are. Choose one before looking:
    taking whichever gives the signal that was hoped for doubles the risk.

    References
    ----------
    Shewhart (1931); Laney (2002), Quality Engineering 14:531.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> rows = analysis.estimate(data, "2026-10").trend(dispersion="laney").rows
    >>> [(row.month, row.n, row.signal) for row in rows if row.sector == "all"][-2:]
    [('2026-09', 0, 'unknown'), ('2026-10', 90, 'unknown')]
    >>> data.close()
    """
    one_of("dispersion", dispersion, ("binomial", "laney"))
    found.pick(office=office)  # an unknown name is told
    data = found.data
    history = read_history(data.opened(), data.population, found.period, found.setting)
    if history is None:
        return Trends(found, dispersion, ())
    told = trends(history, found.period, office=office, level=found.level, dispersion=dispersion)
    rows = (row for trend in told for row in _rows(settled(trend, data.today)))
    return Trends(found, dispersion, tuple(rows))


def _rows(trend: Trend) -> list[TrendRow]:
    rows = []
    for month in trend.months:
        figures, departure = month.estimate, month.departure
        usual = departure.usual
        rows.append(
            TrendRow(
                office=trend.office,
                sector=trend.sector,
                month=month.month,
                n=figures.respondents,
                satisfied=figures.satisfied,
                share=figures.share,
                low=figures.low,
                high=figures.high,
                expected=departure.expected,
                usual_low=None if usual is None else usual.low,
                usual_high=None if usual is None else usual.high,
                signal=departure.signal,
            )
        )
    return rows
