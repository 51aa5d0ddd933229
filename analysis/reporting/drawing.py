"""Draws a picture of shares on matplotlib's axes: shares to the right, rows downwards.

Owns sizes, shapes and shades, made to be told apart in grey. Chooses no row and no word of a row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from analysis.reporting import wording
from analysis.reporting.fonts import POINTS, Fonts, baseline, line_height
from analysis.reporting.pictures import Picture, PictureRow, TargetMark
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#1b1f24"
FAINT_INK: Final = "#57606a"
RULE: Final = "#c9ced4"
INTERVAL: Final = "#1d4f91"
SILENT: Final = "#e1e5ea"
SILENT_EDGE: Final = "#98a2ad"
TARGET: Final = "#8a3b00"
LOOK: Final[Mapping[str, Any]] = {
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a name is a "$"
    "axes.edgecolor": FAINT_INK,
    **{f"axes.spines.{side}": False for side in ("left", "top", "right")},
    "axes.axisbelow": True,
    "grid.color": "#e9ebee",
    "xtick.color": FAINT_INK,
    **{"xtick.major.size": 3, "xtick.major.pad": 2.5},
    "ytick.color": INK,
    **{"ytick.left": False, "ytick.major.size": 0},
    "ytick.alignment": "baseline",  # one baseline, whatever letters and marks a name has
    **{"legend.frameon": False, "legend.borderpad": 0, "legend.borderaxespad": 0},
    "legend.handleheight": 1.1,
    "lines.solid_capstyle": "butt",
    "patch.linewidth": 0.7,
}
"""matplotlib's settings while a chart is drawn."""

_TEXT: Final = 9.5  # points
_SMALL: Final = 8.5
_SAMPLE: Final = 2.8 * _SMALL / POINTS  # inches before and between the words of the legend
_GAP: Final = 2 * _SMALL / POINTS
_LINE_GAP: Final = 0.5 * _SMALL / POINTS
_SHAPES: Final = {"sector": "o", "group": "s", "total": "D", "general": "^"}
_BOLD: Final = ("group", "total")
_DASHES: Final[Sequence[Any]] = ("solid", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 1.5, 1, 1.5)))


class PageSize(NamedTuple):
    """A size of paper or screen, in inches; the title in points."""

    width: float
    margin: float
    title: float
    stacked: bool  # names above their bars


PAGE: Final = PageSize(9.0, 0.25, 13, stacked=False)
PHONE: Final = PageSize(3.9, 0.15, 12, stacked=True)


class Band(NamedTuple):
    """Where the bars of a row are, in inches from the top of the page."""

    row: PictureRow
    top: float
    middle: float
    bottom: float


