"""A split of every sector's answers and of their total at once: channels, elements, items.

Owns what `facets.split` cannot decide by itself: a channel shown for all sectors and for single
sectors crosses them. The total is decided first; sectors are split only where that lets nobody be
worked out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.suppression.calendar_windows import Window
from analysis.suppression.facets import Shown, Stretch, Told, of_each_office
from analysis.suppression.longer_splits import Split
from analysis.suppression.overlap import (
    MINIMUM_CELL,
    Counts,
    Flags,
    all_alike,
    keep_apart,
    shown_apart,
)

_Kind = TypeVar("_Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Crossed:
    """Parts of the total over sectors, and of every sector (an axis before the parts)."""

    total: Shown
    sectors: Shown


@dataclass(slots=True)
class _Sums:
    """Sums that are decided together: people and weights (P, T, S, K), what is alike there.

    `total` (P,) and `sectors` (P, S) are the rows that may be divided; `told` and `told_sectors`
    the parts that add up from shown rows.
    """

    people: Counts
    weights: Counts
    alike: Flags
    total: Flags
    sectors: Flags
    told: Flags
    told_sectors: Flags

    def decided(self) -> tuple[Flags, Flags]:
        """Shown parts of the totals (P, K) and of the sectors (P, S, K)."""
        total = self.of_total(self.people, self.weights)
        told, divided = self._of_sectors()
        without = divided[:, None, :, None]
        rest = np.where(without, 0, self.people)
        implied = (rest.sum(axis=(1, 2)) == 0) & self.total[:, None]
        again = self.of_total(rest, np.where(without, 0, self.weights))
        again |= implied & (self._sizes() >= MINIMUM_CELL)
        safe: Flags = ~np.asarray((total & ~again).any(axis=1))
        total = np.where(safe[:, None], again, total)
        answered = self.people.sum(axis=1) > 0
        sectors = told | ((divided & safe[:, None])[:, :, None] & answered)
        return total, self.sole(total, sectors)

    def _sizes(self) -> Counts:
        sizes: Counts = self.people.sum(axis=(1, 2))
        return sizes

    def of_total(self, people: Counts, weights: Counts) -> Flags:
        """Parts of the total, every sector and place being a stratum."""
        size, _, _, parts = people.shape
        strata = people.reshape(size, -1, parts)
        alike = self.alike.reshape(*strata.shape, parts)
        heavy = weights.reshape(strata.shape)
        shown = shown_apart(strata, alike, self.told, self.total, weights=heavy)
        passed: Flags = shown & (self._sizes() >= MINIMUM_CELL)
        return passed

    def _of_sectors(self) -> tuple[Flags, Flags]:
        """Parts of sectors that add up from shown rows, and sectors that all parts may be shown of.

        The latter may be so by themselves: (P, S, K) and (P, S).
        """
        size, _, sectors, parts = self.people.shape
        told = self.told_sectors.reshape(-1, parts)
        eligible = self.sectors.reshape(-1)
        people = _by_sector(self.people)
        shown = shown_apart(
            people,
            _by_sector(self.alike),
            told,
            eligible,
            weights=_by_sector(self.weights),
            merge=False,
        )
        sizes = people.sum(axis=1)
        whole = (shown | (sizes == 0)).all(axis=1) & shown.any(axis=1)
        known = told & eligible[:, None] & (sizes >= MINIMUM_CELL)
        return known.reshape(size, sectors, parts), np.asarray(whole).reshape(size, sectors)

    def sole(self, total: Flags, sectors: Flags) -> Flags:
        """Where one sector has all answers, its parts are those of the total."""
        whole = self.people.sum(axis=(1, 3))
        sole = (whole == whole.sum(axis=1)[:, None]) & (whole > 0) & self.sectors
        found: Flags = np.where(sole[:, :, None], total[:, None], sectors)
        return found


def cross(
    people: Counts, weights: Counts, totals: Shown, sectors: Shown, stretch: Stretch
) -> Crossed:
    """Which parts are shown.

    Parameters
    ----------
    people : (O, S, M, K)
        Of each part.
    weights : (O, S, M, K)
        As for `shown_apart`.
    totals, sectors
        The rows that are divided, of all sectors and of each (…, S).
    """
    offices, count, months, parts = people.shape
    size = offices * months
    office, of_sectors = _Sums(
        np.moveaxis(people, 2, 1).reshape(size, 1, count, parts),
        np.moveaxis(weights, 2, 1).reshape(size, 1, count, parts),
        all_alike(size, 1, count, parts),
        totals.office.reshape(-1),
        sectors.office.reshape(-1, count),
        np.zeros((size, parts), dtype=np.bool_),
        np.zeros((size, count, parts), dtype=np.bool_),
    ).decided()
    monthly = _Monthly(
        np.moveaxis(people, 2, 1),
        np.moveaxis(weights, 2, 1),
        office.reshape(offices, months, parts),
        of_sectors.reshape(offices, months, count, parts),
    )
    return monthly.together(totals, sectors, stretch)


class _Monthly:
    """What each office shows of its months; from there on, all offices and longer periods."""

    def __init__(self, people: Counts, weights: Counts, office: Flags, of_sectors: Flags) -> None:
        self.people, self.weights = people, weights  # (O, M, S, K)
        self.office, self.of_sectors = office, of_sectors
        alike = keep_apart(all_alike(*people.shape), office[:, :, None])
        self.alike = keep_apart(alike, of_sectors)
        self.told = Told(people.sum(axis=2), office)
        self.told_sectors = Told(people, of_sectors)

    def together(self, totals: Shown, sectors: Shown, stretch: Stretch) -> Crossed:
        """All offices together, period after period."""
        shown: tuple[list[Flags], list[Flags]] = ([], [])
        longer = Split(self.people, self.weights, self.office, self.of_sectors)
        for number, window in enumerate(stretch.windows):
            sums = self._sums(window, totals.windows[number], sectors.windows[number])
            if len(self.people) > 1:
                found = sums.decided()
            elif window.shape[1] == 1:  # the only office's own months
                found = self.office[0], self.of_sectors[0]
            else:
                total = sums.of_total(sums.people, sums.weights)
                parts = longer.decided(window, total, sums.sectors, sums.told_sectors)
                found = total, sums.sole(total, parts)
                longer.add(window, *found)
            self._add(window, *found)
            for kept, flags in zip(shown, found, strict=True):
                kept.append(flags)
        return Crossed(
            self._whole(shown[0], self.office, self.told, totals, stretch),
            self._whole(shown[1], self.of_sectors, self.told_sectors, sectors, stretch),
        )

    def _sums(self, window: Window, totals: Flags, sectors: Flags) -> _Sums:
        return _Sums(
            _gathered(self.people, window),
            _gathered(self.weights, window),
            _gathered(self.alike, window),
            totals,
            sectors,
            self.told.within(window),
            self.told_sectors.within(window),
        )

    def _add(self, window: Window, total: Flags, sectors: Flags) -> None:
        alike = keep_apart(self.alike[:, window], total[None, :, None, None])
        self.alike[:, window] = keep_apart(alike, sectors[None, :, None])
        self.told.add(window, total)
        self.told_sectors.add(window, sectors)

    def _whole(
        self, windows: list[Flags], office: Flags, told: Told, rows: Shown, stretch: Stretch
    ) -> Shown:
        people = self.people if office.ndim == self.people.ndim else self.people.sum(axis=2)
        all_ = windows[-1][0] if stretch.whole else told.in_all(people, rows.all)
        return Shown(office, tuple(windows), all_, of_each_office(office, people, all_))


def _by_sector(values: NDArray[_Kind]) -> NDArray[_Kind]:
    """(P, T, S, ...) as (P·S, T, ...)."""
    size, places, sectors = values.shape[:3]
    return np.moveaxis(values, 2, 1).reshape(size * sectors, places, *values.shape[3:])


def _gathered(values: NDArray[_Kind], window: Window) -> NDArray[_Kind]:
    """(O, M, S, ...) as (P, O·L, S, ...)."""
    chosen = np.moveaxis(values[:, window], 1, 0)
    return chosen.reshape(len(window), -1, *chosen.shape[3:])
