"""Every format says the figures of one verdict document, byte for byte the same each time."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from docx import Document

from analysis.reporting.teller import Teller
from analysis.statistics.sample_size import yamane
from survey.reports.charts import chart_width, text_width
from survey.reports.formats import FORMATS, write_report
from survey.reports.parts import Items, Paragraph
from survey.reports.sheet import _breaks

KNOWN = (  # numbers that are names: of decisions, publications and formulas
    *("1159/BNV-CCHC", "năm 2014", "0,05²", "N/(1 + N"),
    *("(1991)", "(1998)", "(1934)", "Anastario 2010", "J. 2005"),
    *("01/2018", "61/2018", "118/2025", "03/2025", "Điều 13", "Điều 15"),
)


def docx_text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    lines = [p.text for p in document.paragraphs]
    for table in document.tables:
        lines += [cell.text for row in table.rows for cell in row.cells]
    lines += [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    return "\n".join(lines)


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    # A hyphen at the end of a line is told as a mark that is no letter.
    pages = [re.sub(r"\x02\s*", "-", page) for page in pages]
    # The number of a page stands by itself on its first line.
    return "\n".join(re.sub(r"^\s*\d+\r?\n", "", page) for page in pages)


def html_text(content: bytes) -> str:
    page = re.sub(r"(?s)<style>.*?</style>|<meta[^>]*>", " ", content.decode("utf-8"))
    words = " ".join(re.findall(r'alt="([^"]*)"', page))
    page = re.sub(r'(?s)<img[^>]*>|<source[^>]*>|data-head="[^"]*"', " ", page)
    return re.sub(r"<[^>]+>", " ", page) + words


def xlsx_text(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    return "\n".join(cell.value for cell in cells if isinstance(cell.value, str))


TEXT = {"docx": docx_text, "pdf": pdf_text, "html": html_text, "xlsx": xlsx_text}


def plain(text: str) -> str:
    return " ".join(text.replace("&lt;", "<").replace("\N{NO-BREAK SPACE}", " ").split())


def numbers(text: str) -> set[Decimal]:
    """The numbers of a text in Vietnamese: 1.234,5."""
    for name in KNOWN:
        text = text.replace(name, " ")
    found = re.findall(r"\d+(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?", text)
    return {Decimal(one.replace(".", "").replace(",", ".")) for one in found}


def roundings(value: float) -> set[Decimal]:
    """A fraction as a percentage, rounded in any way to whole, tenths or hundredths."""
    found = set()
    for scale in (1, 10, 100):
        exact = 100 * scale * value
        steps = (round(exact), math.floor(exact + 1e-9), math.ceil(exact - 1e-9))
        found |= {Decimal(step) / scale for step in steps}
    return found


def of_document(report) -> set[Decimal]:
    """Every number that the verdict document allows, rounded in any way; from its JSON alone."""
    found = json.loads(json.dumps(report.document.as_json()))
    allowed = {Decimal(n) for n in (5, 95, 10, 100, 2025, 2030, 20)}
    allowed |= {Decimal(n) for n in re.findall(r"\d+", found["period"]["text"])}
    allowed |= {Decimal(9)}  # the month before
    for row in found["estimates"]:
        counts = [row[name] for name in ("n", "respondents", "received", "population")]
        allowed |= {Decimal(n) for n in counts if n is not None}
        if row["population"]:
            allowed |= {Decimal(row["population"] - row["respondents"])}
            need = yamane(row["population"])
            allowed |= {Decimal(need), Decimal(max(0, need - row["n"]))}
        shares = ("share", "low", "high", "silent_low", "silent_high", "response_rate")
        for share in (row[name] for name in shares):
            allowed |= set() if share is None else roundings(share)
        if row["step"]:
            allowed |= roundings(row["share"] + row["step"])
        for mean in (row[name] for name in ("mean", "mean_low", "mean_high")):
            allowed |= set() if mean is None else roundings(mean / 100)
    for row in found["verdicts"]:
        allowed |= {Decimal(row["deadline"])} | roundings(row["threshold"])
        for share in (row["lower"], row["upper"], row["q"]):
            allowed |= set() if share is None else roundings(share)
    allowed |= of_census(found["census"]) | of_indicators(found["indicators"])
    # how many sectors of a target: "3 lĩnh vực: … 1 đạt và 0 chưa đạt"
    return allowed | {Decimal(n) for n in range(4)}


def of_census(found: dict) -> set[Decimal]:
    """The counts of all dossiers, the shares of these counts, and the targets."""
    allowed = {Decimal(n) for row in found["rows"] for n in row.values() if isinstance(n, int)}
    for row in found["rows"]:
        for part, known in (("on_time", "due_known"), ("online", "filing_known")):
            allowed |= roundings(row[part] / row[known]) | {Decimal(row["completed"] - row[known])}
        allowed |= roundings(abs(row["days_allowed"] - row["days_taken"]) / row["days_allowed"])
    for verdict in found["verdicts"]:
        allowed |= roundings(verdict["threshold"]) | {Decimal(verdict["deadline"])}
    return allowed


def of_indicators(found: dict) -> set[Decimal]:
    """Files by their points, scores and their sum, and which of the nine there are."""
    allowed = {Decimal(n) for n in range(1, 10)}
    for row in (*found["rows"], *found["totals"]):
        allowed |= {Decimal(str(n)) for n in row.values() if isinstance(n, int | float)}
    return allowed


@pytest.mark.parametrize("form", TEXT)
def test_every_number_is_one_of_the_verdict_document(written, report, form):
    text = plain(TEXT[form](written[form]))
    assert len(numbers(text)) > 40
    strange = numbers(text) - of_document(report)
    assert not strange, sorted(strange)


@pytest.mark.parametrize("form", TEXT)
def test_a_number_that_is_not_in_the_document_would_be_found(report, form):
    wrong = replace(report, body=(*report.body, Paragraph("Tỷ lệ 73,91%.")))
    strange = numbers(plain(TEXT[form](write_report(wrong, form)))) - of_document(report)
    assert Decimal("73.91") in strange


@pytest.mark.parametrize("form", ["docx", "pdf", "html"])
def test_every_published_share_stands_with_its_interval_and_its_answers(written, report, form):
    text = plain(TEXT[form](written[form]))
    told = 0
    for row in json.loads(written["json"])["verdicts"]["estimates"]:
        if (row["measure"], row["channel"]) != ("overall", "all"):
            continue
        counts = f"{row['n']}/{row['population']}" if row["population"] else f"{row['n']} phiếu"
        assert counts in text, row
        if row["share"] is None:
            continue
        told += 1
        scale = 10 if row["respondents"] >= 30 else 1
        low = math.floor(100 * scale * row["low"] + 1e-9) / scale
        high = math.ceil(100 * scale * row["high"] - 1e-9) / scale
        decimals = 1 if scale == 10 else 0
        interval = f"{low:.{decimals}f}% – {high:.{decimals}f}%".replace(".", ",")
        assert interval in text, row
    assert told >= 8


@pytest.mark.parametrize("form", TEXT)
def test_the_census_stands_in_a_section_of_its_own_with_its_figures(written, form):
    text = plain(TEXT[form](written[form]))
    (row,) = (
        row
        for row in json.loads(written["json"])["verdicts"]["census"]["rows"]
        if (row["office"], row["sector"]) == ("all", "all")
    )
    assert "số liệu hành chính đi kèm (không phải kết quả khảo sát)" in text.lower()
    assert f"Đếm toàn bộ hồ sơ, không phải khảo sát: {row['completed']} hồ sơ" in text
    assert f"{row['on_time']} trên {row['due_known']} hồ sơ rõ hạn trả" in text
    assert f"{row['online']} trên {row['filing_known']} hồ sơ rõ cách nộp" in text
    if form != "xlsx":
        assert f"{row['on_time']}/{row['due_known']} (" in text
        return
    book = openpyxl.load_workbook(io.BytesIO(written[form]))
    last = [cell.value for cell in book["Toàn bộ hồ sơ, theo lĩnh vực"][4 + 10]]
    assert last[:4] == ["Tất cả lĩnh vực", row["completed"], row["due_known"], row["on_time"]]
    assert last[4] == pytest.approx(row["on_time"] / row["due_known"])


@pytest.mark.parametrize("form", TEXT)
def test_the_nine_indicators_stand_in_a_section_of_their_own_with_their_figures(written, form):
    text = plain(TEXT[form](written[form]))
    found = json.loads(written["json"])["verdicts"]["indicators"]
    (total,) = (row for row in found["totals"] if row["office"] == "all")
    rows = [row for row in found["rows"] if row["office"] == "all"]
    assert (total["assessed"], total["most"], total["word"]) == (8, 16, "period")
    assert "chín chỉ số tại bộ phận một cửa (không phải kết quả khảo sát)" in text.lower()
    told = f"{total['total']:.1f}".replace(".", ",")
    assert f"Tổng điểm: {told} trên 16 (8 trên 9 chỉ số đã được đánh giá)." in text
    assert "Chưa đánh giá: chỉ số 8." in text
    assert "chưa xác minh được chín chỉ số còn áp dụng hay không" in text
    if form != "xlsx":
        for row in rows:
            score = f"{row['score']:.1f}".replace(".", ",")
            files = f"{row['two_points']:,} {row['one_point']} {row['no_points']} {score}"
            assert files.replace(",", ".", 1) in text
        return
    book = openpyxl.load_workbook(io.BytesIO(written[form]))
    sheet = book["Chín chỉ số tại Bộ phận Một cửa"]
    cells = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4, max_row=12)]
    keys = ("two_points", "one_point", "no_points", "score")
    assert [line[1:] for line in cells[:8]] == [[row[key] for key in keys] for row in rows]
    assert cells[8] == ["Tổng", "–", "–", "–", total["total"]]


def lines(part) -> tuple[str, ...]:
    """What a part of the body says."""
    return part.lines if isinstance(part, Items) else (part.text,)


@pytest.mark.parametrize("form", TEXT)
def test_everything_that_the_body_says_is_in_every_format(written, report, form):
    text = plain(TEXT[form](written[form])).casefold()
    for part in report.body:
        appended = isinstance(part, Paragraph) and part.appended
        for line in lines(part):
            # A workbook has sheets in the place of appendices, and does not speak of them.
            assert (plain(line).casefold() in text) != (appended and form == "xlsx"), line


@pytest.mark.parametrize("form", FORMATS)
def test_equal_reports_are_equal_bytes(written, report, form):
    assert write_report(report, form) == written[form]


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_office_files_know_no_clock(written, form):
    with zipfile.ZipFile(io.BytesIO(written[form])) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        core = archive.read("docProps/core.xml").decode()
    stamps = re.findall(r"20\d\d-\d\d-\d\dT", core)
    assert stamps
    assert set(stamps) == {"2026-10-31T"}


def test_the_workbook_holds_the_document_s_own_numbers(written, report):
    book = openpyxl.load_workbook(io.BytesIO(written["xlsx"]))
    sheet = book["Hài lòng chung"]
    heads = {cell.value: cell.column - 1 for cell in sheet[3]}
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=4) if row[0].value}
    known = {
        report.names[row.sector]: row
        for row in report.document.estimates
        if (row.measure, row.channel) == ("overall", "all") and row.sector in report.names
    }
    assert len(known) >= 9
    for name, row in known.items():
        cells = rows[name]
        assert cells[heads["Số người trả lời"]].value == row.respondents
        assert cells[heads["Số hồ sơ"]].value == row.population
        low = cells[heads["Cận dưới"]]
        assert (low.value if row.low is not None else None) == row.low
        assert row.low is None or low.number_format == "0.0%"
        assert (cells[heads["Cận trên"]].value if row.high is not None else None) == row.high
    assert sheet.freeze_panes == "B4"
    assert sheet.print_area
    assert sheet.print_title_rows == "$3:$3"
    (chart,) = sheet._charts
    assert len(chart.series) == 2


def test_no_cell_is_a_formula_whatever_a_name_says(report):
    names = {**report.names, "land": "=1+1", "environment": "http://x"}
    content = write_report(replace(report, names=names), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=1+1" for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f" and cell.value != "=1+1"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if "worksheets/sheet" in n]
    assert not any("<f>" in sheet or "<hyperlink " in sheet for sheet in sheets)


def test_the_pdf_is_for_archives_and_for_readers_aloud(written, report):
    content = written["pdf"]
    for claim in (
        b"<pdfaid:part>2</pdfaid:part>",
        b"<pdfaid:conformance>A</pdfaid:conformance>",
        b"<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert claim in content
    assert b"/Lang (vi" in content or b"/Lang(vi" in content
    assert b"/MarkInfo" in content
    document = pypdfium2.PdfDocument(content)
    assert document.get_metadata_dict()["Title"] == report.title
    assert "20261031" in document.get_metadata_dict()["CreationDate"]
    assert len(document) >= 5
    raw = pypdfium2.raw
    kinds = set()
    words = []
    for page in document:
        tree = raw.FPDF_StructTree_GetForPage(page.raw)
        walk(
            raw,
            [
                raw.FPDF_StructTree_GetChildAtIndex(tree, i)
                for i in range(raw.FPDF_StructTree_CountChildren(tree))
            ],
            kinds,
            words,
        )
        raw.FPDF_StructTree_Close(tree)
    assert {"H1", "H2", "P", "L", "LI", "Table", "TR", "TH", "TD", "Figure"} <= kinds
    assert any("Đất đai" in said for said in words)


def walk(raw, elements, kinds, words):
    import ctypes

    def text(read, element):
        size = read(element, None, 0)
        buffer = ctypes.create_string_buffer(size)
        read(element, buffer, size)
        return buffer.raw[: max(0, size - 2)].decode("utf-16-le")

    for element in filter(None, elements):
        kinds.add(text(raw.FPDF_StructElement_GetType, element))
        alt = text(raw.FPDF_StructElement_GetAltText, element)
        words += [alt] if alt else []
        count = max(0, raw.FPDF_StructElement_CountChildren(element))
        children = [raw.FPDF_StructElement_GetChildAtIndex(element, i) for i in range(count)]
        walk(raw, children, kinds, words)


def test_pages_of_the_pdf_have_their_numbers_and_appendices_begin_anew(written):
    document = pypdfium2.PdfDocument(written["pdf"])
    texts = [page.get_textpage().get_text_bounded() for page in document]
    starts = [n for n, text in enumerate(texts) if n == 0 or text.lstrip().startswith("Phụ lục")]
    assert len(starts) == 6
    for place, text in enumerate(texts):
        number = place - max(start for start in starts if start <= place) + 1
        first = text.lstrip().splitlines()[0].strip()
        assert (first == str(number)) == (number > 1), (place, first)
    for page in document:
        image = page.render(scale=0.3, grayscale=True).to_pil()
        dark = sum(image.histogram()[:200])
        assert dark > 50  # something is printed on every page


def test_no_page_is_left_half_empty_before_something_that_does_not_fit(written):
    """But for the last of the body and of each appendix, which end where they end."""
    document = pypdfium2.PdfDocument(written["pdf"])
    texts = [page.get_textpage().get_text_bounded().lstrip() for page in document]
    begins = [text.startswith("Phụ lục") for text in texts] + [True]
    filled = []
    for page, ends in zip(document, begins[1:], strict=True):
        if ends:
            continue
        ink = page.render(scale=0.5, grayscale=True).to_pil().point(lambda v: 255 * (v < 200))
        filled.append(ink.getbbox()[3] / ink.height)
    assert len(filled) >= 5
    assert min(filled) > 0.75, filled


@pytest.mark.parametrize(("high", "width"), [(1000, 160.0), (1188, 159.9), (1900, 100.0)])
def test_a_chart_of_many_sectors_still_stands_on_one_page(high, width):
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1000).to_bytes(4) + high.to_bytes(4)
    assert chart_width(png) == pytest.approx(width, abs=0.1)


def test_the_page_needs_nothing_else(written):
    page = written["html"].decode("utf-8")
    assert not re.findall(r'(?:src|href|srcset)="(?!data:)', page)
    assert '<html lang="vi">' in page
    assert "<script" not in page


def test_json_is_the_verdict_document(written, report):
    found = json.loads(written["json"])
    assert found["format"] == "hailong.report/1"
    assert found["verdicts"] == json.loads(json.dumps(report.document.as_json()))
    assert found["verdicts"]["view"] == "published"


def test_every_sheet_is_printed_whole(written):
    book = openpyxl.load_workbook(io.BytesIO(written["xlsx"]))
    for sheet in book:
        assert sheet.print_area
        if sheet is not book.worksheets[0]:  # which is as wide as a page, and breaks by itself
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
        for row in sheet.iter_rows():
            high = sheet.row_dimensions[row[0].row].height or 15
            for cell in row:
                if not isinstance(cell.value, str) or not cell.value:
                    continue
                if sheet.freeze_panes and cell.coordinate == "A1":
                    continue  # the title of a table reaches over its columns
                assert cell.alignment.wrap_text, (sheet.title, cell.coordinate)
                wide = across(sheet, cell) * 5.25
                size = cell.font.size
                lines = math.ceil(text_width(cell.value, size, bold=bool(cell.font.bold)) / wide)
                assert high >= 0.99 * lines * 15 * size / 11, (sheet.title, cell.coordinate)


def test_no_heading_ends_a_printed_page_of_the_text(written):
    sheet = openpyxl.load_workbook(io.BytesIO(written["xlsx"])).worksheets[0]
    breaks = [one.id for one in sheet.row_breaks.brk]
    assert breaks
    assert not any(sheet.cell(row, 1).font.bold for row in breaks)
    ends = [0, *breaks, sheet.max_row]
    for first, last in pairwise(ends):
        high = sum(sheet.row_dimensions[row].height or 15 for row in range(first + 1, last + 1))
        assert high <= 755  # points between the margins of an upright A4 page
    assert sheet.column_dimensions["A"].width * 7 + 5 <= 523 * 96 / 72  # and between its sides


@pytest.mark.parametrize(
    ("heights", "heading", "begins"),
    [
        ([300, 300, 300], [False, False, False], [2]),
        ([300, 300, 20, 300], [False, False, True, False], [2]),
        ([300, 380, 20, 20, 300], [False, False, True, True, False], [2]),
        ([700, 700, 700], [True, False, False], [1, 2]),
        ([300], [True], []),
    ],
)
def test_a_page_of_the_text_begins_with_the_heading_that_would_end_the_one_before(
    heights, heading, begins
):
    assert list(_breaks(heights, heading)) == begins


def across(sheet, cell) -> float:
    """The width of a cell in letters; of a merged one, that of all its columns."""
    merged = next((r for r in sheet.merged_cells.ranges if cell.coordinate in r), None)
    columns = range(merged.min_col, merged.max_col + 1) if merged else (cell.column,)
    letters = (openpyxl.utils.get_column_letter(column) for column in columns)
    return sum(sheet.column_dimensions[letter].width for letter in letters)


def test_every_native_chart_tells_the_intervals_of_its_own_sheet(written, report):
    with zipfile.ZipFile(io.BytesIO(written["xlsx"])) as archive:
        drawings = sorted(n for n in archive.namelist() if re.fullmatch(r"xl/drawings/d.*xml", n))
        told = [re.findall(r'descr="([^"]*)"', archive.read(n).decode()) for n in drawings]
        charts = [archive.read(n).decode() for n in archive.namelist() if "/charts/chart" in n]
    words = [one for found in told for one in found]
    assert len(words) == len(charts) == 2
    tell = Teller.of(report.document, report.names, None, report.lang)
    for measure, said in zip(("overall", "index"), words, strict=True):
        row = report.document.pick(sector="all", measure=measure)
        assert f"Tất cả lĩnh vực: {tell.limits(row)}" in said
    assert not any("<c:legend>" in chart for chart in charts)


@pytest.mark.slow
def test_other_processes_clocks_and_hash_seeds_make_the_same_bytes(written, reporting):
    script = (
        "import sys, hashlib; from tests.survey.reports.conftest import *\n"
        "config = load_config(Path(sys.argv[1]), environ={})\n"
        "made = Office(config, open_engine(config.database_url)).maker().report\n"
        "for form in FORMATS: print(hashlib.sha256(write_report(made, form)).hexdigest())"
    )
    expected = [hashlib.sha256(written[form]).hexdigest() for form in FORMATS]
    for seed, zone in (("1", "America/Los_Angeles"), ("77", "Pacific/Kiritimati")):
        found = subprocess.run(
            [sys.executable, "-c", script, str(reporting.config.data)],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert found.stdout.split() == expected
