"""What about the days of a file gives reason to ask, although every row looks right. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from survey.told import sentence

ENOUGH = 20
"""Days: with fewer, everything may be chance."""
SPREAD = 3
"""Months: a month's export that holds more of them is asked about."""


@dataclass(slots=True)
class Days:
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
            yield sentence("dossiers.mixed", column=self.column, **numbers)
        elif self._swapped():
            months = len({day.month for day in self._found})
            yield sentence("dossiers.exchanged", column=self.column, months=months)
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
