"""Differences with their intervals around zero: a row for each comparison.

Owns which rows are drawn, their words, and how. What is beyond chance, all comparisons together, is
filled; figures come in with the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis.document import Document
from analysis.period import period_of
from analysis.reporting import wording
from analysis.reporting.bar_rows import BarRows, Heads, rows_beside
from analysis.reporting.captions import Caption, place, source
from analysis.reporting.section import difference_phrase, risk_of, signed
from analysis.reporting.sheet import DOT, INK, INTERVAL, Sheet
from analysis.reporting.wording import Names, section_of, sector_name, targets_of
from analysis.statistics.comparisons import Difference, Signal
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.differences import DifferenceRow

MOST: Final = 30
"""Comparisons drawn of very many: those beyond chance, then the largest."""

_FILLED: Final = ("higher", "lower")


@dataclass(frozen=True, slots=True)
class DifferenceBar:
    """A comparison: difference, low and high, -1..1, and the same in words."""

    name: str
    figures: tuple[float, float, float]
    signal: Signal
    said: str
    people: str


@dataclass(frozen=True, slots=True)
class DifferenceChart(Caption):
    """Bars in their order."""

    level: str
    rows: tuple[DifferenceBar, ...]

    @property
    def heads(self) -> Heads:
        """What stands over the answers and beneath the scale."""
        people = say("differences.people", self.lang)
        return Heads("", people, say("differences.points", self.lang))

    def described(self) -> str:
        """The chart in one paragraph, for those who cannot see it."""
        return f"{self.title}. {self.subtitle}. " + " ".join(
            f"{row.name}: {row.said}, {say(_SIGNAL.format(row.signal), self.lang)}."
            for row in self.rows
        )


_SIGNAL: Final = "comparison_tables.difference_signals.{}"


def difference_chart(
    found: Document,
    rows: Sequence[DifferenceRow],
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> DifferenceChart:
    """`rows` of one result, of the document's period: their signals share one risk."""
    names, targets = names or {}, targets_of(found, targets)
    known = [row for row in rows if row.difference is not None]
    shown = _most(_once(known))

    def name(id_: str) -> str:
        return names.get(id_) or sector_name(id_, targets, names, lang)

    sides = {(row.first, row.second) for row in known}
    periods = len(sides) == 1 and _is_period(next(iter(sides))[0])
    return DifferenceChart(
        title=_title(known, lang),
        subtitle=place(found, ALL, names, lang, _subject(sides, periods, lang)),
        footnotes=tuple(_footnotes(found, known, shown, lang)),
        lang=lang,
        level=wording.threshold(found.level, lang),
        rows=tuple(_bar(row, _name(row, name, periods, lang), lang) for row in shown),
    )


def _once(rows: Sequence[DifferenceRow]) -> list[DifferenceRow]:
    """Without the totals of one office or sector alone, which say the same once more."""
    offices = {row.office for row in rows if row.office not in ("", ALL)}
    again = ALL in {row.office for row in rows} and len(offices) == 1
    rows = [row for row in rows if not again or row.office == ALL]
    singles = {row.sector for row in rows if section_of(row.sector or ALL) == "sector"}
    return [row for row in rows if len(singles) != 1 or row.sector in singles]


def _most(rows: Sequence[DifferenceRow]) -> list[DifferenceRow]:
    if len(rows) <= MOST:
        return list(rows)
    chosen = sorted(rows, key=lambda r: (r.signal not in _FILLED, -abs(r.difference or 0.0)))[:MOST]
    return [row for row in rows if row in chosen]


def _is_period(text: str) -> bool:
    from analysis.errors import PeriodError

    try:
        period_of(text)
    except PeriodError:
        return False
    return True


def _subject(sides: set[tuple[str, str]], periods: bool, lang: str) -> str:
    if not periods:
        return say("differences.subject", lang)
    ((_, earlier),) = sides
    return say("differences.since", lang, earlier=period_of(earlier).called(lang))


