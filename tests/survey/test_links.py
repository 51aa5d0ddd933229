"""Addresses, codes and the QR shape: what a phone opens and what a person reads aloud."""

from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_Q

from survey.links import kiosk_url, readable, respond_url, typed_code, typed_path
from survey.qr import qr_svg


def test_an_address_has_one_slash_however_the_setting_ends() -> None:
    assert respond_url("https://a.vn", "k7m49qxp") == "https://a.vn/r/k7m49qxp"
    assert respond_url("https://a.vn/x/", "k7m49qxp") == "https://a.vn/x/r/k7m49qxp"
    assert kiosk_url("https://a.vn/", "k7m4-9qxp") == "https://a.vn/kiosk/#k7m4-9qxp"


def test_a_code_is_read_in_groups_of_four() -> None:
    assert readable("k7m49qxp") == "k7m4 9qxp"


@pytest.mark.parametrize(
    "typed",
    [
        "k7m49qxp",
        "K7M4 9QXP",
        " k7m4-9qxp\n",
        "k7m4\u00a09qxp",
        "k7m49qxp.",
        "“k7m49qxp”",
        "k7m4\u200b9qxp\ufeff",
        "ｋ７ｍ４９ｑｘｐ",
        "k7m49qxp&utm_source=zalo",
        "k7m49qxp?fbclid=x",
    ],
)
def test_a_typed_code_is_found_however_it_was_grouped(typed: str) -> None:
    assert typed_code(typed) == "k7m49qxp"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/R/K7M49QXP", "/r/k7m49qxp"),
        ("/r/k7m49qxp/", "/r/k7m49qxp"),
        ("/r/k7m49qxp/.", "/r/k7m49qxp"),
        ("/r/k7m4\u200b9qxp", "/r/k7m49qxp"),
        ("/Results/", "/results"),
        ("//", "/"),
    ],
)
def test_a_typed_path_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert typed_path(typed) == meant


def painted(svg: str, module: int = 8) -> Image.Image:
    """Draw the rectangles of the QR's one path, as an SVG program would."""
    side = int(svg.split('viewBox="0 0 ')[1].split(" ", maxsplit=1)[0])
    image = Image.new("L", (side * module, side * module), 255)
    draw = ImageDraw.Draw(image)
    shape = svg.rsplit('d="', 1)[1].split('"', maxsplit=1)[0]
    for run in shape.removesuffix("z").split("z"):
        x, rest = run.removeprefix("M").split(" ")
        y, length = rest.split("h")[0], rest.split("h")[1].split("v")[0]
        left, top, wide = int(x) * module, int(y) * module, int(length) * module
        draw.rectangle((left, top, left + wide - 1, top + module - 1), fill=0)
    return image


def test_the_drawn_qr_holds_the_address_at_level_q() -> None:
    (found,) = zxingcpp.read_barcodes(painted(qr_svg("https://hailong.example.vn/r/k7m49qxp")))
    assert found.text == "https://hailong.example.vn/r/k7m49qxp"
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert found.ec_level == "Q"


def test_every_module_is_drawn_inside_a_quiet_zone_of_four() -> None:
    url = "http://192.168.100.200:8000/r/k7m49qxp"
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=4)
    code.add_data(url)
    rows = code.get_matrix()
    whole = Image.new("L", (len(rows), len(rows)))
    whole.putdata([0 if dark else 255 for row in rows for dark in row])
    assert painted(qr_svg(url), module=1).tobytes() == whole.tobytes()


def test_the_drawn_qr_is_small_and_several_stand_on_one_page() -> None:
    svg = qr_svg("https://hailong.example.vn/r/k7m49qxp")
    assert len(svg) < 4500
    assert "id=" not in svg
    assert " width=" not in svg.split("<path", 1)[0]  # the page decides
