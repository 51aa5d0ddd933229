"""Whether questions hold together: alpha of each part of a questionnaire with its limits.

Owns which parts are rows, their words, and how they are drawn. Figures come in with the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis.document import Document
from analysis.insights.drivers import MINIMUM_SHEETS, USUAL_ALPHA, Reliability
from analysis.reporting import wording
from analysis.reporting.bar_rows import BarRows, Heads, rows_beside
from analysis.reporting.captions import Caption, place, source
from analysis.reporting.sheet import DOT, FAINT_INK, INTERVAL, TARGET, TEXT, Sheet
from analysis.reporting.wording import Names
from analysis.strata.pooling import INDEX
from analysis.strata.survey import ALL
from analysis.words import number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAR: Final[Any] = {"color": INTERVAL, "lw": 5.4, "zorder": 3}


@dataclass(frozen=True, slots=True)
class AlphaBar:
    """A part: alpha, low and high, at most 1; None where it cannot be had, which `said` tells."""

    name: str
    whole: bool
    figures: tuple[float, float, float] | None
    said: str
    remark: str
    people: str


@dataclass(frozen=True, slots=True)
class ReliabilityChart(Caption):
    """Parts of each questionnaire, the whole of it last as in the table."""

    level: str
    rows: tuple[AlphaBar, ...]

    def described(self) -> str:
        """The chart in one paragraph, for those who cannot see it."""
        sheets = self.heads.people.lower()
        return f"{self.title}. {self.subtitle}. " + " ".join(
            f"{row.name}, {sheets} {row.people}: {row.said}"
            + (f", {row.remark}." if row.figures else ".")
            for row in self.rows
        )

    @property
    def heads(self) -> Heads:
        """What stands over the columns and beneath the scale."""
        said = say("insight_sections.reliability_heads.alpha_interval", self.lang, level=self.level)
        people = say("insight_sections.reliability_heads.complete_sheets", self.lang)
        return Heads(said, people, say("reliability.scale", self.lang))


def reliability_chart(
    found: Document,
    rows: Sequence[Reliability],
    *,
    office: str = ALL,
    names: Names | None = None,
    lang: str = "vi",
) -> ReliabilityChart:
    """`rows` of the same document and office: for the office itself, never published."""
    names = names or {}
    rows = [row for row in rows if row.n or row.missing is None]
    several = len({row.questionnaire for row in rows}) > 1
    return ReliabilityChart(
        title=_title(rows, lang),
        subtitle=place(found, office, names, lang, say("reliability.subject", lang)),
        footnotes=(
            *((say("insight_sections.reliability_basis", lang),) if rows else ()),
            source(found, office, lang),
        ),
        lang=lang,
        level=wording.threshold(found.level, lang),
        rows=tuple(_bar(row, names, lang, several) for row in rows),
    )


def _title(rows: Sequence[Reliability], lang: str) -> str:
    told = [row for row in rows if row.measure == INDEX]
    parts = [
        say(f"reliability.{_proven(row)}", lang, key=row.questionnaire, items=row.items)
        for row in told
    ]
    return "; ".join(parts) if parts else say("reliability.nothing", lang)


def _proven(row: Reliability) -> str:
    return "together" if row.remark == "together" else "unsure"


def _bar(row: Reliability, names: Names, lang: str, several: bool) -> AlphaBar:
    part = names.get(row.measure) or wording.measure_title(row.measure, lang)
    if row.measure == INDEX:
        part = say("reliability.whole", lang)
    questions = say("reliability.questions", lang, items=number(row.items, lang))
    remark = say(f"insight_sections.remarks.{row.remark}", lang, n=MINIMUM_SHEETS)
    figures, said = None, remark
    if row.alpha is not None and row.interval is not None:
        figures = (row.alpha, row.interval.low, row.interval.high)
        alpha, low, high = (number(value, lang, 2) for value in figures)
        said = f"{alpha} ({low} – {high})"
    return AlphaBar(
        f"{row.questionnaire}: {part} ({questions})" if several else f"{part} ({questions})",
        row.measure == INDEX,
        figures,
        said,
        remark,
        number(row.n, lang),
    )


def _bars(shown: ReliabilityChart, axes: Axes, middles: Sequence[float]) -> list[Any]:
    """Intervals and dots of alpha, the usual threshold as a line."""
    known = [(row, at) for row, at in zip(shown.rows, middles, strict=True) if row.figures]
    start = _start([row.figures for row, _ in known if row.figures])
    found = np.array([row.figures for row, _ in known], dtype=float).reshape(-1, 3).T
    heights = np.array([at for _, at in known])
    axes.set_xlim(start, 1)
    ends = np.clip(found[1:], start, 1)
    word = say("drawing.words.interval", shown.lang, level=shown.level)
    shapes: list[Any] = [axes.hlines(heights, *ends, label=word, clip_on=False, **_BAR)]
    shapes += _dots(axes, shown, known, start)
    usual = say("reliability.usual", shown.lang, usual=number(USUAL_ALPHA, shown.lang, 1))
    look: Any = {"color": TARGET, "lw": 1.5, "ls": (0, (4, 2)), "zorder": 2}
    shapes.append(axes.axvline(USUAL_ALPHA, label=usual, **look))
    ticks = np.arange(round(start * 10), 11, 1 if start >= 0.4 else 2) / 10
    axes.set_xticks(ticks, [number(tick, shown.lang, 1) for tick in ticks])
    axes.grid(axis="x")
    return shapes


def _start(figures: Sequence[tuple[float, float, float]]) -> float:
    """The axis begins at the lowest limit, at most 0.5, and at 0 where alpha is below that."""
    lowest = min([0.5, *(low for _, low, _ in figures)])
    return max(0.0, math.floor(lowest * 5 + 1e-9) / 5)


def _dots(axes: Axes, shown: ReliabilityChart, known: Any, start: float) -> Iterator[Any]:
    """Alpha of parts as dots, of a whole questionnaire as squares; arrows where it is below 0."""
    from matplotlib.lines import Line2D

    kinds = {"part": ("o", False, False), "all": ("s", True, False), "below": ("<", None, True)}
    for kind, (shape, whole, beyond) in kinds.items():
        at = [
            (max(row.figures[0], start), middle)
            for row, middle in known
            if whole in (None, row.whole) and (row.figures[0] < start) == beyond
        ]
        if at:
            look: Any = {**DOT, "zorder": 9, "ls": "", "marker": shape}
            axes.plot(*np.array(at).T, clip_on=False, **look)
            yield Line2D([], [], label=say(f"reliability.marks.{kind}", shown.lang), **look)


def draw_reliability(sheet: Sheet, shown: ReliabilityChart) -> None:
    """The chart on a sheet; without rows its title says why."""
    if not shown.rows:
        return
    if any(row.figures for row in shown.rows):
        BarRows(sheet, shown.rows, shown.heads).draw(partial(_bars, shown))
        return
    for row in shown.rows:  # an axis of nothing would look like a figure
        sheet.paragraph(f"{row.name}: {row.said}", TEXT, color=FAINT_INK)


def reliability_on_axes(axes: Axes, shown: ReliabilityChart) -> None:
    """The chart on axes of somebody else, the first row on top."""
    rows_beside(axes, shown, shown.rows, shown.heads, partial(_bars, shown))
