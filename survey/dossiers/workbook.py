"""Opens an XLSX workbook as sheets of rows, in the usual and in the strict dialect.

Our own, and not a spreadsheet library, because uploads are hostile: the libraries fill up every row
and column that a file merely names, hold whole parts in memory, know no strict dialect, and tell a
formula without its result from an empty cell as little as a hidden sheet from a shown one. Here a
part is read as a stream, nothing is built for what is empty, and every size has a bound. Formulas
that say their own result (=DATE(2026,10,5)) are read; any other is left as a `Formula`.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NoReturn
from xml.parsers import expat

from questionnaires import keys
from questionnaires.bilingual import Told, number_of
from survey.dossiers.cells import EXCEL_EPOCH, Formula
from survey.dossiers.sheets import LONGEST_TEXT, MOST_COLUMNS, MOST_ROWS, Row, Sheet
from survey.errors import DossiersError
from survey.told import sentence

_TEXT = r'"(?:[^"]|"")*"'
_NUMBER = r"-?\d{1,15}(?:\.\d{1,15})?"
_DATE = re.compile(r"DATE\((\d{4})[,;](\d{1,2})[,;](\d{1,2})\)", re.IGNORECASE)
_DATE_VALUE = re.compile(rf"(?:DATEVALUE|T|TRIM|CLEAN)\(({_TEXT})\)", re.IGNORECASE)
_LINK = re.compile(rf"HYPERLINK\({_TEXT}[,;](.+)\)", re.IGNORECASE)
_BARE_LINK = re.compile(rf"HYPERLINK\(({_TEXT})\)", re.IGNORECASE)
_JOINED = re.compile(rf"(?:{_TEXT}|{_NUMBER})(?:&(?:{_TEXT}|{_NUMBER}))*")
_PART = re.compile(rf"{_TEXT}|{_NUMBER}")
_SPACE = re.compile(rf"({_TEXT})|\s+")


def computed(formula: str) -> object:
    """Return the result of a formula made of fixed values alone, or the Formula itself."""
    bare = _SPACE.sub(lambda found: found[1] or "", formula.strip().lstrip("="))
    try:
        result = _result(bare)
    except ValueError:
        result = None
    return Formula(formula.strip().lstrip("=")) if result is None else result


def _result(bare: str) -> object:
    if found := _DATE.fullmatch(bare):
        return date(*map(int, found.groups()))
    if found := _DATE_VALUE.fullmatch(bare) or _BARE_LINK.fullmatch(bare):
        return _unquoted(found[1])
    if found := _LINK.fullmatch(bare):
        return _result(found[1])
    if re.fullmatch(_NUMBER, bare):
        return float(bare) if "." in bare else int(bare)
    if _JOINED.fullmatch(bare):
        return "".join(map(_unquoted, _PART.findall(bare)))
    return None


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


ZIP: Final = b"PK\x03\x04"
MOST_PARTS: Final = 5_000
MOST_UNPACKED: Final = 2 << 30  # of all parts together; streamed, never held
MOST_HELD: Final = 32 << 20  # of a part that is held: styles, the list of sheets
MOST_STRINGS: Final = 2_000_000
MOST_LETTERS: Final = 64 << 20  # of all shared texts together

_CHUNK: Final = 1 << 18
_LAST_COLUMN: Final = 16_384
_MAC_EPOCH: Final = date(1904, 1, 1)
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_DATED: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_IN_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DAY_IN_FORMAT = re.compile(r"[dmyh]", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")
# A row or cell that carries a format and no content: "formatted to the last row" is millions.
_EMPTY_CELL = re.compile(rb'<((?:\w+:)?c)\s(?=[^<>]*\br=")[^<>]*(?:/>|></\1\s*>)')
_EMPTY_ROW = re.compile(rb'<((?:\w+:)?row)\s(?=[^<>]*\br=")[^<>]*(?:/>|>\s*</\1\s*>)')
_UNPLACED = re.compile(rb'<(?:\w+:)?(?:c|row)(?=[\s/>])(?![^<>]*\br=")')
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)
_OTHERS: Final = (
    ("xl/workbook.bin", "binary"),
    ("content.xml", "open_document"),
    ("word/document.xml", "word"),
    ("ppt/presentation.xml", "presentation"),
)


def open_workbook(content: bytes, name: str) -> tuple[Sheet, ...]:
    """Open every worksheet. Raises DossiersError where the file is damaged or is no workbook."""
    try:
        book = _Book(zipfile.ZipFile(io.BytesIO(content)), name)
    except (*_BROKEN, ValueError) as error:
        raise DossiersError(_damaged(name)) from error
    return book.sheets()


@dataclass(frozen=True, slots=True)
class _Element:
    """The start of one element, its name and its attributes' names without prefixes."""

    tag: str
    attrs: Mapping[str, str]


