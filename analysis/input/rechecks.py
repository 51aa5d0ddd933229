"""The published layout `rechecks` (draws of the random re-check), and what those drawn answered.

Owns reading and checking both. A draw is told in numbers: which dossiers were drawn is not kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from analysis.errors import LayoutError, said
from analysis.input.aggregates import CellMoments, Only, read_moments
from analysis.input.choices import choices_rechecked
from analysis.input.databases import view_beside
from analysis.input.opening import open_source
from analysis.input.population import (
    MONTH,
    WHOLE,
    RowFault,
    Spot,
    column_faults,
    limited,
    name_faults,
    rows_of,
    shown,
)
from analysis.input.responses import Responses, damage
from analysis.input.sources import OpenSource, damaged_rows
from analysis.input.tidying import look_alikes, tidied
from analysis.period import Period
from questionnaires.layout import ANSWERED_BEFORE, FACTS, NO, RECHECKS, YES

VIEW: Final = "rechecks"
_NAMES: Final = ("office", "sector")
_TEXTS: Final = ("month", *_NAMES)
_SKIPPED: Final = ("refused", "not_reached", "wrong_number")
_COUNTS: Final = ("dossiers", "drawn", *_SKIPPED)


@dataclass(frozen=True, slots=True)
class Draw:
    """Of one month, office and sector: completed dossiers on the list, those drawn by lot, and
    those of them whose people refused, were not reached, or had left a wrong number."""

    month: str
    office: str
    sector: str
    dossiers: int
    drawn: int
    refused: int = 0
    not_reached: int = 0
    wrong_number: int = 0

    @property
    def skipped(self) -> int:
        """Drawn dossiers that will have no answer."""
        return self.refused + self.not_reached + self.wrong_number

    @property
    def spot(self) -> Spot:
        """Office, sector and month."""
        return self.office, self.sector, self.month


@dataclass(frozen=True, slots=True)
class Rechecks:
    """All draws of a source."""

    name: str
    draws: tuple[Draw, ...]

    def of(self, months: Collection[str], office: str | None = None) -> dict[Spot, Draw]:
        """The draws of these months, of one office or all, that drew anything."""
        return {
            draw.spot: draw
            for draw in self.draws
            if draw.month in months and office in (None, draw.office) and draw.drawn
        }


def read_rechecks(source: str | Path) -> Rechecks:
    """Read a CSV, a Parquet file or folder, or the view `rechecks` of a database URL.

    LayoutError lists all problems, at most 20 rows of a kind; nothing is kept then.
    """
    opened = open_source(source, VIEW, RECHECKS)
    try:
        return _read(opened, trusted=False)
    finally:
        opened.close()


def rechecks_beside(responses: Responses) -> Rechecks | None:
    """The draws of an office's own database; None where the source of the responses has none."""
    if responses.source.kind != "database":
        return None
    table = view_beside(responses.source, VIEW, RECHECKS)
    if table is None:
        return None
    if responses.offices is not None:
        table = table.filter(table.office.isin(sorted(responses.offices)))
    return _read(replace(responses.source, name=responses.name, table=table), trusted=True)


def _read(source: OpenSource, *, trusted: bool) -> Rechecks:
    """`trusted`: as `read_population` has it."""
    source = source if trusted else tidied(source, _TEXTS, _NAMES)
    faults = list(column_faults(source, RECHECKS, RECHECKS, said("layout.stray_rechecks")))
    faults = faults or ([] if trusted else list(look_alikes(source, _NAMES)))
    if faults:
        raise LayoutError(faults)
    places, rows = rows_of(source, RECHECKS)
    problems = [
        *damage(source, damaged_rows(source)),
        *limited(source, _row_faults(places, rows)),
    ]
    if problems:
        raise LayoutError(problems)
    return Rechecks(source.name, tuple(map(_draw, rows)))


def _draw(row: Mapping[str, str | None]) -> Draw:
    month, office, sector = (str(row[name]) for name in _TEXTS)
    return Draw(month, office, sector, *(int(row[name] or 0) for name in _COUNTS))


