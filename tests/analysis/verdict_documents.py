"""Hand-made verdict documents, for what draws and tells them. Figures are given, not computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.document import Document, EstimateRow, Section, VerdictRow
from analysis.period import parse_period

YEARS = {2025: ("procedures-2025", 0.90), 2030: ("procedures-2030", 0.95)}
EACH = {2025: ("each-2025", 0.85), 2030: ("each-2030", 0.90)}
DESK = "desk@1"


def a_row(
    sector: str, satisfied: int, n: int, population: int | None = None, **more: Any
) -> EstimateRow:
    """An estimate of all channels; its interval is ten points to either side."""
    share = satisfied / n if n else None
    silent = population - n if population and n <= population else None
    row = EstimateRow(
        office="all",
        sector=sector,
        measure="overall",
        channel="all",
        questionnaires=DESK,
        n=n,
        respondents=n,
        answered=n,
        satisfied=satisfied,
        received=n,
        uncovered=0,
        population=population,
        response_rate=n / population if population and silent is not None else None,
        coverage=None if population is None else float(n > 0),
        months=int(n > 0),
        share=share,
        low=None if share is None else max(0.0, share - 0.1),
        high=None if share is None else min(1.0, share + 0.1),
        method="hypergeometric" if n else None,
        mean=4.25 if n else None,
        mean_low=4.0 if n else None,
        mean_high=4.5 if n else None,
        silent_low=satisfied / population if population and silent is not None else None,
        silent_high=(
            (satisfied + silent) / population if population and silent is not None else None
        ),
        publishable=False,
        step=None,
        notes=(),
    )
    return row._replace(**more)


def withheld(row: EstimateRow) -> EstimateRow:
    """The row as a published document has it where it may not leave."""
    nothing: dict[str, Any] = dict.fromkeys(
        (
            *("answered", "satisfied", "share", "low", "high", "method"),
            *("mean", "mean_low", "mean_high", "silent_low", "silent_high"),
        )
    )
    return row._replace(**nothing)


def a_verdict(
    target: str, row: EstimateRow, threshold: float, deadline: int, **more: Any
) -> VerdictRow:
    """A verdict on a row, by those who chose to answer; not proven where nothing else is said."""
    share = row.share
    verdict = VerdictRow(
        target=target,
        office=row.office,
        sector=row.sector,
        questionnaires=row.questionnaires,
        threshold=threshold,
        deadline=deadline,
        share=share,
        lower=row.low,
        upper=row.high,
        point="none" if share is None else "met" if share >= threshold else "not_met",
        evidence="none" if share is None else "not_proven",
        basis=None if share is None else "open",
        reason=None,
        n=row.n,
        population=row.population,
        response_rate=row.response_rate,
        coverage=row.coverage,
        q=None,
        responses_needed=7,
        p_met=None if share is None else 0.5,
        p_missed=None if share is None else 0.5,
        notes=(),
    )
    return verdict._replace(**more)


def a_document(
    rows: Sequence[EstimateRow],
    verdicts: Sequence[VerdictRow] = (),
    period: str = "2026-10",
    **more: Any,
) -> Document:
    """A document of one office; every row is that of all offices, too. `more`: its other fields."""
    alone = tuple(row._replace(office="trieu-son") for row in rows)
    section = Section((DESK,), (*alone, *rows), tuple(verdicts))
    fields: dict[str, Any] = {"level": 0.95, "status": "closed", "sections": (section,)} | more
    return Document(parse_period(period), **fields)


def an_office(period: str = "2026-10", **more: Any) -> Document:
    """Land and civil status with answers, investment with three, construction without any."""
    land = a_row("land", 37, 41, 60)
    total = a_row("all", 140, 150, 300)
    rows = [
        land,
        a_row("construction", 0, 0, 12),
        a_row("investment", 2, 3, 7),
        a_row("civil-status", 101, 106, 221),
        a_row("general", 14, 16),
        a_row("group:land-construction-investment", 39, 44, 79),
        total,
    ]
    judged = [
        a_verdict(name, row, threshold, year)
        for row, plan in ((total, YEARS), (land, EACH))
        for year, (name, threshold) in plan.items()
    ]
    return a_document(rows, judged, period, **more)
