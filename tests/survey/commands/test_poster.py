"""The printed poster: read back from the rendered PDF as a phone, a person and a printer would."""

from __future__ import annotations

import ctypes
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

import pypdfium2 as pdfium
import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image, ImageChops, ImageFilter
from sqlalchemy import Engine

from questionnaires import Text, shipped
from survey.commands.poster import command
from survey.config import create_secret, write_settings
from survey.errors import StoreError
from survey.links import Lang, Logo, Poster, PosterError, Size, find_logo, render_poster
from survey.places import shipped_places
from survey.store import open_engine
from survey.store.migrate import upgrade
from survey.store.places import add_link, open_desks, save_places

Made = TypeVar("Made")

CODE = "k7m49qxp"
URL = f"https://hailong.example.vn/r/{CODE}"
POSTER = Poster(
    url=URL,
    code=CODE,
    office=Text(vi="UBND xã Triệu Sơn", en="People's Committee of Triệu Sơn commune"),
    counter=Text(vi="Quầy 3", en="Counter 3"),
    made_on=date(2026, 11, 1),
    sectors=(Text(vi="Đất đai", en="Land"), Text(vi="Xây dựng", en="Construction")),
)
FONTS = {b"BeVietnamPro-Regular", b"BeVietnamPro-Bold"}
MILLIMETRES = {"a4": (210, 297), "a5": (148, 210)}
SIZES: tuple[Size, ...] = ("a4", "a5")


def open_pdf(poster: Poster = POSTER, size: Size = "a4", lang: Lang = "both") -> pdfium.PdfDocument:
    return pdfium.PdfDocument(printed(poster, size, lang))


@cache
def printed(poster: Poster, size: Size, lang: Lang) -> bytes:
    """Print a poster once, however many tests look at it."""
    return render_poster(poster, size, lang)


def picture(dpi: float, poster: Poster = POSTER, size: Size = "a4") -> Image.Image:
    image: Image.Image = open_pdf(poster, size)[0].render(scale=dpi / 72).to_pil().convert("L")
    return image


def words(document: pdfium.PdfDocument) -> str:
    """Return the text of the poster as one line."""
    return re.sub(r"\s+", " ", document[0].get_textpage().get_text_range())


