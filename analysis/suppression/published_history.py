"""A history as it is seen from outside: trends and changes from published sums alone.

Owns which of a month's or period's sums may be known together with another one's. Whatever is
computed from these tells nothing that was not published.
"""

from __future__ import annotations

from collections.abc import Iterable

from analysis.design.headcounts import Headcounts
from analysis.design.history import History
from analysis.design.pooling import Blocks
from analysis.design.scopes import Place, Scope
from analysis.formulas.strata import Stratum
from analysis.period import Period
from analysis.suppression.pieces import Pieces
from analysis.suppression.publishable import Publishable, publishable

Counted = list[tuple[int, int]]


class PublishedHistory(History):
    """The same months; withheld parts of a row count as one, and withheld rows are not compared."""

    def __init__(self, history: History, counts: Headcounts, blocks: Blocks) -> None:
        """`counts`: of every office of the source, for all months of the stretch."""
        self.__dict__.update(vars(history))
        self._counts, self._blocks = counts, blocks
        self._allowed: dict[tuple[str, ...], Publishable] = {}

    def allows(self, office: str, sector: str, period: Period) -> bool:
        """Whether a row of the period may leave."""
        return self._publishable(period).allows(office, sector, self.measure)

    def strata(self, scope: Scope, period: Period) -> list[Stratum]:
        """A row's strata in a period, those that may not leave merged."""
        return Pieces(self._survey(period), self._publishable(period)).strata(scope, self.measure)

    def sides(self, scope: Scope, one: Period, other: Period) -> tuple[Counted, Counted]:
        """Both periods in the pieces that may be known of both; nothing for a withheld row."""
        if not all(self.allows(scope.office, scope.sector, p) for p in (one, other)):
            return [], []
        first, second = (
            dict(zip(scope.places, self.counts(scope, p), strict=True)) for p in (one, other)
        )
        pieces: dict[tuple[str, ...], list[Place]] = {}
        for place in scope.places:
            known = all(
                self._known(place, found[place], period)
                for found, period in ((first, one), (second, other))
            )
            pieces.setdefault(place if known else (), []).append(place)
        return _summed(first, pieces.values()), _summed(second, pieces.values())

    def _known(self, place: Place, counts: tuple[int, int], period: Period) -> bool:
        return not counts[1] or self._publishable(period).allows(*place, self.measure)

    def _publishable(self, period: Period) -> Publishable:
        if period.months not in self._allowed:
            counts = self._counts.within(period.months)
            block = {self.measure: self._blocks[self.measure]}
            only = self._setting.only.office
            groups = self._setting.groups
            self._allowed[period.months] = publishable(counts, self._pooled, block, groups, only)
        return self._allowed[period.months]


def _summed(found: dict[Place, tuple[int, int]], pieces: Iterable[list[Place]]) -> Counted:
    return [
        (sum(found[place][0] for place in piece), sum(found[place][1] for place in piece))
        for piece in pieces
    ]
