"""What the results page shows, as plain texts in one language. Computes no figure.

The sections are those of `analysis.reporting.sections`, as in a report; which question of the page
each of them answers is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analysis.document import Document
from analysis.insights.insights import Insights
from analysis.reporting.flags import office_flags
from analysis.reporting.glide import glide_section
from analysis.reporting.heat_map import heat_map
from analysis.reporting.heat_table import ShadedTable, heat_table
from analysis.reporting.insight_sections import main_reasons
from analysis.reporting.narrowing import beside_narrowed, narrowed
from analysis.reporting.progress import progress_table
from analysis.reporting.recheck_section import disagreements
from analysis.reporting.section import ReportSection, SectionKey
from analysis.reporting.sections import report_sections
from analysis.reporting.table import Table
from analysis.reporting.target_lines import TargetLines, target_lines
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import Head, head
from analysis.strata.survey import ALL
from survey.figures.office import Figures

QUESTIONS: Final[Mapping[str, tuple[SectionKey, ...]]] = {
    "verdict": ("verdicts", "silence"),
    "path": ("glide",),
    "cause": ("reasons", "measures", "drivers"),
    "change": ("trend", "looks"),
    "who": ("channels",),
    "trust": ("recheck", "screening", "reliability"),
    "dossiers": ("census",),
    "points": ("indicators",),
    "method": ("methods",),
}
"""The questions that the page is folded by, and the sections that answer each.

The sectors stand open above them.
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as parts of the page (`inline_svg`); `narrow` is "" where one will do for both."""

    wide: str
    narrow: str = ""


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The whole page of one period; `responses` is 0 where nothing may be told of it yet.

    `first`: what is said before anything else: where the re-check contradicts the answers. `lines`:
    a line a target. `reasons`: what most people named, in a sentence. `sections`: as a report has
    them; `questions`: which of them answer what. `charts`: by the key of their section.
    `answered`: whether the part that was chosen has any answers. `flagged`: how many things are
    worth a second look; `progress`: where a running period stands. Both are the office's own: 0 and
    None of what may be published. `elements`: those of every sector side by side; None of one
    sector.
    """

    label: str
    head: Head
    running: bool
    responses: int
    population_known: bool
    sections: tuple[ReportSection, ...]
    lines: TargetLines
    questions: Mapping[str, tuple[SectionKey, ...]] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    reasons: str = ""
    answered: bool = True
    flagged: int = 0
    progress: Table | None = None
    charts: Mapping[str, Drawn] = field(default_factory=dict)
    elements: ShadedTable | None = None


def make_view(
    figures: Figures,
    names: Mapping[str, str],
    lang: str,
    office: str = ALL,
    *,
    sector: str = ALL,
    channel: str = ALL,
    charts: Mapping[str, Drawn] | None = None,
) -> ResultsView:
    """Turn the figures of a period into the texts of the page.

    `names`: of sectors, offices, elements and reasons, by their ids. `sector`, `channel`: the part
    of the figures that is shown; the lines of the targets stay those of all channels.
    """
    document = figures.document
    total = document.pick(office=office)
    insights = None if figures.gathered is None else figures.gathered.of(office)
    shown = narrowed(document, sector=sector, channel=channel)
    tell = Teller.of(shown, names, None, lang)
    lines = target_lines(document, names=names, lang=lang, office=office)
    sections = (
        *report_sections(
            shown,
            names=names,
            lang=lang,
            office=office,
            sector=sector,
            insights=insights and beside_narrowed(insights, sector=sector, channel=channel),
        ),
        *_path(tell, office),
    )
    if channel != ALL:
        sections = tuple(one for one in sections if one.key not in _OF_ALL_CHANNELS)
    return ResultsView(
        label=document.period.called(lang),
        head=head(document, names=names, lang=lang, office=office),
        running=document.status == "running",
        responses=_sheets(document, office),
        population_known=total is not None and total.population is not None,
        sections=sections,
        lines=lines if sector == ALL else lines.of(sector),
        questions=_questions(sections),
        first=disagreements(tell, office),
        reasons=main_reasons(tell, office, sector),
        answered=any(row.office == office and row.received for row in shown.estimates),
        flagged=0 if insights is None else len(office_flags(insights)),
        progress=_progress(document, insights, names, lang),
        charts=charts or {},
        elements=_elements(shown, names, lang, office),
    )


def _elements(
    document: Document, names: Mapping[str, str], lang: str, office: str
) -> ShadedTable | None:
    found = heat_map(document, office=office, names=names, lang=lang)
    return heat_table(found) if len(found.rows) > 1 else None


_OF_ALL_CHANNELS: Final = ("verdicts", "silence")


def _path(tell: Teller, office: str) -> Iterator[ReportSection]:
    found = glide_section(tell, office)
    if found is not None:
        yield found


def _questions(sections: Sequence[ReportSection]) -> dict[str, tuple[SectionKey, ...]]:
    """Those that are answered."""
    told = {one.key for one in sections}
    found = {key: tuple(filter(told.__contains__, keys)) for key, keys in QUESTIONS.items()}
    return {key: keys for key, keys in found.items() if keys}


def _sheets(document: Document, office: str) -> int:
    rows = (row for row in document.estimates if row.office == office)
    return sum(row.n for row in rows if row.sector in (ALL, "general"))


def _progress(
    document: Document, insights: Insights | None, names: Mapping[str, str], lang: str
) -> Table | None:
    return None if insights is None else progress_table(document, insights, names=names, lang=lang)
