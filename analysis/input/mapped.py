"""Answers of another tool in the published layout: the rows that a mapping makes of a sheet.

Owns reading days, words and scores as people and tools write them, and telling each cell that
cannot be read. What a row must hold is judged by the layout afterwards, like any other's.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from difflib import get_close_matches
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from analysis.errors import LayoutError, Problem, said
from analysis.input.cells import Cells
from analysis.input.frames import open_table, text_of
from analysis.input.mapping import Day, FormMapping
from analysis.input.sources import OpenSource
from questionnaires import keys
from questionnaires.bilingual import Told, joined, number_of

if TYPE_CHECKING:
    from questionnaires import Questionnaire

LISTED: Final = 20
"""Cells named for one kind of problem; the others are counted."""

_SPACE: Final = uuid.UUID("3f1b2f0e-6a5c-5c55-9a52-0d2a6f6f1c11")  # of ids that are made here


@dataclass(frozen=True, slots=True)
class Mapped:
    """The answers of a form: `rows` by column of the layout, each from the row in `numbers`.

    `skipped`: rows that the mapping leaves out.
    """

    cells: Cells
    rows: Sequence[Mapping[str, Any]]
    numbers: Sequence[int]
    skipped: int

    def place(self, number: int) -> str:
        """How a row is called, by its number from 0."""
        return said("place.row", row=self.numbers[number])

    def opened(self, mapping: FormMapping) -> OpenSource:
        """The same as a source."""
        import pyarrow as pa

        kinds = {"answered_on": pa.date32(), "late": pa.bool_()}
        kinds |= dict.fromkeys(mapping.items, pa.int16())
        names = [*_FIXED, *mapping.items, *mapping.covariates]
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
        table = pa.Table.from_pylist([dict(row) for row in self.rows], schema)
        return open_table(table, self.cells.name, self.place)


_FIXED: Final = (
    *("response_id", "questionnaire", "office", "sector", "procedure"),
    *("channel", "answered_on", "late", "flag"),
)


class _Faults:
    """Cells that cannot be read: the first ones of a kind by name, the others counted."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._told: list[Problem] = []
        self._times: Counter[str] = Counter()
        self._remedies: dict[str, Told] = {}

    def add(self, row: int, heading: str, what: Told, remedy: Told) -> None:
        self._times[heading] += 1
        self._remedies[heading] = remedy
        if self._times[heading] <= LISTED:
            place = said("place.row", row=self._cells.numbers[row])
            where = joined((place, said("place.column", column=heading)), ", ")
            self._told.append(Problem(self._cells.name, where, what, remedy))

    def raise_any(self) -> None:
        if not self._told:
            return
        for heading, times in self._times.items():
            if times > LISTED:
                what = said("row.more", count=number_of(times - LISTED))
                place = said("place.column", column=heading)
                self._told.append(Problem(self._cells.name, place, what, self._remedies[heading]))
        raise LayoutError(self._told)


def apply(cells: Cells, mapping: FormMapping, known: Mapping[str, Questionnaire]) -> Mapped:
    """The answers of a sheet; LayoutError lists every heading and cell that cannot be read.

    `known`: questionnaires whose own words for their scores are understood too.
    """
    _check_headings(cells, mapping)
    faults, kept = _Faults(cells), _kept(cells, mapping)
    columns = {name: list(values) for name, values in _columns(cells, mapping, known, faults, kept)}
    faults.raise_any()
    columns["response_id"] = _ids(cells, mapping, kept)
    rows = [
        dict(zip(columns, values, strict=True)) | {"late": False, "flag": ""}
        for values in zip(*columns.values(), strict=True)
    ]
    numbers = [cells.numbers[row] for row in kept]
    return Mapped(cells, rows, numbers, len(cells.rows) - len(kept))