class _Book:
    """The parts of one workbook."""

    def __init__(self, parts: zipfile.ZipFile, name: str) -> None:
        self._parts = parts
        self._name = name
        self._shared: list[str] | None = None
        self._formats: tuple[bool, ...] | None = None
        self._unpacked = 0
        self._check()

    def _check(self) -> None:
        entries = self._parts.infolist()
        names = {entry.filename for entry in entries}
        if any(entry.flag_bits & 1 for entry in entries):
            raise DossiersError(sentence("sheet.password", file=self._name))
        for part, kind in _OTHERS:
            if part in names:
                raise DossiersError(sentence(f"sheet.{kind}", file=self._name))
        if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise DossiersError(sentence("sheet.unpacked", file=self._name))
        if any(entry.compress_type not in (0, 8) for entry in entries):
            raise DossiersError(_damaged(self._name))
        if not any(name.endswith(".xml") and "workbook" in name for name in names):
            if any(name.lower().endswith((".xlsx", ".csv", ".xls")) for name in names):
                raise DossiersError(sentence("sheet.zip", file=self._name))
            raise DossiersError(_damaged(self._name))

    def sheets(self) -> tuple[Sheet, ...]:
        """The worksheets in the order of their tabs."""
        main = self._main_part()
        targets = self._targets(main)
        elements = self._held(main)
        old_mac = any(
            each.tag == "workbookPr" and each.attrs.get("date1904") in ("1", "true")
            for each in elements
        )
        epoch = _MAC_EPOCH if old_mac else EXCEL_EPOCH
        return tuple(
            self._sheet(each, part, epoch)
            for each in elements
            if each.tag == "sheet" and (part := targets.get(each.attrs.get("id", ""))) is not None
        )

    def _sheet(self, element: _Element, part: str, epoch: date) -> Sheet:
        tab = element.attrs.get("name", "")
        name = sentence("sheet.named", file=self._name, sheet=tab)
        hidden_rows: set[int] = set()

        def rows() -> Iterator[Row]:
            reader = _SheetReader(name, self._texts(), self._dated(), epoch, hidden_rows)
            return reader.rows(self._stream(part, name))

        hidden = element.attrs.get("state", "visible") != "visible"
        return Sheet(name, rows, epoch, hidden=hidden, tab=tab, hidden_rows=hidden_rows)

    def _main_part(self) -> str:
        for each in self._held("_rels/.rels"):
            if each.attrs.get("Type", "").endswith("/officeDocument"):
                return _joined("", each.attrs.get("Target", ""))
        raise DossiersError(_damaged(self._name))

    def _targets(self, main: str) -> dict[str, str]:
        """Id of a relation -> the part of a worksheet."""
        folder, _, file = main.rpartition("/")
        return {
            each.attrs.get("Id", ""): _joined(folder, each.attrs.get("Target", ""))
            for each in self._held(f"{folder}/_rels/{file}.rels".lstrip("/"))
            if each.attrs.get("Type", "").endswith("/worksheet")
        }

    def _related(self, kind: str) -> str | None:
        main = self._main_part()
        folder, _, file = main.rpartition("/")
        for each in self._held(f"{folder}/_rels/{file}.rels".lstrip("/")):
            if each.attrs.get("Type", "").endswith(f"/{kind}"):
                return _joined(folder, each.attrs.get("Target", ""))
        return None

    def _stream(self, part: str, place: str) -> Iterator[bytes]:
        """The content of a part, piece by piece, bounded over the whole reading of the file."""
        try:
            with self._parts.open(part) as opened:
                while chunk := opened.read(_CHUNK):
                    self._unpacked += len(chunk)
                    if self._unpacked > 3 * MOST_UNPACKED:  # a sheet is read up to three times
                        raise DossiersError(sentence("sheet.endless", file=place))
                    yield chunk
        except (*_BROKEN, KeyError) as error:
            raise DossiersError(_damaged(place)) from error

    def _held(self, part: str) -> list[_Element]:
        """Every element of a small part."""
        found: list[_Element] = []

        def start(tag: str, attrs: dict[str, str]) -> None:
            found.append(
                _Element(_local(tag), {_local(key): value for key, value in attrs.items()})
            )

        length = 0
        parser = _parser(start)
        for chunk in self._stream(part, self._name):
            length += len(chunk)
            if length > MOST_HELD:
                raise DossiersError(_damaged(self._name))
            _feed(parser, chunk, self._name)
        _feed(parser, b"", self._name, last=True)
        return found

    def _texts(self) -> list[str]:
        """The shared texts, read when a sheet is."""
        if self._shared is None:
            part = self._related("sharedStrings")
            known = part is not None and part in self._parts.namelist()
            self._shared = self._read_texts(part) if part is not None and known else []
        return self._shared

    def _read_texts(self, part: str) -> list[str]:
        reader = _TextReader(self._name)
        parser = _parser(reader.start, reader.end, reader.text)
        for chunk in self._stream(part, self._name):
            _feed(parser, chunk, self._name)
        _feed(parser, b"", self._name, last=True)
        return reader.texts

    def _dated(self) -> tuple[bool, ...]:
        """Of each cell format, whether it shows a number as a date."""
        if self._formats is None:
            part = self._related("styles")
            known = part is not None and part in self._parts.namelist()
            self._formats = _formats(self._held(part)) if part is not None and known else ()
        return self._formats


