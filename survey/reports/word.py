"""A report as a Word document, laid out by Nghị định 30/2020/NĐ-CP, Phụ lục I.

Owns sizes, margins and places; every word arrives with the report. Headings, lists, tables and
captions are Word's own styles, so that the officer goes on writing in it. The corners of the first
page stay free for the office's digital signature, the place above the signer's name for his.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as WordTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph as WordParagraph

from analysis.reporting.table import Table
from survey.reports.charts import chart_png, chart_width, text_width
from survey.reports.letterhead import capitals
from survey.reports.parts import Appendix, Drawing, Heading, Items, Paragraph, Part, Report
from survey.reports.tables import SIZE, column_widths
from survey.reports.zips import steady

FONT: Final = "Times New Roman"
NATION, MOTTO, BODY, TABLE, NOTE = Pt(12), Pt(13), Pt(14), Pt(SIZE), Pt(12)
AGENCY, NUMBER, DAY, PAGE_NUMBER = Pt(12), Pt(13), Pt(13), Pt(13)
RECEIVED, RECIPIENT = Pt(12), Pt(11)
MARGINS: Final = {"top": Mm(20), "bottom": Mm(20), "left": Mm(30), "right": Mm(20)}
WIDTH: Final = Mm(210 - 30 - 20)
INDENT: Final = Mm(12.7)
_LEFT, _RIGHT = Mm(70), Mm(90)  # of the first lines: agency, nation
_RULE: Final = 0.4  # of the line above it: from 1/3 to 1/2
_CELL_MARGIN: Final = 108  # twentieths of a point, of the style "Table Grid"
_SIGNATURE: Final = Mm(32)  # left free for signature and seal
_NUMBER: Final = re.compile(r"(\d+(?:/\d{4})?/[A-ZĐ]+(?:-[A-ZĐ]+)+)")
_CENTRE, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY


def word(report: Report) -> bytes:
    """The report as DOCX; equal reports give equal bytes."""
    document = Document()
    _properties(document, report)
    _styles(document, report.lang)
    _page(document.sections[0])
    _head(document, report)
    _all(document, report.body, report)
    _signature(document, report)
    for appendix in report.appendices:
        _appendix(document, appendix, report)
    _whole_numbers(document)
    file = io.BytesIO()
    document.save(file)
    return steady(file.getvalue())


def _whole_numbers(document: WordDocument) -> None:
    """Break no line within the number of a decision: its hyphens are Word's own that do not."""
    for text in list(document.element.body.iter(qn("w:t"))):
        found = _NUMBER.split(text.text or "")
        if len(found) == 1:
            continue
        pieces = []
        for place, words in enumerate(found):
            for at, piece in enumerate(words.split("-") if place % 2 else [words]):
                if at:
                    pieces.append(OxmlElement("w:noBreakHyphen"))
                part = OxmlElement("w:t")
                part.text = piece
                part.set(qn("xml:space"), "preserve")
                pieces.append(part)
        for piece in reversed(pieces):
            text.addnext(piece)
        text.getparent().remove(text)


def _properties(document: WordDocument, report: Report) -> None:
    moment = datetime.combine(report.made_on, datetime.min.time(), UTC).replace(tzinfo=None)
    found = document.core_properties
    found.title, found.author = report.title, report.letterhead.agency
    found.subject, found.language = report.frame.subject, report.lang
    found.comments, found.last_modified_by, found.revision = "", report.letterhead.agency, 1
    found.created = found.modified = moment


# --- Styles -----------------------------------------------------------------------------------


def _styles(document: WordDocument, lang: str) -> None:
    styles = document.styles
    for name, size in (("Normal", BODY), ("Body Text", BODY), ("List Bullet", BODY)):
        _style(styles[name], size)
    for name, size in (
        ("Title", BODY),
        ("Subtitle", BODY),
        ("Heading 1", BODY),
        ("Heading 2", BODY),
    ):
        _style(styles[name], size, bold=True)
    _style(styles["Caption"], NOTE, bold=True)
    for name, base, size in (("Note", "Normal", NOTE), ("Cell", "Normal", TABLE)):
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = styles[base]
        _style(made, size)
    appendix = styles.add_style("Appendix", WD_STYLE_TYPE.PARAGRAPH)
    appendix.base_style = styles["Heading 1"]
    _style(appendix, BODY, bold=True)
    _spaces(styles["Normal"], after=0)
    _spaces(styles["Body Text"], after=6, align=_JUSTIFY, first=INDENT, lines=1.15)
    _spaces(styles["List Bullet"], after=6, align=_JUSTIFY, first=INDENT, lines=1.15)
    styles["List Bullet"].paragraph_format.left_indent = Mm(0)
    _spaces(styles["Note"], after=6, align=_JUSTIFY)
    styles["Note"].paragraph_format.keep_together = True
    _spaces(styles["Title"], before=14, after=0, align=_CENTRE)
    _spaces(styles["Subtitle"], after=0, align=_CENTRE)
    _spaces(styles["Heading 1"], before=10, after=6, first=INDENT, keep=True)
    _spaces(styles["Heading 2"], before=8, after=6, first=INDENT, keep=True)
    _spaces(styles["Appendix"], after=0, align=_CENTRE, keep=True)
    styles["Appendix"].paragraph_format.first_line_indent = Mm(0)
    _spaces(styles["Caption"], before=8, after=4, keep=True)
    _dashes(document)
    spoken = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:lang')}")
    spoken.set(qn("w:val"), "vi-VN" if lang == "vi" else "en-GB")


