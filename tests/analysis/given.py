"""Answers and dossiers of an office by the handful, written as files of the published layouts."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.document import Document, VerdictRow, analyse
from analysis.input.columns import FIXED, Named, further_columns
from analysis.input.opening import open_source
from analysis.input.responses import Responses, read_responses

Row = dict[str, str]


def read_all(source: Any, **options: Any) -> Responses:
    """Answers of questionnaires that are not known, every further column named as an item."""
    look = open_source(source, "responses", FIXED)
    items = further_columns(look)
    look.close()
    return read_responses(source, named=Named(items), **options)


@dataclass
class Given:
    """What is given of October 2026 at one commune, where nothing else is said."""

    folder: Path
    rows: list[Row] = field(default_factory=list)
    counts: list[tuple[str, str, str, int]] = field(default_factory=list)

    def answers(self, sector: str, n: int, satisfied: int, **changes: str) -> Given:
        """So many answers, the satisfied ones first; `changes` set columns, `month` the day too."""
        month = changes.pop("month", "2026-10")
        for number in range(n):
            row = {
                "response_id": f"r{len(self.rows):06d}",
                "questionnaire": "survey@1",
                "office": "trieu-son",
                "sector": sector,
                "procedure": "",
                "channel": "poster",
                "answered_on": f"{month}-05",
                "late": "false",
                "flag": "",
                "overall": "5" if number < satisfied else "2",
            }
            self.rows.append(row | changes)
        return self

    def dossiers(
        self, sector: str, completed: int, *months: str, office: str = "trieu-son"
    ) -> Given:
        """So many completed dossiers in each of the months."""
        self.counts += [(month, office, sector, completed) for month in months or ("2026-10",)]
        return self

    @property
    def responses(self) -> Path:
        """The answers as a CSV."""
        path = self.folder / "given.csv"
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(self.rows)
        return path

    @property
    def population(self) -> Path | None:
        """The dossiers as a CSV; None where none are given."""
        if not self.counts:
            return None
        lines = ["period,office,sector,completed", *(",".join(map(str, c)) for c in self.counts)]
        path = self.folder / "given_dossiers.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def analyse(self, period: str = "2026-10", **options: Any) -> Document:
        """The document of a period."""
        return analyse(self.responses, self.population, period=period, **options)


def verdict_of(
    found: Document, target: str, sector: str = "all", office: str = "all"
) -> VerdictRow:
    """The first verdict of a target."""
    return next(v for v in found.verdicts if v.key == (target, office, sector))


def months_of(year: int) -> list[str]:
    """January to December."""
    return [f"{year}-{month:02d}" for month in range(1, 13)]
