"""Tables as one-stop systems and offices really write them: each is counted right, or named."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from questionnaires import Text
from survey.dossiers import Counted
from survey.dossiers import workbook as workbook_reader
from survey.dossiers.columns import parse_columns, shipped_columns
from survey.dossiers.reading import CountRequest, count_file
from survey.errors import DossiersError, PlacesError
from survey.places import Sector, parse_places, shipped_places
from tests.vietnamese import told_in_both

TODAY = date(2026, 11, 2)
HEAD = ["Mã hồ sơ", "Lĩnh vực", "Ngày tiếp nhận", "Ngày trả kết quả"]
DAY = date(2026, 10, 5)
LAND = ("2026-10", "land", 1)
CIVIL = ("2026-10", "civil-status", 1)


def count(content: bytes, name: str = "thang-10.xlsx", **options: Any) -> Counted:
    question = CountRequest(shipped_places(), options.pop("columns", shipped_columns()), TODAY)
    return count_file(content, name, question)


def found(counted: Counted) -> set[tuple[str, str, int]]:
    return {(each.period, each.sector, each.completed) for each in counted.counts}


def refusal(content: bytes) -> str:
    with pytest.raises(DossiersError) as caught:
        count(content)
    return told_in_both(caught.value)


def workbook(*rows: list[Any], prepare: Callable[[Any, Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if prepare is not None:
        prepare(book, sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def edited(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return a workbook whose parts went through ``change``."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as book,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        for name in book.namelist():
            copy.writestr(name, change(name, book.read(name)))
    return buffer.getvalue()


def plain_workbook() -> bytes:
    return workbook(HEAD, ["A-1", "Đất đai", DAY, DAY], ["A-2", "Hộ tịch", DAY, DAY])


def test_headings_in_two_rows_with_merged_cells_are_read() -> None:
    def merge(_book: Any, sheet: Any) -> None:
        for cells in ("C1:D1", "A1:A2", "B1:B2"):
            sheet.merge_cells(cells)

    content = workbook(
        ["Mã hồ sơ", "Lĩnh vực", "Thời gian", None],
        [None, None, "Ngày tiếp nhận", "Ngày trả kết quả"],
        ["A-1", "Đất đai", date(2026, 9, 30), DAY],
        prepare=merge,
    )
    assert found(count(content)) == {LAND}


def test_a_word_above_completes_the_words_beneath() -> None:
    content = workbook(
        ["DANH SÁCH HỒ SƠ"],
        ["Mã hồ sơ", "Lĩnh vực", "Ngày", None, "Ghi chú"],
        [None, None, "tiếp nhận", "trả kết quả", None],
        ["A-1", "Đất đai", date(2026, 9, 30), DAY, "x"],
    )
    counted = count(content)
    assert found(counted) == {LAND}
    assert counted.columns["returned"] == "Ngày trả kết quả"


def test_of_a_planned_and_a_real_day_the_real_one_is_read() -> None:
    content = workbook(
        ["Mã hồ sơ", "Lĩnh vực", "Ngày trả kết quả", None],
        [None, None, "Kế hoạch", "Thực tế"],
        ["A-1", "Đất đai", date(2026, 9, 30), DAY],
    )
    assert found(count(content)) == {LAND}
    beside = workbook(
        ["Mã hồ sơ", "Lĩnh vực", "Ngày trả kết quả (dự kiến)", "Ngày trả kết quả (thực tế)"],
        ["A-1", "Đất đai", date(2026, 9, 30), DAY],
    )
    assert found(count(beside)) == {LAND}


@pytest.mark.parametrize(
    "marked", ["{} (*)", "{}:", "{} (thực tế)", "* {}", "{} [2]", "{}\n(dd/mm/yyyy)", "{} thực tế"]
)
def test_marks_beside_a_heading_do_not_hide_it(marked: str) -> None:
    content = workbook([marked.format(text) for text in HEAD], ["A-1", "Đất đai", DAY, DAY])
    assert found(count(content)) == {LAND}


def test_two_headings_that_may_both_be_meant_are_asked_about() -> None:
    content = workbook(
        ["Mã hồ sơ", "Lĩnh vực", "Ngày trả (lần 1)", "Ngày trả (lần 2)"],
        ["A-1", "Đất đai", DAY, DAY],
    )
    assert "'Ngày trả (lần 1)' and 'Ngày trả (lần 2)' may both be returned" in refusal(content)


def test_titles_totals_column_numbers_and_signatures_are_no_dossiers() -> None:
    counted = count(
        workbook(
            ["UBND XÃ TRIỆU SƠN"],
            ["DANH SÁCH HỒ SƠ THÁNG 10, từ 01/10/2026 đến 31/10/2026"],
            [],
            HEAD,
            ["(1)", "(2)", "(3)", "(4)"],
            ["I. Đất đai"],
            ["A-1", "Đất đai", DAY, DAY],
            ["Cộng lĩnh vực: 1 hồ sơ", 1],
            HEAD,  # a new page
            ["A-2", "Hộ tịch", DAY, DAY],
            ["Tổng cộng", 2, None, 2],
            [None, None, "Triệu Sơn, ngày 31 tháng 10 năm 2026"],
            [None, "Người lập biểu", None, "Thủ trưởng đơn vị"],
            [None, "Nguyễn Văn An", None, "Trần Thị Bình", "Đóng dấu"],
        )
    )
    assert found(counted) == {LAND, CIVIL}
    assert (counted.rows, counted.not_returned) == (2, 0)
    assert counted.no_dossiers == (5, 6, 8, 9, 11, 12, 13, 14)


@pytest.mark.parametrize(
    "title", ["{}", "I. {}", "1. Lĩnh vực {}", "Lĩnh vực: {}", "A) {} (2 hồ sơ)", "{}: 12"]
)
def test_a_title_for_each_sector_serves_where_there_is_no_column(title: str) -> None:
    head = ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày trả kết quả"]
    counted = count(
        workbook(
            head,
            [title.format("Đất đai")],
            [1, "A-1", DAY, DAY],
            [2, "A-2", DAY, DAY],
            [title.format("Hộ tịch")],
            [3, "A-3", DAY, DAY],
        )
    )
    assert found(counted) == {("2026-10", "land", 2), CIVIL}


def test_a_row_with_a_day_but_no_code_is_told_and_not_passed_over() -> None:
    content = workbook(HEAD, ["A-1", "Đất đai", DAY, DAY], [None, "Đất đai", DAY, DAY])
    assert "row 3: no dossier code" in refusal(content)


def test_a_hidden_sheet_does_not_disturb_and_is_never_counted_unseen() -> None:
    def hide(book: Any, sheet: Any) -> None:
        copy = book.copy_worksheet(sheet)
        copy.title, copy.sheet_state = "Cũ", "hidden"

    def hide_all(book: Any, sheet: Any) -> None:
        book.create_sheet("Bìa").append(["Bìa"])
        sheet.sheet_state = "veryHidden"

    rows = [HEAD, ["A-1", "Đất đai", DAY, DAY]]
    assert found(count(workbook(*rows, prepare=hide))) == {LAND}
    assert "the dossiers are on a hidden sheet; show it" in refusal(
        workbook(*rows, prepare=hide_all)
    )


def test_rows_that_a_filter_hides_are_counted_and_asked_about() -> None:
    def hide(_book: Any, sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True

    counted = count(
        workbook(HEAD, ["A-1", "Đất đai", DAY, DAY], ["A-2", "Hộ tịch", DAY, DAY], prepare=hide)
    )
    assert found(counted) == {LAND, CIVIL}
    assert any(doubt.startswith("row 3 hidden") for doubt in counted.doubts)


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ('=HYPERLINK("https://a.vn/x","A-1")', "=DATE(2026,10,5)"),
        ('="00012"', '="05/10/2026"'),
        ('="H"&"-"&12', "=DATE(2026, 10, 5)"),
        ("A-1", '=DATEVALUE("2026-10-05")'),
    ],
)
def test_a_formula_of_fixed_values_is_computed(code: str, day: str) -> None:
    assert found(count(workbook(HEAD, [code, "Đất đai", day, day]))) == {LAND}


def test_a_formula_without_its_result_is_named_with_its_row() -> None:
    content = workbook(HEAD, ["A-1", "Đất đai", DAY, "=VLOOKUP(A2,X!A:B,2,0)"])
    assert (
        "row 2: returned holds a formula without its result ('=VLOOKUP(A2,X!A:B,2,0)'); open the "
        "file in Excel, save it"
    ) in refusal(content)


@pytest.mark.parametrize("kept", [1.00119, "1.00119", "1,00119", 1001190, "1.001190.000.00.00.H56"])
def test_a_procedure_code_is_known_however_a_spreadsheet_keeps_it(kept: object) -> None:
    places = parse_places(
        """
        office = [{id = "a", name = {vi = "A", en = "A"}}]
        sector = [{id = "land", name = {vi = "Đất đai", en = "Land"}}]
        procedure = [{code = "1.001190", sector = "land", name = {vi = "T", en = "T"}}]
        """,
        "p.toml",
    )
    content = workbook(["Mã hồ sơ", "Mã thủ tục", "Ngày trả kết quả"], ["A-1", kept, DAY])
    question = CountRequest(places, shipped_columns(), TODAY)
    assert found(count_file(content, "x.xlsx", question)) == {LAND}


def test_codes_that_a_spreadsheet_rounded_are_told_as_that() -> None:
    long = 261005000700001234
    content = workbook(HEAD, [long, "Đất đai", DAY, DAY], [long + 8, "Đất đai", DAY, DAY])
    assert "long numbers lost their last digits in a spreadsheet; export again" in refusal(content)
    csv = (
        "Mã hồ sơ,Lĩnh vực,Ngày trả\n2.61005E+14,Đất đai,05/10/2026\n"
        "2.61005E+14,Đất đai,05/10/2026\n"
    )
    assert "export again with the codes as text" in refusal(csv.encode())


def strict(content: bytes) -> bytes:
    """The same workbook in the strict dialect: other namespaces, days as ISO texts."""
    changes = [
        (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
         b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
         b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
    ]  # fmt: skip

    def change(name: str, part: bytes) -> bytes:
        for old, new in changes:
            part = part.replace(old, new)
        if name.startswith("xl/worksheets/"):
            part = re.sub(
                rb'(<c r="[CD]\d+")( s="\d+")? t="n"><v>46300</v>',
                rb'\1\2 t="d"><v>2026-10-05T00:00:00</v>',
                part,
            )
        return part

    return edited(content, change)


def test_a_strict_workbook_is_read() -> None:
    content = strict(plain_workbook())
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"2026-10-05T00:00:00" in book.read("xl/worksheets/sheet1.xml")
    assert found(count(content)) == {LAND, CIVIL}


def test_elements_with_a_prefix_and_cells_without_a_place_are_read() -> None:
    def prefix(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        part = re.sub(rb' r="[A-Z]*\d+"', b"", part)
        part = re.sub(rb"<(/?)(worksheet|sheetData|row|c|v)\b", rb"<\1x:\2", part)
        return part.replace(b" xmlns=", b" xmlns:x=")

    def drop(name: str, part: bytes) -> bytes:
        return prefix(
            name, re.sub(rb"<(?:sheetPr|sheetViews|sheetFormatPr).*?(?=<sheetD)", b"", part)
        )

    assert found(count(edited(plain_workbook(), drop))) == {LAND, CIVIL}


def test_a_sheet_formatted_to_its_last_row_takes_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is done for what is empty; how long the whole takes is measured in benchmarks."""
    empty = "".join(
        f'<row r="{row}" s="1"><c r="A{row}" s="1"/><c r="B{row}" s="1"></c></row>'
        for row in (*range(4, 30_000), 1_048_576)
    ).encode()

    def fill(name: str, part: bytes) -> bytes:
        end = b"</sheetData>"
        return part.replace(end, empty + end) if name.endswith("sheet1.xml") else part

    content = edited(plain_workbook(), fill)
    parsed: list[str] = []
    start = workbook_reader._SheetReader._start

    def counting(self: Any, tag: str, attrs: dict[str, str]) -> None:
        parsed.append(tag)
        start(self, tag, attrs)

    monkeypatch.setattr(workbook_reader._SheetReader, "_start", counting)
    assert found(count(content)) == {LAND, CIVIL}
    assert len(parsed) < 500


