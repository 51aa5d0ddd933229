"""What stands beside the verdicts, by verbs: trend, drivers, screening, reliability.

Owns their rows. Figures are those of `insights`, sentences those of `reporting.insight_sections`.
All of it is for the office's own use: nothing of it is ever published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from analysis.arguments import checked, of_kind, refused
from analysis.data import Data
from analysis.errors import said
from analysis.estimating import estimate
from analysis.insights.drivers import Driver, Reliability
from analysis.insights.insights import Insights, gather_together
from analysis.insights.screening import Flag
from analysis.insights.trend import Dispersion
from analysis.listing import Listing, noted
from analysis.period import PeriodLike
from analysis.reporting.insight_sections import (
    driver_section,
    reliability_section,
    screening_section,
)
from analysis.reporting.section import ReportSection
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.results import Estimates
from analysis.strata.survey import ALL
from analysis.trends import Trends
from analysis.words import say


@dataclass(frozen=True, slots=True)
class DriverRow:
    """What goes with overall satisfaction: one element (or item, where there are no elements).

    `satisfied`, `dissatisfied`: people compared, satisfied with this element or not; `left_out`:
    people of places where everyone or nobody was satisfied with it, who cannot be compared.
    `share_satisfied`, `share_dissatisfied`: overall satisfaction of either. `importance`: the first
    less the second, with limits `low`, `high`. Fractions 0..1; None: fewer than ten people.
    """

    measure: str
    satisfied: int
    dissatisfied: int
    left_out: int
    share_satisfied: float | None
    share_dissatisfied: float | None
    importance: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """Whether the `items` of an element hold together: Cronbach's `alpha` and Feldt's limits.

    `n` people answered them all. None: cannot be had.
    """

    questionnaire: str
    measure: str
    items: int
    n: int
    alpha: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FlagRow:
    """Something worth a second look: `count` of `of` answers where `usual` were to be expected.

    `flag`: repeats, burst, apart and so on; `day`: None where it is no matter of a day. `p_value`:
    how often chance alone gives as many. No proof of anything.
    """

    flag: str
    office: str
    sector: str
    day: date | None
    count: int
    of: int
    usual: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Beside(Listing[Any]):
    """Something that stands beside the verdicts: rows, and `sentences` that say what was found.

    `insights`: what the rows were made of, with the office that they are of.
    """

    inner = Listing.inner | {"section", "insights"}

    estimates: Estimates = field(repr=False)
    rows: tuple[Any, ...] = field(repr=False)
    section: ReportSection | None = field(repr=False)
    insights: Insights = field(repr=False)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in the language of the data."""
        return self.section.sentences if self.section else ()

    @checked
    def table(self) -> Table:
        """For people; for the office's own use."""
        found = self.estimates
        lang = found.data.lang
        tables = self.section.tables if self.section else ()
        made = tables[0] if tables else Table("", (), (), empty=say("common.no_answers_yet", lang))
        return noted(made, self, lang)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.estimates.period.text}: {len(self.rows)} rows>"

    def __str__(self) -> str:
        return str(self.section) if self.section else str(self.table())

    def _repr_html_(self) -> str:
        return self.section._repr_html_() if self.section else self.table()._repr_html_()


@dataclass(frozen=True, slots=True, repr=False)
class Drivers(Beside):
    """What goes with overall satisfaction; from `analysis.drivers`.

    `rows`: one an element or item. `satisfied` and `dissatisfied` people are compared, `left_out`
    of places where all or none were satisfied with it; `importance` with limits `low`, `high` is
    the overall satisfaction of the first (`share_satisfied`) less that of the second. Fractions;
    None: fewer than ten people. `estimates`: the figures beside which they stand.
    """

    row_type = DriverRow


@dataclass(frozen=True, slots=True, repr=False)
class Reliabilities(Beside):
    """Whether the questions of each element hold together; from `analysis.reliability`.

    `rows`: one for the index and each element of a questionnaire: `alpha` of its `items`, with
    limits `low`, `high`, of `n` people who answered them all. `estimates`: the figures beside which
    they stand.
    """

    row_type = ReliabilityRow


@dataclass(frozen=True, slots=True, repr=False)
class Screening(Beside):
    """What is worth a second look; from `analysis.screening`.

    `rows`: one a thing seen: `count` of `of` answers where `usual` were to be expected, and how
    often chance alone gives as many (`p_value`). `estimates`: the figures beside which they stand.
    """

    row_type = FlagRow


Given = Data | Estimates


@checked
def trend(
    found: Given,
    period: PeriodLike | None = None,
    *,
    dispersion: Dispersion = "binomial",
    office: str = ALL,
) -> Trends:
    """Twelve months of overall satisfaction, each against the twelve before it.

    Parameters
    ----------
    found
        From `analysis.estimate`; or from `analysis.read`, with the `period` whose end is the last
        of the months. The data must be open.
    period
        As for `analysis.estimate`; needed with data alone.
    dispersion
        "binomial": the exact test against chance. "laney": limits widened by how much the earlier
        months differ among themselves. Choose one before looking.
    office
        Its id or name; all together where left out.

    Returns
    -------
    Trends
        A row for each sector and month, with limits and `signal`.

    References
    ----------
    Shewhart (1931), Economic Control of Quality; Laney (2002), Quality Engineering 14:531.

    Examples
    --------
    >>> import analysis
    >>> with analysis.read(RESPONSES, POPULATION) as data:
    ...     rows = analysis.trend(data, "2026-10").rows
    >>> [(row.month, row.n, row.signal) for row in rows if row.sector == "land"][-1]
    ('2026-10', 50, 'unknown')
    """
    return _estimates(found, period).trend(dispersion=dispersion, office=office)


