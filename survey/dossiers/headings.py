"""Finds the headings of a file and what they mean, by what makes sense of them.

Owns the rules of the published population layout too: a row is one month, office and sector. Must
not look at what stands beneath the headings, but to tell a file in sections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice

from questionnaires import keys
from questionnaires.bilingual import Told, joined, number_of
from questionnaires.layout import PARTS, POPULATION, TIMED
from survey.dossiers.cells import LARGEST, masked, month_of, plain, shown, text_of, whole_of
from survey.dossiers.columns import Columns, KnownWords, Role, sector_of_title
from survey.dossiers.count import Counted, PopulationCount
from survey.dossiers.problems import Problems
from survey.dossiers.sheets import Book, Row, Sheet
from survey.errors import DossiersError
from survey.places import GENERAL
from survey.told import sentence

REQUIRED = POPULATION[:4]
OPTIONAL = POPULATION[4:]


@dataclass(frozen=True, slots=True)
class PopulationLayout:
    """One population file while it is read. ``positions`` tells where each column stands.

    ``office`` is what the person who imports named, if anything: other offices are then refused.
    """

    positions: Mapping[str, int]
    known: KnownWords
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
        parts = {column: self._part(number, row, column, completed) for column in OPTIONAL}
        self._check_parts(number, parts)
        if period is None or office is None or sector is None or completed is None:
            return None
        return PopulationCount(period, office, sector, completed, **parts)

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
        days = column in TIMED[1:]
        if part is not None and completed is not None and part > completed and not days:
            given = {"column": column, "part": part, "completed": completed}
            self.problems.add(sentence("counts.more_than_all", **given), number)
        return part

    def _check_parts(self, number: int, parts: Mapping[str, int | None]) -> None:
        """Note a part that is more than what it is a part of, or stands without it."""
        for column, known in PARTS.items():
            part, most = parts[column], parts[known]
            if part is None and most is not None:
                told = sentence("counts.half", column=column, other=known)
                self.problems.add(told, number)
            elif part is not None and most is not None and part > most:
                given = {"column": column, "part": part, "of": known, "most": most}
                self.problems.add(sentence("counts.more_than_known", **given), number)
        given_days = [column for column in TIMED if parts[column] is not None]
        for column in TIMED if given_days else ():
            if parts[column] is None:
                told = sentence("counts.half", column=column, other=given_days[0])
                self.problems.add(told, number)


TOP = 30
"""So many rows are searched: above its headings an export may carry a name and a title."""
DEEPEST = 3
"""Headings may take so many rows: a group above, its parts beneath."""

_LAYOUT = (*REQUIRED, *OPTIONAL)
_ASIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
# What is planned is not what was done: such a heading does not mean the same without these words.
_PLANNED = re.compile(r"dự kiến|kế hoạch|hẹn|quy định|planned|expected", re.IGNORECASE)
_DONE = re.compile(r"\s+(?:thực tế|actual)$", re.IGNORECASE)
_MARKS = " *:.,;-–—#•†‡¹²³⁴"
_NUMBERING = re.compile(r"[(\[]?(?:\d{1,3}|[a-z])[)\].]?(?:\s*=.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Headings:
    """Where a sheet has its headings and what they mean.

    ``top`` and ``row`` are the first and the last row that they take. ``worded``: there is no digit
    in the last one. ``meanings``: the places of each meaning, the preferred one first, with its
    rank. ``sections``: titles between the rows name the sectors.
    """

    sheet: Sheet
    top: int
    row: int
    worded: bool
    texts: tuple[str, ...]
    meanings: Mapping[str, tuple[tuple[int, int], ...]]
    population: bool
    sections: bool = False

    @property
    def positions(self) -> dict[str, int]:
        """What a column means -> its place, the preferred one where several mean the same."""
        return {meaning: places[0][1] for meaning, places in self.meanings.items()}


def find_headings(book: Book, columns: Columns, known: KnownWords, problems: Problems) -> Headings:
    """Return the headings of the one sheet that has them.

    Raises DossiersError where no sheet or several have them, or where a needed one is missing.
    """
    found = list(_candidates(book, columns, known))
    whole = [each for each in found if not _missing(each, columns)]
    seen = [each for each in whole if not each.sheet.hidden]
    if book.alternatives:
        best = _most_sense(whole) or _most_sense(found)
    elif whole and not seen:
        names = joined((each.sheet.name for each in whole), "; ")
        raise DossiersError(sentence("headings.hidden", file=names))
    else:
        best = seen or [each for each in found if not each.sheet.hidden][:1]
    if not best:
        raise DossiersError(book.refusal or _no_headings(book, columns))
    if len(best) > 1:
        names = joined((each.sheet.name for each in best), "; ")
        raise DossiersError(sentence("headings.several", file=names))
    _check_headings(best[0], columns, problems)
    return best[0]


def guess_headings(book: Book, columns: Columns, known: KnownWords) -> Headings | None:
    """Return what are most likely the headings of a file in which `find_headings` finds none.

    The row with most known headings, else the first of those with most words; for a person to say
    what its columns mean. None where no row holds two words.
    """
    shown = [sheet for sheet in book.sheets if not sheet.hidden] or list(book.sheets)
    visible = Book(tuple(shown), book.alternatives)
    best = max(
        _candidates(visible, columns, known), key=lambda each: len(each.meanings), default=None
    )
    if best is not None:
        return best
    rows = [(sheet, row) for sheet in shown for row in _top(sheet)]
    found = max(rows, key=lambda each: _words(each[1][1]), default=None)
    if found is None or _words(found[1][1]) < 2:
        return None
    sheet, row = found
    return _meanings(sheet, [row], columns)


def _words(cells: Sequence[object]) -> int:
    """How many cells hold words and no figures."""
    texts = list(map(text_of, cells))
    return sum(any(map(str.isalpha, text)) and not any(map(str.isdigit, text)) for text in texts)


def _candidates(book: Book, columns: Columns, known: KnownWords) -> Iterator[Headings]:
    for sheet in book.sheets:
        found = [_meanings(sheet, block, columns) for block in _blocks(_top(sheet))]
        best = max(found, key=lambda each: len(each.meanings), default=None)
        if best is not None and len(best.meanings) > 1:
            yield _with_sections(_completed(best, found), known)


def _completed(best: Headings, found: Sequence[Headings]) -> Headings:
    """The same headings with the row beneath, where that tells which of a group's columns is meant.

    Of 'Ngày trả kết quả' over 'Kế hoạch' and 'Thực tế' it is the second.
    """
    deeper = (
        each
        for each in found
        if each.top == best.top and each.row > best.row and each.worded
        if len(each.meanings) == len(best.meanings) and each.positions != best.positions
    )
    return next(deeper, best)


def _most_sense(found: Sequence[Headings]) -> list[Headings]:
    return [max(found, key=lambda each: len(each.meanings))] if found else []


def _top(sheet: Sheet) -> list[Row]:
    """The rows near the top; as many as can be read, what is wrong is told when all are."""
    rows: list[Row] = []
    try:
        rows.extend(islice(sheet.rows(), TOP))
    except DossiersError:
        if not rows:
            raise
    return rows


def _blocks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Every row, then every two and three rows that follow each other."""
    for depth in range(1, DEEPEST + 1):
        for start in range(len(rows) - depth + 1):
            block = rows[start : start + depth]
            if block[-1][0] - block[0][0] == depth - 1:
                yield block


