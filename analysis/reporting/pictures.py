"""What a chart shows: its rows, their figures in words, their targets. Nothing is drawn here.

Owns the choice of rows and captions, of sectors and of months. Figures are those of the verdict
documents, words `wording`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from analysis.arguments import one_of
from analysis.document import Document, EstimateRow, VerdictRow
from analysis.reporting import wording
from analysis.reporting.captions import source
from analysis.reporting.wording import (
    Names,
    ResultPart,
    beside,
    instead_of_figures,
    month_label,
    office_label,
    period_label,
    section_of,
    sector_name,
    sector_rows,
    targets_of,
)
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say

_WARN: Final = " (!)"

Sort = Literal["given", "share", "answers"]
"""Sectors in the order of the document, the lowest share first, or the most answers first."""


@dataclass(frozen=True, slots=True)
class TargetMark:
    """A target of a row: its threshold, the deadline it is of, and the words for both."""

    threshold: float
    deadlines: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One row. `words` stand where there is no figure to show; then all shares are None.

    `decisive`: the one-sided limits that its verdicts go by.
    """

    name: str
    section: ResultPart
    share: float | None
    low: float | None
    high: float | None
    silent: tuple[float, float] | None
    decisive: tuple[float, float] | None
    people: int
    percent: str
    counts: str
    marks: tuple[TargetMark, ...]
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
        """Whether any row tells what non-respondents could change."""
        return any(row.silent for row in self.rows)


def picture(
    found: Document,
    *,
    office: str = ALL,
    measure: str = "overall",
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    sort: Sort = "given",
) -> Picture:
    """Arrange a verdict document for the chart: sectors, groups, total, then the agency itself.

    `names` gives sectors and offices their names; `targets` are those that the document was
    judged by, the shipped ones where left out. `sort`: sectors among themselves. ValueError for an
    office or measure not in it.
    """
    one_of("sort", sort, get_args(Sort))
    targets = targets_of(found, targets)
    names = names or {}
    _check(found, office, measure)
    rows = [
        picture_row(
            found,
            row,
            sector_name(row.sector, targets, names, lang) + beside(found, row.questionnaires),
            lang,
        )
        for row in sector_rows(found, office, measure)
    ]
    whose = office_label(found, office, names, lang)
    subject = _subject(measure, names, lang)
    return assemble(
        _finding(rows, measure, lang) or subject,
        " – ".join(filter(None, (subject, whose, period_label(found, lang)))),
        _sorted(rows, sort),
        found.level,
        lang,
        source(found, office, lang),
    )


def _finding(rows: Sequence[PictureRow], measure: str, lang: str) -> str | None:
    """The total in one line, of the only row where there is no other; None without a figure."""
    totals = [row for row in rows if row.section == "total"] or (rows if len(rows) == 1 else [])
    if not totals or totals[0].words is not None:
        return None
    return _found(totals[0], measure, lang)


def _found(row: PictureRow, measure: str, lang: str) -> str:
    limits = _limits(row, lang)
    key = "pictures.found_index" if measure == "index" else "pictures.found"
    return say(key, lang, name=row.name, share=row.percent, limits=limits)


def _limits(row: PictureRow, lang: str) -> str:
    return wording.interval_or_everyone(row.low, row.high, row.people, lang)


def _sorted(rows: Sequence[PictureRow], sort: Sort) -> list[PictureRow]:
    """Sectors by share (the lowest first) or by answers (the most first); the rest after them."""
    if sort == "given":
        return list(rows)
    sectors = [row for row in rows if row.section == "sector"]
    if sort == "share":
        sectors.sort(key=lambda row: (row.share is None, row.share or 0.0))
    else:
        sectors.sort(key=lambda row: -row.people)
    return [*sectors, *(row for row in rows if row.section != "sector")]


def assemble(
    title: str, subtitle: str, rows: Sequence[PictureRow], level: float, lang: str, *notes: str
) -> Picture:
    """A picture of these rows, with what all of them together call for."""
    many = any(row.counts.endswith(_WARN) for row in rows)
    return Picture(
        title=title,
        subtitle=subtitle,
        rows=tuple(rows),
        level=wording.threshold(level, lang),
        deadlines=tuple(sorted({year for row in rows for m in row.marks for year in m.deadlines})),
        footnotes=(*((say("pictures.many", lang),) if many else ()), *notes),
        lang=lang,
    )


def _check(found: Document, office: str, measure: str) -> None:
    for key, value in (("office", office), ("measure", measure)):
        known = list(dict.fromkeys(str(getattr(row, key)) for row in found.estimates))
        if known:
            one_of(key, value, known)


