"""A period against the one before it and the same one a year before.

Owns which periods are compared, and when a change may be told. The figures are `estimates`', the
interval of a difference Newcombe's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.design.history import History
from analysis.design.scopes import Scope
from analysis.formulas.departures import Signal, departures
from analysis.formulas.differences import Difference, difference
from analysis.formulas.estimates import Estimate, estimate_many
from analysis.formulas.strata import Kind, Stratum
from analysis.period import Period, moved


@dataclass(frozen=True, slots=True)
class Change:
    """The period against an earlier one of the same length.

    `difference` has the level of the figures. `signal` is told only where `told_signal` allows
    it: all changes of one page together bring a false one in at most 1 - level of periods.
    """

    earlier: Period
    this: Estimate
    other: Estimate
    difference: Difference | None
    signal: Signal


def earlier(period: Period) -> tuple[Period, ...]:
    """The period before of the same length, then the same one a year before if it is another."""
    before, year = moved(period, -len(period.months)), moved(period, -12)
    return (before,) if before.months == year.months else (before, year)


def told_signal(decisive: Difference | None, answers: Signal | None) -> Signal:
    """What may be said of a change: its interval leaves out 0, and the answers changed too.

    Parameters
    ----------
    decisive
        The difference, at a level that allows for every comparison told with it.
    answers
        The exact test within strata at the same level; None for an index, which has none.

    Notes
    -----
    Square-and-add alone is false too often where a few dossiers were nearly all answered (11%
    instead of 2.5% for 5 of 20 against 30 of 40 dossiers, 95% satisfied); the exact test is not.
    The test alone would tell of a change in answers that leaves the share of all dossiers as it
    was.
    """
    if decisive is None:
        return "unknown"
    signal: Signal = "higher" if decisive.low > 0 else "lower" if decisive.high < 0 else "none"
    return signal if answers in (None, signal) else "none"


def changes(
    history: History, rows: Mapping[Scope, Kind], period: Period, level: float
) -> dict[Scope, tuple[Change, ...]]:
    """The changes of every row; `history` reaches two years back from the end of the period."""
    periods = (period, *earlier(period))
    cells = [history.strata(scope, p) for scope in rows for p in periods]
    kinds = [kind for kind in rows.values() for _ in periods]
    told = max(1, _told(cells, len(periods)))
    figures = iter(estimate_many(cells, kinds, level=level))
    wide = iter(estimate_many(cells, kinds, level=1 - (1 - level) / told))
    answers = iter(_answers(history, list(rows), periods, level, told))
    found = {}
    for scope, kind in rows.items():
        this, decisive = next(figures), next(wide)
        row = []
        for other in periods[1:]:
            then, apart, changed = next(figures), difference(decisive, next(wide)), next(answers)
            signal = told_signal(apart, changed if kind == "item" else None)
            row.append(Change(other, this, then, difference(this, then), signal))
        found[scope] = tuple(row)
    return found


def _answers(
    history: History, scopes: Sequence[Scope], periods: Sequence[Period], level: float, told: int
) -> list[Signal]:
    """Whether answers changed, for every row against each earlier period."""
    this, *others = periods
    pairs = [
        (history.counts(scope, this), history.counts(scope, other))
        for scope in scopes
        for other in others
    ]
    return [found.signal for found in departures(pairs, level=level, looks=told)]


def _told(cells: Sequence[Sequence[Stratum]], width: int) -> int:
    """How many of the comparisons have answers on both sides."""
    some = [any(stratum.moments.answered for stratum in strata) for strata in cells]
    return sum(
        sum(some[start + 1 : start + width]) for start in range(0, len(some), width) if some[start]
    )