def unread(
    cells: Cells, mapping: FormMapping, known: Mapping[str, Questionnaire]
) -> dict[str, list[str]]:
    """What no entry of the mapping reads yet, once each: heading -> its cells, in their order.

    Of `scale` together, as a word means the same in every item. LayoutError where a heading is
    missing or there twice.
    """
    _check_headings(cells, mapping)
    kept, found = _kept(cells, mapping), {}
    columns = [(one.column, name) for name, one in mapping.fixed().items() if one.column]
    for heading, name in columns:
        one = mapping.fixed()[name]
        meant = {keys.folded(written): value for written, value in one.values.items()}
        found[heading] = _strange(cells, heading, kept, _Meaning(name, meant, one.default))
    day = mapping.date
    found[day.column] = _strange(cells, day.column, kept, _DayReader(day))
    asked = mapping.fixed()["questionnaire"].default
    score = _Score(_words(mapping, known, [asked]), mapping.scale.none)
    words = [_strange(cells, heading, kept, score) for heading in mapping.items.values()]
    found[SCALE] = list(dict.fromkeys(chain.from_iterable(words)))
    return {heading: strange for heading, strange in found.items() if strange}


SCALE: Final = "scale"
"""Under which `unread` has the words that are no score."""


def _strange(
    cells: Cells, heading: str, kept: Sequence[int], reader: Callable[[Any], Any]
) -> list[str]:
    """The different cells of a column that a reader cannot read."""
    column = cells.column(heading)
    found = []
    for text, cell in {_text(column[row]): column[row] for row in kept}.items():
        try:
            reader(cell)
        except _Unread:
            found.append(text)
    return found


def _check_headings(cells: Cells, mapping: FormMapping) -> None:
    problems = []
    times = Counter(cells.headings)
    for key, heading in mapping.headings().items():
        if times[heading] == 1:
            continue
        if times[heading]:
            what, remedy = said("cells.doubled", heading=heading), said("cells.rename")
        else:
            near = get_close_matches(heading, [one for one in cells.headings if one], n=1)
            what = said("cells.no_heading", heading=heading, key=key)
            remedy = (
                said("layout.near", near=near[0])
                if near
                else said("cells.headings", known=_few(cells.headings))
            )
        problems.append(Problem(cells.name, said("place.key", key=key), what, remedy))
    if problems:
        raise LayoutError(problems)


def _few(headings: Iterable[str]) -> str:
    listed = [heading for heading in headings if heading]
    return ", ".join(f"'{heading}'" for heading in listed[:40]) + (" …" if listed[40:] else "")


def _kept(cells: Cells, mapping: FormMapping) -> list[int]:
    """The rows that are answers, by their number from 0."""
    skip = mapping.skip
    empty = [cells.column(heading) for heading in skip.empty]
    where = [
        (cells.column(heading), {keys.folded(value) for value in values})
        for heading, values in skip.where.items()
    ]
    return [
        row
        for row in range(skip.first, len(cells.rows))
        if all(_text(column[row]) for column in empty)
        and not any(keys.folded(_text(column[row])) in values for column, values in where)
    ]


def _text(cell: Any) -> str:
    """A cell as text, nothing invisible; empty for a gap."""
    return keys.normal(text_of(cell) or "")


def _columns(
    cells: Cells,
    mapping: FormMapping,
    known: Mapping[str, Questionnaire],
    faults: _Faults,
    kept: Sequence[int],
) -> Iterator[tuple[str, Iterable[Any]]]:
    fixed = mapping.fixed()
    read: dict[str, list[Any]] = {}
    for name, one in fixed.items():
        if one.column is None:
            read[name] = [one.default] * len(kept)
            continue
        meant = {keys.folded(written): value for written, value in one.values.items()}
        of = _Meaning(name, meant, one.default)
        read[name] = _read(cells, one.column, kept, faults, of)
    yield from read.items()
    day = mapping.date
    yield "answered_on", _read(cells, day.column, kept, faults, _DayReader(day))
    for item, heading in mapping.items.items():
        words = _words(mapping, known, dict.fromkeys(read["questionnaire"]))
        yield item, _read(cells, heading, kept, faults, _Score(words, mapping.scale.none))
    for name, heading in mapping.covariates.items():
        column = cells.column(heading)
        yield name, [_text(column[row]) or None for row in kept]


