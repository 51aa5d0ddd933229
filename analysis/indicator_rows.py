"""The one-stop desk's nine indicators in a period: scores, total, class; beside the survey.

Owns these rows and how months and offices add up. The formulas are `statistics.points`'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from analysis.input.indicators import IndicatorCount, IndicatorCounts
from analysis.period import Period
from analysis.statistics.points import (
    MOST,
    NINE,
    PointFiles,
    UnitClass,
    class_of_unit,
    score,
    total,
)
from analysis.strata.survey import ALL, Order, ordered

Word = UnitClass | Literal["incomplete", "running", "period", "offices"]
"""The class, or why there is none."""

_QUARTER: Final = 3  # months


class IndicatorRow(NamedTuple):
    """One indicator of an office (`all`: of all offices together), which was assessed.

    `two_points`, `one_point`, `no_points`: its files over `months`, those of the period in which it
    was entered ("2026-10"). `score`: 0 to 2, with one decimal.
    """

    office: str
    indicator: int
    months: tuple[str, ...]
    two_points: int
    one_point: int
    no_points: int
    score: float

    @property
    def files(self) -> PointFiles:
        """The files that it was assessed on."""
        return PointFiles(self.two_points, self.one_point, self.no_points)


class IndicatorTotal(NamedTuple):
    """The indicators of an office together.

    `offices`: how many entered any; `months`: in which any was entered. `assessed`: how many of the
    nine; `total`: their scores added up, of `most` that they could have. `word`: the class of a
    unit, which only a quarter or a year has, once it is over and each of its months is entered and
    each of the nine is assessed; else why there is none.
    """

    office: str
    offices: int
    months: tuple[str, ...]
    assessed: int
    total: float
    most: int
    word: Word


@dataclass(frozen=True, slots=True)
class Indicators:
    """The nine indicators of a period; of an office only those that were assessed."""

    rows: tuple[IndicatorRow, ...]
    totals: tuple[IndicatorTotal, ...]

    def narrowed(self, office: str) -> Indicators | None:
        """What is about one office; None where it entered nothing."""
        rows = tuple(row for row in self.rows if row.office == office)
        totals = tuple(row for row in self.totals if row.office == office)
        return Indicators(rows, totals) if totals else None

    def as_json(self) -> dict[str, Any]:
        """For `json.dumps`; docs/data-layouts.md says what each key means."""
        return {name: [_json(row) for row in getattr(self, name)] for name in ("rows", "totals")}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Indicators:
        """Read back what `as_json` made."""
        rows, totals = (
            [{**row, "months": tuple(row["months"])} for row in found[name]]
            for name in ("rows", "totals")
        )
        return cls(
            tuple(IndicatorRow(**row) for row in rows),
            tuple(IndicatorTotal(**row) for row in totals),
        )


def _json(row: IndicatorRow | IndicatorTotal) -> dict[str, Any]:
    return {**row._asdict(), "months": list(row.months)}


def indicators(
    entered: IndicatorCounts,
    period: Period,
    *,
    office: str | None = None,
    order: Order,
    running: bool = False,
) -> Indicators | None:
    """The indicators of a period, of one office or all; None where none was entered.

    `running`: the period is not over, and has no class.
    """
    counts = entered.of(period.months, office)
    if not counts:
        return None
    rows: list[IndicatorRow] = []
    totals = []
    for name in (*ordered({one.office for one in counts}, order.offices), ALL):
        own = [one for one in counts if name in (ALL, one.office)]
        found = [_row(name, indicator, own) for indicator in NINE if _of(own, indicator)]
        rows += found
        totals.append(_total(name, own, found, period, running=running))
    return Indicators(tuple(rows), tuple(totals))


def _of(counts: Sequence[IndicatorCount], indicator: int) -> list[IndicatorCount]:
    return [one for one in counts if one.indicator == indicator]


def _months(counts: Sequence[IndicatorCount]) -> tuple[str, ...]:
    return tuple(sorted({one.month for one in counts}))


def _row(office: str, indicator: int, counts: Sequence[IndicatorCount]) -> IndicatorRow:
    own = _of(counts, indicator)
    files = PointFiles(*map(sum, zip(*(one.files for one in own), strict=True)))
    return IndicatorRow(office, indicator, _months(own), *files, float(score(files)))


def _total(
    office: str,
    counts: Sequence[IndicatorCount],
    rows: Sequence[IndicatorRow],
    period: Period,
    *,
    running: bool,
) -> IndicatorTotal:
    offices, months = len({one.office for one in counts}), _months(counts)
    points = total(score(row.files) for row in rows)
    whole = len(rows) == len(NINE) and months == period.months
    word: Word = class_of_unit(points) if whole else "incomplete"
    if offices > 1:
        word = "offices"
    elif not (len(period.months) == _QUARTER or period.is_year):
        word = "period"
    elif running:
        word = "running"
    return IndicatorTotal(office, offices, months, len(rows), float(points), MOST * len(rows), word)
