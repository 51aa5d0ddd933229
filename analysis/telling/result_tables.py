"""Tables about what was asked of the office: sectors, the silent, answers still needed.

Owns their columns. Every figure is the verdict document's, every rounding `wording`'s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from analysis.design.scopes import ALL
from analysis.document import Document, EstimateRow, VerdictRow
from analysis.formulas.nonresponse import silence_within
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import (
    Names,
    beside,
    instead_of_figures,
    section_of,
    sector_name,
    sector_rows,
    targets_of,
)
from analysis.telling.tables import Table

Pair = tuple[str, str]

SECTOR: Final = ("Lĩnh vực", "Sector")
SATISFIED: Final = ("Hài lòng", "Satisfied")
INTERVAL: Final = ("Khoảng tin cậy {level}", "{level} interval")
MEAN: Final = ("Điểm trung bình", "Mean score")
ANSWERS: Final = ("Phiếu/hồ sơ (tỷ lệ trả lời)", "Answers/dossiers (response rate)")
ANSWERED: Final = ("Số phiếu", "Answers")
_SILENT: Final = ("Nếu ai cũng trả lời", "If all had answered")
_TARGET: Final = ("Mục tiêu", "Target")
_SILENT_PEOPLE: Final = ("Chưa trả lời", "Silent")
_TO_MEET: Final = ("Trong số đó phải hài lòng", "Of them must be satisfied")
_NEEDED: Final = ("Cần thêm", "Needed")
_WHOLE: Final = ("Cả kỳ cần", "A whole period takes")
_HAVE: Final = ("Đã có phiếu/hồ sơ", "Answers/dossiers so far")
_LEFT: Final = ("Hồ sơ chưa trả lời", "Dossiers without an answer")

_SURELY: Final = ("đã đạt, dù họ nghĩ gì", "met, whatever they think")
_NEVER: Final = ("không thể đạt", "cannot be met")
_AT_LEAST: Final = ("ít nhất {share}", "at least {share}")
_NO_NUMBER: Final = ("không số phiếu nào đủ", "no number of answers settles it")
_ABOUT: Final = ("khoảng {n}", "about {n}")
_UNKNOWN: Final = ("chưa rõ số hồ sơ", "dossiers not known")
_UNRELIABLE: Final = (
    "(*) Ít phiếu hoặc khoảng tin cậy rộng: chưa nên chỉ nhìn vào tỷ lệ.",
    "(*) Few answers or a wide interval: do not read the share by itself.",
)
_EMPTY: Final = ("Chưa có phiếu và số hồ sơ nào trong kỳ này.", "Nothing in this period yet.")
_SETTLED: Final = ("Không có mục tiêu nào còn chưa đủ căn cứ.", "No target is left unsettled.")
_NO_COUNTS: Final = (
    "Chưa có số hồ sơ đã giải quyết nên không tính được những người chưa trả lời.",
    "Without dossier counts nothing can be said of those who did not answer.",
)
_CAPTIONS: Final[dict[str, Pair]] = {
    "sectors": ("Kết quả theo lĩnh vực: {measure}", "Results by sector: {measure}"),
    "silence": (
        "Bao nhiêu người chưa trả lời phải hài lòng thì đạt mục tiêu",
        "How many of the silent must be satisfied for the target to be met",
    ),
    "needed": ("Những mục tiêu chưa đủ căn cứ", "Targets not proven yet"),
}


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

    def say(self, pair: Pair, **values: object) -> str:
        return wording.choose(pair, self.lang).format(**values)

    def sector(self, sector: str) -> str:
        return sector_name(sector, self.targets, self.names, self.lang)

    def beside(self, row: EstimateRow | VerdictRow) -> str:
        """Whose answers, where further questionnaires stand beside the first."""
        return beside(self.found, row.questionnaires)

    @property
    def level(self) -> str:
        return wording.threshold(self.found.level, self.lang)

    def share(self, row: wording.Figures, *, beside: bool = False) -> str:
        """The share, marked where it should not be read alone, with its number of answers.

        `beside`: the number of responses stands beside; then only another one is told.
        """
        words = self.instead(row)
        if words:
            return words
        n = row.respondents
        known = beside and n == row.n and n >= wording.COUNTS_ONLY_BELOW
        bare = wording.share_text(row, self.lang)
        share = bare if known else wording.share_phrase(row, self.lang)
        return f"{share} (*)" if wording.unreliable(row) else share

    def instead(self, row: wording.Figures) -> str | None:
        """What is said where there is no figure, or too few answers for one."""
        return instead_of_figures(row, self.lang)

    def limits(self, row: wording.Figures) -> str:
        return self.between(row, row.low, row.high)

    def between(self, row: wording.Figures, low: float | None, high: float | None) -> str:
        """Two limits of a row, with the decimals that its answers can bear."""
        if self.instead(row) or row.respondents < wording.COUNTS_ONLY_BELOW:
            return "–"
        return wording.interval_phrase(low, high, row.respondents, self.lang)

    def mean(self, row: wording.Rated) -> str:
        return "–" if self.instead(row) else wording.mean_phrase(row, self.lang)

    def caution(self, rows: Iterable[wording.Figures]) -> tuple[str, ...]:
        """The sentences for rows that are marked, and for those withheld."""
        rows = list(rows)
        shown = [row for row in rows if self.instead(row) is None]
        words = {self.instead(row) for row in rows}
        marked = (self.say(_UNRELIABLE),) if any(map(wording.unreliable, shown)) else ()
        withheld = self.say(wording.NOT_PUBLISHED) in words
        why = (self.say(wording.WITHHELD_WHY, minimum=self.found.minimum),) if withheld else ()
        return (*marked, *why)

    def notes(self, named: Iterable[tuple[str, EstimateRow]]) -> Iterator[str]:
        """What a reader must be told of single rows, each under its name."""
        for name, row in named:
            covered = wording.coverage_phrase(row, self.found.period, self.lang)
            if covered:
                yield f"{name}: {covered}."
            note = wording.note_of(row, self.lang, self.names)
            if note:
                yield f"{name}: {note}"


def sector_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    measure: str = "overall",
) -> Table:
    """One row per sector, then groups and the total: share, interval, answers, bounds, mean.

    Arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = sector_rows(tell.found, office, measure)
    named = [(tell.sector(row.sector) + tell.beside(row), row) for row in rows]
    title = tell.names.get(measure) or tell.say(wording.MEASURES.get(measure, (measure, measure)))
    heads = (SECTOR, SATISFIED, ANSWERS, INTERVAL, _SILENT, MEAN)
    return Table(
        caption=tell.say(_CAPTIONS["sectors"], measure=title),
        head=tuple(tell.say(head, level=tell.level) for head in heads),
        rows=tuple(
            (
                name,
                tell.share(row, beside=True),
                wording.rate_phrase(row, lang),
                tell.limits(row),
                tell.between(row, row.silent_low, row.silent_high),
                tell.mean(row),
            )
            for name, row in named
        ),
        notes=(*tell.caution(rows), *tell.notes(named)),
        strong=frozenset(
            number
            for number, row in enumerate(rows)
            if section_of(row.sector) in ("group", "total")
        ),
        empty=tell.say(_EMPTY),
    )


