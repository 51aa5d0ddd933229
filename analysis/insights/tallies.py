"""What is taken back from a verdict document: counts of its places, and proofs that hold together.

Owns the way from rows to these. Computes no figure that the document has.
"""

from __future__ import annotations

from analysis.design.scopes import ALL, Place
from analysis.document import Document, VerdictRow
from analysis.formulas.headline import Headline, headline
from analysis.targets import Target


def counts_by_place(
    found: Document, measure: str = "overall", whose: str | None = None
) -> dict[Place, tuple[int, int]]:
    """(satisfied, answered) of every office and sector of the first section that has the measure.

    Of the figures that the document shows; `whose`: of the rows of these questionnaires alone.
    """
    for section in found.sections:
        counts = {
            (row.office, row.sector): (row.satisfied, row.answered)
            for row in section.estimates
            if (row.measure, row.channel) == (measure, ALL) and ALL not in row[:2]
            if whose in (None, row.questionnaires)
            if not row.sector.startswith("group:")
            if row.satisfied is not None and row.answered
        }
        if counts:
            return counts
    return {}


def each_sector(found: Document, target: Target, office: str = ALL) -> list[VerdictRow]:
    """One verdict of a target for each sector: of the first section that has answers there."""
    told: dict[str, VerdictRow] = {}
    for verdict in found.verdicts:
        known = told.get(verdict.sector)
        if (verdict.target, verdict.office) == (target.id, office):
            told[verdict.sector] = verdict if known is None or known.evidence == "none" else known
    return list(told.values())


def headlines(found: Document, office: str = ALL) -> list[tuple[Target, Headline]]:
    """For every target that each of several sectors has to meet: how many proofs hold together."""
    told = []
    for target in found.targets.target:
        verdicts = each_sector(found, target, office)
        if len(verdicts) > 1:
            told.append((target, headline(verdicts, level=found.level)))
    return told
