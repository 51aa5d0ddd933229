"""What is counted of all completed dossiers: on time, filed online, days taken; the census.

Owns these rows, how they add up, and whether they reach the targets of the plan. No sample, and so
no interval: what is not known of some dossiers bounds a figure, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from analysis.input.population import Count, Population
from analysis.period import Period
from analysis.strata.survey import ALL, Order, ordered
from analysis.targets import Aim, CensusMeasure, CensusTarget, Targets
from questionnaires.layout import PARTS

Word = Literal["met", "missed", "open", "running", "unknown"]

_SUMMED: Final = (*PARTS, *PARTS.values(), "timed", "days_allowed", "days_taken")


class CensusRow(NamedTuple):
    """Completed dossiers of an office and a sector in a period, "all" being a total.

    `months`: months of the period with any count of the office. `on_time` are a part of the
    `due_known` dossiers whose due day is known, `online` of the `filing_known` whose way of filing
    is. Of `timed` dossiers every day is known; `days_allowed` and `days_taken` are sums of calendar
    days from receiving to the due day and to returning. None: known of no dossier, never zero.
    """

    office: str
    sector: str
    months: int
    completed: int
    on_time: int | None
    due_known: int | None
    online: int | None
    filing_known: int | None
    timed: int | None
    days_allowed: int | None
    days_taken: int | None

    def part(self, measure: CensusMeasure) -> tuple[int, int] | None:
        """How many dossiers are, and of how many it is known; None where of none."""
        part, known = getattr(self, measure), getattr(self, PARTS[measure])
        return None if part is None or not known else (part, known)

    def unknown(self, measure: CensusMeasure) -> int:
        """Dossiers of which it is not known."""
        return self.completed - (getattr(self, PARTS[measure]) or 0)


class CensusVerdict(NamedTuple):
    """Whether all sectors of an office together reach a target of the census.

    `share`: of the dossiers of which it is known, a fraction; None where of none. `word`: "met" or
    "missed" where the dossiers of which it is not known could not change it, else "open"; "running"
    before the period is over, "unknown" without any figure. `threshold_of`: the office whose
    threshold it is, its own or one above it; None: the target's.
    """

    office: str
    target: str
    measure: CensusMeasure
    threshold: float
    deadline: int
    share: float | None
    word: Word
    threshold_of: str | None = None


@dataclass(frozen=True, slots=True)
class Census:
    """The census of a period; `rows` hold counts alone."""

    rows: tuple[CensusRow, ...]
    verdicts: tuple[CensusVerdict, ...]

    def pick(self, office: str = ALL, sector: str = ALL) -> CensusRow | None:
        """The row of these keys."""
        return next((row for row in self.rows if row[:2] == (office, sector)), None)

    def narrowed(self, *, office: str | None = None, sector: str = ALL) -> Census:
        """What is about one office, or one sector: a verdict is on all sectors."""
        rows = (row for row in self.rows if office in (None, row.office))
        found = tuple(row for row in rows if sector in (ALL, row.sector))
        told = (one for one in self.verdicts if office in (None, one.office) and sector == ALL)
        return Census(found, tuple(told))

    def as_json(self) -> dict[str, Any]:
        """For `json.dumps`; docs/data-layouts.md says what each key means."""
        return {
            "rows": [row._asdict() for row in self.rows],
            "verdicts": [verdict._asdict() for verdict in self.verdicts],
        }


def census(
    population: Population,
    period: Period,
    targets: Targets,
    *,
    office: str | None = None,
    order: Order,
    running: bool = False,
) -> Census | None:
    """The census of a period, of one office or all; None where no dossier is counted.

    `running`: the period is not over, and no target is judged.
    """
    months = frozenset(period.months)
    counts = [
        count
        for count in population.counts
        if count.period in months and count.completed and office in (None, count.office)
    ]
    if not counts:
        return None
    rows = tuple(_rows(counts, order))
    totals = [row for row in rows if row.sector == ALL]
    aims = targets.aims
    verdicts = (
        judged(row, target, aims.of(target, row.office), running=running)
        for row in totals
        for target in targets.of_census
    )
    return Census(rows, tuple(verdicts))


def _rows(counts: Sequence[Count], order: Order) -> Iterator[CensusRow]:
    """Each office, then all of them; of each its sectors, then the total."""
    offices = _by(counts, "office")
    for office in ordered(offices, order.offices):
        yield from _of_office(office, offices[office], order)
    yield from _of_office(ALL, counts, order)


def _of_office(office: str, counts: Sequence[Count], order: Order) -> Iterator[CensusRow]:
    months = len({count.period for count in counts})
    sectors = _by(counts, "sector")
    for sector in (*ordered(sectors, order.sectors), ALL):
        found = counts if sector == ALL else sectors[sector]
        completed = sum(count.completed for count in found)
        sums = {name: _sum(getattr(count, name) for count in found) for name in _SUMMED}
        yield CensusRow(office, sector, months, completed, **sums)


def _by(counts: Iterable[Count], key: Literal["office", "sector"]) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {}
    for count in counts:
        found.setdefault(getattr(count, key), []).append(count)
    return found


def _sum(values: Iterable[int | None]) -> int | None:
    """Of those that are known; None where none is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def judged(row: CensusRow, target: CensusTarget, aim: Aim, *, running: bool) -> CensusVerdict:
    """One verdict by what the office has to reach. Exact: a target of 99 in 100 is reached by 99 of
    100 dossiers.
    """
    found = row.part(target.measure)
    word: Word
    if found is None:
        word = "unknown"
    elif running:
        word = "running"
    else:
        word = _word(found[0], row.unknown(target.measure), row.completed, aim.threshold)
    share = None if found is None else found[0] / found[1]
    told = (target.id, target.measure, float(aim.threshold), target.deadline)
    return CensusVerdict(row.office, *told, share, word, aim.office)


def _word(part: int, unknown: int, completed: int, threshold: Decimal) -> Word:
    """By the least and the most that it can be, whatever the dossiers not known turn out to be."""
    needed = threshold * completed
    if part >= needed:
        return "met"
    return "missed" if part + unknown < needed else "open"
