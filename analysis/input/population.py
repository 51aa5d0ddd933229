"""The published population layout, version 1: completed dossiers per month, office and sector.

Owns reading and checking it, and what is known of the months of a period. Knows no response.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from analysis.errors import LayoutError, Problem, said
from analysis.input.files import row_numbers
from analysis.input.opening import open_source
from analysis.input.responses import LISTED, damage, in_column, more
from analysis.input.sources import (
    FILE_COLUMN,
    ROW_COLUMN,
    OpenSource,
    Source,
    damaged_rows,
    run,
)
from analysis.input.tidying import look_alikes, tidied, whole_number
from analysis.period import Period
from questionnaires import keys
from questionnaires.bilingual import Told, joined
from questionnaires.layout import NAMES, PARTS, POPULATION, SIMULATED, TIMED

REQUIRED: Final = ("period", "office", "sector", "completed")
OPTIONAL: Final = POPULATION[len(REQUIRED) :]
ORIGIN: Final = "origin"
COLUMNS: Final = (*REQUIRED, *OPTIONAL, ORIGIN)

_NAMES: Final = ("office", "sector")
_TEXTS: Final = (*_NAMES, ORIGIN)
MONTH: Final = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")
_EXACT: Final = 10**15  # a float keeps every whole number below
WHOLE: Final = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Count:
    """Completed dossiers of one month, office and sector, and what is known of all of them.

    `on_time` are part of the `due_known` whose due day is known, `online` of the `filing_known`
    whose way of filing is. Of `timed` dossiers every day is known: `days_allowed` are the days from
    receiving to the due day, `days_taken` those to returning, summed. None is not known.
    """

    period: str
    office: str
    sector: str
    completed: int
    on_time: int | None = None
    online: int | None = None
    due_known: int | None = None
    filing_known: int | None = None
    timed: int | None = None
    days_allowed: int | None = None
    days_taken: int | None = None


Spot = tuple[str, str, str]
"""Office, sector and month: what one row counts."""


@dataclass(frozen=True, slots=True)
class Dossiers:
    """What is known of N in a period.

    `counts`: completed dossiers of each spot that has a row. `months`: per office, the months that
    have any row. A spot without a row is not counted: of a month without any row nothing is known,
    in a month with others its answers belong to no dossier count.
    """

    counts: Mapping[Spot, int] = field(default_factory=dict)
    months: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Population:
    """All counts of a source. `simulated`: it says that some are made up."""

    name: str
    counts: tuple[Count, ...]
    simulated: bool = False

    def of(self, period: Period, office: str | None = None) -> Dossiers:
        """The counts of a period, of one office or all."""
        wanted = set(period.months)
        counts: dict[Spot, int] = {}
        months: defaultdict[str, set[str]] = defaultdict(set)
        for count in self.counts:
            if count.period in wanted and office in (None, count.office):
                counts[count.office, count.sector, count.period] = count.completed
                months[count.office].add(count.period)
        return Dossiers(counts, {name: frozenset(found) for name, found in months.items()})

    def within(self, offices: frozenset[str]) -> Population:
        """The counts of these offices alone."""
        return replace(self, counts=tuple(one for one in self.counts if one.office in offices))


def read_population(source: Source, *, trusted: bool = False) -> Population:
    """Read a file, a folder, the view `population` of a database URL, or a table in memory.

    LayoutError lists all problems, at most 20 rows of a kind; nothing is kept then. `trusted` asks
    the source for no other spellings of its names: it is for the office's own database.
    """
    opened = open_source(source, "population", COLUMNS)
    try:
        return _read(opened, trusted)
    finally:
        opened.close()


def _read(source: OpenSource, trusted: bool) -> Population:
    source = source if trusted else tidied(source, _TEXTS, _NAMES)
    stray = said("layout.stray_population")
    faults = list(column_faults(source, REQUIRED, COLUMNS, stray))
    faults = faults or ([] if trusted else list(look_alikes(source, _NAMES)))
    if faults:
        raise LayoutError(faults)
    places, rows = rows_of(source, COLUMNS)
    problems = [
        *damage(source, damaged_rows(source)),
        *limited(source, _row_faults(places, rows)),
    ]
    if problems:
        raise LayoutError(problems)
    simulated = any(row.get(ORIGIN) == SIMULATED for row in rows)
    return Population(source.name, tuple(_counts(rows)), simulated)


def column_faults(
    source: OpenSource, required: Sequence[str], columns: Sequence[str], stray: Told
) -> Iterator[Problem]:
    """A problem for each column that is missing, doubled, or none of the layout (`stray`)."""
    for missing in (name for name in required if name not in source.columns):
        what, remedy = said("layout.missing"), said("layout.add")
        yield Problem(source.name, in_column(missing), what, remedy)
    for column in source.duplicates:
        what, remedy = said("layout.doubled"), said("layout.keep_one")
        yield Problem(source.name, in_column(column), what, remedy)
    for column in source.columns:
        if column not in (*columns, *NAMES):
            written = [name for name in columns if name != ORIGIN]
            remedy = said("layout.rename_population", columns=", ".join(written))
            yield Problem(source.name, in_column(column), stray, remedy)


def rows_of(
    source: OpenSource, columns: Sequence[str]
) -> tuple[list[str], list[dict[str, str | None]]]:
    """Each row's place in the source, and its values as text."""
    import ibis

    table = source.table
    names = [name for name in columns if name in source.columns]
    chosen: dict[str, Any] = {name: _text(table[name]) for name in names}
    if source.kind == "csv":
        chosen["_position"] = ibis.row_number()
    elif source.in_files:
        chosen |= {"_file": table[FILE_COLUMN], "_position": table[ROW_COLUMN]}
    elif source.place is not None:
        chosen["_position"] = table[ROW_COLUMN]
    found = run(source, table.select(**chosen))
    if source.kind == "csv" and source.path is not None:
        numbers = row_numbers(Path(source.path), [line for line, _ in damaged_rows(source)])
        return [said("place.row", row=numbers.row(row["_position"])) for row in found], found
    if source.in_files:
        found.sort(key=lambda row: (row["_file"], row["_position"]))
        return [source.row_of_file(row["_file"], row["_position"]) for row in found], found
    if (place := source.place) is not None:
        found.sort(key=lambda row: row["_position"])
        return [place(row["_position"]) for row in found], found
    return [", ".join(str(row[name]) for name in columns[:3]) for row in found], found


