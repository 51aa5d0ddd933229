"""What the chart shows: its rows, their figures in words, their targets. Nothing is drawn here.

Owns the choice of rows and captions. Figures are those of the verdict document, words `wording`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.design.scopes import ALL
from analysis.document import Document, pick, row_of
from analysis.suppression.gate import published
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import (
    Names,
    Section,
    instead_of_figures,
    office_label,
    period_label,
    section_of,
    sections,
    targets_of,
)
from analysis.telling.text import sector_name

_TITLES: Final = {
    "overall": ("Mức độ hài lòng theo lĩnh vực", "Satisfaction by sector"),
    "index": ("Chỉ số hài lòng theo lĩnh vực", "Satisfaction index by sector"),
}
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
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> Picture:
    """Arrange a verdict document for the chart: sectors, groups, total, then the agency itself.

    `names` gives sectors and offices their names; `targets` are those that the document was
    judged by, the shipped ones where left out. ValueError for an office or measure not in it.
    """
    targets = targets_of(found, targets)
    found, names = published(found, targets), names or {}
    _check(found, office, measure)
    rows = [
        picture_row(found, row, sector_name(sector, targets, names, lang), targets, lang)
        for sector in sections(found)
        if (row := pick(found, office=office, sector=sector, measure=measure)) is not None
        and (row["n"] or row["population"])
    ]
    whose = office_label(found, office, names, lang)
    return assemble(
        _title(measure, names, lang),
        " – ".join(filter(None, (whose, period_label(found, lang)))),
        rows,
        found["level"],
        lang,
    )


def assemble(
    title: str, subtitle: str, rows: Sequence[PictureRow], level: float, lang: str
) -> Picture:
    """A picture of these rows, with what all of them together call for."""
    many = any(row.counts.endswith(_WARN) for row in rows)
    return Picture(
        title=title,
        subtitle=subtitle,
        rows=tuple(rows),
        level=wording.threshold(level, lang),
        deadlines=tuple(sorted({year for row in rows for m in row.marks for year in m.deadlines})),
        footnotes=(wording.choose(_MANY, lang),) if many else (),
        lang=lang,
    )


def _check(found: Document, office: str, measure: str) -> None:
    for key, value in (("office", office), ("measure", measure)):
        known = list(dict.fromkeys(row[key] for row in found["estimates"]))
        if known and value not in known:
            raise ValueError(f"{key} is '{value}'; the document has {', '.join(known)}")


def _title(measure: str, names: Names, lang: str) -> str:
    if measure in _TITLES:
        return wording.choose(_TITLES[measure], lang)
    return names.get(measure, measure)


def picture_row(
    found: Document, row: wording.Row, name: str, targets: Targets, lang: str
) -> PictureRow:
    """A row of the document under this name, with the targets judged on it."""
    marks = tuple(_marks(found, row, targets, lang))
    words = instead_of_figures(row, lang)
    shown = words is None
    bounds = (row["silent_low"], row["silent_high"])
    return PictureRow(
        name=name,
        section=section_of(row["sector"]),
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
