"""The small picture of a month for other sites: a title that says the finding, its interval, n.

Drawn by matplotlib once for SVG and PNG, so that both say the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analysis.reporting.chart import render, settings
from analysis.reporting.fonts import POINTS, Fonts, line_height
from analysis.reporting.sheet import FAINT_INK, INK, INTERVAL, RULE, TARGET
from survey.public.kept import PICTURE_FORMS, PictureForm

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH: Final = 6.4  # inches: 640 × 360 pixels of the web
HEIGHT: Final = 3.6
_MARGIN: Final = 0.25
_HEAD, _FINDING, _TEXT, _SMALL = 11.0, 17.0, 11.0, 9.0  # points
_SMALLEST: Final = 7.0
_MEASURED: Final = 10.0
_LINES: Final = 3  # of the finding at its size; a longer one is set smaller
_AXIS: Final = HEIGHT - 1.15  # inches from the top: the line of shares
_NARROW_FROM: Final = 0.6  # all shares from here on: the line begins at 50%, and says so
_FILES: Final = Path(__file__).resolve().parents[1] / "fonts"
LETTERS: Final = (_FILES / "BeVietnamPro-Regular.ttf", _FILES / "BeVietnamPro-Bold.ttf")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: words, and shares as fractions 0..1, None where none is published.

    `aims`: thresholds with their words. `alt`: all of it in words.
    """

    head: str
    finding: str
    counts: str
    interval: str
    alt: str
    share: float | None
    low: float | None
    high: float | None
    aims: tuple[tuple[float, str], ...]
    simulated: str


def picture_files(shown: Picture) -> Iterator[tuple[PictureForm, bytes]]:
    """The picture in each form. Equal pictures give equal bytes."""
    figure = _Drawing(shown).drawn()
    for form in PICTURE_FORMS:
        content = render(figure, form)
        yield form, _light(content, shown.alt) if form == "png" else content


_COLOURS: Final = 64


def _light(content: bytes, title: str) -> bytes:
    """A PNG of few colours: a quarter of the bytes, and nobody sees a difference."""
    from PIL import Image, PngImagePlugin  # matplotlib writes its own by it

    told, file = PngImagePlugin.PngInfo(), io.BytesIO()
    told.add_itxt("Title", title)
    with Image.open(io.BytesIO(content)) as full:
        few = full.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(file, "png", optimize=True, pnginfo=told)
    return file.getvalue()


class _Drawing:
    """One picture under way; places are inches from the left and from the top."""

    def __init__(self, shown: Picture) -> None:
        self.shown, self.fonts = shown, Fonts.of(LETTERS)
        self.room = WIDTH - 2 * _MARGIN
        told = [shown.low or 0.0, *(share for share, _ in shown.aims)]
        self.start = 0.5 if min(told) >= _NARROW_FROM else 0.0

    def drawn(self) -> Figure:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        shown = self.shown
        with settings():
            self.figure = Figure(figsize=(WIDTH, HEIGHT), label=shown.alt)
            FigureCanvasAgg(self.figure)
            self.axes = self.figure.add_axes((0, 0, 1, 1), autoscale_on=False)
            self.axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
            self.axes.set_axis_off()
            self._frame()
            y = self._lines(shown.head, _HEAD, _MARGIN, FAINT_INK, most=1)
            y = self._lines(shown.finding, _FINDING, y + 0.08, INK, most=_LINES, bold=True)
            if shown.share is not None:
                self._bar()
            foot = [*filter(None, (shown.counts, shown.interval))]
            y = HEIGHT - _MARGIN - line_height(_TEXT) * len(foot)
            for line in foot:
                y = self._lines(line, _TEXT, y, INK, most=1)
            if shown.simulated:
                self._text(WIDTH - _MARGIN, HEIGHT - 0.12, shown.simulated, _SMALL, TARGET, "right")
        return self.figure

    def _frame(self) -> None:
        from matplotlib.patches import Rectangle

        edge = Rectangle((0.01, 0.01), WIDTH - 0.02, HEIGHT - 0.02, fill=False, edgecolor=RULE)
        self.axes.add_patch(edge)

    def _lines(
        self, text: str, size: float, top: float, color: str, *, most: int, bold: bool = False
    ) -> float:
        """Write a text, smaller where it would take more lines; return where it ends."""
        while len(lines := self._broken(text, size, bold=bold)) > most and size > _SMALLEST:
            size -= 0.5
        for number, line in enumerate(lines):
            y = top + line_height(size) * (number + 0.75)
            self._text(_MARGIN, y, line, size, color, bold=bold)
        return top + line_height(size) * len(lines)

    def _broken(self, text: str, size: float, *, bold: bool) -> list[str]:
        """Its lines. Letters grow with their size, so that all sizes share one measuring."""
        room = self.room * _MEASURED / size
        return self.fonts.wrap(text, _MEASURED, room, bold=bold)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: str,
        side: str = "left",
        *,
        bold: bool = False,
    ) -> None:
        font: Any = self.fonts.font(size, bold=bold)
        self.axes.text(x, y, text, color=color, fontproperties=font, ha=side, va="baseline")

    def _x(self, share: float) -> float:
        part = (share - self.start) / (1 - self.start)
        return _MARGIN + 0.15 + part * (self.room - 0.3)

    def _bar(self) -> None:
        """A line up to 100%, the interval and the share on it, the targets across."""
        shown, y = self.shown, _AXIS
        self.axes.plot([self._x(self.start), self._x(1)], [y, y], color=RULE, linewidth=2)
        for share in (self.start, (1 + self.start) / 2, 1.0):
            self.axes.plot([self._x(share)] * 2, [y, y + 0.06], color=RULE, linewidth=1)
            self._text(self._x(share), y + 0.22, f"{share:.0%}", _SMALL, FAINT_INK, "center")
        if shown.low is not None and shown.high is not None:
            ends = [self._x(shown.low), self._x(shown.high)]
            self.axes.plot(ends, [y, y], color=INTERVAL, linewidth=9, alpha=0.45)
        for share, word in self._apart():
            self.axes.plot(
                [self._x(share)] * 2, [y - 0.17, y + 0.1], color=TARGET, linewidth=1.5, ls="--"
            )
            self._text(self._x(share), y - 0.22, word, _SMALL, TARGET, "center")
        assert shown.share is not None  # noqa: S101  the caller looked
        self.axes.plot([self._x(shown.share)], [y], "o", color=INTERVAL, markersize=9)

    def _apart(self) -> Iterator[tuple[float, str]]:
        """The targets; words that would run into the one before are left to the finding."""
        free = -1.0
        for share, word in sorted(dict(self.shown.aims).items()):
            half = self.fonts.width(word, _SMALL) / 2 + 2 / POINTS
            clear = self._x(share) - half >= free
            yield share, word if clear else ""
            free = self._x(share) + half if clear else free
