"""Draws a picture of shares on a page: shares to the right, rows downwards.

Owns where names, figures, targets and marks of a row stand. Chooses no row and no word of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby
from typing import Any, Final

import numpy as np

from analysis.reporting.fonts import POINTS, baseline, line_height
from analysis.reporting.marks import Band, Marks, Span, axis, scale
from analysis.reporting.pictures import Picture, PictureRow, TargetMark
from analysis.reporting.sheet import FAINT_INK, RULE, SMALL, TARGET, TEXT, Sheet

_BOLD: Final = ("group", "total")


class RowDrawing:
    """The rows of a picture under way on a sheet; their axes are measured as the sheet is."""

    def __init__(self, sheet: Sheet, shown: Picture, span: Span | None) -> None:
        self.sheet, self.shown, self.fonts = sheet, shown, sheet.fonts
        self.span = span or axis(shown.rows)
        self.stacked = sheet.size.stacked
        self.percent = sheet.right - self._widest("counts") - 0.2
        self.left, self.right = self._bars()
        self.names: list[tuple[float, str, bool]] = []  # lines, with their baseline and weight
        self.bands: list[Band] = []

    def _bars(self) -> tuple[float, float]:
        """Left and right of the bars: what the names and figures beside them leave."""
        sheet, rows = self.sheet, self.shown.rows
        if self.stacked:
            return sheet.left + 0.05, sheet.right - 0.05
        names = [self.fonts.width(row.name, TEXT, bold=row.section in _BOLD) for row in rows]
        left = sheet.left + max(names, default=0.0) + 0.2
        return min(left, 2.75), self.percent - self._widest("percent") - 0.2

    def _widest(self, column: str) -> float:
        """The width of a column of figures, its head included."""
        cells = {getattr(row, column) for row in self.shown.rows}
        wide = [self.fonts.width(cell, TEXT, bold=True) for cell in cells]
        return max([self.fonts.width(self.sheet.word(column), SMALL), *wide])

    def draw(self) -> None:
        """The rows, their scale, and what each mark means."""
        sheet = self.sheet
        top = self._rows()
        axes = sheet.axes(self.left, self.right, top, sheet.y + 0.04)
        sheet.y += 0.04
        axes.set_ylim(sheet.y, top)
        self._axis(axes, top)
        sheet.y += 0.12 + line_height(SMALL)
        sheet.legend(list(Marks(axes, self.shown, self.bands, self.span).shapes()))

    def _rows(self) -> float:
        """Sectors, groups, the total and the agency, each section apart, under the heads."""
        from matplotlib.lines import Line2D

        sheet = self.sheet
        for column, right in (("percent", self.percent), ("counts", sheet.right)):
            middle, word = sheet.y + line_height(SMALL) / 2, sheet.word(column)
            sheet.text(right, middle, word, SMALL, ha="right", color=FAINT_INK)
        sheet.y += line_height(SMALL) * (1.3 if self.stacked else 0.9)
        top = sheet.y
        for number, (_, section) in enumerate(groupby(self.shown.rows, lambda row: row.section)):
            if number:
                across, down = (sheet.left, sheet.right), (sheet.y + 0.07,) * 2
                look: Any = {"color": RULE, "lw": 0.8, "transform": sheet.page}
                sheet.figure.add_artist(Line2D(across, down, **look))
                sheet.y += 0.12
            for _, block in groupby(section, lambda row: row.marks):
                for place, row in enumerate(block):
                    self._row(row, leads=place == 0)
        return top

    def _row(self, row: PictureRow, *, leads: bool) -> None:
        """A row; the one that leads a block has the words of its targets above its bars."""
        sheet, bold = self.sheet, row.section in _BOLD
        room = (self.percent - 0.6 if self.stacked else self.left - 0.15) - sheet.left
        lines = self.fonts.wrap(row.name, TEXT, room, bold=bold)
        tall = line_height(TEXT) * len(lines)
        if self.stacked:
            self._name(row, lines, sheet.y + tall / 2)
            sheet.y += tall
        if leads:
            self._labels(row.marks)
        height = 0.3 if self.stacked else max(0.34, tall + 0.08)
        band = Band(row, sheet.y, sheet.y + height / 2, sheet.y + height)
        if not self.stacked:
            self._name(row, lines, band.middle)
        if row.words:
            clear = {"color": "white", "pad": 2}
            look: Any = {"color": FAINT_INK, "bbox": clear}
            sheet.text(self.left + 0.1, band.middle, row.words, SMALL, **look)
        self.bands.append(band)
        sheet.y = band.bottom

    def _name(self, row: PictureRow, lines: Sequence[str], middle: float) -> None:
        """The name in its lines, and the figures beside them."""
        bold, tall = row.section in _BOLD, line_height(TEXT)
        for number, line in enumerate(lines, start=1):
            at = middle + (number - (len(lines) + 1) / 2) * tall
            self.names.append((baseline(at, TEXT), line, bold))
        for text, right in ((row.percent, self.percent), (row.counts, self.sheet.right)):
            self.sheet.text(right, middle, text, TEXT, bold=bold, ha="right")

    def _labels(self, marks: tuple[TargetMark, ...]) -> None:
        """The targets of a block above it, from the right, each as near its line as there is room.

        Rows without a target of their own show none: a line would read as if they had one.
        """
        sheet, (start, end) = self.sheet, self.span
        marks = tuple(mark for mark in marks if start <= mark.threshold <= end)
        if not marks:
            sheet.y += 0 if self.stacked else 0.06
            return
        limit, middle = sheet.right, sheet.y + line_height(SMALL) / 2 + 0.03
        for number, mark in enumerate(reversed(marks)):
            wide = self.fonts.width(mark.text, SMALL)
            part = (mark.threshold - start) / (end - start)
            at = self.left + part * (self.right - self.left)
            wanted = at - 0.03 if number == 0 and len(marks) > 1 else at - wide + 0.03
            left = max(min(wanted, limit - wide), sheet.left)
            sheet.text(left, middle, mark.text, SMALL, color=TARGET)
            limit = left - 0.1
        sheet.y += line_height(SMALL) + 0.05

    def _axis(self, axes: Any, top: float) -> None:
        """The scale and its grid, none of it behind words; names are the ticks downwards."""
        scale(axes, self.span, self.shown.lang)
        edges = [top, *chain.from_iterable((b.top, b.bottom) for b in self.bands)]
        words = np.reshape(edges[:-1], (-1, 2))
        clear: Any = {"lw": np.diff(words).ravel() * POINTS, "capstyle": "projecting"}
        clear |= {"color": "white", "zorder": 0.6, "clip_on": False}
        axes.hlines(words.mean(axis=1), *self.span, **clear)
        axes.set_yticks([at for at, _, _ in self.names], [line for _, line, _ in self.names])
        for label in axes.get_xticklabels():
            label.set(font=self.fonts.font(SMALL), in_layout=False)
        axes.yaxis.set_zorder(8)
        axes.tick_params("y", pad=(self.left - self.sheet.left) * POINTS)
        for label, (_, _, bold) in zip(axes.get_yticklabels(), self.names, strict=True):
            label.set(font=self.fonts.font(TEXT, bold=bold), ha="left", in_layout=False)


def draw_rows(sheet: Sheet, shown: Picture, span: Span | None = None) -> None:
    """The picture on a sheet; `span`: the shares on its axis, all that is drawn where left out."""
    if shown.rows:
        RowDrawing(sheet, shown, span).draw()
    else:
        sheet.empty()