def read(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dpi", [50, 100, 200, 300])
def test_the_code_is_read_back_at_every_sharpness(size: Size, dpi: int) -> None:
    assert read(picture(dpi, size=size)) == [URL]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("angle", [7, 90, 180, 263])
def test_the_code_is_read_back_when_the_phone_is_held_askew(size: Size, angle: int) -> None:
    turned = picture(120, size=size).rotate(angle, expand=True, fillcolor=255)
    assert read(turned) == [URL]


@pytest.mark.parametrize("size", SIZES)
def test_the_code_is_read_back_from_a_noisy_blurred_tilted_grey_photograph(size: Size) -> None:
    sharp = picture(120, size=size).rotate(7, expand=True, fillcolor=255)
    grain = Image.frombytes("L", sharp.size, speckle(sharp.width * sharp.height))
    dim = sharp.point(lambda level: 60 + level // 2)
    photograph = ImageChops.blend(dim, grain, 0.35).filter(ImageFilter.GaussianBlur(1.5))
    assert read(photograph) == [URL]


def speckle(count: int) -> bytes:
    return random.Random(20261101).randbytes(count)


@pytest.mark.parametrize("size", SIZES)
def test_the_code_is_read_back_when_a_corner_is_torn_off(size: Size) -> None:
    whole = picture(120, size=size)
    (found,) = zxingcpp.read_barcodes(whole)
    right, bottom = found.position.bottom_right.x, found.position.bottom_right.y
    patch = (right - found.position.bottom_left.x) // 5
    whole.paste(255, (right - patch, bottom - patch, right + patch, bottom + patch))
    assert read(whole) == [URL]


@pytest.mark.parametrize("size", SIZES)
def test_the_code_is_at_least_five_centimetres_wide(size: Size) -> None:
    (found,) = zxingcpp.read_barcodes(picture(254, size=size))
    wide = found.position.top_right.x - found.position.top_left.x
    assert wide / 10 > 50  # 254 dots an inch are 10 a millimetre


@pytest.mark.parametrize("size", SIZES)
def test_the_page_has_the_size_of_the_paper_and_there_is_one(size: Size) -> None:
    document = open_pdf(size=size)
    assert len(document) == 1
    for points, millimetres in zip(document[0].get_size(), MILLIMETRES[size], strict=True):
        assert points / 72 * 25.4 == pytest.approx(millimetres, abs=0.1)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_printed_where_an_office_printer_cannot(size: Size) -> None:
    ink = ImageChops.invert(picture(100, size=size)).getbbox()
    width, height = picture(100, size=size).size
    margin = 8 / 25.4 * 100
    assert ink is not None
    assert ink[0] >= margin
    assert ink[1] >= margin
    assert ink[2] <= width - margin
    assert ink[3] <= height - margin


def test_the_poster_is_black_and_grey_only() -> None:
    image = open_pdf()[0].render(scale=1).to_pil().convert("RGB")
    colours = image.getcolors(1 << 20)
    assert colours
    assert all(red == green == blue for _, (red, green, blue) in colours)


def test_it_says_in_vietnamese_and_english_what_to_do() -> None:
    said = words(open_pdf())
    for sentence in (
        "UBND xã Triệu Sơn",
        "Ông/Bà hài lòng ở mức nào? Quét mã để cho biết ý kiến",
        "How satisfied are you? Scan the code to tell us",
        "1. Mở máy ảnh hoặc Zalo",
        "2. Đưa máy vào mã",
        "3. Trả lời",
        "Khoảng 1 phút. Không ghi tên. Không ảnh hưởng đến hồ sơ của Ông/Bà.",
        "About 1 min. No names. It does not affect your case.",
        "hailong.example.vn/r/k7m49qxp",
        "Code: k7m4 9qxp",
        "Quầy 3",
        "Đất đai · Xây dựng",
        "Counter 3 · Land · Construction",
    ):
        assert sentence in said


def letter_sizes(document: pdfium.PdfDocument) -> set[float]:
    """Heights of the drawn letters' boxes in points, by their font's size."""
    sizes = set()
    for thing in document[0].get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_TEXT], max_depth=5):
        size = ctypes.c_float()
        pdfium.raw.FPDFTextObj_GetFontSize(thing, size)
        matrix = thing.get_matrix().get()
        sizes.add(round(size.value * abs(matrix[3]), 2))
    return sizes


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("host", ["https://hailong.example.vn", "http://127.0.0.1:8000"])
def test_no_letter_is_below_nine_points(size: Size, host: str) -> None:
    poster = replace(POSTER, url=f"{host}/r/{CODE}", simulated=True)
    sizes = letter_sizes(open_pdf(poster, size))
    assert len(sizes) > 3
    assert min(sizes) >= 8.99


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("host", ["https://hailong.example.vn", "http://127.0.0.1:8000"])
def test_no_word_lies_on_another_or_on_the_code(size: Size, host: str) -> None:
    poster = replace(POSTER, url=f"{host}/r/{CODE}", simulated=True)
    document = open_pdf(poster, size)
    text = document[0].get_textpage()
    boxes = [text.get_rect(at) for at in range(text.count_rects())]
    for at, (left, bottom, right, top) in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = other[0] >= right or other[2] <= left
            over = min(top, other[3]) - max(bottom, other[1])
            assert apart or over < 0.35 * min(top - bottom, other[3] - other[1]), (at, other)
    scale = 254 / 72
    (found,) = zxingcpp.read_barcodes(picture(254, poster, size))
    upper, lower = found.position.top_left.y / scale, found.position.bottom_left.y / scale
    height = document[0].get_height()
    for _, bottom, _, top in boxes:
        assert height - bottom <= upper or height - top >= lower


def test_the_office_may_put_its_own_emblem_on_it() -> None:
    square = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg>'
    )
    plain, own = (picture(100, replace(POSTER, logo=logo)) for logo in (None, Logo(square, "svg")))
    corner = (59, 59, 130, 130)  # pixels: the first two centimetres within the margins
    assert own.crop(corner).getextrema()[0] < 40
    assert plain.crop(corner).getextrema()[0] > 200
    assert read(own) == [URL]


def test_an_emblem_that_is_no_picture_is_told_with_what_to_do() -> None:
    broken = replace(POSTER, logo=Logo(b"no picture", "png"))
    with pytest.raises(PosterError, match=r"emblem .* cannot be read: .* replace it"):
        render_poster(broken, "a4")


def test_it_says_how_long_its_own_questionnaire_takes() -> None:
    known = shipped()
    assert [known[key].minutes for key in ("desk@2", "sipas-22@2")] == [1, 3]
    assert "Khoảng 3 phút" in words(open_pdf(replace(POSTER, minutes=3)))