def _text(column: Any) -> Any:
    """Text of any column; whole numbers kept as floats lose their '.0', what is no number is none.

    Some programs keep a gap among numbers as 'not a number'.
    """
    if column.type().is_decimal():
        whole = (column == column.round()) & (column.abs() < _EXACT)
        return whole.ifelse(column.cast("int64").cast("string"), column.cast("string"))
    if column.type().is_floating():
        return whole_number(column.cast("string"))
    return column.cast("string").nullif("")


RowFault = tuple[str, str, Told, Told]
"""Where a row stands, the column, what is wrong with it, and the remedy."""


def limited(source: OpenSource, faults: Iterable[RowFault]) -> Iterator[Problem]:
    """A problem for each fault, `LISTED` of a column, then how many more there are."""
    listed: Counter[str] = Counter()
    remedies: dict[str, Told] = {}
    for place, column, what, remedy in faults:
        listed[column] += 1
        remedies[column] = remedy
        if listed[column] <= LISTED:
            where = joined((place, in_column(column)), ", ")
            yield Problem(source.name, where, what, remedy)
    for column, count in listed.items():
        if count > LISTED:
            yield more(source.name, in_column(column), count - LISTED, remedies[column])


def _row_faults(places: list[str], rows: list[dict[str, str | None]]) -> Iterator[RowFault]:
    first: dict[tuple[str | None, ...], str] = {}
    for place, row in zip(places, rows, strict=True):
        yield from _value_faults(place, row)
        key = (row["period"], row["office"], row["sector"])
        if key in first and None not in key:
            yield place, "period", said("row.same_month", first=first[key]), said("row.keep_total")
        first.setdefault(key, place)


def _value_faults(place: str, row: Mapping[str, str | None]) -> Iterator[RowFault]:
    if not MONTH.fullmatch(row["period"] or ""):
        what = said("row.month", value=shown(row["period"]))
        yield place, "period", what, said("row.write_month")
    for name in ("office", "sector"):
        yield from name_faults(place, name, row[name])
    for name in ("completed", *OPTIONAL):
        value = row.get(name)
        if (value is None and name == "completed") or not WHOLE.fullmatch(value or "0"):
            yield place, name, said("row.number", value=shown(value)), said("row.write_number")
    yield from _part_faults(place, row)


def name_faults(place: str, name: str, value: str | None) -> Iterator[RowFault]:
    """What is wrong with the id of an office or a sector."""
    if value is None:
        yield place, name, said("row.empty"), said("row.fill_in")
    elif value != value.strip():
        yield place, name, said("row.spaces", value=f"'{value}'"), said("row.remove_spaces")
    elif value == "all" or value.startswith("group:"):
        yield place, name, said("row.total", value=f"'{value}'"), said("row.leave_totals")


def _part_faults(place: str, row: Mapping[str, str | None]) -> Iterator[RowFault]:
    numbers = {
        name: int(value) for name in ("completed", *OPTIONAL) if (value := _whole(row, name))
    }
    whole = numbers.get("completed")
    for name in (*PARTS, *PARTS.values(), "timed"):
        part = numbers.get(name)
        if part is not None and whole is not None and part > whole:
            what = said("row.part", part=part, whole=whole)
            yield place, name, what, said("row.at_most")
    for name, known in PARTS.items():
        part, most = numbers.get(name), numbers.get(known)
        if part is not None and most is not None and most < part <= (whole or part):
            what = said("row.part_of", part=part, whole=most, of=known)
            yield place, name, what, said("row.at_most_of", of=known)
    for names in (*((known, name) for name, known in PARTS.items()), TIMED):
        yield from _halves(place, row, names)


def _halves(place: str, row: Mapping[str, str | None], names: Sequence[str]) -> Iterator[RowFault]:
    """Where the first of these is given, the others must be too; and of the days all or none."""
    given = [name for name in names if row.get(name) is not None]
    if given and (names is TIMED or names[0] in given):
        for name in names:
            if name not in given:
                what = said("row.half", other=given[0])
                yield place, name, what, said("row.both", other=given[0])


def _whole(row: Mapping[str, str | None], name: str) -> str | None:
    value = row.get(name)
    return value if value is not None and WHOLE.fullmatch(value) else None


def shown(value: str | None) -> str:
    """A value as a problem shows it."""
    return said("name.empty") if value is None else keys.quoted(value)


def _counts(rows: Iterable[Mapping[str, str | None]]) -> Iterator[Count]:
    for row in rows:
        completed = int(row["completed"] or 0)
        parts = {name: _number(row.get(name)) for name in OPTIONAL}
        for name, known in PARTS.items():  # where the file does not say of how many: of all
            if parts[name] is not None and parts[known] is None:
                parts[known] = completed
        period, office, sector = (str(row[name]) for name in REQUIRED[:3])
        yield Count(period, office, sector, completed, *parts.values())


def _number(value: str | None) -> int | None:
    return None if value is None else int(value)
