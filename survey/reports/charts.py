"""The chart of a report as a picture for paper: drawn once for all formats that show it."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any, Final

from analysis.reporting.chart import draw, render
from survey.reports.parts import Drawing
from survey.typeset import FONTS

_WIDEST, _HIGHEST = 160.0, 190.0
"""mm, on A4: of the text, and of what is left below the title of an appendix and two headings."""
LETTERS: Final = tuple(str(FONTS / f"BeVietnamPro-{weight}.ttf") for weight in ("Regular", "Bold"))


@cache
def chart_png(drawing: Drawing, *, simulated: bool) -> bytes:
    """The chart as PNG of 200 dots an inch; equal charts give equal bytes."""
    return render(draw(drawing.shown, simulated=simulated, font_files=LETTERS), "png")


def chart_width(content: bytes) -> float:
    """How wide a chart is printed, in mm: the width of the text, or less where it would be too high
    to stand on the page on which an appendix begins."""
    wide, high = struct.unpack(">II", content[16:24])  # PNG: of its header
    return float(min(_WIDEST, _HIGHEST * wide / high))


@cache
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line in Times New Roman, in points: measured in letters of the same widths."""
    font = _letters(size, bold=bold)
    font.set_text(text, 0.0)
    width, _height = font.get_width_height()
    return float(width) / 64


@cache
def _letters(size: float, *, bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(FONTS / f"Tinos-{'Bold' if bold else 'Regular'}.ttf"))
    font.set_size(size, 72)
    return font
