"""The body of a report: what is said, in which order, on what evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from analysis.document import EstimateRow
from analysis.period import Period
from analysis.reporting import wording
from analysis.reporting.narrowing import of_office
from analysis.reporting.section import SectionKey
from analysis.reporting.verdicts import Judged, Judgement
from analysis.statistics.sample_size import yamane
from analysis.strata.survey import ALL
from survey.reports.appendices import make_appendices
from survey.reports.frame import make_frame
from survey.reports.next_steps import next_steps
from survey.reports.parts import ROMAN, Appendix, Heading, Items, Paragraph, Part, Report
from survey.reports.writer import Material, Wanted, Writer

_LOWEST: Final = 3  # elements that are told in sentences; the appendix has all


def make_report(material: Material, wanted: Wanted) -> Report:
    """The whole report, in one language."""
    writer = Writer.of(material, wanted)
    document, office = material.document, material.office
    appendices = make_appendices(writer)
    return Report(
        lang=wanted.lang,
        document=document if office == ALL else of_office(document, office),
        office=office,
        names=material.names,
        letterhead=wanted.letterhead,
        frame=make_frame(writer),
        warnings=tuple(filter(None, (writer.top.warning, writer.top.internal))),
        body=tuple(_body(writer, appendices)),
        appendices=appendices,
        beside=material.beside,
        revision=wanted.revision,
        total_of=material.total_of,
    )


def _body(writer: Writer, appendices: tuple[Appendix, ...]) -> Iterator[Part]:
    yield Paragraph(_opening(writer))
    told = {
        "revised": _revised(writer),
        "collected": _collected(writer),
        "recheck": _recheck(writer),
        "verdicts": _verdicts(writer),
        "changes": _changes(writer),
        "elements": _elements(writer),
        "limits": _limits(writer),
        "census": _beside(writer, "census"),
        "indicators": _beside(writer, "indicators"),
        "next": next_steps(writer),
    }
    shown = [(key, parts) for key, found in told.items() if (parts := tuple(found))]
    for place, (key, parts) in enumerate(shown):
        yield Heading(f"{ROMAN[place]}. {writer.say(f'heading.{key}')}")
        yield from parts
    if appendices:
        numbers = writer.anded([one.number for one in appendices])
        key = "title.enclosed" if len(appendices) > 1 else "title.enclosed_one"
        yield Paragraph(writer.say(key, list=numbers), appended=True)
    mark = writer.wanted.revision
    if mark is not None:
        key = "revision.sealed" if mark.seal else "revision.number"
        words = {"number": mark.number, "content": mark.content}
        seal = {"seal": mark.seal} if mark.seal else {}
        yield Paragraph(writer.say(key, **words, **seal), note=True)


def _opening(writer: Writer) -> str:
    count = len(writer.material.document.offices)
    if writer.material.office == ALL and count > 1 and not writer.agency:
        return writer.say("title.opening_all", count=count, period=writer.period)
    office = writer.agency or writer.say("title.office")
    return writer.say("title.opening", office=office, period=writer.period)


def _collected(writer: Writer) -> Iterator[Part]:
    row, beside = writer.total, writer.material.beside
    if row is None or not row.received:
        yield Paragraph(writer.say("collected.nobody"))
        return
    yield Paragraph(writer.say("collected.basis", basis=writer.top.basis))
    if row.population is None:
        yield Paragraph(writer.say("collected.no_dossiers"))
    else:
        rate = wording.rate_phrase(row, writer.wanted.lang)
        yield Paragraph(writer.say("collected.rate", rate=rate))
    if beside.handed_out is not None:
        yield Paragraph(" ".join(_handed_out(writer)))
    if row.population:
        yield Paragraph(_guidance(writer, row, row.population))


def _recheck(writer: Writer) -> Iterator[Part]:
    """What those drawn by lot say, before any verdict: it may rest on them."""
    section = writer.sections.get("recheck")
    if section is not None:
        yield Items(section.sentences)
        yield from (Paragraph(told, note=True) for told in section.basis)


def _handed_out(writer: Writer) -> Iterator[str]:
    found = writer.material.beside.handed_out
    if found is None:
        return
    counts = {"slips": writer.number(found.slips), "answered": writer.number(found.answered)}
    yield writer.say("collected.handed_out", **counts)
    if writer.fewer_slips() and found.before is not None:
        yield writer.say("collected.handed_less", before=writer.number(found.before))


def _guidance(writer: Writer, row: EstimateRow, population: int) -> str:
    need, missing = yamane(population), writer.missing()
    values = {"N": writer.number(population), "need": writer.number(need)}
    values["n"] = writer.number(row.n)
    if missing <= 0:
        return writer.say("collected.enough", **values)
    return writer.say("collected.short", **values, missing=writer.number(missing))


def _verdicts(writer: Writer) -> Iterator[Part]:
    """Each that was judged, with its targets; those of which nothing can be said, together."""
    section = writer.sections["verdicts"]
    entries = section.verdicts.entries if section.verdicts is not None else ()
    silent: dict[str, list[str]] = {"none": [], "withheld": []}
    for entry in entries:
        words = {line.evidence for line in entry.judgements}
        if not entry.interval and len(words) == 1 and words <= silent.keys():
            silent[words.pop()].append(entry.scope)
            continue
        yield Paragraph(_read(writer, entry))
        yield Items((*_judgements(writer, entry, words), *_notes(writer, entry)))
    for word, scopes in silent.items():
        if scopes:
            told = "; ".join(dict.fromkeys(scopes))
            yield Paragraph(writer.say(f"verdict.{word}", scopes=told))
    if section.verdicts is not None and not entries:
        yield Paragraph(section.verdicts.empty)
    asked = writer.sections.get("recheck")
    said = () if asked is None else asked.sentences
    rest = [sentence for sentence in section.sentences if sentence not in said]
    if rest:
        yield Paragraph(" ".join(rest))
    if writer.sectors_shown:
        yield Paragraph(writer.say("sectors.shown", number=ROMAN[0]), appended=True)
    elif wording.sector_rows(writer.material.document, writer.material.office, "overall"):
        yield Paragraph(writer.say("sectors.none"))


def _read(writer: Writer, entry: Judged) -> str:
    reading = entry.reading[:1].lower() + entry.reading[1:]
    words = {"scope": entry.scope, "title": entry.title, "reading": reading}
    if not entry.interval:
        return writer.say("verdict.no_reading", **words)
    level = writer.tell.level
    return writer.say("verdict.reading", **words, level=level, interval=entry.interval)


def _judgements(writer: Writer, entry: Judged, words: set[str]) -> Iterator[str]:
    """The verdicts; that all are withheld is told once."""
    if words == {"withheld"}:
        return iter((writer.say("verdict.not_told"),))
    return (_judged(writer, line) for line in entry.judgements)


def _notes(writer: Writer, entry: Judged) -> Iterator[str]:
    withheld = writer.tell.say("note.withheld")
    return (note for note in entry.notes if note != withheld)


def _judged(writer: Writer, line: Judgement) -> str:
    told = writer.say("verdict.judged", aim=wording.capital(line.aim), word=line.word)
    return " ".join((told, *line.more))


def _changes(writer: Writer) -> Iterator[Part]:
    told = tuple(_changed(writer))
    if told:
        yield Items(told)
        return
    compared = dict.fromkeys(
        change.earlier
        for trend in writer.material.insights.trends
        for change in trend.changes
        if change.signal != "unknown"
    )
    if not compared:
        yield Paragraph(writer.say("changes.new"))
        return
    names = [one.inside(writer.wanted.lang) for one in compared]
    yield Paragraph(
        writer.say("changes.none", periods=f" {writer.say('changes.and')} ".join(names))
    )


def _changed(writer: Writer) -> Iterator[str]:
    """Changes beyond chance whose figures are published on both sides."""
    for trend in writer.material.insights.trends:
        for change in trend.changes:
            sides = _sides(writer, trend.sector, change.earlier)
            if change.signal not in ("higher", "lower") or sides is None:
                continue
            now, then = sides
            yield writer.say(
                f"changes.{change.signal}",
                sector=writer.tell.sector(trend.sector),
                earlier=change.earlier.inside(writer.wanted.lang),
                now=writer.share(now),
                now_interval=writer.tell.limits(now),
                then=writer.share(then),
                then_interval=writer.tell.limits(then),
            )


def _sides(writer: Writer, sector: str, earlier: Period) -> tuple[EstimateRow, EstimateRow] | None:
    """The row of this period and of an earlier one, where both have figures that are told."""
    then = next((one for one in writer.material.earlier if one.period == earlier), None)
    documents = (writer.material.document, then)
    rows = [
        None if one is None else one.pick(office=writer.material.office, sector=sector)
        for one in documents
    ]
    now, before = (row if row is not None and writer.told(row) else None for row in rows)
    return None if now is None or before is None else (now, before)


def _elements(writer: Writer) -> Iterator[Part]:
    rows = writer.element_rows()
    if not rows:
        yield Paragraph(writer.say("elements.none"))
        return
    lowest = rows[:_LOWEST]
    whole = len(lowest) == len(rows)
    yield Paragraph(writer.say("elements.all" if whole else "elements.lowest"))
    yield Items(
        tuple(
            writer.say(
                "elements.listed",
                element=writer.named(row),
                share=writer.share(row),
                level=writer.tell.level,
                interval=writer.tell.limits(row),
            )
            for row in lowest
        )
    )
    if writer.lags():
        names = {"lowest": writer.named(rows[0]), "best": writer.named(rows[-1])}
        yield Paragraph(writer.say("elements.lags", **names))
    elif len(rows) > 1:
        yield Paragraph(writer.say("elements.alike"))


def _limits(writer: Writer) -> Iterator[Part]:
    methods = writer.sections["methods"]
    yield Paragraph(" ".join(methods.sentences))
    row = writer.total
    if row is not None and row.silent_low is not None and writer.told(row):
        interval = writer.tell.between(row, row.silent_low, row.silent_high)
        yield Paragraph(writer.say("limits.silent", interval=interval))
    rows = wording.sector_rows(writer.material.document, writer.material.office, "overall")
    if any(wording.withheld_phrase(row, writer.wanted.lang) for row in rows):
        yield Paragraph(writer.tell.say("wording.withheld_why", minimum=writer.tell.found.minimum))


def _beside(writer: Writer, key: SectionKey) -> Iterator[Part]:
    """What is no part of the survey (all dossiers, the desk's indicators): a section of its
    own, after all that the survey says."""
    section = writer.sections.get(key)
    if section is not None:
        yield Items(section.sentences)
        yield from (Paragraph(told, note=True) for told in section.basis)


def _revised(writer: Writer) -> Iterator[Part]:
    mark = writer.wanted.revision
    if mark is None or mark.number == 1:
        return
    yield Paragraph(
        writer.say("revision.replaces", before=mark.number - 1, why=mark.why.rstrip("."))
    )
    if mark.changes:
        yield Items(mark.changes)
