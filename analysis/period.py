"""Periods: a month, quarter, half-year, year or rolling twelve months, and their names.

Owns the notation and the calendar. Must not read the clock: a period is always said by the caller.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from operator import index
from typing import Final, Protocol, SupportsIndex, TypeAlias

from analysis.errors import PeriodError, Problem, said
from analysis.words import say
from questionnaires.bilingual import Told

_FORMS: Final = (
    (re.compile(r"([0-9]{4})-([0-9]{2})"), 1),
    (re.compile(r"([0-9]{4})-Q([1-4])"), 3),
    (re.compile(r"([0-9]{4})-H([12])"), 6),
    (re.compile(r"([0-9]{4})()"), 12),
)
_ROLLING: Final = re.compile(r"12m:([0-9]{4})-([0-9]{2})")
_KINDS: Final = {1: "month", 3: "quarter", 6: "half", 12: "year"}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


# How people write periods, case and signs out of the way: "Tháng 10/2026" is "tháng 10 2026".
_WORD: Final = re.compile(r"12m|[^\W\d_]+|[0-9]+")
_NUMBERS: Final = (
    {"i": "1", "ii": "2", "iii": "3", "iv": "4", "đầu": "1", "cuối": "2"}
    | {name.lower(): str(number) for number, name in enumerate(_MONTHS, start=1)}
    | {"first": "1", "second": "2"}
)
_Y: Final = r"(?:năm |of |year )?(?P<y>[0-9]{4})"
_WRITTEN: Final = tuple(
    (re.compile(form), notation)
    for form, notation in (
        (rf"(?:tháng |th |t )?(?P<m>[0-9]{{1,2}}) {_Y}", "{y}-{m}"),
        (r"(?P<y>[0-9]{4}) (?:tháng |t )?(?P<m>[0-9]{1,2})", "{y}-{m}"),
        (rf"(?P<m>{'|'.join(_MONTHS).lower()}) {_Y}", "{y}-{m}"),
        (rf"(?:quý|quarter|q) (?P<q>[1-4]|i|ii|iii|iv) {_Y}", "{y}-Q{q}"),
        (r"(?P<y>[0-9]{4}) (?:quý|quarter|q) (?P<q>[1-4]|i|ii|iii|iv)", "{y}-Q{q}"),
        (rf"6 tháng (?P<h>đầu|cuối) {_Y}", "{y}-H{h}"),
        (rf"(?P<h>first|second) half {_Y}", "{y}-H{h}"),
        (rf"h (?P<h>[12]) {_Y}", "{y}-H{h}"),
        (r"(?P<y>[0-9]{4}) h (?P<h>[12])", "{y}-H{h}"),
        (_Y, "{y}"),
        (rf"12 (?:tháng đến hết tháng|months to) (?P<m>[0-9]{{1,2}}) {_Y}", "12m:{y}-{m}"),
        (r"12m (?P<y>[0-9]{4}) (?P<m>[0-9]{1,2})", "12m:{y}-{m}"),
    )
)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, from `first` to `last` inclusive.

    `text` is the notation it was written in ("2026-Q4"), `months` the months as "YYYY-MM".
    """

    text: str
    first: date
    last: date
    months: tuple[str, ...]

    @property
    def is_year(self) -> bool:
        """Whether it is a calendar year, however written."""
        return len(self.months) == 12 and self.first.month == 1

    def called(self, lang: str = "vi") -> str:
        """Its name for people.

        >>> parse_period("2026-Q4").called("vi"), parse_period("2026-Q4").called("en")
        ('Quý IV/2026', 'Quarter 4, 2026')
        """
        year, month, length = self.last.year, self.last.month, len(self.months)
        if _ROLLING.fullmatch(self.text) or length not in _KINDS:
            return say("period.until", lang, count=length, month=month, year=year)
        return say(f"period.{_KINDS[length]}.{month // length}", lang, year=year)

    def inside(self, lang: str) -> str:
        """Its name within a sentence.

        >>> [parse_period(text).inside("en") for text in ("2026-10", "2026-H1", "2026")]
        ['October 2026', 'the first half of 2026', '2026']
        """
        length, name = len(self.months), self.called(lang)
        if length in (3, 6, 12) and not _ROLLING.fullmatch(self.text):
            number = self.last.month // length
            return say(f"period.inside.{_KINDS[length]}.{number}", lang, year=self.last.year)
        return name[:1].lower() + name[1:] if say("period.case_inside", lang) == "lower" else name


def parse_period(text: str) -> Period:
    """Read a period; PeriodError names the legal forms where it is none of them."""
    written = text.strip()
    rolling = _ROLLING.fullmatch(written)
    if rolling:
        year, month = int(rolling[1]), int(rolling[2])
        _check_month(written, month)
        return _period(written, year, month, 12)
    for form, length in _FORMS:
        found = form.fullmatch(written)
        if found:
            return _calendar_period(written, int(found[1]), int(found[2] or 1), length)
    raise _refusal(text, said("period.unknown"))


