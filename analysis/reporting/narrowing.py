"""Which part of a document is shown: an office, a sector, a channel.

Selects rows and computes none, so that what is shown of a part can tell nothing that the whole
document does not: of a published document no more than what may be published.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.document import Document, Section
from analysis.insights.insights import Insights
from analysis.recheck_rows import Recheck
from analysis.strata.survey import ALL


def narrowed(document: Document, *, sector: str = ALL, channel: str = ALL) -> Document:
    """The document of a sector, a channel or both; itself where nothing is chosen.

    The rows of a channel stand as those of all channels do, so that every table shows them. There
    are no verdicts, reasons, re-check or census of a channel: a verdict is on all who answered. The
    desk's indicators are about all its files.
    """
    if (sector, channel) == (ALL, ALL):
        return document
    mixed = channel == ALL
    return replace(
        document,
        sections=tuple(_section(one, sector, channel) for one in document.sections),
        reasons=tuple(row for row in document.reasons if mixed and row.sector == sector),
        recheck=_recheck(document.recheck, sector) if mixed else None,
        census=document.census.narrowed(sector=sector) if mixed and document.census else None,
        indicators=None,
    )


def of_office(document: Document, office: str) -> Document:
    """The document of an office alone; `all`: of the totals.

    Answers of the re-check that belong to no draw (`left_out`) are those of all offices together.
    """
    recheck = document.recheck
    if recheck is not None:
        recheck = replace(
            recheck,
            rows=tuple(row for row in recheck.rows if row.alone.office == office),
            facts=tuple(row for row in recheck.facts if row.alone.office == office),
            left_out=recheck.left_out if office == ALL else 0,
        )
    whose = document.imported.items()
    return replace(
        document,
        sections=tuple(
            replace(
                one,
                estimates=tuple(row for row in one.estimates if row.office == office),
                verdicts=tuple(row for row in one.verdicts if row.office == office),
            )
            for one in document.sections
        ),
        imported={name: count for name, count in whose if office in (ALL, name)},
        reasons=tuple(row for row in document.reasons if row.office == office),
        recheck=recheck,
        census=document.census and document.census.narrowed(office=office),
        indicators=document.indicators and document.indicators.narrowed(office),
    )


def _section(section: Section, sector: str, channel: str) -> Section:
    rows = (row for row in section.estimates if sector in (ALL, row.sector))
    if channel != ALL:
        rows = (row._replace(channel=ALL) for row in rows if row.channel == channel)
    verdicts = (one for one in section.verdicts if sector == one.sector and channel == ALL)
    return replace(section, estimates=tuple(rows), verdicts=tuple(verdicts))


def _recheck(found: Recheck | None, sector: str) -> Recheck | None:
    if found is None:
        return None
    rows, facts = (
        tuple(row for row in every if row.alone.sector == sector)
        for every in (found.rows, found.facts)
    )
    return replace(found, rows=rows, facts=facts, left_out=0)


def beside_narrowed(insights: Insights, *, sector: str, channel: str = ALL) -> Insights | None:
    """What stands beside the rows of a sector; of a channel nothing does.

    What relates answers of all sectors to each other (drivers, reliability) is left out.
    """
    if channel != ALL:
        return None
    if sector == ALL:
        return insights
    return replace(
        insights,
        trends=tuple(one for one in insights.trends if one.sector == sector),
        drivers=(),
        reliability=(),
        flags=tuple(one for one in insights.flags if one.sector == sector),
        marked={},
        without=tuple(one for one in insights.without if one.sector == sector),
        looks={key: look for key, look in insights.looks.items() if key[1] == sector},
    )


def with_totals(document: Document, sector: str) -> Document:
    """The document of a sector and of what it counts in: its groups and the total."""
    groups = (name for name, members in document.targets.groups.items() if sector in members)
    kept = {sector, ALL, *groups}
    return replace(
        document,
        sections=tuple(
            replace(
                one,
                estimates=tuple(row for row in one.estimates if row.sector in kept),
                verdicts=tuple(row for row in one.verdicts if row.sector in kept),
            )
            for one in document.sections
        ),
    )