def _style(style: ParagraphStyle, size: Pt, *, bold: bool = False) -> None:
    """Upright black letters of the decree's font, whatever the theme of the template says."""
    font = style.font
    font.name, font.size, font.bold, font.italic = FONT, size, bold, False
    font.color.rgb = RGBColor(0, 0, 0)
    letters = style.element.rPr.rFonts
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        letters.set(qn(f"w:{name}"), FONT)
        letters.attrib.pop(qn(f"w:{name}Theme"), None)
    for name in ("w:pBdr", "w:contextualSpacing"):
        for found in style.element.findall(f".//{qn(name)}"):
            found.getparent().remove(found)
    for found in style.element.rPr.findall(qn("w:spacing")):  # spread letters of the template
        style.element.rPr.remove(found)


def _dashes(document: WordDocument) -> None:
    """Word's own list has the dash of administrative texts, indented as a paragraph is."""
    number = document.styles["List Bullet"].element.pPr.numPr.numId.val
    numbering = document.part.numbering_part.element
    abstract = numbering.num_having_numId(number).abstractNumId.val
    (level,) = numbering.xpath(f"w:abstractNum[@w:abstractNumId='{abstract}']/w:lvl[@w:ilvl='0']")
    level.find(qn("w:lvlText")).set(qn("w:val"), "-")
    for found in (*level.findall(qn("w:rPr")), *level.findall(qn("w:pPr"))):
        level.remove(found)
    end = OxmlElement("w:suff")
    end.set(qn("w:val"), "space")
    level.find(qn("w:lvlText")).addprevious(end)


def _spaces(
    style: ParagraphStyle,
    *,
    before: int = 0,
    after: int = 0,
    align: WD_ALIGN_PARAGRAPH | None = None,
    first: int | None = None,
    lines: float = 1.0,
    keep: bool = False,
) -> None:
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), lines
    form.keep_with_next = keep
    if align is not None:
        form.alignment = align
    if first is not None:
        form.first_line_indent = first