def _meanings(sheet: Sheet, block: Sequence[Row], columns: Columns) -> Headings:
    stacks = _stacks(block)
    population, _ = _places_of(stacks, {name: (name, 0) for name in _LAYOUT})
    export, texts = _places_of(stacks, columns.roles)
    is_population = len(population) >= len(export) and not {"period", "completed"}.isdisjoint(
        population
    )
    return Headings(
        sheet=sheet,
        top=block[0][0],
        row=block[-1][0],
        worded=not any(letter.isdigit() for cell in block[-1][1] for letter in text_of(cell)),
        texts=texts,
        meanings=population if is_population else export,
        population=is_population,
    )


def _stacks(block: Sequence[Row]) -> list[tuple[str, ...]]:
    """Of each column its words from top to bottom; a group's words reach right until the next."""
    width = max(len(cells) for _, cells in block)
    rows = []
    for depth, (_, cells) in enumerate(block):
        words = [text_of(cell) for cell in cells] + [""] * (width - len(cells))
        if depth < len(block) - 1:
            words = _reaching(words)
        rows.append(words)
    return [tuple(column) for column in zip(*rows, strict=True)]


def _reaching(words: Sequence[str]) -> list[str]:
    """A group's own word, and marked with a leading space where it reaches from the left."""
    found, last = [], ""
    for word in words:
        last = word or last
        found.append(word or (f" {last}" if last else ""))
    return found


def _places_of(
    stacks: Sequence[tuple[str, ...]], known: Mapping[str, tuple[str, int]]
) -> tuple[dict[str, tuple[tuple[int, int], ...]], tuple[str, ...]]:
    """Return for each meaning its places, the preferred heading first, and every heading's text."""
    found: dict[str, list[tuple[int, int]]] = {}
    texts = []
    for place, stack in enumerate(stacks):
        text, meant = _meaning(stack, known)
        texts.append(text)
        if meant is not None:
            meaning, rank = meant
            found.setdefault(meaning, []).append((rank, place))
    return {meaning: tuple(sorted(ranked)) for meaning, ranked in found.items()}, tuple(texts)