def _row_faults(places: list[str], rows: Iterable[Mapping[str, str | None]]) -> Iterator[RowFault]:
    first: dict[tuple[str | None, ...], str] = {}
    for place, row in zip(places, rows, strict=True):
        yield from _value_faults(place, row)
        key = tuple(row[name] for name in _TEXTS)
        if key in first and None not in key:
            yield place, "month", said("row.same_month", first=first[key]), said("row.keep_total")
        first.setdefault(key, place)


def _value_faults(place: str, row: Mapping[str, str | None]) -> Iterator[RowFault]:
    if not MONTH.fullmatch(row["month"] or ""):
        yield place, "month", said("row.month", value=shown(row["month"])), said("row.write_month")
    for name in _NAMES:
        yield from name_faults(place, name, row[name])
    if row["sector"] == "general":
        yield place, "sector", said("row.no_dossiers"), said("row.leave_out")
    wrong = [name for name in _COUNTS if not WHOLE.fullmatch(row[name] or "")]
    for name in wrong:
        yield place, name, said("row.number", value=shown(row[name])), said("row.write_number")
    if wrong:
        return
    draw = _draw(row)
    if draw.drawn > draw.dossiers:
        what = said("row.drawn", drawn=draw.drawn, dossiers=draw.dossiers)
        yield place, "drawn", what, said("row.at_most_dossiers")
    if draw.skipped > draw.drawn:
        what = said("row.skipped", skipped=draw.skipped, drawn=draw.drawn)
        yield place, "drawn", what, said("row.at_most_drawn")


FACT: Final = "fact:"
"""Before the id of a question of fact, as a measure: the share of those who say yes."""

_YES, _NO = 11, 1  # as scores: satisfied on every scale, and on none


def fact_blocks() -> dict[str, tuple[str, ...]]:
    """The measures of the questions of fact."""
    return {f"{FACT}{name}": (name,) for name in FACTS}


def read_rechecked(
    responses: Responses,
    period: Period,
    blocks: Mapping[str, tuple[str, ...]],
    only: Only,
) -> dict[str, CellMoments]:
    """The moments of those drawn who answered, per questionnaire and cell, by one query.

    The `channel` of a cell is what they said about having answered before: yes, no, not_sure, or
    nothing, which is also all that files can tell, as they hold no choices. `blocks` may hold
    `fact_blocks`: y counts those who said yes, m those who said yes or no. A month is that of the
    dossiers, whenever people were asked; so nothing of it is late.
    """
    asked = responses.rechecked
    if asked is None:
        return {}
    table, said_before = asked.table, choices_rechecked(asked)
    if said_before is None:
        table = table.mutate(**{name: _none("int16") for name in (_BEFORE, *FACTS)})
    else:
        table = _with_choices(table, said_before)
    before = table[_BEFORE].cast("string").fill_null("")
    table = table.mutate(channel=before, late=table.response_id.isnull())
    items = (*asked.items, *FACTS)
    rows = replace(asked, table=table, items=items)
    return read_moments(rows, period, blocks, only)


_BEFORE: Final = "_before"


def _none(dtype: str) -> Any:
    import ibis

    return ibis.null(dtype)


def _with_choices(table: Any, chosen: Any) -> Any:
    """The responses, each with what its person chose: one query, as each chose one option."""
    import ibis

    columns = {
        _BEFORE: chosen.option.max(where=chosen.question == ANSWERED_BEFORE),
        **{name: chosen.option.max(where=chosen.question == name) for name in FACTS},
    }
    each = chosen.group_by(_whose=chosen.response_id).aggregate(**columns)
    joined = table.left_join(each, table.response_id == each["_whose"])
    facts = {
        name: ibis.cases((joined[name] == YES, _YES), (joined[name] == NO, _NO), else_=None).cast(
            "int16"
        )
        for name in FACTS
    }
    return joined.mutate(**facts)
