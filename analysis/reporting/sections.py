"""Everything beside the verdicts of a period, section by section, in one language.

Owns their order and the headline. Each section's words are in the module named after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

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
from analysis.reporting.section import Section, risk_of
from analysis.reporting.tables import Teller, channel_table
from analysis.reporting.wording import Names
from analysis.strata.survey import ALL
from analysis.targets import Targets

_CHANNELS: Final = ("Các kênh trả lời có giống nhau không?", "Do the channels agree?")
_EACH: Final = (
    "Mục tiêu {aim} năm {year}, {total} lĩnh vực: xét riêng từng lĩnh vực, {each} đạt và {not_each}"
    " chưa đạt; ",
    "Target {aim} by {year}, {total} sectors: each by itself, {each} met and {not_each} missed; ",
)
_MET: Final = (
    "xét tất cả cùng lúc, đủ căn cứ nói {met} lĩnh vực đạt",
    "all taken together, {met} are proven to meet it",
)
_MISSED: Final = (", {missed} chưa đạt", ", {missed} to miss it")
_TOGETHER: Final = (
    "Câu trên xét mọi lĩnh vực của một mục tiêu cùng lúc, nên chặt hơn từng kết luận riêng: nhiều"
    " nhất {risk} trong 100 kỳ có dù chỉ một lĩnh vực bị kết luận nhầm là đạt.",
    "This takes all sectors of a target at once and is stricter than each verdict by itself: at"
    " most {risk} of 100 periods call any of them met by mistake.",
)


def sections_beside(
    insights: Insights,
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> tuple[Section, ...]:
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


def _channel_section(insights: Insights, tell: Teller) -> Section | None:
    table = channel_table(
        tell.found, names=tell.names, targets=tell.targets, lang=tell.lang, office=insights.office
    )
    if not table.rows:
        return None
    caution = tuple(note for note in table.notes if note.startswith("(*)"))
    said = tuple(note for note in table.notes if note not in caution)
    return Section(tell.say(_CHANNELS), said, (replace(table, notes=()),), caution)


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
        parts = (_EACH, _MET, *((_MISSED,) if line.missed else ()))
        text = "".join(wording.choose(part, lang) for part in parts)
        aim = wording.threshold(float(target.threshold), lang)
        counts = {"met": line.met, "missed": line.missed, "total": line.total}
        counts |= {"each": words.count("met"), "not_each": words.count("missed")}
        said.append(text.format(aim=aim, year=target.deadline, **counts) + ".")
    if said:
        risk = risk_of(document.level, lang)
        said.append(wording.choose(_TOGETHER, lang).format(risk=risk))
    return tuple(said)
