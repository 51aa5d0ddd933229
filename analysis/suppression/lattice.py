"""Which totals, groups and sectors of one measure are shown, for every office and all together.

Owns the tree of a measure's rows: all sectors, groups in it, sectors in these. The rule of a single
sum is `overlap`'s, the order of periods `facets`'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.suppression.facets import Shown, Stretch, joined, of_each_office, split
from analysis.suppression.overlap import MINIMUM_CELL, Counts, Flags


@dataclass(frozen=True, slots=True)
class Lattice:
    """The rows of one measure: `total`, `sectors` (last axis) and groups by their key.

    `divided`: totals of which parts may be shown.
    """

    total: Shown
    divided: Shown
    sectors: Shown
    groups: Mapping[str, Shown]


def lattice(
    people: Counts,
    sectors: Sequence[str],
    groups: Mapping[str, tuple[str, ...]],
    stretch: Stretch,
    quiet: Flags,
) -> Lattice:
    """Decide the rows of one measure.

    Parameters
    ----------
    people : (O, S, M)
        Sectors in the order of `sectors`.
    groups
        One that overlaps another one is left to the caller.
    quiet : (O, M)
        Months of offices of which nothing but the total is shown.
    """
    total = totals(people.sum(axis=1), stretch)
    divided = replace(total, office=total.office & ~quiet)
    places = {sector: place for place, sector in enumerate(sectors)}
    units = _units(places, groups)
    counts = np.stack([people[:, members].sum(axis=1) for members in units.values()], axis=-1)
    shown = split(counts, divided, stretch)
    rows: list[Shown | None] = [None] * len(sectors)
    found: dict[str, Shown] = {}
    for number, (name, members) in enumerate(units.items()):
        unit = shown.part(number)
        if name in groups:
            found[name] = unit
            inside = split(np.moveaxis(people[:, members], 1, -1), unit, stretch)
            for place, member in enumerate(members):
                rows[member] = inside.part(place)
        else:
            rows[members[0]] = unit
    flags = joined([row for row in rows if row is not None])
    return Lattice(total, divided, flags, found)


def _units(
    places: Mapping[str, int], groups: Mapping[str, tuple[str, ...]]
) -> dict[str, list[int]]:
    """Groups that do not overlap, then the sectors in none of them."""
    units: dict[str, list[int]] = {}
    taken: set[int] = set()
    for name, members in groups.items():
        here = [places[sector] for sector in members if sector in places]
        if here and not taken & set(here):
            units[name] = here
            taken |= set(here)
    return units | {name: [place] for name, place in places.items() if place not in taken}


def totals(people: Counts, stretch: Stretch) -> Shown:
    """The rows of all answers: people (O, M).

    An office's month with few answers is withheld, with the smallest other office's where the
    total of that month would give it away. A longer period gives way where the months in it that
    are not shown hold 1 to 4 answers.
    """
    office = people >= MINIMUM_CELL
    if len(people) > 1:
        _hide_partners(people, office)
    months = people.sum(axis=0)
    covered = np.zeros(len(months), dtype=np.bool_)
    shown: dict[int, Flags] = {}
    for window in stretch.calendar:
        size, length = months[window].sum(axis=1), window.shape[1]
        rest = np.where(covered, 0, months)[window].sum(axis=1)
        passed = (length == 1) | (rest == 0) | (rest >= MINIMUM_CELL)
        shown[length] = (size >= MINIMUM_CELL) & passed
        covered[window] |= shown[length][:, None]
    told = (covered | (months == 0)).all() & (months.sum() >= MINIMUM_CELL)
    calendar = stretch.calendar[-1].shape == (1, len(months))
    all_: Flags = np.asarray(shown[len(months)][0] if calendar else told)
    windows = tuple(shown[window.shape[1]] for window in stretch.windows)
    return Shown(office, windows, all_, of_each_office(office, people, all_))


def _hide_partners(people: Counts, office: Flags) -> None:
    """Withhold one more office of a month whose withheld ones hold 1 to 4 answers together."""
    few = np.where(office, 0, people).sum(axis=0)
    largest = np.iinfo(np.int64).max
    for month in np.flatnonzero((few > 0) & (few < MINIMUM_CELL)):
        if office[:, month].any():
            sizes = np.where(office[:, month], people[:, month], largest)
            office[sizes.argmin(), month] = False
