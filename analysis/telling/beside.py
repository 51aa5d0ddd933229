"""Everything beside the verdicts of a period, section by section, in one language.

Owns their order and the headline. Each section's words are in the module named after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from analysis.design.scopes import ALL
from analysis.document import Document
from analysis.insights.insights import Insights
from analysis.insights.tallies import headlines
from analysis.suppression.gate import published
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.detail_tables import channel_table
from analysis.telling.driver_section import driver_section
from analysis.telling.labels import Names
from analysis.telling.reliability_section import reliability_section
from analysis.telling.result_tables import Teller
from analysis.telling.screening_section import screening_section
from analysis.telling.section import Section, risk_of
from analysis.telling.trend_section import trend_section

_CHANNELS: Final = ("Các kênh trả lời có giống nhau không?", "Do the channels agree?")
_MET: Final = (
    "Mục tiêu {aim} năm {year}: {met} trên {total} lĩnh vực đủ căn cứ kết luận là đạt",
    "Target {aim} by {year}: {met} of {total} sectors are proven to meet it",
)
_MISSED: Final = (
    ", {missed} lĩnh vực đủ căn cứ kết luận là chưa đạt",
    ", {missed} proven to miss it",
)
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
    """Change, drivers, channels, what to look at again, reliability; what has nothing is left out.

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
        trend_section(insights, tell) if insights.trends or insights.refusal else None,
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
    document: Document, targets: Targets, *, lang: str = "vi", office: str = ALL
) -> tuple[str, ...]:
    """How many sectors are proven to meet each target that several have to meet; what that means.

    Empty where no target asks several sectors.
    """
    said = []
    for target, line in headlines(published(document, targets), targets, office):
        parts = (_MET, _MISSED) if line.missed else (_MET,)
        text = "".join(wording.choose(part, lang) for part in parts)
        aim = wording.threshold(float(target.threshold), lang)
        counts = {"met": line.met, "missed": line.missed, "total": line.total}
        said.append(text.format(aim=aim, year=target.deadline, **counts) + ".")
    if said:
        risk = risk_of(document["level"], lang)
        said.append(wording.choose(_TOGETHER, lang).format(risk=risk))
    return tuple(said)
