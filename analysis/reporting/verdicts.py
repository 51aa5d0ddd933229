"""The verdicts of a document as a list for people, and the head and end of a report around them.

Owns what is said of each verdict and in which order, whose figures they are and how they were made.
The phrases are those of `wording`.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.reporting import wording
from analysis.reporting.render import html
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.reporting.wording import (
    Names,
    office_label,
    period_label,
    sections,
    sheets,
    told_verdicts,
)
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one deadline's threshold, on whom it rests, and the limits behind it.

    `evidence`: "met", "missed", "not_proven", "none" or "withheld".
    """

    evidence: str
    word: str
    aim: str
    more: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((f"{self.word} · {self.aim}.", *self.more))


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged: its name, its plain reading, a judgement a deadline, what to know of it.

    `title` is that of the targets; `interval` that of the reading, "" where there is none.
    """

    title: str
    scope: str
    reading: str
    judgements: tuple[Judgement, ...]
    notes: tuple[str, ...]
    interval: str = ""

    def __str__(self) -> str:
        beneath = (f"  {line}" for line in (*self.judgements, *self.notes))
        return "\n".join((f"{self.scope}: {self.reading}.", *beneath))


@dataclass(frozen=True, slots=True)
class VerdictList:
    """All verdicts of an office, in the order of the targets.

    `running` says why there is none while the period is not over; "" afterwards.
    """

    entries: tuple[Judged, ...]
    running: str
    empty: str

    def __str__(self) -> str:
        return "\n".join(self._lines()) or self.empty

    def _lines(self) -> Iterator[str]:
        if self.running:
            yield self.running
        title = None
        for entry in self.entries:
            if entry.title != title:
                title = entry.title
                yield title
            yield from (f"  {line}" for line in str(entry).split("\n"))

    def _repr_html_(self) -> str:
        return html("verdicts", self)


def verdict_list(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> VerdictList:
    """The verdicts of one office, or of all offices together: an entry for each that was judged.

    `names` gives sectors and offices their names; `targets` are those that the document was
    judged by, the shipped ones where left out.
    """
    tell = Teller.of(document, names, targets, lang)
    return VerdictList(
        entries=tuple(
            _entry(tell, title, found) for title, found in grouped_verdicts(tell, office)
        ),
        running=f"{tell.say('wording.reasons.running')}." if document.status == "running" else "",
        empty=tell.say("verdicts.empty"),
    )


def grouped_verdicts(tell: Teller, office: str) -> list[tuple[str, list[VerdictRow]]]:
    """Title and verdicts of each that was judged: its deadlines together, a title at a time."""
    told = told_verdicts(tell.found, office)
    grouped: dict[str, dict[tuple[str, str, str], list[VerdictRow]]] = {}
    for target in tell.targets.target:
        scopes = grouped.setdefault(target.title.get(tell.lang), {})
        for verdict in told:
            if verdict.target == target.id:
                key = (target.measure, verdict.sector, verdict.questionnaires)
                scopes.setdefault(key, []).append(verdict)
    return [(title, found) for title, scopes in grouped.items() for found in scopes.values()]


def _entry(tell: Teller, title: str, verdicts: Sequence[VerdictRow]) -> Judged:
    first = verdicts[0]
    row = tell.found.row_of(first)
    reading = wording.reading_phrase(row, tell.found.thresholds, tell.lang)
    if first.basis == "recheck":
        reading = tell.say("recheck.reading", found=f"{reading[:1].lower()}{reading[1:]}")
    return Judged(
        title=title,
        scope=tell.sector(first.sector) + tell.beside(first),
        reading=reading,
        judgements=tuple(_judgement(tell, one, row) for one in verdicts),
        notes=_notes(tell, verdicts, row),
        interval=_interval(tell, row),
    )


def _interval(tell: Teller, row: EstimateRow | None) -> str:
    limits = "–" if row is None else tell.limits(row)
    return "" if limits == "–" else limits


def _judgement(tell: Teller, verdict: VerdictRow, row: EstimateRow | None) -> Judgement:
    aim = tell.aim(verdict)
    more = (
        wording.limit_phrase(verdict, tell.lang),
        wording.settle_phrase(verdict, row, tell.lang, running=tell.found.status == "running"),
    )
    return Judgement(
        evidence=verdict.evidence or "none",
        word=wording.basis_phrase(verdict, tell.lang),
        aim=tell.say("verdicts.aim", deadline=verdict.deadline, aim=aim),
        more=tuple(f"{wording.capital(line)}." for line in more if line),
    )


def _notes(
    tell: Teller, verdicts: Sequence[VerdictRow], row: EstimateRow | None
) -> tuple[str, ...]:
    """Why nothing is concluded, coverage and notes, each once."""
    told: list[str | None] = []
    if row is not None and not wording.withheld_phrase(row, tell.lang):
        least = tell.found.required_coverage
        over = (one for one in verdicts if one.reason != "running")  # that is said once for all
        told = [wording.reason_phrase(one, least, tell.lang) for one in over]
        told.append(wording.coverage_phrase(row, tell.found.period, tell.lang))
    notes = (note.text(tell.lang, tell.names) for one in verdicts for note in one.notes)
    return tuple(dict.fromkeys((*(f"{line}." for line in told if line), *notes)))


_METHODS: Final = ("hypergeometric", "clopper-pearson", "kg-s", "census")
_PACKAGES: Final = ("hailong", "numpy", "scipy", "ibis-framework", "duckdb", "matplotlib")


@dataclass(frozen=True, slots=True)
class Head:
    """The title of a report and what it rests on.

    `warning` is None for real answers; `internal` None for published figures. `status`: whether the
    period is over. `imported`: how many answers were brought in from another tool, which `basis`
    tells too; None where none were.
    """

    title: str
    office: str
    basis: str
    status: str
    internal: str | None
    warning: str | None
    imported: str | None = None

    def __str__(self) -> str:
        lines = (self.title, self.office, self.warning, self.internal, self.basis, self.status)
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        return html("head", self)


def head(
    document: Document,
    *,
    names: Names | None = None,
    lang: str = "vi",
    office: str = ALL,
    simulated: bool = False,
) -> Head:
    """Title, office, how many answers of how many dossiers, and whether they are simulated."""
    period, imported = period_label(document, lang), _imported(document, office, lang)
    basis = _basis(document, office, lang)
    return Head(
        title=say("verdicts.title", lang, period=period),
        office=office_label(document, office, names or {}, lang),
        basis=" ".join(filter(None, (basis, imported))),
        status=say(f"wording.status.{document.status}", lang),
        internal=say("wording.internal", lang) if document.view == "full" else None,
        warning=say("verdicts.simulated", lang) if simulated else None,
        imported=imported,
    )


def _imported(document: Document, office: str, lang: str) -> str | None:
    n = sum(n for key, n in document.imported.items() if office in (ALL, key))
    return say("verdicts.imported", lang, n=wording.answers(n, lang)) if n else None


def _basis(document: Document, office: str, lang: str) -> str:
    n, about = sheets(document, office, "n")
    came = sum(sheets(document, office, "received"))
    if not came:
        return say("common.no_answers_in_this", lang)
    running = document.status == "running"
    received = say("verdicts.received", lang, came=wording.answers(came, lang)) if running else ""
    told = f"{_counted(document, office, n, about, lang)}." if n + about else ""
    return " ".join(filter(None, (told, received)))


def _counted(document: Document, office: str, n: int, about: int, lang: str) -> str:
    total = document.pick(office=office)
    text = say("verdicts.answers", lang, n=wording.answers(n, lang))
    if total is not None and total.population is not None and ALL in sections(document):
        text += say("verdicts.dossiers", lang, N=number(total.population, lang))
    if about:
        text += say("verdicts.agency", lang, n=wording.answers(about, lang))
    return text


def method_table(document: Document, *, lang: str = "vi") -> Table:
    """Which methods made the intervals of a document, and the versions of the software."""
    used = {row.method for row in document.estimates}
    rows = tuple(
        (say(f"method.{method}.name", lang), say(f"method.{method}.where", lang))
        for method in _METHODS
        if method in used
    )
    versions = ", ".join([f"Python {platform.python_version()}", *map(_version, _PACKAGES)])
    return Table(
        caption=say("verdicts.caption", lang),
        head=tuple(say(pair, lang) for pair in ("common.method", "verdicts.where")),
        rows=rows,
        notes=(say("verdicts.versions", lang, list=versions),),
        words=frozenset({1}),
        empty=say("verdicts.no_rows", lang),
    )


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:  # run from its source folder, not installed
        return package