def _meaning(
    stack: tuple[str, ...], known: Mapping[str, tuple[str, int]]
) -> tuple[str, tuple[str, int] | None]:
    """Return the text of a column's heading, and what it means with its rank.

    The lowest word goes first, then all words from the top, then, where nothing but a number stands
    beneath, the word above. A heading as it is known goes before one with marks beside it.
    """
    own = [word for word in stack if word and not word.startswith(" ")]
    while len(own) > 1 and _NUMBERING.fullmatch(own[-1]):
        own.pop()
    reached = [word.strip() for word in stack if word and not _NUMBERING.fullmatch(word.strip())]
    lowest = own[-1] if own else ""
    ways = [lowest] if lowest else []
    # Where a column has no words of its own at the bottom, what reaches it from the left is no
    # heading of its: an empty column beside a group is empty.
    if lowest and len(reached) > 1:
        ways.append(" ".join(dict.fromkeys(reached)))
    for marked, words in enumerate((map(plain, ways), map(bare, ways))):
        for way, word in zip(ways, words, strict=True):
            if word in known:
                meaning, rank = known[word]
                return way, (meaning, 2 * rank + marked)
    return lowest, None


@lru_cache(maxsize=4096)
def bare(heading: str) -> str:
    """Return a heading in its compared form without what stands beside it.

    Notes in brackets, marks and 'thực tế' go; words that say 'planned' stay, for they change what
    the column means.
    """
    text = _ASIDE.sub(lambda note: note[0] if _PLANNED.search(note[1]) else " ", heading)
    return plain(_DONE.sub("", keys.normal(text).strip(_MARKS))).strip(_MARKS)


def _with_sections(found: Headings, known: KnownWords) -> Headings:
    """Tell whether a sheet without a column for it names its sectors in titles between the rows."""
    if found.population or {"sector", "procedure"} & set(found.meanings):
        return found
    for number, cells in found.sheet.rows():
        if number > found.row and sector_of_title(cells, known) is not None:
            return replace(found, sections=True)
    return found


def _missing(headings: Headings, columns: Columns) -> list[Told]:
    if headings.population:
        return [
            sentence("headings.column", name=name)
            for name in REQUIRED
            if name not in headings.meanings
        ]
    needed: tuple[Role, ...] = ("code", "returned")
    missing = [
        sentence(
            "headings.column_for",
            role=role,
            known=joined(map(repr, columns.columns.get(role, ())), sentence("says.or")),
        )
        for role in needed
        if role not in headings.meanings
    ]
    if not {"sector", "procedure"} & set(headings.meanings) and not headings.sections:
        missing.append(sentence("headings.column_of_sector"))
    return missing


def _check_headings(headings: Headings, columns: Columns, problems: Problems) -> None:
    there = ", ".join(map(masked, filter(None, headings.texts)))
    remedy = sentence("headings.add" if headings.population else "headings.add_own")
    for what in _missing(headings, columns):
        told = sentence("headings.missing", what=what, there=there, remedy=remedy)
        problems.add(told, headings.row)
    for heading, times in Counter(map(plain, filter(None, headings.texts))).items():
        if times > 1 and heading in _known_headings(headings, columns):
            told = sentence("headings.twice", heading=heading, times=times)
            problems.add(told, headings.row)
    _check_equals(headings, problems)
    if headings.population:
        for text in filter(None, headings.texts):
            if plain(text) not in _LAYOUT:
                told = sentence("headings.no_part", column=masked(text), layout=", ".join(_LAYOUT))
                problems.add(told, headings.row)
    # Without its columns no row can be judged: what follows would only repeat the same.
    problems.raise_if_any()


def _check_equals(headings: Headings, problems: Problems) -> None:
    """Note columns of which none is preferred to another."""
    for meaning, places in headings.meanings.items():
        first = places[0][0]
        texts = [headings.texts[place] for rank, place in places if rank == first]
        if len(set(map(plain, texts))) > 1:
            names = joined(map(masked, texts), sentence("says.and"))
            told = sentence("headings.either", names=names, meaning=meaning)
            problems.add(told, headings.row)


def _known_headings(headings: Headings, columns: Columns) -> Collection[str]:
    return _LAYOUT if headings.population else columns.roles


def _no_headings(book: Book, columns: Columns) -> Told:
    shown = [sheet for sheet in book.sheets if not sheet.hidden] or list(book.sheets)
    tops = [(sheet, top) for sheet in shown if (top := _top(sheet))]
    if not tops:
        return sentence("sheet.empty", file=shown[0].name)
    # The separator that gives most cells tells best what was found.
    sheet, rows = max(tops, key=lambda each: max(len(cells) for _, cells in each[1]))
    number, cells = rows[0]
    expected = ", ".join(words[0] for words in columns.columns.values() if words)
    there = ", ".join(masked(cell) for cell in cells if text_of(cell))
    given = {"there": there, "layout": ", ".join(REQUIRED), "expected": expected}
    return sentence("headings.none", file=sheet.name, row=number, **given)