def _page(section: Section) -> None:
    """A4 upright; pages from the second on have their number in the middle of the top margin."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = MARGINS["top"], MARGINS["bottom"]
    section.left_margin, section.right_margin = MARGINS["left"], MARGINS["right"]
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.style = "Normal"
    paragraph.alignment = _CENTRE
    run = paragraph.add_run()
    run.font.size = PAGE_NUMBER
    for kind, text in (("begin", None), (None, "PAGE"), ("separate", None), ("end", None)):
        run._r.append(_field(kind, text))


def _field(kind: str | None, text: str | None) -> Any:
    if kind is not None:
        found = OxmlElement("w:fldChar")
        found.set(qn("w:fldCharType"), kind)
        return found
    found = OxmlElement("w:instrText")
    found.set(qn("xml:space"), "preserve")
    found.text = text
    return found


# --- Head and signature -----------------------------------------------------------------------


def _head(document: WordDocument, report: Report) -> None:
    frame, given = report.frame, report.letterhead
    table = _bare_table(document, (_LEFT, _RIGHT))
    agency, nation = _row(table).cells
    if given.above:
        _line(agency, capitals(given.above), AGENCY)
    name = capitals(given.agency)
    _line(agency, name or " ", AGENCY, bold=True)
    if name:
        _rule(agency, _LEFT.pt, _RULE * min(_width(name, AGENCY), _LEFT.pt))
    _line(nation, frame.nation, NATION, bold=True)
    _line(nation, frame.motto, MOTTO, bold=True)
    _rule(nation, _RIGHT.pt, _width(frame.motto, MOTTO))
    number, day = _row(table).cells
    _line(number, frame.number, NUMBER)
    _line(day, frame.day, DAY, italic=True)
    document.add_paragraph(frame.kind, style="Title")
    document.add_paragraph(frame.subject, style="Subtitle")
    _rule(document, WIDTH.pt, _RULE * min(_width(frame.subject, BODY), WIDTH.pt))
    for warning in report.warnings:
        paragraph = document.add_paragraph(style="Body Text")
        paragraph.add_run(warning).bold = True
    _addressees(document, report)


def _width(text: str, size: Pt) -> float:
    return text_width(text, size.pt, bold=True)


def _addressees(document: WordDocument, report: Report) -> None:
    """One on the line of "Kính gửi", several each with a dash, straight beneath the colon."""
    frame = report.frame
    if not frame.to:
        return
    if len(frame.to) == 1:
        paragraph = document.add_paragraph(f"{frame.to_word} {frame.to[0]}", style="Normal")
        paragraph.alignment = _CENTRE
        paragraph.paragraph_format.space_before = Pt(12)
        paragraph.paragraph_format.space_after = Pt(12)
        return
    indent = Mm(30)
    colon = indent + Pt(text_width(frame.to_word, BODY.pt) - text_width(":", BODY.pt))
    for place, name in enumerate(frame.to):
        end = "." if place == len(frame.to) - 1 else ";"
        text = f"{frame.to_word}\t- {name}{end}" if place == 0 else f"- {name}{end}"
        paragraph = document.add_paragraph(text, style="Normal")
        form = paragraph.paragraph_format
        colon_tab = colon if place else colon + Pt(text_width(": ", BODY.pt))
        form.left_indent = colon + Pt(text_width(": ", BODY.pt))
        form.first_line_indent = indent - form.left_indent if place == 0 else Mm(0)
        form.tab_stops.add_tab_stop(colon_tab, WD_TAB_ALIGNMENT.LEFT)
        form.space_before = Pt(12 if place == 0 else 0)
        form.space_after = Pt(12 if end == "." else 2)


def _signature(document: WordDocument, report: Report) -> None:
    """Never on a page by itself: what was written last comes along."""
    for paragraph in document.paragraphs[-2:]:
        paragraph.paragraph_format.keep_with_next = True
    apart = document.add_paragraph(style="Normal").paragraph_format
    apart.space_after, apart.keep_with_next = Pt(6), True
    table = _bare_table(document, (Mm(76), Mm(84)))
    row = _row(table)
    _together(row)
    recipients, signer = row.cells
    first = _line(recipients, report.frame.received, RECEIVED, bold=True, italic=True)
    first.alignment = WD_ALIGN_PARAGRAPH.LEFT
    for name in report.frame.recipients:
        _line(recipients, name, RECIPIENT).alignment = WD_ALIGN_PARAGRAPH.LEFT
    lines = [_line(signer, line, BODY, bold=True) for line in report.letterhead.authority]
    lines[-1].paragraph_format.space_after = _SIGNATURE
    for line in lines:
        line.paragraph_format.keep_with_next = True
    _line(signer, report.letterhead.signer or " ", BODY, bold=True)


def _row(table: WordTable) -> _Row:
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]  # python-docx's
    return row


def _bare_table(document: WordDocument, widths: Sequence[int]) -> WordTable:
    """A table that only places what stands in it: no lines, fixed columns, text at their edges."""
    table: WordTable = document.add_table(rows=0, cols=len(widths))
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "0")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # Where the schema has it: Word calls a file damaged whose elements are out of order.
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption")
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    return table


def _line(
    cell: _Cell, text: str, size: Pt, *, bold: bool = False, italic: bool = False
) -> WordParagraph:
    """A line in the middle of a cell; the first one takes the paragraph that every cell has."""
    paragraph: WordParagraph = cell.paragraphs[0]
    if paragraph.runs or len(cell.paragraphs) > 1 or paragraph._p.pPr is not None:
        paragraph = cell.add_paragraph()
    paragraph.style, paragraph.alignment = "Normal", _CENTRE
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.italic = size, bold, italic
    return paragraph


def _rule(place: _Cell | WordDocument, whole: float, width: float) -> None:
    """A drawn line of so many points, in the middle of so many."""
    paragraph = place.add_paragraph(style="Normal")
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Pt(max(0.0, (whole - width) / 2))
    form.space_before, form.line_spacing, form.space_after = Pt(3), Pt(3), Pt(6)
    border = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    border.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


# --- Parts ------------------------------------------------------------------------------------


def _write(document: WordDocument, part: Part, report: Report) -> None:
    if isinstance(part, Heading):
        # Numbered headings of the body in capitals (II.6đ); those of appendices are of level 2.
        text = part.text.upper() if part.level == 1 else part.text
        document.add_paragraph(text, style=f"Heading {part.level}")
    elif isinstance(part, Paragraph):
        document.add_paragraph(_flowing(part.text), style="Note" if part.note else "Body Text")
    elif isinstance(part, Items):
        for line in part.lines:
            document.add_paragraph(_flowing(line), style="List Bullet")
    elif isinstance(part, Drawing):
        _drawing(document, part, report)
    else:
        _table(document, part)


def _flowing(text: str) -> str:
    """A dash never begins a line: it ends the one before."""
    return text.replace(" – ", "\N{NO-BREAK SPACE}– ")


def _drawing(document: WordDocument, part: Drawing, report: Report) -> None:
    document.add_paragraph(part.caption, style="Caption").alignment = _CENTRE
    paragraph = document.add_paragraph(style="Normal")
    paragraph.alignment = _CENTRE
    content = chart_png(part, simulated=report.document.simulated)
    picture = paragraph.add_run().add_picture(io.BytesIO(content), width=Mm(chart_width(content)))
    told = picture._inline.docPr
    told.set("title", part.caption)
    told.set("descr", part.words)


def _table(document: WordDocument, found: Table) -> None:
    if not found.rows:
        document.add_paragraph(found.empty, style="Body Text")
        return
    document.add_paragraph(found.caption, style="Caption")
    table = document.add_table(rows=0, cols=len(found.head), style="Table Grid")
    _describe(table, found.caption)
    table.autofit = False
    cell_style = document.styles["Cell"].style_id
    widths = [Pt(width) for width in column_widths(found)]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for place, texts in enumerate((found.head, *found.rows)):
        row = _row(table)
        _together(row)
        strong = place == 0 or place - 1 in found.strong
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = widths[column]
            paragraph = cell.paragraphs[0]
            paragraph._p.style = cell_style  # by its id: a search of all styles a cell is slow
            # No head without a row, no notes without the last one.
            ends = place < 2 or (bool(found.notes) and place == len(found.rows))
            paragraph.paragraph_format.keep_with_next = ends or None
            paragraph.add_run(text).bold = strong or None
            words = column == 0 or column in found.words
            paragraph.alignment = _CENTRE if place == 0 or not words else WD_ALIGN_PARAGRAPH.LEFT
    _repeated(table)
    _at_the_margin(table)
    for note in found.notes:
        document.add_paragraph(note, style="Note").paragraph_format.space_before = Pt(4)


def _describe(table: WordTable, text: str) -> None:
    """The alternative text of a table."""
    properties = table._tbl.tblPr
    for name in ("w:tblCaption", "w:tblDescription"):
        found = OxmlElement(name)
        found.set(qn("w:val"), text)
        properties.append(found)


def _at_the_margin(table: WordTable) -> None:
    """Its line stands at the margin, as wide as the text; Word would put its letters there."""
    indent = OxmlElement("w:tblInd")
    indent.set(qn("w:w"), str(_CELL_MARGIN))
    indent.set(qn("w:type"), "dxa")
    table._tbl.tblPr.insert_element_before(
        indent, "w:tblBorders", "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook", "w:tblCaption"
    )


def _repeated(table: WordTable) -> None:
    """The first row is the head, on every page that the table reaches."""
    found = OxmlElement("w:tblHeader")
    found.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(found)


def _together(row: _Row) -> None:
    """A row is not cut by the end of a page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _appendix(document: WordDocument, appendix: Appendix, report: Report) -> None:
    """On a page of its own, with page numbers of its own (III.1)."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _unseen(document.paragraphs[-1])
    section.different_first_page_header_footer = True
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:start"), "1")
    section._sectPr.insert_element_before(numbers, "w:cols", "w:titlePg", "w:docGrid")
    document.add_paragraph(appendix.label, style="Appendix")
    title = document.add_paragraph(style="Normal")
    title.alignment = _CENTRE
    title.add_run(appendix.title.upper()).bold = True
    belongs = document.add_paragraph(style="Normal")
    belongs.alignment = _CENTRE
    belongs.paragraph_format.space_after = Pt(8)
    belongs.add_run(appendix.belongs).italic = True
    _all(document, appendix.parts, report)


def _unseen(paragraph: WordParagraph) -> None:
    """The paragraph that ends a section has no height: it would make an empty page of its own."""
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing = Pt(1)
    paragraph.style = "Normal"
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), "2")
    marks = OxmlElement("w:rPr")
    marks.append(size)
    # The letters of its mark come before the section that it ends.
    paragraph._p.get_or_add_pPr().insert_element_before(marks, "w:sectPr", "w:pPrChange")


def _all(document: WordDocument, parts: Iterable[Part], report: Report) -> None:
    """Notes stand on the page of what they are about, and a list on that of what leads to it."""
    before: Part | None = None
    for part in parts:
        note = isinstance(part, Paragraph) and part.note
        if note or (isinstance(part, Items) and isinstance(before, Paragraph)):
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        _write(document, part, report)
        before = part
