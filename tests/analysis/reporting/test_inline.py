"""A chart as a part of a page: what is seen stays, what a strict page forbids goes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from analysis.reporting.chart import chart_bytes
from analysis.reporting.inline import inline_svg
from tests.analysis.verdict_documents import an_office


@pytest.fixture(scope="module")
def file():
    return chart_bytes(an_office(), names={"land": "Đất <đai> & nhà"})


@pytest.fixture(scope="module")
def inlined(file):
    return inline_svg(file, "s")


def test_it_has_no_style_that_a_policy_would_refuse_and_nothing_from_elsewhere(inlined):
    assert "style" not in inlined
    assert not re.search(r"https?:", inlined)
    assert 'aria-hidden="true"' in inlined


def test_every_word_is_there_once_more_and_only_text(file, inlined):
    words = lambda svg: [  # noqa: E731
        one.text for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("text")
    ]
    assert words(inlined) == words(file)
    assert "Đất &lt;đai&gt; &amp; nhà" in inlined


def test_what_is_referred_to_is_there_under_a_name_of_its_own(inlined):
    ids = set(re.findall(r'id="([^"]+)"', inlined))
    asked = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', inlined))
    assert ids == {one or other for one, other in asked}
    assert all(re.fullmatch(r"s\d+", one) for one in ids)


def test_a_shape_has_the_colours_of_where_it_is_used_so_that_a_style_sheet_reaches_them(inlined):
    shapes = re.findall(r'<path id="[^"]+"[^>]*>', inlined)
    assert shapes and not any("stroke" in shape or "fill" in shape for shape in shapes)
    assert re.search(r'<(?:use|g) [^>]*stroke="#1b1f24"', inlined)


def test_it_is_less_than_half_of_the_file(file, inlined):
    assert len(inlined.encode()) < len(file) / 2


def test_equal_charts_give_equal_parts(file, inlined):
    assert inline_svg(file, "s") == inlined
    assert inline_svg(file, "t") != inlined


def test_lines_marks_and_circles_stay_where_they_are_in_fewer_letters():
    drawn = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 viewBox="0 0 90 90"><defs><path id="mark" d="M 0 6 L 0 -6" style="stroke: #1d4f91"/></defs>
<path d="M 1 2 L 5 2 L 5 8 L 7 9" style="fill: none; stroke: #8a3b00"/>
<g><use xlink:href="#mark" x="10" y="20" style="stroke: #1d4f91"/>
<use xlink:href="#mark" x="30.04" y="20" style="stroke: #1d4f91"/></g>
<path d="M 20 23 C 20.8 23 21.6 22.7 22.1 22.1 C 22.7 21.6 23 20.8 23 20
 C 23 19.2 22.7 18.4 22.1 17.9 C 21.6 17.3 20.8 17 20 17
 C 19.2 17 18.4 17.3 17.9 17.9 C 17.3 18.4 17 19.2 17 20
 C 17 20.8 17.3 21.6 17.9 22.1 C 18.4 22.7 19.2 23 20 23 z" style="fill: #ffffff"/></svg>"""
    inlined = inline_svg(drawn.encode(), "s")
    assert re.findall(r' d="([^"]+)"', inlined) == ["M1 2H5V8L7 9", "M10 26V14M30 26V14"]
    assert '<circle fill="#ffffff" cx="20" cy="20" r="3"/>' in inlined
    assert "use" not in inlined and "defs" not in inlined
