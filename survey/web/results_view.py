"""What the results page shows, as plain texts in one language. Computes no figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.document import pick, row_of
from analysis.formulas.nonresponse import caution
from analysis.insights.tallies import silence_of
from analysis.period import Period
from analysis.targets import Targets
from analysis.telling.beside import headline_sentences, sections_beside
from analysis.telling.section import Section
from analysis.telling.wording import (
    ASSUMPTIONS,
    NOT_PUBLISHED,
    VERDICTS,
    WITHHELD_WHY,
    answers,
    choose,
    interval_phrase,
    mean_phrase,
    note_of,
    number,
    people,
    percent,
    percent_beside,
    rate_phrase,
    settle_phrase,
    threshold,
    verdict_word,
    withheld_phrase,
)
from questionnaires import Questionnaire
from survey.figures import Figures
from survey.places import Places

ALL = "all"
INDEX = "index"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Names for people of everything that the document names by its id."""

    sectors: Mapping[str, str]
    offices: Mapping[str, str]
    elements: Mapping[str, str]
    targets: Mapping[str, str]

    @classmethod
    def of(
        cls,
        places: Places,
        targets: Targets,
        questionnaires: Mapping[str, Questionnaire],
        lang: str,
    ) -> Names:
        """Collect the names of an installation in one language."""
        general = ("Cơ quan nói chung", "The agency in general")
        every = ("Tất cả lĩnh vực", "All sectors")
        sectors = {"general": choose(general, lang), ALL: choose(every, lang)}
        sectors |= {sector.id: sector.name.get(lang) for sector in places.sector}
        sectors |= {f"group:{group.id}": group.title.get(lang) for group in targets.group}
        elements = {
            f"element:{element.id}": element.title.get(lang)
            for questionnaire in questionnaires.values()
            for element in questionnaire.elements
        }
        offices = {office.id: office.name.get(lang) for office in places.office}
        titles = {target.id: target.title.get(lang) for target in targets.target}
        return cls(sectors, offices, elements, titles)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one deadline's threshold, what would settle it, on whom "met" relies."""

    evidence: str
    word: str
    aim: str
    settle: str | None
    caution: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged: its name, its plain reading, and a judgement a deadline."""

    title: str
    scope: str
    reading: str
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class TableLine:
    """One row of a table; ``total`` rows stand apart, ``hidden`` says why there are no figures."""

    name: str
    answers: str
    share: str
    interval: str
    silent: str
    mean: str
    total: bool
    hidden: str


@dataclass(frozen=True, slots=True)
class View:
    """The whole page of one period; `running` where it is not over yet."""

    label: str
    office: str
    running: bool
    responses: int
    population_known: bool
    level: str
    judged: tuple[Judged, ...]
    headline: tuple[str, ...]
    sectors: tuple[TableLine, ...]
    elements: tuple[TableLine, ...]
    beside: tuple[Section, ...]
    assumptions: str
    notes: tuple[str, ...]


def make_view(
    figures: Figures,
    names: Names,
    period: Period,
    lang: str,
    office: str = ALL,
) -> View:
    """Turn the figures of a period into the texts of the page."""
    document, targets = figures.document, figures.targets
    every = {**names.offices, **names.sectors, **names.elements}
    rows = [row for row in document["estimates"] if row["office"] == office]
    overall = [row for row in rows if row["channel"] == ALL and row["measure"] == "overall"]
    total = pick(document, office=office)
    single = next(iter(names.offices.values())) if len(names.offices) == 1 else ""
    return View(
        label=period.label_en if lang == "en" else period.label,
        office=names.offices.get(office, single),
        running=figures.running,
        responses=sum(row["n"] for row in overall if row["sector"] in (ALL, "general")),
        population_known=total is not None and total["population"] is not None,
        level=number(100 * document["level"], lang),
        judged=tuple(_judged(figures, names, lang, office)),
        headline=()
        if figures.running
        else headline_sentences(document, targets, lang=lang, office=office),
        sectors=tuple(
            _table_line(row, names.sectors.get(row["sector"], row["sector"]), lang)
            for row in overall
        ),
        elements=tuple(_element_lines(rows, names, lang)),
        beside=sections_beside(figures.insights, document, names=every, targets=targets, lang=lang),
        assumptions=choose(ASSUMPTIONS, lang),
        notes=_notes(overall, names, lang),
    )


def _judged(figures: Figures, names: Names, lang: str, office: str) -> Iterator[Judged]:
    """One entry for each scope, its deadlines together, in the order of the targets."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for verdict in figures.document["verdicts"]:
        if verdict["office"] == office:
            key = (names.targets[verdict["target"]], verdict["sector"])
            grouped.setdefault(key, []).append(verdict)
    for (title, sector), verdicts in grouped.items():
        rows = [row_of(figures.document, verdict, figures.targets) for verdict in verdicts]
        yield Judged(
            title=title,
            scope=names.sectors.get(sector, sector),
            reading=_reading(rows[0], [verdict["threshold"] for verdict in verdicts], lang),
            judgements=tuple(
                _judgement(verdict, row, lang) for verdict, row in zip(verdicts, rows, strict=True)
            ),
        )


