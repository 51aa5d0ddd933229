"""One measure month by month over two years, and the survey of any stretch of them.

Owns the one query over many months and what may be compared across them. Estimates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from analysis.counting.moments import EVERYTHING, ZERO, CellMoments, Only, read_dated_moments
from analysis.design.pooling import Blocks, Known, Pooled, blocks_of, pool
from analysis.design.scopes import ANY_ORDER, Order, Place, Scope, Survey
from analysis.formulas.strata import Kind, Stratum
from analysis.period import Period, last_months
from analysis.reading.layout import Responses
from analysis.reading.population import Population

STRETCH: Final = 24
"""Months read: the twelve of a year, and as many before each of them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Whose answers are wanted, and how rows are arranged; as for `analyse`."""

    questionnaires: Known
    groups: Mapping[str, tuple[str, ...]]
    only: Only = EVERYTHING
    order: Order = ANY_ORDER


class History:
    """One measure over a stretch of months.

    `stretch` is all of them, `rows` its survey: every office and sector that occurs in it.
    """

    def __init__(
        self,
        measure: str,
        stretch: Period,
        months: Mapping[str, CellMoments],
        pooled: Pooled,
        population: Population,
        setting: Setting,
    ) -> None:
        self.measure, self.stretch = measure, stretch
        self._months, self._pooled, self._setting = months, pooled, setting
        self._population = population
        self._surveys: dict[tuple[str, ...], Survey] = {}
        self.rows = self._survey(stretch)

    def kind(self, scope: Scope) -> Kind | None:
        """How the row's measure is counted; None without answers, or where they must not mix."""
        return self._pooled.kinds[scope.family].get(self.measure)

    def strata(self, scope: Scope, period: Period) -> list[Stratum]:
        """A row's strata in a period within the stretch."""
        return self._survey(period).strata(scope, self.measure)

    def counts(self, scope: Scope, period: Period) -> list[tuple[int, int]]:
        """(satisfied, answered) in every place of the row, (0, 0) where there are none."""
        found = dict.fromkeys(scope.places, (0, 0))
        for month in period.months:
            for cell, measures in self._months.get(month, {}).items():
                place: Place = (cell.office, cell.sector)
                if place in found:
                    (y, m), more = found[place], measures.get(self.measure, ZERO)
                    found[place] = (y + more.y, m + more.m)
        return list(found.values())

    def allows(self, office: str, sector: str, period: Period) -> bool:
        """Whether the row's figures may be seen: here all, see `PublishedHistory`."""
        return True

    def sides(
        self, scope: Scope, one: Period, other: Period
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """`counts` of two periods, part by part."""
        return self.counts(scope, one), self.counts(scope, other)

    def _survey(self, period: Period) -> Survey:
        if period.months not in self._surveys:
            cells = _added(
                [self._months[month] for month in period.months if month in self._months]
            )
            dossiers = self._population.of(period, self._setting.only.office)
            pooled = replace(self._pooled, cells=cells)
            self._surveys[period.months] = Survey(
                pooled, dossiers, self._setting.groups, self._setting.order
            )
        return self._surveys[period.months]


def _added(months: list[CellMoments]) -> CellMoments:
    cells: CellMoments = {}
    for found in months:
        for cell, measures in found.items():
            total = cells.setdefault(cell, {})
            for measure, moments in measures.items():
                total[measure] = total.get(measure, ZERO) + moments
    return cells


def read_history(
    responses: Responses,
    population: Population | None,
    period: Period,
    setting: Setting,
    measure: str = "overall",
) -> History | None:
    """The two years of one measure up to the end of a period; None where nobody was asked.

    Raises
    ------
    Refusal
        Where the questionnaires of the two years word the measure differently.
    """
    blocks: Blocks = blocks_of(responses, setting.questionnaires)
    if measure not in blocks:
        return None
    block, stretch = {measure: blocks[measure]}, last_months(period, STRETCH)
    found = read_dated_moments(responses, stretch, block, setting.only, span="month")
    months = {month: _added(list(keys.values())) for month, keys in found.items()}
    whole = pool(by_questionnaire(found), block, setting.questionnaires)
    return History(measure, stretch, months, whole, population or Population("", ()), setting)


def by_questionnaire(found: Mapping[str, Mapping[str, CellMoments]]) -> dict[str, CellMoments]:
    """Moments of every date added up, questionnaire by questionnaire: what `pool` takes."""
    keys = dict.fromkeys(key for month in found.values() for key in month)
    return {key: _added([month[key] for month in found.values() if key in month]) for key in keys}
