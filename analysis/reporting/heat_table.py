"""The map of elements as a table of a page: a tenth of its drawing, and read out cell by cell.

Owns what the table says. Its cells and shades are those of `heat_map`, its looks the style sheet's.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.reporting.heat_map import HeatCell, HeatMap, shade_of, shades_used
from analysis.words import say


@dataclass(frozen=True, slots=True)
class ShadedCell:
    """What stands in a cell, and its look: "shade-1" (the highest shares) to "shade-5", "withheld"
    or "" for a cell without a figure of its own.
    """

    text: str
    look: str


@dataclass(frozen=True, slots=True)
class ShadedRow:
    """A sector with its number of answers, or the total (`strong`)."""

    name: str
    counts: str
    strong: bool
    cells: tuple[ShadedCell, ...]


@dataclass(frozen=True, slots=True)
class ShadedTable:
    """Rows under `head`, the names of the elements; `legend`: what each shade stands for."""

    caption: str
    corner: str
    head: tuple[str, ...]
    rows: tuple[ShadedRow, ...]
    legend: tuple[ShadedCell, ...]
    notes: tuple[str, ...]


def heat_table(found: HeatMap) -> ShadedTable:
    """The same map; where the figures come from is left to the page."""
    return ShadedTable(
        caption=found.title,
        corner=say("common.sector", found.lang),
        head=found.columns,
        rows=tuple(
            ShadedRow(
                row.name,
                row.counts,
                row.total,
                tuple(ShadedCell(found.spoken(cell), _look(cell)) for cell in row.cells),
            )
            for row in found.rows
        ),
        legend=tuple(ShadedCell(label, f"shade-{shade}") for shade, label in shades_used(found)),
        notes=found.footnotes[:-1],
    )


def _look(cell: HeatCell) -> str:
    if cell.share is not None:
        return f"shade-{shade_of(cell.share)}"
    return "withheld" if cell.state == "withheld" else ""
