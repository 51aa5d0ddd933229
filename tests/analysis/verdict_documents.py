"""Hand-made verdict documents, for what draws and tells them. Figures are given, not computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]

YEARS = {2025: ("procedures-2025", 0.90), 2030: ("procedures-2030", 0.95)}
EACH = {2025: ("each-2025", 0.85), 2030: ("each-2030", 0.90)}


def a_row(sector: str, satisfied: int, n: int, population: int | None = None, **more: Any) -> Row:
    """An estimate of all channels; its interval is ten points to either side."""
    share = satisfied / n if n else None
    row: Row = {
        "office": "all",
        "sector": sector,
        "measure": "overall",
        "channel": "all",
        "n": n,
        "answered": n,
        "satisfied": satisfied,
        "population": population,
        "response_rate": n / population if population and n <= population else None,
        "share": share,
        "low": max(0.0, share - 0.1) if share is not None else None,
        "high": min(1.0, share + 0.1) if share is not None else None,
        "method": "hypergeometric" if n else "none",
        "mean": 4.25 if n else None,
        "mean_low": 4.0 if n else None,
        "mean_high": 4.5 if n else None,
        "silent_low": satisfied / population if population and n <= population else None,
        "silent_high": (
            (satisfied + population - n) / population if population and n <= population else None
        ),
        "publishable": n >= 5,
        "note": None,
    }
    return row | more


def a_verdict(target: str, row: Row, threshold: float, deadline: int, **more: Any) -> Row:
    """A verdict on a row, not proven where nothing else is said."""
    share = row["share"]
    verdict: Row = {
        "target": target,
        "office": row["office"],
        "sector": row["sector"],
        "threshold": threshold,
        "deadline": deadline,
        "share": share,
        "lower": row["low"],
        "upper": row["high"],
        "point": "none" if share is None else "met" if share >= threshold else "not_met",
        "evidence": "none" if share is None else "not_proven",
        "responses_needed": 7,
        "note": None,
    }
    return verdict | more


def a_document(rows: Sequence[Row], verdicts: Sequence[Row] = (), month: str = "2026-10") -> Row:
    """A document of one office and month; every row is that of all offices, too."""
    last = {"02": 28, "04": 30, "06": 30, "09": 30, "11": 30}.get(month[5:], 31)
    alone = [row | {"office": "trieu-son"} for row in rows]
    return {
        "format": "hailong.verdicts/1",
        "period": {"from": f"{month}-01", "to": f"{month}-{last}"},
        "level": 0.95,
        "estimates": [*alone, *rows],
        "verdicts": list(verdicts),
    }


def an_office(month: str = "2026-10") -> Row:
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
    return a_document(rows, judged, month)
