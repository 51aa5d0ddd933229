"""What an import would change, and what about it has to be confirmed first. Pure.

The steps of an import, for a command and a page alike: count (`apart.count_apart`), plan
(`make_plan`), show and confirm, apply (`store.population.apply_plan`), and, if it was wrong after
all, undo (`store.population.undo_last`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from survey.dossiers.count import Counted, PopulationCount
from survey.told import sentence

ChangeKind = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class MonthChange:
    """One month of one office: its counts as they are and as they would be, by sector."""

    period: str
    office: str
    before: tuple[PopulationCount, ...]
    after: tuple[PopulationCount, ...]

    @property
    def kind(self) -> ChangeKind:
        """Whether the month is new, would change, or is known like this already."""
        if not self.before:
            return "new"
        return "unchanged" if self.before == self.after else "changed"

    @property
    def completed(self) -> int:
        """Dossiers of the month as it would be."""
        return sum(count.completed for count in self.after)

    @property
    def replaced(self) -> int:
        """Dossiers of the month as it is known."""
        return sum(count.completed for count in self.before)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. ``doubts``: with any, it waits until somebody confirms it."""

    changes: tuple[MonthChange, ...]
    doubts: tuple[str, ...] = ()

    def of(self, kind: ChangeKind) -> tuple[MonthChange, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind == kind)


def make_plan(
    counted: Counted, known: Iterable[PopulationCount], asked: Collection[str] = ()
) -> ImportPlan:
    """Lay what a file holds beside what is ``known`` of its months.

    ``asked``: the months that the person named; of these none is called far.
    """
    before: dict[tuple[str, str], list[PopulationCount]] = {}
    for count in known:
        before.setdefault(_month(count), []).append(count)
    changes = tuple(
        MonthChange(
            *month,
            tuple(sorted(before.get(month, ()), key=_sector)),
            tuple(sorted(counts, key=_sector)),
        )
        for month, counts in groupby(sorted(counted.counts, key=_month), key=_month)
    )
    far = () if asked else tuple(_far(counted, changes))
    return ImportPlan(changes, (*counted.doubts, *far, *_smaller(changes)))


def _month(count: PopulationCount) -> tuple[str, str]:
    return count.period, count.office


def _sector(count: PopulationCount) -> str:
    return count.sector


def _far(counted: Counted, changes: Iterable[MonthChange]) -> Iterator[str]:
    """Yield the months that a file of another month would change by the way.

    The month of a file is the one with most dossiers, the later of equals. A file of counts says
    each month on purpose: there only what is known already is asked about.
    """
    totals: Counter[str] = Counter()
    for count in counted.counts:
        totals[count.period] += count.completed
    main = max(totals, key=lambda period: (totals[period], period))
    for change in changes:
        if change.period == main or change.kind == "unchanged":
            continue
        if change.kind == "changed":
            yield _doubt("far_replaced", change, main=main)
        elif counted.kind == "export" and _apart(change.period, main) > 1:
            yield _doubt("far_new", change, main=main)


def _doubt(key: str, change: MonthChange, **more: object) -> str:
    told = {"period": change.period, "office": change.office, **more}
    numbers = {"completed": change.completed, "replaced": change.replaced}
    return sentence(f"dossiers.{key}", **told, **numbers)


def _apart(period: str, other: str) -> int:
    """How many months two months are apart."""
    first, second = (12 * int(month[:4]) + int(month[5:]) for month in (period, other))
    return abs(first - second)


def _smaller(changes: Iterable[MonthChange]) -> Iterator[str]:
    for change in changes:
        if change.kind == "changed" and 2 * change.completed < change.replaced:
            yield _doubt("halved", change)
