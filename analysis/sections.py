"""Everything beside the verdicts of a period, section by section, in one language.

Owns their order and the headline. Each section's words are in the module named after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from analysis import wording
from analysis.detail_tables import channel_table
from analysis.document import Document
from analysis.driver_section import driver_section
from analysis.insights import Insights
from analysis.labels import Names
from analysis.reliability_section import reliability_section
from analysis.result_tables import Teller
from analysis.scopes import ALL
from analysis.screening_section import screening_section
from analysis.section import Section, risk_of
from analysis.tallies import headlines
from analysis.targets import Targets
from analysis.trend_section import trend_section

_CHANNELS: Final = ("Các kênh trả lời có giống nhau không?", "Do the channels agree?")
_MET: Final = (
    "Mục tiêu {aim} năm {year}: {met} trên {total} lĩnh vực chắc chắn đạt",
    "Target {aim} by {year}: {met} of {total} sectors have proven that they meet it",
)
_MISSED: Final = (
    ", {missed} lĩnh vực chắc chắn chưa đạt",
    ", {missed} that they do not",
)
_TOGETHER: Final = (
    " (xét cả {total} cùng lúc: nhiều nhất {risk} trong 100 kỳ có dù chỉ một lĩnh vực bị kết luận"
    " nhầm là đạt).",
    " (all {total} at once: at most {risk} of 100 periods call any of them met by mistake).",
)


def sections(
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
    """For each target that several sectors have to meet: how many are proven to, all at once."""
    risk = risk_of(document["level"], lang)
    said = []
    for target, line in headlines(document, targets, office):
        parts = (_MET, *((_MISSED,) if line.missed else ()), _TOGETHER)
        text = "".join(wording.choose(part, lang) for part in parts)
        aim = wording.threshold(float(target.threshold), lang)
        counts = {"met": line.met, "missed": line.missed, "total": line.total}
        said.append(text.format(aim=aim, year=target.deadline, risk=risk, **counts))
    return tuple(said)
