"""A logo of an office: what is taken, what is kept, whose it is, and how it stands on paper."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from survey.access import Grant
from survey.backups import kept_files
from survey.commands.place import command as place
from survey.errors import HailongError
from survey.links import render_posters
from survey.logos import LARGEST, SIDE, LogoRefused, nearest_logo, set_logo
from survey.posters import posters_of
from survey.store.places import load_places, office_parents, open_desks
from survey.store.questionnaires import published_questionnaires
from survey.store.staff_actions import By, DoneFilter, list_actions
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, save_communes
from tests.survey.desk.pages import send, sign_in

pytestmark = pytest.mark.sqlite_is_enough

NOW = datetime(2026, 10, 15, 9, 0, tzinfo=UTC)
BY = By("lan", NOW)


def picture(form: str = "PNG", size: tuple[int, int] = (900, 300), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 16, 46)).save(out, form, **more)
    return out.getvalue()


def png_that_says(wide: int, high: int) -> bytes:
    """A PNG of a few bytes that names any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0" * 64)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.fixture
def office(engine):
    save_communes(engine)
    return next(one for one in load_places(engine).office if one.id == OWN)


def whose(config, engine, id_):
    return nearest_logo(config.data, id_, office_parents(engine))[0]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_drawn_anew_and_nothing_else_of_its_file_is_kept(office, config, engine, form):
    info = PngInfo()
    info.add_text("Comment", "an address")
    more = {"pnginfo": info} if form == "PNG" else {"comment": b"an address"}
    set_logo(config.data, engine, office, picture(form, **more) + b"<script>", BY)
    content = (config.data / f"logo-{OWN}.png").read_bytes()
    assert b"address" not in content
    assert b"script" not in content
    with Image.open(io.BytesIO(content)) as kept:
        assert (kept.format, kept.size) == ("PNG", (SIDE, 213))
        assert kept.info == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 64,
        picture("GIF"),
        picture("TIFF"),
        picture()[:200],
        picture("JPEG")[:200],
        picture() + b"\0" * LARGEST,
        png_that_says(5000, 5000),
        png_that_says(200_000, 200_000),
        png_that_says(2**31 - 1, 2**31 - 1),
        png_that_says(0, 0),
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_what_is_no_logo_is_refused_and_what_was_there_stays(office, config, engine, content):
    set_logo(config.data, engine, office, picture(), BY)
    before = (config.data / f"logo-{OWN}.png").read_bytes()
    with pytest.raises(LogoRefused):
        set_logo(config.data, engine, office, content, BY)
    assert (config.data / f"logo-{OWN}.png").read_bytes() == before
    assert len(list_actions(engine, DoneFilter())) == 1


def test_an_office_has_the_logo_of_the_nearest_above_it(office, config, engine):
    assert whose(config, engine, BELOW) is None
    set_logo(config.data, engine, office, picture(), BY)
    assert [whose(config, engine, one) for one in (OWN, BELOW, FOREIGN)] == [OWN, OWN, None]
    assert f"files/logo-{OWN}.png" in {name for name, _ in kept_files(config.data)}
    # One that was put there by hand gives way, in whatever form it is.
    (config.data / f"logo-{OWN}.svg").write_text("<svg/>", encoding="utf-8")
    set_logo(config.data, engine, office, picture(size=(20, 20)), BY)
    assert [file.name for file in config.data.glob("logo-*")] == [f"logo-{OWN}.png"]
    set_logo(config.data, engine, office, None, BY)
    assert whose(config, engine, BELOW) is None
    assert list(config.data.glob("logo-*")) == []
    actions = [one.action for one in list_actions(engine, DoneFilter())]
    assert actions == ["office_logo_inherited", "office_logo_set", "office_logo_set"]


def test_a_poster_with_the_logo_can_still_be_scanned(office, config, engine):
    set_logo(config.data, engine, office, picture(), BY)
    desks = open_desks(engine, "poster")[:1]
    known, parents = published_questionnaires(engine), office_parents(engine)
    (poster,) = posters_of(config, desks, known, desks, parents).values()
    sheet = pypdfium2.PdfDocument(render_posters([poster], "a4", "both"))[0]
    drawn = sheet.render(scale=100 / 72).to_pil().convert("RGB")
    (found,) = zxingcpp.read_barcodes(drawn)
    assert found.text == poster.url
    red = [drawn.getpixel((x, y)) for x in range(50, 140, 5) for y in range(50, 140, 5)]
    assert any(r > 150 and g < 80 for r, g, _ in red)  # the logo, at the top left


def test_a_logo_is_sent_seen_and_taken_back_on_the_office_s_page(
    app, engine, config, office, monkeypatch
):
    client = sign_in(app, engine, Grant("administrator", OWN))
    page, image = f"/places/office?id={OWN}&lang=en", f"/places/office/logo.png?id={BELOW}"
    assert client.get(image).status_code == 404
    given = {"id": OWN, "logo": (io.BytesIO(picture()), "huy-hieu.png")}
    assert send(client, "/places/office/logo", given, page).status_code == 303
    assert "has a logo of its own" in client.get(page).text
    below = client.get(f"/places/office?id={BELOW}&lang=en").text
    assert "is used." in below
    shown = client.get(image)
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    wrong = {"id": OWN, "logo": (io.BytesIO(b"<svg/>"), "x.png")}
    reply = send(client, "/places/office/logo?lang=en", wrong, page)
    assert reply.status_code == 422
    assert "save it as PNG" in reply.text
    monkeypatch.setattr("survey.logos.LARGEST", 50_000)
    monkeypatch.setattr("survey.web.desk.offices.MOST_BYTES", 80_000)
    large = {"id": OWN, "logo": (io.BytesIO(b"x" * 50_001), "x.png")}
    reply = send(client, "/places/office/logo?lang=en", large, page)
    assert (reply.status_code, "The picture is larger" in reply.text) == (422, True)
    huge = {"id": OWN, "logo": (io.BytesIO(b"x" * 90_000), "x.png")}
    assert send(client, "/places/office/logo", huge, page).status_code == 413
    for foreign in (FOREIGN, "never"):
        assert client.get(f"/places/office/logo.png?id={foreign}").status_code == 404
        theirs = {"id": foreign, "logo": (io.BytesIO(picture()), "x.png")}
        assert send(client, "/places/office/logo", theirs, page).status_code == 404
    back = {"id": OWN, "as_above": "1"}
    assert send(client, "/places/office/logo", back, page).status_code == 303
    assert list(config.data.glob("logo-*")) == []


def test_the_command_sets_a_logo_and_takes_it_back(config, engine, office, tmp_path, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    file = tmp_path / "huy-hieu.jpg"
    file.write_bytes(picture("JPEG"))

    def run(*words: object) -> str:
        given = ["logo", *map(str, words), "--data", str(config.data)]
        done = CliRunner().invoke(place, given, catch_exceptions=False, standalone_mode=False)
        return done.output

    assert "has a logo of its own" in run(OWN, file)
    assert whose(config, engine, BELOW) == OWN
    assert "of the office above it" in run(OWN, "--as-above")
    assert whose(config, engine, OWN) is None
    for wrong in ((OWN,), (OWN, file, "--as-above"), ("xa-la", file), (OWN, tmp_path / "no.png")):
        with pytest.raises(HailongError):
            run(*wrong)
