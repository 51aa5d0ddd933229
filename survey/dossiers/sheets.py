"""Opens a file of any usual kind as sheets of rows. Knows nothing of what a column means.

What a file is shows in its first bytes, never in its name. Sizes are bounded before anything is
unpacked or read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from survey.dossiers.cells import EXCEL_EPOCH
from survey.errors import DossiersError

Row = tuple[int, tuple[object, ...]]
"""The number of a row, as a spreadsheet shows it, and its cells."""

DELIMITERS: Final = ",;\t|"
MOST_BYTES: Final = 64 << 20
MOST_ROWS: Final = 1_048_576  # of a spreadsheet; no office has as many dossiers in a month
MOST_COLUMNS: Final = 1_024
LONGEST_TEXT: Final = 32_767  # characters in one cell of a spreadsheet

_MEGA: Final = 1 << 20
_AS_CSV: Final = "save it as 'CSV UTF-8' or as .xlsx"
_KINDS: Final = (
    (b"%PDF", "a PDF, which holds no table", "export the dossiers to Excel or CSV"),
    (b"\x89PNG", "a picture", "export the dossiers to Excel or CSV"),
    (b"\xff\xd8\xff", "a picture", "export the dossiers to Excel or CSV"),
    (b"\x1f\x8b", "a compressed file", "unpack it first"),
    (b"7z\xbc\xaf", "a compressed archive (7z)", "unpack it first"),
    (b"Rar!", "a compressed archive (RAR)", "unpack it first"),
    (b"PAR1", "a Parquet file", _AS_CSV),
    (b"SQLite format 3\x00", "a SQLite database", "export its table as CSV"),
    (b"{\\rtf", "a text document", "export the dossiers to Excel or CSV"),
)
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_WEB_ARCHIVE: Final = re.compile(rb"mime-version:|content-type: *multipart", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose ``rows`` can be read from the beginning any number of times.

    ``separated``: its cells were told apart by a sign that may stand within a cell as well.
    ``hidden_rows``: numbers of the rows read so far that somebody who opens it does not see.
    """

    name: str
    source: Callable[[], Iterable[Row]]
    epoch: date = EXCEL_EPOCH
    expected: int | None = None
    hidden: bool = False
    separated: bool = False
    hidden_rows: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[Row]:
        """Yield every row that is not empty. Raises DossiersError where the file is damaged."""
        read = 0
        for number, cells in self.source():
            if any(cell is not None and str(cell).strip() for cell in cells):
                read += 1
                if read > MOST_ROWS:
                    raise DossiersError(
                        f"{self.name}, row {number}: more than {MOST_ROWS:,} rows with content; "
                        "export the months one by one"
                    )
                yield number, cells


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a file.

    ``alternatives``: all are the same table read in different ways, and the one that makes sense is
    meant. ``refusal``: what to say where none does.
    """

    sheets: tuple[Sheet, ...]
    alternatives: bool = False
    refusal: str | None = None


def read_bytes(file: Path) -> bytes:
    """Return the content of a file. Raises DossiersError where it cannot be read or is too large.

    No more than the bound is read, whatever the file says about its size.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise DossiersError(f"{file}: {reason.lower()}; check the name of the file") from error
    check_size(len(content), str(file))
    return content


def check_size(size: int, name: str) -> None:
    """Raise DossiersError where a file has more bytes than are read."""
    if size > MOST_BYTES:
        raise DossiersError(
            f"{name}: larger than {MOST_BYTES // _MEGA} MB; export the months one by one, without "
            "pictures"
        )


def open_sheets(content: bytes, name: str) -> Book:
    """Open the content of a file called ``name``.

    Raises DossiersError that says what the file is, where it is none of the kinds that are read.
    """
    from survey.dossiers.markup import open_page, open_xml, tells_markup
    from survey.dossiers.workbook import ZIP, open_workbook

    check_size(len(content), name)
    for signature, what, remedy in _KINDS:
        if content.startswith(signature):
            raise DossiersError(f"{name}: it is {what}; {remedy}")
    if content.startswith(_OLD_EXCEL):
        raise DossiersError(f"{name}: {_old_excel(content)}")
    if content.startswith(ZIP):
        return Book(open_workbook(content, name))
    if _WEB_ARCHIVE.search(content[:200]):
        raise DossiersError(f"{name}: it is a web archive; open it in Excel and save it as .xlsx")
    encodings, refusal = _encodings(content, name)
    kind = tells_markup(content, encodings[0])
    if kind == "xml":
        return Book(open_xml(content, name))
    if kind == "page":
        return Book(open_page(content.decode(encodings[0], errors="replace"), name))
    return Book(_texts(content, name, encodings), alternatives=True, refusal=refusal)


def _old_excel(content: bytes) -> str:
    if _LOCKED in content:
        return "it has a password; open it, take the password away and save it as .xlsx"
    return "an old .xls file, or one with a password; save it as .xlsx without a password"


def _encodings(content: bytes, name: str) -> tuple[tuple[str, ...], str | None]:
    """Return the encodings that the text may have, and what to say where none makes sense."""
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return _decodable(content, name, "utf-32")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodable(content, name, "utf-16")
    head = content[:4096]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if max(odd, even) * 4 > len(head):
        return _decodable(content, name, "utf-16-le" if odd > even else "utf-16-be")
    if b"\x00" in head:
        raise DossiersError(f"{name}: it is no text and no workbook; {_AS_CSV}")
    try:
        _validate(content, "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        refusal = f"{name}, line {line}: not UTF-8 text; save the file as 'CSV UTF-8' or as .xlsx"
        try:
            _validate(content, "cp1258")
        except UnicodeDecodeError:
            raise DossiersError(refusal) from error
        return ("cp1258",), refusal
    return ("utf-8-sig",), None


def _decodable(content: bytes, name: str, encoding: str) -> tuple[tuple[str, ...], None]:
    try:
        _validate(content, encoding)
    except UnicodeDecodeError as error:
        raise DossiersError(f"{name}: damaged {encoding.upper()} text; {_AS_CSV}") from error
    return (encoding,), None


def _validate(content: bytes, encoding: str) -> None:
    content.decode(encoding)


def _texts(content: bytes, name: str, encodings: Sequence[str]) -> tuple[Sheet, ...]:
    """The text read with every usual separator, or with the one that its first line tells."""
    (encoding,) = encodings
    told = re.match(r"sep=(.)\r?\n", content[:64].decode(encoding, errors="ignore"))
    delimiters = told[1] if told else DELIMITERS
    lines = content.count(b"\n")
    return tuple(
        Sheet(name, _reader(content, name, encoding, delimiter), expected=lines, separated=True)
        for delimiter in delimiters
    )


def _reader(
    content: bytes, name: str, encoding: str, delimiter: str
) -> Callable[[], Iterator[Row]]:
    def rows() -> Iterator[Row]:
        number = 0
        csv.field_size_limit(LONGEST_TEXT)
        text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
        try:
            # strict: a quote that is never closed must not swallow the rows that follow.
            for number, cells in enumerate(
                csv.reader(text, delimiter=delimiter, strict=True), start=1
            ):
                if len(cells) > MOST_COLUMNS and any(map(str.strip, cells[MOST_COLUMNS:])):
                    raise csv.Error(f"more than {MOST_COLUMNS:,} columns")
                if number > 1 or not cells or not cells[0].startswith("sep="):
                    yield number, tuple(cells[:MOST_COLUMNS])
        except csv.Error as error:
            raise DossiersError(
                f"{name}, after row {number}: {error}; correct what stands there (often a "
                "quotation mark that is not closed), or save the file again"
            ) from error

    return rows
