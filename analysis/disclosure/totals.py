"""Which totals of a tree of offices may be published beside its offices.

Owns the rule that a total less the rows that are shown must not tell of few people.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from analysis.document import MINIMUM, check_minimum


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
    smallest shown total inside goes (complementary suppression), and the total itself where there
    is none. The total of everything is the publication rule's own (`rule`): it stays, coarser
    where one office alone is left.
    """
    check_minimum(minimum)
    if minimum > MINIMUM:
        totals = {name: totals[name] for name in shown_totals(totals, people, shown)}
    found = dict(totals)
    everything = max(found, key=lambda name: len(found[name]), default=None)
    while (unsafe := _unsafe(found, people, shown, minimum, everything)) is not None:
        inside = [name for name in found if name != unsafe and found[name] < found[unsafe]]
        if not inside and unsafe == everything:
            break
        del found[
            min(inside, key=lambda name: (_people(found[name], people), name), default=unsafe)
        ]
    return frozenset(found)


def _unsafe(
    totals: Mapping[str, Set[str]],
    people: Mapping[str, int],
    shown: Set[str],
    minimum: int,
    everything: str | None,
) -> str | None:
    """A total of which too little is left, the smallest first; None where there is none."""
    for name in sorted(totals, key=lambda one: (len(totals[one]), one)):
        left = {one for one in totals[name] if one not in shown and people.get(one)}
        for other in totals.values():
            if other < totals[name]:
                left -= other
        alone = name == everything and not any(other < totals[name] for other in totals.values())
        if left and not alone and (len(left) < 2 or _people(left, people) < minimum):
            return name
    return None


def _people(offices: Set[str], people: Mapping[str, int]) -> int:
    return sum(people.get(office, 0) for office in offices)
