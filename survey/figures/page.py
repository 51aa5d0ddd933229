"""What the results page shows, as plain texts in one language. Computes no figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.period import Period
from analysis.reporting.insight_sections import reason_section
from analysis.reporting.section import InsightSection
from analysis.reporting.sections import headline_sentences, sections_beside
from analysis.reporting.tables import Teller
from analysis.reporting.wording import (
    COUNTS_ONLY_BELOW,
    answers,
    basis_phrase,
    beside,
    coverage_phrase,
    interval_phrase,
    limit_phrase,
    mean_phrase,
    note_of,
    percent,
    percent_beside,
    rate_phrase,
    reason_names,
    reason_phrase,
    sector_rows,
    settle_phrase,
    share_phrase,
    threshold,
    told_verdicts,
    weighted_phrase,
)
from analysis.targets import Targets
from analysis.words import number, say
from questionnaires import Questionnaire
from survey.figures.office import Figures
from survey.places import Places, sector_names

ALL = "all"
INDEX = "index"


@dataclass(frozen=True, slots=True)
class PageNames:
    """Names for people of everything that the document names by its id."""

    sectors: Mapping[str, str]
    offices: Mapping[str, str]
    elements: Mapping[str, str]
    targets: Mapping[str, str]
    reasons: Mapping[str, str]

    @classmethod
    def of(
        cls,
        places: Places,
        targets: Targets,
        questionnaires: Mapping[str, Questionnaire],
        lang: str,
    ) -> PageNames:
        """Collect the names of an installation in one language."""
        general, every = say("common.the_agency_in_general", lang), say("page.every", lang)
        sectors = {"general": general, ALL: every}
        sectors |= sector_names(places, lang)
        sectors |= {f"group:{group.id}": group.title.get(lang) for group in targets.group}
        elements = {
            f"element:{element.id}": element.title.get(lang)
            for questionnaire in questionnaires.values()
            for element in questionnaire.elements
        }
        offices = {office.id: office.name.get(lang) for office in places.office}
        titles = {target.id: target.title.get(lang) for target in targets.target}
        return cls(sectors, offices, elements, titles, reason_names(questionnaires, lang))


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one deadline's threshold, on whom it rests, and what belongs beneath it."""

    evidence: str
    word: str
    aim: str
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged: its name, its plain reading, what to know of it, a judgement a deadline."""

    title: str
    scope: str
    reading: str
    notes: tuple[str, ...]
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class TableLine:
    """One row of a table; ``total`` rows stand apart."""

    name: str
    answers: str
    share: str
    interval: str
    silent: str
    mean: str
    total: bool


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The whole page of one period; `running` where it is not over yet."""

    label: str
    office: str
    running: bool
    status: str
    internal: str
    responses: int
    population_known: bool
    level: str
    judged: tuple[Judged, ...]
    headline: tuple[str, ...]
    sectors: tuple[TableLine, ...]
    elements: tuple[TableLine, ...]
    reasons: InsightSection | None
    beside: tuple[InsightSection, ...]
    assumptions: str
    notes: tuple[str, ...]


def make_view(
    figures: Figures,
    names: PageNames,
    period: Period,
    lang: str,
    office: str = ALL,
) -> ResultsView:
    """Turn the figures of a period into the texts of the page."""
    document = figures.document
    every = {**names.offices, **names.sectors, **names.elements, **names.reasons}
    tell = Teller.of(document, every, document.targets, lang)
    overall = sector_rows(document, office, "overall")
    total = document.pick(office=office)
    single = next(iter(names.offices.values())) if len(names.offices) == 1 else ""
    return ResultsView(
        label=period.called(lang),
        office=names.offices.get(office, single),
        running=document.status == "running",
        status=say(f"wording.status.{document.status}", lang),
        internal=say("wording.internal", lang),
        responses=sum(row.n for row in overall if row.sector in (ALL, "general")),
        population_known=total is not None and total.population is not None,
        level=number(100 * document.level, lang),
        judged=tuple(_judged(document, names, lang, office)),
        headline=headline_sentences(document, lang=lang, office=office),
        sectors=tuple(_table_line(row, _name(document, row, names), lang) for row in overall),
        elements=tuple(_element_lines(document, office, names, lang)),
        reasons=reason_section(tell, office),
        beside=sections_beside(figures.gathered.of(office), document, names=every, lang=lang),
        assumptions=say("wording.assumptions", lang),
        notes=_notes(document, overall, names, lang),
    )


def _name(document: Document, row: EstimateRow, names: PageNames) -> str:
    """A row's sector, and whose answers where several questionnaires stand side by side."""
    return names.sectors.get(row.sector, row.sector) + beside(document, row.questionnaires)


