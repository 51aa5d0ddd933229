"""When an office is open: "Mon-Fri 07:30-11:30 13:30-17:00", or "T2-T6 …".

Owns reading such a text, also as people write it ("Thứ 2 – Thứ 6: sáng 7h30-11h30, chiều 13h-17h"),
writing it in either language, and how long was open between two moments. Pure. Whose hours hold for
an office: `survey.store.inherited`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import groupby, pairwise
from typing import Final, TypeAlias

from survey.errors import ConfigError
from survey.told import sentence

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONGEST: Final = timedelta(days=31)
"""Further back is not looked: whoever asks wants to know about hours, not about years."""

Hours: TypeAlias = tuple[time, time]

_VIETNAMESE: Final = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_NUMBERS: Final = {
    name.casefold(): n for days in (DAYS, _VIETNAMESE) for n, name in enumerate(days)
}
_HOURS = re.compile(r"([0-9]{1,2}:[0-9]{2})-([0-9]{1,2}:[0-9]{2})")
_EXAMPLE = "Mon-Fri 07:30-11:30 13:30-17:00; Sat 07:30-11:30"
_IN_WORDS: Final = ("hai", "ba", "tư", "năm", "sáu", "bảy")
# As people write it -> as it is read, one after the other.
_WRITTEN: Final = (
    (r"[‐-―−]", "-"),
    (r"\bchủ nhật\b", "cn"),
    *((rf"\bthứ {name}\b", f"t{n}") for n, name in enumerate(_IN_WORDS, start=2)),
    (r"\bthứ ([2-7])\b", r"t\1"),
    (r"\b([0-9]{1,2})[hg]([0-9]{2})\b", r"\1:\2"),
    (r"\b([0-9]{1,2}) ?(?:h|g|giờ)\b", r"\1:00"),
    (r"\b(?:sáng|chiều|từ|và)\b", " "),
    (r":(?![0-9])", " "),
    (r",", " "),
    (r" ?(?:-|\bđến\b) ?", "-"),
)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """For each weekday from Monday the hours at which the office is open, in order."""

    days: tuple[tuple[Hours, ...], ...]

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """The opening time from `start` to `end`, both in the office's zone, of the last month."""
        start = max(start, end - LONGEST)
        return sum(
            (self._open_on(day, start, end) for day in _days(start.date(), end.date())),
            timedelta(0),
        )

    def _open_on(self, day: date, start: datetime, end: datetime) -> timedelta:
        total = timedelta(0)
        for opens, closes in self.days[day.weekday()]:
            first = max(start, datetime.combine(day, opens, start.tzinfo))
            last = min(end, datetime.combine(day, closes, start.tzinfo))
            total += max(timedelta(0), last - first)
        return total


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@cache
def parse_opening_hours(text: str) -> OpeningHours:
    """Read the setting. Raises ConfigError naming the part that cannot be read."""
    days: list[list[Hours]] = [[] for _ in DAYS]
    for part in _parts(text) or [""]:
        named, *hours = _plain(part).split() or [""]
        weekdays = _weekdays(named, part)
        if not hours:
            raise _refusal("none", part)
        for weekday in weekdays:
            days[weekday] += [_hours(one, part) for one in hours]
    return OpeningHours(tuple(_in_order(day) for day in days))


def _parts(text: str) -> list[str]:
    """Days with their hours, which may go on in lines below."""
    parts: list[str] = []
    for part in re.split(r"[;\n]", text):
        if parts and _plain(part)[:1].isdigit():
            parts[-1] += f" {part.strip()}"
        elif part.strip():
            parts.append(part.strip())
    return parts


def spoken_hours(text: str, lang: str) -> str:
    """The same hours as a page or file writes them: days that follow each other together.

    Raises ConfigError where the text cannot be read.

    >>> spoken_hours("Mon-Fri 7:30-11:30 13:30-17:00; Sat 7:30-11:30", "vi")
    'T2-T6 07:30-11:30 13:30-17:00; T7 07:30-11:30'
    """
    days, names = parse_opening_hours(text).days, _VIETNAMESE if lang == "vi" else DAYS
    found: list[str] = []
    for hours, group in groupby(range(len(days)), key=days.__getitem__):
        first, *more = group
        if hours:
            named = f"{names[first]}-{names[more[-1]]}" if more else names[first]
            times = (f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in hours)
            found.append(" ".join((named, *times)))
    return "; ".join(found)


def _plain(text: str) -> str:
    """What people write, in the one form that is read."""
    plain = unicodedata.normalize("NFC", text).casefold().strip()
    for written, read in _WRITTEN:
        plain = re.sub(written, read, plain)
    return plain.strip()


def _refusal(what: str, part: str) -> ConfigError:
    from questionnaires.bilingual import both

    written = both(lambda lang: spoken_hours(_EXAMPLE, lang))
    example = sentence("settings.hours_example", example=written)
    return ConfigError(sentence(f"settings.hours_{what}", part=part, example=example))


def _weekdays(text: str, part: str) -> range:
    first, _, last = text.partition("-")
    if first not in _NUMBERS or (last or first) not in _NUMBERS:
        raise _refusal("days", part)
    found = range(_NUMBERS[first], _NUMBERS[last or first] + 1)
    if not found:
        raise _refusal("order", part)
    return found


def _hours(text: str, part: str) -> Hours:
    match = _HOURS.fullmatch(text)
    opens, closes = (_time(match[1]), _time(match[2])) if match else (None, None)
    if opens is None or closes is None or opens >= closes:
        raise _refusal("time", part)
    return opens, closes


def _time(text: str) -> time | None:
    hour, minute = map(int, text.split(":"))
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _in_order(hours: Sequence[Hours]) -> tuple[Hours, ...]:
    found = tuple(sorted(hours))
    for (_, closes), (opens, _) in pairwise(found):
        if opens < closes:
            raise _refusal("twice", f"{opens:%H:%M}")
    return found
