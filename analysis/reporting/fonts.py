"""The letters of a chart: their files, how wide a line of them is, and where lines break."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

POINTS: Final = 72  # in an inch
_RISE: Final = 0.35  # of the size: from the baseline to the middle of the letters
_LETTER: Final = 0.5  # of the size: about the width of a letter
_LINE_SPACING: Final = 1.35  # stacked Vietnamese diacritics need the room


def line_height(size: float) -> float:
    """Inches from one line of text to the next, `size` in points."""
    return size * _LINE_SPACING / POINTS


def baseline(middle: float, size: float) -> float:
    """Where letters stand whose middle is so many inches down, whatever marks they have."""
    return middle + _RISE * size / POINTS


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

    def font(self, size: float, *, bold: bool = False) -> Any:
        """matplotlib's FontProperties.

        The file is what PNG and PDF draw; the weight is what an SVG asks of the reader's own fonts.
        """
        from matplotlib.font_manager import FontProperties

        file, weight = (self.bold, "bold") if bold else (self.regular, "normal")
        return FontProperties(fname=file, size=size, weight=weight)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """The inches that a line of text needs, in these files or in the fonts of an SVG's reader.

        DejaVu Sans is the widest of those.
        """
        every = {self, Fonts.of(())}
        return max(_width(each.bold if bold else each.regular, text, size) for each in every)

    def height(self, size: float) -> float:
        """The inches that a line of text takes, by its file."""
        from matplotlib.font_manager import get_font

        font = get_font(self.regular)
        return (font.ascender - font.descender) / font.units_per_EM * size / POINTS

    def wrap(self, text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
        """The lines of a text that is not to be wider; a longer word stays whole."""
        lines, words = [], text.split()
        while words:
            many = self._first(words, size, room, bold=bold)
            lines.append(" ".join(words[:many]))
            words = words[many:]
        return lines or [""]

    def _first(self, words: Sequence[str], size: float, room: float, *, bold: bool) -> int:
        """How many words the first line has, at least one. Guessed, as measuring takes long, and
        then measured: that many fit, and one more does not."""

        def fits(many: int) -> bool:
            return self.width(" ".join(words[:many]), size, bold=bold) <= room

        letters = room * POINTS / (size * _LETTER)
        ends = list(accumulate(len(word) + 1 for word in words))
        many = max(1, bisect_right(ends, letters + 1))
        while many > 1 and not fits(many):
            many -= 1
        while many < len(words) and fits(many + 1):
            many += 1
        return many


@lru_cache(maxsize=2048)
def _width(file: Path, text: str, size: float) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(fname=file, size=size)
    wide, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(wide) / POINTS
