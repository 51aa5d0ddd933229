"""What PDF/A-2a and PDF/UA-1 ask of a file, read back from the report's PDF by another program.

Not the whole of either standard: no validator is installed here. Each item is looked up in the file
itself; typst refuses what it cannot write by them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from analysis.reporting.table import Table
from survey.reports.parts import Items, Paragraph


@pytest.fixture(scope="module")
def reader(written) -> PdfReader:
    return PdfReader(io.BytesIO(written["pdf"]))


@pytest.fixture(scope="module")
def root(reader) -> DictionaryObject:
    return reader.trailer["/Root"]


@pytest.fixture(scope="module")
def tags(root) -> list[Mapping[str, Any]]:
    """Every element of the structure, in reading order."""
    return list(walk(root["/StructTreeRoot"]["/K"]))


def walk(node) -> Iterator[Mapping[str, Any]]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for one in node:
            yield from walk(one)
    elif isinstance(node, dict) and "/S" in node:
        yield node
        if "/K" in node:
            yield from walk(node["/K"])


def of_kind(tags, *kinds: str) -> list[Mapping[str, Any]]:
    return [one for one in tags if one["/S"] in kinds]


def attributes(element, owner: str) -> Mapping[str, Any]:
    found = element.get("/A", [])
    listed = found if isinstance(found, list) else [found]
    return next((one for one in listed if one["/O"] == owner), {})


def test_it_claims_both_standards_and_shows_its_title_and_language(root, report):
    told = root["/Metadata"].get_object().get_data().decode("utf-8")
    for name, value in (
        ("pdfaid:part", "2"),
        ("pdfaid:conformance", "A"),
        ("pdfuaid:part", "1"),
    ):
        assert re.search(rf"<{name}>{value}</{name}>", told), name
    assert report.title in told
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  an object of the reader's
    assert root["/MarkInfo"].get("/Suspects", False) == False  # noqa: E712  the same
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712  the same
    assert root["/Lang"] == "vi"
    (intent,) = (one.get_object() for one in root["/OutputIntents"].get_object())
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_object().get_data()


def test_every_font_is_embedded_and_its_letters_can_be_read_back(reader):
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            fonts[font.get_object()["/BaseFont"]] = font.get_object()
    assert len(fonts) >= 3
    for name, font in fonts.items():
        assert "/ToUnicode" in font, name
        (inside,) = (one.get_object() for one in font["/DescendantFonts"])
        described = inside["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"}.intersection(described), name


def test_there_is_no_password_script_or_file_inside(reader, root):
    assert not reader.is_encrypted
    assert not {"/OpenAction", "/AA", "/JavaScript"}.intersection(root)
    assert not {"/JavaScript", "/EmbeddedFiles"}.intersection(root.get("/Names", {}))


def test_every_mark_of_a_page_is_in_the_structure_or_an_artifact(reader):
    for page in reader.pages:
        assert page["/Tabs"] == "/S" or "/Annots" not in page
        assert "/StructParents" in page
        content = page.get_contents().get_data().decode("latin-1")
        shown, depth = 0, 0
        for word in re.findall(r"\b(?:BDC|BMC|EMC|Tj|TJ|Do)\b", content):
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(word, 0)
            if word in ("Tj", "TJ", "Do"):
                shown += 1
                assert depth > 0
        assert shown
        assert depth == 0


def test_headings_leave_out_no_level_and_stand_as_the_report_has_them(tags, report):
    levels = [int(one["/S"][2:]) for one in tags if re.fullmatch(r"/H[1-6]", one["/S"])]
    assert levels[0] == 1
    assert all(now <= before + 1 for before, now in pairwise(levels))
    parts = [*report.body, *(p for one in report.appendices for p in one.parts)]
    headings = [part for part in parts if type(part).__name__ == "Heading"]
    assert len(levels) == len(headings) + len(report.appendices)


def test_every_picture_has_its_words(tags):
    (figure,) = of_kind(tags, "/Figure")
    assert "Đất đai" in figure["/Alt"]
    assert attributes(figure, "/Layout")["/BBox"]


def test_every_column_of_a_table_has_a_head_to_which_its_cells_point(tags, report):
    tables = of_kind(tags, "/Table")
    parts = [p for one in report.appendices for p in one.parts if isinstance(p, Table)]
    assert len(tables) == len(parts) >= 6
    for table, part in zip(tables, parts, strict=True):
        heads = of_kind(list(walk(table)), "/TH")
        assert len(heads) == len(part.head)
        assert {attributes(one, "/Table")["/Scope"] for one in heads} == {"/Column"}
        ids = {one["/ID"] for one in heads}
        (body,) = of_kind(list(walk(table)), "/TBody")
        rows = of_kind(list(walk(body)), "/TR")
        assert len(rows) == len(part.rows)
        for row in rows:
            cells = of_kind(list(walk(row)), "/TD")
            assert len(cells) == len(part.head)
            pointed = [set(attributes(one, "/Table")["/Headers"]) for one in cells]
            assert all(len(one) == 1 and one <= ids for one in pointed)


def test_lists_are_lists_and_paragraphs_are_paragraphs(tags, report):
    items = of_kind(tags, "/LI")
    assert len(items) == sum(len(part.lines) for part in report.body if isinstance(part, Items))
    for one in items:
        assert [child["/S"] for child in walk(one["/K"])][:2] == ["/Lbl", "/LBody"]
    paragraphs = [part for part in report.body if isinstance(part, Paragraph)]
    assert len(of_kind(tags, "/P")) > len(paragraphs)
