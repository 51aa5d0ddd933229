"""What the chart shows: its rows, their figures in words, their targets. Nothing is drawn here.

Owns the choice of rows and captions. Figures are those of the verdict document, words `wording`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from analysis import wording
from analysis.document import Document, pick, row_of
from analysis.period import Period, parse_period
from analysis.scopes import ALL
from analysis.targets import Targets, shipped_targets
from analysis.text import sector_name

Section = Literal["sector", "group", "total", "general"]
_SECTIONS: Final[tuple[Section, ...]] = ("sector", "group", "total", "general")

_TITLES: Final = {
    "overall": ("Mức độ hài lòng theo lĩnh vực", "Satisfaction by sector"),
    "index": ("Chỉ số hài lòng theo lĩnh vực", "Satisfaction index by sector"),
}
_EVERY: Final = ("Chung {n} đơn vị", "All {n} offices")
_NONE: Final = ("chưa có phiếu", "no answers yet")
_FEW: Final = ("ít hơn 5 phiếu", "fewer than 5 answers")
_UNANSWERED: Final = ("chưa có ai trả lời câu này", "nobody answered this question yet")
_MANY: Final = (
    "(!) Số phiếu nhiều hơn số hồ sơ: cần kiểm tra lại số hồ sơ.",
    "(!) More answers than dossiers: check the dossier counts.",
)
_WARN: Final = " (!)"


@dataclass(frozen=True, slots=True)
class Mark:
    """A target of a row: its threshold, the deadline it is of, and the words for both."""

    threshold: float
    deadlines: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One row. `words` stand where there is no figure to show; then all shares are None."""

    name: str
    section: Section
    share: float | None
    low: float | None
    high: float | None
    silent: tuple[float, float] | None
    people: int
    percent: str
    counts: str
    marks: tuple[Mark, ...]
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, in the order in which it is."""

    title: str
    subtitle: str
    rows: tuple[PictureRow, ...]
    level: str
    deadlines: tuple[int, ...]
    footnotes: tuple[str, ...]
    lang: str

    @property
    def bounded(self) -> bool:
        """Whether any row tells what the silent ones could change."""
        return any(row.silent for row in self.rows)


def picture(
    found: Document,
    *,
    office: str = ALL,
    measure: str = "overall",
    names: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> Picture:
    """Arrange a verdict document for the chart: sectors, groups, total, then the agency itself.

    `names` gives sectors and offices their names; `targets` are those that the document was
    judged by, the shipped ones where left out. ValueError for an office or measure not in it.
    """
    targets = shipped_targets() if targets is None else targets
    names = names or {}
    _check(found, office, measure, targets)
    rows = [
        _row(found, row, names, targets, lang)
        for sector in _sectors(found)
        if (row := pick(found, office=office, sector=sector, measure=measure)) is not None
        and (row["n"] or row["population"])
    ]
    rows.sort(key=lambda row: _SECTIONS.index(row.section))
    deadlines = sorted({year for row in rows for mark in row.marks for year in mark.deadlines})
    many = any(row.counts.endswith(_WARN) for row in rows)
    return Picture(
        title=_title(measure, names, lang),
        subtitle=f"{_office(found, office, names, lang)} – {period_label(found, lang)}",
        rows=tuple(rows),
        level=wording.threshold(found["level"], lang),
        deadlines=tuple(deadlines),
        footnotes=(wording.choose(_MANY, lang),) if many else (),
        lang=lang,
    )


def _check(found: Document, office: str, measure: str, targets: Targets) -> None:
    for key, value in (("office", office), ("measure", measure)):
        known = list(dict.fromkeys(row[key] for row in found["estimates"]))
        if known and value not in known:
            raise ValueError(f"{key} is '{value}'; the document has {', '.join(known)}")
    strange = {verdict["target"] for verdict in found["verdicts"]} - {t.id for t in targets.target}
    if strange:
        raise ValueError(f"targets lack {', '.join(sorted(strange))}; give those of the document")


def _sectors(found: Document) -> list[str]:
    sectors = list(dict.fromkeys(row["sector"] for row in found["estimates"]))
    if not any(_section(sector) == "sector" for sector in sectors):
        return [sector for sector in sectors if sector != ALL]  # it is `general` once more
    return sectors


def _title(measure: str, names: Mapping[str, str], lang: str) -> str:
    if measure in _TITLES:
        return wording.choose(_TITLES[measure], lang)
    return names.get(measure, measure)


def _office(found: Document, office: str, names: Mapping[str, str], lang: str) -> str:
    offices = list(dict.fromkeys(row["office"] for row in found["estimates"]))
    alone = [name for name in offices if name != ALL]
    if office == ALL and len(alone) == 1:
        office = alone[0]
    if office == ALL:
        return wording.choose(_EVERY, lang).format(n=len(alone))
    return names.get(office, office)


def period_of(found: Document) -> Period:
    """The period of a document, from its dates."""
    first, last = (date.fromisoformat(found["period"][key]) for key in ("from", "to"))
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    written = {
        1: f"{first:%Y-%m}",
        3: f"{first.year}-Q{last.month // 3}",
        6: f"{first.year}-H{last.month // 6}",
        12: f"{first.year}" if last.month == 12 else f"12m:{last:%Y-%m}",
    }
    return parse_period(written.get(months, f"{first} – {last}"))


def period_label(found: Document, lang: str = "vi") -> str:
    """How people call the period of a document: "Tháng 10/2026"."""
    period = period_of(found)
    return period.label_en if lang == "en" else period.label


def _section(sector: str) -> Section:
    if sector.startswith("group:"):
        return "group"
    if sector in (ALL, "general"):
        return "total" if sector == ALL else "general"
    return "sector"


def _row(
    found: Document, row: wording.Row, names: Mapping[str, str], targets: Targets, lang: str
) -> PictureRow:
    marks = tuple(_marks(found, row, targets, lang))
    words = _words(row, lang)
    shown = words is None
    bounds = (row["silent_low"], row["silent_high"])
    return PictureRow(
        name=sector_name(row["sector"], targets, names, lang),
        section=_section(row["sector"]),
        share=row["share"] if shown else None,
        low=row["low"] if shown else None,
        high=row["high"] if shown else None,
        silent=bounds if shown and None not in bounds else None,
        people=wording.people(row),
        percent=_percent(row, marks, lang) if shown else "–",
        counts=_counts(row, lang),
        marks=marks,
        words=words,
    )


def _words(row: wording.Row, lang: str) -> str | None:
    if not row["n"]:
        return wording.choose(_NONE, lang)
    if not row["publishable"]:
        return wording.choose(_FEW, lang)
    return wording.choose(_UNANSWERED, lang) if row["share"] is None else None


def _percent(row: wording.Row, marks: tuple[Mark, ...], lang: str) -> str:
    """The share, with as many decimals as keep it on its own side of every target."""
    n = wording.people(row)
    beside = [wording.percent_beside(row["share"], n, mark.threshold, lang) for mark in marks]
    return max([wording.percent(row["share"], n, lang), *beside], key=len)


def _counts(row: wording.Row, lang: str) -> str:
    n, population = row["n"], row["population"]
    if population is None:
        return wording.answers(n, lang)
    warn = _WARN if n > population else ""
    return f"{wording.number(n, lang)}/{wording.number(population, lang)}{warn}"


def _marks(found: Document, row: wording.Row, targets: Targets, lang: str) -> Iterator[Mark]:
    """Targets judged on this very row, lowest first; equal thresholds share a mark."""
    years: dict[float, set[int]] = {}
    for verdict in found["verdicts"]:
        same = (verdict["office"], verdict["sector"]) == (row["office"], row["sector"])
        if same and row_of(found, verdict, targets) is row:
            years.setdefault(verdict["threshold"], set()).add(verdict["deadline"])
    for threshold, deadlines in sorted(years.items()):
        said = ", ".join(str(year) for year in sorted(deadlines))
        text = f"{said}: {wording.threshold(threshold, lang)}"
        yield Mark(threshold, tuple(sorted(deadlines)), text)


def describe(shown: Picture) -> str:
    """The picture in one paragraph, for those who cannot see it."""
    parts = [f"{shown.title}. {shown.subtitle}."]
    for row in shown.rows:
        if row.words:
            parts.append(f"{row.name}: {row.words}.")
        else:
            limits = wording.interval_phrase(row.low, row.high, row.people, shown.lang)
            parts.append(f"{row.name}: {row.percent}, {limits} ({row.counts}).")
    return " ".join(parts)