class Drawing:
    """One chart under way: `y` is how many inches down the page it has come.

    The axes are measured so, too; `page` are inches from the left and the top of the page.
    """

    def __init__(self, sheet: PageSize, shown: Picture, fonts: Fonts) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import blended_transform_factory

        self.sheet, self.shown, self.fonts = sheet, shown, fonts
        self.edge = sheet.width - sheet.margin
        self.percent = self.edge - self._widest("counts") - 0.2
        self.left, self.right = self._bars()
        self.y = self.top = sheet.margin
        self.start, self.step = axis(shown.rows)
        self.names: list[tuple[float, str, bool]] = []  # lines, with their baseline and weight
        self.bands: list[Band] = []
        self.figure = Figure(label=f"{shown.title}. {shown.subtitle}")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1), autoscale_on=False)
        self.page = blended_transform_factory(self.figure.dpi_scale_trans, self.axes.transData)

    def _bars(self) -> tuple[float, float]:
        """Left and right of the bars: what the names and figures beside them leave."""
        margin, rows = self.sheet.margin, self.shown.rows
        if self.sheet.stacked:
            return margin + 0.05, self.edge - 0.05
        names = [self.fonts.width(row.name, _TEXT, bold=row.section in _BOLD) for row in rows]
        left = margin + max(names, default=0.0) + 0.2
        return min(left, 2.75), self.percent - self._widest("percent") - 0.2

    def _widest(self, column: str) -> float:
        """The width of a column of figures, its head included."""
        cells = {getattr(row, column) for row in self.shown.rows}
        wide = [self.fonts.width(cell, _TEXT, bold=True) for cell in cells]
        return max([self.fonts.width(self.word(column), _SMALL), *wide])

    def word(self, key: str, **values: object) -> str:
        return say(f"drawing.words.{key}", self.shown.lang, **values)

    def draw(self, *, simulated: bool) -> Figure:
        """Everything from the top to the bottom."""
        self._title(simulated)
        if self.shown.rows:
            self._rows()
            self._axis()
            self._legend()
            for note in self.shown.footnotes:
                self._paragraph(note, _SMALL)
        else:
            self._paragraph(self.word("empty"), _TEXT)
            self.axes.set_axis_off()
            self.axes.set_ylim(self.y, self.top)
        self._fit()
        return self.figure

    def _fit(self) -> None:
        """Give the page its height, and the axes their place on it."""
        width, height = self.sheet.width, self.y + self.sheet.margin
        bottom, top = self.axes.get_ylim()
        self.figure.set_size_inches(width, height)
        size = (self.right - self.left) / width, (bottom - top) / height
        self.axes.set_position((self.left / width, 1 - bottom / height, *size))

    def _text(self, x: float, middle: float, text: str, size: float, **look: Any) -> None:
        """A line of text on the page."""
        look |= {"font": self.fonts.font(size, bold=look.pop("bold", False)), "zorder": 8}
        self.axes.text(x, baseline(middle, size), text, transform=self.page, **look)

    def _paragraph(self, text: str, size: float, *, bold: bool = False, color: str = INK) -> None:
        """Text over the whole width."""
        margin, tall = self.sheet.margin, line_height(size)
        for line in self.fonts.wrap(text, size, self.edge - margin, bold=bold):
            self._text(margin, self.y + tall / 2, line, size, bold=bold, color=color)
            self.y += tall

    def _title(self, simulated: bool) -> None:
        self._paragraph(self.shown.title, self.sheet.title, bold=True)
        self._paragraph(self.shown.subtitle, _TEXT + 0.5, color=FAINT_INK)
        self.y += 0.06
        if simulated:
            left, middle, text = self.sheet.margin, self.y + 0.17, self.word("simulated")
            wide = self.fonts.width(text, _TEXT, bold=True) + 0.24
            look: Any = {"fc": "white", "ec": INK, "transform": self.page, "clip_on": False}
            self.axes.barh(middle, wide, 0.27, left, **look)
            self._text(left + 0.12, middle, text, _TEXT, bold=True)
            self.y += 0.36

    def _rows(self) -> None:
        """Sectors, groups, the total and the agency, each section apart, under the heads."""
        for column, right in (("percent", self.percent), ("counts", self.edge)):
            middle, word = self.y + line_height(_SMALL) / 2, self.word(column)
            self._text(right, middle, word, _SMALL, ha="right", color=FAINT_INK)
        self.y += line_height(_SMALL) * (1.3 if self.sheet.stacked else 0.9)
        self.top, rules = self.y, []
        for number, (_, section) in enumerate(groupby(self.shown.rows, lambda row: row.section)):
            if number:
                rules.append(self.y + 0.07)
                self.y += 0.12
            for _, block in groupby(section, lambda row: row.marks):
                for place, row in enumerate(block):
                    self._row(row, leads=place == 0)
        look: Any = {"color": RULE, "lw": 0.8, "transform": self.page, "clip_on": False}
        self.axes.hlines(rules, self.sheet.margin, self.edge, **look)

    def _row(self, row: PictureRow, *, leads: bool) -> None:
        """A row; the one that leads a block has the words of its targets above its bars."""
        stacked, bold = self.sheet.stacked, row.section in _BOLD
        room = (self.percent - 0.6 if stacked else self.left - 0.15) - self.sheet.margin
        lines = self.fonts.wrap(row.name, _TEXT, room, bold=bold)
        tall = line_height(_TEXT) * len(lines)
        if stacked:
            self._name(row, lines, self.y + tall / 2)
            self.y += tall
        if leads:
            self._labels(row.marks)
        height = 0.3 if stacked else max(0.34, tall + 0.08)
        band = Band(row, self.y, self.y + height / 2, self.y + height)
        if not stacked:
            self._name(row, lines, band.middle)
        if row.words:
            clear = {"color": "white", "pad": 2}
            look = {"color": FAINT_INK, "bbox": clear}
            self._text(self.left + 0.1, band.middle, row.words, _SMALL, **look)
        self.bands.append(band)
        self.y = band.bottom

    def _name(self, row: PictureRow, lines: Sequence[str], middle: float) -> None:
        """The name in its lines, and the figures beside them."""
        bold, tall = row.section in _BOLD, line_height(_TEXT)
        for number, line in enumerate(lines, start=1):
            at = middle + (number - (len(lines) + 1) / 2) * tall
            self.names.append((baseline(at, _TEXT), line, bold))
        for text, right in ((row.percent, self.percent), (row.counts, self.edge)):
            self._text(right, middle, text, _TEXT, bold=bold, ha="right")

    def _labels(self, marks: tuple[TargetMark, ...]) -> None:
        """The targets of a block above it, from the right, each as near its line as there is room.

        Rows without a target of their own show none: a line would read as if they had one.
        """
        if not marks:
            self.y += 0 if self.sheet.stacked else 0.06
            return
        limit, middle = self.edge, self.y + line_height(_SMALL) / 2 + 0.03
        for number, mark in enumerate(reversed(marks)):
            wide = self.fonts.width(mark.text, _SMALL)
            part = (mark.threshold - self.start) / (1 - self.start)
            at = self.left + part * (self.right - self.left)
            wanted = at - 0.03 if number == 0 and len(marks) > 1 else at - wide + 0.03
            left = max(min(wanted, limit - wide), self.sheet.margin)
            self._text(left, middle, mark.text, _SMALL, color=TARGET)
            limit = left - 0.1
        self.y += line_height(_SMALL) + 0.05

    def _axis(self) -> None:
        """The scale and its grid, none of it behind words; names are the ticks downwards."""
        axes, names = self.axes, self.names
        self.y += 0.04
        axes.set(xlim=(self.start, 1), ylim=(self.y, self.top))
        axes.grid(axis="x", clip_on=False)
        edges = [self.top, *chain.from_iterable((b.top, b.bottom) for b in self.bands)]
        words = np.reshape(edges[:-1], (-1, 2))
        clear: Any = {"lw": np.diff(words).ravel() * POINTS, "capstyle": "projecting"}
        clear |= {"color": "white", "zorder": 0.6, "clip_on": False}
        axes.hlines(words.mean(axis=1), self.start, 1, **clear)
        shares = np.linspace(self.start, 1, round((1 - self.start) / self.step) + 1)
        axes.set_xticks(
            shares, [wording.threshold(round(share, 6), self.shown.lang) for share in shares]
        )
        axes.set_yticks([at for at, _, _ in names], [line for _, line, _ in names])
        for label in axes.get_xticklabels():
            label.set(font=self.fonts.font(_SMALL), in_layout=False)
        axes.yaxis.set_zorder(8)
        axes.tick_params("y", pad=(self.left - self.sheet.margin) * POINTS)
        for label, (_, _, bold) in zip(axes.get_yticklabels(), names, strict=True):
            label.set(font=self.fonts.font(_TEXT, bold=bold), ha="left", in_layout=False)
        self.y += 0.12 + line_height(_SMALL)

    def _legend(self) -> None:
        """What each shape means, in as few lines as there is room for."""
        shapes = list(self._shapes())
        columns = self._columns([str(shape.get_label()) for shape in shapes])
        self.y += 0.03
        self.axes.legend(
            handles=shapes,
            loc="upper left",
            bbox_to_anchor=(self.sheet.margin, self.y),
            bbox_transform=self.page,
            prop=self.fonts.font(_SMALL),
            ncols=columns,
        )
        lines = math.ceil(len(shapes) / columns)
        self.y += lines * (self.fonts.height(_SMALL) + _LINE_GAP) + 0.04

    def _columns(self, texts: Sequence[str]) -> int:
        wide = [self.fonts.width(text, _SMALL) + _SAMPLE + _GAP for text in texts]
        for lines in range(1, len(texts)):
            columns = np.array_split(wide, math.ceil(len(texts) / lines))
            if sum(max(column) for column in columns) <= self.edge - self.sheet.margin + _GAP:
                return len(columns)
        return 1

    def _shapes(self) -> Iterator[Any]:
        """Each kind of shape as one artist, for all rows."""
        from matplotlib.collections import PolyCollection

        yield self._dots()
        axes, bands, level = self.axes, self.bands, self.shown.level
        spans = ((b.middle, b.row.low, b.row.high) for b in bands if b.row.low is not None)
        look: Any = {"color": INTERVAL, "zorder": 3, "clip_on": False}
        word = self.word("interval", level=level)
        yield axes.hlines(*_table(spans, 3), label=word, lw=5.4, **look)
        limits = [(limit, b.middle) for b in bands for limit in b.row.decisive or ()]
        if limits:
            word = self.word("limit", level=level)
            yield from axes.plot(*_table(limits, 2), "|", label=word, ms=12, mew=1.6, **look)
        if self.shown.bounded:
            bounds = [_box(*b.row.silent, b.middle, 0.2) for b in bands if b.row.silent]
            look = {"fc": SILENT, "ec": SILENT_EDGE, "label": self.word("silent"), "clip_on": False}
            yield axes.add_collection(PolyCollection(bounds, **look), autolim=False)
        yield from self._targets()

    def _dots(self) -> Any:
        """White with a dark rim, in the shape of their section; the one of a sector is returned."""
        from matplotlib.lines import Line2D

        look: Any = {"ms": 7, "mfc": "white", "mec": INK, "mew": 1.6, "zorder": 9}
        for section, shape in _SHAPES.items():
            dots = [(b.row.share, b.middle) for b in self.bands if b.row.section == section]
            if dots:
                self.axes.plot(*_table(dots, 2), shape, clip_on=False, **look)
        return Line2D([], [], ls="", marker=_SHAPES["sector"], label=self.word("share"), **look)

    def _targets(self) -> Iterator[Any]:
        """Lines at the rows that have one, in dashes that tell the year."""
        marks = [(band, mark) for band in self.bands for mark in band.row.marks]
        lines = _table(((mark.threshold, band.top, band.bottom) for band, mark in marks), 3)
        years = np.array([mark.deadlines[0] for _, mark in marks])
        self.axes.vlines(*lines, color="white", lw=2.7, zorder=4)
        look: Any = {"color": TARGET, "lw": 1.5, "zorder": 5}
        for number, year in enumerate(self.shown.deadlines):
            look |= {"label": self.word("target", year=year)}
            look |= {"linestyles": _DASHES[min(number, len(_DASHES) - 1)]}
            x, top, bottom = lines[:, years == year]
            yield self.axes.vlines(x, top, bottom, **look)


def _table(rows: Iterable[Sequence[float | None]], width: int) -> Any:
    """Numbers of rows as columns, also where there is no row; NaN for None."""
    return np.array(list(rows), dtype=float).reshape(-1, width).T


def _box(left: float, right: float, middle: float, height: float) -> Any:
    bottom, top = middle + height / 2, middle - height / 2
    return (left, bottom), (right, bottom), (right, top), (left, top)


def axis(rows: Sequence[PictureRow]) -> tuple[float, float]:
    """Where the axis starts and its steps: all of the bars are on it, and at least 70% to 100%."""
    seen = [row.low for row in rows if row.low is not None]
    seen += [row.silent[0] for row in rows if row.silent]
    seen += [mark.threshold - 0.1 for row in rows for mark in row.marks]
    lowest = min([0.7, *seen])
    step = 0.1 if lowest >= 0.4 else 0.2
    return 1 - step * math.ceil((1 - max(lowest, 0)) / step - 1e-9), step