class _Unread(Exception):
    """A cell that says nothing; `what` and `remedy` are told with its row."""

    def __init__(self, what: Told, remedy: Told) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def _read(
    cells: Cells, heading: str, kept: Sequence[int], faults: _Faults, reader: Callable[[Any], Any]
) -> list[Any]:
    """A column read cell by cell; equal cells once."""
    column, known, found = cells.column(heading), {}, []
    for row in kept:
        cell = column[row]
        key = (type(cell), cell)
        if key not in known:
            try:
                known[key] = reader(cell)
            except _Unread as unread:
                known[key] = unread
        value = known[key]
        if isinstance(value, _Unread):
            faults.add(row, heading, value.what, value.remedy)
            value = None
        found.append(value)
    return found


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a word of a fixed column means."""

    name: str
    values: Mapping[str, str]
    default: str | None

    def __call__(self, cell: Any) -> str:
        text = _text(cell)
        if not text:
            if self.default is None:
                raise _Unread(said("row.empty"), said("mapping.give_default", key=self.name))
            return self.default
        if not self.values:
            return text
        if keys.folded(text) not in self.values:
            what = said("mapping.no_meaning", value=keys.quoted(text))
            raise _Unread(what, said("mapping.add_value", key=self.name, value=text))
        return self.values[keys.folded(text)]


_NUMBER: Final = re.compile(r"([0-9]{1,2})(?:[.,]0+)?")
_NUMBERED: Final = re.compile(r"([0-9]{1,2})\s*[-–.:)=]\s*(\D.*)")

BUILT_IN: Final[Mapping[str, int]] = {
    word: score
    for words in (
        ("rất không hài lòng", "không hài lòng", "bình thường", "hài lòng", "rất hài lòng"),
        ("rất không đồng ý", "không đồng ý", "bình thường", "đồng ý", "rất đồng ý"),
        ("hoàn toàn không đồng ý", "không đồng ý", "phân vân", "đồng ý", "hoàn toàn đồng ý"),
        ("rất kém", "kém", "trung bình", "tốt", "rất tốt"),
        ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
        (
            "very unsatisfied",
            "unsatisfied",
            "neither satisfied nor dissatisfied",
            "satisfied",
            "very satisfied",
        ),
        ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
        ("very poor", "poor", "fair", "good", "very good"),
    )
    for score, word in enumerate(words, start=1)
}
"""Words for the scores 1 to 5, in small letters, that need not be told."""

NO_ANSWER: Final = frozenset(
    {
        *("không áp dụng", "không có ý kiến", "không biết", "không trả lời", "n/a", "na", "-"),
        *("not applicable", "don't know", "no answer", "no opinion"),
    }
)


@dataclass(frozen=True, slots=True)
class _Score:
    """The score that a cell says."""

    words: Mapping[str, int]
    none: tuple[str, ...]

    def __call__(self, cell: Any) -> int | None:
        text = keys.folded(_text(cell))
        if not text or text in {keys.folded(word) for word in self.none}:
            return None
        if text in self.words:
            return self.words[text]
        if number := _NUMBER.fullmatch(text):
            return int(number[1])
        if numbered := _NUMBERED.fullmatch(text):
            said_so = self.words.get(numbered[2].strip())
            if said_so in (None, int(numbered[1])):
                return int(numbered[1])
        if text in NO_ANSWER:
            return None
        what = said("mapping.no_score", value=keys.quoted(_text(cell)))
        raise _Unread(what, said("mapping.add_word", value=_text(cell)))


def _words(
    mapping: FormMapping, known: Mapping[str, Questionnaire], asked: Iterable[str | None]
) -> dict[str, int]:
    """Words in small letters -> scores: built-in, of the questionnaire itself, of the mapping."""
    found = dict(BUILT_IN)
    for key in asked:
        if key is not None and key in known:
            scale = known[key].scale
            for score, label in zip(scale.scores, scale.labels, strict=True):
                found |= {keys.folded(label.vi): score, keys.folded(label.en): score}
    return found | {keys.folded(word): score for word, score in mapping.scale.words.items()}


_DAY: Final = re.compile(
    r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})"
    r"(?:[t,]?\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(am|pm|sa|ch)?"
    r"\s*(z|(?:gmt|utc)?\s*[+-]\d{1,2}(?::?\d{2})?|gmt|utc)?)?"
)
_PLACES: Final = {"year-first": (0, 1, 2), "day-first": (2, 1, 0), "month-first": (2, 0, 1)}


@dataclass(frozen=True, slots=True)
class _DayReader:
    """The office's day of a moment."""

    day: Day

    def __call__(self, cell: Any) -> date:
        if isinstance(cell, datetime):
            return self._at_office(cell)
        if isinstance(cell, date):
            return cell
        text = _text(cell)
        if not text:
            raise _Unread(said("row.date", value=said("name.empty")), said("mapping.skip_empty"))
        found = self._parsed(text)
        if found is None:
            what = said("row.date", value=keys.quoted(text))
            raise _Unread(what, said("mapping.other_format", format=self.day.format))
        return found

    def _at_office(self, moment: datetime) -> date:
        """A moment without a time of day is a day already."""
        if moment.tzinfo is None:
            if moment.time() == time():
                return moment.date()
            moment = moment.replace(tzinfo=ZoneInfo(self.day.zone))
        return moment.astimezone(ZoneInfo(self.day.office_zone)).date()

    def _parsed(self, text: str) -> date | None:
        try:
            if "%" in self.day.format:
                return self._at_office(datetime.strptime(text, self.day.format))  # noqa: DTZ007
            found = _DAY.fullmatch(text.casefold())
            return None if found is None else self._matched(found)
        except (ValueError, OverflowError):
            return None

    def _matched(self, found: re.Match[str]) -> date | None:
        numbers = found[1], found[2], found[3]
        year, month, day = (numbers[place] for place in _PLACES[self.day.format])
        if len(year) != 4:
            return None
        on = date(int(year), int(month), int(day))
        if found[4] is None:
            return on
        hour, minute, second = int(found[4]), int(found[5]), int(found[6] or 0)
        if found[7]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if found[7] in ("pm", "ch") else 0)
        moment = datetime.combine(on, time(hour, minute, second, tzinfo=_zone(found[8])))
        if moment.tzinfo is None and moment.time() == time():
            moment = moment.replace(tzinfo=ZoneInfo(self.day.zone))
        return self._at_office(moment)


