"""Two hundred hostile files: each is counted by the rules, or refused with a sentence.

python -m benchmarks.hostile_files [--seed 7]: prints what became of each kind, and how long and how
large the process that read it was at most. Exit 1 where one ends in anything but counts that keep
the rules or a sentence that names the file and a remedy. The files are generated from the seed.
"""

from __future__ import annotations

import argparse
import io
import random
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import openpyxl

from survey.dossiers import Counted
from survey.dossiers.apart import count_apart
from survey.dossiers.columns import shipped_columns
from survey.dossiers.reading import CountRequest, count_file
from survey.errors import DossiersError
from survey.places import shipped_places

TODAY = date(2026, 11, 2)
QUESTION = CountRequest(shipped_places(), shipped_columns(), TODAY)
HEAD = ["Mã hồ sơ", "Lĩnh vực", "Ngày tiếp nhận", "Ngày trả kết quả"]
SECONDS = 60.0
MEMORY = 512 << 20

Hostile = tuple[str, bytes]
"""The kind of a hostile file, and its content."""


def hostile_files(seed: int = 7, mutations: int = 20, *, large: bool = True) -> Iterator[Hostile]:
    """Yield every hostile file: made by hand, then `mutations` of each sound kind.

    ``large``: also those that take seconds to read before they are refused.
    """
    yield from _named_places()
    if large:
        yield from _bombs()
        yield from _many_rows()
    yield from _entities()
    yield from _broken_parts()
    yield from _values()
    yield from _texts()
    yield from _markup()
    yield from _mutated(random.Random(seed), mutations)


