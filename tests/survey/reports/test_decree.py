"""The annex of Nghị định 30/2020/NĐ-CP (Phụ lục I), item by item, on the Word file."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pypdfium2
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from survey.reports.body import make_report
from survey.reports.charts import text_width
from survey.reports.letterhead import FORMS, Letterhead, written_day
from survey.reports.word import word

CENTRE, JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY


@pytest.fixture(scope="module")
def document(written):
    return Document(io.BytesIO(written["docx"]))


@pytest.fixture(scope="module")
def head(document):
    """The four places at the top: agency, nation, number, day."""
    table = document.tables[0]
    return [cell for row in table.rows for cell in row.cells]


def styled(document, name):
    return [p for p in document.paragraphs if p.style.name == name]


def run(paragraph):
    """Text, size in points, bold, italic: of the paragraph's first run, or its style."""
    found, style = paragraph.runs[0], paragraph.style
    size = found.font.size or style.font.size or paragraph.part.document.styles["Normal"].font.size
    bold = style.font.bold if found.font.bold is None else found.font.bold
    return paragraph.text, size.pt, bool(bold), bool(found.font.italic)


def rules(place):
    """Drawn lines, each as the width of its paragraph's indents."""
    return [p for p in place.paragraphs if p._p.pPr.find(qn("w:pBdr")) is not None]


def test_i_1_to_4_paper_margins_and_letters(document):
    for section in document.sections:
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        assert 20 <= round(section.top_margin.mm, 1) <= 25
        assert 20 <= round(section.bottom_margin.mm, 1) <= 25
        assert 30 <= round(section.left_margin.mm, 1) <= 35
        assert 15 <= round(section.right_margin.mm, 1) <= 20
    for style in ("Normal", "Body Text", "List Bullet", "Title", "Subtitle", "Heading 1"):
        found = document.styles[style].element.rPr.rFonts
        letters = {found.get(qn(f"w:{name}")) for name in ("ascii", "hAnsi", "cs", "eastAsia")}
        assert letters == {"Times New Roman"}, style
        assert (
            document.styles[style].font.color.rgb is None
            or str(document.styles[style].font.color.rgb) == "000000"
        )


