"""The rows of one family of sectors: may they leave, for every measure, key and channel.

Owns the arrays of flags. Which parts of a sum may be shown is decided in `lattice` and
`crossed_facets`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from analysis.design.scopes import ALL
from analysis.suppression.crossed_facets import Crossed, cross
from analysis.suppression.facets import Shown, Stretch
from analysis.suppression.lattice import Lattice, lattice
from analysis.suppression.measure_tree import Branch, Tree
from analysis.suppression.overlap import MINIMUM_CELL, Counts, Flags

_QUIET_PART: Final = 20
_QUIET_PEOPLE: Final = 1000
"""Enough for a difference between any two channels or questions to concern 5 of them."""


class FamilyRows:
    """Flags (offices + all together, keys, all channels + each) by measure.

    `keys`: the sectors, the groups, `all`.
    """

    def __init__(
        self,
        people: Mapping[str, Counts],
        sectors: Sequence[str],
        groups: Mapping[str, tuple[str, ...]],
        stretch: Stretch,
    ) -> None:
        self.people, self.sectors, self.stretch = people, list(sectors), stretch
        self.groups = {
            name: [self.sectors.index(member) for member in members if member in self.sectors]
            for name, members in groups.items()
        }
        self.keys = [*self.sectors, *self.groups, ALL]
        self.flags: dict[str, Flags] = {}
        self._named = groups

    def decide(self, tree: Tree) -> None:
        """Fill `flags` for every measure of the tree."""
        for root in tree.roots:
            self._root(root)
        for name, items in tree.loose.items():
            known = [self.flags[item] for item in items if item in self.flags]
            self.flags[name] = np.logical_and.reduce(known)

    def _root(self, root: Branch) -> None:
        people = self.people[root.measure].sum(axis=3)
        offices, _, months = people.shape
        quiet = np.zeros((offices, months), dtype=np.bool_)
        self._lacking = np.zeros(months, dtype=np.bool_)
        self._decide_root(root, quiet)
        if offices > 1 and self._lacking.any():
            quiet = quiet_offices(people.sum(axis=1), self._lacking)
            self._decide_root(root, quiet)

    def _decide_root(self, root: Branch, quiet: Flags) -> None:
        people = self.people[root.measure]
        rows = lattice(people.sum(axis=3), self.sectors, self._named, self.stretch, quiet)
        weights = self._channel_weights(root)
        channels = self._crossed(people, weights, rows.divided, rows.sectors)
        flags = self._empty(root.measure)
        self._fill(flags[..., 0], rows.sectors, rows.total)
        for name, shown in rows.groups.items():
            flags[:, self.keys.index(name), 0] = _stacked(shown)
        self._fill(flags[..., 1:], channels.sectors, channels.total)
        sizes = self._sizes(root.measure)
        self._imply_groups(flags, sizes, [name for name in self.groups if name not in rows.groups])
        self.flags[root.measure] = flags
        self._note_lacking(rows.sectors, people.sum(axis=3).transpose(0, 2, 1))
        self._children(root, rows.divided, rows.sectors, self._everywhere(root, rows))

    def _crossed(self, people: Counts, weights: Counts, total: Shown, sectors: Shown) -> Crossed:
        found = cross(people, weights, total, sectors, self.stretch)
        counts = people.transpose(0, 2, 1, 3)
        self._note_lacking(found.sectors, counts)
        self._note_lacking(found.total, counts.sum(axis=2))
        return found

    def _note_lacking(self, shown: Shown, people: Counts) -> None:
        """Months in which all offices together lack a row of enough people, (O, M, ...)."""
        lacking = ~shown.windows[0] & (people.sum(axis=0) >= MINIMUM_CELL)
        self._lacking |= lacking.reshape(len(self._lacking), -1).any(axis=1)

    def _children(self, parent: Branch, total: Shown, sectors: Shown, everywhere: Flags) -> None:
        """The measures that add up to one, and those that add up to these."""
        if not parent.children:
            return
        names = [child.measure for child in parent.children]
        counts = np.stack([self.people[name].sum(axis=3) for name in names], axis=-1)
        found = self._crossed(counts, counts, total, sectors)
        above = self.flags[parent.measure]
        for number, child in enumerate(parent.children):
            self.flags[child.measure] = self._child(child, found, number, above, everywhere)
            rows = found.total.part(number), found.sectors.part(number)
            self._children(child, *rows, everywhere)

    def _child(
        self, child: Branch, found: Crossed, number: int, above: Flags, everywhere: Flags
    ) -> Flags:
        flags = self._empty(child.measure)
        sizes = self._sizes(child.measure)
        self._fill(flags[..., 0], found.sectors.part(number), found.total.part(number))
        self._imply_groups(flags, sizes, list(self.groups))
        flags[..., 1:] = everywhere[:, None, None] & (sizes[..., 1:] >= MINIMUM_CELL)
        result: Flags = (flags | (sizes == 0)) & above
        return result

    def _everywhere(self, root: Branch, rows: Lattice) -> Flags:
        """Offices (and all of them) whose every cell of every month has no or enough people.

        There, what two splits at once would show is known to be about enough people already.
        """
        leaves = np.stack([self.people[name] for name in root.leaves()])
        enough = ((leaves == 0) | (leaves >= MINIMUM_CELL)).all(axis=(0, 2, 4))
        silent = leaves.sum(axis=(0, 2, 4)) == 0
        offices = ((enough & rows.total.office) | silent).all(axis=1)
        flags: Flags = np.append(offices, offices.all())
        return flags

    def _channel_weights(self, root: Branch) -> Counts:
        """People that a difference between channels must at least concern, (O, S, M, C).

        Of several items, channels may differ in one and not in another: only people who answered
        the same item count, here the most answered one of each place.
        """
        leaves = np.stack([self.people[name] for name in root.leaves()])
        most = leaves.sum(axis=4).argmax(axis=0)
        weights: Counts = np.take_along_axis(leaves, most[None, ..., None], axis=0)[0]
        return weights

    def _fill(self, flags: Flags, sectors: Shown, total: Shown) -> None:
        """Rows of sectors and of their total, (O + 1, keys, ...)."""
        count = len(self.sectors)
        flags[:, :count] = _stacked(sectors)
        flags[:, -1] = _stacked(total)

    def _imply_groups(self, flags: Flags, sizes: Counts, names: Sequence[str]) -> None:
        """Groups whose sectors are all shown; of other groups, their channels in the same way."""
        for name, members in self.groups.items():
            key = self.keys.index(name)
            known = (flags[:, members] | (sizes[:, members] == 0)).all(axis=1)
            known &= sizes[:, key] >= MINIMUM_CELL
            if name in names:
                flags[:, key, 0] = known[:, 0]
            flags[:, key, 1:] = known[:, 1:] & flags[:, key, :1]

    def _empty(self, measure: str) -> Flags:
        return np.zeros(self._sizes(measure).shape, dtype=np.bool_)

    def _sizes(self, measure: str) -> Counts:
        """People of every row, in the shape of the flags."""
        people = self.people[measure].sum(axis=2)
        people = np.concatenate([people.sum(axis=2, keepdims=True), people], axis=2)
        groups = [people[:, members].sum(axis=1) for members in self.groups.values()]
        rows = [people, *(group[:, None] for group in groups), people.sum(axis=1, keepdims=True)]
        each = np.concatenate(rows, axis=1)
        return np.concatenate([each, each.sum(axis=0, keepdims=True)])


def _stacked(shown: Shown) -> Flags:
    """Each office, then all of them."""
    return np.concatenate([shown.each, shown.all[None]])


def quiet_offices(people: Counts, months: Flags) -> Flags:
    """Of these months, the smallest offices (O, M): nothing but their totals is shown.

    Where many offices are totalled, what all of them show of a sector is protected by a few that
    show nothing of it. They hold one answer in twenty at most.
    """
    order = np.argsort(people, axis=0, kind="stable")
    sizes = np.take_along_axis(people, order, axis=0).cumsum(axis=0)
    limit = np.minimum(people.sum(axis=0) // _QUIET_PART, _QUIET_PEOPLE)
    quiet = np.zeros(people.shape, dtype=np.bool_)
    np.put_along_axis(quiet, order, sizes <= limit, axis=0)
    found: Flags = quiet & months & (people > 0)
    return found
