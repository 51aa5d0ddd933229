"""The rules of a one-stop export: a row is a dossier; counted are those with a day of returning.

Pure: rows in, counts or problems out. A dossier code is compared within the file and then gone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from survey.dossiers.cells import date_of, masked, plain, shown, text_of
from survey.dossiers.columns import Columns, Known, Role
from survey.dossiers.counts import Counted, PopulationCount
from survey.dossiers.problems import Problems
from survey.dossiers.sheets import Row

# A national code and the unit's own ending: 1.001193.000.00.00.H56
_CODE = re.compile(r"(\d+\.\d+)\..+")


@dataclass(frozen=True, slots=True)
class Dossier:
    """What counts of one dossier. None: the file does not say."""

    period: str
    office: str
    sector: str
    on_time: bool | None
    online: bool | None


@dataclass(slots=True)
class _Cell:
    """What is known of one month, office and sector so far."""

    completed: int = 0
    on_time: int | None = 0
    online: int | None = 0

    def add(self, dossier: Dossier) -> None:
        self.completed += 1
        self.on_time = _sum(self.on_time, dossier.on_time)
        self.online = _sum(self.online, dossier.online)


def _sum(so_far: int | None, one: bool | None) -> int | None:
    # A single dossier that does not say makes the whole number unknown, not smaller.
    return None if so_far is None or one is None else so_far + one


@dataclass(slots=True)
class Export:
    """One export while it is read. ``positions`` tells where each column stands."""

    columns: Columns
    positions: Mapping[Role, int]
    known: Known
    office: str | None
    today: date
    epoch: date
    problems: Problems
    _codes: dict[str, int] = field(default_factory=dict)
    _offline: Counter[str] = field(default_factory=Counter)

    def count(self, rows: Iterable[Row], periods: frozenset[str]) -> Counted:
        """Count every row; what is wrong is noted in ``problems``."""
        cells: dict[tuple[str, str, str], _Cell] = {}
        read = not_returned = outside = 0
        for number, row in rows:
            read += 1
            self._note_code(number, row)
            if not text_of(self._at(row, "returned")):
                not_returned += 1
                continue
            dossier = self._dossier(number, row)
            if dossier is None:
                continue
            if periods and dossier.period not in periods:
                outside += 1
                continue
            key = (dossier.period, dossier.office, dossier.sector)
            cells.setdefault(key, _Cell()).add(dossier)
            if dossier.online is False:
                self._offline[text_of(self._at(row, "filing"))] += 1
        counts = tuple(
            PopulationCount(*key, cell.completed, cell.on_time, cell.online)
            for key, cell in sorted(cells.items())
        )
        return Counted(counts, read, not_returned, outside, offline=dict(self._offline))

    def _at(self, row: tuple[object, ...], role: Role) -> object:
        position = self.positions.get(role)
        return row[position] if position is not None and position < len(row) else None

    def _note_code(self, number: int, row: tuple[object, ...]) -> None:
        code = plain(self._at(row, "code")).replace(" ", "")
        if not code:
            self.problems.add(
                "no dossier code; write it, or delete the row if it is no dossier (a total, a "
                "signature)",
                number,
            )
            return
        first = self._codes.setdefault(code, number)
        if first != number:
            for twice in (first, number):
                self.problems.add("the same dossier code; keep one of them", twice, of=first)

    def _dossier(self, number: int, row: tuple[object, ...]) -> Dossier | None:
        """Return what counts of this row, or None where something is wrong with it."""
        days = {role: self._day(number, row, role) for role in _DAYS}
        office, sector = self._office(number, row), self._sector(number, row)
        returned, due = days["returned"], days["due"]
        self._compare(number, days)
        if returned is None or office is None or sector is None:
            return None
        return Dossier(
            period=f"{returned:%Y-%m}",
            office=office,
            sector=sector,
            on_time=None if due is None else returned <= due,
            online=self._online(row),
        )

    def _day(self, number: int, row: tuple[object, ...], role: Role) -> date | None:
        cell = self._at(row, role)
        if not text_of(cell):
            return None
        try:
            return date_of(cell, self.epoch)
        except ValueError:
            self.problems.add(
                f"{role} {shown(cell)} is not a date; write it as 31/10/2026 or 2026-10-31, or "
                "leave it empty",
                number,
            )
            return None

    def _compare(self, number: int, days: Mapping[Role, date | None]) -> None:
        received, due, returned = days["received"], days["due"], days["returned"]
        if returned is not None and returned > self.today:
            self.problems.add(
                f"returned on {returned:%d/%m/%Y}, after today ({self.today:%d/%m/%Y}); correct "
                "the date",
                number,
            )
        if received is not None and returned is not None and returned < received:
            self.problems.add(
                f"returned on {returned:%d/%m/%Y}, before it was received "
                f"({received:%d/%m/%Y}); correct a date",
                number,
            )
        if received is not None and due is not None and due < received:
            self.problems.add(
                f"due on {due:%d/%m/%Y}, before it was received ({received:%d/%m/%Y}); correct "
                "a date",
                number,
            )

    def _office(self, number: int, row: tuple[object, ...]) -> str | None:
        if self.office is not None:
            return self.office
        cell = self._at(row, "office")
        found = self.known.offices.get(plain(cell))
        if found not in self.known.office_ids:
            self.problems.add(
                f"office {masked(cell)} is not known; add it to [offices] of the columns file as "
                f"one of: {', '.join(self.known.office_ids)}",
                number,
            )
            return None
        return found

    def _sector(self, number: int, row: tuple[object, ...]) -> str | None:
        cell, procedure = self._at(row, "sector"), self._at(row, "procedure")
        found = self.known.sectors.get(plain(cell)) or self._sector_of(procedure)
        if found in self.known.sector_ids:
            return found
        if found is not None:
            self.problems.add(
                f"sector {masked(cell)} is mapped to '{found}', which the places file does not "
                f"have; add it there, or use one of: {', '.join(self.known.sector_ids)}",
                number,
            )
        elif text_of(cell):
            self.problems.add(
                f"sector {masked(cell)} is not known; add it to [sectors] of the columns file as "
                f"one of: {', '.join(self.known.sector_ids)}",
                number,
            )
        elif text_of(procedure):
            self.problems.add(
                f"procedure {shown(procedure)} is not known and no sector is given; add the "
                "procedure with its sector to the places file",
                number,
            )
        else:
            self.problems.add("neither sector nor procedure; write one of them", number)
        return None

    def _sector_of(self, cell: object) -> str | None:
        word = plain(cell)
        national = _CODE.fullmatch(word)
        return self.known.procedures.get(word) or self.known.procedures.get(
            national[1] if national else ""
        )

    def _online(self, row: tuple[object, ...]) -> bool | None:
        word = plain(self._at(row, "filing"))
        return word in self.columns.online if word else None


_DAYS: tuple[Role, ...] = ("received", "due", "returned")
