"""Files of one office for the examples and tests of the analyst's road. Figures are by hand.

October 2026: land 50 answers of 120 dossiers, 45 satisfied; civil status 40 of 60, 20 satisfied;
every third answer came by the kiosk.

By way of filing: land, 150 of 200 dossiers filed online; 18 of 20 who got a slip are satisfied, 12
of 20 at the kiosk. By element: 20 people, two items of access (18 satisfied) and one of results
(10 satisfied).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

HEAD = (
    *("response_id", "questionnaire", "office", "sector", "procedure"),
    *("channel", "answered_on", "late", "flag", "overall"),
)
TARGETS = """
[[target]]
id = "each-2030"
title = {vi = "Từng lĩnh vực đạt 80%", en = "Each sector at 80%"}
measure = "overall"
sectors = ["land", "civil-status"]
pool = false
threshold = 0.80
deadline = 2030
source = "an example"
"""


def sheets(sector: str, satisfied: int, n: int, **changes: str) -> list[dict[str, str]]:
    """So many answers to the overall question, the satisfied ones first; `changes` set columns."""
    return [
        {
            "response_id": f"{changes.get('office', 'xa-a')}-{sector}-{number}-{len(changes)}",
            "questionnaire": "mine@1",
            "office": "xa-a",
            "sector": sector,
            "procedure": "",
            "channel": "kiosk" if number % 3 == 0 else "poster",
            "answered_on": f"2026-10-{number % 28 + 1:02d}",
            "late": "false",
            "flag": "",
            "overall": "5" if number < satisfied else "2",
        }
        | changes
        for number in range(n)
    ]


def write_responses(path: Path, rows: list[dict[str, str]]) -> Path:
    """Rows as a CSV of the responses layout."""
    columns = list(rows[0]) if rows else list(HEAD)
    lines = [columns, *([row[name] for name in columns] for row in rows)]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    return path


def write_population(
    path: Path,
    counts: dict[str, int],
    period: str = "2026-10",
    online: dict[str, int] | None = None,
) -> Path:
    """Dossiers as a CSV of the population layout; keys are sectors, office/sector, with /month.

    `online`: by the same keys, how many were filed online.
    """
    lines = ["period,office,sector,completed" + (",online" if online else "")]
    for place, completed in counts.items():
        office, sector, month = _place(place, period)
        filed = f",{online.get(place, '')}" if online else ""
        lines.append(f"{month},{office},{sector},{completed}{filed}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _place(key: str, period: str) -> tuple[str, str, str]:
    parts = key.split("/")
    month = parts.pop() if parts[-1][:2] == "20" else period
    return parts[0] if len(parts) > 1 else "xa-a", parts[-1], month


def an_office(folder: Path) -> dict[str, Any]:
    """The files of the module's docstring, under the names that the examples use."""
    rows = [*sheets("land", 45, 50), *sheets("civil-status", 20, 40)]
    slips = [
        *sheets("land", 18, 20, channel="slip"),
        *sheets("land", 12, 20, channel="kiosk", late="false"),
    ]
    elements = [
        row | {"c01": row["overall"], "c02": row["overall"], "c16": "4" if number < 10 else "1"}
        for number, row in enumerate(sheets("land", 18, 20, questionnaire="sipas-22@1"))
    ]
    targets = folder / "targets.toml"
    targets.write_text(TARGETS, encoding="utf-8")
    return {
        "RESPONSES": write_responses(folder / "responses.csv", rows),
        "POPULATION": write_population(
            folder / "population.csv", {"land": 120, "civil-status": 60}
        ),
        "TARGETS": targets,
        "SLIPS": write_responses(folder / "slips.csv", slips),
        "FILED": write_population(folder / "filed.csv", {"land": 200}, online={"land": 150}),
        "SIPAS": write_responses(folder / "sipas.csv", elements),
        "FOLDER": folder,
    }
