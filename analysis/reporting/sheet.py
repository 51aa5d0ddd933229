"""A page on which a chart stands: its title, texts, rules, axes and legend, placed in inches.

Owns the sizes of pages and letters, the shades of every chart and matplotlib's settings for them.
Shades are made to be told apart in grey. Knows no chart.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np

from analysis.reporting.fonts import POINTS, Fonts, baseline, line_height
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#1b1f24"
FAINT_INK: Final = "#57606a"
RULE: Final = "#c9ced4"
INTERVAL: Final = "#1d4f91"
SILENT: Final = "#8d96a0"
BAND: Final = "#dfe5ec"
TARGET: Final = "#8a3b00"
DOT: Final[Mapping[str, Any]] = {"ms": 7, "mfc": "white", "mec": INK, "mew": 1.6}
"""A figure: white with a dark rim."""

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
    "hatch.linewidth": 0.6,
}
"""matplotlib's settings while a chart is drawn."""

TEXT: Final = 9.5  # points
SMALL: Final = 8.5
_SURE: Final = 0.97  # of the room: letters fitted to pixels may be wider than they are measured
_SAMPLE: Final = 2.8 * SMALL / POINTS  # inches before and between the words of the legend
_GAP: Final = 2 * SMALL / POINTS
_LINE_GAP: Final = 0.5 * SMALL / POINTS


class PageSize(NamedTuple):
    """A size of paper or screen, in inches; the title in points."""

    width: float
    margin: float
    title: float
    stacked: bool  # names above their bars


PAGE: Final = PageSize(9.0, 0.25, 13, stacked=False)
PHONE: Final = PageSize(3.9, 0.15, 12, stacked=True)


class Captioned(Protocol):
    """Whatever is drawn: what it found, of whom and when, what must be known, its language."""

    @property
    def title(self) -> str: ...
    @property
    def subtitle(self) -> str: ...
    @property
    def footnotes(self) -> tuple[str, ...]: ...
    @property
    def lang(self) -> str: ...


_NAME: Final = 40  # letters of a name's line on axes of somebody else
_LETTER: Final = 0.55  # of the size of letters: how wide one of them is, roughly


def titled(axes: Axes, caption: Captioned) -> None:
    """The title and what it is about above axes of somebody else, in lines as wide as these."""
    box, points = axes.get_window_extent(), float(axes.title.get_fontsize())
    wide = box.width / axes.figure.dpi * POINTS / (_LETTER * points)
    lines = (textwrap.fill(text, max(20, int(wide))) for text in (caption.title, caption.subtitle))
    axes.set_title("\n".join(lines), loc="left", parse_math=False)


def in_lines(names: Sequence[str], letters: int = _NAME) -> list[str]:
    """Names in lines of so many letters: long ones would leave the figure."""
    return [textwrap.fill(name, letters, break_long_words=False) for name in names]


class Sheet:
    """A page under way: `y` is how many inches down it has come.

    `page` places what is given in inches from the left and the top, whatever height the page gets.
    """

    def __init__(self, size: PageSize, caption: Captioned, fonts: Fonts) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D, ScaledTranslation

        self.size, self.caption, self.fonts = size, caption, fonts
        self.left, self.right = size.margin, size.width - size.margin
        self.y = size.margin
        self.figure = Figure(label=f"{caption.title}. {caption.subtitle}")
        FigureCanvasAgg(self.figure)
        page: Any = self.figure.transFigure
        top = ScaledTranslation(0, 1, page)
        self.page = Affine2D().scale(1, -1) + self.figure.dpi_scale_trans + top
        self._placed: list[tuple[Axes, tuple[float, float, float, float]]] = []

    def word(self, key: str, **values: object) -> str:
        """A word of every chart."""
        return say(f"drawing.words.{key}", self.caption.lang, **values)

    def text(self, x: float, middle: float, text: str, size: float, **look: Any) -> None:
        """A line of text, `middle` inches from the top to the middle of its letters."""
        look |= {"font": self.fonts.font(size, bold=look.pop("bold", False)), "zorder": 8}
        self.figure.text(x, baseline(middle, size), text, transform=self.page, **look)

    def paragraph(self, text: str, size: float, *, bold: bool = False, color: str = INK) -> None:
        """Text over the whole width."""
        tall = line_height(size)
        for line in self.fonts.wrap(text, size, _SURE * (self.right - self.left), bold=bold):
            self.text(self.left, self.y + tall / 2, line, size, bold=bold, color=color)
            self.y += tall

    def head(self, *, simulated: bool) -> None:
        """The title and what it is about; simulated answers are marked in a box."""
        self.paragraph(self.caption.title, self.size.title, bold=True)
        self.paragraph(self.caption.subtitle, TEXT + 0.5, color=FAINT_INK)
        self.y += 0.06
        if simulated:
            from matplotlib.patches import Rectangle

            text, middle = self.word("simulated"), self.y + 0.17
            wide = self.fonts.width(text, TEXT, bold=True) + 0.24
            corner = (self.left, middle - 0.135)
            look: Any = {"fc": "white", "ec": INK, "transform": self.page}
            self.figure.add_artist(Rectangle(corner, wide, 0.27, **look))
            self.text(self.left + 0.12, middle, text, TEXT, bold=True)
            self.y += 0.36

    def notes(self) -> None:
        """What must be known, beneath the chart."""
        for note in self.caption.footnotes:
            self.paragraph(note, SMALL, color=FAINT_INK)

    def empty(self) -> None:
        """Instead of a chart of nothing."""
        self.paragraph(self.word("empty"), TEXT)

    def axes(self, left: float, right: float, top: float, bottom: float) -> Axes:
        """New axes; their edges in inches from the left and the top."""
        axes = self.figure.add_axes((0, 0, 1, 1), autoscale_on=False)
        self.place(axes, left, right, top, bottom)
        return axes

    def place(self, axes: Axes, left: float, right: float, top: float, bottom: float) -> None:
        """Where axes will stand once the page has its height."""
        self._placed.append((axes, (left, right, top, bottom)))

    def finish(self) -> Figure:
        """Give the page its height, and the axes their places on it."""
        width, height = self.size.width, self.y + self.size.margin
        self.figure.set_size_inches(width, height)
        for axes, (left, right, top, bottom) in self._placed:
            size = (right - left) / width, (bottom - top) / height
            axes.set_position((left / width, 1 - bottom / height, *size))
        return self.figure

    def legend(self, shapes: Sequence[Any]) -> None:
        """What each shape means, in as few lines as there is room for."""
        columns = self._columns([str(shape.get_label()) for shape in shapes])
        self.y += 0.03
        self.figure.legend(
            handles=shapes,
            loc="upper left",
            bbox_to_anchor=(self.left, self.y),
            bbox_transform=self.page,
            prop=self.fonts.font(SMALL),
            ncols=columns,
        )
        lines = math.ceil(len(shapes) / columns)
        self.y += lines * (self.fonts.height(SMALL) + _LINE_GAP) + 0.04

    def _columns(self, texts: Sequence[str]) -> int:
        wide = [self.fonts.width(text, SMALL) + _SAMPLE + _GAP for text in texts]
        for lines in range(1, len(texts)):
            columns = np.array_split(wide, math.ceil(len(texts) / lines))
            if sum(max(column) for column in columns) <= self.right - self.left + _GAP:
                return len(columns)
        return 1
