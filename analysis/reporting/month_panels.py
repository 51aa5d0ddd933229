"""Twelve months of every sector as small panels, months left to right, with their control limits.

Owns which panels there are, their words, and how they are drawn, all on one scale. Shares, limits
and signals come in with the rows of a trend.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis.document import Document
from analysis.insights.trend import Dispersion
from analysis.period import month_name
from analysis.reporting import wording
from analysis.reporting.captions import Caption, place
from analysis.reporting.fonts import line_height
from analysis.reporting.section import risk_of
from analysis.reporting.sheet import (
    BAND,
    DOT,
    FAINT_INK,
    INK,
    INTERVAL,
    SMALL,
    TEXT,
    Sheet,
    explained,
    titled,
)
from analysis.reporting.wording import Names, section_of, sector_name, targets_of
from analysis.statistics.comparisons import Signal
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from analysis.trends import TrendRow

_ACROSS: Final = 3
_TALL: Final = 1.15
_TOLD: Final = ("higher", "lower")
_SHAPES: Final = {"higher": "^", "lower": "v"}
_FEW: Final[Any] = {"ls": "", "marker": "x", "ms": 4, "mew": 1, "color": FAINT_INK, "zorder": 4}


@dataclass(frozen=True, slots=True)
class PanelMonth:
    """A month: share, its limits and the usual limits, each 0..1; None: there is none.

    A month with fewer answers than a percentage can bear has none of them: it is `few`.
    """

    month: str
    share: float | None
    low: float | None
    high: float | None
    expected: float | None
    usual_low: float | None
    usual_high: float | None
    signal: Signal
    said: str
    few: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """A sector: its months in order, and how many people answered in them."""

    name: str
    people: str
    months: tuple[PanelMonth, ...]


@dataclass(frozen=True, slots=True)
class MonthPanels(Caption):
    """Panels on one scale."""

    level: str
    panels: tuple[Panel, ...]

    def described(self) -> str:
        """The panels in one paragraph, for those who cannot see them."""
        parts = [f"{self.title}. {self.subtitle}."]
        for panel in self.panels:
            months = "; ".join(f"{one.month}: {one.said}" for one in panel.months)
            parts.append(f"{panel.name} ({panel.people}): {months}.")
        return " ".join(parts)


def month_panels(
    found: Document,
    rows: Sequence[TrendRow],
    *,
    dispersion: Dispersion = "binomial",
    sector: str | None = None,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> MonthPanels:
    """`rows` of one trend; `sector`: one of them alone."""
    names, targets = names or {}, targets_of(found, targets)
    singles = {row.sector for row in rows if section_of(row.sector) == "sector"}
    alone = singles if len(singles) == 1 else None  # groups and totals of one sector repeat it
    wanted = alone if sector is None else {sector}
    chosen = [row for row in rows if wanted is None or row.sector in wanted]
    by_sector: dict[str, list[TrendRow]] = {}
    for row in chosen:
        by_sector.setdefault(row.sector, []).append(row)
    titled = {key: sector_name(key, targets, names, lang) for key in by_sector}
    office = chosen[0].office if chosen else ALL
    risk, basis = risk_of(found.level, lang), f"comparison_tables.trend_basis.{dispersion}"
    return MonthPanels(
        title=_title(chosen, titled, lang),
        subtitle=place(found, office, names, lang, say("panels.subject", lang)),
        footnotes=(say(basis, lang, risk=risk), _source(found, chosen, lang)),
        lang=lang,
        level=wording.threshold(found.level, lang),
        panels=tuple(
            Panel(
                titled[key],
                _people(months, lang),
                tuple(_month(row, lang) for row in months),
            )
            for key, months in by_sector.items()
        ),
    )


def _people(months: Sequence[TrendRow], lang: str) -> str:
    n = sum(row.n for row in months)
    return say("panels.people", lang, n=wording.answers(n, lang), k=number(len(months), lang))


def _source(found: Document, rows: Sequence[TrendRow], lang: str) -> str:
    """Of the total, of the only sector where one was chosen: no answer is counted twice."""
    whole = ALL if any(row.sector == ALL for row in rows) else rows[0].sector if rows else ALL
    basis = _people([row for row in rows if row.sector == whole], lang) + "."
    view = say(f"captions.views.{found.view}", lang)
    return say("captions.source", lang, basis=basis, view=view)


def _title(rows: Sequence[TrendRow], titled: dict[str, str], lang: str) -> str:
    told = [row for row in rows if row.signal in _TOLD]
    if not rows or all(row.signal == "unknown" for row in rows):
        return say("panels.nothing", lang)
    if not told:
        return say("panels.none", lang)
    listed = ", ".join(
        say(f"panels.{row.signal}", lang, sector=titled[row.sector], month=month_name(row.month))
        for row in told[:3]
    )
    more = say("panels.more", lang, k=number(len(told) - 3, lang)) if len(told) > 3 else ""
    listed = " ".join(filter(None, (listed, more)))
    return say("panels.found", lang, k=number(len(told), lang), listed=listed)


def _month(row: TrendRow, lang: str) -> PanelMonth:
    name = month_name(row.month)
    few = row.n < wording.COUNTS_ONLY_BELOW
    if few or row.share is None:
        counts = {"satisfied": number(row.satisfied, lang), "n": number(row.n, lang)}
        said = say("comparison_tables.of", lang, **counts) if row.n else _none(lang)
        return PanelMonth(name, None, None, None, None, None, None, "unknown", said, bool(row.n))
    between = wording.interval_phrase(row.low, row.high, row.n, lang)
    said = f"{wording.percent(row.share, row.n, lang)} ({between})"
    if row.signal in _TOLD:
        said += f", {say(f'comparison_tables.trend_signals.{row.signal}', lang)}"
    expected = None if row.expected is None else row.expected / row.n
    usual = (row.usual_low, row.usual_high)
    return PanelMonth(
        name, row.share, row.low, row.high, expected, *usual, row.signal, said, few=False
    )


def _none(lang: str) -> str:
    return say("wording.no_answers", lang)


def panel_on(axes: Axes, panel: Panel) -> None:
    """A sector's months on axes: the first at 0, shares upwards."""
    from matplotlib.collections import PolyCollection

    months = panel.months
    at = np.arange(len(months))
    values = {
        key: np.array([getattr(one, key) for one in months], dtype=float)
        for key in ("share", "low", "high", "expected", "usual_low", "usual_high")
    }
    usual = np.isfinite(values["usual_low"])
    boxes = [
        [(n - 0.5, low), (n + 0.5, low), (n + 0.5, high), (n - 0.5, high)]
        for n, low, high in zip(
            at[usual], values["usual_low"][usual], values["usual_high"][usual], strict=True
        )
    ]
    axes.add_collection(PolyCollection(boxes, fc=BAND, ec="none", zorder=1), autolim=False)
    axes.hlines(values["expected"], at - 0.5, at + 0.5, color=FAINT_INK, lw=0.9, ls=":", zorder=2)
    axes.vlines(at, values["low"], values["high"], color=INTERVAL, lw=1.6, zorder=3)
    axes.plot(at, values["share"], color=INTERVAL, lw=0.8, zorder=3)
    few = np.array([one.few for one in months], dtype=bool)
    low = axes.get_xaxis_transform()
    axes.plot(at[few], np.full(few.sum(), 0.08), transform=low, **_FEW)
    for signal, style in _styles():
        chosen = np.array([_kind(one.signal) == signal for one in months], dtype=bool)
        axes.plot(at[chosen], values["share"][chosen], ls="", clip_on=False, **style)
    axes.set_xlim(-0.6, len(months) - 0.4)


