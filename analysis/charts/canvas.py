"""A page measured in inches from its top left corner, on which a chart is drawn.

Owns lines, bars, markers and text as matplotlib artists. Knows nothing of what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

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
