"""Sectors split over a longer period of one office, beside the months' totals that are split too.

Owns the graph of these two kinds of sums. The question about it is `contraction`'s.
"""

from __future__ import annotations

import numpy as np

from analysis.suppression.calendar_windows import Window
from analysis.suppression.contraction import holds_together
from analysis.suppression.overlap import MINIMUM_CELL, Counts, Flags


class Split:
    """What one office has shown of a split so far: people (1, M, S, K), its months' rows.

    For two parts, every place (sector, month) belongs to two sums that may tell them apart: one
    over sectors (the month's total, or else that of the shortest longer period) and one over
    months (the sector in the shortest longer period). 0 stands for none.
    """

    def __init__(self, people: Counts, weights: Counts, office: Flags, of_sectors: Flags) -> None:
        _, months, sectors, parts = people.shape
        self._people, self._weights = people[0], weights[0]
        self._known = of_sectors[0]
        first = np.arange(1, months + 1)
        self._across = np.where(office[0], first[:, None], 0)  # (M, K): the sum that shows it
        self._along = np.zeros((months, sectors, parts), dtype=np.int64)
        self._next = months + 1

    def decided(self, window: Window, total: Flags, eligible: Flags, told: Flags) -> Flags:
        """Parts of sectors (P, S, K) that may be shown over each period, with its total's parts."""
        found = np.zeros((*eligible.shape, self._people.shape[2]), dtype=np.bool_)
        for place, months in enumerate(window):
            found[place] = self._period(months, total[place], eligible[place], told[place])
        return found

    def add(self, window: Window, total: Flags, sectors: Flags) -> None:
        """Rows of the periods are shown now."""
        for place, months in enumerate(window):
            self._across[months], self._along[months] = self._nodes(
                months, total[place], sectors[place]
            )
            self._next += 1 + sectors.shape[1]

    def _nodes(self, months: Counts, total: Flags, sectors: Flags) -> tuple[Counts, Counts]:
        """The sums of every place once these rows are shown too; the shortest one stands."""
        across, along = self._across[months], self._along[months]
        named = self._next + 1 + np.arange(len(sectors))[:, None]
        return (
            np.where((across == 0) & total, self._next, across),
            np.where((along == 0) & sectors, named, along),
        )

    def _period(self, months: Counts, total: Flags, eligible: Flags, told: Flags) -> Flags:
        people = self._people[months].sum(axis=0)
        enough = ((people == 0) | (people >= MINIMUM_CELL)).all(axis=1)
        chosen = eligible & enough & (people.sum(axis=1) > 0)
        order = np.argsort(people.sum(axis=1), kind="stable")
        for sector in (-1, *order.tolist()):
            if sector >= 0:
                if not chosen[sector]:
                    continue
                chosen[sector] = False  # the smallest one gives way
            flags: Flags = chosen[:, None] & (people > 0)
            if self._safe(months, total, flags):
                break
        known: Flags = told & (people >= MINIMUM_CELL) & eligible[:, None]
        return flags | known

    def _safe(self, months: Counts, total: Flags, sectors: Flags) -> bool:
        """Whether every part is held together with the one that most people answered."""
        if not sectors.any():
            return True
        sizes = self._people[months].sum(axis=(0, 1))
        main = int(sizes.argmax())
        across, along = self._nodes(months, total, sectors)
        return all(
            self._pair(months, across, along, (main, part))
            for part in np.flatnonzero(sizes).tolist()
            if part != main
        )

    def _pair(self, months: Counts, across: Counts, along: Counts, pair: tuple[int, int]) -> bool:
        """Two parts are told apart at a place by a sum that shows either of them.

        Where nobody answered the first part, nothing holds the second one; it counts all the same.
        """
        columns = list(pair)
        places = (self._people[months][:, :, pair[1]] > 0) & ~self._known[months][:, :, pair[1]]
        weights = self._weights[months][:, :, columns].min(axis=2)
        weights = np.where(self._known[months][:, :, columns].any(axis=2), 0, weights)
        over_sectors, over_months = _shortest(across[:, columns]), _shortest(along[:, :, columns])
        first = np.broadcast_to(over_sectors[:, None], places.shape)[places]
        return holds_together(first, over_months[places], weights[places])


def _shortest(sums: Counts) -> Counts:
    """Of sums along the last axis, numbered by length, the shortest that there is."""
    found: Counts = np.where(sums > 0, sums, np.iinfo(np.int64).max).min(axis=-1)
    return np.where((sums > 0).any(axis=-1), found, 0)