def _judged(document: Document, names: PageNames, lang: str, office: str) -> Iterator[Judged]:
    """One entry for each scope, its deadlines together, in the order of the targets."""
    grouped: dict[tuple[str, str, str], list[VerdictRow]] = {}
    for verdict in told_verdicts(document, office):
        key = (names.targets[verdict.target], verdict.sector, verdict.questionnaires)
        grouped.setdefault(key, []).append(verdict)
    for (title, sector, whose), verdicts in grouped.items():
        rows = [document.row_of(verdict) for verdict in verdicts]
        yield Judged(
            title=title,
            scope=names.sectors.get(sector, sector) + beside(document, whose),
            reading=_reading(rows[0], [verdict.threshold for verdict in verdicts], lang),
            notes=_told(document, verdicts, rows[0], names, lang),
            judgements=tuple(
                _judgement(document, verdict, row, lang)
                for verdict, row in zip(verdicts, rows, strict=True)
            ),
        )


def _reading(row: EstimateRow | None, thresholds: Sequence[float], lang: str) -> str:
    """The plain reading: the share with its number of answers, or that there is none.

    Never rounded across a target, so that it cannot contradict the verdict beneath it.
    """
    if row is None or row.share is None:
        return say("verdict.none", lang)
    n = row.respondents
    if n < COUNTS_ONLY_BELOW:
        return f"{say('page.satisfied', lang)} {share_phrase(row, lang)}"
    shares = [percent_beside(row.share, n, target, lang) for target in thresholds]
    told = f"{answers(n, lang)}{weighted_phrase(row, lang)}"
    return f"{say('page.satisfied', lang)} {max(shares, key=len)} ({told})"


def _told(
    document: Document,
    verdicts: Sequence[VerdictRow],
    row: EstimateRow | None,
    names: PageNames,
    lang: str,
) -> tuple[str, ...]:
    """Coverage and notes of what was judged, each once."""
    every = {**names.offices, **names.sectors}
    covered = None if row is None else coverage_phrase(row, document.period, lang)
    notes = dict.fromkeys(note.text(lang, every) for one in verdicts for note in one.notes)
    return tuple(line for line in (covered and f"{covered}.", *notes) if line)


def _judgement(
    document: Document, verdict: VerdictRow, row: EstimateRow | None, lang: str
) -> Judgement:
    aim = threshold(verdict.threshold, lang)
    deadline = verdict.deadline
    running = document.status == "running"
    more = (
        limit_phrase(verdict, lang),
        None if running else reason_phrase(verdict, document.required_coverage, lang),
        settle_phrase(verdict, row, lang, running=running),
    )
    return Judgement(
        evidence=verdict.evidence or "none",
        word=basis_phrase(verdict, lang),
        aim=say("page.aim", lang, deadline=deadline, aim=aim),
        more=tuple(line[:1].upper() + line[1:] for line in more if line),
    )


def _table_line(row: EstimateRow, name: str, lang: str) -> TableLine:
    n = row.respondents
    few = n < COUNTS_ONLY_BELOW
    return TableLine(
        name=name,
        answers=rate_phrase(row, lang),
        share=share_phrase(row, lang) if few else percent(row.share, n, lang),
        interval="–" if few else interval_phrase(row.low, row.high, n, lang),
        silent="–" if few else interval_phrase(row.silent_low, row.silent_high, n, lang),
        mean=mean_phrase(row, lang),
        total=row.sector == ALL or row.sector.startswith("group:"),
    )


def _notes(
    document: Document, rows: list[EstimateRow], names: PageNames, lang: str
) -> tuple[str, ...]:
    """What has to be said about some rows, each once, with the rows that it is about."""
    about: dict[str, list[str]] = {}
    for row in rows:
        note = note_of(row, lang, {**names.offices, **names.sectors})
        if note:
            about.setdefault(note, []).append(_name(document, row, names))
    return tuple(f"{', '.join(scopes)}: {note}" for note, scopes in about.items())


def _element_lines(
    document: Document, office: str, names: PageNames, lang: str
) -> Iterator[TableLine]:
    """The index and the elements, each with the people who answered it."""
    index = say("common.satisfaction_index", lang)
    called = {INDEX: index, **names.elements}
    for row in document.estimates:
        if row[:2] != (office, ALL) or row.channel != ALL or not row.n:
            continue
        if row.measure in called:
            line = _table_line(
                row, called[row.measure] + beside(document, row.questionnaires), lang
            )
            heard = number(row.respondents, lang)
            yield replace(line, answers=heard, total=row.measure == INDEX)
