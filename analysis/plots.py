"""The chart: a row per sector with its share, interval, bounds and targets.

Owns the drawing and the bytes of its files. What is shown is `picture`'s; matplotlib's global
state is left as it was found.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal

from analysis.canvas import Canvas, Fonts
from analysis.document import Document
from analysis.drawing import PAGE, PHONE, Drawing
from analysis.picture import Picture, describe, picture
from analysis.scopes import ALL
from analysis.targets import Targets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Format = Literal["svg", "png", "pdf"]

_PIXELS_PER_INCH: Final = 200
_SETTINGS: Final[Mapping[str, Any]] = {
    "svg.fonttype": "path",  # reads the same where the fonts are not installed
    "svg.hashsalt": "hailong",  # equal figures give equal bytes
    "pdf.fonttype": 42,  # embedded as TrueType: text can be searched and copied
}
_NO_DATES: Final[Mapping[Format, Mapping[str, None]]] = {
    "svg": {"Date": None},
    "png": {},
    "pdf": {"CreationDate": None},
}
_ONE_AT_A_TIME: Final = Lock()  # matplotlib's settings belong to the whole process


def plot(  # noqa: PLR0913  each says one thing about the picture
    document: Document,
    *,
    names: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    measure: str = "overall",
    simulated: bool = False,
    narrow: bool = False,
    font_files: Sequence[str | Path] = (),
) -> Figure:
    """Draw a verdict document.

    Parameters
    ----------
    document
        From `analyse`.
    names
        Id of sector or office -> its name; ids stand where there is none.
    targets
        Those the document was judged by; the shipped ones where left out.
    office, measure
        Which rows of the document.
    simulated
        Marks the chart as made of simulated answers.
    narrow
        For the width of a phone instead of a page.
    font_files
        A regular and a bold TrueType file; DejaVu Sans where left out.

    Returns
    -------
    matplotlib.figure.Figure
        Not attached to pyplot; save it with `chart_bytes`, or as any figure.

    Raises
    ------
    ValueError
        An office or measure that is not in the document, or targets of another document.
    """
    shown = picture(
        document, office=office, measure=measure, names=names, targets=targets, lang=lang
    )
    with _settings():
        return _figure(shown, simulated=simulated, narrow=narrow, font_files=font_files)


def chart_bytes(document: Document, form: Format = "svg", **options: Any) -> bytes:
    """The chart as a file: "svg", "png" or "pdf"; options as for `plot`.

    Equal documents and options give equal bytes: no date is kept in the file.
    """
    if form not in _NO_DATES:
        raise ValueError(f"form is '{form}'; use svg, png or pdf")
    figure = plot(document, **options)
    file = io.BytesIO()
    title = figure.get_label()
    with _settings():
        figure.savefig(
            file,
            format=form,
            dpi=_PIXELS_PER_INCH,
            metadata={"Title": title, **_NO_DATES[form]},
        )
    return file.getvalue()


def chart_description(
    document: Document,
    *,
    names: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    measure: str = "overall",
) -> str:
    """The chart in one paragraph, for those who cannot see it; arguments as for `plot`."""
    return describe(
        picture(document, office=office, measure=measure, names=names, targets=targets, lang=lang)
    )


def _figure(
    shown: Picture, *, simulated: bool, narrow: bool, font_files: Sequence[str | Path]
) -> Figure:
    sheet = PHONE if narrow else PAGE
    canvas = Canvas(Fonts.of(font_files), sheet.width)
    drawing = Drawing(canvas, sheet, shown)
    drawing.draw(simulated=simulated)
    return canvas.figure(drawing.y + sheet.margin, label=f"{shown.title}. {shown.subtitle}")


@contextmanager
def _settings() -> Iterator[None]:
    """matplotlib as it comes, with ours, whatever its user has set; put back afterwards."""
    from matplotlib import style

    with _ONE_AT_A_TIME, style.context(["default", dict(_SETTINGS)]):
        yield
