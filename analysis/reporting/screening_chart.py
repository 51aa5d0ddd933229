"""What is worth a second look: how many answers were seen, against how many are usual.

Owns which flags are rows, their words, and how they are drawn. Flags come in with the insights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis.insights.insights import Insights
from analysis.insights.screening import Flag
from analysis.period import month_name
from analysis.reporting.bar_rows import BarRows, Heads, rows_beside
from analysis.reporting.captions import Caption, place, source
from analysis.reporting.flags import (
    flag_day,
    flag_place,
    flag_sentence,
    marked_sentences,
    more_sentence,
    office_flags,
    told,
    usual,
)
from analysis.reporting.section import risk_of
from analysis.reporting.sheet import DOT, INK, INTERVAL, SILENT, Sheet
from analysis.reporting.teller import Teller
from analysis.words import number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SEEN: Final[Any] = {**DOT, "mfc": INK, "zorder": 9, "ls": "", "marker": "o", "clip_on": False}
_USUAL: Final[Any] = {
    "clip_on": False,
    "ls": "",
    "marker": "|",
    "ms": 13,
    "mew": 2.2,
    "color": INTERVAL,
    "zorder": 8,
}


@dataclass(frozen=True, slots=True)
class FlagBar:
    """A flag: answers that were seen and that would be usual, and the whole of it in words."""

    name: str
    seen: float
    usual: float
    said: str
    people: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ScreeningChart(Caption):
    """Flags by their rule, the most improbable first."""

    rows: tuple[FlagBar, ...]

    def described(self) -> str:
        """The chart in one paragraph, for those who cannot see it."""
        sentences = " ".join(row.sentence for row in self.rows)
        return f"{self.title}. {self.subtitle}. {sentences}".rstrip()

    @property
    def heads(self) -> Heads:
        """What stands over the columns and beneath the scale."""
        seen, expected, scale = (
            say(f"screening.{key}", self.lang) for key in ("seen", "usual", "scale")
        )
        return Heads(seen, expected, scale)


def screening_chart(insights: Insights, tell: Teller) -> ScreeningChart:
    """Flags of the office of the insights: for the office itself, never published."""
    flags = office_flags(insights)
    shown = list(told(flags))
    return ScreeningChart(
        title=_title(len(flags), insights, tell),
        subtitle=place(
            tell.found, insights.office, tell.names, tell.lang, tell.say("screening.subject")
        ),
        footnotes=(
            *(more_sentence(more, tell) for _, more in shown if more),
            *_footnotes(flags, insights, tell),
        ),
        lang=tell.lang,
        rows=tuple(_bar(flag, tell) for found, _ in shown for flag in found),
    )


def _title(flags: int, insights: Insights, tell: Teller) -> str:
    if flags:
        return tell.say("screening.found", k=number(flags, tell.lang))
    whole = set(insights.undated) >= set(insights.period.months)
    nothing = "insight_sections.nothing_apart" if whole else "insight_sections.nothing"
    return tell.say(nothing).rstrip(".")


def _footnotes(flags: Sequence[Flag], insights: Insights, tell: Teller) -> Iterator[str]:
    yield from marked_sentences(insights.marked, tell)
    if insights.undated:
        listed = ", ".join(month_name(month) for month in insights.undated)
        yield tell.say("insight_sections.undated", months=listed)
    if flags:
        yield tell.say("insight_sections.no_blame")
    yield tell.say("insight_sections.risk", risk=risk_of(tell.found.level, tell.lang))
    yield source(tell.found, insights.office, tell.lang)


def _bar(flag: Flag, tell: Teller) -> FlagBar:
    where = flag_place(flag, tell)
    when = f", {flag_day(flag.day)}" if flag.day else ""
    return FlagBar(
        f"{where}{when}: {tell.say(f'screening.reasons.{flag.reason}')}",
        flag.count,
        flag.expected,
        number(flag.count, tell.lang),
        usual(flag, tell.lang),
        flag_sentence(flag, tell),
    )


def _bars(shown: ScreeningChart, axes: Axes, middles: Sequence[float]) -> list[Any]:
    """From what is usual, a tick, to what was seen, a filled dot."""
    from matplotlib.ticker import MaxNLocator

    seen = np.array([row.seen for row in shown.rows])
    expected = np.array([row.usual for row in shown.rows])
    axes.hlines(middles, expected, seen, color=SILENT, lw=1.1, zorder=3)
    ticks = axes.plot(expected, middles, **_USUAL, label=say("screening.usual", shown.lang))
    dots = axes.plot(seen, middles, **_SEEN, label=say("screening.seen", shown.lang))
    end = 1.04 * max(5.0, *seen, *expected)
    axes.set_xlim(0, end)
    at = [one for one in MaxNLocator(5, integer=True).tick_values(0, end) if 0 <= one <= end]
    axes.set_xticks(at, [number(one, shown.lang) for one in at])
    axes.grid(axis="x")
    return [*dots, *ticks]


def draw_screening(sheet: Sheet, shown: ScreeningChart) -> None:
    """The chart on a sheet; without flags its title says so."""
    if shown.rows:
        BarRows(sheet, shown.rows, shown.heads).draw(partial(_bars, shown))


def screening_on_axes(axes: Axes, shown: ScreeningChart) -> None:
    """The chart on axes of somebody else, the first row on top."""
    rows_beside(axes, shown, shown.rows, shown.heads, partial(_bars, shown))
