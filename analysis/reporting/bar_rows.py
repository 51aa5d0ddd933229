"""Rows of a name, a bar and two texts beside it: where they stand on a page, and on other axes.

Owns the places alone. What the bars are, and every word, come in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from analysis.reporting.captions import Caption
from analysis.reporting.fonts import line_height
from analysis.reporting.sheet import FAINT_INK, SMALL, TEXT, Sheet, explained, named, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMED: Final = 2.9  # inches that names take at most
_SAID: Final = 2.4  # and the first of the texts


class BarRow(Protocol):
    """`said` stands beside the bar, `people` at the edge of the page."""

    @property
    def name(self) -> str: ...
    @property
    def said(self) -> str: ...
    @property
    def people(self) -> str: ...


class Heads(NamedTuple):
    """What stands over the texts beside the bars, and beneath the scale."""

    said: str
    people: str
    scale: str


Bars = Callable[["Axes", Sequence[float]], list[Any]]
"""Draws the bars at these heights and sets the scale; returns the shapes of the legend."""


class BarRows:
    """Rows under way on a sheet: texts beside the bars, or above them on a phone."""

    def __init__(self, sheet: Sheet, rows: Sequence[BarRow], heads: Heads) -> None:
        self.sheet, self.rows, self.heads, self.fonts = sheet, rows, heads, sheet.fonts
        self.stacked = sheet.size.stacked
        people = self._widest("people")
        named = min(max(self.fonts.width(row.name, TEXT) for row in rows) + 0.15, _NAMED)
        beside = sheet.right - people - 0.3
        self.said = sheet.left if self.stacked else beside
        wide = min(self._widest("said"), _SAID)
        self.said_room = beside - sheet.left if self.stacked else wide
        self.left = sheet.left + (0.1 if self.stacked else named)
        self.right = sheet.right - 0.1 if self.stacked else beside - wide - 0.2
        self.room = sheet.right - sheet.left if self.stacked else named - 0.12

    def _widest(self, column: str) -> float:
        texts = [self.fonts.width(getattr(row, column), TEXT) for row in self.rows]
        return max([self.fonts.width(getattr(self.heads, column), SMALL), *texts])

    def draw(self, bars: Bars) -> None:
        """The rows, the bars at their heights, the scale and what each mark means."""
        sheet, small = self.sheet, line_height(SMALL)
        self._heads(sheet.y + small / 2)
        sheet.y += small + 0.04
        top = sheet.y
        middles = [self._row(row) for row in self.rows]
        bottom = sheet.y + 0.05
        axes = sheet.axes(self.left, self.right, top, bottom)
        axes.set_ylim(bottom, top)
        shapes = bars(axes, middles)
        axes.set_yticks([])
        for label in axes.get_xticklabels():
            label.set(font=self.fonts.font(SMALL))
        sheet.y = bottom + 0.14 + small
        look: Any = {"ha": "center", "color": FAINT_INK}
        wide = sheet.right - sheet.left
        for line in self.fonts.wrap(self.heads.scale, SMALL, wide):
            half = self.fonts.width(line, SMALL) / 2
            at = (self.left + self.right) / 2
            at = min(max(at, sheet.left + half), sheet.right - half)
            sheet.text(at, sheet.y + small / 2, line, SMALL, **look)
            sheet.y += small
        sheet.y += 0.06
        sheet.legend(shapes)

    def _heads(self, middle: float) -> None:
        look: Any = {"color": FAINT_INK}
        said = "left" if self.stacked else "right"
        self.sheet.text(self.said, middle, self.heads.said, SMALL, ha=said, **look)
        self.sheet.text(self.sheet.right, middle, self.heads.people, SMALL, ha="right", **look)

    def _row(self, row: BarRow) -> float:
        """Name and texts of a row; where its bar is."""
        sheet, each = self.sheet, line_height(TEXT)
        names = self.fonts.wrap(row.name, TEXT, self.room)
        said = self.fonts.wrap(row.said, TEXT, self.said_room)
        tall, beside = each * len(names), each * len(said)
        if self.stacked:
            height, middle = tall + beside + 0.34, sheet.y + tall + beside / 2
        else:
            height = max(0.38, max(tall, beside) + 0.08)
            middle = sheet.y + height / 2
        self._lines(sheet.left, sheet.y + tall / 2 if self.stacked else middle, names, "left")
        self._lines(self.said, middle, said, "left" if self.stacked else "right")
        sheet.text(sheet.right, middle, row.people, TEXT, ha="right", color=FAINT_INK)
        bar = sheet.y + tall + beside + 0.15 if self.stacked else middle
        sheet.y += height
        return bar

    def _lines(self, x: float, middle: float, lines: Sequence[str], side: str) -> None:
        each = line_height(TEXT)
        clear: Any = {"bbox": {"color": "white", "pad": 1}} if self.stacked else {}
        for n, line in enumerate(lines):
            down = middle + (n - (len(lines) - 1) / 2) * each
            self.sheet.text(x, down, line, TEXT, ha=side, **clear)


def rows_beside(
    axes: Axes, shown: Caption, rows: Sequence[BarRow], heads: Heads, bars: Bars
) -> None:
    """Rows on axes of somebody else, the first on top; fonts are those of the axes."""
    titled(axes, shown)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    if not rows:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    shapes = bars(axes, [float(n) for n in range(len(rows))])
    named(axes, range(len(rows)), [row.name for row in rows])
    axes.tick_params("y", left=False)
    axes.set_xlabel(heads.scale)
    explained(axes, shapes, 42)
