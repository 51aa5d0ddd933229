"""The rules of a one-stop export: a row is a dossier; counted are those with a day of returning.

Pure: rows in; counts, doubts about the days, or problems out. A dossier code is compared within the
file and then gone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from questionnaires.bilingual import Told
from survey.dossiers.cells import Formula, date_of, is_date, masked, plain, shown, text_of
from survey.dossiers.columns import (
    Columns,
    KnownWords,
    Role,
    looks_like_code,
    numbers_columns,
    role_name,
    sector_of_title,
)
from survey.dossiers.count import Counted, ListedDossier, PopulationCount
from survey.dossiers.look import WordKind
from survey.dossiers.problems import Problems, note_moved
from survey.dossiers.sheets import Row
from survey.told import sentence

ENOUGH = 20
"""Days: with fewer, everything may be chance."""
SPREAD = 3
"""Months: a month's export that holds more of them is asked about."""


@dataclass(slots=True)
class DayColumn:
    """The days of one column while it is read: those of a spreadsheet, and those kept as text."""

    column: str
    _texts: int = 0
    _real: int = 0
    _found: Counter[date] = field(default_factory=Counter)

    def add(self, day: date, *, real: bool) -> None:
        """Note one day; ``real``: kept as a date, not as text."""
        self._found[day] += 1
        if real:
            self._real += 1
        else:
            self._texts += 1

    def doubts(self) -> Iterator[str]:
        """Yield each reason to ask, with what may have happened."""
        if self._real and self._texts:
            numbers = {"real": self._real, "texts": self._texts}
            yield sentence("dossiers.mixed", column=role_name(self.column), **numbers)
        elif self._swapped():
            months = len({day.month for day in self._found})
            yield sentence("dossiers.exchanged", column=role_name(self.column), months=months)
        total = self._found.total()
        if self.column == "returned" and total >= ENOUGH and len(self._found) == 1:
            (day,) = self._found
            yield sentence("dossiers.one_day", total=total, day=f"{day:%d/%m/%Y}")

    def _swapped(self) -> bool:
        """Whether days and months look exchanged: no day after the 12th, and many months."""
        months = {day.month for day in self._found}
        return (
            self._found.total() >= ENOUGH
            and all(day.day <= 12 for day in self._found)
            and len(months) > SPREAD
        )


