"""What the results page shows, as plain texts in one language. Computes no figure.

The sections are those of `analysis.reporting.sections`, as in a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.reporting.insight_sections import office_flags
from analysis.reporting.progress import progress_table
from analysis.reporting.section import ReportSection
from analysis.reporting.sections import report_sections
from analysis.reporting.tables import Table
from analysis.reporting.verdicts import Head, head
from analysis.strata.survey import ALL
from survey.figures.office import Figures


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The whole page of one period; `responses` is 0 where nothing may be told of it yet.

    `flagged`: how many things are worth a second look; `progress`: where a running period stands.
    Both are the office's own: 0 and None of what may be published.
    """

    label: str
    head: Head
    running: bool
    responses: int
    population_known: bool
    sections: tuple[ReportSection, ...]
    flagged: int = 0
    progress: Table | None = None


def make_view(
    figures: Figures, names: Mapping[str, str], lang: str, office: str = ALL
) -> ResultsView:
    """Turn the figures of a period into the texts of the page.

    `names`: of sectors, offices, elements and reasons, by their ids.
    """
    document = figures.document
    total = document.pick(office=office)
    insights = None if figures.gathered is None else figures.gathered.of(office)
    return ResultsView(
        label=document.period.called(lang),
        head=head(document, names=names, lang=lang, office=office),
        running=document.status == "running",
        responses=sum(
            row.n
            for row in document.estimates
            if row.office == office and row.sector in (ALL, "general")
        ),
        population_known=total is not None and total.population is not None,
        sections=report_sections(
            document,
            names=names,
            lang=lang,
            office=office,
            insights=insights,
        ),
        flagged=0 if insights is None else len(office_flags(insights)),
        progress=None
        if insights is None
        else progress_table(document, insights, names=names, lang=lang),
    )
