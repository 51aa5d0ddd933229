"""What the parts of a document are called: measures, rows too small to show, the office.

Owns these choices for tables and charts alike. Rounds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from analysis.design.pooling import GENERAL
from analysis.design.scopes import ALL
from analysis.document import Document, EstimateRow, VerdictRow
from analysis.period import month_name
from analysis.reading.opening import open_source
from analysis.reading.sources import run
from analysis.targets import Targets
from analysis.telling import wording
from questionnaires import Questionnaire, load_folder, shipped

Names = Mapping[str, str]

Section = Literal["sector", "group", "total", "general"]
SECTIONS: Final[tuple[Section, ...]] = ("sector", "group", "total", "general")
"""The parts of a result, in the order in which people see them."""

NO_ANSWERS: Final = ("chưa có phiếu", "no answers yet")
UNANSWERED: Final = ("chưa có ai trả lời câu này", "nobody answered this question yet")
_TOTALS: Final = {
    "all": ("Chung các lĩnh vực", "All sectors"),
    "general": ("Cơ quan nói chung", "The agency in general"),
    "rest": ("Các lĩnh vực còn lại", "The other sectors"),
}
_EVERY: Final = ("Chung {n} đơn vị", "All {n} offices")


def sector_name(sector: str, targets: Targets, names: Names, lang: str = "vi") -> str:
    """The name of a sector, group or total; its id where it has none."""
    if sector.startswith("group:"):
        titled = {f"group:{group.id}": group.title for group in targets.group}
        titled |= {f"group:{target.id}": target.title for target in targets.target}
        return titled[sector].get(lang)
    if sector in names:
        return names[sector]
    return wording.choose(_TOTALS[sector], lang) if sector in _TOTALS else sector


def read_questionnaires(source: str | Path | None = None) -> dict[str, Questionnaire]:
    """Key -> questionnaire: the shipped ones, and an office's own of a folder or database URL.

    Of a database, what was published there; one that cannot be read is as good as unknown.
    """
    if source is None:
        return shipped()
    if isinstance(source, str) and "://" in source:
        return shipped() | _published(source)
    return shipped() | load_folder(Path(source))


def _published(url: str) -> dict[str, Questionnaire]:
    opened = open_source(url, "questionnaires", ("questionnaire", "content"))
    found = {}
    try:
        for row in run(opened, opened.table.select("questionnaire", "content")):
            with suppress(ValidationError):
                found[row["questionnaire"]] = Questionnaire.model_validate_json(row["content"])
    finally:
        opened.close()
    return found


def measure_names(known: Mapping[str, Questionnaire], lang: str = "vi") -> dict[str, str]:
    """Measure -> its name for people: elements and items as the questionnaires word them.

    Where several questionnaires use an id, the first one's words stand.
    """
    names = {measure: wording.choose(pair, lang) for measure, pair in wording.MEASURES.items()}
    for questionnaire in known.values():
        for element in questionnaire.elements:
            names.setdefault(f"element:{element.id}", element.title.get(lang))
        for item in questionnaire.items:
            names.setdefault(f"item:{item.id}", item.text.get(lang))
    return names | reason_names(known, lang)


def reason_names(known: Mapping[str, Questionnaire], lang: str = "vi") -> dict[str, str]:
    """Names of what can be chosen beside the scores: of questions, and of their options."""
    names = {}
    for questionnaire in known.values():
        for asked in questionnaire.choices:
            key = f"reason:{questionnaire.key}:{asked.id}"
            names[key] = asked.text.get(lang)
            names |= {f"{key}:{one.id}": one.text.get(lang) for one in asked.options}
    return names


def section_of(sector: str) -> Section:
    """Which part a sector of the document belongs to."""
    if sector.startswith("group:"):
        return "group"
    if sector in (ALL, "general"):
        return "total" if sector == ALL else "general"
    return "sector"


def sections(found: Document) -> list[str]:
    """The sectors of a document by part: sectors, groups, the total, the agency itself.

    Where only the agency was asked about, the total is left out: it is the same once more.
    """
    sectors = dict.fromkeys(row.sector for row in found.estimates)
    if "general" in sectors and not any(section_of(name) == "sector" for name in sectors):
        sectors.pop(ALL, None)
    return sorted(sectors, key=lambda sector: SECTIONS.index(section_of(sector)))


def sector_rows(found: Document, office: str, measure: str) -> list[EstimateRow]:
    """The rows of an office over all channels, one set of questionnaires after the other.

    Left out: those without answers and dossiers, and those that only another questionnaire has
    answers to.
    """
    rows = [
        row
        for section in found.sections
        for sector in sections(found)
        if (row := section.by_key.get((office, sector, measure, ALL))) is not None
        and (row.received or row.population)
    ]
    heard = {row.sector for row in rows if row.received}
    return [row for row in rows if row.received or row.sector not in heard]


def sheets(found: Document, office: str, count: Literal["n", "received"]) -> tuple[int, int]:
    """Answer sheets about sectors and about the agency in general, of every questionnaire once.

    "n": those that the figures rest on; "received": all that came.
    """
    about = Counter[str]()
    seen = set[str]()
    alone = ALL not in sections(found)
    for section in found.sections:
        if seen.isdisjoint(section.questionnaires):
            seen.update(section.questionnaires)
            for sector in (ALL, GENERAL):
                rows = (row for row in section.estimates if row[:2] == (office, sector))
                about[sector] += next((getattr(row, count) for row in rows), 0)
    return (0 if alone else about[ALL]), about[GENERAL]


def told_verdicts(found: Document, office: str) -> list[VerdictRow]:
    """The verdicts of an office; "no answers" is not said where other questionnaires have some."""
    of_office = [verdict for verdict in found.verdicts if verdict.office == office]
    answered = {verdict.key for verdict in of_office if verdict.evidence != "none"}
    return [v for v in of_office if v.evidence != "none" or v.key not in answered]


def beside(found: Document, questionnaires: str) -> str:
    """What tells the rows of further questionnaires apart: " · sipas-22@1"; "" for the first."""
    first = not questionnaires or questionnaires in found.sections[0].whose
    return "" if first else f" · {questionnaires}"


def instead_of_figures(row: wording.Figures, lang: str = "vi") -> str | None:
    """What is said of a row that has no figure to show; None where it has."""
    if not row.n:
        return wording.choose(NO_ANSWERS, lang)
    withheld = wording.withheld_phrase(row, lang)
    if withheld:
        return withheld
    return wording.choose(UNANSWERED, lang) if row.share is None else None


def office_label(found: Document, office: str, names: Names, lang: str = "vi") -> str:
    """The office's name; of `all`, the only office there is, or how many; "" without any."""
    alone = found.offices
    if office == ALL and len(alone) == 1:
        office = alone[0]
    if not alone:
        return ""
    if office == ALL:
        return wording.choose(_EVERY, lang).format(n=len(alone))
    return names.get(office, office)


def targets_of(found: Document, targets: Targets | None) -> Targets:
    """The targets that a document was judged by; ValueError where these are not they."""
    targets = found.targets if targets is None else targets
    strange = {verdict.target for verdict in found.verdicts} - {t.id for t in targets.target}
    if strange:
        raise ValueError(f"targets lack {', '.join(sorted(strange))}; give those of the document")
    return targets


def period_label(found: Document, lang: str = "vi") -> str:
    """How people call the period of a document: "Tháng 10/2026"."""
    period = found.period
    return period.label_en if lang == "en" else period.label


def month_label(found: Document) -> str:
    """The last month of a document as people write it: "10/2026"."""
    return month_name(found.period.months[-1])
