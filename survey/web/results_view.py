"""What the results page shows, as plain texts in one language. Computes no figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis import Document, Period, Targets, pick
from analysis.wording import (
    ASSUMPTIONS,
    choose,
    interval_phrase,
    mean_phrase,
    note_of,
    number,
    people,
    percent,
    point_phrase,
    rate_phrase,
    settle_phrase,
    threshold,
    verdict_word,
)
from questionnaires import Questionnaire
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
class VerdictLine:
    """One target: the word, what it is about, the point reading, what would settle it."""

    evidence: str
    word: str
    about: str
    reading: str
    settle: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class TableLine:
    """One row of a table; ``total`` rows stand apart, ``hidden`` ones have too few answers."""

    name: str
    answers: str
    share: str
    interval: str
    silent: str
    mean: str
    total: bool
    hidden: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class View:
    """The whole page of one period."""

    label: str
    office: str
    responses: int
    population_known: bool
    level: str
    verdicts: tuple[VerdictLine, ...]
    sectors: tuple[TableLine, ...]
    elements: tuple[TableLine, ...]
    assumptions: str
    picture: str | None


def make_view(
    document: Document,
    names: Names,
    period: Period,
    lang: str,
    picture: str | None,
    office: str = ALL,
) -> View:
    """Turn a verdict document into the texts of the page."""
    rows = [row for row in document["estimates"] if row["office"] == office]
    overall = [row for row in rows if row["channel"] == ALL and row["measure"] == "overall"]
    total = pick(document, office=office)
    single = next(iter(names.offices.values())) if len(names.offices) == 1 else ""
    return View(
        label=period.label_en if lang == "en" else period.label,
        office=names.offices.get(office, single),
        responses=sum(row["n"] for row in overall if row["sector"] in (ALL, "general")),
        population_known=total is not None and total["population"] is not None,
        level=number(100 * document["level"], lang),
        verdicts=tuple(_verdict_lines(document, names, lang, office)),
        sectors=tuple(_table_line(row, names.sectors[row["sector"]], lang) for row in overall),
        elements=tuple(_element_lines(rows, names, lang)),
        assumptions=choose(ASSUMPTIONS, lang),
        picture=picture,
    )


def _verdict_lines(
    document: Document, names: Names, lang: str, office: str
) -> Iterator[VerdictLine]:
    for verdict in document["verdicts"]:
        if verdict["office"] != office:
            continue
        row = _row_of(document, verdict)
        hidden = row is not None and row["n"] > 0 and not row["publishable"]
        deadline = (f"đến năm {verdict['deadline']}", f"by {verdict['deadline']}")
        yield VerdictLine(
            evidence=verdict["evidence"],
            word=verdict_word(verdict, lang),
            about=f"{names.targets[verdict['target']]}: {names.sectors[verdict['sector']]}, "
            f"{threshold(verdict['threshold'], lang)} {choose(deadline, lang)}",
            reading=_TOO_FEW[lang] if hidden else point_phrase(verdict, row, lang),
            settle=settle_phrase(verdict, lang),
            note=note_of(verdict, lang),
        )


_TOO_FEW = {"vi": "Ít hơn 5 phiếu: không công bố", "en": "Fewer than 5 answers: not published"}


def _row_of(document: Document, verdict: Row) -> Row | None:
    """The estimate behind a verdict of the `overall` measure."""
    return pick(document, office=verdict["office"], sector=verdict["sector"])


def _table_line(row: Row, name: str, lang: str) -> TableLine:
    n = people(row)
    hidden = row["n"] > 0 and not row["publishable"]
    return TableLine(
        name=name,
        answers=rate_phrase(row, lang),
        share=percent(row["share"], n, lang),
        interval=interval_phrase(row["low"], row["high"], n, lang),
        silent=interval_phrase(row["silent_low"], row["silent_high"], n, lang),
        mean=mean_phrase(row, lang),
        total=row["sector"] == ALL or row["sector"].startswith("group:"),
        hidden=hidden,
        note=note_of(row, lang),
    )


def _element_lines(rows: list[Row], names: Names, lang: str) -> Iterator[TableLine]:
    for row in rows:
        if (row["sector"], row["channel"]) != (ALL, ALL) or not row["n"]:
            continue
        if row["measure"] in names.elements:
            yield _table_line({**row, "sector": ""}, names.elements[row["measure"]], lang)
        elif row["measure"] == INDEX:
            yield _table_line(row, choose(("Chỉ số hài lòng", "Satisfaction index"), lang), lang)