def _reading(row: Row | None, thresholds: Sequence[float], lang: str) -> str:
    """The plain reading: the share with its number of answers, or why there is none.

    Never rounded across a target, so that it cannot contradict the verdict beneath it.
    """
    hidden = _hidden(row, lang) if row is not None else ""
    if hidden:
        return hidden
    if row is None or row["share"] is None:
        return choose(VERDICTS["none"], lang)
    n = people(row)
    shares = [percent_beside(row["share"], n, target, lang) for target in thresholds]
    return f"{choose(_SATISFIED, lang)} {max(shares, key=len)} ({answers(n, lang)})"


_SATISFIED = ("Tỷ lệ hài lòng", "Satisfied:")


def _hidden(row: Row, lang: str) -> str:
    """Why a row has no figures: "Ít hơn 5 phiếu: không công bố"; "" where it has."""
    why, not_published = withheld_phrase(row, lang), choose(NOT_PUBLISHED, lang)
    if why is None:
        return ""
    said = why if why == not_published else f"{why}: {not_published}"
    return said[:1].upper() + said[1:]


def _judgement(verdict: Row, row: Row | None, lang: str) -> Judgement:
    aim = threshold(verdict["threshold"], lang)
    deadline = verdict["deadline"]
    return Judgement(
        evidence=verdict["evidence"],
        word=verdict_word(verdict, lang),
        aim=choose((f"mục tiêu {deadline}: {aim}", f"target {deadline}: {aim}"), lang),
        settle=settle_phrase(verdict, lang),
        caution=_caution(verdict, row, lang),
    )


def _caution(verdict: Row, row: Row | None, lang: str) -> str | None:
    """On whose silence a "met" relies, where fewer than half of them answered."""
    silent = silence_of(row, verdict["threshold"]) if row and row["publishable"] else None
    if silent is None or verdict["evidence"] != "met":
        return None
    notes = [note for note in caution(silent, met=True) if note.code == "met_if_the_silent"]
    return " ".join(note.text(lang) for note in notes) or None


def _table_line(row: Row, name: str, lang: str) -> TableLine:
    n = people(row)
    hidden = _hidden(row, lang)
    return TableLine(
        name=name,
        answers=rate_phrase(row, lang),
        share=percent(row["share"], n, lang),
        interval=interval_phrase(row["low"], row["high"], n, lang),
        silent=interval_phrase(row["silent_low"], row["silent_high"], n, lang),
        mean=mean_phrase(row, lang),
        total=row["sector"] == ALL or row["sector"].startswith("group:"),
        hidden=hidden,
    )


def _notes(rows: list[Row], names: Names, lang: str) -> tuple[str, ...]:
    """What has to be said about some rows, each once, with the rows that it is about."""
    about: dict[str, list[str]] = {}
    for row in rows:
        note = note_of(row, lang)
        if note:
            about.setdefault(note, []).append(names.sectors.get(row["sector"], row["sector"]))
    why = (choose(WITHHELD_WHY, lang),) if any(withheld_phrase(row) for row in rows) else ()
    return (*why, *(f"{', '.join(scopes)}: {note}" for note, scopes in about.items()))


def _element_lines(rows: list[Row], names: Names, lang: str) -> Iterator[TableLine]:
    for row in rows:
        if (row["sector"], row["channel"]) != (ALL, ALL) or not row["n"]:
            continue
        if row["measure"] in names.elements:
            yield _table_line({**row, "sector": ""}, names.elements[row["measure"]], lang)
        elif row["measure"] == INDEX:
            yield _table_line(row, choose(("Chỉ số hài lòng", "Satisfaction index"), lang), lang)
