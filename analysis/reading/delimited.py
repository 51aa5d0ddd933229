"""Text files with separators: their encoding, separator and header, and where their rows stand.

Owns what must be known before the engine reads the file. Must not know the columns of a layout
beyond the names that it is given.
"""

from __future__ import annotations

import bisect
import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.problems import LayoutError, Problem, said

_HEAD = 1 << 20  # bytes: a header longer than this is no header
_SIGNATURES = (
    (b"PK\x03\x04", "workbook", "save_sheet"),
    (b"\xd0\xcf\x11\xe0", "old_excel", "save_sheet"),
    (b"\x1f\x8b", "compressed", "unpack"),
    (b"SQLite format 3\x00", "sqlite", "name_sqlite"),
    (b"\xff\xfe", "utf16", "save_csv"),
    (b"\xfe\xff", "utf16", "save_csv"),
)


@dataclass(frozen=True, slots=True)
class Delimited:
    """How to read one text file: its separator and the names in its first row."""

    separator: str
    columns: tuple[str, ...]


def inspect(path: Path, known: Collection[str]) -> Delimited:
    """Look at the first row; LayoutError where the file is not UTF-8 text with a header."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    _check_bytes(path, head)
    line = _first_row(path, head)
    separator = max(",;\t", key=lambda mark: _hits(line, mark, known))
    columns = [name.strip() for name in _split(line, separator)]
    return Delimited(separator, _as_wide_as_rows(columns, head, separator))


def _as_wide_as_rows(columns: list[str], head: bytes, separator: str) -> tuple[str, ...]:
    """The names, with as many empty ones at the end as the first row of values has cells for.

    Some programs end every row with separators, some only the names, some only the values.
    """
    named = len(columns)
    while named and not columns[named - 1]:
        named -= 1
    lines = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    second = lines.split(b"\n", 2)[1:2]
    values = _split(second[0].decode("utf-8", errors="replace"), separator) if second else []
    width = len(values) if len(values) > named and not any(values[named:]) else named
    if any(values[named:]):
        width = len(columns)
    return (*columns[:named], *[""] * (width - named))


def _check_bytes(path: Path, head: bytes) -> None:
    for signature, what, remedy in _SIGNATURES:
        if head.startswith(signature):
            raise _refusal(path, "place.file", what, remedy)
    if not head.strip():
        raise _refusal(path, "place.file", "empty", "give_header")
    if b"\x00" in head:
        raise _refusal(path, "place.file", "zero_bytes", "save_csv")


def _refusal(path: Path, place: str, what: str, remedy: str) -> LayoutError:
    """A refusal of a file, by the keys of its sentences."""
    where = said(place, row=1)
    return LayoutError([Problem(path.name, where, said(f"file.{what}"), said(f"file.{remedy}"))])


def _first_row(path: Path, head: bytes) -> str:
    line = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n").split(b"\n", 1)[0]
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise _refusal(path, "place.row", "header_not_utf8", "save_csv") from None


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader(io.StringIO(line), delimiter=separator), [])


def _hits(line: str, separator: str, known: Collection[str]) -> int:
    return sum(name.strip() in known for name in _split(line, separator))


@dataclass(frozen=True, slots=True)
class RowNumbers:
    """Turns the engine's count of read rows into the row a person sees in the file.

    The engine skips blank lines and hands out damaged ones apart; row 1 is the header.
    """

    skipped: tuple[int, ...]

    def row(self, position: int) -> int:
        """The row of the file that is the `position`-th (from 0) that was read."""
        row = position + 2
        passed = 0
        while (here := bisect.bisect_right(self.skipped, row)) > passed:
            row += here - passed
            passed = here
        return row


def row_numbers(path: Path, damaged: Sequence[int]) -> RowNumbers:
    """Rows that the engine did not count: blank lines and the `damaged` ones."""
    return RowNumbers(tuple(sorted({*_blank_lines(path), *damaged})))


def _blank_lines(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip(b"\r\n"):
                yield number
