"""Pages whose fixed parts are compressed once."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.web.form_page import PreparedPage

PLACES = ("%id%", "%token%")
pieces = st.lists(st.one_of(st.sampled_from(PLACES), st.text(max_size=50)), max_size=8)


@given(pieces, st.text(max_size=300), st.text(max_size=300))
def test_text_and_gzip_are_the_same_page_with_the_words_in_their_places(parts, one, other):
    html = "".join(parts)
    page = PreparedPage(html, PLACES)
    expected = "".join(
        {"%id%": one, "%token%": other}.get(piece, piece) for piece in _cut(html)
    ).encode()
    words = {"%id%": one, "%token%": other}
    assert page.text(words) == expected
    assert gzip.decompress(page.gzip(words)) == expected


def _cut(html: str) -> list[str]:
    """Cut at the places, one letter at a time: another way than the page's own."""
    found, plain = [], ""
    while html:
        place = next((place for place in PLACES if html.startswith(place)), None)
        if place:
            found += [plain, place]
            plain, html = "", html[len(place) :]
        else:
            plain, html = plain + html[0], html[1:]
    return [*found, plain]


@pytest.mark.parametrize("html", ["", "%id%", "%id%%id%", "Hài lòng %token%", "a" * 70_000])
def test_pages_of_every_shape_survive(html):
    words = {"%id%": "1", "%token%": "2"}
    page = PreparedPage(html, PLACES)
    expected = html.replace("%id%", "1").replace("%token%", "2")
    assert gzip.decompress(page.gzip(words)).decode() == expected


def test_readers_that_take_a_stream_take_it_whole():
    page = PreparedPage("<p>%id%</p>" * 50, PLACES).gzip({"%id%": "x" * 1000, "%token%": ""})
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = b"".join(reader.decompress(page[at : at + 7]) for at in range(0, len(page), 7))
    assert reader.eof
    assert not reader.unused_data
    assert text == b"<p>" + b"</p><p>".join([b"x" * 1000] * 50) + b"</p>"
    assert gzip.GzipFile(fileobj=io.BytesIO(page)).read() == text


def test_it_is_hardly_larger_than_compressing_the_whole():
    html = "".join(f"<label>Ông/Bà chọn câu trả lời số {n}</label>" for n in range(300))
    html = html[:4000] + "%id%" + html[4000:]
    words = {"%id%": "d" * 36, "%token%": ""}
    whole = len(gzip.compress(html.encode()))
    assert len(PreparedPage(html, PLACES).gzip(words)) < whole + 300