def _damaged(place: str) -> Told:
    return sentence("sheet.damaged", file=place)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _joined(folder: str, target: str) -> str:
    steps = [] if target.startswith("/") else folder.split("/") if folder else []
    for step in target.strip("/").split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def _formats(elements: list[_Element]) -> tuple[bool, ...]:
    own = {
        each.attrs.get("numFmtId", ""): each.attrs.get("formatCode", "")
        for each in elements
        if each.tag == "numFmt"
    }
    dated: list[bool] = []
    within = False
    for each in elements:
        if each.tag in ("cellXfs", "cellStyles"):
            within = each.tag == "cellXfs"
        elif within and each.tag == "xf":
            dated.append(_is_dated(each.attrs.get("numFmtId", "0"), own))
    return tuple(dated)


def _is_dated(number: str, own: Mapping[str, str]) -> bool:
    if number in own:
        return bool(_DAY_IN_FORMAT.search(_IN_FORMAT.sub("", own[number])))
    return number.isascii() and number.isdigit() and len(number) < 6 and int(number) in _DATED


def _parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Any:
    parser: Any = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    return parser


def _no_doctype(*_: object) -> None:
    raise ValueError("it declares entities of its own")


def _feed(parser: Any, chunk: bytes, place: str, *, last: bool = False) -> None:
    try:
        parser.Parse(chunk, last)
    except (expat.ExpatError, ValueError) as error:
        raise DossiersError(sentence("sheet.damaged_part", file=place, why=error)) from error


