"""Two sectors, two offices or two periods against each other.

Owns which rows are compared and how many comparisons share the risk. The interval is Newcombe's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from scipy.special import ndtri

from analysis.arguments import checked, one_of
from analysis.details import limits_of
from analysis.document import EstimateRow
from analysis.errors import Problem, Refusal, said
from analysis.insights.insights import counts_by_place
from analysis.insights.trend import told_signal
from analysis.listing import Listing, noted
from analysis.reporting.comparison_tables import difference_table
from analysis.reporting.table import Table
from analysis.statistics.comparisons import Difference, Signal, departure, newcombe
from analysis.statistics.exact import Interval
from analysis.strata.pooling import family_of
from analysis.strata.survey import ALL
from questionnaires.bilingual import Told

if TYPE_CHECKING:
    from analysis.results import Estimates

ComparedRows = tuple[EstimateRow, EstimateRow]
By = Literal["sector", "office"]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """The first share minus the second, fractions -1..1.

    `first`, `second`: sectors, offices or periods, as compared. `low`, `high`: two-sided at the
    level of the estimates, each comparison by itself. `answers`: people of the smaller side.
    `signal`: higher, lower or none, all comparisons of the result together; unknown where a side
    has no answers.
    """

    office: str
    sector: str
    measure: str
    first: str
    second: str
    first_share: float | None
    second_share: float | None
    difference: float | None
    low: float | None
    high: float | None
    answers: int
    signal: Signal


@dataclass(frozen=True, slots=True)
class Differences(Listing[DifferenceRow]):
    """Comparisons that share one risk; from `Estimates.between` or `Estimates.since`.

    `rows`: one a comparison, `first_share` less `second_share`, with Newcombe's `low` and `high`
    and a `signal` (higher, lower, none; unknown where a side has no answers) that takes all of them
    at once. `estimates`: the figures that were asked.
    """

    row_type = DifferenceRow
    short = ("office", "sector", "first", "second", "difference", "low", "high", "signal")

    estimates: Estimates = field(repr=False)
    rows: tuple[DifferenceRow, ...] = field(repr=False)

    @checked
    def table(self, lang: str | None = None) -> Table:
        """For people; for the office's own use.

        `lang`: "vi" or "en"; that of the data where left out.
        """
        found = self.estimates
        given = found.data.labels(lang)
        made = difference_table(self.rows, level=found.level, **given)
        return noted(made, self, given["lang"])

    def __repr__(self) -> str:
        told = sum(row.signal in ("higher", "lower") for row in self.rows)
        return f"<Differences: {len(self.rows)} comparisons, {told} beyond chance together>"

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def between(
    found: Estimates,
    by: By,
    *,
    measure: str = "overall",
    office: str = ALL,
    sector: str = ALL,
) -> Differences:
    """Every two sectors of an office, or every two offices in a sector, against each other.

    Parameters
    ----------
    found
        From `analysis.estimate`.
    by
        "sector" or "office".
    measure, office, sector
        Of the rows compared.

    Returns
    -------
    Differences
        One row for each pair with answers on both sides, in the order of the document.

    Notes
    -----
    Newcombe's interval from each side's own limits. `signal` takes limits of level
    1 - (1 - level) / m for m comparisons (Bonferroni) and, for one item, asks the exact test
    within strata as well: square-and-add alone is false too often in small populations.

    Published figures are compared by what is published alone: the interval holds every difference
    that the steps of both shares leave open, and limits are stretched to the level of m comparisons
    as those of a normal share.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873, method 10; Zou & Donner (2008).

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> found = analysis.estimate(data, "2026-10")
    >>> (row,) = found.between("sector")
    >>> row.first, row.second, round(row.difference, 2), row.signal
    ('land', 'civil-status', 0.4, 'higher')
    >>> data.close()
    """
    one_of("by", by, ("sector", "office"))
    fixed = {"measure": measure} | ({"office": office} if by == "sector" else {"sector": sector})
    found.pick(**fixed)  # an unknown name is told, not taken for "no answers"
    wanted = fixed | {"channel": ALL}
    rows = [
        row
        for row in found.rows
        if all(getattr(row, key) == value for key, value in wanted.items())
        and _is_single(getattr(row, by))
        and row.answered
    ]
    pairs = [pair for pair in combinations(rows, 2) if _alike(*pair)]
    names = [(getattr(a, by), getattr(b, by)) for a, b in pairs]
    strata = [tuple(_across(by, _strata(found, row)) for row in pair) for pair in pairs]
    return _compared(found, found, pairs, names, strata)


def since(found: Estimates, earlier: Estimates, *, measure: str = "overall") -> Differences:
    """Every row of a measure against the same row of an earlier period.

    Parameters
    ----------
    found, earlier
        From `analysis.estimate`, of periods that share no day, at one level; both published, or
        neither.
    measure
        Of the rows compared.

    Returns
    -------
    Differences
        One row for each office and sector with answers in both periods. Where there is one office
        alone, its rows are the totals and stand there once, as those of all offices.

    Raises
    ------
    Refusal
        Periods that overlap, levels that differ, or one side published and the other not.

    Notes
    -----
    As for `between`; rows of the same people (a group of which one sector has answers) are one
    comparison among the m that share the risk.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> october = analysis.estimate(data, "2026-10")
    >>> len(october.since(analysis.estimate(data, "2026-09")))  # nobody answered in September
    0
    >>> data.close()
    """
    if earlier.period.first <= found.period.last and found.period.first <= earlier.period.last:
        what = said("asked.share_days", one=found.period.text, other=earlier.period.text)
        raise _refuse(said("asked.periods"), what, said("asked.compare_apart"))
    if earlier.level != found.level:
        what = said("asked.levels", one=f"{found.level:g}", other=f"{earlier.level:g}")
        raise _refuse(said("asked.level"), what, said("asked.one_level"))
    if found.document.view != earlier.document.view:
        what = said("asked.views", one=found.document.view, other=earlier.document.view)
        raise _refuse(said("asked.view"), what, said("asked.one_view"))
    found.pick(measure=measure)  # an unknown name is told
    then = _by_key(earlier)
    alone = len({*found.document.offices, *earlier.document.offices}) == 1
    pairs = [
        (row, other)
        for row in found.rows
        if (row.measure, row.channel) == (measure, ALL) and row.answered
        if row.office == ALL or not alone
        if (other := then.get(_key(row))) is not None and other.answered
    ]
    names = [(found.period.text, earlier.period.text)] * len(pairs)
    strata = [(_strata(found, row), _strata(earlier, row)) for row, _ in pairs]
    return _compared(found, earlier, pairs, names, strata)


RowKey = tuple[str, ...]
RowCounts = dict[RowKey, tuple[int, int]]
"""Stratum -> (satisfied, answered)."""


def _compared(
    found: Estimates,
    other: Estimates,
    pairs: Sequence[ComparedRows],
    names: Sequence[tuple[str, str]],
    strata: Sequence[tuple[RowCounts, ...]],
) -> Differences:
    full = found.document.view == "full"
    told = max(1, _apart(strata) if full else len(pairs))
    level = 1 - (1 - found.level) / told
    wide = _limits(found, level)
    wide_other = wide if other is found else _limits(other, level)
    rows = []
    for (first, second), (one, two), counts in zip(pairs, names, strata, strict=True):
        decisive = _difference(first, second, wide.get(_key(first)), wide_other.get(_key(second)))
        exact = _exact(counts, found.level, told) if full and _is_item(first.measure) else None
        gap = _difference(first, second, _own(first), _own(second))
        rows.append(
            DifferenceRow(
                office=first.office if first.office == second.office else "",
                sector=first.sector if first.sector == second.sector else "",
                measure=first.measure,
                first=one,
                second=two,
                first_share=first.share,
                second_share=second.share,
                difference=None if gap is None else gap.difference,
                low=None if gap is None else gap.low,
                high=None if gap is None else gap.high,
                answers=min(_people(first), _people(second)),
                signal=told_signal(decisive, exact),
            )
        )
    return Differences(found, tuple(rows))


def _apart(strata: Sequence[tuple[RowCounts, ...]]) -> int:
    """How many of the comparisons are of different people, or answers."""
    return len({tuple(tuple(sorted(side.items())) for side in pair) for pair in strata})


def _limits(found: Estimates, level: float) -> Mapping[RowKey, Interval]:
    """The limits of every row at another level, from what the result holds."""
    if found.document.view == "full":
        rows: list[tuple[RowKey, float | None, float | None]] = [
            (key, low, high)
            for survey in found.document.surveys
            for key, low, high in limits_of(survey, level)
        ]
    else:
        wider = float(ndtri((1 + level) / 2) / ndtri((1 + found.level) / 2))
        rows = [(_key(row), *_stretched(row, wider)) for row in found.rows]
    return {
        key: Interval(low, high) for key, low, high in rows if low is not None and high is not None
    }


def _stretched(row: EstimateRow, wider: float) -> tuple[float | None, float | None]:
    """Published limits so many times as far from the share."""
    if row.share is None or row.low is None or row.high is None:
        return None, None
    low, high = (row.share + wider * (limit - row.share) for limit in (row.low, row.high))
    return max(0.0, low), min(1.0, high)


def _own(row: EstimateRow) -> Interval | None:
    """The limits of a row."""
    return None if row.low is None or row.high is None else Interval(row.low, row.high)


def _key(row: EstimateRow) -> RowKey:
    """Office, sector, measure, channel, and whose answers: only the same question is compared."""
    return row[:5]


def _alike(first: EstimateRow, second: EstimateRow) -> bool:
    return first.questionnaires == second.questionnaires


def _by_key(found: Estimates) -> dict[RowKey, EstimateRow]:
    return {_key(row): row for row in found.rows}


def _people(row: EstimateRow) -> int:
    return row.respondents


def _is_single(name: str) -> bool:
    """A sector that is one, or an office; not a total, a group, or the agency in general."""
    return name != ALL and not name.startswith("group:") and family_of(name) != "general"


def _is_item(measure: str) -> bool:
    return measure == "overall" or measure.startswith("item:")


def _strata(found: Estimates, row: EstimateRow) -> RowCounts:
    """Counts of every office and sector that a row consists of."""
    sectors = found.data.targets.groups.get(row.sector, (row.sector,))
    places = counts_by_place(found.document, row.measure, row.questionnaires)
    return {
        (office, sector): counts
        for (office, sector), counts in places.items()
        if row.office in (ALL, office)
        and (sector in sectors or (row.sector == ALL and family_of(sector) != "general"))
    }


def _across(by: By, counts: RowCounts) -> RowCounts:
    """Strata as called apart from what is compared: offices of a sector, sectors of an office."""
    place = 0 if by == "sector" else 1
    return {(key[place],): count for key, count in counts.items()}


def _exact(counts: tuple[RowCounts, ...], level: float, told: int) -> Signal:
    """The exact test within the strata that both sides have."""
    first, second = counts
    strata = list(dict.fromkeys([*first, *second]))
    this, other = ([side.get(key, (0, 0)) for key in strata] for side in (first, second))
    return departure(this, other, level=level, looks=told).signal


def _difference(
    first: EstimateRow, second: EstimateRow, one: Interval | None, two: Interval | None
) -> Difference | None:
    """Newcombe's difference of two rows by these limits; None where a side has no share.

    A published share stands for all from itself to its step above: the interval holds them all.
    """
    if first.share is None or second.share is None or one is None or two is None:
        return None
    p1, p2 = first.share, second.share
    top1, top2 = min(1.0, p1 + (first.step or 0)), min(1.0, p2 + (second.step or 0))
    low, high = newcombe(p1, one, top2, two), newcombe(top1, one, p2, two)
    return Difference(p1 - p2, low.low, high.high)


def _refuse(place: Told, what: Told, remedy: Told) -> Refusal:
    """A refusal of something asked of estimates."""
    return Refusal([Problem(said("asked.estimates"), place, what, remedy)])