def workbook(rows: int = 3) -> bytes:
    """Return a sound export with so many dossiers."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(HEAD)
    for number in range(rows):
        sheet.append([f"A-{number}", "Đất đai", date(2026, 10, 1), date(2026, 10, 5)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _edited(change: Callable[[str, bytes], bytes], content: bytes | None = None) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content or workbook())) as book,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in book.namelist():
            copy.writestr(name, change(name, book.read(name)))
    return buffer.getvalue()


def _in_sheet(old: bytes, new: bytes) -> bytes:
    def change(name: str, part: bytes) -> bytes:
        return part.replace(old, new, 1) if name.endswith("sheet1.xml") else part

    return _edited(change)


def _more_rows(rows: bytes) -> bytes:
    return _in_sheet(b"</sheetData>", rows + b"</sheetData>")


def _named_places() -> Iterator[Hostile]:
    cell = b'<c r="%b" t="inlineStr"><is><t>x</t></is></c>'
    for row, place in (
        (b"999999999", b"A999999999"),
        (b"1048576", b"A1048576"),
        (b"1048577", b"A1048577"),
        (b"5", b"XFD5"),
        (b"5", b"XFE5"),
        (b"5", b"ZZZ5"),
        (b"5", b"ZZZZZZ5"),
        (b"5", b"5"),
        (b"5", b""),
        (b"5", b"A99999999999999999999"),
        (b"-5", b"A-5"),
        (b"0", b"A0"),
        (b"2", b"A2"),
        (b"9" * 400, b"A1"),
    ):
        yield (
            "a row or cell far away",
            _more_rows(b'<row r="' + row + b'">' + cell % place + b"</row>"),
        )
    wide = b"".join(b'<row r="%d">%b</row>' % (n, cell % (b"XFD%d" % n)) for n in range(5, 300))
    yield "a row or cell far away", _more_rows(wide)
    alike = b"".join(b'<row r="%d">%b</row>' % (n, cell % (b"AMJ%d" % n)) for n in range(5, 300))
    yield "a row or cell far away", _more_rows(alike)
    yield (
        "a row or cell far away",
        _in_sheet(b'<dimension ref="A1:D4"', b'<dimension ref="A1:XFD9"'),
    )


def _bombs() -> Iterator[Hostile]:
    empty = b"".join(b'<row r="%d" s="1"/>' % row for row in range(5, 200_000))
    yield "much of nothing", _more_rows(empty)
    yield "much of nothing", _more_rows(b" " * (64 << 20))
    yield "much of nothing", _more_rows(b"<row>" + b"<c/>" * 2_000_000 + b"</row>")
    yield (
        "much of something",
        _more_rows(
            b'<row r="9"><c r="A9" t="inlineStr"><is><t>'
            + b"x" * (64 << 20)
            + b"</t></is></c></row>"
        ),
    )
    yield "much of something", _more_rows(b"<row>" * 5_000)
    yield "much of something", _more_rows(b"<x>" * 200_000 + b"</x>" * 200_000)
    yield "much of something", _more_rows(b"<row><c><v>1</v></c></row>" * 300_000)
    strings = b"<si><t>" + b"y" * 20_000 + b"</t></si>"

    def shared(name: str, part: bytes) -> bytes:
        if not name.endswith("sharedStrings.xml"):
            return part
        return part.replace(b"</sst>", strings * 4_000 + b"</sst>")

    yield "much of something", _edited(shared)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as many:
        for number in range(6_000):
            many.writestr(f"xl/workbook{number}.xml", b"")
    yield "much of something", buffer.getvalue()


def _entities() -> Iterator[Hostile]:
    for times in (10, 30):
        entities = "".join(
            f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 50}">' for n in range(times)
        )
        doctype = f"<!DOCTYPE x [{entities}]>".encode()
        yield "entities", _in_sheet(b"<worksheet", doctype + b"<worksheet")
        xml = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]>'
        space = "urn:schemas-microsoft-com:office:spreadsheet"
        yield "entities", f'{xml}<Workbook xmlns="{space}">&e{times - 1};</Workbook>'.encode()
    outside = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    yield "entities", _in_sheet(b"<worksheet", outside + b"<worksheet")


def _broken_parts() -> Iterator[Hostile]:
    sound = workbook()
    with zipfile.ZipFile(io.BytesIO(sound)) as book:
        names = book.namelist()
    for gone in names:

        def without(name: str, part: bytes, gone: str = gone) -> bytes:
            return b"" if name == gone else part

        yield "an empty part", _edited(without)

        def cut(name: str, part: bytes, gone: str = gone) -> bytes:
            return part[: len(part) // 2] if name == gone else part

        yield "a part cut in half", _edited(cut)
    for share in (0.1, 0.5, 0.9, 0.999):
        yield "a file cut short", sound[: int(len(sound) * share)]
    yield (
        "a part that points elsewhere",
        _edited(
            lambda _name, part: part.replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd")
        ),
    )
    yield (
        "a part that points elsewhere",
        _edited(lambda _name, part: part.replace(b'Target="/xl/', b'Target="http://127.0.0.1/')),
    )
    yield "a missing text", _in_sheet(b'<c r="A2" t="s"><v>4</v>', b'<c r="A2" t="s"><v>9999</v>')
    yield "a missing text", _in_sheet(b'<c r="A2" t="s"><v>4</v>', b'<c r="A2" t="s"><v>-1</v>')
    yield "rows out of order", _more_rows(b'<row r="3"><c r="A3"><v>1</v></c></row>')
    yield "an unknown format", _in_sheet(b'<c r="D2" s="1"', b'<c r="D2" s="99999999"')


def _values() -> Iterator[Hostile]:
    for value in (
        b"1e999", b"-1e999", b"NaN", b"inf", b"1_0", b"0x10", b"9" * 400, b"-99999999", b"1e15",
        b"46300.99999999999999", b"", b" ", b"=1", b"46300;46301", b"2958466", b"-1",
    ):  # fmt: skip
        yield "a number that is none", _in_sheet(b"<v>46300</v>", b"<v>" + value + b"</v>")
    for kind in (b"s", b"b", b"e", b"d", b"str", b"inlineStr", b"x", b""):
        yield "a cell of another type", _in_sheet(b't="n"><v>46300', b't="' + kind + b'"><v>46300')


def _texts() -> Iterator[Hostile]:
    head = ",".join(HEAD)
    row = "A-1,Đất đai,01/10/2026,05/10/2026"
    yield "a quotation mark", f'{head}\n{row}\n"A-2,Đất đai\n{row}\n'.encode()
    yield "a quotation mark", f'{head}\n{row}\n"{"x" * 40_000}",a\n'.encode()
    yield "many columns", (head + "," * 100_000 + "\n" + row + "\n").encode()
    yield "many columns", (head + "," + ",".join(map(str, range(3000))) + "\n" + row).encode()
    yield "zero bytes", f"{head}\n{row}\n".encode().replace(b"A-1", b"A\x001")
    yield "zero bytes", bytes(5_000)
    yield "odd bytes", bytes(range(256)) * 20
    yield "odd bytes", f"{head}\n{row}\n".encode("utf-16")[:-1]
    yield "odd bytes", f"{head}\n{row}\n".encode("utf-32-be")
    yield "odd bytes", f"{head}\n{row}\n".encode("utf-7")
    yield "odd bytes", f"{head}\n{row}\n".encode() + b"\xff\xfe\xff"
    yield "line ends", f"{head}\r{row}\r\r\n{row}\x0b\x0c\x1c\x85\u2028".encode()
    yield "formulas", f"{head}\n=cmd|' /C calc'!A0,@SUM(1),+1,-1\n".encode()
    for number in ("9" * 5_000, "99999999999", "1e9", "-1", "٣", "²", "1.000", "2147483648"):
        text = f"period,office,sector,completed\n2026-10,trieu-son,land,{number}\n"
        yield "a count out of range", text.encode()
    for day in (
        "2026-10-31T18:30:00+99:99", "0000-00-00", "31/13/2026", "99/99/9999", "2026-02-30",
        "2026-10-05T25:61", "９/１０/２０２６", "05/10/2026" * 500, "2026-10-05 \u202e", "1e5",
    ):  # fmt: skip
        yield "a day that is none", f"{head}\n{row[:14]},01/10/2026,{day}\n".encode()
    for letter in "\u200b\u202e\u2800\ufeff\U000e0041\u3164\x1b\x07":
        yield "invisible letters", f"{head}\n{row.replace('Đất', letter + 'Đ?t')}\n".encode()


def _many_rows() -> Iterator[Hostile]:
    head = ",".join(HEAD)
    yield "rows", (head + "\n" + "A,b,c,d\n" * 200_000).encode()
    yield "rows", (head + "\n" + "".join(f"A-{n},?{n},1,2\n" for n in range(20_000))).encode()


def _markup() -> Iterator[Hostile]:
    cells = "".join(f"<td>{text}</td>" for text in HEAD)
    good = "<tr><td>A-1</td><td>Đất đai</td><td>01/10/2026</td><td>05/10/2026</td></tr>"
    yield "a web page", ("<table>" * 20_000 + cells).encode()
    yield "a web page", f'<table><tr>{cells}<tr><td colspan="99999999">x{good}</table>'.encode()
    yield "a web page", f'<table><tr>{cells}<tr><td rowspan="99999">x{good}</table>'.encode()
    yield "a web page", f"<table><tr>{cells}{good}<script>{'</' * 50_000}".encode()
    yield "a web page", ("<table>" + "<!" * 100_000).encode()
    yield "a web page", ("<html><table>" + "<td" * 100_000).encode()
    yield "a web page", f"<table><tr>{cells}{good}<tr><td>{'&amp;' * 40_000}</table>".encode()
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    for index in ("99999999", "-1", "9" * 30, "x"):
        yield (
            "XML of 2003",
            f'<Workbook xmlns="{space}"><Worksheet><Table><Row Index="{index}"><Cell '
            f'Index="{index}" MergeAcross="{index}"><Data Type="Number">{index}</Data></Cell>'
            "</Row></Table></Worksheet></Workbook>".encode(),
        )
    yield (
        "XML of 2003",
        f'<Workbook xmlns="{space}"><Row><Cell><Data>x</Data></Cell></Row>'.encode(),
    )
    yield "XML of 2003", f'<Workbook xmlns="{space}"></Workbook>'.encode()


def _mutated(chance: random.Random, each: int) -> Iterator[Hostile]:
    """Sound files with a few bytes changed, doubled or left out."""
    text = f"{','.join(HEAD)}\nA-1,Đất đai,01/10/2026,05/10/2026\n"
    page = "<table><tr><td>Mã hồ sơ<td>Lĩnh vực<td>Ngày trả<tr><td>A<td>Đất đai<td>05/10/2026"
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as book, zipfile.ZipFile(stored, "w") as copy:
        for name in book.namelist():
            copy.writestr(name, book.read(name))
    kinds = {
        "a changed text": text.encode(),
        "a changed page": page.encode(),
        "a changed workbook": workbook(),
        "a changed workbook, not packed": stored.getvalue(),
    }
    for kind, sound in kinds.items():
        for _ in range(each):
            changed = bytearray(sound)
            for _ in range(chance.randint(1, 8)):
                place = chance.randrange(len(changed))
                what = chance.randrange(3)
                if what == 0:
                    changed[place] = chance.randrange(256)
                elif what == 1:
                    changed[place:place] = changed[place : place + chance.randint(1, 40)]
                else:
                    del changed[place : place + chance.randint(1, 40)]
            yield kind, bytes(changed)


def judge(content: bytes, name: str, *, apart: bool) -> str:
    """Read one file; return 'counted' or 'refused'. AssertionError where it is neither.

    ``apart``: in a process of its own, as imports are.
    """
    try:
        if apart:
            counted = count_apart(content, name, QUESTION, seconds=SECONDS, memory=MEMORY)
        else:
            counted = count_file(content, name, QUESTION)
    except DossiersError as refused:
        _check_sentence(str(refused), name)
        return "refused"
    _check_counts(counted)
    return "counted"


def _check_sentence(told: str, name: str) -> None:
    lines = told.splitlines()
    assert lines, "a refusal without a word"
    for line in lines:
        assert line.startswith(name), f"no file named: {line[:200]}"
        assert ";" in line or ". " in line or "more problems" in line, f"no remedy: {line[:200]}"
        assert line.isprintable(), f"invisible letters: {line[:200]!r}"
        assert len(line) < 12_000, f"too long: {len(line)}"
        assert "Traceback" not in line


def _check_counts(counted: Counted) -> None:
    places = shipped_places()
    offices = {office.id for office in places.office}
    sectors = {sector.id for sector in places.sector} | {"general"}
    assert counted.counts
    for count in counted.counts:
        assert count.office in offices
        assert count.sector in sectors
        assert "1990-01" <= count.period <= f"{TODAY:%Y-%m}"
        assert 0 <= count.completed < 2**31
        for part in (count.on_time, count.online):
            assert part is None or 0 <= part <= count.completed


def main() -> int:
    """Read every file apart and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    found: Counter[tuple[str, str]] = Counter()
    longest, failed = 0.0, 0
    for number, (kind, content) in enumerate(hostile_files(asked.seed)):
        start = time.perf_counter()
        try:
            became = judge(content, f"tep-{number}", apart=True)
        except AssertionError as fault:
            failed += 1
            became = f"FAILED: {fault}"
        longest = max(longest, time.perf_counter() - start)
        found[kind, became] += 1
    for (kind, became), times in sorted(found.items()):
        print(f"{times:4} {kind}: {became}")
    print(f"{sum(found.values())} files, longest {longest:.1f} s, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
