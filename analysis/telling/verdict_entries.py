"""The verdicts of a document as a list for people: the word first, then its reading.

Owns the list and its HTML. The sentences are those of `wording`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from analysis.design.scopes import ALL
from analysis.document import Document, VerdictRow
from analysis.targets import Target, Targets
from analysis.telling import wording
from analysis.telling.labels import Names, beside, sector_name, told_verdicts

_ABOUT: Final = ("{where}: mục tiêu {year}", "{where}: target {year}")
_EMPTY: Final = ("Tệp mục tiêu không có mục tiêu nào.", "The targets file holds no target.")

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
        for number, entry in enumerate(self.entries):
            if entry.title != title:
                title = entry.title
                yield ("</ul>" if number else "") + f"<h3>{escape(title)}</h3>"
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
    return VerdictList(entries, wording.choose(_EMPTY, lang))


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
        about=wording.choose(_ABOUT, lang).format(where=where, year=target.deadline)
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
