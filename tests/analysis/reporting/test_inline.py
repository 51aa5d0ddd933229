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
