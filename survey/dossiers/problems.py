"""Collects everything that is wrong with a file, the same thing once with all its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from questionnaires.bilingual import Told, joined
from survey.dossiers.cells import plain, text_of
from survey.dossiers.look import UnknownWord, WordKind
from survey.errors import DossiersError
from survey.told import sentence

LINES = 100  # a screen that can be worked through; the rest shows after these are corrected
RANGES = 40
FIRST_ROWS = 5


class Problems:
    """What is wrong with one file, in the order of its rows."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._rows: dict[object, list[int]] = {}
        self._what: dict[object, Told] = {}
        self._unknown: dict[tuple[WordKind, str], tuple[str, list[int]]] = {}
        self._of_words: set[object] = set()

    def add(self, what: Told, row: int | None = None, *, of: object = None) -> None:
        """Note what is wrong and its remedy; problems of the same ``what`` and ``of`` are one."""
        key = (what, of)
        self._what[key] = what
        rows = self._rows.setdefault(key, [])
        if row is not None:
            rows.append(row)

    def add_unknown(self, kind: WordKind, cell: object, what: Told, row: int) -> None:
        """Note a word that names no place: one that a person can assign to one."""
        self.add(what, row)
        self._of_words.add((what, None))
        self._unknown.setdefault((kind, plain(cell)), (text_of(cell), []))[1].append(row)

    def unknown(self) -> tuple[UnknownWord, ...]:
        """Every word that was noted as unknown, once, those of most rows first."""
        found = (
            UnknownWord(kind, word, len(rows), tuple(rows[:FIRST_ROWS]))
            for (kind, _), (word, rows) in self._unknown.items()
        )
        return tuple(sorted(found, key=lambda one: (-one.times, one.kind, one.word)))

    def beside_unknown(self) -> tuple[Told, ...]:
        """What is wrong beside the unknown words, a text each."""
        return tuple(self._lines(set(self._what) - self._of_words))

    def __bool__(self) -> bool:
        return bool(self._what)

    def raise_if_any(self) -> None:
        """Raise DossiersError that lists every problem with its rows."""
        if self._what:
            raise DossiersError(joined(self._lines(self._what)))

    def _lines(self, keys: Iterable[object]) -> Iterator[Told]:
        ordered = sorted(keys, key=lambda key: (self._rows[key] or [0])[0])
        for key in ordered[:LINES]:
            rows = self._rows[key]
            place = joined((self._file, spoken(rows)), ", ") if rows else self._file
            yield joined((place, self._what[key]), ": ")
        if len(ordered) > LINES:
            yield sentence("dossiers.more", file=self._file, count=len(ordered) - LINES)


def note_moved(row: int, beyond: Sequence[object], problems: Problems) -> None:
    """Note a row of a separated file that has content right of its headings.

    A comma inside a text that is not quoted moves every cell after it.
    """
    if any(map(text_of, beyond)):
        problems.add(
            sentence("dossiers.moved"),
            row,
        )


def spoken(rows: Iterable[int]) -> Told:
    """Return rows as people write them: 'row 7', 'rows 3, 9-12'."""
    ranges: list[list[int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    parts = [str(low) if low == high else f"{low}-{high}" for low, high in ranges[:RANGES]]
    left = sum(high - low + 1 for low, high in ranges[RANGES:])
    plural = len(ranges) > 1 or ranges[0][0] != ranges[0][1]
    listed = sentence("dossiers.rows" if plural else "dossiers.row", rows=", ".join(parts))
    return sentence("dossiers.more_rows", rows=listed, count=left) if left else listed
