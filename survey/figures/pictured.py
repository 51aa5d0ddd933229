"""The charts of a results page: as parts of the page, that of the sectors as a file, too.

Owns which charts a page has. They are drawn by `analysis.reporting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analysis.document import Document
from analysis.reporting.chart import chart_bytes, draw, render
from analysis.reporting.glide import glide_chart, glides
from analysis.reporting.importance_map import ImportanceMap, importance_map
from analysis.reporting.inline import inline_svg
from analysis.reporting.narrowing import narrowed, with_totals
from analysis.reporting.teller import Teller
from analysis.strata.survey import ALL
from survey.figures.office import Figures
from survey.figures.page import Drawn
from survey.figures.shelf import Wanted


@dataclass(frozen=True, slots=True)
class Pictured:
    """The chart of the sectors as an SVG file, for paper; all charts as parts of the page.

    `inline`: by the key of their section.
    """

    file: bytes
    inline: Mapping[str, Drawn]


def pictured(
    figures: Figures, names: Mapping[str, str], wanted: Wanted, *, simulated: bool
) -> Pictured:
    """Draw what is wanted: the sectors; then, where there is something to draw, the way to the last
    target and the importance of elements against their performance.
    """
    shown = _shown(figures.document, wanted)
    page, phone = (
        chart_bytes(
            shown,
            "svg",
            names=names,
            lang=wanted.lang,
            office=wanted.office,
            simulated=simulated,
            narrow=narrow,
        )
        for narrow in (False, True)
    )
    inline = {"sectors": Drawn(inline_svg(page, "w"), inline_svg(phone, "n"))}
    part = narrowed(figures.document, sector=wanted.sector, channel=wanted.channel)
    found = glides(Teller.of(part, names, None, wanted.lang), wanted.office)
    if found:
        inline["glide"] = Drawn(inline_svg(glide_chart(found, wanted.lang), "g"))
    importance = _importance(figures, names, wanted)
    if importance is not None and len(importance.drawn) > 1:
        bare = replace(importance, footnotes=())  # which stand beneath its table
        inline["drivers"] = Drawn(inline_svg(render(draw(bare, narrow=True), "svg"), "d"))
    return Pictured(page, inline)


def _importance(figures: Figures, names: Mapping[str, str], wanted: Wanted) -> ImportanceMap | None:
    """Of all sectors and channels together, for the office itself: `beside_narrowed` leaves no
    other.
    """
    if figures.gathered is None or (wanted.sector, wanted.channel) != (ALL, ALL):
        return None
    office, lang = wanted.office, wanted.lang
    drivers = figures.gathered.together(office).drivers
    return importance_map(figures.document, drivers, office=office, names=names, lang=lang)


def _shown(document: Document, wanted: Wanted) -> Document:
    """A sector beside what it counts in; all of them where none is chosen."""
    mixed = narrowed(document, channel=wanted.channel)
    return mixed if wanted.sector == ALL else with_totals(mixed, wanted.sector)
