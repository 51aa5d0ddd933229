"""What stands around every chart: where its figures come from, and what they found in one line.

Owns these sentences alone. Figures are those of the verdict document, roundings `wording`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.document import Document, EstimateRow
from analysis.reporting import wording
from analysis.reporting.verdicts import head
from analysis.reporting.wording import Names, office_label, period_label
from analysis.words import say


@dataclass(frozen=True, slots=True)
class Caption:
    """What a chart found, of whom and when, what must be known, and its language."""

    title: str
    subtitle: str
    footnotes: tuple[str, ...]
    lang: str


def source(found: Document, office: str, lang: str) -> str:
    """How many answers of how many dossiers a chart is of, and whether it may be published."""
    basis = head(found, lang=lang, office=office).basis
    view = say(f"captions.views.{found.view}", lang)
    return say("captions.source", lang, basis=basis, view=view)


def place(found: Document, office: str, names: Names, lang: str, *about: str) -> str:
    """What a chart is about: "Các yếu tố – UBND xã Triệu Sơn – Tháng 10/2026"."""
    whose = office_label(found, office, names, lang)
    return " – ".join(filter(None, (*about, whose, period_label(found, lang))))


def figure(found: Document, row: EstimateRow, lang: str) -> str:
    """A share with its interval: "94,8% (91,1% – 97,4%)", or with that everyone answered."""
    share = wording.share_text(row, lang, found.thresholds)
    limits = wording.interval_or_everyone(row.low, row.high, row.respondents, lang)
    return f"{share} ({limits})"


def alone(row: EstimateRow, lang: str) -> bool:
    """Whether a row has a figure that may be read by itself: shown, and on enough answers."""
    hidden = wording.instead_of_figures(row, lang) is not None
    few = row.respondents < wording.COUNTS_ONLY_BELOW
    return not hidden and not few and not wording.unreliable(row)
