"""How what is told looks: HTML by the templates beside this module, and lines of a terminal.

Owns the templates, the page that needs no other file or network, and the alignment of columns.
Knows no document: what is told is made by the other modules of this package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("analysis.reporting", "templates")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)


def html(macro: str, *shown: object) -> str:
    """What a macro of `figures.html` makes of these; names and words in them are only text."""
    template = _templates().get_template("figures.html")
    return str(getattr(template.module, macro)(*shown))


def page(body: str, *, title: str, lang: str = "vi") -> str:
    """HTML around `body`, which is HTML already; title and language are escaped here."""
    return _templates().get_template("page.html").render(body=body, title=title, lang=lang)


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of columns as wide as their widest cell, the first row underlined as their heads."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for place, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if place == 0:
            yield "  ".join("─" * width for width in widths)
