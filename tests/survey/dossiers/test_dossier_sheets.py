"""One export in the many ways in which offices save files: the counts are the same, or a remedy."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from survey.dossiers import Counted, PopulationCount
from survey.dossiers.cells import date_of, month_of, whole_of
from survey.dossiers.columns import shipped_columns
from survey.dossiers.reading import CountRequest, count_file
from survey.errors import DossiersError
from survey.places import shipped_places
from tests.vietnamese import told_in_both

QUESTION = CountRequest(shipped_places(), shipped_columns(), date(2026, 11, 2))
HEADINGS = ["Mã hồ sơ", "Lĩnh vực", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả"]
EXPECTED = (
    PopulationCount("2026-09", "trieu-son", "civil-status", 1, 0, None, 1, None, 1, 0, 10),
    PopulationCount("2026-10", "trieu-son", "land", 2, 1, None, 2, None, 2, 30, 31),
)
TEXT = (
    "Mã hồ sơ,Lĩnh vực,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả kết quả\r\n"
    "A-1,Đất đai,20/09/2026,05/10/2026,05/10/2026\r\n"
    'A-2,"Đất đai",20/09/2026,05/10/2026,06/10/2026\r\n'
    "A-3,Hộ tịch,20/09/2026,20/09/2026,30/09/2026\r\n"
)


def count(content: bytes) -> Counted:
    return count_file(content, "tep", QUESTION)


def refusal(content: bytes) -> str:
    with pytest.raises(DossiersError) as caught:
        count(content)
    return told_in_both(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_every_usual_dress(encoding: str, delimiter: str) -> None:
    text = TEXT.replace(",", delimiter)
    assert count(text.encode(encoding)).counts == EXPECTED
    assert count(text.replace("\r\n", "\n").encode(encoding)).counts == EXPECTED
    assert count(f"sep={delimiter}\r\n{text}".encode(encoding)).counts == EXPECTED


def test_headings_match_without_capitals_spacing_or_composed_letters() -> None:
    import unicodedata

    head, _, rows = TEXT.partition("\r\n")
    odd = unicodedata.normalize("NFD", head.upper().replace(" ", "  "))
    assert count(f"{odd}\r\n{rows}".encode()).counts == EXPECTED


def test_a_file_in_an_old_vietnamese_encoding_is_refused_with_its_line() -> None:
    message = refusal(TEXT.encode() + "A-4,Đ".encode("cp1258"))
    assert message == "tep, line 5: not UTF-8 text; save the file as 'CSV UTF-8' or as .xlsx"


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_rows() -> None:
    message = refusal(TEXT.replace('"Đất đai"', '"Đất đai').encode())
    assert "after row 2: unexpected end of data" in message
    assert "quotation mark that is not closed" in message


def workbook(*rows: list[Any], formats: str = "dd/mm/yyyy") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, date):
                cell.number_format = formats
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rows(day: Any) -> list[list[Any]]:
    """Return the rows of TEXT, each day written by ``day``."""
    first = date(2026, 9, 20)
    return [
        ["A-1", "Đất đai", day(first), day(date(2026, 10, 5)), day(date(2026, 10, 5))],
        ["A-2", "Đất đai", day(first), day(date(2026, 10, 5)), day(date(2026, 10, 6))],
        ["A-3", "Hộ tịch", day(first), day(first), day(date(2026, 9, 30))],
    ]


@pytest.mark.parametrize(
    "day",
    [
        lambda day: day,
        lambda day: datetime.combine(day, time(23, 59)),
        to_excel,
        lambda day: to_excel(day) + 0.75,
        lambda day: f"{day:%d/%m/%Y}",
        lambda day: f"{day.day}/{day.month}/{day.year}",
        lambda day: f"{day:%Y-%m-%d}T08:30:00+07:00",
        lambda day: f"{day:%H:%M %d/%m/%Y}",
    ],
    ids=["dates", "times", "numbers", "numbers with times", "text", "short", "ISO", "time first"],
)
def test_days_of_a_workbook_are_read_however_they_are_kept(day: Any) -> None:
    assert count(saved(workbook(HEADINGS, *rows(day)))).counts == EXPECTED


def test_a_workbook_that_counts_days_from_1904_is_read_right() -> None:
    book = workbook(HEADINGS, *rows(lambda day: to_excel(day, CALENDAR_MAC_1904)))
    book.epoch = CALENDAR_MAC_1904
    assert count(saved(book)).counts == EXPECTED


def test_numeric_dossier_codes_are_compared_as_what_they_are() -> None:
    twice = [[7, *row[1:]] for row in rows(lambda day: day)]
    assert "rows 2-4: the same dossier code" in refusal(saved(workbook(HEADINGS, *twice)))


def test_a_title_above_and_another_sheet_beside_do_not_disturb() -> None:
    book = workbook(["UBND XÃ TRIỆU SƠN"], [], ["Tháng 10"], HEADINGS, *rows(lambda day: day))
    book.create_sheet("Ghi chú", 0).append(["Lập ngày", "02/11/2026"])
    assert count(saved(book)).counts == EXPECTED


def test_headings_on_two_sheets_are_refused_with_both_names() -> None:
    book = workbook(HEADINGS, *rows(lambda day: day))
    second = book.create_sheet("Tháng 9")
    second.append(HEADINGS)
    message = refusal(saved(book))
    assert "sheet 'Sheet'" in message
    assert "sheet 'Tháng 9': headings on more than one sheet; keep one" in message


def test_a_workbook_with_a_wrong_size_inside_is_read_to_its_end() -> None:
    content = saved(workbook(HEADINGS, *rows(lambda day: day)))
    assert count(edited(content, b'ref="A1:E4"', b'ref="A1"')).counts == EXPECTED


def edited(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return a workbook with other words in its first sheet."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(buffer, "w") as copy:
        for name in book.namelist():
            part = book.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in part
                part = part.replace(old, new)
            copy.writestr(name, part)
    return buffer.getvalue()


def test_a_damaged_workbook_is_refused_with_a_remedy() -> None:
    content = saved(workbook(HEADINGS, *rows(lambda day: day)))
    assert "damaged XLSX file" in refusal(content[: len(content) // 2])
    assert "damaged XLSX file" in refusal(b"PK\x03\x04 no workbook")
    broken = edited(content, b"</row></sheetData>", b"</sheetData>")
    assert "save the file again" in refusal(broken)


def test_an_old_or_locked_excel_file_is_refused_with_a_remedy() -> None:
    message = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    assert message.endswith("save it as .xlsx without a password")


def test_an_empty_workbook_is_called_empty() -> None:
    assert "it is empty" in refusal(saved(openpyxl.Workbook()))


def test_a_population_file_in_a_workbook_may_have_its_months_turned_into_dates() -> None:
    book = workbook(
        ["period", "office", "sector", "completed", "on_time", "online"],
        [date(2026, 10, 1), "trieu-son", "land", 60, 50.0, None],
        formats="mmm-yy",
    )
    assert count(saved(book)).counts == (
        PopulationCount("2026-10", "trieu-son", "land", 60, 50, None),
    )


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "31/02/2026",
        "10/25/2026",
        "5/10/26",
        "2026-10",
        "45962",
        "1/1/1900",
        -5,
        1e300,
        True,
        "#N/A",
    ],
)
def test_what_is_no_day_is_no_day(cell: object) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        date_of(cell)


@pytest.mark.parametrize("cell", ["2026-13", "2026-1", "10/2026", "", 202610, date(2026, 10, 2)])
def test_what_is_no_month_is_no_month(cell: object) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        month_of(cell)


@pytest.mark.parametrize("cell", ["", "1.5", 1.5, "-1", "1 000", "1,000", "٣", True, None, "²"])
def test_what_is_no_whole_number_is_none(cell: object) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        whole_of(cell)


def test_serial_numbers_agree_with_the_spreadsheet_on_every_day_of_a_century() -> None:
    for days in range(0, 36525, 7):
        day = date(2000, 1, 1) + timedelta(days)
        assert date_of(to_excel(day)) == day
