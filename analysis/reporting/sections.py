"""What is told of a period, section by section: one list for notebook, report, page and terminal.

Owns which sections there are, their order and their titles, the headline, and the text of a
terminal. The sentences of insights are in `insight_sections`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from analysis.document import Document
from analysis.insights.insights import Insights, each_sector, headlines
from analysis.reporting import wording
from analysis.reporting.census_section import census_section
from analysis.reporting.indicator_section import indicator_section
from analysis.reporting.insight_sections import (
    driver_section,
    look_section,
    reason_section,
    reliability_section,
    screening_section,
    trend_section,
)
from analysis.reporting.recheck_section import disagreements, recheck_section
from analysis.reporting.section import ReportSection, SectionKey, risk_of
from analysis.reporting.table import Table
from analysis.reporting.tables import (
    channel_table,
    measure_table,
    month_table,
    sector_table,
    silence_table,
)
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import head, method_table, verdict_list
from analysis.reporting.wording import Names
from analysis.strata.pooling import GENERAL
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import say

_SHORT: Final[tuple[SectionKey, ...]] = (
    "verdicts",
    "recheck",
    "reasons",
    "sectors",
    "methods",
)
"""What a terminal shows unless it is asked for everything."""


def report_sections(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    insights: Insights | None = None,
    months: Sequence[Document] = (),
    sector: str = ALL,
) -> tuple[ReportSection, ...]:
    """Everything that is told of a document, in its order. What has nothing to tell is left out.

    Parameters
    ----------
    names
        Of sectors, offices and measures (`measure_names`); an id stands where there is none.
    targets
        Those that the document was judged by; its own where left out.
    lang
        "vi" or "en".
    office
        Whose figures; of all offices together where left out.
    insights
        Of the same period and office (`explain`). They hold figures on few people, and so nothing
        of them is told beside a published document.
    months
        Documents of the months up to the end of the period (`Estimates.by_month`).
    sector
        Whose elements and channels, of a document that was `narrowed` to a sector.
    """
    tell = Teller.of(document, names, targets, lang)
    found = (
        verdict_section(tell, office),
        recheck_section(tell, office),
        reason_section(tell, office, sector),
        _sector_section(tell, office),
        _of_table(tell, "silence", office, silence_table),
        _measure_section(tell, office, sector),
        _channel_section(tell, office, sector),
        *(told_insights(insights, tell) if insights else ()),
        _month_section(tell, office, months),
        census_section(tell, office),
        indicator_section(tell, office),
        _method_section(tell),
    )
    return tuple(section for section in found if section is not None)


def told_insights(insights: Insights, tell: Teller) -> tuple[ReportSection, ...]:
    """Looks while running, change, drivers, what to look at again, reliability.

    For the office itself: none of a published document.
    """
    if tell.found.view != "full":
        return ()
    found = (
        look_section(insights, tell),
        trend_section(insights, tell) if insights.trends else None,
        driver_section(insights, tell),
        screening_section(insights, tell),
        reliability_section(insights, tell),
    )
    return tuple(section for section in found if section is not None)


def verdict_section(tell: Teller, office: str = ALL) -> ReportSection:
    """Whether the targets are met: the headline over several sectors, then each verdict.

    Where the re-check says something else than those who chose to answer, that comes first.
    """
    headline = headline_sentences(tell.found, lang=tell.lang, office=office)
    said = (*disagreements(tell, office), *headline)
    listed = _made(verdict_list, tell, office)
    return ReportSection("verdicts", tell.say("sections.titles.verdicts"), said, verdicts=listed)


def _made(make: Callable[..., Any], tell: Teller, office: str, **more: str) -> Any:
    return make(tell.found, **_given(tell, office), **more)


def _given(tell: Teller, office: str) -> dict[str, Any]:
    """What every table of a document is told beside it."""
    return {"names": tell.names, "targets": tell.targets, "lang": tell.lang, "office": office}


def _of_table(
    tell: Teller, key: SectionKey, office: str, make: Callable[..., Table], **more: str
) -> ReportSection:
    """A section that is one table."""
    title = tell.say(f"sections.titles.{key}")
    return ReportSection(key, title, tables=(_made(make, tell, office, **more),))


def _sector_section(tell: Teller, office: str) -> ReportSection:
    """Overall satisfaction by sector, then the index; other measures where neither was asked."""
    known = tell.found.measures
    measures = [name for name in wording.MEASURES if name in known] or known[:2] or ["overall"]
    first = _of_table(tell, "sectors", office, sector_table, measure=measures[0])
    more = (_made(sector_table, tell, office, measure=name) for name in measures[1:])
    return replace(first, tables=(*first.tables, *more))


def _measure_section(tell: Teller, office: str, sector: str) -> ReportSection:
    """Of all sectors, and of the agency in general where that was asked about as well."""
    sectors = dict.fromkeys(row.sector for row in tell.found.estimates)
    general = (name for name in sectors if name == GENERAL != sector)
    tables = (_made(measure_table, tell, office, sector=name) for name in (sector, *general))
    return ReportSection("measures", tell.say("sections.titles.measures"), tables=tuple(tables))


def _channel_section(tell: Teller, office: str, sector: str) -> ReportSection | None:
    table = _made(channel_table, tell, office, sector=sector)
    if not table.rows:
        return None
    cautions = (
        tell.say("tables.unreliable"),
        tell.say("wording.withheld_why", minimum=tell.found.minimum),
    )
    caution = tuple(note for note in table.notes if note in cautions)
    said = tuple(note for note in table.notes if note not in cautions)
    title = tell.say("sections.titles.channels")
    return ReportSection("channels", title, said, (replace(table, notes=()),), caution)


def _month_section(tell: Teller, office: str, months: Sequence[Document]) -> ReportSection | None:
    if not months:
        return None
    table = month_table(months, **_given(tell, office))
    return ReportSection("months", tell.say("sections.titles.months"), tables=(table,))


def _method_section(tell: Teller) -> ReportSection:
    judged = tell.found.status == "closed"
    rule = (tell.say("sections.one_sided", level=tell.level),) if judged else ()
    said = (*rule, tell.say("wording.assumptions"))
    title, table = tell.say("sections.titles.methods"), method_table(tell.found, lang=tell.lang)
    return ReportSection("methods", title, said, (table,))


def headline_sentences(
    document: Document, *, lang: str = "vi", office: str = ALL
) -> tuple[str, ...]:
    """How many sectors meet each target that several have to meet: one by one, and taken together.

    Empty while the period is running, and where no sector of several that a target asks is proven
    to meet or miss it.
    """
    if document.status == "running":
        return ()
    said = []
    for target, line in headlines(document, office):
        verdicts = each_sector(document, target, office)
        words = [verdict.evidence for verdict in verdicts]
        if not {"met", "missed"}.intersection(words):
            continue
        aim = wording.threshold(verdicts[0].threshold, lang)
        counts = {"met": line.met, "missed": line.missed, "total": line.total}
        counts |= {"each": words.count("met"), "not_each": words.count("missed")}
        values = {"aim": aim, "year": target.deadline} | counts
        each, met = say("sections.each", lang, **values), say("sections.met", lang, **values)
        missed = say("sections.missed", lang, **values) if line.missed else ""
        said.append(f"{each} {met}{missed}.")
    if said:
        risk = risk_of(document.level, lang)
        said.append(say("sections.together", lang, risk=risk))
    return tuple(said)


def render_text(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    insights: Insights | None = None,
    simulated: bool = False,
) -> str:
    """The text of a terminal, about all offices of the document together.

    Short: the verdicts, reasons and sectors. With `insights` every section. Other arguments as for
    `report_sections` and `head`.
    """
    top = head(document, names=names or {}, lang=lang, simulated=simulated)
    told = report_sections(document, names=names, targets=targets, lang=lang, insights=insights)
    shown = told if insights else _short(told)
    return "\n\n".join(map(str, (top, *shown))) + "\n"


def _short(told: Sequence[ReportSection]) -> Iterator[ReportSection]:
    for section in told:
        if section.key in _SHORT:
            shown = {"methods": 0, "recheck": 1}.get(section.key)
            yield section if shown is None else replace(section, tables=section.tables[:shown])
