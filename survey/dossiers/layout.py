"""The rules of the published population layout: a row is one month, office and sector. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from questionnaires.told import number_of
from survey.dossiers.cells import LARGEST, month_of, plain, shown, text_of, whole_of
from survey.dossiers.columns import Known
from survey.dossiers.counts import Counted, PopulationCount
from survey.dossiers.problems import Problems
from survey.dossiers.sheets import Row
from survey.places import GENERAL
from survey.told import sentence

REQUIRED = ("period", "office", "sector", "completed")
OPTIONAL = ("on_time", "online")


@dataclass(frozen=True, slots=True)
class Layout:
    """One population file while it is read. ``positions`` tells where each column stands.

    ``office`` is what the person who imports named, if anything: other offices are then refused.
    """

    positions: Mapping[str, int]
    known: Known
    office: str | None
    today: date
    problems: Problems

    def count(self, rows: Iterable[Row], periods: frozenset[str]) -> Counted:
        """Take over every row; what is wrong is noted in ``problems``."""
        found: dict[tuple[str, str, str], PopulationCount] = {}
        first: dict[tuple[str, str, str], int] = {}
        read = outside = 0
        for number, row in rows:
            read += 1
            count = self._count(number, row)
            if count is None:
                continue
            key = (count.period, count.office, count.sector)
            if first.setdefault(key, number) != number:
                self._twice(first[key], number, key)
            elif periods and count.period not in periods:
                outside += 1
            else:
                found[key] = count
        counts = tuple(found[key] for key in sorted(found))
        return Counted(counts, read, outside=outside, kind="population")

    def _twice(self, first: int, number: int, key: tuple[str, str, str]) -> None:
        for row in (first, number):
            self.problems.add(sentence("counts.twice", key=", ".join(key)), row)

    def _at(self, row: tuple[object, ...], column: str) -> object:
        position = self.positions.get(column)
        return row[position] if position is not None and position < len(row) else None

    def _count(self, number: int, row: tuple[object, ...]) -> PopulationCount | None:
        period, office = self._period(number, row), self._office(number, row)
        sector, completed = self._sector(number, row), self._whole(number, row, "completed")
        parts = [self._part(number, row, column, completed) for column in OPTIONAL]
        if period is None or office is None or sector is None or completed is None:
            return None
        return PopulationCount(period, office, sector, completed, *parts)

    def _period(self, number: int, row: tuple[object, ...]) -> str | None:
        cell = self._at(row, "period")
        try:
            period = month_of(cell)
        except ValueError:
            self.problems.add(sentence("counts.no_month", value=shown(cell)), number)
            return None
        if period > f"{self.today:%Y-%m}":
            today = f"{self.today:%d/%m/%Y}"
            self.problems.add(sentence("counts.future", period=period, today=today), number)
        return period

    def _office(self, number: int, row: tuple[object, ...]) -> str | None:
        cell = self._at(row, "office")
        found = self.known.offices.get(plain(cell))
        if found is None:
            known = ", ".join(self.known.office_ids)
            hint = self.known.hint(cell, self.known.offices)
            given = {"value": shown(cell), "hint": hint, "known": known}
            self.problems.add(sentence("counts.no_office", **given), number)
        elif self.office is not None and found != self.office:
            told = sentence("counts.other_office", value=shown(cell), office=self.office)
            self.problems.add(told, number)
        return found

    def _sector(self, number: int, row: tuple[object, ...]) -> str | None:
        cell = self._at(row, "sector")
        if plain(cell) == GENERAL:
            return GENERAL
        found = self.known.sectors.get(plain(cell))
        if found is None:
            known = ", ".join(self.known.sector_ids)
            hint = self.known.hint(cell, self.known.sectors)
            given = {"value": shown(cell), "hint": hint, "known": known}
            self.problems.add(sentence("counts.no_sector", **given), number)
        return found

    def _whole(self, number: int, row: tuple[object, ...], column: str) -> int | None:
        cell = self._at(row, column)
        try:
            return whole_of(cell)
        except OverflowError:
            given = {"column": column, "value": shown(cell), "most": number_of(LARGEST)}
            self.problems.add(sentence("counts.too_large", **given), number)
            return None
        except ValueError:
            told = sentence("counts.not_whole", column=column, value=shown(cell))
            self.problems.add(told, number)
            return None

    def _part(
        self, number: int, row: tuple[object, ...], column: str, completed: int | None
    ) -> int | None:
        if not text_of(self._at(row, column)):
            return None
        part = self._whole(number, row, column)
        if part is not None and completed is not None and part > completed:
            given = {"column": column, "part": part, "completed": completed}
            self.problems.add(sentence("counts.more_than_all", **given), number)
        return part
