"""Addresses, codes and the QR shape: what a phone opens and what a person reads aloud."""

from __future__ import annotations

import io

import pytest
import segno
import zxingcpp
from PIL import Image, ImageDraw

from survey.links import (
    kiosk_url,
    only_here,
    qr_svg,
    readable,
    respond_url,
    secure_context,
    typed_code,
)


def test_an_address_has_one_slash_however_the_setting_ends() -> None:
    assert respond_url("https://a.vn", "k7m49qxp") == "https://a.vn/r/k7m49qxp"
    assert respond_url("https://a.vn/x/", "k7m49qxp") == "https://a.vn/x/r/k7m49qxp"
    assert kiosk_url("https://a.vn/", "k7m4-9qxp") == "https://a.vn/kiosk/#k7m4-9qxp"


def test_a_code_is_read_in_groups_of_four() -> None:
    assert readable("k7m49qxp") == "k7m4 9qxp"


@pytest.mark.parametrize("typed", ["k7m49qxp", "K7M4 9QXP", " k7m4-9qxp\n", "k7m4\u00a09qxp"])
def test_a_typed_code_is_found_however_it_was_grouped(typed: str) -> None:
    assert typed_code(typed) == "k7m49qxp"


@pytest.mark.parametrize(
    "base_url",
    ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80", "http://0.0.0.0:8000"],
)
def test_an_address_of_this_machine_alone_is_known_as_such(base_url: str) -> None:
    assert only_here(base_url)


@pytest.mark.parametrize("base_url", ["http://192.168.1.20:8000", "https://hailong.example.vn"])
def test_an_address_that_phones_reach_is_not(base_url: str) -> None:
    assert not only_here(base_url)


@pytest.mark.parametrize(
    ("base_url", "secure"),
    [
        ("https://hailong.example.vn", True),
        ("https://192.168.1.20", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:80", True),
        ("http://192.168.1.20:8000", False),
        ("http://hailong.example.vn", False),
        ("http://0.0.0.0:8000", False),
        ("http://[::]:8000", False),
    ],
)
def test_where_a_browser_lets_a_page_work_without_network(base_url: str, secure: bool) -> None:
    """Secure Contexts (W3C), 3.1: https, loopback addresses, localhost."""
    assert secure_context(base_url) is secure


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


def test_the_drawn_qr_is_the_standard_one_with_a_quiet_zone_of_four() -> None:
    url = "http://192.168.100.200:8000/r/k7m49qxp"
    buffer = io.BytesIO()
    segno.make_qr(url, error="q", boost_error=False).save(buffer, kind="png", scale=8, border=4)
    assert painted(qr_svg(url)).tobytes() == Image.open(buffer).convert("L").tobytes()