def test_i_4_every_letter_is_composed_black_and_of_the_one_font(written, document):
    """TCVN 6909:2001 has Vietnamese letters composed; no run of the text has a look of its own."""
    with zipfile.ZipFile(io.BytesIO(written["docx"])) as archive:
        text = archive.read("word/document.xml").decode("utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert "<w:rFonts" not in text
    assert "<w:color" not in text
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    used = [*document.paragraphs, *(p for cell in cells for p in cell.paragraphs)]
    for name in {p.style.name for p in used}:
        style = document.styles[name]
        chain = [style, *((style.base_style,) if style.base_style else ())]
        assert {one.font.name for one in chain} == {"Times New Roman"}, name
        assert style.font.size.pt >= 11


def test_i_6_what_stands_where_on_the_first_page(document, head):
    """The places of the diagram: left 1-3, right 4, then title, addressees and body beneath."""
    widths = [cell.width.mm for cell in head[:2]]
    assert [round(width) for width in widths] == [70, 90]
    body = list(document.element.body)
    texts = ("BÁO CÁO", "Kết quả đo lường", "Kính gửi:", "Ủy ban nhân dân xã", "I. ")
    order = [
        body.index(document.tables[0]._tbl),
        *(
            next(body.index(p._p) for p in document.paragraphs if p.text.startswith(t))
            for t in texts
        ),
    ]
    signature = next(t for t in document.tables if "Nơi nhận" in t.cell(0, 0).text)
    order.append(body.index(signature._tbl))
    order.append(next(body.index(p._p) for p in styled(document, "Appendix")))
    assert order == sorted(order)
    left, right = signature.rows[0].cells
    assert "Nơi nhận" in left.text
    assert "CHỦ TỊCH" in right.text


def test_i_7_page_numbers_from_the_second_page_in_the_middle_of_the_top_margin(document):
    first = document.sections[0]
    assert first.different_first_page_header_footer
    assert not "".join(p.text for p in first.first_page_header.paragraphs)
    (number,) = first.header.paragraphs
    assert number.alignment == CENTRE
    assert "PAGE" in number._p.xml
    assert 13 <= number.runs[0].font.size.pt <= 14
    assert not number.runs[0].font.bold
    assert not number.runs[0].font.italic
    assert first._sectPr.find(qn("w:pgNumType")) is None  # from 1, in Arabic numerals
    assert first.header_distance < first.top_margin
    assert not "".join(p.text for p in first.footer.paragraphs)


def test_ii_1_national_name_and_motto_with_its_line(head):
    nation, motto = head[1].paragraphs[:2]
    assert run(nation)[0] == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert 12 <= run(nation)[1] <= 13
    assert run(nation)[2:] == (True, False)
    assert run(motto)[0] == "Độc lập - Tự do - Hạnh phúc"
    assert 13 <= run(motto)[1] <= 14
    assert run(motto)[2:] == (True, False)
    assert nation.alignment == motto.alignment == CENTRE
    (rule,) = rules(head[1])
    assert rule._p.pPr.find(qn("w:pBdr"))[0].get(qn("w:val")) == "single"
    form = rule.paragraph_format
    length = 90 - form.left_indent.mm - form.right_indent.mm
    assert length == pytest.approx(text_width(motto.text, 13, bold=True) / 72 * 25.4, abs=0.2)
    assert (nation.paragraph_format.line_spacing or 1.0) == 1.0


def test_ii_2_agency_beneath_the_one_above_with_a_line_of_a_third_to_half(head):
    above, agency = head[0].paragraphs[:2]
    assert run(above)[0] == "ỦY BAN NHÂN DÂN TỈNH\N{NO-BREAK SPACE}QUẢNG\N{NO-BREAK SPACE}TRỊ"
    assert 12 <= run(above)[1] <= 13
    assert not run(above)[2]
    assert run(agency)[0].replace("\N{NO-BREAK SPACE}", " ") == "ỦY BAN NHÂN DÂN XÃ TRIỆU SƠN"
    assert run(agency)[2]
    (rule,) = rules(head[0])
    form = rule.paragraph_format
    length = 70 - form.left_indent.mm - form.right_indent.mm
    assert 69.3 / 3 <= length <= 69.3 / 2  # the name is 69.3 mm long


def test_ii_3_number_left_free_and_symbol(head):
    text, size, bold, italic = run(head[2].paragraphs[0])
    assert re.fullmatch(r"Số: +/BC-UBND", text)
    assert (size, bold, italic) == (13, False, False)
    assert head[2].paragraphs[0].alignment == CENTRE


def test_ii_4_place_and_day_left_free_or_with_leading_zeros(head, maker):
    text, size, bold, italic = run(head[3].paragraphs[0])
    assert re.fullmatch(r"Triệu Sơn, ngày +tháng +năm 20…", text)
    assert 13 <= size <= 14
    assert (bold, italic) == (False, True)
    signed = make_report(maker.material, replace(maker.wanted, day=date(2026, 2, 5)))
    assert signed.frame.day == "Triệu Sơn, ngày 05 tháng 02 năm 2026"
    assert written_day(date(2026, 3, 12)) == ("12", "3", "2026")
    assert written_day(date(2026, 1, 9)) == ("09", "01", "2026")


def test_ii_5_kind_and_subject_with_a_line(document):
    (kind,), (subject,) = styled(document, "Title"), styled(document, "Subtitle")
    assert run(kind) == ("BÁO CÁO", 14, True, False)
    assert run(subject)[1:] == (14, True, False)
    assert subject.text.endswith("tháng\N{NO-BREAK SPACE}10/2026")
    assert kind.style.paragraph_format.alignment == CENTRE
    assert subject.style.paragraph_format.alignment == CENTRE
    (rule,) = rules(document)
    form = rule.paragraph_format
    length = 160 - form.left_indent.mm - form.right_indent.mm
    long = min(160.0, text_width(subject.text, 14, bold=True) / 72 * 25.4)
    assert long / 3 <= length <= long / 2


def test_ii_6_body_justified_with_first_lines_and_spaces(document):
    for name in ("Body Text", "List Bullet"):
        style, form = document.styles[name], document.styles[name].paragraph_format
        assert style.font.size.pt == 14
        assert form.alignment == JUSTIFY
        assert round(form.first_line_indent.mm, 1) in (10.0, 12.7)
        assert form.space_after.pt >= 6
        assert 1 <= form.line_spacing <= 1.5
    assert len(styled(document, "Body Text")) > 10
    headings = styled(document, "Heading 1")
    romans = [p.text.split(".")[0] for p in headings]
    assert romans == ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"]
    assert all(p.text == p.text.upper() for p in headings)
    assert document.styles["Heading 1"].font.bold
    assert 13 <= document.styles["Heading 1"].font.size.pt <= 14
    assert 13 <= document.styles["Heading 2"].font.size.pt <= 14


def test_ii_7_signature_forms_in_bold_capitals_with_room_above_the_name(document):
    signer = document.tables[-1] if len(document.tables[-1].columns) == 2 else None
    signer = next(t for t in document.tables if "Nơi nhận" in t.cell(0, 0).text)
    lines = signer.cell(0, 1).paragraphs
    assert [p.text for p in lines] == [
        "TM. ỦY BAN NHÂN DÂN",
        "KT. CHỦ TỊCH",
        "PHÓ CHỦ TỊCH",
        "Nguyễn Văn An",
    ]
    assert all(13 <= run(p)[1] <= 14 and run(p)[2] and p.alignment == CENTRE for p in lines)
    assert lines[2].paragraph_format.space_after.mm >= 30  # signature and seal
    assert "cantSplit" in signer.rows[0]._tr.xml


def test_ii_7b_every_authority_stands_before_what_it_is_for():
    of = {form: Letterhead(form=form, position="Phó Chủ tịch").authority for form in FORMS}
    assert of == {
        "own": ("PHÓ CHỦ TỊCH",),
        "TM": ("TM. ỦY BAN NHÂN DÂN", "PHÓ CHỦ TỊCH"),
        "TM_KT": ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        "Q": ("Q. PHÓ CHỦ TỊCH",),
        "KT": ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        "TL": ("TL. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        "TUQ": ("TUQ. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    }


def test_ii_9a_addressees_each_on_a_line_beneath_the_colon(document, maker):
    first = next(p for p in document.paragraphs if p.text.startswith("Kính gửi:"))
    second = document.paragraphs[[p._p for p in document.paragraphs].index(first._p) + 1]
    assert first.text == "Kính gửi:\t- Ủy ban nhân dân tỉnh Quảng Trị;"
    assert second.text == "- Sở Nội vụ tỉnh Quảng Trị."
    assert first.paragraph_format.left_indent == second.paragraph_format.left_indent
    assert run(first)[1:] == run(second)[1:] == (14, False, False)
    alone = replace(maker.wanted.letterhead, to=("Sở Nội vụ",))
    one = Document(
        io.BytesIO(
            word(
                replace(
                    maker.report,
                    letterhead=alone,
                    frame=replace(maker.report.frame, to=("Sở Nội vụ",)),
                )
            )
        )
    )
    assert any(p.text == "Kính gửi: Sở Nội vụ" for p in one.paragraphs)


def test_ii_9b_recipients_from_as_above_to_kept(document):
    cell = next(t for t in document.tables if "Nơi nhận" in t.cell(0, 0).text).cell(0, 0)
    first, *rest = cell.paragraphs
    assert run(first) == ("Nơi nhận:", 12, True, True)
    assert [run(p)[:2] for p in rest] == [
        ("- Như trên;", 11),
        ("- Thường trực Đảng ủy xã;", 11),
        ("- Lưu: VT, VP.", 11),
    ]


def test_iii_1_appendices_are_told_of_numbered_and_have_pages_of_their_own(document):
    text = "\n".join(p.text for p in document.paragraphs)
    every = [f"Phụ lục {number}" for number in ("I", "II", "III", "IV", "V")]
    assert "Số liệu chi tiết kèm theo: Phụ lục I, II, III, IV và V." in text
    labels = styled(document, "Appendix")
    assert [p.text for p in labels] == every
    assert all(run(p)[1:] == (14, True, False) for p in labels)
    assert document.styles["Appendix"].base_style.name == "Heading 1"
    paragraphs = [p._p for p in document.paragraphs]
    for label in labels:
        title, belongs = (document.paragraphs[paragraphs.index(label._p) + step] for step in (1, 2))
        assert title.text == title.text.upper()
        assert run(title)[2]
        assert belongs.text.startswith("(Kèm theo Báo cáo số")
        assert (run(belongs)[1], run(belongs)[3]) == (14, True)  # as large as the body
        assert re.search(r"số +/BC-UBND ngày +tháng +năm 20… của Ủy ban", belongs.text)
        assert title.alignment == belongs.alignment == CENTRE
    starts = [s._sectPr.find(qn("w:pgNumType")) for s in document.sections]
    assert starts[0] is None
    assert [one.get(qn("w:start")) for one in starts[1:]] == ["1"] * 5
    assert all(s.different_first_page_header_footer for s in document.sections)


def test_iii_1d_the_corners_of_the_first_page_are_free(document):
    for place in (document.sections[0].first_page_header, document.sections[0].first_page_footer):
        assert not "".join(p.text for p in place.paragraphs)
        assert not place.tables


def test_tables_repeat_their_heads_and_name_themselves_and_pictures_have_words(document, report):
    figures = [t for t in document.tables if t.style.name == "Table Grid"]
    assert len(figures) >= 6
    for table in figures:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert all("cantSplit" in row._tr.xml for row in table.rows)
    (picture,) = document.inline_shapes
    words = picture._inline.docPr.get("descr")
    assert words
    assert "Đất đai" in words
    assert picture.width.mm <= 160
    spoken = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert spoken.get(qn("w:val")) == "vi-VN"
    assert document.core_properties.title == report.title


def test_notes_stay_with_what_they_are_about_and_lists_with_what_leads_to_them(document, report):
    elements = [one for one in document.element.body if one.tag in (qn("w:p"), qn("w:tbl"))]
    styles = {document.styles[name].style_id: name for name in ("Note", "List Bullet", "Body Text")}

    def named(element):
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return None if style is None else styles.get(style.get(qn("w:val")))

    notes = leads = 0
    for before, one in pairwise(elements):
        kept = before.findall(f".//{qn('w:keepNext')}")
        if named(one) == "Note":
            notes += 1
            if before.tag == qn("w:tbl"):
                last = before.findall(qn("w:tr"))[-1]
                kept = last.findall(f".//{qn('w:keepNext')}")
            assert kept or named(before) == "Note"
        elif named(one) == "List Bullet" and named(before) == "Body Text":
            leads += 1
            assert kept
    assert notes >= 6
    assert leads >= 3


ORDER = {
    "tblPr": (
        *("tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize"),
        *("tblStyleColBandSize", "tblW", "jc", "tblCellSpacing", "tblInd", "tblBorders", "shd"),
        *("tblLayout", "tblCellMar", "tblLook", "tblCaption", "tblDescription"),
    ),
    "sectPr": (
        *("headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz"),
        *("pgMar", "paperSrc", "pgBorders", "lnNumType", "pgNumType", "cols", "formProt"),
        *("vAlign", "noEndnote", "titlePg", "textDirection", "bidi", "rtlGutter", "docGrid"),
    ),
    "pPr": (
        *("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl"),
        *("numPr", "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku"),
        *("wordWrap", "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi"),
        *("adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents"),
        *("suppressOverlap", "jc", "textDirection", "textAlignment", "textboxTightWrap"),
        *("outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange"),
    ),
}
"""The order of elements in the schema of Office Open XML (ISO/IEC 29500-1, annex A)."""


@pytest.mark.parametrize("name", ORDER)
def test_elements_stand_in_the_order_of_the_schema_or_word_calls_the_file_damaged(document, name):
    found = list(document.element.iter(qn(f"w:{name}")))
    assert len(found) >= 5
    for one in found:
        names = [child.tag.rpartition("}")[2] for child in one]
        assert names == sorted(names, key=ORDER[name].index)


def test_a_section_ends_in_no_line_that_could_fill_a_page_of_its_own(document):
    ends = [p for p in document.paragraphs if p._p.pPr.find(qn("w:sectPr")) is not None]
    assert len(ends) == 5
    for one in ends:
        assert not one.text
        assert one.paragraph_format.line_spacing.pt == 1
        assert one._p.pPr.find(qn("w:rPr")).find(qn("w:sz")).get(qn("w:val")) == "2"


@pytest.mark.slow
def test_it_opens_in_libreoffice_page_by_page(written, tmp_path):
    """Another program than Word reads it, and shows the same text on as many pages as it should."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed (Debian: libreoffice-writer-nogui)")
    (tmp_path / "r.docx").write_bytes(written["docx"])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    words = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path]
    subprocess.run([*words, tmp_path / "r.docx"], check=True, capture_output=True, timeout=120)
    pages = pypdfium2.PdfDocument(tmp_path / "r.pdf")
    texts = [page.get_textpage().get_text_bounded() for page in pages]
    assert 6 <= len(texts) <= 14
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in texts[0]
    assert texts[1].lstrip().startswith("2")
    assert sum("Nguyễn Văn An" in text for text in texts) == 1
    assert all(re.sub(r"\d", "", text).strip() for text in texts)  # no page with nothing on it
