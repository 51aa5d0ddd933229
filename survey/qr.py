"""A QR code as SVG: one black shape on white, small enough for a page of many."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathFillImage

QUIET_ZONE = 4  # modules of white that the QR standard asks for on every side
_MODULE = 10  # qrcode's size of a module that is one unit of the drawing


_ANY_MASK = 2  # random tokens look random under each of the eight


@lru_cache(maxsize=256)  # each tablet asks for its own every few minutes
def qr_svg(url: str) -> str:
    """Return a QR code (level Q, quiet zone 4), a unit of its view box for each module."""
    return _drawn(url, error_correction=ERROR_CORRECT_Q)


def small_qr_svg(url: str) -> str:
    """Return a QR code of level M, for clean paper in somebody's hand: larger modules.

    Takes the first mask that comes instead of looking for the best, which is most of the work:
    there are hundreds of slips.
    """
    return _drawn(url, error_correction=ERROR_CORRECT_M, mask_pattern=_ANY_MASK)


def _drawn(url: str, **settings: int) -> str:
    code = QRCode(border=QUIET_ZONE, box_size=_MODULE, **settings)
    code.add_data(url)
    return tostring(code.make_image(_RowsImage).get_image(), encoding="unicode")


class _RowsImage(SvgPathFillImage):  # type: ignore[misc]
    """Draws a run of dark modules in a row as one rectangle: a third of the path's bytes.

    One shape for all: drawn one by one, they would show hairlines between them. It has no size and
    no id, so that the page decides how large it is and can hold several.
    """

    needs_drawrect = False  # rows instead of modules

    def _svg(self, **settings: Any) -> Element:
        side = self.width + 2 * self.border
        svg = Element("svg", xmlns=self._SVG_namespace, viewBox=f"0 0 {side} {side}")
        svg.set("shape-rendering", "crispEdges")
        SubElement(svg, "path", fill="#fff", d=f"M0 0h{side}v{side}H0z")
        return svg

    def process(self) -> None:
        rows = enumerate(self.modules, start=self.border)
        SubElement(self._img, "path", d="".join(_runs(row, self.border, y) for y, row in rows))


def _runs(row: list[bool], left: int, y: int) -> str:
    """Return one rectangle for each run of dark modules of a row."""
    shapes, start = [], None
    for x, dark in enumerate([*row, False], start=left):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            shapes.append(f"M{start} {y}h{x - start}v1h{start - x}z")
            start = None
    return "".join(shapes)
