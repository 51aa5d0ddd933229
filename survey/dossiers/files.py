"""Opens a file of any usual kind as sheets of rows. Knows nothing of what a column means.

What a file is shows in its first bytes, never in its name. Sizes are bounded before anything is
unpacked or read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from questionnaires.bilingual import Told, number_of
from survey.dossiers.markup import open_page, open_xml, tells_markup
from survey.dossiers.sheets import LONGEST_TEXT, MOST_COLUMNS, Book, Row, Sheet
from survey.dossiers.workbook import ZIP, open_workbook
from survey.errors import DossiersError, unreadable
from survey.told import sentence

DELIMITERS: Final = ",;\t|"
MOST_BYTES: Final = 64 << 20

_MEGA: Final = 1 << 20
_KINDS: Final = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x1f\x8b", "compressed"),
    (b"7z\xbc\xaf", "archive_7z"),
    (b"Rar!", "archive_rar"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"{\\rtf", "document"),
)
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_WEB_ARCHIVE: Final = re.compile(rb"mime-version:|content-type: *multipart", re.IGNORECASE)


def read_bytes(file: Path) -> bytes:
    """Return the content of a file. Raises DossiersError where it cannot be read or is too large.

    No more than the bound is read, whatever the file says about its size.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise DossiersError(unreadable(file, error)) from error
    check_size(len(content), str(file))
    return content


def check_size(size: int, name: str) -> None:
    """Raise DossiersError where a file has more bytes than are read."""
    if size > MOST_BYTES:
        raise DossiersError(sentence("sheet.bytes", file=name, most=MOST_BYTES // _MEGA))


def open_sheets(content: bytes, name: str) -> Book:
    """Open the content of a file called ``name``.

    Raises DossiersError that says what the file is, where it is none of the kinds that are read.
    """
    check_size(len(content), name)
    for signature, kind in _KINDS:
        if content.startswith(signature):
            raise DossiersError(sentence(f"sheet.{kind}", file=name))
    if content.startswith(_OLD_EXCEL):
        kind = "locked" if _LOCKED in content else "old_excel"
        raise DossiersError(sentence(f"sheet.{kind}", file=name))
    if content.startswith(ZIP):
        return Book(open_workbook(content, name))
    if _WEB_ARCHIVE.search(content[:200]):
        raise DossiersError(sentence("sheet.web_archive", file=name))
    encodings, refusal = _encodings(content, name)
    markup = tells_markup(content, encodings[0])
    if markup == "xml":
        return Book(open_xml(content, name))
    if markup == "page":
        return Book(open_page(content.decode(encodings[0], errors="replace"), name))
    return Book(_texts(content, name, encodings), alternatives=True, refusal=refusal)


def _encodings(content: bytes, name: str) -> tuple[tuple[str, ...], Told | None]:
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
        raise DossiersError(sentence("sheet.no_text", file=name))
    try:
        _validate(content, "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        refusal = sentence("sheet.not_utf8", file=name, line=line)
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
        told = sentence("sheet.damaged_text", file=name, encoding=encoding.upper())
        raise DossiersError(told) from error
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
                    why = sentence("sheet.columns", most=number_of(MOST_COLUMNS))
                    raise DossiersError(sentence("sheet.no_csv", file=name, row=number, why=why))
                if number > 1 or not cells or not cells[0].startswith("sep="):
                    yield number, tuple(cells[:MOST_COLUMNS])
        except csv.Error as error:
            told = sentence("sheet.no_csv", file=name, row=number, why=error)
            raise DossiersError(told) from error

    return rows
