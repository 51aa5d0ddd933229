"""From a verdict document to the parts of a report: what is said, in which order, on what evidence.

Pure. Tables, verdicts, charts and every rounding are those of `analysis.reporting`; sentences are
the office's `phrases`. What leaves is the published document: whatever else decides what is told
(drivers, reasons, tests of change) gives no figure of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from analysis.census_rows import CensusVerdict
from analysis.document import Document, EstimateRow, VerdictRow
from analysis.insights.insights import Insights
from analysis.period import Period
from analysis.reporting import wording
from analysis.reporting.narrowing import of_office
from analysis.reporting.pictures import describe, picture
from analysis.reporting.section import ReportSection, SectionKey
from analysis.reporting.sections import report_sections
from analysis.reporting.tables import Table, Teller, office_table
from analysis.reporting.verdicts import Head, Judged, Judgement, head
from analysis.statistics.sample_size import yamane
from analysis.strata.survey import ALL
from analysis.targets import CensusMeasure
from analysis.words import number
from questionnaires import Sentences
from survey.overview import by_name
from survey.reports.letterhead import Letterhead, written_day
from survey.reports.parts import (
    NOTHING,
    Appendix,
    Beside,
    Drawing,
    Frame,
    Heading,
    Items,
    Paragraph,
    Part,
    Report,
    RevisionMark,
)

_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")
_LOWEST: Final = 3  # elements that are told in sentences; the appendix has all


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of.

    `document`: published, or the office's own where it must not leave. `full` and `insights`: of
    the same period and office; they decide what is told. `earlier`: published documents of the
    periods that this one is compared with. `theme`: the terms that comments speak of most; none
    where no theme may be told.
    """

    document: Document
    office: str
    names: Mapping[str, str]
    full: Document
    insights: Insights
    earlier: tuple[Document, ...] = ()
    beside: Beside = NOTHING
    theme: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the report is worded and framed. `day`: of its signature; None leaves it free."""

    lang: str
    phrases: Sentences
    letterhead: Letterhead
    day: date | None = None
    revision: RevisionMark | None = None


def make_report(material: Material, wanted: Wanted) -> Report:
    """The whole report, in one language."""
    teller = _Writer.of(material, wanted)
    document, office = material.document, material.office
    appendices = teller.appendices()
    return Report(
        lang=wanted.lang,
        document=document if office == ALL else of_office(document, office),
        office=office,
        names=material.names,
        letterhead=wanted.letterhead,
        frame=teller.frame(),
        warnings=tuple(filter(None, (teller.top.warning, teller.top.internal))),
        body=tuple(teller.body(appendices)),
        appendices=appendices,
        beside=material.beside,
        revision=wanted.revision,
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the parts of one report."""

    material: Material
    wanted: Wanted
    tell: Teller
    top: Head
    sections: Mapping[SectionKey, ReportSection]

    @classmethod
    def of(cls, material: Material, wanted: Wanted) -> _Writer:
        document, names, lang = material.document, material.names, wanted.lang
        told = report_sections(document, names=names, lang=lang, office=material.office)
        return cls(
            material=material,
            wanted=wanted,
            tell=Teller.of(document, names, None, lang),
            top=head(
                document,
                names=names,
                lang=lang,
                office=material.office,
                simulated=material.simulated,
            ),
            sections={section.key: section for section in told},
        )

    def say(self, key: str, **values: object) -> str:
        return self.wanted.phrases.get(key, self.wanted.lang, **values)

    @property
    def period(self) -> str:
        return self.material.document.period.inside(self.wanted.lang)

    @property
    def total(self) -> EstimateRow | None:
        """The row of all sectors; of the agency in general where only that was asked about."""
        document, office = self.material.document, self.material.office
        row = document.pick(office=office)
        if row is None or not row.received:
            row = document.pick(office=office, sector="general") or row
        return row

    # --- The frame ---------------------------------------------------------------------------

    def frame(self) -> Frame:
        given = self.wanted.letterhead
        return Frame(
            nation=self.say("frame.nation"),
            motto=self.say("frame.motto"),
            number=self.say("frame.number", symbol=given.symbol),
            day=self._day(),
            kind=self.say("frame.kind"),
            # On one line: "tháng 10/2026".
            subject=self.say(
                "title.subject", period=self.period.replace(" ", "\N{NO-BREAK SPACE}")
            ),
            to=given.to,
            to_word=self.say("frame.to"),
            received=self.say("frame.received"),
            recipients=tuple(self._recipients()),
        )

    def _day(self) -> str:
        place, day = self.wanted.letterhead.place or "…", self.wanted.day
        if day is None:
            return self.say("frame.day_left", place=place, year="20…")
        written = dict(zip(("day", "month", "year"), written_day(day), strict=True))
        return self.say("frame.on_day", place=place, **written)

    def _recipients(self) -> Iterator[str]:
        given = self.wanted.letterhead
        if given.to:
            yield f"- {self.say('frame.as_above')};"
        yield from (f"- {name};" for name in given.copies)
        drafter = f", {given.drafter}" if given.drafter else ""
        yield f"- {self.say('frame.kept', drafter=drafter)}"

    def _agency(self) -> str:
        """The office within a sentence: as it signs, in English by the name that it has there."""
        signs, called = self.wanted.letterhead.agency, self.top.office or ""
        one = self.material.office != ALL or len(self.material.document.offices) == 1
        return called or signs if one and self.wanted.lang != "vi" else signs or called

    # --- The body ----------------------------------------------------------------------------

    def body(self, appendices: tuple[Appendix, ...]) -> Iterator[Part]:
        office = self._agency() or self.say("title.office")
        yield Paragraph(self.say("title.opening", office=office, period=self.period))
        told = {
            "revised": self.revised(),
            "collected": self.collected(),
            "recheck": self.recheck(),
            "verdicts": self.verdicts(),
            "sectors": self.drawn(),
            "changes": self.changes(),
            "elements": self.elements(),
            "limits": self.limits(),
            "census": self.beside("census"),
            "indicators": self.beside("indicators"),
            "next": self.next(),
        }
        shown = [(key, parts) for key, found in told.items() if (parts := tuple(found))]
        for place, (key, parts) in enumerate(shown):
            yield Heading(f"{_ROMAN[place]}. {self.say(f'heading.{key}')}")
            yield from parts
        if appendices:
            numbers = self._anded([one.number for one in appendices])
            yield Paragraph(self.say("title.enclosed", list=numbers))
        mark = self.wanted.revision
        if mark is not None:
            key = "revision.sealed" if mark.seal else "revision.number"
            words = {"number": mark.number, "content": mark.content}
            seal = {"seal": mark.seal} if mark.seal else {}
            yield Paragraph(self.say(key, **words, **seal), note=True)

    def _anded(self, words: Sequence[str]) -> str:
        """In a sentence: "I, II và III"."""
        *first, last = words
        return f"{', '.join(first)} {self.say('changes.and')} {last}" if first else last

    def collected(self) -> Iterator[Part]:
        row, beside = self.total, self.material.beside
        if row is None or not row.received:
            yield Paragraph(self.say("collected.nobody"))
            return
        yield Paragraph(self.say("collected.basis", basis=self.top.basis))
        if row.population is None:
            yield Paragraph(self.say("collected.no_dossiers"))
        else:
            rate = wording.rate_phrase(row, self.wanted.lang)
            yield Paragraph(self.say("collected.rate", rate=rate))
        if beside.handed_out is not None:
            yield Paragraph(" ".join(self._handed_out()))
        if row.population:
            yield Paragraph(self._guidance(row, row.population))

    def recheck(self) -> Iterator[Part]:
        """What those drawn by lot say, before any verdict: it may rest on them."""
        section = self.sections.get("recheck")
        if section is not None:
            yield Items(section.sentences)
            yield from (Paragraph(told, note=True) for told in section.basis)

    def _number(self, value: int) -> str:
        return number(value, self.wanted.lang)

    def _handed_out(self) -> Iterator[str]:
        found = self.material.beside.handed_out
        if found is None:
            return
        counts = {"slips": self._number(found.slips), "answered": self._number(found.answered)}
        yield self.say("collected.handed_out", **counts)
        if self._fewer_slips() and found.before is not None:
            yield self.say("collected.handed_less", before=self._number(found.before))

    def _fewer_slips(self) -> bool:
        found = self.material.beside.handed_out
        return found is not None and found.before is not None and found.slips < found.before

    def _guidance(self, row: EstimateRow, population: int) -> str:
        need, missing = yamane(population), self._missing()
        values = {"N": self._number(population), "need": self._number(need)}
        values["n"] = self._number(row.n)
        if missing <= 0:
            return self.say("collected.enough", **values)
        return self.say("collected.short", **values, missing=self._number(missing))

    def _missing(self) -> int:
        """Answers that the sample size of the guidance still lacks; 0 where it is reached."""
        row = self.total
        return max(0, yamane(row.population) - row.n) if row is not None and row.population else 0

    def verdicts(self) -> Iterator[Part]:
        """Each that was judged, with its targets; those of which nothing can be said, together."""
        section = self.sections["verdicts"]
        entries = section.verdicts.entries if section.verdicts is not None else ()
        silent: dict[str, list[str]] = {"none": [], "withheld": []}
        for entry in entries:
            words = {line.evidence for line in entry.judgements}
            if not entry.interval and len(words) == 1 and words <= silent.keys():
                silent[words.pop()].append(entry.scope)
                continue
            yield Paragraph(self._read(entry))
            yield Items((*self._judgements(entry, words), *self._notes(entry)))
        for word, scopes in silent.items():
            if scopes:
                told = "; ".join(dict.fromkeys(scopes))
                yield Paragraph(self.say(f"verdict.{word}", scopes=told))
        if section.verdicts is not None and not entries:
            yield Paragraph(section.verdicts.empty)
        asked = self.sections.get("recheck")
        said = () if asked is None else asked.sentences
        rest = [sentence for sentence in section.sentences if sentence not in said]
        if rest:
            yield Paragraph(" ".join(rest))

    def _read(self, entry: Judged) -> str:
        reading = entry.reading[:1].lower() + entry.reading[1:]
        words = {"scope": entry.scope, "title": entry.title, "reading": reading}
        if not entry.interval:
            return self.say("verdict.no_reading", **words)
        level = self.tell.level
        return self.say("verdict.reading", **words, level=level, interval=entry.interval)

    def _judgements(self, entry: Judged, words: set[str]) -> Iterator[str]:
        """The verdicts; that all are withheld is told once."""
        if words == {"withheld"}:
            return iter((self.say("verdict.not_told"),))
        return map(self._judged, entry.judgements)

    def _notes(self, entry: Judged) -> Iterator[str]:
        withheld = self.tell.say("note.withheld")
        return (note for note in entry.notes if note != withheld)

    def _judged(self, line: Judgement) -> str:
        told = self.say("verdict.judged", aim=wording.capital(line.aim), word=line.word)
        return " ".join((told, *line.more))

    def drawn(self) -> Iterator[Part]:
        rows = wording.sector_rows(self.material.document, self.material.office, "overall")
        if not rows:
            return
        if all(row.share is None for row in rows):
            yield Paragraph(self.say("sectors.none"))
            return
        shown = picture(
            self.material.document,
            office=self.material.office,
            names=self.material.names,
            lang=self.wanted.lang,
        )
        caption = self.say("sectors.chart", period=self.period)
        yield Drawing(shown, caption, describe(shown))

    def changes(self) -> Iterator[Part]:
        told = tuple(self._changed())
        if told:
            yield Items(told)
            return
        compared = dict.fromkeys(
            change.earlier
            for trend in self.material.insights.trends
            for change in trend.changes
            if change.signal != "unknown"
        )
        if not compared:
            yield Paragraph(self.say("changes.new"))
            return
        names = [one.inside(self.wanted.lang) for one in compared]
        yield Paragraph(
            self.say("changes.none", periods=f" {self.say('changes.and')} ".join(names))
        )

    def _changed(self) -> Iterator[str]:
        """Changes beyond chance whose figures are published on both sides."""
        for trend in self.material.insights.trends:
            for change in trend.changes:
                sides = self._sides(trend.sector, change.earlier)
                if change.signal not in ("higher", "lower") or sides is None:
                    continue
                now, then = sides
                yield self.say(
                    f"changes.{change.signal}",
                    sector=self.tell.sector(trend.sector),
                    earlier=change.earlier.inside(self.wanted.lang),
                    now=wording.share_phrase(now, self.wanted.lang, self.tell.found.thresholds),
                    now_interval=self.tell.limits(now),
                    then=wording.share_phrase(then, self.wanted.lang, self.tell.found.thresholds),
                    then_interval=self.tell.limits(then),
                )

    def _sides(self, sector: str, earlier: Period) -> tuple[EstimateRow, EstimateRow] | None:
        """The row of this period and of an earlier one, where both have figures that are told."""
        then = next((one for one in self.material.earlier if one.period == earlier), None)
        documents = (self.material.document, then)
        rows = [
            None if one is None else one.pick(office=self.material.office, sector=sector)
            for one in documents
        ]
        now, before = (row if row is not None and self._told(row) else None for row in rows)
        return None if now is None or before is None else (now, before)

    def _told(self, row: EstimateRow) -> bool:
        """Whether a row has a share on answers enough for a percentage."""
        return self.tell.instead(row) is None and row.respondents >= wording.COUNTS_ONLY_BELOW

    def elements(self) -> Iterator[Part]:
        rows = self._elements()
        if not rows:
            yield Paragraph(self.say("elements.none"))
            return
        lowest = rows[:_LOWEST]
        whole = len(lowest) == len(rows)
        yield Paragraph(self.say("elements.all" if whole else "elements.lowest"))
        yield Items(
            tuple(
                self.say(
                    "elements.listed",
                    element=self._named(row),
                    share=wording.share_phrase(row, self.wanted.lang, self.tell.found.thresholds),
                    level=self.tell.level,
                    interval=self.tell.limits(row),
                )
                for row in lowest
            )
        )
        if self._lags():
            names = {"lowest": self._named(rows[0]), "best": self._named(rows[-1])}
            yield Paragraph(self.say("elements.lags", **names))
        elif len(rows) > 1:
            yield Paragraph(self.say("elements.alike"))

    def _elements(self) -> list[EstimateRow]:
        """The elements of the total that are told of, the lowest first."""
        document, office = self.material.document, self.material.office
        rows = (
            document.pick(office=office, measure=measure)
            for measure in document.measures
            if measure.startswith("element:")
        )
        told = [row for row in rows if row is not None and row.received and self._told(row)]
        return sorted(told, key=lambda row: row.share or 0.0)

    def _lags(self) -> bool:
        """Whether the lowest element lies below the best one, interval and all."""
        rows = self._elements()
        highest, lowest = (rows[0].high, rows[-1].low) if rows else (None, None)
        return highest is not None and lowest is not None and highest < lowest

    def _named(self, row: EstimateRow) -> str:
        return self.material.names.get(row.measure, row.measure)

    def limits(self) -> Iterator[Part]:
        methods = self.sections["methods"]
        yield Paragraph(" ".join(methods.sentences))
        row = self.total
        if row is not None and row.silent_low is not None and self._told(row):
            interval = self.tell.between(row, row.silent_low, row.silent_high)
            yield Paragraph(self.say("limits.silent", interval=interval))
        rows = wording.sector_rows(self.material.document, self.material.office, "overall")
        if any(wording.withheld_phrase(row) for row in rows):
            yield Paragraph(self.tell.say("wording.withheld_why", minimum=self.tell.found.minimum))

    # --- What to do next ---------------------------------------------------------------------

    def next(self) -> Iterator[Part]:
        found = tuple(dict.fromkeys(self._calls()))
        if found:
            yield Items(found)
        else:
            yield Paragraph(self.say("next.nothing"))

    def _calls(self) -> Iterator[str]:
        """What the figures call for, the most certain first; nothing that they do not show."""
        missed, open_ = self._verdicts_by_word()
        for sector, aims in missed.items():
            yield self.say("next.missed", sector=sector, aim=self._anded(aims))
        yield from self._counted()
        if self._lags():
            yield self.say("next.lags", element=self._named(self._elements()[0]))
        yield from self._driver()
        yield from self._reason()
        if self.material.theme:
            yield self.say("next.theme", terms=", ".join(self.material.theme))
        row = self.total
        if row is not None and row.received and row.population is None:
            yield self.say("next.dossiers")
        if self._missing():
            yield self.say("next.answers", missing=self._number(self._missing()))
        if self._fewer_slips():
            yield self.say("next.slips")
        if open_:
            # Names of sectors hold commas.
            yield self.say("next.unproven", scopes="; ".join(open_))

    def _verdicts_by_word(self) -> tuple[dict[str, list[str]], list[str]]:
        """What is missed, with the targets of each; and what is not proven, each once."""
        missed: dict[str, list[str]] = {}
        open_ = []
        for verdict in wording.told_verdicts(self.material.document, self.material.office):
            sector = self.tell.sector(verdict.sector)
            if verdict.evidence == "missed":
                missed.setdefault(sector, []).append(self._aim(verdict))
            elif verdict.evidence == "not_proven":
                open_.append(sector)
        return missed, list(dict.fromkeys(open_))

    def _aim(self, verdict: VerdictRow | CensusVerdict) -> str:
        aim = wording.threshold(verdict.threshold, self.wanted.lang)
        return self.say("next.aim", aim=aim, year=verdict.deadline)

    def _counted(self) -> Iterator[str]:
        """The targets of all dossiers that are missed, a line a measure."""
        found = self.material.document.census
        missed: dict[CensusMeasure, list[str]] = {}
        for verdict in () if found is None else found.verdicts:
            if (verdict.office, verdict.word) == (self.material.office, "missed"):
                missed.setdefault(verdict.measure, []).append(self._aim(verdict))
        for measure, aims in missed.items():
            yield self.say(f"next.{measure}", aim=self._anded(aims))

    def _driver(self) -> Iterator[str]:
        """The element that goes most with overall satisfaction, where one surely does; by name."""
        published = {row.measure for row in self._elements()}
        for driver in self.material.insights.drivers:
            if driver.sure and driver.measure in published:
                yield self.say(
                    "next.driver", element=self.material.names.get(driver.measure, driver.measure)
                )
                return

    def _reason(self) -> Iterator[str]:
        """The reason chosen most often, by name: only where no fewer people chose it than a figure
        that is published must be on, and no other as often."""
        rows = sorted(
            (
                row
                for row in self.material.full.reasons
                if (row.office, row.sector) == (self.material.office, ALL)
            ),
            key=lambda row: -row.chosen,
        )
        if not rows or rows[0].chosen < self.material.full.minimum:
            return
        if len(rows) > 1 and rows[1].chosen == rows[0].chosen:
            return
        key = f"reason:{rows[0].questionnaire}:{rows[0].question}:{rows[0].option}"
        yield self.say("next.reason", reason=self.material.names.get(key, rows[0].option))

    def beside(self, key: SectionKey) -> Iterator[Part]:
        """What is no part of the survey (all dossiers, the desk's indicators): a section of its
        own, after all that the survey says."""
        section = self.sections.get(key)
        if section is not None:
            yield Items(section.sentences)
            yield from (Paragraph(told, note=True) for told in section.basis)

    def revised(self) -> Iterator[Part]:
        mark = self.wanted.revision
        if mark is None or mark.number == 1:
            return
        yield Paragraph(
            self.say("revision.replaces", before=mark.number - 1, why=mark.why.rstrip("."))
        )
        if mark.changes:
            yield Items(mark.changes)

    # --- The appendices ----------------------------------------------------------------------

    def appendices(self) -> tuple[Appendix, ...]:
        groups: tuple[tuple[str, tuple[SectionKey, ...]], ...] = (
            ("results", ("sectors", "silence", "recheck")),
            ("elements", ("measures", "channels")),
            ("census", ("census",)),
            ("indicators", ("indicators",)),
            ("methods", ("methods",)),
        )
        told = [(key, self._grouped(wanted)) for key, wanted in groups]
        told.insert(1, ("offices", tuple(self._offices())))
        shown = [(key, parts) for key, parts in told if parts]
        return tuple(
            self._appendix(_ROMAN[place], key, parts) for place, (key, parts) in enumerate(shown)
        )

    def _grouped(self, wanted: tuple[SectionKey, ...]) -> tuple[Part, ...]:
        """The sections of an appendix; the title of a single one is the appendix's own."""
        found = [(name, tuple(self._section(name))) for name in wanted if name in self.sections]
        shown = [(name, parts) for name, parts in found if parts]
        if len(shown) == 1:
            return shown[0][1]
        return tuple(
            part
            for name, parts in shown
            for part in (Heading(self.sections[name].title, level=2), *parts)
        )

    def _offices(self) -> Iterator[Part]:
        """Offices side by side, where the report is of several."""
        document = self.material.document
        if self.material.office != ALL or len(document.offices) < 2:
            return
        names = self.material.names
        # By name and never by share: no difference of this table is proven.
        offices = sorted(document.offices, key=lambda office: by_name(names.get(office, office)))
        yield office_table(document, names=names, lang=self.wanted.lang, offices=offices)

    def _appendix(self, numeral: str, key: str, parts: tuple[Part, ...]) -> Appendix:
        given = self.wanted.letterhead
        return Appendix(
            number=numeral,
            label=self.say("frame.appendix", number=numeral),
            title=self.say(f"appendix.{key}"),
            belongs=self.say(
                "frame.belongs",
                symbol=given.symbol,
                year="20…",
                agency=self._agency() or "…",
            ),
            parts=parts,
        )

    def _section(self, name: SectionKey) -> Iterator[Part]:
        section = self.sections[name]
        told: set[str] = set()
        # Why there is no table is said in the body.
        tables = [table for table in (*section.tables, *section.details) if table.rows]
        for table in tables:
            if self._all_withheld(table):
                yield Paragraph(self.say("appendix.withheld", caption=table.caption))
                continue
            # Versions of software are no matter of a report, and would change its bytes.
            notes = () if name == "methods" else self._new_notes(table, told)
            yield replace(table, notes=notes)
        if name in ("census", "indicators", "recheck"):  # all of it is said in the body
            return
        if all(map(self._all_withheld, tables)):  # nothing that needs to be explained
            return
        if name != "methods":  # said in the body
            yield from (Paragraph(line, note=True) for line in section.sentences)
        yield from (Paragraph(line, note=True) for line in section.basis)

    def _all_withheld(self, table: Table) -> bool:
        """Whether no row of a table of results has a figure that may be published."""
        withheld = self.tell.say("wording.not_published")
        return len(table.rows) > 1 and all(withheld in row for row in table.rows)

    def _new_notes(self, table: Table, told: set[str]) -> tuple[str, ...]:
        """Those that no table before it has; what its own marks mean stands under each."""
        marks = {
            self.tell.say("tables.unreliable"),
            self.tell.say("wording.withheld_why", minimum=self.tell.found.minimum),
        }
        new = tuple(note for note in table.notes if note in marks or note not in told)
        told.update(table.notes)
        return new
