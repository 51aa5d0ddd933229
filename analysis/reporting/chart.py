"""Whatever can be drawn as a figure, as a file and as a part of a notebook or page.

Owns the way from what is shown to these, and matplotlib's settings while it draws. What is shown is
in `pictures`, `heat_map` and the like, the verb for analysts in `analysis.plotting`.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

from analysis.document import Document
from analysis.reporting.difference_chart import (
    DifferenceChart,
    differences_on_axes,
    draw_differences,
)
from analysis.reporting.drawing import draw_rows
from analysis.reporting.fonts import Fonts
from analysis.reporting.heat_map import HeatMap, draw_heat_map, heat_on_axes
from analysis.reporting.importance_map import ImportanceMap, draw_importance, importance_on_axes
from analysis.reporting.marks import Span, axis, rows_on_axes
from analysis.reporting.month_panels import MonthPanels, draw_panels, panels_on_axes
from analysis.reporting.pictures import Picture, describe, picture
from analysis.reporting.reliability_chart import (
    ReliabilityChart,
    draw_reliability,
    reliability_on_axes,
)
from analysis.reporting.render import html
from analysis.reporting.score_bars import ScoreBars, draw_scores, scores_on_axes
from analysis.reporting.screening_chart import ScreeningChart, draw_screening, screening_on_axes
from analysis.reporting.sheet import LOOK, PAGE, PHONE, Sheet, titled_too
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Format = Literal["svg", "png", "pdf"]

_PIXELS_PER_INCH: Final = 200
_SETTINGS: Final[Mapping[str, Any]] = {
    **LOOK,
    "svg.fonttype": "none",  # letters are text: a third of the size, and they can be searched
    # Fonts with all Vietnamese letters, of Windows, Android, Linux and Apple. None is wider than
    # DejaVu Sans, by which the widths are measured: what fits there fits everywhere.
    "font.sans-serif": ["Segoe UI", "Roboto", "Noto Sans", "Arial", "DejaVu Sans"],
    "svg.hashsalt": "hailong",  # equal figures give equal bytes
    "pdf.fonttype": 42,  # embedded as TrueType: text can be searched and copied
}
_NO_DATES: Final[Mapping[Format, Mapping[str, None]]] = {
    "svg": {"Date": None},
    "png": {},
    "pdf": {"CreationDate": None},
}
_ONE_AT_A_TIME: Final = Lock()  # matplotlib's settings belong to the whole process


Shown = (
    Picture
    | HeatMap
    | ImportanceMap
    | ScoreBars
    | DifferenceChart
    | MonthPanels
    | ReliabilityChart
    | ScreeningChart
)
"""Everything that can be drawn: what a chart shows, arranged already."""

_DRAWN: Final[Mapping[type, tuple[Callable[..., None], Callable[..., None]]]] = {
    HeatMap: (draw_heat_map, heat_on_axes),
    ImportanceMap: (draw_importance, importance_on_axes),
    ScoreBars: (draw_scores, scores_on_axes),
    DifferenceChart: (draw_differences, differences_on_axes),
    MonthPanels: (draw_panels, panels_on_axes),
    ReliabilityChart: (draw_reliability, reliability_on_axes),
    ScreeningChart: (draw_screening, screening_on_axes),
}
"""What draws it on a page, and on axes of somebody else."""


def draw(
    shown: Shown,
    *,
    simulated: bool = False,
    narrow: bool = False,
    font_files: Sequence[str | Path] = (),
    xlim: Span | None = None,
) -> Figure:
    """The figure of what is shown; `narrow` for a phone instead of a page.

    `xlim`: the shares on the axis of a `Picture`, so that several charts have one.
    """
    with settings():
        sheet = Sheet(PHONE if narrow else PAGE, shown, Fonts.of(font_files))
        sheet.head(simulated=simulated)
        if isinstance(shown, Picture):
            draw_rows(sheet, shown, xlim)
        else:
            _DRAWN[type(shown)][0](sheet, shown)
        sheet.notes()
        return sheet.finish()


def draw_on(axes: Axes, shown: Shown, *, simulated: bool = False, xlim: Span | None = None) -> Axes:
    """What is shown on axes of a figure of one's own, with its fonts; returns the axes.

    The heading, the marks and a legend; not the notes, which `words_of` tells with everything else.
    """
    if isinstance(shown, Picture):
        rows_on_axes(axes, shown, xlim or axis(shown.rows))
    else:
        _DRAWN[type(shown)][1](axes, shown)
    if simulated:  # above the figures, never upon one
        titled_too(axes, say("drawing.words.simulated", shown.lang))
    return axes


def words_of(shown: Shown) -> str:
    """What is shown in one paragraph, for those who cannot see it."""
    return describe(shown) if isinstance(shown, Picture) else shown.described()


def render(figure: Figure, form: Format) -> bytes:
    """The file of a figure, without a date: equal figures give equal bytes."""
    if form not in _NO_DATES:
        raise ValueError(f"form is '{form}'; use svg, png or pdf")
    file = io.BytesIO()
    metadata = {"Title": figure.get_label(), **_NO_DATES[form]}
    with settings():
        figure.savefig(file, format=form, dpi=_PIXELS_PER_INCH, metadata=metadata)
    return file.getvalue()


@contextmanager
def settings() -> Iterator[None]:
    """matplotlib as it comes, with ours, whatever its user has set; put back afterwards."""
    from matplotlib import style

    with _ONE_AT_A_TIME, style.context(["default", dict(_SETTINGS)]):
        yield


_PHONE_PIXELS: Final = 600


def chart_bytes(
    document: Document,
    form: Format = "svg",
    *,
    simulated: bool = False,
    narrow: bool = False,
    font_files: Sequence[str | Path] = (),
    **options: Any,
) -> bytes:
    """The rows of a document as a file: "svg", "png" or "pdf"; options as for `picture`.

    Equal documents and options give equal bytes: no date is kept in the file.
    """
    shown = picture(document, **options)
    return render(draw(shown, simulated=simulated, narrow=narrow, font_files=font_files), form)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart to be shown in a notebook or page: two SVG files and the same in words.

    `page` and `phone`: the files, in UTF-8; `words`: what they show, for those who cannot see it.
    `figure` is the one for a page, not attached to pyplot, to be annotated or saved as any other.
    `xlim`: the shares on its axis, None where it has no such axis.
    """

    page: bytes = field(repr=False)
    phone: bytes = field(repr=False)
    words: str
    figure: Figure = field(repr=False, compare=False)
    xlim: Span | None = None

    @property
    def axes(self) -> tuple[Axes, ...]:
        """The axes of `figure`: shares are fractions 0..1, rows go down, in inches of the page."""
        return tuple(self.figure.axes)

    def file(self, form: Format = "svg") -> bytes:
        """The chart for a page as the bytes of a file; equal charts give equal bytes.

        `form`: "svg", "png" (200 dots an inch) or "pdf".
        """
        return self.page if form == "svg" else render(self.figure, form)

    def _repr_html_(self) -> str:
        """Self-contained: both files are inside, and the width of the screen chooses."""
        page, phone = (
            f"data:image/svg+xml;base64,{b64encode(file).decode('ascii')}"
            for file in (self.page, self.phone)
        )
        return html("chart", page, phone, _PHONE_PIXELS, self.words)

    def folded(self) -> FoldedChart:
        """The same, closed until somebody opens it by its title; not shown on paper."""
        return FoldedChart(self)


@dataclass(frozen=True, slots=True)
class FoldedChart:
    """A chart behind its title: for what is told elsewhere too."""

    chart: Chart

    def _repr_html_(self) -> str:
        return html("opened", self.chart.figure.get_label(), self.chart._repr_html_())


def shown_chart(
    shown: Shown,
    simulated: bool = False,
    font_files: Sequence[str | Path] = (),
    xlim: Span | None = None,
) -> Chart:
    """The chart of what is arranged already."""
    page, phone = (
        draw(shown, simulated=simulated, narrow=narrow, font_files=font_files, xlim=xlim)
        for narrow in (False, True)
    )
    words = words_of(shown)
    if simulated:
        words = f"{say('drawing.words.simulated', shown.lang)}. {words}"
    if xlim is None and isinstance(shown, Picture):
        xlim = axis(shown.rows)
    return Chart(render(page, "svg"), render(phone, "svg"), words, page, xlim)