def page(*rows: list[str], before: str = "", after: str = "") -> str:
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"{before}<table border=1>{table}</table>{after}"


ROWS = [HEAD, ["A-1", "Đất đai", "01/10/2026", "05/10/2026"], ["A-2", "Hộ tịch", "", "06/10/2026"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<html><body>", "</body></html>"),
        ("", ""),
        ("<!DOCTYPE html><html><head><style>td{x:1}</style></head>", "</html>"),
        (
            "<html><table><tr><td>UBND XÃ</td></tr></table>",
            "<table><tr><td>Ký tên</td></tr></table>",
        ),
    ],
)
def test_a_web_page_named_xls_is_read(encoding: str, before: str, after: str) -> None:
    content = page(*ROWS, before=before, after=after).encode(encoding)
    assert found(count(content, "x.xls")) == {LAND, CIVIL}


def test_cells_of_a_web_page_may_reach_over_columns_and_rows() -> None:
    text = (
        "<table><tr><th rowspan=2>Mã hồ sơ<th rowspan=2>Lĩnh vực<th colspan=2>Thời gian"
        "<tr><th>Ngày tiếp<br>nhận<th>Ngày trả kết quả"
        "<tr><td>A-1<td>Đất&nbsp;đai<td>01/10/2026<td>05/10/2026</table>"
    )
    assert found(count(text.encode(), "x.xls")) == {LAND}