def _subject(measure: str, names: Names, lang: str) -> str:
    if measure in wording.MEASURES:
        return say(f"pictures.titles.{measure}", lang)
    return names.get(measure, measure)


def picture_row(found: Document, row: EstimateRow, name: str, lang: str) -> PictureRow:
    """A row of the document under this name, with the targets judged on it."""
    verdicts = _verdicts(found, row)
    marks = tuple(_marks(verdicts, lang))
    words = instead_of_figures(row, lang) or _few(row, lang)
    shown = words is None
    return PictureRow(
        name=name,
        section=section_of(row.sector),
        share=row.share if shown else None,
        low=row.low if shown else None,
        high=row.high if shown else None,
        silent=_pair(row.silent_low, row.silent_high) if shown else None,
        decisive=_decisive(verdicts) if shown else None,
        people=row.respondents,
        percent=wording.share_text(row, lang, found.thresholds) if shown else "–",
        counts=_counts(row, lang),
        marks=marks,
        words=words,
    )


def _few(row: EstimateRow, lang: str) -> str | None:
    """Counts alone where a bar would say more than they do."""
    few = row.respondents < wording.COUNTS_ONLY_BELOW
    return wording.share_phrase(row, lang) if few else None


def _pair(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)


def _decisive(verdicts: Sequence[VerdictRow]) -> tuple[float, float] | None:
    """The one-sided limits that the row's verdicts go by: the same whatever the target."""
    own = (v for v in verdicts if v.basis != "recheck")
    return next((pair for v in own if (pair := _pair(v.lower, v.upper))), None)


def _counts(row: EstimateRow, lang: str) -> str:
    n, population = row.n, row.population
    if population is None:
        return wording.answers(n, lang)
    warn = _WARN if n > population else ""
    return f"{number(n, lang)}/{number(population, lang)}{warn}"


def _verdicts(found: Document, row: EstimateRow) -> list[VerdictRow]:
    """The verdicts on this very row."""
    return [
        verdict
        for verdict in found.verdicts
        if (verdict.office, verdict.sector) == row[:2] and found.chosen_row_of(verdict) is row
    ]


def _marks(verdicts: Sequence[VerdictRow], lang: str) -> Iterator[TargetMark]:
    """Their targets, lowest first; equal thresholds share a mark."""
    years: dict[float, set[int]] = {}
    for verdict in verdicts:
        years.setdefault(verdict.threshold, set()).add(verdict.deadline)
    for threshold, deadlines in sorted(years.items()):
        said = ", ".join(str(year) for year in sorted(deadlines))
        text = f"{said}: {wording.threshold(threshold, lang)}"
        yield TargetMark(threshold, tuple(sorted(deadlines)), text)


def describe(shown: Picture) -> str:
    """The picture in one paragraph, for those who cannot see it."""
    parts = [f"{shown.title}. {shown.subtitle}."]
    for row in shown.rows:
        if row.words:
            parts.append(f"{row.name}: {row.words}.")
        else:
            limits = _limits(row, shown.lang)
            parts.append(f"{row.name}: {row.percent}, {limits} ({row.counts}).")
    return " ".join(parts)


_BLANK: Final = PictureRow("", "sector", None, None, None, None, None, 0, "–", "0", ())


def month_picture(
    documents: Sequence[Document],
    *,
    office: str = ALL,
    sector: str = ALL,
    measure: str = "overall",
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> Picture:
    """Arrange the documents of several months, as `Estimates.by_month` computes them.

    Without the bounds of non-respondents, which would press what changes into a corner.

    ValueError without any document, or where they were judged by other targets.
    """
    if not documents:
        raise ValueError("there is no document; give one for each month")
    newest, names = documents[-1], names or {}
    targets = targets_of(newest, targets)
    rows = [
        _row(found, found.pick(office=office, sector=sector, measure=measure), lang)
        for found in documents
    ]
    marks = next((row.marks for row in reversed(rows) if row.marks), ())
    where = sector_name(sector, targets, names, lang)
    newest_row = next((row for row in reversed(rows) if row.words is None), None)
    subject = say("pictures.title", lang)
    return assemble(
        subject if newest_row is None else _found(newest_row, measure, lang),
        " – ".join(filter(None, (subject, office_label(newest, office, names, lang), where))),
        [replace(row, marks=row.marks or marks, section="sector", silent=None) for row in rows],
        newest.level,
        lang,
        say(f"captions.views.{newest.view}", lang),
    )


def _row(found: Document, row: EstimateRow | None, lang: str) -> PictureRow:
    name = month_label(found)
    if row is None:
        return replace(_BLANK, name=name, words=say("wording.no_answers", lang))
    return picture_row(found, row, name, lang)
