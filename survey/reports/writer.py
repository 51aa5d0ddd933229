"""What a report is made of and how it is to be worded, and what all of its parts rest on.

Pure. Tables, verdicts, charts and every rounding are those of `analysis.reporting`; sentences are
the office's `phrases`. What leaves is the published document: whatever else decides what is told
(drivers, reasons, tests of change) gives no figure of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analysis.document import Document, EstimateRow
from analysis.insights.insights import Insights
from analysis.reporting import wording
from analysis.reporting.section import ReportSection, SectionKey
from analysis.reporting.sections import report_sections
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import Head, head
from analysis.statistics.sample_size import yamane
from analysis.strata.survey import ALL
from analysis.words import number
from questionnaires import Sentences
from survey.reports.letterhead import Letterhead
from survey.reports.parts import NOTHING, Beside, RevisionMark


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of.

    `office`: "all" for a total, of the office above others that signs (`total_of`) or of
    everything. `document`: published, or the office's own where it must not leave. `full` and
    `insights`: of the same period and office; they decide what is told. `earlier`: published
    documents of the periods that this one is compared with. `theme`: the terms that comments speak
    of most; none where no theme may be told.
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
    total_of: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the report is worded and framed. `day`: of its signature; None leaves it free."""

    lang: str
    phrases: Sentences
    letterhead: Letterhead
    day: date | None = None
    revision: RevisionMark | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """What every part of one report is written with: its figures, its words, and what they show."""

    material: Material
    wanted: Wanted
    tell: Teller
    top: Head
    sections: Mapping[SectionKey, ReportSection]

    @classmethod
    def of(cls, material: Material, wanted: Wanted) -> Writer:
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
        """A sentence of the office's, filled in."""
        return self.wanted.phrases.get(key, self.wanted.lang, **values)

    def share(self, row: EstimateRow) -> str:
        """A share within a sentence, on its own side of every target."""
        return wording.share_phrase(row, self.wanted.lang, self.tell.found.thresholds)

    @property
    def period(self) -> str:
        """The period within a sentence."""
        return self.material.document.period.inside(self.wanted.lang)

    @property
    def total(self) -> EstimateRow | None:
        """The row of all sectors; of the agency in general where only that was asked about."""
        document, office = self.material.document, self.material.office
        row = document.pick(office=office)
        if row is None or not row.received:
            row = document.pick(office=office, sector="general") or row
        return row

    @property
    def sectors_shown(self) -> bool:
        """Whether the result of any sector is told."""
        rows = wording.sector_rows(self.material.document, self.material.office, "overall")
        return any(row.share is not None for row in rows)

    def anded(self, words: Sequence[str]) -> str:
        """In a sentence: "I, II và III"."""
        *first, last = words
        return f"{', '.join(first)} {self.say('changes.and')} {last}" if first else last

    def number(self, value: int) -> str:
        """A whole number as it is written in the report's language."""
        return number(value, self.wanted.lang)

    @property
    def agency(self) -> str:
        """The office within a sentence: as it signs, in English by the name that it has there.

        "" of several offices together where nobody has said who signs for them.
        """
        signs, names = self.wanted.letterhead.agency, self.material.names
        called = self.top.office or ""
        if self.material.total_of:
            called = names[wording.TOTAL]
        elif self.material.office == ALL and len(self.material.document.offices) > 1:
            return signs
        return signs or called if self.wanted.lang == "vi" else called or signs

    def told(self, row: EstimateRow) -> bool:
        """Whether a row has a share on answers enough for a percentage."""
        return self.tell.instead(row) is None and row.respondents >= wording.COUNTS_ONLY_BELOW

    def element_rows(self) -> list[EstimateRow]:
        """The elements of the total that are told of, the lowest first."""
        document, office = self.material.document, self.material.office
        rows = (
            document.pick(office=office, measure=measure)
            for measure in document.measures
            if measure.startswith("element:")
        )
        told = [row for row in rows if row is not None and row.received and self.told(row)]
        return sorted(told, key=lambda row: row.share or 0.0)

    def lags(self) -> bool:
        """Whether the lowest element lies below the best one, interval and all."""
        rows = self.element_rows()
        highest, lowest = (rows[0].high, rows[-1].low) if rows else (None, None)
        return highest is not None and lowest is not None and highest < lowest

    def named(self, row: EstimateRow) -> str:
        """The name of what a row measures."""
        return self.material.names.get(row.measure, row.measure)

    def fewer_slips(self) -> bool:
        """Whether fewer slips were handed out than in the period before."""
        found = self.material.beside.handed_out
        return found is not None and found.before is not None and found.slips < found.before

    def missing(self) -> int:
        """Answers that the sample size of the guidance still lacks; 0 where it is reached."""
        row = self.total
        return max(0, yamane(row.population) - row.n) if row is not None and row.population else 0