def _name(row: DifferenceRow, name: Any, periods: bool, lang: str) -> str:
    where = [name(part) for part in (row.office, row.sector) if part not in ("", ALL)]
    if periods:
        return ", ".join(where) or name(ALL)
    sides = say("comparison_tables.against", lang, first=name(row.first), second=name(row.second))
    return f"{', '.join(where)}: {sides}" if where else sides


def _title(rows: Sequence[DifferenceRow], lang: str) -> str:
    if not rows:
        return say("comparison_tables.difference_empty", lang)
    rows = _once(rows)
    signals = [row.signal for row in rows]
    counts = {word: signals.count(word) for word in _FILLED}
    if not any(counts.values()):
        return say("differences.none", lang, k=number(len(rows), lang))
    told = {word: number(n, lang) for word, n in counts.items()}
    return say("differences.found", lang, k=number(len(rows), lang), **told)


def _footnotes(
    found: Document, known: Sequence[DifferenceRow], shown: Sequence[DifferenceRow], lang: str
) -> Iterator[str]:
    if known:
        yield say("differences.together", lang, risk=risk_of(found.level, lang))
    left = len(_once(known)) - len(shown)
    if left:
        yield say("differences.left_out", lang, k=number(left, lang))
    yield source(found, ALL, lang)


def _bar(row: DifferenceRow, name: str, lang: str) -> DifferenceBar:
    figures = (row.difference or 0.0, row.low or 0.0, row.high or 0.0)
    said = difference_phrase(Difference(*figures), row.answers, lang)
    return DifferenceBar(name, figures, row.signal, said, wording.answers(row.answers, lang))


def differences_on(shown: DifferenceChart, axes: Axes, middles: Sequence[float]) -> list[Any]:
    """Intervals and dots at these heights, around zero; returned for the legend."""
    from matplotlib.lines import Line2D

    lang = shown.lang
    found = np.array([row.figures for row in shown.rows], dtype=float).reshape(-1, 3).T
    look: Any = {"color": INTERVAL, "zorder": 3, "clip_on": False}
    interval = axes.hlines(middles, found[1], found[2], lw=5.4, **look)
    interval.set_label(say("drawing.words.interval", lang, level=shown.level))
    shapes: list[Any] = [interval]
    for filled in (True, False):
        chosen = np.array([(row.signal in _FILLED) == filled for row in shown.rows], dtype=bool)
        style: Any = {**DOT, "mfc": INK if filled else "white", "zorder": 9, "ls": ""}
        if chosen.any():
            axes.plot(found[0][chosen], np.array(middles)[chosen], "o", clip_on=False, **style)
            label = say(f"differences.{'beyond' if filled else 'chance'}", lang)
            shapes.append(Line2D([], [], marker="o", label=label, **style))
    reach = max([0.1, *np.abs(found[1:]).ravel()])
    step = next(s for s in (0.05, 0.1, 0.2, 0.5) if reach / s <= 4 or s == 0.5)
    ends = (min([0.0, *found[1]]), max([0.0, *found[2]]))
    low, high = math.floor(ends[0] / step + 1e-9), math.ceil(ends[1] / step - 1e-9)
    ticks = np.arange(min(low, -1), max(high, 1) + 1) * step
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_xticks(ticks, [signed(100 * x, lang, 0) for x in ticks])
    axes.grid(axis="x")
    axes.axvline(0, color=INK, lw=0.9, zorder=2)
    return shapes


def draw_differences(sheet: Sheet, shown: DifferenceChart) -> None:
    """The chart on a sheet: names, bars, the difference in words and the answers it rests on."""
    if shown.rows:
        BarRows(sheet, shown.rows, shown.heads).draw(partial(differences_on, shown))
    else:
        sheet.empty()


def differences_on_axes(axes: Axes, shown: DifferenceChart) -> None:
    """The chart on axes of somebody else, the first row on top; fonts are those of the axes."""
    rows_beside(axes, shown, shown.rows, shown.heads, partial(differences_on, shown))