def test_one_language_alone_leaves_the_other_out() -> None:
    vietnamese, english = words(open_pdf(lang="vi")), words(open_pdf(lang="en"))
    assert "Quét mã" in vietnamese
    assert "Scan" not in vietnamese
    assert "How satisfied are you? Scan the code to tell us" in english
    assert "Quét mã" not in english


def test_a_demonstration_says_so_and_a_real_poster_does_not() -> None:
    simulated = replace(POSTER, simulated=True)
    assert "MÔ PHỎNG" in words(open_pdf(simulated))
    assert "MÔ PHỎNG" not in words(open_pdf())


@pytest.mark.parametrize("size", SIZES)
def test_the_paper_itself_warns_of_an_address_that_phones_cannot_open(size: Size) -> None:
    def printed(base_url: str) -> str:
        poster = Poster(f"{base_url}/r/{CODE}", CODE, POSTER.office, POSTER.counter, POSTER.made_on)
        return words(open_pdf(poster, size))

    assert "KHÔNG TREO TỜ NÀY" in printed("http://127.0.0.1:8000")
    assert "DO NOT HANG UP" in printed("http://localhost:8000")
    assert "Wi-Fi của cơ quan" in printed("http://192.168.1.20:8000")
    assert "Wi-Fi" not in printed("https://hailong.example.vn")
    assert "KHÔNG TREO" not in printed("https://hailong.example.vn")


def test_an_internationalised_name_is_scanned_in_ascii_and_read_in_its_own_letters() -> None:
    url = f"https://xn--hilng-rqa2k.vn/r/{CODE}"
    poster = Poster(url, CODE, POSTER.office, POSTER.counter, POSTER.made_on)
    assert read(picture(100, poster)) == [url]
    assert f"hàilòng.vn/r/{CODE}" in words(open_pdf(poster))


HOSTILE = 'Trung tâm <b>&amp; #let x = 1 *đậm* _nghiêng_ $x^2$ `mã` \\ "@" [a] {{b}} //'


@pytest.mark.parametrize("size", SIZES)
def test_signs_in_a_name_are_letters_and_never_layout(size: Size) -> None:
    poster = Poster(URL, CODE, Text(vi=HOSTILE, en=HOSTILE), POSTER.counter, POSTER.made_on)
    document = open_pdf(poster, size)
    assert HOSTILE in words(document)
    assert read(picture(100, poster, size)) == [URL]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["Trung tâm Phục vụ hành chính công " * 14, "Quầy_số_" * 60])
def test_very_long_names_stay_within_one_page_and_its_margins(size: Size, name: str) -> None:
    long = Text(vi=name.strip()[:500], en=f"EN {name}".strip()[:500])
    url = "https://" + "ten-may-rat-dai." * 9 + f"vn:8000/r/{CODE}"
    poster = Poster(url, CODE, long, long, POSTER.made_on, simulated=True)
    assert len(open_pdf(poster, size)) == 1
    image = picture(100, poster, size)
    ink = ImageChops.invert(image).getbbox()
    assert ink is not None
    assert ink[0] >= 30
    assert ink[2] <= image.width - 30
    assert read(image) == [url]


def test_letters_that_the_font_lacks_are_refused_and_never_printed_as_boxes() -> None:
    poster = Poster(URL, CODE, Text(vi="公民服务", en="x"), POSTER.counter, POSTER.made_on)
    with pytest.raises(PosterError, match=r"poster of 'Quầy 3' .* correct the name"):
        render_poster(poster, "a4")


def test_the_fonts_are_inside_the_file() -> None:
    pdf = render_poster(POSTER, "a4")
    named = set(re.findall(rb"/FontName ?/([A-Za-z+-]+)", pdf))
    assert {name.split(b"+")[1] for name in named} == {
        b"BeVietnamPro-Regular",
        b"BeVietnamPro-Bold",
    }
    assert len(re.findall(rb"/FontFile[23]? ", pdf)) == len(named)


def test_the_same_poster_is_the_same_bytes() -> None:
    assert render_poster(POSTER, "a4") == render_poster(POSTER, "a4")
    assert render_poster(POSTER, "a4") != render_poster(POSTER, "a5")


