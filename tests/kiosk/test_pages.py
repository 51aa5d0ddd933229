"""The app over HTTP: its page, its service worker, its files. No data of any office is in them."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask

import kiosk
from kiosk import make_blueprint
from kiosk.station import OUR_SCRIPT, load_assets, without_comments

LONG = "public, max-age=31536000, immutable"


def addresses(page: str) -> list[str]:
    """Everything that the page loads."""
    return re.findall(r'(?:src|href)="([^"]+)"', page)


def constants(worker: str) -> tuple[str, list[str]]:
    """What the server filled into the service worker."""
    build, shell = re.search(r'const BUILD = ("\w+");\nconst SHELL = (\[.*\]);', worker).groups()
    return json.loads(build), json.loads(shell)


def test_the_page_is_vietnamese_and_knows_no_office(client):
    page = client.get("/kiosk/")
    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    assert '<html lang="vi" translate="no">' in page.text
    assert "Triệu Sơn" not in page.text


def test_the_address_without_its_last_stroke_leads_there(client):
    reply = client.get("/kiosk")
    assert (reply.status_code, reply.headers["Location"].endswith("/kiosk/")) == (308, True)


def test_a_browser_without_scripts_is_sent_to_the_qr_code_in_both_languages(client):
    *_, silent = re.findall(r"<noscript>(.*?)</noscript>", client.get("/kiosk/").text, re.S)
    assert "mã QR trên quầy" in silent
    assert "QR code at the counter" in silent


def test_nothing_on_the_page_runs_or_styles_inline(client):
    page = client.get("/kiosk/").text
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []


@pytest.mark.parametrize("path", ["/kiosk/", "/kiosk/sw.js", "/kiosk/manifest.webmanifest"])
def test_what_is_unchanged_is_asked_for_again_but_not_sent_again(client, path):
    first = client.get(path)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "no-cache")
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_unchanged_document_is_not_sent_again_and_a_changed_one_is(tablet_at, stations):
    tablet = tablet_at("one")
    tag = tablet.get("station.json").headers["ETag"]
    assert tablet.get("station.json", **{"If-None-Match": tag}).status_code == 304
    stations["one"] = stations["four"]
    assert tablet.get("station.json", **{"If-None-Match": tag}).json["counter_id"] == "four"


def test_all_that_the_page_loads_is_here_and_of_the_right_kind(client):
    kinds = {client.get(path).content_type for path in addresses(client.get("/kiosk/").text)}
    assert kinds == {
        "image/svg+xml",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
        "application/manifest+json",
    }


def test_the_worker_may_keep_the_whole_kiosk_and_nothing_else(client):
    worker = client.get("/kiosk/sw.js")
    assert worker.content_type == "text/javascript; charset=utf-8"
    assert worker.headers["Service-Worker-Allowed"] == "/kiosk/"


def test_the_worker_knows_every_file_that_the_app_needs_without_network(client, static):
    build, shell = constants(client.get("/kiosk/sw.js").text)
    assert build in client.get("/kiosk/").text
    assert all(client.get(path).status_code == 200 for path in shell)
    needed = {"/kiosk/", *addresses(client.get("/kiosk/").text)}
    imported = {name for code in static.values() for name in re.findall(r"from '\./(.+?)'", code)}
    assert len(imported) >= 10
    needed |= {f"/kiosk/static/{build}/{name}" for name in imported}
    assert needed <= set(shell)
    assert len(shell) == len(set(shell))


def test_the_manifest_names_files_that_are_there(client):
    manifest = client.get("/kiosk/manifest.webmanifest").json
    assert manifest["icons"]
    for icon in manifest["icons"]:
        reply = client.get(f"/kiosk/{icon['src']}")
        assert (reply.status_code, reply.headers["Cache-Control"]) == (200, LONG)
        assert reply.mimetype == icon["type"]


def test_the_kiosk_may_be_mounted_elsewhere(office):
    app = Flask("elsewhere")
    app.register_blueprint(make_blueprint(office), url_prefix="/deep/desk")
    client = app.test_client()
    _, shell = constants(client.get("/deep/desk/sw.js").text)
    assert all(client.get(path).status_code == 200 for path in shell)


def test_files_are_kept_for_good_under_the_address_of_their_version_only(client):
    (path,) = re.findall(r'href="([^"]+kiosk\.css)"', client.get("/kiosk/").text)
    assert client.get(path).headers["Cache-Control"] == LONG
    other = re.sub(r"/static/\w+/", "/static/0123456789ab/", path)
    reply = client.get(other)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name",
    ["nothing.js", "..%2f__init__.py", "%2e%2e/blueprint.py", ".", "vendor", "vendor/", "sw.js",
     "vendor/../kiosk.css", "vendor/..%2f..%2fassets.py", "vendor/idb.LICENSE.txt",
     "vendor/idb.d.ts", "shapes.d.ts", "worker.tsconfig.json"],
)  # fmt: skip
def test_no_other_file_is_served(client, name):
    assert client.get(f"/kiosk/static/0123456789ab/{name}").status_code in {308, 404}


def test_vendored_files_are_served_with_their_folder(client):
    build = load_assets().build
    reply = client.get(f"/kiosk/static/{build}/vendor/idb.js")
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, LONG)


def test_nothing_is_fetched_from_outside(client, static):
    written = client.get("/kiosk/").text + "".join(static.values())
    hosts = set(re.findall(r"https?://([\w-]+(?:\.[\w-]+)*)", written))
    # The name of SVG, which is never fetched; and what a sentence tells staff to open.
    assert hosts <= {"www.w3.org", "localhost"}
    assert "@import" not in written


def test_no_page_of_the_kiosk_sets_a_cookie_and_no_script_reads_one(client, tablet_at, static):
    tablet = tablet_at("one")
    for reply in (client.get("/kiosk/"), tablet.beat(), tablet.get("station.json")):
        assert "Set-Cookie" not in reply.headers
    assert not any("document.cookie" in script for script in static.values())


def test_the_tablet_is_sent_the_source_line_by_line_without_its_comments(static):
    sources = list((Path(kiosk.__file__).parent / "static").glob("*.js"))
    assert len(sources) == 16
    for source in sources:
        here = static[source.name].splitlines()
        for was, line in zip(source.read_text("utf-8").splitlines(), here, strict=True):
            assert line == was or (line == "" and re.match(r"\s*(/\*\*|\*|//)", was))
        assert not re.search(r"^\s*(/\*\*.*\*/$|//)", "\n".join(here), re.M)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("a; // why\n// why\nb;\n", "a; // why\n\nb;\n"),
        ("/**\n * What\n */\r\nf();\n  /** @type {X} */\n  x = 1;", "\n\n\nf();\n\n  x = 1;"),
        ("/** @type {X} */ (a).b(); /** c */\n", "/** @type {X} */ (a).b(); /** c */\n"),
        ("r = /\\/\\*\\*/;\nf(1); /* why */", "r = /\\/\\*\\*/;\nf(1); /* why */"),
    ],
    ids=["lines", "blocks", "casts", "code"],
)  # fmt: skip
def test_comments_beside_code_and_what_only_looks_like_one_stay(written, sent):
    assert without_comments(written.encode()).decode() == sent


def test_what_only_checking_needs_is_not_packaged():
    root = Path(kiosk.__file__).parents[1]
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    static = root / "kiosk" / "static"
    left = {
        file.relative_to(static).as_posix()
        for file in static.rglob("*.*")
        if not any(file.match(pattern) for pattern in settings["package-data"]["*"])
    }
    assert left == {"shapes.d.ts", "worker.tsconfig.json", "vendor/idb.d.ts"}


def test_vendored_files_are_sent_as_their_authors_wrote_them():
    source = Path(kiosk.__file__).parent / "static" / "vendor" / "idb.js"
    assert load_assets().files["vendor/idb.js"].content == source.read_bytes()
    assert not OUR_SCRIPT.fullmatch("vendor/idb.js")


def test_the_whole_app_comes_in_under_sixty_kilobytes(client):
    _, shell = constants(client.get("/kiosk/sw.js").text)
    sizes = [len(gzip.compress(client.get(path).data)) for path in [*shell, "/kiosk/sw.js"]]
    assert len(sizes) > 12
    assert sum(sizes) < 60_000
