"""The verdicts of a document as a list for people, and the head and end of a report around them.

Owns the list (the word first, then its reading), whose figures they are and how they were made.
The sentences are those of `wording`.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from analysis.document import Document, VerdictRow
from analysis.reporting import wording
from analysis.reporting.tables import Table
from analysis.reporting.wording import (
    Names,
    beside,
    office_label,
    period_label,
    sections,
    sector_name,
    sheets,
    told_verdicts,
)
from analysis.strata.survey import ALL
from analysis.targets import Target, Targets
from analysis.words import number, say

# Told apart by shape before colour: a tick, a cross, three dots.
_ICONS: Final = {
    "met": "M7 12.500l3.500 3.500L17 8.500",
    "missed": "M8 8l8 8M16 8l-8 8",
    "not_proven": "M8 12h.01M12 12h.01M16 12h.01",
    "none": "M8 12h8",
    "withheld": "M8 12h8",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One verdict and the sentences that say so.

    `evidence`: "met", "missed", "not_proven", "none" or "withheld".
    """

    title: str
    about: str
    evidence: str
    word: str
    reading: str
    more: tuple[str, ...]

    @property
    def text(self) -> str:
        """The entry on one line."""
        said = ". ".join([self.reading, *(line.rstrip(".") for line in self.more)])
        return f"{self.about}: {self.word}. {said}."


@dataclass(frozen=True, slots=True)
class VerdictList:
    """All verdicts of an office, in the order of the targets."""

    entries: tuple[Entry, ...]
    empty: str

    def __str__(self) -> str:
        return "\n".join(entry.text for entry in self.entries) or self.empty

    def _repr_html_(self) -> str:
        if not self.entries:
            return f"<p>{escape(self.empty)}</p>"
        return "".join(self._html())

    def _html(self) -> Iterator[str]:
        title = None
        for place, entry in enumerate(self.entries):
            if entry.title != title:
                title = entry.title
                yield ("</ul>" if place else "") + f"<h3>{escape(title)}</h3>"
                yield '<ul class="verdicts">'
            yield _entry_html(entry)
        yield "</ul>"


def _entry_html(entry: Entry) -> str:
    icon = (
        '<svg viewBox="0 0 24 24" width="32" height="32" aria-hidden="true" fill="none" '
        'stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">'
        f'<circle cx="12" cy="12" r="10"/><path d="{_ICONS[entry.evidence]}"/></svg>'
    )
    more = "".join(f'<p class="note">{escape(line)}</p>' for line in entry.more)
    return (
        f'<li class="{entry.evidence}">{icon}<div>'
        f"<p><b>{escape(entry.word)}</b> · {escape(entry.about)}</p>"
        f"<p>{escape(entry.reading)}.</p>{more}</div></li>"
    )


def verdict_list(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> VerdictList:
    """The verdicts of one office, or of all offices together.

    `names` gives sectors and offices their names; `targets` are those that the document was
    judged by, the shipped ones where left out.
    """
    targets = document.targets if targets is None else targets
    known = {target.id: target for target in targets.target}
    entries = tuple(
        _entry(document, verdict, known[verdict.target], targets, names or {}, lang)
        for target in targets.target
        for verdict in told_verdicts(document, office)
        if verdict.target == target.id
    )
    return VerdictList(entries, say("verdicts.empty", lang))


def _entry(
    document: Document,
    verdict: VerdictRow,
    target: Target,
    targets: Targets,
    names: Names,
    lang: str,
) -> Entry:
    row = document.row_of(verdict)
    hidden = wording.withheld_phrase(row, lang) if row is not None else None
    aim = wording.point_phrase(verdict, None, lang)
    reading = wording.point_phrase(verdict, row, lang)
    running = document.status == "running"
    more = (
        ()
        if hidden
        else (
            wording.limit_phrase(verdict, lang),
            wording.reason_phrase(verdict, document.required_coverage, lang),
            wording.settle_phrase(verdict, row, lang, running=running),
            wording.coverage_phrase(row, document.period, lang) if row is not None else None,
        )
    )
    where = sector_name(verdict.sector, targets, names, lang)
    return Entry(
        title=target.title.get(lang),
        about=say("verdicts.about", lang, where=where, year=target.deadline)
        + beside(document, verdict.questionnaires),
        evidence=verdict.evidence or "none",
        word=wording.basis_phrase(verdict, lang),
        reading=f"{aim}; {hidden}" if hidden else reading,
        more=tuple(
            _sentence(line) for line in (*more, wording.note_of(verdict, lang, names)) if line
        ),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


_METHODS: Final = ("hypergeometric", "clopper-pearson", "kg-s", "census")
_PACKAGES: Final = ("hailong", "numpy", "scipy", "ibis-framework", "duckdb", "matplotlib")


@dataclass(frozen=True, slots=True)
class Head:
    """The title of a report and what it rests on.

    `warning` is None for real answers; `internal` None for what may leave. `status`: whether the
    period is over.
    """

    title: str
    office: str
    basis: str
    status: str
    internal: str | None
    warning: str | None

    def __str__(self) -> str:
        lines = (self.title, self.office, self.warning, self.internal, self.basis, self.status)
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        warning = f'<p class="simulated">{escape(self.warning)}</p>' if self.warning else ""
        internal = f'<p class="internal">{escape(self.internal)}</p>' if self.internal else ""
        return (
            f'<h1>{escape(self.title)}</h1><p class="office">{escape(self.office)}</p>'
            f"{warning}{internal}<p>{escape(self.basis)} {escape(self.status)}</p>"
        )


def head(
    document: Document,
    *,
    names: Names | None = None,
    lang: str = "vi",
    office: str = ALL,
    simulated: bool = False,
) -> Head:
    """Title, office, how many answers of how many dossiers, and whether they are simulated."""
    period = period_label(document, lang)
    return Head(
        title=say("verdicts.title", lang, period=period),
        office=office_label(document, office, names or {}, lang),
        basis=_basis(document, office, lang),
        status=say(f"wording.status.{document.status}", lang),
        internal=say("wording.internal", lang) if document.view == "full" else None,
        warning=say("verdicts.simulated", lang) if simulated else None,
    )


def _basis(document: Document, office: str, lang: str) -> str:
    total = document.pick(office=office)
    alone = ALL not in sections(document)
    n, about = sheets(document, office, "n")
    if not n + about:
        return say("common.no_answers_in_this", lang)
    text = say("verdicts.answers", lang, n=wording.answers(n, lang))
    if total is not None and total.population is not None and not alone:
        text += say("verdicts.dossiers", lang, N=number(total.population, lang))
    if about:
        text += say("verdicts.agency", lang, n=wording.answers(about, lang))
    return text + "."


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