def written_period(text: str) -> Period:
    """Read a period as people write it, in the notation or in words; PeriodError as `parse_period`.

    >>> [written_period(text).text for text in ("10/2026", "tháng 10 năm 2026", "Quý IV/2026")]
    ['2026-10', '2026-10', '2026-Q4']
    """
    plain = " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
    for form, notation in _WRITTEN:
        found = form.fullmatch(plain)
        if found:
            parts = {name: _NUMBERS.get(part, part) for name, part in found.groupdict().items()}
            parts["m"] = parts.get("m", "").zfill(2)
            return parse_period(notation.format(**parts))
    return parse_period(text)


class Span(Protocol):
    """What begins and ends at a moment: a pandas Period is one."""

    @property
    def start_time(self) -> date: ...

    @property
    def end_time(self) -> date: ...


PeriodLike: TypeAlias = Period | str | int | date | Span
"""A period as an analyst has it: in the notation or in words, a year, a day of its month, or a
pandas Period of a month, quarter or year."""


def period_of(given: PeriodLike) -> Period:
    """The period that is meant; PeriodError where it is none.

    >>> [period_of(one).text for one in ("Q4 2026", 2026, date(2026, 10, 15))]
    ['2026-Q4', '2026', '2026-10']
    """
    if isinstance(given, Period):
        return given
    if isinstance(given, str):
        return written_period(given)
    if isinstance(given, date):
        return parse_period(f"{given:%Y-%m}")
    start, end = getattr(given, "start_time", None), getattr(given, "end_time", None)
    if isinstance(start, date) and isinstance(end, date):
        return _spanned(str(given), start, end)
    if isinstance(given, bool) or not isinstance(given, SupportsIndex):
        raise _refusal(repr(given), said("period.unknown"))
    return parse_period(str(index(given)))


def _spanned(text: str, start: date, end: date) -> Period:
    """The calendar period from the first day of a month to the last day of one."""
    months = 12 * (end.year - start.year) + end.month - start.month + 1
    ends = calendar.monthrange(end.year, end.month)[1]
    forms = {1: "{0:%Y-%m}", 3: "{0:%Y}-Q{1}", 6: "{0:%Y}-H{1}", 12: "{0:%Y}"}
    if start.day != 1 or end.day != ends or end.month % months or months not in forms:
        raise _refusal(text, said("period.unknown"))
    return parse_period(forms[months].format(end, end.month // months))


def _refusal(text: str, what: Told) -> PeriodError:
    return PeriodError([Problem(said("name.period"), f"'{text}'", what, said("period.write"))])


def _calendar_period(text: str, year: int, part: int, length: int) -> Period:
    _check_month(text, part * length)
    return _period(text, year, part * length, length)


def _check_month(text: str, month: int) -> None:
    if not 1 <= month <= 12:
        raise _refusal(text, said("period.month", month=f"{month:02d}"))


def _period(text: str, year: int, month: int, length: int) -> Period:
    """The `length` months that end with this month."""
    end = year * 12 + month - 1
    if not end - length + 1 >= 12 * 1900 or end >= 12 * 2200:
        raise _refusal(text, said("period.years"))
    months = [divmod(number, 12) for number in range(end - length + 1, end + 1)]
    first = date(months[0][0], months[0][1] + 1, 1)
    last = date(year, month, calendar.monthrange(year, month)[1])
    names = tuple(f"{y:04d}-{m + 1:02d}" for y, m in months)
    return Period(text, first, last, names)


def month_name(month: str) -> str:
    """ "2026-10" as people write it: "10/2026"."""
    year, number = month.split("-")
    return f"{int(number)}/{year}"


def moved(period: Period, months: int) -> Period:
    """The period of the same length so many months later (earlier where negative).

    A quarter, half-year or year is moved by its own length or by years.

    >>> moved(parse_period("2026-Q1"), -3).text
    '2025-Q4'
    """
    end = 12 * period.last.year + period.last.month - 1 + months
    year, month = end // 12, end % 12 + 1
    length = len(period.months)
    rolling = period.text.startswith("12m:")
    if not rolling and month % length:
        raise ValueError(f"{period.text} moved by {months} months is no calendar period")
    month_of = f"{year:04d}-{month:02d}"
    if rolling:
        return parse_period(f"12m:{month_of}")
    forms = {1: month_of, 3: f"{year:04d}-Q{month // 3}", 6: f"{year:04d}-H{month // 6}"}
    return parse_period(forms.get(length, f"{year:04d}"))


def last_months(period: Period, count: int) -> Period:
    """The `count` months up to the last one of a period: a stretch to read, without a notation."""
    return _period(f"{count} months", period.last.year, period.last.month, count)
