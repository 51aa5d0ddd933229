"""An office with a random re-check: who chose to answer, who was drawn, and what became of them.

As a database with the views of an office's own, or as files, which hold no choices.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from analysis.document import Document, analyse
from questionnaires import shipped
from questionnaires.layout import COLUMNS, FACTS, RECHECKS

ITEMS = shipped()["recheck@1"].item_ids
OFFICE = "trieu-son"
MONTH = "2026-10"


@dataclass
class Rechecked:
    """What is given of one office. Of nobody drawn unless `draw` says so."""

    folder: Path
    responses: list[dict[str, Any]] = field(default_factory=list)
    choices: list[tuple[str, str, str]] = field(default_factory=list)
    draws: list[tuple[Any, ...]] = field(default_factory=list)
    counts: list[tuple[str, str, str, int]] = field(default_factory=list)

    def dossiers(self, sector: str, completed: int, month: str = MONTH) -> Rechecked:
        """Completed dossiers of a sector."""
        self.counts.append((month, OFFICE, sector, completed))
        return self

    def chose(
        self, sector: str, n: int, satisfied: int, month: str = MONTH, **changes: Any
    ) -> Rechecked:
        """So many who chose to answer, the satisfied ones first."""
        for number in range(n):
            self._response("desk@2", sector, "poster", f"{month}-05", number < satisfied, changes)
        return self

    def draw(
        self,
        sector: str,
        dossiers: int,
        drawn: int,
        said: Mapping[str, tuple[int, int]],
        month: str = MONTH,
        *,
        skipped: tuple[int, int, int] | None = None,
        facts: Sequence[Sequence[str]] = (("no", "no"),),
        **changes: Any,
    ) -> Rechecked:
        """A draw. `said`: what people said of having answered -> how many, and satisfied ones.

        `skipped`: refused, not reached, wrong numbers; all who did not answer were not reached
        where left out. `facts`: what people say to the questions of fact, in turn.
        """
        answered = sum(n for n, _ in said.values())
        told = cycle(facts)
        for before, (n, satisfied) in said.items():
            for number in range(n):
                id_ = self._response(
                    "recheck@1", sector, "recheck", f"{month}-28", number < satisfied, changes
                )
                pairs = [("answered_before", before), *zip(FACTS, next(told), strict=True)]
                self.choices += [(id_, question, option) for question, option in pairs if option]
        skips = (0, drawn - answered, 0) if skipped is None else skipped
        self.draws.append((month, OFFICE, sector, dossiers, drawn, *skips))
        return self

    def _response(
        self,
        questionnaire: str,
        sector: str,
        channel: str,
        day: str,
        satisfied: bool,
        changes: Mapping[str, Any],
    ) -> str:
        row: dict[str, Any] = {
            "response_id": f"r{len(self.responses):06d}",
            "questionnaire": questionnaire,
            "office": OFFICE,
            "sector": sector,
            "procedure": "",
            "channel": channel,
            "answered_on": day,
            "late": 0,
            "flag": "",
            **dict.fromkeys(ITEMS, 5 if satisfied else 2),
            **changes,
        }
        self.responses.append(row)
        return str(row["response_id"])

    @property
    def database(self) -> str:
        """The URL of a SQLite database with the views of an office's own."""
        path = self.folder / "office.sqlite3"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as connection:
            for name, columns, rows in self._views():
                connection.execute(f"CREATE TABLE kept_{name} ({', '.join(columns)})")
                marks = ", ".join("?" * len(columns))
                connection.executemany(f"INSERT INTO kept_{name} VALUES ({marks})", list(rows))
                connection.execute(f"CREATE VIEW {name} AS SELECT * FROM kept_{name}")
        connection.close()
        return f"sqlite:///{path.as_posix()}"

    def _views(self) -> Iterator[tuple[str, Sequence[str], Iterator[Sequence[Any]]]]:
        columns = list(dict.fromkeys((*COLUMNS, *ITEMS, *(n for r in self.responses for n in r))))
        yield "responses", columns, ([row.get(name) for name in columns] for row in self.responses)
        yield "rechecks", RECHECKS, iter(self.draws)
        yield "population", ("period", "office", "sector", "completed"), iter(self.counts)
        by_id = {row["response_id"]: row for row in self.responses}
        whose = [name for name in COLUMNS if name != "procedure"]
        yield (
            "choices",
            (*whose, "question", "option"),
            ([*(by_id[id_][name] for name in whose), *rest] for id_, *rest in self.choices),
        )

    def files(self) -> dict[str, Path]:
        """`responses`, `population` and `rechecks` as CSV."""
        paths = {}
        for name, columns, rows in self._views():
            if name == "choices":
                continue
            paths[name] = self.folder / f"{name}.csv"
            with paths[name].open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerows(rows)
        return paths

    def analyse(self, period: str = MONTH, **options: Any) -> Document:
        """The document of a period, of the database."""
        url = self.database
        return analyse(url, url, period=period, **options)


def an_office(folder: Path) -> Rechecked:
    """A month in which 95% of those who chose to answer are satisfied, and 88% of those drawn."""
    return (
        Rechecked(folder)
        .dossiers("land", 80)
        .dossiers("civil-status", 160)
        .chose("land", 40, 37)
        .chose("civil-status", 60, 58)
        .draw("land", 80, 10, {"yes": (3, 3), "no": (5, 3), "not_sure": (1, 1)})
        .draw(
            "civil-status",
            160,
            20,
            {"yes": (6, 6), "no": (10, 9), "not_sure": (1, 1)},
            skipped=(1, 1, 1),
            facts=(("no", "no"), ("no", "yes"), ("no", "no"), ("no", "not_sure")),
        )
    )