def test_the_xml_of_excel_2003_is_read() -> None:
    def cell(text: str) -> str:
        kind = "DateTime" if "T00" in text else "String"
        return f'<ss:Cell><ss:Data ss:Type="{kind}">{text}</ss:Data></ss:Cell>'

    rows = [HEAD, ["A-1", "Đất đai", "2026-10-01T00:00:00.000", "2026-10-05T00:00:00.000"]]
    table = "".join(f"<ss:Row>{''.join(map(cell, row))}</ss:Row>" for row in rows)
    text = (
        '<?xml version="1.0" encoding="utf-8"?><?mso-application progid="Excel.Sheet"?>'
        '<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<ss:Worksheet ss:Name="T10"><ss:Table>{table}<ss:Row ss:Index="9"><ss:Cell ss:Index="2">'
        '<ss:Data ss:Type="String">Ký tên</ss:Data></ss:Cell></ss:Row></ss:Table></ss:Worksheet>'
        "</ss:Workbook>"
    )
    counted = count(text.encode(), "x.xls")
    assert (found(counted), counted.no_dossiers) == ({LAND}, (9,))


CSV = "Mã hồ sơ{0}Lĩnh vực{0}Ngày tiếp nhận{0}Ngày trả\nA-1{0}Đất đai{0}01/10/2026{0}05/10/2026\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1258"]
)
def test_a_text_is_read_in_every_encoding_and_with_every_separator(
    delimiter: str, encoding: str
) -> None:
    text = CSV.format(delimiter)
    if encoding == "cp1258":
        text = in_windows_1258(text)
    assert found(count(text.encode(encoding), "x.csv")) == {LAND}


