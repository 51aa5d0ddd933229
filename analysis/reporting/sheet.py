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
_NAMED: Final = 0.34  # of a figure that lays itself out: what names take at most
_DRAWN: Final = 0.62  # of its width or height: what is left for the axes and their title
_SCALE: Final = 2.5  # lines of letters that the scale takes below
_KEY: Final = 5.0  # letters beside those of a legend's entry
_ENTRY: Final = 33  # letters of a legend's entry
_ENTRIES: Final = 6  # of a legend, as a rule
_KEYED: Final = 1.5  # lines of letters that a line of a legend takes
_LINE: Final = 1.3  # of the size of letters: how far their lines are apart
NARROWEST: Final = 5
"""Inches of a figure that a picture on axes of somebody else needs, names included."""
SHORTEST: Final = 3


def titled(axes: Axes, caption: Captioned) -> None:
    """The title and what it is about above axes of somebody else, in lines as wide as these."""
    axes.set_title(_title(axes, caption), loc="left", parse_math=False)


def titled_too(axes: Axes, text: str) -> None:
    """One thing more below the title of somebody else's axes."""
    lines = (axes.get_title(loc="left"), _as_wide(axes, text))
    axes.set_title("\n".join(lines), loc="left", parse_math=False)


def _title(axes: Axes, caption: Captioned) -> str:
    return "\n".join(_as_wide(axes, text) for text in (caption.title, caption.subtitle))


def _as_wide(axes: Axes, text: str) -> str:
    """A line of the title in as many lines as it takes above these axes."""
    letters = max(20, int(_width(axes) / (_LETTER * float(axes.title.get_fontsize()))))
    return textwrap.fill(text, letters)


def named(axes: Axes, places: Sequence[float], names: Sequence[str]) -> None:
    """Names of rows as ticks of somebody else's axes: as many lines as a row has room for."""
    axes.set_yticks(places, names, parse_math=False)
    size = _label_size(axes)
    letters = _NAME
    if _lays_out(axes):
        letters = min(letters, int(_NAMED * cell_of(axes)[0] * POINTS / (_LETTER * size)))
    height = _height(axes, axes.get_title(loc="left"))
    most = max(1, int(height / max(1, len(names)) / (_LINE * size)))
    axes.set_yticks(places, in_lines(names, letters, most), parse_math=False)


def explained(axes: Axes, shapes: Sequence[Any], below: float, most: int = 3) -> None:
    """A legend so many points below somebody else's axes, in as many columns as have room."""
    from matplotlib.transforms import ScaledTranslation

    letters = max((len(str(one.get_label())) for one in shapes), default=0)
    columns = _beside(axes, letters, most)
    down = ScaledTranslation(0, -below / POINTS, axes.figure.dpi_scale_trans)
    place: Any = {"loc": "upper left", "bbox_to_anchor": (0, 0), "frameon": False}
    place |= {"bbox_transform": axes.transAxes + down, "borderaxespad": 0}
    axes.legend(handles=shapes, ncols=columns, **place)


def _beside(axes: Axes, letters: int, most: int) -> int:
    """How many entries of so many letters a legend has room for beside each other."""
    columns = int(_width(axes) / ((letters + _KEY) * _LETTER * _label_size(axes)))
    return max(1, min(most, columns))


def rows_held(axes: Axes, caption: Captioned) -> int:
    """How many rows somebody else's axes have room for, a line of letters each.

    Below 0 where they do not even have room for title and legend.
    """
    return int(_height(axes, _title(axes, caption)) // (_LINE * _label_size(axes)))


def letters_across(axes: Axes, columns: int) -> int:
    """How many letters stand side by side above each of so many columns."""
    return int(_width(axes) / max(1, columns) / (_LETTER * _label_size(axes)))


def cell_of(axes: Axes) -> tuple[float, float]:
    """Width and height of the part of a figure that axes with their names are given, in inches."""
    spec, whole = axes.get_subplotspec(), axes.figure.bbox
    wide, high = whole.width / axes.figure.dpi, whole.height / axes.figure.dpi
    grid = None if spec is None else spec.get_gridspec()
    return (wide, high) if grid is None else (wide / grid.ncols, high / grid.nrows)


def _lays_out(axes: Axes) -> bool:
    """Whether the figure makes room for names and title by itself, from that of the axes."""
    figure = axes.get_figure(root=True)
    return figure is not None and figure.get_layout_engine() is not None


def _width(axes: Axes) -> float:
    """The points that a title or legend has to the right of the left of the axes."""
    box = axes.get_window_extent().width / axes.figure.dpi
    return POINTS * (min(box, _DRAWN * cell_of(axes)[0]) if _lays_out(axes) else box)


def _height(axes: Axes, title: str) -> float:
    """The points that rows share: what the title, a mark below it and a legend leave."""
    box = POINTS * axes.get_window_extent().height / axes.figure.dpi
    if not _lays_out(axes):
        return box
    above = (title.count("\n") + 2) * 1.25 * float(axes.title.get_fontsize())
    below = _SCALE + _KEYED * math.ceil(_ENTRIES / _beside(axes, _ENTRY, 2))
    return min(box, POINTS * cell_of(axes)[1] - above - below * _label_size(axes))


def _label_size(axes: Axes) -> float:
    labels = axes.get_yticklabels()
    return float(labels[0].get_fontsize()) if labels else TEXT


def in_lines(names: Sequence[str], letters: int = _NAME, most: int = 4) -> list[str]:
    """Names in lines of so many letters, so many at most: long ones would leave the figure."""
    wrap = textwrap.TextWrapper(
        max(8, letters), break_long_words=False, max_lines=most, placeholder="…"
    )
    return [wrap.fill(name) for name in names]


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
