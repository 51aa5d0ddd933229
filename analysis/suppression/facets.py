"""One split of published sums over offices and calendar periods: sectors, channels or questions.

Owns the order in which rows are decided: each office's months first, then the months of all
offices, then half-years and years, which give way to what is shown already. The rule of a
single sum is `overlap`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.suppression.calendar_windows import Window, calendar_windows
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
class Stretch:
    """The months of a period, in a row.

    `windows`: its months, half-years and years. Rows of any other period are shown only where
    those of its months add up to them: so they tell nothing new. Every length that takes what it
    can leaves the longer ones less; quarters are left out because the plan judges by the year.
    `calendar`: every calendar period inside, for totals, which no other row crosses.
    """

    months: int
    windows: tuple[Window, ...]
    calendar: tuple[Window, ...]

    @classmethod
    def of(cls, months: Sequence[str]) -> Stretch:
        """Of months written "2026-10"."""
        windows = (calendar_windows(months, lengths) for lengths in ((1, 6, 12), (1, 3, 6, 12)))
        return cls(len(months), *windows)

    @property
    def whole(self) -> bool:
        """Whether the stretch is a month, a half-year or a year."""
        return self.windows[-1].shape == (1, self.months)


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether rows may be shown; all arrays may have further axes for sectors or parts.

    `office` (O, M, ...): an office's months. `windows` (P, ...): all offices together, in each of
    a stretch's windows. `all` (...): all offices in the whole stretch; `each` (O, ...): one office.
    """

    office: Flags
    windows: tuple[Flags, ...]
    all: Flags
    each: Flags

    def part(self, index: int) -> Shown:
        """The rows of one part, the last axis."""
        windows = tuple(window[..., index] for window in self.windows)
        return Shown(self.office[..., index], windows, self.all[..., index], self.each[..., index])


def joined(parts: list[Shown]) -> Shown:
    """Parts side by side as a last axis."""
    windows = zip(*(part.windows for part in parts), strict=True)
    return Shown(
        np.stack([part.office for part in parts], axis=-1),
        tuple(np.stack(list(window), axis=-1) for window in windows),
        np.stack([part.all for part in parts], axis=-1),
        np.stack([part.each for part in parts], axis=-1),
    )


def of_each_office(office: Flags, people: Counts, all_: Flags) -> Flags:
    """One office in the whole stretch, from (O, M, ...): where its own months are all shown.

    The only office there is goes with the total; several offices' longer periods crossed with all
    offices' months would have to be protected together.
    """
    if people.shape[0] == 1:
        return all_[None]
    known: Flags = (office | (people == 0)).all(axis=1) & (people.sum(axis=1) >= MINIMUM_CELL)
    return known


class Told:
    """Which parts shown figures add up to, per month: all offices' rows, or every office's own."""

    def __init__(self, people: Counts, office: Flags) -> None:
        self.covered: Flags = np.asarray((office | (people == 0)).all(axis=0))  # (M, ...)

    def within(self, months: Window) -> Flags:
        """Per period (P, ...), whether every month of it is covered."""
        known: Flags = np.asarray(self.covered[months].all(axis=1))
        return known

    def in_all(self, people: Counts, eligible: Flags) -> Flags:
        """Parts (..., K) of the whole stretch: told, or the only one that has answers."""
        size = people.sum(axis=(0, 1))
        sole = (size > 0) & (size == size.sum(axis=-1, keepdims=True))
        told = self.covered.all(axis=0) | sole
        known: Flags = told & eligible[..., None] & (size >= MINIMUM_CELL)
        return known

    def add(self, months: Window, shown: Flags) -> None:
        """Rows (P, ...) of the periods are shown now."""
        self.covered[months] |= shown[:, None]


def split(people: Counts, totals: Shown, stretch: Stretch) -> Shown:
    """Which parts of each sum are shown: people (O, M, K), the sums' own rows `totals`."""
    offices, months, parts = people.shape
    office = shown_apart(
        people.reshape(-1, 1, parts),
        all_alike(offices * months, 1, parts),
        np.zeros((offices * months, parts), dtype=np.bool_),
        totals.office.reshape(-1),
    ).reshape(people.shape)
    alike = keep_apart(all_alike(*people.shape), office)
    told, windows = Told(people, office), []
    for window, eligible in zip(stretch.windows, totals.windows, strict=True):
        shape = (len(window), -1, parts)
        shown = shown_apart(
            _gathered(people, window).reshape(shape),
            _gathered(alike, window).reshape(*shape, parts),
            told.within(window),
            eligible,
        )
        alike[:, window] = keep_apart(alike[:, window], shown[None, :, None])
        told.add(window, shown)
        windows.append(shown)
    all_ = windows[-1][0] if stretch.whole else told.in_all(people, totals.all)
    return Shown(office, tuple(windows), all_, of_each_office(office, people, all_))


def _gathered(values: NDArray[_Kind], window: Window) -> NDArray[_Kind]:
    """(O, M, ...) as (P, O, L, ...)."""
    return np.moveaxis(values[:, window], 1, 0)
