"""Says things of a document in one language, with the names of one office.

Owns how a figure of a row reads in every table and sentence. Every figure is the document's, every
rounding `wording`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from analysis.census_rows import CensusVerdict
from analysis.document import Document, EstimateRow, VerdictRow
from analysis.reporting import wording
from analysis.reporting.wording import (
    Names,
    beside,
    instead_of_figures,
    sector_name,
    targets_of,
)
from analysis.statistics.estimates import Note
from analysis.targets import Targets
from analysis.words import say


@dataclass(frozen=True, slots=True)
class Teller:
    """Says things of a document in one language, with the names of one office."""

    found: Document
    names: Names
    targets: Targets
    lang: str

    @classmethod
    def of(cls, found: Document, names: Names | None, targets: Targets | None, lang: str) -> Teller:
        """With no names and the shipped targets where they are left out.

        ValueError where the document was judged by other targets.
        """
        return cls(found, names or {}, targets_of(found, targets), lang)

    def say(self, pair: str, **values: object) -> str:
        return say(pair, self.lang, **values)

    def sector(self, sector: str) -> str:
        return sector_name(sector, self.targets, self.names, self.lang)

    def beside(self, row: EstimateRow | VerdictRow) -> str:
        """Whose answers, where further questionnaires stand beside the first."""
        return beside(self.found, row.questionnaires)

    def aim(self, verdict: VerdictRow | CensusVerdict) -> str:
        """What is to be reached, with whose threshold it is where it is not the target's."""
        aim, whose = wording.threshold(verdict.threshold, self.lang), verdict.threshold_of
        if whose is None:
            return aim
        if whose == verdict.office:
            return self.say("verdicts.own_aim", aim=aim)
        return self.say("verdicts.aim_of", aim=aim, office=self.names.get(whose, whose))

    @property
    def level(self) -> str:
        return wording.threshold(self.found.level, self.lang)

    def share(self, row: wording.RowFigures, *, beside: int | None = None) -> str:
        """The share, marked where it should not be read alone, with its number of answers.

        `beside`: a number that stands in the next column; then only another one is told.
        """
        words = self.instead(row)
        if words:
            return words
        n = row.respondents
        known = n == beside and n >= wording.COUNTS_ONLY_BELOW
        told = wording.share_text if known else wording.share_phrase
        share = told(row, self.lang, self.found.thresholds)
        return f"{share} (*)" if wording.unreliable(row) else share

    def instead(self, row: wording.RowFigures) -> str | None:
        """What is said where there is no figure, or too few answers for one."""
        return instead_of_figures(row, self.lang)

    def limits(self, row: wording.RowFigures) -> str:
        return self.between(row, row.low, row.high)

    def between(self, row: wording.RowFigures, low: float | None, high: float | None) -> str:
        """Two limits of a row, with the decimals that its answers can bear."""
        if self.instead(row) or row.respondents < wording.COUNTS_ONLY_BELOW:
            return "–"
        return wording.interval_phrase(low, high, row.respondents, self.lang, self.found.thresholds)

    def mean(self, row: wording.Rated) -> str:
        return "–" if self.instead(row) else wording.mean_phrase(row, self.lang)

    def caution(self, rows: Iterable[wording.RowFigures]) -> tuple[str, ...]:
        """The sentences for rows that are marked, and for those withheld."""
        rows = list(rows)
        shown = [row for row in rows if self.instead(row) is None]
        words = {self.instead(row) for row in rows}
        marked = (self.say("tables.unreliable"),) if any(map(wording.unreliable, shown)) else ()
        withheld = self.say("wording.not_published") in words
        why = (self.say("wording.withheld_why", minimum=self.found.minimum),) if withheld else ()
        return (*marked, *why)

    def notes(self, named: Iterable[tuple[str, EstimateRow]]) -> Iterator[str]:
        """What a reader must be told of rows, each once, under the names of those it is about."""
        about: dict[str, list[str]] = {}
        for name, row in named:
            covered = wording.coverage_phrase(row, self.found.period, self.lang)
            for line in (covered and f"{covered}.", *self._noted(row)):
                if line:
                    about.setdefault(line, []).append(name)
        return (f"{'; '.join(names)}: {line}" for line, names in about.items())

    def _noted(self, row: EstimateRow) -> tuple[str, ...]:
        """The notes of a row; that its own sector is not counted is said without its name.

        It is found by its words: they are all that a document which was kept has of a note.
        """
        told = wording.notes_text(row.notes, self.lang, self.names) or ""
        for office, names in product(("", row.office), (self.names, {})):
            own = Note("not_counted", places=((office, row.sector),)).text(self.lang, names)
            if own in told:
                return self.say("tables.not_counted"), told.replace(own, "").strip()
        return (told,)
