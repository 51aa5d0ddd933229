"""What the content of one cell means: a text, a date, a month, a whole number. Knows no column."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache

EXCEL_EPOCH = date(1899, 12, 30)
YEARS = range(1990, 2101)

_TIME = r"\d{1,2}(?::|h|g)\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_DATE = re.compile(
    rf"(?:{_TIME}\s+)?"
    r"(?:(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})"
    r"|(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4}))"
    rf"(?:(?:T|,?\s+){_TIME}(?:\s*(?:Z|[+-]\d\d:?\d\d|SA|CH|AM|PM))?)?",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def text_of(cell: object) -> str:
    """Return a cell as text: nothing as '', a whole number without '.0'."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def plain(cell: object) -> str:
    """Return a text as it is compared: composed letters, small, single spaces."""
    return _plain(text_of(cell))


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def shown(cell: object) -> str:
    """Return a cell as it is quoted in a message."""
    text = text_of(cell)
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"


def masked(cell: object) -> str:
    """Return a word as it is quoted in a message, its digits hidden: it may be a dossier code."""
    return re.sub(r"\d", "#", shown(cell))


def date_of(cell: object, epoch: date = EXCEL_EPOCH) -> date:
    """Return the day of a cell, a time of day dropped.

    Reads dates of a spreadsheet, its serial numbers counted from ``epoch``, and the texts
    2026-10-31 and 31/10/2026. Raises ValueError for anything else and for impossible days.
    """
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        found = _day_of_serial(float(cell), epoch)
    else:
        return _date_of_text(text_of(cell))
    return _plausible(found)


@lru_cache(maxsize=4096)
def _date_of_text(text: str) -> date:
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    part = found.group
    year, month, day = part("year", "month", "day") if part("year") else part("y", "m", "d")
    return _plausible(date(int(year), int(month), int(day)))


def _day_of_serial(serial: float, epoch: date) -> date:
    try:
        return epoch + timedelta(days=int(serial))
    except (OverflowError, ValueError) as error:
        raise ValueError(serial) from error


def _plausible(found: date) -> date:
    if found.year not in YEARS:
        raise ValueError(found)
    return found


def month_of(cell: object) -> str:
    """Return the month of a cell as '2026-10'. Raises ValueError for anything else.

    A spreadsheet turns a typed 2026-10 into the first day of that month.
    """
    if isinstance(cell, date) and cell.day == 1:
        return f"{_plausible(cell):%Y-%m}"
    text = text_of(cell)
    if not _MONTH.fullmatch(text):
        raise ValueError(text)
    return f"{_plausible(date(int(text[:4]), int(text[5:]), 1)):%Y-%m}"


def whole_of(cell: object) -> int:
    """Return the whole number, 0 or more, of a cell. Raises ValueError for anything else."""
    text = text_of(cell)
    if isinstance(cell, bool) or not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)
