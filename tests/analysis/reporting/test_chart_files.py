"""The chart's files: always the same bytes, every letter drawn, nobody's settings touched."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from analysis.reporting.chart import chart_bytes
from tests.analysis.verdict_documents import an_office

FONTS = tuple(
    Path(__file__).parents[3] / "survey" / "fonts" / f"BeVietnamPro-{weight}.ttf"
    for weight in ("Regular", "Bold")
)
VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_equal_documents_give_equal_files(form):
    assert chart_bytes(an_office(), form) == chart_bytes(an_office(), form)


def test_another_process_gives_the_same_file():
    program = (
        "import hashlib; from analysis.reporting.chart import chart_bytes;"
        "from tests.analysis.verdict_documents import an_office;"
        "print(hashlib.sha256(chart_bytes(an_office(), 'svg')).hexdigest())"
    )
    root = Path(__file__).parents[3]
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=root, text=True
    )
    assert found.stdout.strip() == hashlib.sha256(chart_bytes(an_office(), "svg")).hexdigest()


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_no_file_holds_a_date(form):
    found = chart_bytes(an_office(), form)
    assert not any(word in found for word in (b"CreationDate", b"dc:date", b"tIME"))


def test_an_unknown_form_is_refused_by_name():
    with pytest.raises(ValueError, match="form is 'bmp'; use svg, png or pdf"):
        chart_bytes(an_office(), "bmp")


@pytest.mark.parametrize("fonts", [(), FONTS], ids=["DejaVu", "Be Vietnam Pro"])
@pytest.mark.parametrize("narrow", [False, True], ids=["page", "phone"])
def test_every_vietnamese_letter_has_its_glyph(fonts, narrow):
    # A missing glyph is a warning of matplotlib's, and warnings are errors here.
    names = {"land": VOWELS, "civil-status": VOWELS.upper()}
    options = {"names": names, "font_files": fonts, "narrow": narrow, "simulated": True}
    found = chart_bytes(an_office(), "png", **options)
    assert len(found) > 20_000


@pytest.mark.parametrize("fonts", [(), FONTS], ids=["DejaVu", "Be Vietnam Pro"])
def test_letters_of_an_svg_are_text_in_fonts_that_readers_have(fonts):
    found = chart_bytes(an_office(), "svg", font_files=fonts).decode()
    assert ">Tỷ lệ hài lòng</text>" in found
    assert "font-weight: 700" in found
    families = set(re.findall(r"font-family: ([^;\"]+)", found))
    assert families == {"'Segoe UI', 'Roboto', 'Noto Sans', 'Arial', 'DejaVu Sans', sans-serif"}


@pytest.mark.browser
@pytest.mark.parametrize("fonts", [(), FONTS], ids=["DejaVu", "Be Vietnam Pro"])
@pytest.mark.parametrize("narrow", [False, True], ids=["page", "phone"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_text_of_an_svg_has_room_in_the_widest_of_these_fonts(new_context, fonts, narrow, lang):
    options = {"narrow": narrow, "lang": lang, "simulated": True, "font_files": fonts}
    page = new_context().new_page()
    page.set_content(chart_bytes(an_office(), "svg", **options).decode())
    # DejaVu Sans is the widest, and the only one of a machine that has no other.
    page.add_style_tag(content="text { font-family: 'DejaVu Sans' !important }")
    boxes = page.evaluate(
        "() => [...document.querySelectorAll('svg text')].map(text => {"
        " const box = text.getBBox(); return [box.x, box.y, box.x + box.width, box.y + box.height]"
        "})"
    )
    width, height = page.evaluate(
        "() => { const box = document.querySelector('svg').viewBox.baseVal;"
        " return [box.width, box.height] }"
    )
    assert len(boxes) > 20
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
    beside = [(a, b) for a, b in combinations(boxes, 2) if _same_line(a, b)]
    assert beside
    assert all(a[2] <= b[0] or b[2] <= a[0] for a, b in beside)


def _same_line(one: list[float], other: list[float]) -> bool:
    return abs(one[3] - other[3]) < 2


def test_a_pdf_holds_truetype_fonts_and_no_type_3():
    found = chart_bytes(an_office(), "pdf")
    assert b"/Type3" not in found
    assert b"/TrueType" in found or b"/CIDFontType2" in found


def test_the_settings_of_the_reader_neither_change_the_chart_nor_are_changed():
    import matplotlib

    expected = chart_bytes(an_office(), "svg")
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "none"}):
        assert chart_bytes(an_office(), "svg") == expected
        assert matplotlib.rcParams["font.size"] == 30
        assert matplotlib.rcParams["svg.fonttype"] == "none"


def test_drawing_loads_no_pyplot():
    program = (
        "import sys; from analysis.reporting.chart import chart_bytes;"
        "from tests.analysis.verdict_documents import an_office;"
        "chart_bytes(an_office()); print('matplotlib.pyplot' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=root, text=True
    )
    assert found.stdout.strip() == "False"