def in_windows_1258(text: str) -> str:
    """Tone marks as letters of their own, as that code page has them."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    return "".join(
        unicodedata.normalize("NFC", "".join(part for part in whole if part not in tones))
        + "".join(part for part in whole if part in tones)
        for whole in (unicodedata.normalize("NFD", letter) for letter in text)
    )


def test_the_separator_is_that_of_the_headings_and_not_that_of_the_widest_row() -> None:
    title = "UBND xã, huyện, tỉnh, ngày 31, tháng 10, năm 2026, danh sách, hồ sơ, đã trả\n"
    counted = count((title + CSV.format(";")).encode(), "x.csv")
    assert found(counted) == {LAND}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7 ...", "it is a PDF, which holds no table; export the dossiers to Excel"),
        (b"\x89PNG\r\n\x1a\n", "it is a picture"),
        (b"\x1f\x8b\x08", "it is a compressed file; unpack it first"),
        (b"MIME-Version: 1.0\r\n", "it is a web archive; open it in Excel and save it as .xlsx"),
        (b"<html><body>Phi\xc3\xaan h\xe1\xba\xbft</body></html>", "a web page without a table"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "it has a password"),
        (b"\x00\x01\x02\x03 rubbish", "it is no text and no workbook"),
    ],
)
def test_what_is_no_table_is_named_for_what_it_is(content: bytes, told: str) -> None:
    assert told in refusal(content)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("xl/workbook.bin", "binary workbook (.xlsb); save it as .xlsx"),
        ("content.xml", "OpenDocument"),
        ("word/document.xml", "Word document"),
        ("thang-10.xlsx", "it is a zip archive; unpack it"),
    ],
)
def test_an_archive_is_named_for_what_is_in_it(part: str, told: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(part, b"x")
    assert told in refusal(buffer.getvalue())


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2026-10-31T18:30:00Z", "2026-11"),
        ("2026-10-31T16:59:59Z", "2026-10"),
        ("2026-10-31T23:30:00+07:00", "2026-10"),
        ("2026-10-31 23:30 +0000", "2026-11"),
        ("2026-11-01T00:30:00+0930", "2026-10"),
        ("31/10/2026 11:30 CH", "2026-10"),
    ],
)
def test_a_time_that_tells_its_zone_counts_on_the_day_at_the_office(
    written: str, month: str
) -> None:
    counted = count(f"Mã hồ sơ,Lĩnh vực,Ngày trả\n1,Đất đai,{written}\n".encode())
    assert [each.period for each in counted.counts] == [month]


@pytest.mark.parametrize(
    "written",
    [
        "31/10/2026 25:00",
        "31/10/2026 10:61",
        "08:00 31/10/2026 09:00",
        "2026-10-31T10:00:00+25:00",
        "2026-10-31T10:00:00+07:75",
        "2026-10-31Z",
        "31/10/2026 13:00 PM",
    ],
)
def test_a_time_that_no_clock_shows_is_refused(written: str) -> None:
    message = refusal(f"Mã hồ sơ,Lĩnh vực,Ngày trả\n1,Đất đai,{written}\n".encode())
    assert f"returned '{written}' is not a date" in message


def test_a_moment_of_a_workbook_with_a_zone_is_moved_too() -> None:
    def utc(name: str, part: bytes) -> bytes:
        return re.sub(
            rb'(<c r="D2")( s="\d+")? t="n"><v>46300</v>',
            rb'\1\2 t="d"><v>2026-10-31T18:30:00Z</v>',
            part,
        )

    assert ("2026-11", "land", 1) in found(count(edited(plain_workbook(), utc)))


def test_a_sector_that_looks_like_a_known_one_is_named_with_the_difference() -> None:
    message = refusal("Mã hồ sơ,Lĩnh vực,Ngày trả\n1,Ðất đai,05/10/2026\n".encode())
    assert (
        "sector 'Ðất đai' is not known, though it looks like 'đất đai' (ð U+00F0 is not" in message
    )


def test_an_unknown_value_is_told_whole() -> None:
    long = "Giải quyết thủ tục hành chính thuộc lĩnh vực tài nguyên, môi trường và biến đổi khí hậu"
    message = refusal(f'Mã hồ sơ,Lĩnh vực,Ngày trả\n1,"{long}",05/10/2026\n'.encode())
    assert f"sector '{long}' is not known" in message


def test_a_shipped_guess_never_goes_before_a_name_of_the_offices_own() -> None:
    places = parse_places(
        """
        office = [{id = "a", name = {vi = "A", en = "A"}}]
        sector = [
          {id = "health", name = {vi = "Y tế", en = "Health"}},
          {id = "education-culture", name = {vi = "Giáo dục", en = "Education"}},
        ]
        """,
        "p.toml",
    )
    content = "Mã hồ sơ,Lĩnh vực,Ngày trả\n1,Y TẾ,05/10/2026\n".encode()
    question = CountRequest(places, shipped_columns(), TODAY)
    assert [each.sector for each in count_file(content, "x", question).counts] == ["health"]


def test_a_name_of_two_sectors_names_none() -> None:
    """Such places are no longer loaded; a database may hold them from before."""
    named = [Sector(id=id_, name=Text(vi=vi, en=id_)) for id_, vi in TWINS]
    places = shipped_places().model_copy(update={"sector": tuple(named), "procedure": ()})
    content = "Mã hồ sơ,Lĩnh vực,Ngày trả\n1,Tư pháp,05/10/2026\n".encode()
    with pytest.raises(DossiersError, match="is not known for sure: it names 'x' and 'y'"):
        count_file(content, "x", CountRequest(places, shipped_columns(), TODAY))


TWINS = [("x", "Tư pháp"), ("y", "Tư PHÁP")]


@pytest.mark.parametrize("other", ["Tư PHÁP", "Tư phap\u0301", "Tư\u00a0pháp", "Tư рháp"])
def test_places_with_names_that_look_the_same_are_not_loaded(other: str) -> None:
    text = (
        'office = [{id = "a", name = {vi = "A", en = "A"}}]\nsector = ['
        '{id = "x", name = {vi = "Tư pháp", en = "X"}},'
        f'{{id = "y", name = {{vi = "{other}", en = "Y"}}}}]'
    )
    with pytest.raises(
        PlacesError, match=r"sector names 'Tư pháp' \(x\) and .* look the same"
    ) as refused:
        parse_places(text, "p.toml")
    told_in_both(refused.value)


def test_one_word_of_a_columns_file_for_two_sectors_is_refused() -> None:
    text = (
        '[columns]\ncode="a"\nsector="b"\nreturned="c"\n[sectors]\n"Tư pháp"="x"\n"TƯ  PHÁP"="y"\n'
    )
    with pytest.raises(DossiersError, match="the same word as 'Tư pháp'; keep one"):
        parse_columns(text, "own.toml")


def test_real_dates_beside_texts_are_asked_about() -> None:
    content = workbook(
        HEAD,
        ["A-1", "Đất đai", "01/10/2026", date(2026, 5, 10)],
        ["A-2", "Đất đai", "01/10/2026", "31/10/2026"],
    )
    with pytest.raises(DossiersError, match="before it was received"):
        count(content)
    one_day = workbook(HEAD, ["A-1", "Đất đai", None, DAY], ["A-2", "Đất đai", None, "31/10/2026"])
    (doubt,) = count(one_day).doubts
    assert doubt.startswith("column returned holds 1 real dates and 1 texts")


def test_days_and_months_that_look_exchanged_are_asked_about() -> None:
    rows = [[f"A-{n}", "Đất đai", None, date(2026, n % 8 + 1, 10)] for n in range(40)]
    assert any(
        "day and month may have been exchanged" in d for d in count(workbook(HEAD, *rows)).doubts
    )


def test_one_day_for_everything_is_asked_about() -> None:
    rows = [[f"A-{n}", "Đất đai", None, DAY] for n in range(30)]
    assert any("it may be the day of the export" in d for d in count(workbook(HEAD, *rows)).doubts)


@pytest.mark.parametrize("written", ["60.0", "60"])
def test_a_count_of_another_program_may_end_with_point_zero(written: str) -> None:
    text = f"period,office,sector,completed,on_time\n2026-10,trieu-son,land,{written},\n"
    assert count(text.encode()).counts[0].completed == 60


@pytest.mark.parametrize("written", ["99999999999", "9" * 5000, "2147483648"])
def test_a_count_that_the_database_cannot_hold_is_refused(written: str) -> None:
    message = refusal(
        f"period,office,sector,completed\n2026-10,trieu-son,land,{written}\n".encode()
    )
    assert "is too large; no month has more than 2,147,483,647" in message
