"""Everything beside the verdicts of a period, section by section, in one language.

Owns their order and the headline. Each section's words are in the module named after it.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.document import Document
from analysis.insights.insights import Insights, each_sector, headlines
from analysis.reporting import wording
from analysis.reporting.insight_sections import (
    driver_section,
    look_section,
    reliability_section,
    screening_section,
    trend_section,
)
from analysis.reporting.section import InsightSection, risk_of
from analysis.reporting.tables import Teller, channel_table
from analysis.reporting.wording import Names
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import say


def sections_beside(
    insights: Insights,
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> tuple[InsightSection, ...]:
    """Looks while running, change, drivers, channels, what to look at again, reliability.

    What has nothing to tell is left out.

    Parameters
    ----------
    insights, document
        Of the same period (`explain`).
    names
        Of sectors, offices and measures (`measure_names`); an id stands where there is none.
    targets
        Those that the document was judged by.
    lang
        "vi" or "en".
    """
    tell = Teller.of(document, names, targets, lang)
    found = (
        look_section(insights, tell),
        trend_section(insights, tell) if insights.trends else None,
        driver_section(insights, tell),
        _channel_section(insights, tell),
        screening_section(insights, tell),
        reliability_section(insights, tell),
    )
    return tuple(section for section in found if section is not None)


def _channel_section(insights: Insights, tell: Teller) -> InsightSection | None:
    table = channel_table(
        tell.found, names=tell.names, targets=tell.targets, lang=tell.lang, office=insights.office
    )
    if not table.rows:
        return None
    caution = tuple(note for note in table.notes if note.startswith("(*)"))
    said = tuple(note for note in table.notes if note not in caution)
    return InsightSection(tell.say("sections.channels"), said, (replace(table, notes=()),), caution)


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
        words = [verdict.evidence for verdict in each_sector(document, target, office)]
        if not {"met", "missed"}.intersection(words):
            continue
        aim = wording.threshold(float(target.threshold), lang)
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