def test_the_address_can_be_clicked_where_the_file_is_read_on_a_screen() -> None:
    assert f"/URI({URL})".encode() in render_poster(POSTER, "a4").replace(b"/URI (", b"/URI(")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that is set up, with the shipped places and a public address."""
    folder = tmp_path / "data"
    folder.mkdir()
    create_secret(folder)
    write_settings(folder, base_url="https://hailong.example.vn")
    with_engine(folder, lambda engine: save_places(engine, shipped_places(), date(2026, 11, 1)))
    return folder


def with_engine(folder: Path, act: Callable[[Engine], Made]) -> Made:
    engine = open_engine("sqlite:///" + (folder / "hailong.sqlite3").as_posix())
    try:
        upgrade(engine)
        return act(engine)
    finally:
        engine.dispose()


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    return result.stdout, result.stderr


def test_the_command_writes_one_file_a_counter_and_size(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "in"
    stdout, stderr = run("--data", str(data), "--out", str(out))
    desks = with_engine(data, lambda engine: open_desks(engine, "poster"))
    assert stderr == ""
    assert {file.name for file in out.iterdir()} == {
        f"{name}-{size}.pdf"
        for name in [*(d.counter.id for d in desks), "tat-ca"]
        for size in SIZES
    }
    for size in SIZES:
        pages = pdfium.PdfDocument(out / f"tat-ca-{size}.pdf")
        codes = [read(page.render(scale=100 / 72).to_pil()) for page in pages]
        assert codes == [[f"https://hailong.example.vn/r/{desk.link.code}"] for desk in desks]
    for desk in desks:
        for size in SIZES:
            file = out / f"{desk.counter.id}-{size}.pdf"
            page = pdfium.PdfDocument(file)[0].render(scale=100 / 72).to_pil()
            assert read(page) == [f"https://hailong.example.vn/r/{desk.link.code}"]
            assert f"{file}\thttps://hailong.example.vn/r/{desk.link.code}" in stdout


def test_one_counter_one_size(data: Path, tmp_path: Path) -> None:
    run("--data", str(data), "--out", str(tmp_path / "x"), "--counter", "quay-2", "--size", "a5")
    assert [file.name for file in (tmp_path / "x").iterdir()] == ["quay-2-a5.pdf"]


def test_a_counter_with_two_addresses_gets_two_posters(data: Path, tmp_path: Path) -> None:
    def add(engine: Engine) -> str:
        return add_link(engine, "quay-2", "poster", date(2026, 11, 2)).code

    new = with_engine(data, add)
    out = tmp_path / "x"
    run("--data", str(data), "--out", str(out), "--counter", "quay-2", "--size", "a4")
    names = {file.name for file in out.iterdir()}
    assert f"quay-2-{new}-a4.pdf" in names
    assert len(names) == 3  # these two, and both in one


def test_an_unknown_counter_is_refused_with_the_known_ones(data: Path, tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"counter quay-9; use one of: trieu-son/quay-1, trieu-son/"
    ):
        run("--data", str(data), "--out", str(tmp_path / "x"), "--counter", "quay-9")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["vi", "en", "both"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "192.168.1.20:8000"])
def test_from_where_phones_reach_it_stands_white_on_black_and_is_large_enough(
    host: str, lang: Lang, size: Size
) -> None:
    document = open_pdf(replace(POSTER, url=f"http://{host}/r/{CODE}"), size, lang)
    assert len(document) == 1
    text = document[0].get_textpage()
    first = {"127": ("KHÔNG TREO", "DO NOT HANG"), "192": ("Chỉ mở được", "Opens only")}[host[:3]]
    index, _ = text.search(first[lang == "en"]).get_next()
    left, bottom, _, top = text.get_charbox(index, loose=True)
    assert top - bottom >= (14 if size == "a4" else 9)  # points
    drawn = document[0].render().to_pil().convert("L")
    assert drawn.getpixel((round(left) - 4, round(drawn.height - (top + bottom) / 2))) < 40


def test_an_address_that_no_phone_reaches_is_printed_with_a_warning(
    data: Path, tmp_path: Path
) -> None:
    write_settings(data, base_url="http://127.0.0.1:8000")
    out = tmp_path / "x"
    _, stderr = run("--data", str(data), "--out", str(out), "--counter", "quay-1")
    assert "a phone cannot open these posters" in stderr
    assert "HAILONG_BASE_URL" in stderr
    assert len(list(out.iterdir())) == 2


def test_an_office_s_own_logo_goes_before_that_of_the_one_above_and_that_of_all(tmp_path):
    for name in ("logo-xa-mot.svg", "logo-tinh.png", "logo.jpg"):
        (tmp_path / name).write_bytes(name.encode())

    def found(*offices):
        logo = find_logo(tmp_path, offices)
        assert logo is not None
        return logo.content.decode()

    assert found("xa-mot", "tinh") == "logo-xa-mot.svg"
    assert found("xa-hai", "tinh") == "logo-tinh.png"
    assert found("xa-ba") == found() == "logo.jpg"