@checked
def drivers(found: Given, period: PeriodLike | None = None, *, office: str = ALL) -> Drivers:
    """What goes with overall satisfaction, the most important first; for the office's own use.

    Parameters
    ----------
    found
        From `analysis.estimate`; or from `analysis.read`, with the `period`. The data must be open.
    period
        As for `analysis.estimate`; needed with data alone.
    office
        Its id or name; all together where left out.

    Returns
    -------
    Drivers
        A row for each element (for each item where there are no elements), the surest first.

    Notes
    -----
    What goes together need not be cause and effect. People are compared within their office and
    sector, which are weighed by n1 n0 / (n1 + n0) (Mantel and Haenszel); the interval of the
    difference is Newcombe's.

    References
    ----------
    Cochran (1954), Biometrics 10:417; Mantel & Haenszel (1959), J. Nat. Cancer Inst. 22:719;
    Newcombe (1998), Statistics in Medicine 17:873, method 10.

    Examples
    --------
    >>> import analysis
    >>> with analysis.read(SIPAS) as data:
    ...     [row.measure for row in analysis.drivers(data, "2026-10")]
    ['element:results', 'element:access']
    """
    estimates, insights = _together(found, period, office)
    rows = tuple(_driver(one) for one in insights.drivers)
    return Drivers(estimates, rows, driver_section(insights, _teller(estimates)), insights)


@checked
def reliability(
    found: Given, period: PeriodLike | None = None, *, office: str = ALL
) -> Reliabilities:
    """Whether the questions of each element hold together; for the office's own use.

    Parameters
    ----------
    found
        From `analysis.estimate`; or from `analysis.read`, with the `period`. The data must be open.
    period
        As for `analysis.estimate`; needed with data alone.
    office
        Its id or name; all together where left out.

    Returns
    -------
    Reliabilities
        A row for the index and each element of each questionnaire: Cronbach's alpha with limits.

    References
    ----------
    Cronbach (1951), Psychometrika 16:297; Feldt (1965), Psychometrika 30:357.

    Examples
    --------
    >>> import analysis
    >>> with analysis.read(SIPAS) as data:
    ...     [(row.measure, row.items, row.n) for row in analysis.reliability(data, "2026-10")]
    [('index', 3, 20), ('element:access', 2, 20)]
    """
    estimates, insights = _together(found, period, office)
    rows = tuple(_reliability(one) for one in insights.reliability)
    section = reliability_section(insights, _teller(estimates))
    return Reliabilities(estimates, rows, section, insights)


@checked
def screening(found: Given, period: PeriodLike | None = None, *, office: str = ALL) -> Screening:
    """What is worth a second look (crowded days, repeated sheets); for the office's own use.

    Parameters
    ----------
    found
        From `analysis.estimate`; or from `analysis.read`, with the `period`. The data must be open.
    period
        As for `analysis.estimate`; needed with data alone.
    office
        Whose sentences; offices are compared, so that the rows are of every office.

    Returns
    -------
    Screening
        A row for each thing seen; none where nothing was.

    Notes
    -----
    Each rule is false in at most 1 - level of periods in which nothing happened. Nothing is
    dropped: figures without what is flagged stand in the sentences.
    """
    estimates = _estimates(found, period)
    insights = estimates.gathered().of(estimates.ids(office=office)["office"])
    rows = tuple(_flag(one) for one in insights.flags)
    section = screening_section(insights, _teller(estimates))
    return Screening(estimates, rows, section, insights)


def _estimates(found: Given, period: PeriodLike | None) -> Estimates:
    """The estimates that are meant; only of the whole view."""
    of_kind("found", found, (Data, Estimates), "analysis.estimate(…)")
    if isinstance(found, Data):
        if period is None:
            raise refused("period", period, said("argument.needed"), said("period.write"))
        return estimate(found, period)
    if period is not None:
        what = said("argument.not_of_one", of="analysis.estimate(…)")
        raise refused("period", period, what, said("argument.leave_out"))
    if found.document.view != "full":
        raise refused("published", True, said("asked.office_only"), said("asked.ask_full"))
    return found


def _together(found: Given, period: PeriodLike | None, office: str) -> tuple[Estimates, Insights]:
    estimates = _estimates(found, period)
    office = estimates.ids(office=office)["office"]
    told = estimates.made.once(
        ("together", office),
        lambda: gather_together(
            estimates.data.opened(), estimates.document, estimates.setting, office
        ),
    )
    return estimates, told


def _teller(found: Estimates) -> Teller:
    return Teller.of(found.document, **found.data.labels())


def _driver(one: Driver) -> DriverRow:
    gap = one.importance
    limits = (None, None, None) if gap is None else (gap.difference, gap.low, gap.high)
    counts = (one.measure, one.satisfied, one.dissatisfied, one.left_out)
    return DriverRow(*counts, one.share_satisfied, one.share_dissatisfied, *limits)


def _reliability(one: Reliability) -> ReliabilityRow:
    low, high = (None, None) if one.interval is None else (one.interval.low, one.interval.high)
    return ReliabilityRow(one.questionnaire, one.measure, one.items, one.n, one.alpha, low, high)


def _flag(one: Flag) -> FlagRow:
    place = (one.reason, one.office, one.sector, one.day)
    return FlagRow(*place, one.count, one.of, one.expected, one.p_value)
