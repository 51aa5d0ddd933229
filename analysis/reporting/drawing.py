"""Draws a picture of shares on a page measured in inches: title, rows, axis, legend.

Owns sizes, shapes and shades, made to be told apart in grey, as matplotlib artists. Chooses no row
and no word of a row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from analysis.reporting import wording
from analysis.reporting.pictures import Mark, Picture, PictureRow
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Align = Literal["left", "center", "right"]

INK: Final = "#1b1f24"
FAINT_INK: Final = "#57606a"
RULE: Final = "#c9ced4"
GRID: Final = "#e9ebee"

_POINTS: Final = 72
_RISE: Final = 0.35  # of the size: from the baseline to the middle of the letters
_LINE_SPACING: Final = 1.35  # stacked Vietnamese diacritics need the room


def line_height(size: float) -> float:
    """Inches from one line of text to the next, `size` in points."""
    return size * _LINE_SPACING / _POINTS


@dataclass(frozen=True, slots=True)
class Fonts:
    """A regular and a bold TrueType file."""

    regular: Path
    bold: Path

    @classmethod
    def of(cls, files: Sequence[str | Path]) -> Fonts:
        """These files, one of them serving as both; matplotlib's own DejaVu Sans without any."""
        if files:
            return cls(Path(files[0]), Path(files[-1]))
        from matplotlib import get_data_path

        folder = Path(get_data_path()) / "fonts" / "ttf"
        return cls(folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf")


class Canvas:
    """Artists placed in inches, x to the right and y down; the height is known at the end."""

    def __init__(self, fonts: Fonts, width: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.width = width
        self._fonts = fonts
        self._figure = Figure(figsize=(width, width), facecolor="white")
        FigureCanvasAgg(self._figure)
        self._flip = Affine2D()
        self._inches = self._flip + self._figure.dpi_scale_trans

    def figure(self, height: float, label: str) -> Figure:
        """The finished page."""
        self._figure.set_size_inches(self.width, height)
        self._flip.scale(1, -1).translate(0, height)
        self._figure.set_label(label)
        return self._figure

    def _font(self, size: float, *, bold: bool) -> Any:
        from matplotlib.font_manager import FontProperties

        # The file is what PNG and PDF draw and what every width is measured by; the weight is what
        # an SVG asks of the reader's own fonts.
        file, weight = (self._fonts.bold, "bold") if bold else (self._fonts.regular, "normal")
        return FontProperties(fname=file, size=size, weight=weight)

    def measure(self, text: str, size: float, *, bold: bool = False) -> float:
        """The room that a line of text needs, in its own fonts or in those of an SVG's reader."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import text_to_path

        files = {fonts.bold if bold else fonts.regular for fonts in (self._fonts, Fonts.of(()))}
        properties = (FontProperties(fname=file, size=size) for file in files)
        widths = (
            text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
            for font in properties
        )
        return float(max(widths)) / _POINTS

    def wrap(self, text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
        """The lines of a text that is not to be wider; a longer word stays whole."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.measure(longer, size, bold=bold) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines or [""]

    def text(
        self,
        place: tuple[float, float],
        text: str,
        size: float,
        *,
        bold: bool = False,
        align: Align = "left",
        ink: str = INK,
    ) -> None:
        """A line of text whose middle is at this height."""
        self._figure.text(
            place[0],
            place[1] + _RISE * size / _POINTS,
            text,
            transform=self._inches,
            fontproperties=self._font(size, bold=bold),
            ha=align,
            va="baseline",  # one baseline, whatever letters and marks a text has
            color=ink,
            zorder=8,
            parse_math=False,  # a "$" in a name is a "$"
        )

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        ink: str = RULE,
        width: float = 0.8,
        dashes: Any = "solid",
        above: int = 0,
    ) -> None:
        """A straight line, `width` in points."""
        from matplotlib.lines import Line2D

        artist = Line2D(
            (start[0], end[0]),
            (start[1], end[1]),
            transform=self._inches,
            color=ink,
            linewidth=width,
            linestyle=dashes,
            solid_capstyle="butt",
            zorder=1 + above,
        )
        self._figure.add_artist(artist)

    def box(
        self,
        left: tuple[float, float],
        right: float,
        height: float,
        *,
        fill: str,
        edge: str | None = None,
        above: int = 0,
    ) -> None:
        """A bar from the middle of its left side to `right`."""
        from matplotlib.patches import Rectangle

        artist = Rectangle(
            (left[0], left[1] - height / 2),
            right - left[0],
            height,
            transform=self._inches,
            facecolor=fill,
            edgecolor=edge or "none",
            linewidth=0.7 if edge else 0,
            zorder=1 + above,
        )
        self._figure.add_artist(artist)

    def marker(self, place: tuple[float, float], shape: str, size: float) -> None:
        """A white marker with a dark rim: seen on light and on dark."""
        from matplotlib.lines import Line2D

        artist = Line2D(
            [place[0]],
            [place[1]],
            transform=self._inches,
            linestyle="none",
            marker=shape,
            markersize=size,
            markerfacecolor="white",
            markeredgecolor=INK,
            markeredgewidth=1.6,
            zorder=9,
        )
        self._figure.add_artist(artist)


INTERVAL: Final = "#1d4f91"
SILENT: Final = "#e1e5ea"
SILENT_EDGE: Final = "#98a2ad"
TARGET: Final = "#8a3b00"

_SHAPES: Final = {"sector": "o", "group": "s", "total": "D", "general": "^"}
_BOLD: Final = ("group", "total")
_DASHES: Final[Sequence[Any]] = ("solid", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 1.5, 1, 1.5)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where things go, in inches, and how large text is, in points."""

    width: float
    margin: float
    left: float  # of the bars, at most
    right: float
    percent: float  # right edges of the two columns of figures
    counts: float
    stacked: bool  # names above their bars
    text: float = 9.5
    small: float = 8.5
    title: float = 13


PAGE: Final = Sheet(9.0, 0.25, 2.75, 6.95, 7.7, 8.75, stacked=False)
PHONE: Final = Sheet(3.9, 0.15, 0.2, 3.7, 2.95, 3.75, stacked=True, text=9.5, small=8.5, title=12)


class Drawing:
    """One chart under way: `y` is how far down the page it has come."""

    def __init__(self, canvas: Canvas, sheet: Sheet, shown: Picture) -> None:
        self.canvas, self.shown = canvas, shown
        self.sheet = self._fitted(sheet)
        self.y = sheet.margin
        self.start, self.step = axis(shown.rows)

    def _fitted(self, sheet: Sheet) -> Sheet:
        """The sheet with as much room for names and figures as they take, the rest for bars."""
        counts = self._widest("counts", [row.counts for row in self.shown.rows], sheet)
        percent = sheet.counts - counts - 0.2
        if sheet.stacked:
            return replace(sheet, percent=percent)
        shares = self._widest("percent", [row.percent for row in self.shown.rows], sheet)
        names = [self._wide(row.name, sheet, row.section in _BOLD) for row in self.shown.rows]
        left = min(sheet.left, sheet.margin + max(names, default=0.0) + 0.2)
        return replace(sheet, left=left, percent=percent, right=percent - shares - 0.2)

    def _wide(self, text: str, sheet: Sheet, bold: bool) -> float:
        return self.canvas.measure(text, sheet.text, bold=bold)

    def _widest(self, head: str, cells: list[str], sheet: Sheet) -> float:
        """The width of a column of figures, its head included."""
        wide = [self._wide(cell, sheet, True) for cell in cells]
        return max([self.canvas.measure(self.word(head), sheet.small), *wide])

    def word(self, key: str, **values: object) -> str:
        return say(f"drawing.words.{key}", self.shown.lang, **values)

    def x(self, share: float) -> float:
        """Inches from the left of a share."""
        part = (share - self.start) / (1 - self.start)
        return self.sheet.left + part * (self.sheet.right - self.sheet.left)

    def draw(self, *, simulated: bool) -> None:
        """Everything from the top to the bottom."""
        self._title(simulated)
        if not self.shown.rows:
            self._line(self.word("empty"), self.sheet.text)
            return
        self._heads()
        for number, (_, rows) in enumerate(groupby(self.shown.rows, lambda row: row.section)):
            self._section(list(rows), ruled=number > 0)
        self._axis()
        self._legend()
        for note in self.shown.footnotes:
            self._line(note, self.sheet.small)

    def _line(self, text: str, size: float, *, bold: bool = False, ink: str = INK) -> None:
        """A paragraph over the whole width."""
        room = self.sheet.width - 2 * self.sheet.margin
        for line in self.canvas.wrap(text, size, room, bold=bold):
            self.y += line_height(size)
            place = (self.sheet.margin, self.y - line_height(size) / 2)
            self.canvas.text(place, line, size, bold=bold, ink=ink)

    def _title(self, simulated: bool) -> None:
        self._line(self.shown.title, self.sheet.title, bold=True)
        self._line(self.shown.subtitle, self.sheet.text + 0.5, ink=FAINT_INK)
        self.y += 0.06
        if simulated:
            text, size = self.word("simulated"), self.sheet.text
            wide = self.canvas.measure(text, size, bold=True) + 0.24
            middle, left = self.y + 0.17, self.sheet.margin
            self.canvas.box((left, middle), left + wide, 0.27, fill="white", edge=INK)
            self.canvas.text((left + 0.12, middle), text, size, bold=True)
            self.y += 0.36

    def _heads(self) -> None:
        size, sheet = self.sheet.small, self.sheet
        middle = self.y + line_height(size) / 2
        for key, right in (("percent", sheet.percent), ("counts", sheet.counts)):
            self.canvas.text((right, middle), self.word(key), size, align="right", ink=FAINT_INK)
        self.y += line_height(size) * (1.3 if sheet.stacked else 0.9)

    def _section(self, rows: list[PictureRow], *, ruled: bool) -> None:
        """Sectors, groups, the total or the agency: each apart from the others."""
        if ruled:
            self.y += 0.07
            ends = (self.sheet.margin, self.sheet.width - self.sheet.margin)
            self.canvas.line((ends[0], self.y), (ends[1], self.y), width=0.8)
            self.y += 0.05
        for _, block in groupby(rows, lambda row: row.marks):
            for number, row in enumerate(block):
                self._row(row, leads=number == 0)

    def _labels(self, marks: tuple[Mark, ...]) -> None:
        """The targets of a block above it, from the right, each as near its line as there is room.

        Rows without a target of their own show none: a line would read as if they had one.
        """
        if not marks:
            self.y += 0 if self.sheet.stacked else 0.06
            return
        size = self.sheet.small
        middle = self.y + line_height(size) / 2 + 0.03
        limit = self.sheet.counts
        for number, mark in enumerate(reversed(marks)):
            wide = self.canvas.measure(mark.text, size)
            at = self.x(mark.threshold)
            wanted = at - 0.03 if number == 0 and len(marks) > 1 else at - wide + 0.03
            left = max(min(wanted, limit - wide), self.sheet.margin)
            self.canvas.text((left, middle), mark.text, size, ink=TARGET)
            limit = left - 0.1
        self.y += line_height(size) + 0.05

    def _row(self, row: PictureRow, *, leads: bool) -> None:
        """A row; the one that leads a block carries the words of its targets."""
        sheet, size = self.sheet, self.sheet.text
        bold = row.section in _BOLD
        room = (sheet.percent - 0.6 if sheet.stacked else sheet.left - 0.15) - sheet.margin
        lines = self.canvas.wrap(row.name, size, room, bold=bold)
        tall = line_height(size) * len(lines)
        if sheet.stacked:
            self._name(row, lines, self.y + tall / 2, bold=bold)
            self.y += tall
        if leads:
            self._labels(row.marks)
        top, height = self.y, 0.3 if sheet.stacked else max(0.34, tall + 0.08)
        if not sheet.stacked:
            self._name(row, lines, top + height / 2, bold=bold)
        self._bars(row, top, top + height)
        self.y += height

    def _name(self, row: PictureRow, lines: list[str], middle: float, *, bold: bool) -> None:
        """The name in its lines, and the figures beside them."""
        sheet, size = self.sheet, self.sheet.text
        for number, line in enumerate(lines):
            at = middle + (number - (len(lines) - 1) / 2) * line_height(size)
            self.canvas.text((sheet.margin, at), line, size, bold=bold)
        for text, right in ((row.percent, sheet.percent), (row.counts, sheet.counts)):
            self.canvas.text((right, middle), text, size, bold=bold, align="right")

    def _bars(self, row: PictureRow, top: float, bottom: float) -> None:
        middle = (top + bottom) / 2
        for share in self._ticks():
            self.canvas.line((self.x(share), top), (self.x(share), bottom), ink=GRID)
        for mark in row.marks:
            self._target(mark, top, bottom)
        if row.words:
            self._words(row.words, middle)
            return
        if row.silent:
            low, high = (self.x(share) for share in row.silent)
            self._silent((low, middle), high)
        if row.low is not None and row.high is not None:
            self._interval((self.x(row.low), middle), self.x(row.high))
        for limit in row.decisive or ():
            self._limit(self.x(limit), middle)
        if row.share is not None:
            self.canvas.marker((self.x(row.share), middle), _SHAPES[row.section], 7)

    def _words(self, words: str, middle: float) -> None:
        wide = self.canvas.measure(words, self.sheet.small)
        place = (self.sheet.left + 0.1, middle)
        self.canvas.box(
            (place[0] - 0.04, middle), place[0] + wide + 0.04, 0.18, fill="white", above=1
        )
        self.canvas.text(place, words, self.sheet.small, ink=FAINT_INK)

    def _silent(self, left: tuple[float, float], right: float) -> None:
        self.canvas.box(left, right, 0.2, fill=SILENT, edge=SILENT_EDGE)

    def _interval(self, left: tuple[float, float], right: float) -> None:
        self.canvas.box(left, right, 0.075, fill=INTERVAL, above=2)

    def _limit(self, at: float, middle: float) -> None:
        """A one-sided limit that a verdict goes by, as a tick across the bar."""
        ends = (at, middle - 0.085), (at, middle + 0.085)
        self.canvas.line(*ends, ink=INTERVAL, width=1.6, above=2)

    def _target(self, mark: Mark, top: float, bottom: float) -> None:
        at = self.x(mark.threshold)
        self.canvas.line((at, top), (at, bottom), ink="white", width=2.7, above=3)
        dashes = self._dashes(mark.deadlines[0])
        self.canvas.line((at, top), (at, bottom), ink=TARGET, width=1.5, dashes=dashes, above=4)

    def _dashes(self, year: int) -> Any:
        return _DASHES[min(self.shown.deadlines.index(year), len(_DASHES) - 1)]

    def _ticks(self) -> list[float]:
        count = round((1 - self.start) / self.step)
        return [1 - self.step * number for number in range(count, -1, -1)]

    def _axis(self) -> None:
        sheet, size = self.sheet, self.sheet.small
        self.y += 0.04
        self.canvas.line((sheet.left, self.y), (sheet.right, self.y), ink=FAINT_INK)
        middle = self.y + 0.04 + line_height(size) / 2
        for share in self._ticks():
            at = self.x(share)
            self.canvas.line((at, self.y), (at, self.y + 0.04), ink=FAINT_INK)
            text = wording.threshold(round(share, 6), self.shown.lang)
            self.canvas.text((at, middle), text, size, align="center", ink=FAINT_INK)
        self.y += 0.04 + line_height(size) + 0.08

    def _legend(self) -> None:
        """What each shape means, on as many lines as it takes."""
        entries = [("share", self.word("share"))]
        entries.append(("interval", self.word("interval", level=self.shown.level)))
        if any(row.decisive for row in self.shown.rows):
            entries.append(("limit", self.word("limit", level=self.shown.level)))
        if self.shown.bounded:
            entries.append(("silent", self.word("silent")))
        entries += [(str(year), self.word("target", year=year)) for year in self.shown.deadlines]
        size, left = self.sheet.small, self.sheet.margin
        for kind, text in entries:
            shape = 0.38 if kind in ("interval", "silent") else 0.2
            wide = shape + self.canvas.measure(text, size)
            if left + wide > self.sheet.width - self.sheet.margin:
                left, self.y = self.sheet.margin, self.y + line_height(size) + 0.06
            self._sample(kind, left, self.y + line_height(size) / 2)
            self.canvas.text((left + shape, self.y + line_height(size) / 2), text, size)
            left += wide + 0.22
        self.y += line_height(size) + 0.06

    def _sample(self, kind: str, left: float, middle: float) -> None:
        if kind == "share":
            self.canvas.marker((left + 0.07, middle), "o", 7)
        elif kind == "interval":
            self._interval((left, middle), left + 0.3)
        elif kind == "limit":
            self._limit(left + 0.07, middle)
        elif kind == "silent":
            self._silent((left, middle), left + 0.3)
        else:
            at, dashes = left + 0.07, self._dashes(int(kind))
            ends = (at, middle - 0.09), (at, middle + 0.09)
            self.canvas.line(*ends, ink=TARGET, width=1.5, dashes=dashes)


def axis(rows: Sequence[PictureRow]) -> tuple[float, float]:
    """Where the axis starts and its steps: all of the bars are on it, and at least 70% to 100%."""
    seen = [row.low for row in rows if row.low is not None]
    seen += [row.silent[0] for row in rows if row.silent]
    seen += [mark.threshold - 0.1 for row in rows for mark in row.marks]
    lowest = min([0.7, *seen])
    step = 0.1 if lowest >= 0.4 else 0.2
    return 1 - step * math.ceil((1 - max(lowest, 0)) / step - 1e-9), step
