"""Examples of what is counted of all dossiers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from analysis.census_rows import CensusRow, judged
from analysis.targets import Aim, CensusTarget
from questionnaires.wording import Text


def a_census(completed, known, part, threshold):
    row = CensusRow("all", "all", 1, completed, part, known, *(None,) * 5)
    goal = Decimal(threshold.numerator) / Decimal(threshold.denominator)
    target = CensusTarget(
        id="on-time", title=Text(vi="Đúng hẹn", en="On time"), measure="on_time",
        threshold=goal, deadline=2026, source="an example",
    )  # fmt: skip
    verdict = judged(row, target, Aim(goal, None), running=False)
    assert verdict.word == "open"
    assert verdict.share == part / known
    needed, most = threshold * completed, part + completed - known
    assert part < needed <= most
    bounds = Fraction(part, completed), Fraction(most, completed)
    unknown = completed - known
    shares = (part, known, Fraction(part, known))
    return [needed, *shares, unknown, part, most, *bounds, completed, needed]


EXAMPLES = {"dossiers": a_census}
