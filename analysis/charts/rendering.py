"""From a picture to a figure, and from a figure to the bytes of a file.

Owns matplotlib's settings while it draws and leaves them as they were found.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

from analysis.charts.canvas import Canvas, Fonts
from analysis.charts.drawing import PAGE, PHONE, Drawing
from analysis.charts.picture import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Format = Literal["svg", "png", "pdf"]

_PIXELS_PER_INCH: Final = 200
_SETTINGS: Final[Mapping[str, Any]] = {
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


def draw(
    shown: Picture,
    *,
    simulated: bool = False,
    narrow: bool = False,
    font_files: Sequence[str | Path] = (),
) -> Figure:
    """The figure of a picture; `narrow` for a phone instead of a page."""
    with _settings():
        sheet = PHONE if narrow else PAGE
        canvas = Canvas(Fonts.of(font_files), sheet.width)
        drawing = Drawing(canvas, sheet, shown)
        drawing.draw(simulated=simulated)
        return canvas.figure(drawing.y + sheet.margin, label=f"{shown.title}. {shown.subtitle}")


def render(figure: Figure, form: Format) -> bytes:
    """The file of a figure, without a date: equal figures give equal bytes."""
    if form not in _NO_DATES:
        raise ValueError(f"form is '{form}'; use svg, png or pdf")
    file = io.BytesIO()
    metadata = {"Title": figure.get_label(), **_NO_DATES[form]}
    with _settings():
        figure.savefig(file, format=form, dpi=_PIXELS_PER_INCH, metadata=metadata)
    return file.getvalue()


@contextmanager
def _settings() -> Iterator[None]:
    """matplotlib as it comes, with ours, whatever its user has set; put back afterwards."""
    from matplotlib import style

    with _ONE_AT_A_TIME, style.context(["default", dict(_SETTINGS)]):
        yield
