"""One measure month by month over two years, and the survey of any stretch of them.

Owns the one query over many months and what may be compared across them. Estimates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np

from analysis.counting.moments import EVERYTHING, Only, unflagged
from analysis.design.pooling import Known, blocks_of, first_with, sections
from analysis.design.running import months_over, read_told
from analysis.design.scopes import ALL, ANY_ORDER, Order, Scope, Survey
from analysis.formulas.hypergeometric import Ints
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
    today: date | None = None
    flagged: Literal["include", "exclude"] = "include"


class History:
    """One measure over a stretch of months.

    `stretch` is all of them, `rows` its survey: every office and sector that occurs in it.
    """

    def __init__(self, measure: str, stretch: Period, rows: Survey) -> None:
        self.measure, self.stretch, self.rows = measure, stretch, rows
        self._surveys: dict[tuple[str, ...], Survey] = {}

    def kind(self, scope: Scope) -> Kind | None:
        """How the row's measure is counted; None without answers."""
        return self.rows.pooled.kinds[scope.family].get(self.measure)

    def strata(self, scope: Scope, period: Period) -> list[Stratum]:
        """A row's strata in a period within the stretch."""
        return self._survey(period).strata(scope, self.measure)

    def table(self, scopes: Sequence[Scope], periods: Sequence[Period]) -> Ints:
        """The strata of rows in periods within the stretch, as of `table_of`: row by row."""
        tables = []
        for number, period in enumerate(periods):
            keys = [(scope, self.measure, ALL) for scope in scopes]
            table = self._survey(period).table(keys)
            table[0] = table[0] * len(periods) + number
            tables.append(table)
        return np.concatenate(tables, axis=1)

    def counts(self, scope: Scope, period: Period) -> list[tuple[int, int]]:
        """(satisfied, answered) in every place of the row, (0, 0) where there are none."""
        found = self._survey(period).counts(scope, self.measure).sum(axis=1)
        return [(y, m) for y, m in found.tolist()]

    def _survey(self, period: Period) -> Survey:
        if period.months not in self._surveys:
            self._surveys[period.months] = self.rows.within(period)
        return self._surveys[period.months]


def read_history(
    responses: Responses,
    population: Population | None,
    period: Period,
    setting: Setting,
    measure: str = "overall",
) -> History | None:
    """The two years of one measure up to the end of a period; None where nobody was asked.

    Of the questionnaires that most people answered in these years; others are another history.
    """
    blocks = blocks_of(responses, setting.questionnaires)
    if measure not in blocks:
        return None
    block, stretch = {measure: blocks[measure]}, last_months(period, STRETCH)
    told, _ = read_told(responses, stretch, block, setting.only, (), setting.today)
    kept = told if setting.flagged == "include" else unflagged(told)
    first = first_with(sections(kept, block, setting.questionnaires), measure)
    dossiers = (population or Population("", ())).of(stretch, setting.only.office)
    over = months_over(stretch, setting.today)
    survey = Survey(first, dossiers, stretch, setting.groups, setting.order, over)
    return History(measure, stretch, survey)