def _judged(tell: Teller, office: str) -> Iterator[tuple[str, VerdictRow, EstimateRow]]:
    """Each verdict of the office that may be shown, under its name, with its estimate."""
    for verdict in tell.found.verdicts:
        if verdict.office != office:
            continue
        row = tell.found.row_of(verdict)
        if row is not None and tell.instead(row) is None:
            yield tell.sector(verdict.sector) + tell.beside(verdict), verdict, row


def _target(tell: Teller, verdict: VerdictRow) -> str:
    return f"{verdict.deadline}: {wording.threshold(verdict.threshold, tell.lang)}"


def silence_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> Table:
    """What those who did not answer could change: for each target, how many of them it takes.

    Horowitz & Manski bounds; arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = [
        (
            name,
            _target(tell, verdict),
            _left(tell, row),
            tell.between(row, row.silent_low, row.silent_high),
            _what_it_takes(tell, verdict, row),
        )
        for name, verdict, row in _judged(tell, office)
        if row.silent_low is not None
    ]
    heads = (SECTOR, _TARGET, _SILENT_PEOPLE, _SILENT, _TO_MEET)
    return Table(
        caption=tell.say(_CAPTIONS["silence"]),
        head=tuple(tell.say(head) for head in heads),
        rows=tuple(rows),
        empty=tell.say(_NO_COUNTS),
    )


def _what_it_takes(tell: Teller, verdict: VerdictRow, row: EstimateRow) -> str:
    """The share of the silent that must be satisfied, rounded up to a whole percent."""
    silent = silence_within(row.silent_low, row.silent_high, verdict.threshold)
    if silent is None or silent.verdict == "met":
        return tell.say(_SURELY)
    if silent.verdict == "missed" or silent.share_needed is None:
        return tell.say(_NEVER)
    least = math.ceil(100 * silent.share_needed - 1e-9)
    return tell.say(_AT_LEAST, share=f"{least}%")


def needed_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> Table:
    """For each target not proven, how many answers would settle it if the share stays the same.

    Further ones while the period is running; of one that is over, those of the whole period.
    Arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = [
        (
            name,
            _target(tell, verdict),
            wording.rate_phrase(row, lang),
            _left(tell, row),
            _needed(tell, verdict, row),
        )
        for name, verdict, row in _judged(tell, office)
        if verdict.evidence == "not_proven"
        and verdict.reason in (None, "running")  # no number of answers mends another reason
        and verdict.responses_needed != 0
    ]
    running = tell.found.status == "running"
    heads = (SECTOR, _TARGET, _HAVE, _LEFT, _NEEDED if running else _WHOLE)
    return Table(
        caption=tell.say(_CAPTIONS["needed"]),
        head=tuple(tell.say(head) for head in heads),
        rows=tuple(rows),
        empty=tell.say(_SETTLED),
    )


def _left(tell: Teller, row: EstimateRow) -> str:
    """Dossiers whose people have not answered."""
    if row.population is None:
        return tell.say(_UNKNOWN)
    return wording.number(max(row.population - row.respondents, 0), tell.lang)


def _needed(tell: Teller, verdict: VerdictRow, row: EstimateRow) -> str:
    needed = verdict.responses_needed
    if needed is None:
        return tell.say(_NO_NUMBER)
    if tell.found.status == "closed":
        needed += row.respondents
    return tell.say(_ABOUT, n=wording.answers(needed, tell.lang))