# A national code and the unit's own ending: 1.001193.000.00.00.H56
_CODE = re.compile(r"(\d+\.\d+)\..+")
# What a spreadsheet makes of 1.001190: a number without its last zeros, or a whole one.
_SHORT_CODE = re.compile(r"(\d)[.,](\d{1,6})")
_BARE_CODE = re.compile(r"(\d)(\d{6})")
# A long number loses its last digits in a spreadsheet: two codes then look like one.
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?e\+\d+|\d{16,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What counts of one dossier. None: the file does not say."""

    period: str
    office: str
    sector: str
    on_time: bool | None
    online: bool | None
    days: tuple[int, int] | None
    """From receiving to the due day, and to returning; None where a day is not known."""


@dataclass(slots=True)
class _Cell:
    """What is known of one month, office and sector so far."""

    completed: int = 0
    on_time: int = 0
    online: int = 0
    due_known: int = 0
    filing_known: int = 0
    timed: int = 0
    days_allowed: int = 0
    days_taken: int = 0

    def add(self, dossier: Dossier) -> None:
        self.completed += 1
        if dossier.on_time is not None:
            self.due_known += 1
            self.on_time += dossier.on_time
        if dossier.online is not None:
            self.filing_known += 1
            self.online += dossier.online
        if dossier.days is not None:
            self.timed += 1
            self.days_allowed += dossier.days[0]
            self.days_taken += dossier.days[1]

    def count(self, period: str, office: str, sector: str) -> PopulationCount:
        """What is known. Where no dossier says, that is not known and is never zero."""
        due = (self.on_time, self.due_known) if self.due_known else (None, None)
        filing = (self.online, self.filing_known) if self.filing_known else (None, None)
        days = (self.timed, self.days_allowed, self.days_taken) if self.timed else (None,) * 3
        parts = (due[0], filing[0], due[1], filing[1], *days)
        return PopulationCount(period, office, sector, self.completed, *parts)


@dataclass(slots=True)
class Export:
    """One export while it is read. ``positions`` tells where each column stands.

    ``width``: how many columns have a place under the headings. ``separated``: cells were told
    apart by a sign, so that one too many may have moved all that follow. ``one_by_one``: the
    dossiers are listed too.
    """

    columns: Columns
    positions: Mapping[Role, int]
    known: KnownWords
    office: str | None
    today: date
    zone: tzinfo
    epoch: date
    width: int
    separated: bool
    problems: Problems
    one_by_one: bool = False
    _codes: dict[str, int] = field(default_factory=dict)
    _offline: Counter[str] = field(default_factory=Counter)
    _days: dict[Role, DayColumn] = field(default_factory=dict)
    _section: str | None = None

    def count(self, rows: Iterable[Row], periods: frozenset[str]) -> Counted:
        """Count every row; what is wrong is noted in ``problems``."""
        cells: dict[tuple[str, str, str], _Cell] = {}
        no_dossiers: list[int] = []
        listed: list[ListedDossier] = []
        read = not_returned = outside = 0
        for number, row in rows:
            if not self._is_dossier(row):
                self._section = sector_of_title(row, self.known) or self._section
                no_dossiers.append(number)
                continue
            read += 1
            if self.separated:
                note_moved(number, row[self.width :], self.problems)
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
            if self.one_by_one:
                listed.append(self._listed(number, row, dossier))
            if dossier.online is False:
                self._offline[text_of(self._at(row, "filing"))] += 1
        counts = tuple(cell.count(*key) for key, cell in sorted(cells.items()))
        return Counted(
            counts,
            read,
            not_returned,
            outside,
            tuple(no_dossiers),
            offline=dict(self._offline),
            doubts=tuple(doubt for days in self._days.values() for doubt in days.doubts()),
            listed=tuple(listed),
        )

    def _listed(self, number: int, row: Sequence[object], dossier: Dossier) -> ListedDossier:
        code, procedure = (text_of(self._at(row, role)) for role in _NAMING)
        return ListedDossier(
            number, code, procedure, dossier.period, dossier.office, dossier.sector
        )

    def _at(self, row: Sequence[object], role: Role) -> object:
        position = self.positions.get(role)
        return row[position] if position is not None and position < len(row) else None

    def _is_dossier(self, row: Sequence[object]) -> bool:
        """Whether a row has a code or a day: what has neither is a title, a total, a signature."""
        if any(self._has_day(self._at(row, role)) for role in _DAYS):
            return True
        return looks_like_code(self._at(row, "code")) and not numbers_columns(row)

    def _has_day(self, cell: object) -> bool:
        return isinstance(cell, Formula) or is_date(cell, self.epoch, self.zone)

    def _note_code(self, number: int, row: Sequence[object]) -> None:
        cell = self._at(row, "code")
        code = plain(cell).replace(" ", "")
        if not code:
            self.problems.add(
                sentence("dossiers.no_code"),
                number,
            )
            return
        first = self._codes.setdefault(code, number)
        if first == number:
            return
        rounded = _ROUNDED.fullmatch(code) is not None
        what = sentence("dossiers.rounded_code" if rounded else "dossiers.same_code")
        for twice in (first, number):
            self.problems.add(what, twice, of=None if rounded else first)

    def _dossier(self, number: int, row: Sequence[object]) -> Dossier | None:
        """Return what counts of this row, or None where something is wrong with it."""
        days = {role: self._day(number, row, role) for role in _DAYS}
        office, sector = self._office(number, row), self._sector(number, row)
        received, due, returned = (days[role] for role in _DAYS)
        self._compare(number, days)
        if returned is None or office is None or sector is None:
            return None
        return Dossier(
            period=f"{returned:%Y-%m}",
            office=office,
            sector=sector,
            on_time=None if due is None else returned <= due,
            online=self._online(row),
            days=None
            if received is None or due is None
            else ((due - received).days, (returned - received).days),
        )

    def _day(self, number: int, row: Sequence[object], role: Role) -> date | None:
        cell = self._at(row, role)
        if not text_of(cell):
            return None
        try:
            found = date_of(cell, self.epoch, self.zone)
        except ValueError:
            self.problems.add(self._no_day(role, cell), number)
            return None
        real = isinstance(cell, date | datetime | int | float)
        self._days.setdefault(role, DayColumn(role)).add(found, real=real)
        return found

    @staticmethod
    def _no_day(role: Role, cell: object) -> Told:
        if isinstance(cell, Formula):
            return sentence("dossiers.no_result", column=role_name(role), formula=shown(str(cell)))
        return sentence("dossiers.no_day", column=role_name(role), value=shown(cell))

    def _compare(self, number: int, days: Mapping[Role, date | None]) -> None:
        received, due, returned = days["received"], days["due"], days["returned"]
        if returned is not None and returned > self.today:
            self.problems.add(
                sentence("dossiers.after_today", day=_dmy(returned), today=_dmy(self.today)),
                number,
            )
        if received is not None and returned is not None and returned < received:
            self.problems.add(
                sentence("dossiers.returned_before", day=_dmy(returned), received=_dmy(received)),
                number,
            )
        if received is not None and due is not None and due < received:
            self.problems.add(
                sentence("dossiers.due_before", day=_dmy(due), received=_dmy(received)),
                number,
            )

    def _office(self, number: int, row: Sequence[object]) -> str | None:
        if self.office is not None:
            return self.office
        cell = self._at(row, "office")
        found = self.known.offices.get(plain(cell))
        if found not in self.known.office_ids:
            hint = self.known.hint(cell, self.known.offices)
            known = ", ".join(self.known.office_ids)
            told = sentence("dossiers.no_office", value=masked(cell), hint=hint, known=known)
            if text_of(cell):
                self.problems.add_unknown("office", cell, told, number)
            else:
                self.problems.add(told, number)
            return None
        return found

    def _sector(self, number: int, row: Sequence[object]) -> str | None:
        cell, procedure = self._at(row, "sector"), self._at(row, "procedure")
        found = self.known.sectors.get(plain(cell)) or self._sector_of(procedure)
        if found is None and not text_of(cell) and not text_of(procedure):
            found = self._section
        if found in self.known.sector_ids:
            return found
        if found is not None:
            kind: WordKind = "sector" if text_of(cell) else "procedure"
            word = cell if text_of(cell) else procedure
            told = sentence(
                "dossiers.mapped_nowhere",
                value=masked(word),
                sector=found,
                known=", ".join(self.known.sector_ids),
            )
            self.problems.add_unknown(kind, word, told, number)
        elif text_of(cell):
            hint = self.known.hint(cell, self.known.sectors)
            known = ", ".join(self.known.sector_ids)
            told = sentence("dossiers.no_sector", value=masked(cell), hint=hint, known=known)
            self.problems.add_unknown("sector", cell, told, number)
        elif text_of(procedure):
            hint = self.known.hint(procedure, self.known.procedures)
            told = sentence("dossiers.no_procedure", value=shown(procedure), hint=hint)
            self.problems.add_unknown("procedure", procedure, told, number)
        else:
            self.problems.add(
                sentence("dossiers.neither"),
                number,
            )
        return None

    def _sector_of(self, cell: object) -> str | None:
        """Return the sector of a procedure, by its name or by its code however it was kept."""
        for word in _codes_meant(plain(cell)):
            if word in self.known.procedures:
                return self.known.procedures[word]
        return None

    def _online(self, row: Sequence[object]) -> bool | None:
        word = plain(self._at(row, "filing"))
        return word in self.columns.online if word else None


def _codes_meant(word: str) -> Iterator[str]:
    """Yield a word and the national procedure codes that it may stand for."""
    yield word
    if national := _CODE.fullmatch(word):
        yield national[1]
    if short := _SHORT_CODE.fullmatch(word):
        yield f"{short[1]}.{short[2]:0<6}"
    if whole := _BARE_CODE.fullmatch(word):
        yield f"{whole[1]}.{whole[2]}"


_DAYS: tuple[Role, ...] = ("received", "due", "returned")
_NAMING: tuple[Role, ...] = ("code", "procedure")


def _dmy(day: date) -> str:
    return f"{day:%d/%m/%Y}"
