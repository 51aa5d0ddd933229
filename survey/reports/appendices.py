"""The appendices of a report: its chart, and the tables of figures behind what its body says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analysis.reporting.pictures import describe, picture
from analysis.reporting.section import SectionKey
from analysis.reporting.table import Table
from analysis.reporting.tables import office_table
from analysis.strata.survey import ALL
from survey.overview import by_name
from survey.reports.parts import ROMAN, Appendix, Drawing, Heading, Paragraph, Part
from survey.reports.writer import Writer


def make_appendices(writer: Writer) -> tuple[Appendix, ...]:
    """Those that have anything in them, numbered; the first begins with the chart of sectors."""
    groups: tuple[tuple[str, tuple[SectionKey, ...]], ...] = (
        ("results", ("sectors", "silence", "recheck")),
        ("elements", ("measures", "channels")),
        ("census", ("census",)),
        ("indicators", ("indicators",)),
        ("methods", ("methods",)),
    )
    told = [(key, _grouped(writer, wanted)) for key, wanted in groups]
    told[0] = ("results", (*_chart(writer), *told[0][1]))
    told.insert(1, ("offices", tuple(_offices(writer))))
    shown = [(key, parts) for key, parts in told if parts]
    return tuple(
        _appendix(writer, ROMAN[place], key, parts) for place, (key, parts) in enumerate(shown)
    )


def _chart(writer: Writer) -> Iterator[Drawing]:
    """The sectors side by side, where any of them has a result.

    It takes most of a page, so it stands first in an appendix, which begins a page: within the body
    it would leave a hole before it wherever it does not fit.
    """
    if not writer.sectors_shown:
        return
    shown = picture(
        writer.material.document,
        office=writer.material.office,
        names=writer.material.names,
        lang=writer.wanted.lang,
    )
    yield Drawing(shown, writer.say("sectors.chart", period=writer.period), describe(shown))


def _grouped(writer: Writer, wanted: tuple[SectionKey, ...]) -> tuple[Part, ...]:
    """The sections of an appendix; the title of a single one is the appendix's own."""
    found = [(name, tuple(_section(writer, name))) for name in wanted if name in writer.sections]
    shown = [(name, parts) for name, parts in found if parts]
    if len(shown) == 1:
        return shown[0][1]
    return tuple(
        part
        for name, parts in shown
        for part in (Heading(writer.sections[name].title, level=2), *parts)
    )


def _offices(writer: Writer) -> Iterator[Part]:
    """Offices side by side, where the report is of several."""
    document = writer.material.document
    if writer.material.office != ALL or len(document.offices) < 2:
        return
    names = writer.material.names
    # By name and never by share: no difference of this table is proven.
    offices = sorted(document.offices, key=lambda office: by_name(names.get(office, office)))
    yield office_table(document, names=names, lang=writer.wanted.lang, offices=offices)


def _appendix(writer: Writer, numeral: str, key: str, parts: tuple[Part, ...]) -> Appendix:
    given = writer.wanted.letterhead
    return Appendix(
        number=numeral,
        label=writer.say("frame.appendix", number=numeral),
        title=writer.say(f"appendix.{key}"),
        belongs=writer.say(
            "frame.belongs",
            symbol=given.symbol,
            year="20…",
            agency=writer.agency or "…",
        ),
        parts=parts,
    )


def _section(writer: Writer, name: SectionKey) -> Iterator[Part]:
    section = writer.sections[name]
    told: set[str] = set()
    # Why there is no table is said in the body.
    tables = [table for table in (*section.tables, *section.details) if table.rows]
    withheld = [_all_withheld(writer, table) for table in tables]
    # Nothing needs to be explained where nothing is told; other sentences are said in the body.
    explained = name not in ("census", "indicators", "recheck") and not all(withheld)
    rest = (*(section.sentences if name != "methods" else ()), *section.basis) if explained else ()
    for place, table in enumerate(tables):
        if withheld[place]:
            yield Paragraph(writer.say("appendix.withheld", caption=table.caption))
            continue
        # Versions of software are no matter of a report, and would change its bytes.
        notes = () if name == "methods" else _new_notes(writer, table, told)
        if place == len(tables) - 1:  # beneath the table, and on its page
            notes, rest = (*notes, *rest), ()
        yield replace(table, notes=notes)
    yield from (Paragraph(line, note=True) for line in rest)


def _all_withheld(writer: Writer, table: Table) -> bool:
    """Whether no row of a table of results has a figure that may be published."""
    withheld = writer.tell.say("wording.not_published")
    return len(table.rows) > 1 and all(withheld in row for row in table.rows)


def _new_notes(writer: Writer, table: Table, told: set[str]) -> tuple[str, ...]:
    """Those that no table before it has; what its own marks mean stands under each."""
    marks = {
        writer.tell.say("tables.unreliable"),
        writer.tell.say("wording.withheld_why", minimum=writer.tell.found.minimum),
    }
    new = tuple(note for note in table.notes if note in marks or note not in told)
    told.update(table.notes)
    return new
