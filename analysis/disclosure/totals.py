"""Which totals of a tree of offices may be published beside its offices, and which rows of them.

Owns the rule that a total less the rows that are shown must not tell of few people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from functools import cached_property

from analysis.disclosure.rule import ALL, REST, Decision, People, RuleRow, decide, people_on
from analysis.document import MINIMUM, check_minimum
from analysis.period import Period


def shown_totals(
    totals: Mapping[str, Set[str]],
    people: Mapping[str, int],
    shown: Set[str],
    minimum: int = MINIMUM,
) -> frozenset[str]:
    """The totals that may be shown.

    Parameters
    ----------
    totals
        Name of each total that may be published by itself -> the offices that it is made of. Of any
        two, one holds the other or they have none in common.
    people
        How many answered in each office; none where an office is not named.
    shown
        Offices whose own row is published.
    minimum
        The fewest people that what is left of a total may rest on, `MINIMUM` to `MOST_MINIMUM`. One
        above the built-in minimum shows some of the totals that this would show, and no other.

    Raises
    ------
    Refusal
        `minimum` is outside its range.

    Notes
    -----
    As totals lie in each other and never across, all sums and differences of what is shown are sums
    of what is left of each total: its offices that have no row of their own and are in no shown
    total inside. That must be nobody, or several offices with enough people. Where it is not, the
    smallest shown total inside goes that has such offices (complementary suppression), and the
    total itself where there is none. The total of everything is the publication rule's own
    (`rule`): it stays, coarser where one office alone is left.
    """
    check_minimum(minimum)
    if minimum > MINIMUM:
        totals = {name: totals[name] for name in shown_totals(totals, people, shown)}
    hidden = {one for one, n in people.items() if n and one not in shown}
    found = dict(totals)
    everything = max(found, key=lambda name: len(found[name]), default=None)
    while (unsafe := _unsafe(found, people, hidden, minimum, everything)) is not None:
        inside = [name for name in found if found[name] < found[unsafe] and found[name] & hidden]
        del found[
            min(inside, key=lambda name: (_people(found[name], people), name), default=unsafe)
        ]
    return frozenset(found)


class Totals:
    """Which rows are published of every total of a tree, in one period.

    Notes
    -----
    `shown_totals` holds for each row by itself: a sector of a total less that sector of its shown
    offices must not be few people either. Of a total that fails in any row all parts go. If that
    row went alone, the total less its other sectors would be the row.
    """

    def __init__(
        self,
        people: People,
        totals: Mapping[str, Set[str]],
        period: Period,
        groups: Mapping[str, tuple[str, ...]],
        minimum: int = MINIMUM,
    ) -> None:
        """Decide for each total as if there were no other offices.

        Parameters
        ----------
        people
            Headcounts of every office, as for `decide`.
        totals
            Every total of the tree -> the offices that it is made of, as for `shown_totals`.
        period, groups, minimum
            As for `decide`.
        """
        self._totals, self._minimum = totals, minimum
        self._decided = {
            name: decide(people.of(offices), period, groups, minimum)
            for name, offices in totals.items()
        }
        self._people: dict[RuleRow, dict[str, int]] = {}
        for row, n in people_on(people, period, groups).items():
            self._people.setdefault(row._replace(office=ALL), {})[row.office] = n
        self._offices: dict[RuleRow, set[str]] = {}
        shown = {row for one in self._decided.values() for row in one.steps if row.office != ALL}
        for row in shown:
            self._offices.setdefault(row._replace(office=ALL), set()).add(row.office)

    def decision(self, name: str) -> Decision:
        """Decide which rows are published of the document of a total and of its offices.

        As of `decide` for these offices alone, whose own rows are the same in every total that they
        are in. Of the rows of "all" there are every one, or that of all sectors and channels, or
        none: as little as the rest of the tree leaves.
        """
        own = self._decided[name]
        if name == self._everything or name in self._detailed:
            return own
        told = name in self.shown(RuleRow(ALL), self._totals.keys())
        kept = {RuleRow(ALL)} if told else set[RuleRow]()
        gone = {row for row in own.steps if row.office == ALL and row not in kept}
        return replace(
            own,
            steps={row: step for row, step in own.steps.items() if row not in gone},
            withheld=own.withheld | gone,
            rest={office: sectors for office, sectors in own.rest.items() if office != ALL},
            items={office: step for office, step in own.items.items() if office != ALL},
        )

    def shown(self, line: RuleRow, among: Set[str]) -> frozenset[str]:
        """Those of some totals whose row of a line may be shown beside the others'."""
        told = {one: self._totals[one] for one in among if self._decided[one].publishes(line)}
        people, offices = self._people.get(line, {}), self._offices.get(line, set())
        return shown_totals(told, people, offices, self._minimum)

    @cached_property
    def _everything(self) -> str:
        return max(self._totals, key=lambda one: len(self._totals[one]))

    @cached_property
    def _detailed(self) -> Set[str]:
        """The totals of which every row may be shown that they publish by themselves."""
        left: Set[str] = self.shown(RuleRow(ALL), self._totals.keys())
        while dropped := next(self._dropped(left), None):
            left = left - dropped
        return left

    def _dropped(self, left: Set[str]) -> Iterator[Set[str]]:
        """For each line with any, the totals that may not be shown in it."""
        for line in sorted({row for one in left for row in self._decided[one].steps}):
            if line.office == ALL and line.sector != REST:
                told = {one for one in left if self._decided[one].publishes(line)}
                if found := told - self.shown(line, told) - {self._everything}:
                    yield found


def _unsafe(
    totals: Mapping[str, Set[str]],
    people: Mapping[str, int],
    hidden: Set[str],
    minimum: int,
    everything: str | None,
) -> str | None:
    """A total of which too little is left, the smallest first; None where there is none.

    `hidden`: offices with answers that have no row of their own.
    """
    for name in sorted(totals, key=lambda one: (len(totals[one]), one)):
        inside = {one for other in totals.values() if other < totals[name] for one in other}
        left = (totals[name] & hidden) - inside
        ruled = name == everything and not inside & hidden
        if left and not ruled and (len(left) < 2 or _people(left, people) < minimum):
            return name
    return None


def _people(offices: Set[str], people: Mapping[str, int]) -> int:
    return sum(people.get(office, 0) for office in offices)
