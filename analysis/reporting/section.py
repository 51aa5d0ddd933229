"""One question about a period: its answer in sentences, the figures behind it, what they rest on.

Owns this shape and its HTML. What is said comes from the modules named after their subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import ceil, floor

from analysis.reporting.tables import Table
from analysis.reporting.wording import COUNTS_ONLY_BELOW, DECIMALS_FROM, threshold
from analysis.statistics.comparisons import Difference
from analysis.statistics.estimates import Estimate
from analysis.words import number, say


@dataclass(frozen=True, slots=True)
class InsightSection:
    """Sentences first; `tables` hold the figures behind them, `basis` what they rest on.

    `details`: long tables, for a page of their own where space is dear.
    """

    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]
    basis: tuple[str, ...]
    details: tuple[Table, ...] = ()

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{escape(line)}</p>" for line in self.sentences)
        tables = "".join(table._repr_html_() for table in (*self.tables, *self.details))
        basis = "".join(f'<p class="note">{escape(line)}</p>' for line in self.basis)
        return f"<section><h3>{escape(self.title)}</h3>{sentences}{tables}{basis}</section>"


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
