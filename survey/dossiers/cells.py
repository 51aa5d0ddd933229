"""What the content of one cell means: a text, a date, a month, a whole number. Knows no column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from questionnaires import keys

EXCEL_EPOCH = date(1899, 12, 30)
YEARS = range(1990, 2101)
LARGEST = 2**31 - 1  # the database's integers end here

_TIME = r"(?P<{0}hour>\d{{1,2}})(?::|h|g)(?P<{0}minute>\d\d)(?::(?P<{0}second>\d\d)(?:[.,]\d+)?)?"
_DATE = re.compile(
    rf"(?:{_TIME.format('early_')}\s+)?"
    r"(?:(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})"
    r"|(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4}))"
    rf"(?:(?:T|,?\s+){_TIME.format('')}"
    r"(?:\s*(?:(?P<half>SA|CH|AM|PM)|(?P<zone>Z|[+-]\d\d:?\d\d)))?)?",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_WHOLE = re.compile(r"([0-9]{1,12})(?:\.0)?")
_FAREST = timedelta(hours=14)  # no clock on earth is farther from Greenwich


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell whose formula was saved without its result, and cannot be computed here."""

    text: str

    def __str__(self) -> str:
        return f"={self.text}"


def text_of(cell: object) -> str:
    """Return a cell as text: nothing as '', a whole number without '.0'."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return keys.normal(str(cell))


def plain(cell: object) -> str:
    """Return a text as it is compared: composed letters, small, single spaces."""
    return keys.folded(text_of(cell))


def unmarked(text: str) -> str:
    """Return a text without the marks of its letters, as some systems export it.

    >>> unmarked("ngày hẹn trả (đã báo)")
    'ngay hen tra (da bao)'
    """
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def shown(cell: object) -> str:
    """Return a cell as it is quoted in a message: whole, what is invisible made visible."""
    return keys.quoted(cell if isinstance(cell, str) else text_of(cell))


def masked(cell: object) -> str:
    """Return a word as it is quoted in a message, digits hidden where it may be a dossier code."""
    return keys.masked(cell if isinstance(cell, str) else text_of(cell))


def date_of(cell: object, epoch: date = EXCEL_EPOCH, zone: tzinfo | None = None) -> date:
    """Return the day of a cell at the office, a time of day dropped.

    Reads dates of a spreadsheet, its serial numbers counted from ``epoch``, and the texts
    2026-10-31 and 31/10/2026. A time that tells its own zone is moved to ``zone`` first, and
    refused where none is given. Raises ValueError for anything else, impossible days and times.
    """
    if isinstance(cell, datetime):
        found = _at_office(cell, zone).date()
    elif isinstance(cell, date):
        found = cell
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        found = _day_of_serial(float(cell), epoch)
    else:
        return _date_of_text(text_of(cell), zone)
    return _plausible(found)


def is_date(cell: object, epoch: date = EXCEL_EPOCH, zone: tzinfo | None = None) -> bool:
    """Tell whether a cell holds a day."""
    try:
        date_of(cell, epoch, zone)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _date_of_text(text: str, zone: tzinfo | None) -> date:
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    part = found.group
    year, month, day = part("year", "month", "day") if part("year") else part("y", "m", "d")
    moment = datetime(int(year), int(month), int(day), *_clock(found), tzinfo=UTC)
    if part("early_hour") and part("hour"):
        raise ValueError(text)  # two times of day
    if part("zone"):
        moment = _at_office(moment.replace(tzinfo=_offset(part("zone"))), zone)
    return _plausible(moment.date())


def _at_office(moment: datetime, zone: tzinfo | None) -> datetime:
    """A moment as the office's clock showed it; ValueError where that clock is not known."""
    if moment.tzinfo is None:
        return moment
    if zone is None:
        raise ValueError(moment)
    return moment.astimezone(zone)


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    """Hour, minute and second; ValueError where no clock shows them."""
    kind = "early_" if found["early_hour"] else ""
    hour, minute, second = (int(found[kind + name] or 0) for name in ("hour", "minute", "second"))
    half = (found["half"] or "").upper()
    if half and not 1 <= hour <= 12 and half in ("AM", "PM"):
        raise ValueError(found[0])
    if half in ("CH", "PM") and hour < 12:
        hour += 12
    elif half in ("SA", "AM") and hour == 12:
        hour = 0
    return hour, minute, second


def _offset(text: str) -> tzinfo:
    if text.upper() == "Z":
        return UTC
    minutes = int(text[-2:])
    ahead = timedelta(hours=int(text[1:3]), minutes=minutes)
    if minutes > 59 or ahead > _FAREST:
        raise ValueError(text)
    return timezone(ahead if text[0] == "+" else -ahead)


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
    """Return the whole number, 0 or more, of a cell; '5.0' as other programs write it is one.

    Raises ValueError for anything else and OverflowError for more than the database can hold.
    """
    text = text_of(cell)
    found = _WHOLE.fullmatch(text)
    if isinstance(cell, bool) or found is None:
        if not isinstance(cell, bool) and text.isascii() and text.isdigit():
            raise OverflowError(text)
        raise ValueError(text)
    if int(found[1]) > LARGEST:
        raise OverflowError(text)
    return int(found[1])