def _zone(text: str | None) -> timezone | None:
    """An offset such as z, +07:00, gmt+7; None where there is none."""
    if text is None:
        return None
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?", text)
    if found is None:
        return UTC
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(ahead if found[1] == "+" else -ahead)


def _ids(cells: Cells, mapping: FormMapping, kept: Sequence[int]) -> list[str | None]:
    """The ids of the answers: their own, those of a form kept apart; else made of the whole row.

    Rows that are equal in every cell are told apart by their order.
    """
    if mapping.id is not None:
        column = cells.column(mapping.id)
        return [_named(mapping.form, _text(column[row])) for row in kept]
    times: Counter[str] = Counter()
    found: list[str | None] = []
    for row in kept:
        content = "\x1f".join(_text(cell) for cell in cells.rows[row])
        digest = hashlib.sha256(content.encode()).hexdigest()
        times[digest] += 1
        found.append(f"{mapping.form}:{digest[:32]}-{times[digest]}")
    return found


def _named(form: str, text: str) -> str | None:
    if not text:
        return None
    try:
        return str(uuid.UUID(text.removeprefix("uuid:")))
    except ValueError:
        return f"{form}:{text}"


def as_uuid(response_id: str) -> str:
    """The id under which an office keeps a brought-in answer: its own, or one made of it."""
    try:
        return str(uuid.UUID(response_id))
    except ValueError:
        return str(uuid.uuid5(_SPACE, response_id))
