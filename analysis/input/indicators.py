"""The published layout `indicators`, version 1: dossiers with 2, 1 and 0 points of the desk's nine.

Owns reading and checking it. Knows no response; what is made of the counts is `indicator_rows`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from analysis.errors import LayoutError, said
from analysis.input.databases import view_beside
from analysis.input.opening import open_source
from analysis.input.population import (
    MONTH,
    WHOLE,
    RowFault,
    column_faults,
    limited,
    name_faults,
    rows_of,
    shown,
)
from analysis.input.responses import Responses, damage
from analysis.input.sources import OpenSource, damaged_rows
from analysis.input.tidying import look_alikes, tidied
from analysis.statistics.points import NINE, PointFiles
from questionnaires.layout import INDICATORS, POINTS

VIEW: Final = "indicators"
_NAMES: Final = ("office",)
_KEYS: Final = ("month", "office", "indicator")
_KNOWN: Final = frozenset(map(str, NINE))


@dataclass(frozen=True, slots=True)
class IndicatorCount:
    """What was entered of one month ("2026-10"), office and indicator (1 to 9)."""

    month: str
    office: str
    indicator: int
    files: PointFiles


@dataclass(frozen=True, slots=True)
class IndicatorCounts:
    """All that was entered, of one source."""

    name: str
    counts: tuple[IndicatorCount, ...]

    def of(self, months: Collection[str], office: str | None = None) -> tuple[IndicatorCount, ...]:
        """What was entered of these months, of one office or all."""
        return tuple(
            one for one in self.counts if one.month in months and office in (None, one.office)
        )


NOTHING: Final = IndicatorCounts("", ())


def read_indicators(source: str | Path) -> IndicatorCounts:
    """Read a CSV, a Parquet file or folder, or the view `indicators` of a database URL.

    LayoutError lists all problems, at most 20 rows of a kind; nothing is kept then.
    """
    opened = open_source(source, VIEW, INDICATORS)
    try:
        return _read(opened)
    finally:
        opened.close()


def indicators_beside(responses: Responses) -> IndicatorCounts:
    """What an office entered in its own database; nothing where the responses are of no database,
    or of one without the view."""
    if responses.source.kind != "database":
        return NOTHING
    table = view_beside(responses.source, VIEW, INDICATORS)
    if table is None:
        return NOTHING
    if responses.offices is not None:
        table = table.filter(table.office.isin(sorted(responses.offices)))
    return _read(replace(responses.source, name=responses.name, table=table))


def _read(source: OpenSource) -> IndicatorCounts:
    source = tidied(source, ("month", *_NAMES), _NAMES)
    faults = list(column_faults(source, INDICATORS, INDICATORS, said("layout.stray_indicators")))
    faults = faults or list(look_alikes(source, _NAMES))
    if faults:
        raise LayoutError(faults)
    places, rows = rows_of(source, INDICATORS)
    problems = [
        *damage(source, damaged_rows(source)),
        *limited(source, _row_faults(places, rows)),
    ]
    if problems:
        raise LayoutError(problems)
    return IndicatorCounts(source.name, tuple(map(_count, rows)))


def _count(row: Mapping[str, str | None]) -> IndicatorCount:
    files = PointFiles(*(int(row[name] or 0) for name in POINTS))
    return IndicatorCount(str(row["month"]), str(row["office"]), int(row["indicator"] or 0), files)


def _row_faults(places: list[str], rows: Iterable[Mapping[str, str | None]]) -> Iterator[RowFault]:
    first: dict[tuple[str | None, ...], str] = {}
    for place, row in zip(places, rows, strict=True):
        yield from _value_faults(place, row)
        key = tuple(row[name] for name in _KEYS)
        if key in first and None not in key:
            what = said("row.same_indicator", first=first[key])
            yield place, "indicator", what, said("row.keep_total")
        first.setdefault(key, place)


def _value_faults(place: str, row: Mapping[str, str | None]) -> Iterator[RowFault]:
    if not MONTH.fullmatch(row["month"] or ""):
        yield place, "month", said("row.month", value=shown(row["month"])), said("row.write_month")
    yield from name_faults(place, "office", row["office"])
    if row["indicator"] not in _KNOWN:
        what = said("row.indicator", value=shown(row["indicator"]))
        yield place, "indicator", what, said("row.write_indicator")
    wrong = [name for name in POINTS if not WHOLE.fullmatch(row[name] or "")]
    for name in wrong:
        yield place, name, said("row.number", value=shown(row[name])), said("row.write_number")
    if not wrong and not _count({**row, "indicator": "1"}).files.files:
        yield place, POINTS[0], said("row.no_files"), said("row.leave_out")