class _TextReader:
    """The shared texts of a workbook."""

    def __init__(self, name: str) -> None:
        self.texts: list[str] = []
        self._name = name
        self._letters = 0
        self._open: list[str] | None = None
        self._phonetic = False
        self._within = False

    def start(self, tag: str, _attrs: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "si":
            self._open = []
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "t":
            self._within = not self._phonetic

    def end(self, tag: str) -> None:
        tag = _local(tag)
        if tag == "t":
            self._within = False
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si" and self._open is not None:
            self.texts.append("".join(self._open))
            self._open = None
            if len(self.texts) > MOST_STRINGS:
                raise DossiersError(sentence("sheet.letters", file=self._name))

    def text(self, data: str) -> None:
        if self._within and self._open is not None:
            self._open.append(data)
            self._letters += len(data)
            if self._letters > MOST_LETTERS:
                raise DossiersError(sentence("sheet.letters", file=self._name))


class _SheetReader:
    """The cells of one worksheet, a row at a time."""

    def __init__(
        self,
        name: str,
        shared: list[str],
        dated: tuple[bool, ...],
        epoch: date,
        hidden_rows: set[int],
    ) -> None:
        self._name = name
        self._shared = shared
        self._dated = dated
        self._epoch = datetime.combine(epoch, time())
        self._hidden_rows = hidden_rows
        self._done: list[Row] = []
        self._row = 0
        self._is_hidden = False
        self._cells: dict[int, object] = {}
        self._column = 0
        self._attrs: Mapping[str, str] = {}
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._into: list[str] | None = None
        self._length = 0
        self._phonetic = False

    def rows(self, stream: Iterator[bytes]) -> Iterator[Row]:
        parser = _parser(self._start, self._end, self._text)
        for piece in _whole_tags(stream):
            _feed(parser, piece, self._name)
            yield from self._done
            self._done.clear()
        _feed(parser, b"", self._name, last=True)
        yield from self._done
        self._done.clear()

    def _start(self, tag: str, attrs: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "c":
            self._start_cell(attrs)
        elif tag == "row":
            self._start_row(attrs)
        elif tag == "v" or (tag == "t" and not self._phonetic):
            self._value = self._value or []
            self._into, self._length = self._value, 0
        elif tag == "f":
            self._formula = []
            self._into, self._length = self._formula, 0
        elif tag == "rPh":
            self._phonetic = True

    def _start_row(self, attrs: dict[str, str]) -> None:
        number = _whole(attrs.get("r"), self._row + 1)
        if not self._row < number <= MOST_ROWS:
            given = {"row": number, "before": self._row, "most": MOST_ROWS}
            raise DossiersError(sentence("sheet.row_place", file=self._name, **given))
        self._row, self._column, self._cells = number, 0, {}
        self._is_hidden = attrs.get("hidden") in ("1", "true")

    def _start_cell(self, attrs: dict[str, str]) -> None:
        self._attrs, self._value, self._formula, self._into = attrs, None, None, None
        place = attrs.get("r")
        if place is None:
            self._column += 1
        else:
            found = _PLACE.fullmatch(place)
            self._column = _column(found[1]) if found else 0
        if not 1 <= self._column <= _LAST_COLUMN:
            cell = keys.quoted((place or str(self._column))[:40])
            self._refuse("cell_place", cell=cell)

    def _end(self, tag: str) -> None:
        tag = _local(tag)
        if tag in ("v", "t", "f"):
            self._into = None
        elif tag == "c":
            self._end_cell()
        elif tag == "row" and self._cells:
            width = max(self._cells)
            if self._is_hidden:
                self._hidden_rows.add(self._row)
            cells = self._cells
            self._done.append((self._row, tuple(cells.get(n) for n in range(1, width + 1))))
        elif tag == "rPh":
            self._phonetic = False

    def _end_cell(self) -> None:
        cell = self._read_cell()
        if cell is None or cell == "":
            return
        if self._column > MOST_COLUMNS:
            self._refuse("far_right", cell=self._attrs.get("r", self._column))
        self._cells[self._column] = cell

    def _read_cell(self) -> object:
        kind = self._attrs.get("t", "n")
        text = "".join(self._value or ())
        if self._formula is not None and not text and kind != "str":
            return computed("".join(self._formula))
        read = {"s": self._shared_text, "b": _truth, "d": _moment, "n": self._number}.get(kind)
        if not text:
            return None
        return text if read is None else read(text)

    def _shared_text(self, text: str) -> str:
        number = _whole(text.strip(), -1)
        if not 0 <= number < len(self._shared):
            self._refuse("no_shared_text")
        if len(self._shared[number]) > LONGEST_TEXT:
            self._too_long()
        return self._shared[number]

    def _number(self, text: str) -> object:
        text = text.strip()
        if not _PLAIN_NUMBER.fullmatch(text):
            return text
        try:
            value = float(text)
        except ValueError:
            return text
        style = _whole(self._attrs.get("s"), 0)
        if style < len(self._dated) and self._dated[style]:
            try:
                return self._epoch + timedelta(days=value)
            except (OverflowError, ValueError):
                return value
        return int(text) if text.isdigit() and len(text) < 16 else value

    def _text(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)
            self._length += len(data)
            if self._length > LONGEST_TEXT:
                self._too_long()

    def _too_long(self) -> NoReturn:
        self._refuse("long_cell", most=number_of(LONGEST_TEXT))

    def _refuse(self, key: str, **values: object) -> NoReturn:
        told = sentence(f"sheet.{key}", file=self._name, row=self._row, **values)
        raise DossiersError(told)


def _truth(text: str) -> bool:
    return text.strip() in ("1", "true")


def _moment(text: str) -> object:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return text


def _whole(text: str | None, otherwise: int) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 15:
        return otherwise
    return int(text)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def _whole_tags(stream: Iterator[bytes]) -> Iterator[bytes]:
    """The stream in pieces that end with a tag, without the rows and cells that hold nothing.

    Left as it is where a cell or row does not say its own place: then each one counts.
    """
    rest, placed = b"", True
    for chunk in stream:
        piece = rest + chunk
        end = piece.rfind(b">") + 1
        piece, rest = (piece[:end], piece[end:]) if end else (piece, b"")
        placed = placed and _UNPLACED.search(piece) is None
        if placed:
            # An empty row may begin in one piece and end in the next: such a one goes the long way.
            piece = _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", piece))
        yield piece
    yield rest
