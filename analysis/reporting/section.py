"""One question about a period: its answer in sentences, the figures behind it, what they rest on.

Owns this shape. What is said comes from the modules named after their subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from analysis.reporting.render import html
from analysis.reporting.table import Table
from analysis.reporting.verdicts import VerdictList
from analysis.reporting.wording import COUNTS_ONLY_BELOW, DECIMALS_FROM, threshold
from analysis.statistics.comparisons import Difference
from analysis.statistics.estimates import Estimate
from analysis.words import number, say

SectionKey = Literal[
    "verdicts",
    "recheck",
    "reasons",
    "sectors",
    "silence",
    "measures",
    "channels",
    "looks",
    "trend",
    "drivers",
    "screening",
    "reliability",
    "months",
    "methods",
    "glide",
    "census",
    "indicators",
]


@dataclass(frozen=True, slots=True)
class ReportSection:
    """Sentences first; `tables` hold the figures behind them, `basis` what they rest on.

    `verdicts`: of the section that is about them. `details`: long tables, for a page of their own
    where space is dear.
    """

    key: SectionKey
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    basis: tuple[str, ...] = ()
    details: tuple[Table, ...] = ()
    verdicts: VerdictList | None = None

    def __str__(self) -> str:
        title = f"{self.title}\n{'─' * len(self.title)}"
        said, basis = ("\n".join(lines) for lines in (self.sentences, self.basis))
        listed = str(self.verdicts) if self.verdicts else ""
        parts = filter(None, (said, listed, *map(str, self.tables), basis))
        return f"{title}\n" + "\n\n".join(parts)

    def _repr_html_(self) -> str:
        return html("section", self)


@dataclass(frozen=True, slots=True)
class ReportSections:
    """Several, to be shown in a notebook or printed. `empty` stands where there is none."""

    sections: tuple[ReportSection, ...]
    empty: str

    def __iter__(self) -> Iterator[ReportSection]:
        return iter(self.sections)

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.sections)) or self.empty

    def _repr_html_(self) -> str:
        return html("sections", self)


def readable(*estimates: Estimate) -> bool:
    """Whether each has a share on answers enough to be read as a percentage."""
    return all(e.respondents >= COUNTS_ONLY_BELOW and e.share is not None for e in estimates)


def signed(points: float, lang: str, decimals: int) -> str:
    """A number with its sign, a true minus: "+2,3", "−1,0", "0,0"."""
    text = number(abs(points), lang, decimals)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("+" if points > 0 else "−") + text


def difference_phrase(found: Difference, n: int, lang: str = "vi") -> str:
    """A difference in points with its interval, rounded outwards: "+2,3 điểm % (−3,1 đến +7,6)".

    `n`: answers of the smaller side, which decide the decimals.
    """
    scale = 10 if n >= DECIMALS_FROM else 1
    decimals = 1 if scale == 10 else 0
    low = floor(100 * scale * found.low + 1e-9) / scale
    high = ceil(100 * scale * found.high - 1e-9) / scale
    values = [signed(value, lang, decimals) for value in (100 * found.difference, low, high)]
    to = say("section.to", lang)
    return f"{values[0]} {say('section.points', lang)} ({values[1]} {to} {values[2]})"


def risk_of(level: float, lang: str = "vi") -> str:
    """One less the level as a number of hundred: "5"."""
    return threshold(round(1 - level, 10), lang).removesuffix("%")
