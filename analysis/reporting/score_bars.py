"""The steps of the scale as stacked bars around their middle: who is dissatisfied stands left.

Owns which rows are bars, their words, and how they are drawn. Counts come in with the rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis.document import Document
from analysis.reporting import wording
from analysis.reporting.captions import Caption, place, source
from analysis.reporting.fonts import line_height
from analysis.reporting.sheet import (
    FAINT_INK,
    INK,
    RULE,
    SMALL,
    TEXT,
    Sheet,
    explained,
    named,
    titled,
)
from analysis.reporting.wording import Names, sector_name, targets_of
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS: Final = 5
FILLS: Final[tuple[tuple[str, str], ...]] = (
    ("#8a4510", "xxxx"),
    ("#e0b184", "////"),
    ("#eef0f2", ""),
    ("#9dbada", ""),
    ("#1d4f91", ""),
)
"""The shade of each step, orange-brown to blue, and hatches on those below the middle:
in grey, too, the two ends are told apart."""


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """A row: how many people gave each score, 1 to 5. `words` stand where a bar would say more."""

    name: str
    counts: tuple[int, ...]
    left: str
    right: str
    people: str
    words: str | None

    @property
    def parts(self) -> Any:
        """The part of each score, 0..1."""
        return np.array(self.counts) / max(1, sum(self.counts))


@dataclass(frozen=True, slots=True)
class ScoreBars(Caption):
    """Bars, and what each score is called."""

    labels: tuple[str, ...]
    rows: tuple[ScoreBar, ...]

    def described(self) -> str:
        """The bars in one paragraph, for those who cannot see them."""
        return f"{self.title}. {self.subtitle}. " + " ".join(
            f"{row.name} ({row.people}): {row.words or self._scores(row)}." for row in self.rows
        )

    def _scores(self, row: ScoreBar) -> str:
        n = sum(row.counts)
        parts = zip(self.labels, row.parts, strict=True)
        return ", ".join(f"{label} {wording.percent(p, n, self.lang)}" for label, p in parts)

    @property
    def drawn(self) -> list[ScoreBar]:
        return [row for row in self.rows if row.words is None]


def score_bars(
    found: Document,
    counts: Mapping[str, Sequence[int]],
    labels: Sequence[str],
    *,
    office: str = ALL,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> ScoreBars:
    """`counts`: sector -> people who gave the scores 1 to 5; `labels`: what these are called.

    Sectors in the order of `counts`.
    """
    names, targets = names or {}, targets_of(found, targets)
    rows = [
        _bar(sector_name(sector, targets, names, lang), tuple(given), lang)
        for sector, given in counts.items()
        if sum(given)
    ]
    total = np.array([row.counts for row in rows]).reshape(-1, STEPS).sum(axis=0)
    return ScoreBars(
        title=_title(total.tolist(), lang),
        subtitle=place(found, office, names, lang, say("scores.subject", lang)),
        footnotes=(say("scores.counted", lang), source(found, office, lang)),
        lang=lang,
        labels=tuple(labels),
        rows=tuple(rows),
    )


def _bar(name: str, counts: tuple[int, ...], lang: str) -> ScoreBar:
    n, satisfied = sum(counts), sum(counts[3:])
    few = n < wording.COUNTS_ONLY_BELOW
    told = {"satisfied": number(satisfied, lang), "answered": number(n, lang)}
    return ScoreBar(
        name=name,
        counts=counts,
        left=wording.percent(sum(counts[:2]) / n, n, lang),
        right=wording.percent(satisfied / n, n, lang),
        people=wording.answers(n, lang),
        words=say("wording.few_satisfied", lang, found=say("wording.few", lang, **told))
        if few
        else None,
    )


def _title(total: Sequence[int], lang: str) -> str:
    n = sum(total)
    if n < wording.COUNTS_ONLY_BELOW:
        return say("scores.title", lang)
    parts = {
        "n": wording.answers(n, lang),
        "best": wording.percent(total[-1] / n, n, lang),
        "low": wording.percent(sum(total[:2]) / n, n, lang),
    }
    return say("scores.found", lang, **parts)


def bars_on(axes: Axes, shown: ScoreBars, middles: Sequence[float], height: float) -> list[Any]:
    """Each step as one artist for all rows, the middle one across 0; returned for the legend.

    `middles`: where the rows of `shown.drawn` are on the scale downwards.
    """
    parts = np.array([row.parts for row in shown.drawn]).reshape(-1, STEPS)
    starts = (
        np.cumsum(parts, axis=1) - parts - (parts[:, :2].sum(axis=1) + parts[:, 2] / 2)[:, None]
    )
    artists = []
    for step, (fill, hatch) in enumerate(FILLS):
        look: Any = {"fc": fill, "ec": "white", "hatch": hatch, "lw": 0.6}
        bars = axes.barh(middles, parts[:, step], height, starts[:, step], **look)
        bars.set_label(shown.labels[step])
        artists.append(bars)
    left, right = _ends(starts, parts)
    axes.set_xlim(-left, right)
    apart = 0.2 if left + right < 1.3 else 0.5  # so that no percentage covers the next
    first, last = -math.floor(left / apart + 1e-9), math.floor(right / apart + 1e-9)
    ticks = [n * apart for n in range(first, last + 1)]
    texts = [wording.threshold(round(abs(tick), 6), shown.lang) for tick in ticks]
    axes.set_xticks(ticks, texts)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.axvline(0, color=INK, lw=0.9, zorder=3)
    return artists


def _ends(starts: Any, parts: Any) -> tuple[float, float]:
    """How far the bars go left and right of the middle, in fifths."""
    left, right = -starts[:, 0], starts[:, -1] + parts[:, -1]
    return _fifths(max([0.2, *left])), _fifths(max([0.2, *right]))


def _fifths(end: float) -> float:
    return 0.2 * math.ceil(end / 0.2 - 1e-9)


def draw_scores(sheet: Sheet, shown: ScoreBars) -> None:
    """The bars on a sheet, those satisfied and dissatisfied in numbers beside them."""
    if not shown.rows:
        sheet.empty()
        return
    _ScoreDrawing(sheet, shown).draw()


class _ScoreDrawing:
    def __init__(self, sheet: Sheet, shown: ScoreBars) -> None:
        self.sheet, self.shown, self.fonts = sheet, shown, sheet.fonts
        self.stacked = sheet.size.stacked
        rows = shown.rows
        widest = {
            key: max(self.fonts.width(getattr(row, key), TEXT) for row in rows)
            for key in ("name", "left", "right", "people")
        }
        self.people = sheet.right
        heads = [self.fonts.width(say(f"scores.{side}", shown.lang), SMALL) for side in _SIDES]
        self.right = sheet.right - widest["people"] - 0.2
        self.bars_right = self.right - max(widest["right"], heads[1]) - 0.15
        named = min(widest["name"] + 0.15, 2.3)
        self.low = sheet.left + named + max(widest["left"], heads[0])
        self.bars_left = self.low + 0.15
        self.room = named - 0.12
        if self.stacked:
            self.right = sheet.right - 0.02
            self.low = sheet.left + max(widest["left"], heads[0])
            self.bars_left, self.bars_right = sheet.left + 0.05, sheet.right - 0.05
            self.room = sheet.right - sheet.left - widest["people"] - 0.2

    def draw(self) -> None:
        sheet, shown = self.sheet, self.shown
        self._heads()
        top, middles = sheet.y, []
        for row in shown.rows:
            middle = self._row(row)
            if row.words is None:
                middles.append(middle)
        bottom = sheet.y + 0.05
        if shown.drawn:
            axes = sheet.axes(self.bars_left, self.bars_right, top, bottom)
            axes.set_ylim(bottom, top)
            shapes = bars_on(axes, shown, middles, 0.2)
            axes.set_yticks([])
            for label in axes.get_xticklabels():
                label.set(font=self.fonts.font(SMALL))
            sheet.y = bottom + 0.14 + line_height(SMALL)
            sheet.legend(shapes)
        sheet.y += 0.04

    def _heads(self) -> None:
        sheet, lang = self.sheet, self.shown.lang
        middle = sheet.y + line_height(SMALL) / 2
        for side, at in zip(_SIDES, (self.low, self.right), strict=True):
            align = "left" if self.stacked and side == "low" else "right"
            x = sheet.left if align == "left" else at
            look: Any = {"ha": align, "color": FAINT_INK}
            sheet.text(x, middle, say(f"scores.{side}", lang), SMALL, **look)
        sheet.y += line_height(SMALL) + 0.04

    def _row(self, row: ScoreBar) -> float:
        """Names and figures of a row; where its bar is."""
        sheet, each = self.sheet, line_height(TEXT)
        lines = self.fonts.wrap(row.name, TEXT, self.room)
        tall = each * len(lines)
        height = tall + each + 0.32 if self.stacked else max(0.34, tall + 0.08)
        middle = sheet.y + (tall / 2 if self.stacked else height / 2)
        clear: Any = {"bbox": {"color": "white", "pad": 1}} if self.stacked else {}
        for n, line in enumerate(lines):
            sheet.text(sheet.left, middle + (n - (len(lines) - 1) / 2) * each, line, TEXT, **clear)
        sheet.text(self.people, middle, row.people, TEXT, ha="right", color=FAINT_INK)
        beside = sheet.y + tall + each / 2 if self.stacked else middle
        bar = beside + each / 2 + 0.12 if self.stacked else middle
        if row.words is not None:
            look: Any = {"color": FAINT_INK, "bbox": {"color": "white", "pad": 1}}
            sheet.text(self.bars_left + 0.05, bar, row.words, SMALL, **look)  # over the middle
        else:
            low, align = (sheet.left, "left") if self.stacked else (self.low, "right")
            sheet.text(low, beside, row.left, TEXT, ha=align)
            sheet.text(self.right, beside, row.right, TEXT, ha="right")
        sheet.y += height
        return bar


_SIDES: Final = ("low", "high")


def scores_on_axes(axes: Axes, shown: ScoreBars) -> None:
    """The bars on axes of somebody else, the first row on top; fonts are those of the axes."""
    titled(axes, shown)
    middles = [float(n) for n, row in enumerate(shown.rows) if row.words is None]
    axes.set_ylim(max(len(shown.rows), 1) - 0.5, -0.5)
    shapes = bars_on(axes, shown, middles, 0.6)
    names = [f"{row.name} ({row.people})" for row in shown.rows]
    named(axes, range(len(names)), names)
    for at, row in enumerate(shown.rows):
        if row.words is not None:
            axes.text(0.01, at, row.words, va="center", color=FAINT_INK)
    axes.tick_params("y", left=False)
    axes.spines[:].set_color(RULE)
    explained(axes, shapes, 24)
