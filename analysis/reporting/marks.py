"""The marks of rows of shares on axes: dots, intervals, spans, limits and targets.

Owns their shapes, made to be told apart in grey. Places no word and no axes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from analysis.reporting import wording
from analysis.reporting.pictures import Picture, PictureRow
from analysis.reporting.sheet import (
    DOT,
    FAINT_INK,
    INTERVAL,
    SILENT,
    SMALL,
    TARGET,
    explained,
    named,
    titled,
)
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHAPES: Final = {"sector": "o", "group": "s", "total": "D", "general": "^"}
_DASHES: Final[Sequence[Any]] = ("solid", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 1.5, 1, 1.5)))
_SILENT: Final[Mapping[str, Any]] = {
    **{"color": SILENT, "lw": 1.1, "linestyles": (0, (1, 1.6)), "zorder": 2}
}
_BAR: Final[Mapping[str, Any]] = {"color": INTERVAL, "zorder": 3}

Span = tuple[float, float]
"""The first and the last share of an axis, 0..1."""


class Band(NamedTuple):
    """Where the marks of a row are, on the scale downwards of its axes."""

    row: PictureRow
    top: float
    middle: float
    bottom: float


def axis(rows: Sequence[PictureRow]) -> Span:
    """All of the bars are on it, and at least 70% to 100%."""
    seen = [row.low for row in rows if row.low is not None]
    seen += [row.silent[0] for row in rows if row.silent]
    seen += [mark.threshold - 0.1 for row in rows for mark in row.marks]
    lowest = max(min([0.7, *seen]), 0.0)
    step = _step(lowest, 1.0)
    return round(1 - step * math.ceil((1 - lowest) / step - 1e-9), 6), 1.0


def shared(spans: Iterable[Span]) -> Span:
    """One axis on which all of these are."""
    starts, ends = zip(*spans, strict=True)
    return min(starts), max(ends)


def _step(start: float, end: float) -> float:
    return 0.1 if end - start <= 0.6 + 1e-9 else 0.2


def scale(axes: Axes, span: Span, lang: str) -> None:
    """The axis of shares, its grid and its percentages."""
    start, end = span
    step = _step(start, end)
    first = step * math.ceil(start / step - 1e-9)
    shares = first + step * np.arange(math.floor((end - first) / step + 1e-9) + 1)
    axes.set_xlim(start, end)
    axes.set_xticks(shares, [wording.threshold(round(share, 6), lang) for share in shares])
    axes.grid(axis="x", clip_on=False)


class Marks:
    """The marks of a picture on axes whose shares go to the right; `shapes` are for its legend."""

    def __init__(self, axes: Axes, shown: Picture, bands: Sequence[Band], span: Span) -> None:
        self.axes, self.shown, self.bands, self.span = axes, shown, bands, span

    def word(self, key: str, **values: object) -> str:
        return say(f"drawing.words.{key}", self.shown.lang, **values)

    def shapes(self) -> Iterator[Any]:
        """Draw each kind of mark as one artist for all rows, and return those of the legend."""
        yield self._dots()
        axes, bands, level = self.axes, self.bands, self.shown.level
        spans = [(b.middle, b.row.low, b.row.high) for b in bands if b.row.low is not None]
        word = self.word("interval", level=level)
        yield axes.hlines(*self._lines(spans), label=word, lw=5.4, clip_on=False, **_BAR)
        limits = [(limit, b.middle) for b in bands for limit in b.row.decisive or ()]
        limits = [limit for limit in limits if self._on_it(limit[0])]
        if limits:
            word = self.word("limit", level=level)
            look: Any = {"ms": 12, "mew": 1.6, "clip_on": False}
            yield from axes.plot(*table(limits, 2), "|", label=word, **look, **_BAR)
        if self.shown.bounded:
            yield self._silent()
        yield from self._targets()
        if any(self._beyond(-1)) or any(self._beyond(1)):
            yield self._arrows()

    def _on_it(self, share: float | None) -> bool:
        return share is not None and self.span[0] - 1e-9 <= share <= self.span[1] + 1e-9

    def _lines(self, spans: Iterable[tuple[float, float | None, float | None]]) -> Any:
        """Height, left and right of lines, cut where the axis ends."""
        found = table(spans, 3)
        found[1:] = np.clip(found[1:], *self.span)
        return found

    def _dots(self) -> Any:
        """In the shape of their section; the one of a sector is returned."""
        from matplotlib.lines import Line2D

        look: Any = {**DOT, "zorder": 9}
        for section, shape in _SHAPES.items():
            rows = [b for b in self.bands if b.row.section == section]
            dots = [(b.row.share, b.middle) for b in rows if self._on_it(b.row.share)]
            if dots:
                self.axes.plot(*table(dots, 2), shape, clip_on=False, **look)
        return Line2D([], [], ls="", marker=_SHAPES["sector"], label=self.word("share"), **look)

    def _silent(self) -> Any:
        """A dotted hairline without ends: nobody takes it for the interval."""
        spans = ((b.middle, *b.row.silent) for b in self.bands if b.row.silent)
        look: Any = {"label": self.word("silent"), "clip_on": False, **_SILENT}
        return self.axes.hlines(*self._lines(spans), **look)

    def _targets(self) -> Iterator[Any]:
        """Lines at the rows that have one, in dashes that tell the year."""
        marks = [
            (band, mark)
            for band in self.bands
            for mark in band.row.marks
            if self._on_it(mark.threshold)
        ]
        lines = table(((mark.threshold, band.top, band.bottom) for band, mark in marks), 3)
        years = np.array([mark.deadlines[0] for _, mark in marks])
        self.axes.vlines(*lines, color="white", lw=2.7, zorder=4)
        look: Any = {"color": TARGET, "lw": 1.5, "zorder": 5}
        for number, year in enumerate(self.shown.deadlines):
            look |= {"label": self.word("target", year=year)}
            look |= {"linestyles": _DASHES[min(number, len(_DASHES) - 1)]}
            x, top, bottom = lines[:, years == year]
            yield self.axes.vlines(x, top, bottom, **look)

    def _beyond(self, side: int) -> list[float]:
        """Where the rows are whose share is left (-1) or right (1) of the axis."""
        shares = ((b.row.share, b.middle) for b in self.bands)
        edge = self.span[0 if side < 0 else 1]
        return [at for s, at in shares if s is not None and side * (s - edge) > 1e-9]

    def _arrows(self) -> Any:
        """At the end of the axis, for shares that are not on it."""
        from matplotlib.lines import Line2D

        look: Any = {**DOT, "zorder": 9}
        for side, shape in ((-1, "<"), (1, ">")):
            at = self._beyond(side)
            edge = self.span[0 if side < 0 else 1]
            self.axes.plot([edge] * len(at), at, shape, clip_on=False, **look)
        return Line2D([], [], ls="", marker="<", label=self.word("beyond"), **look)


def table(rows: Iterable[Sequence[float | None]], width: int) -> Any:
    """Numbers of rows as columns, also where there is no row; NaN for None."""
    return np.array(list(rows), dtype=float).reshape(-1, width).T


def rows_on_axes(axes: Axes, shown: Picture, span: Span) -> None:
    """The picture on axes of somebody else: row 0 on top, shares to the right.

    Names are ticks, figures stand right of the axes; fonts and sizes are those of the axes.
    """
    bands = [Band(row, n - 0.38, float(n), n + 0.38) for n, row in enumerate(shown.rows)]
    axes.set_ylim(max(len(bands), 1) - 0.5, -0.5)
    titled(axes, shown)
    named(axes, range(len(bands)), [band.row.name for band in bands])
    axes.tick_params("y", left=False)
    scale(axes, span, shown.lang)
    beside: Any = {"transform": axes.get_yaxis_transform(), "va": "center", "parse_math": False}
    for band in bands:
        text = f"{band.row.percent}  {band.row.counts}"
        axes.text(1.02, band.middle, text, **beside)
        if band.row.words:
            look: Any = {"color": FAINT_INK, "fontsize": SMALL}
            axes.text(0.02, band.middle, band.row.words, **beside, **look)
    shapes = list(Marks(axes, shown, bands, span).shapes())
    if bands:
        explained(axes, shapes, 24, most=2)