def _kind(signal: Signal) -> str:
    return signal if signal in _TOLD else "none"


def _styles() -> Iterator[tuple[str, dict[str, Any]]]:
    """How a month is marked: filled arrows where it is beyond its limits."""
    yield "none", {**DOT, "marker": "o", "ms": 4.5, "mew": 1.2, "zorder": 5}
    for signal, shape in _SHAPES.items():
        yield signal, {**DOT, "marker": shape, "ms": 8, "mfc": INK, "zorder": 6}


def _scale(axes: Axes, shown: MonthPanels, panel: Panel, span: tuple[float, float]) -> None:
    low, high = span
    axes.set_ylim(low, high + 0.02)
    step = 0.1 if high - low <= 0.31 else 0.2
    up = high - step * np.arange(math.floor((high - low) / step + 1e-9) + 1)[::-1]
    axes.set_yticks(up, [wording.threshold(round(y, 6), shown.lang) for y in up])
    axes.grid(axis="y")
    last = len(panel.months) - 1
    ticks = sorted({0, last // 2, last})
    axes.set_xticks(ticks, [panel.months[n].month for n in ticks])


def span_of(panels: Sequence[Panel]) -> tuple[float, float]:
    """One scale for all: everything drawn, and at least 70% to 100%."""
    lows = [
        value
        for panel in panels
        for one in panel.months
        for value in (one.low, one.usual_low)
        if value is not None
    ]
    return math.floor(10 * min([0.7, *lows]) + 1e-9) / 10, 1.0


def legend_of(shown: MonthPanels) -> list[Any]:
    """What each mark means; only those that are there."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    months = [one for panel in shown.panels for one in panel.months]
    label: Any = {
        key: say(f"panels.marks.{key}", shown.lang, level=shown.level)
        for key in ("share", "interval", "usual", "expected", "higher", "lower")
    }
    styles = dict(_styles())
    shapes: list[Any] = [
        Line2D([], [], ls="", label=label["share"], **styles["none"]),
        Line2D([], [], color=INTERVAL, lw=1.6, label=label["interval"]),
    ]
    if any(one.usual_low is not None for one in months):
        shapes.append(Patch(fc=BAND, ec="none", label=label["usual"]))
    if any(one.expected is not None for one in months):
        shapes.append(Line2D([], [], color=FAINT_INK, lw=0.9, ls=":", label=label["expected"]))
    told = [signal for signal in _TOLD if any(one.signal == signal for one in months)]
    arrows = (Line2D([], [], ls="", label=label[signal], **styles[signal]) for signal in told)
    few = say("panels.marks.few", shown.lang, n=wording.COUNTS_ONLY_BELOW)
    crosses = [Line2D([], [], label=few, **_FEW)] if any(one.few for one in months) else []
    return [*shapes, *arrows, *crosses]


def draw_panels(sheet: Sheet, shown: MonthPanels) -> None:
    """The panels on a sheet, three beside each other; on a phone one under the other."""
    if not shown.panels:
        sheet.empty()
        return
    across = 1 if sheet.size.stacked else min(_ACROSS, len(shown.panels))
    gap, label = 0.22, 0.48
    wide = (sheet.right - sheet.left - gap * (across - 1)) / across
    span, each = span_of(shown.panels), line_height(TEXT)
    for start in range(0, len(shown.panels), across):
        line = shown.panels[start : start + across]
        wrapped = [_heading(sheet, panel, wide) for panel in line]
        lead = each * max(map(len, wrapped)) + 0.06
        for place_, (panel, lines) in enumerate(zip(line, wrapped, strict=True)):
            left = sheet.left + place_ * (wide + gap)
            for n, words in enumerate(lines):
                sheet.text(left, sheet.y + (n + 0.5) * each, words, TEXT, bold=n < len(lines) - 1)
            top = sheet.y + lead
            axes = sheet.axes(left + label, left + wide, top, top + _TALL)
            panel_on(axes, panel)
            _scale(axes, shown, panel, span)
            for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
                text.set(font=sheet.fonts.font(SMALL - 1))
            axes.tick_params("y", labelcolor=FAINT_INK)
            for text in axes.get_yticklabels():
                text.set(va="center")
        sheet.y += lead + _TALL + 0.34
    sheet.legend(legend_of(shown))


def _heading(sheet: Sheet, panel: Panel, room: float) -> list[str]:
    """The name in its lines, then how many answered."""
    return [*sheet.fonts.wrap(panel.name, TEXT, room, bold=True), panel.people]


def panels_on_axes(axes: Axes, shown: MonthPanels) -> None:
    """One panel on axes of somebody else; ValueError where there are several."""
    if len(shown.panels) != 1:
        raise ValueError("one axes holds the months of one sector; give sector=")
    (panel,) = shown.panels
    titled(axes, shown)
    panel_on(axes, panel)
    _scale(axes, shown, panel, span_of(shown.panels))
    explained(axes, legend_of(shown), 36, most=2)
