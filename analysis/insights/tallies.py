"""Counts taken back from a verdict document: what further tests of it need.

Owns the way from rows to counts, strata and silence. Computes no figure that the document has.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from analysis.counting.moments import Moments
from analysis.design.scopes import ALL, Place
from analysis.document import Document, Row
from analysis.formulas.headline import Headline, headline
from analysis.formulas.nonresponse import Silence, Sureness
from analysis.formulas.strata import Stratum
from analysis.formulas.verdicts import judge_many
from analysis.targets import Target, Targets

_NEAR = 1e-12  # a threshold written in decimals and a share of counts, compared as floats


def _strata_rows(found: Document, measure: str) -> list[Row]:
    """The rows of single sectors in single offices, over all channels."""
    return [
        row
        for row in found["estimates"]
        if (row["measure"], row["channel"]) == (measure, ALL)
        and row["office"] != ALL
        and row["sector"] != ALL
        and not row["sector"].startswith("group:")
    ]


def counts_by_place(found: Document, measure: str = "overall") -> dict[Place, tuple[int, int]]:
    """(satisfied, answered) of every office and sector whose figures may be seen."""
    return {
        (row["office"], row["sector"]): (row["satisfied"], row["answered"])
        for row in _strata_rows(found, measure)
        if row["share"] is not None
    }


def strata_of(
    found: Document, sector: str, office: str = ALL, measure: str = "overall"
) -> list[Stratum]:
    """The strata of one item in one sector; those without figures that may be seen left out."""
    return [
        Stratum(_one_item(row["n"], row["satisfied"], row["answered"]), row["population"])
        for row in _strata_rows(found, measure)
        if row["sector"] == sector and office in (ALL, row["office"]) and row["share"] is not None
    ]


def _one_item(n: int, x: int, m: int) -> Moments:
    return Moments(n, m, x, m, x, x, m)


def headlines(
    found: Document, targets: Targets, office: str = ALL
) -> list[tuple[Target, Headline]]:
    """For every target that each of several sectors has to meet: how many proofs hold together.

    Of one item only (`overall`): the document has not what an index's p-value needs.
    """
    told = []
    for target in targets.target:
        sectors = [
            verdict["sector"]
            for verdict in found["verdicts"]
            if (verdict["target"], verdict["office"]) == (target.id, office)
        ]
        if len(sectors) > 1 and target.measure == "overall":
            told.append((target, _headline(found, target, sectors, office)))
    return told


def _headline(found: Document, target: Target, sectors: Sequence[str], office: str) -> Headline:
    cells = [strata_of(found, sector, office) for sector in sectors]
    aims = [Decimal(target.threshold)] * len(cells)
    return headline(judge_many(cells, aims, "item", level=found["level"]), level=found["level"])


def silence_of(row: Row, threshold: float) -> Silence | None:
    """What those could change who did not answer; None where the dossiers are not known.

    The same as `nonresponse.silence` up to rounding, from the document's bounds.
    """
    low, high = row["silent_low"], row["silent_high"]
    if low is None or high is None:
        return None
    silent = high - low
    needed = (threshold - low) / silent if silent > _NEAR else None
    verdict: Sureness = "depends"
    if low >= threshold - _NEAR:
        verdict = "met"
    elif high < threshold - _NEAR:
        verdict = "missed"
    return Silence(1 - silent, low, high, needed, verdict)
