"""The section on all dossiers: on time, filed online, time taken; beside the survey, never in it.

Owns its sentences and table. Figures are those of the document's census.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from analysis.census_rows import Census, CensusRow
from analysis.reporting.section import ReportSection
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.strata.survey import ALL
from analysis.targets import CensusMeasure
from analysis.words import number

_MEASURES: Final[tuple[CensusMeasure, ...]] = ("on_time", "online")


def census_section(tell: Teller, office: str = ALL) -> ReportSection | None:
    """What is counted of all dossiers of an office; None where none are counted."""
    found = tell.found.census
    rows = [] if found is None else [row for row in found.rows if row.office == office]
    if found is None or not rows:
        return None
    total = rows[-1]  # of a single sector, that sector's own
    timed = total.timed is not None
    return ReportSection(
        "census",
        tell.say("sections.titles.census"),
        tuple(_sentences(found, total, tell)),
        (_table(rows, tell),),
        (*((tell.say("census.days"),) if timed else ()), tell.say("census.exact")),
    )


def _sentences(found: Census, row: CensusRow, tell: Teller) -> Iterator[str]:
    yield tell.say("census.what", completed=number(row.completed, tell.lang))
    for measure in _MEASURES:
        yield " ".join(_measured(found, row, measure, tell))
    time = _time(row)
    if time is not None:
        key, share = time
        days = {name: getattr(row, f"days_{name}") for name in ("taken", "allowed")}
        numbers = {**days, "timed": row.timed}
        told = {name: number(value, tell.lang) for name, value in numbers.items()}
        yield tell.say(f"census.{key}", share=_percent(share, tell), **told)
    months = len(tell.found.period.months)
    if row.months < months:
        yield tell.say("census.months", known=row.months, months=months)


def _measured(found: Census, row: CensusRow, measure: CensusMeasure, tell: Teller) -> Iterator[str]:
    """The figure, its targets, and of how many dossiers it is not known."""
    counted = row.part(measure)
    if counted is None:
        yield tell.say(f"census.nothing.{measure}")
        return
    yield tell.say(f"census.{measure}", **_counts(counted, tell))
    for verdict in found.verdicts:
        if (verdict.office, verdict.measure) == (row.office, measure):
            yield tell.say(
                "census.aim",
                aim=tell.aim(verdict),
                year=verdict.deadline,
                word=tell.say(f"census.words.{verdict.word}"),
            )
    unknown = row.unknown(measure)
    if unknown:
        yield tell.say(f"census.unknown_of.{measure}", unknown=number(unknown, tell.lang))


def _counts(counted: tuple[int, int], tell: Teller) -> dict[str, str]:
    part, known = counted
    share = _percent(1000 * part // known, tell)
    return {"part": number(part, tell.lang), "known": number(known, tell.lang), "share": share}


def _percent(thousandths: int, tell: Teller) -> str:
    return f"{number(thousandths / 10, tell.lang, 1)}%"


def _time(row: CensusRow) -> tuple[str, int] | None:
    """Whether dossiers took less or more time than was due, and by how many thousandths of it."""
    if not row.days_allowed or row.days_taken is None:
        return None
    saved = row.days_allowed - row.days_taken
    return ("saved" if saved >= 0 else "longer"), 1000 * abs(saved) // row.days_allowed


def _table(rows: list[CensusRow], tell: Teller) -> Table:
    heads = (f"census.heads.{name}" for name in ("completed", *_MEASURES, "saved"))
    return Table(
        caption=tell.say("census.caption"),
        head=(tell.say("common.sector"), *map(tell.say, heads)),
        rows=tuple(
            (
                tell.sector(row.sector),
                number(row.completed, tell.lang),
                *(_cell(row.part(measure), tell) for measure in _MEASURES),
                _time_cell(row, tell),
            )
            for row in rows
        ),
        strong=frozenset(place for place, row in enumerate(rows) if row.sector == ALL),
    )


def _cell(counted: tuple[int, int] | None, tell: Teller) -> str:
    if counted is None:
        return tell.say("census.unknown")
    return tell.say("census.share", **_counts(counted, tell))


def _time_cell(row: CensusRow, tell: Teller) -> str:
    time = _time(row)
    if time is None:
        return tell.say("census.unknown")
    key, share = time
    sign = "" if not share else "−" if key == "saved" else "+"
    return f"{sign}{_percent(share, tell)}"
