"""The page, its document and its files over HTTP."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import pytest

LONG = "public, max-age=31536000, immutable"


def addresses(page: str) -> list[str]:
    """Everything that the page loads, its document included."""
    return re.findall(r'(?:src|href|data-document)="([^"]+)"', page)


def test_the_page_names_the_counter_in_vietnamese(client):
    page = client.get("/kiosk/one")
    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    assert '<html lang="vi">' in page.text
    assert "<h1>UBND xã Triệu Sơn</h1>" in page.text


def test_a_browser_without_scripts_is_sent_to_the_qr_code_in_both_languages(client):
    *_, silent = re.findall(r"<noscript>(.*?)</noscript>", client.get("/kiosk/one").text, re.S)
    assert "mã QR trên quầy" in silent
    assert "QR code at the counter" in silent


def test_names_are_text_and_never_markup(client, stations):
    hostile = '<script>alert(1)</script>"&'
    office = stations["one"].office.model_copy(update={"vi": hostile})
    stations["one"] = replace(stations["one"], office=office)
    page = client.get("/kiosk/one").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&amp;" in page


def test_nothing_on_the_page_runs_or_styles_inline(client):
    page = client.get("/kiosk/one").text
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []


@pytest.mark.parametrize("path", ["", "/questionnaire.json"])
@pytest.mark.parametrize(("code", "status"), [("nobody", 404), ("closed", 410)])
def test_an_unknown_link_and_a_link_out_of_use_show_no_form(client, code, status, path):
    assert client.get(f"/kiosk/{code}{path}").status_code == status


@pytest.mark.parametrize("path", ["/kiosk/one", "/kiosk/one/questionnaire.json"])
def test_an_unchanged_page_is_asked_for_again_but_not_sent_again(client, path):
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_changed_counter_is_sent_anew(client, stations):
    first = client.get("/kiosk/one/questionnaire.json")
    stations["one"] = replace(stations["one"], simulated=True)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/kiosk/one/questionnaire.json", headers=tag).json["simulated"] is True


def test_all_that_the_page_loads_is_here_and_of_the_right_kind(client):
    kinds = {client.get(path).content_type for path in addresses(client.get("/kiosk/one").text)}
    assert kinds == {
        "image/svg+xml",
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
        "application/json",
    }


def test_every_module_that_a_module_imports_is_served(client, static):
    (entry,) = re.findall(r'src="([^"]+kiosk\.js)"', client.get("/kiosk/one").text)
    folder = entry.removesuffix("kiosk.js")
    imported = {name for code in static.values() for name in re.findall(r"from '\./(.+?)'", code)}
    assert len(imported) >= 10
    for name in imported:
        assert client.get(folder + name).status_code == 200, name


def test_files_are_kept_for_good_under_the_address_of_their_version_only(client):
    (path,) = re.findall(r'href="([^"]+kiosk\.css)"', client.get("/kiosk/one").text)
    assert client.get(path).headers["Cache-Control"] == LONG
    other = re.sub(r"/static/\w+/", "/static/0123456789ab/", path)
    reply = client.get(other)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["nothing.js", "..%2f__init__.py", "%2e%2e/blueprint.py", "."])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/kiosk/static/0123456789ab/{name}").status_code == 404


def test_nothing_is_fetched_from_outside(client, static):
    written = client.get("/kiosk/one").text + "".join(static.values())
    hosts = set(re.findall(r"https?://([\w.-]+)", written))
    assert hosts <= {"www.w3.org"}  # the name of SVG, which is never fetched
    assert "@import" not in written


def test_nothing_about_a_person_is_written_to_the_device(static):
    """Until the outbox has its place on the device, no script knows one."""
    for name, script in static.items():
        assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", script), (
            name
        )
        assert not re.search(r"pushState|replaceState|location\.hash", script), name


def test_the_whole_app_comes_in_under_forty_kilobytes(client):
    page = client.get("/kiosk/one").text
    paths = addresses(page)
    folder = next(path for path in paths if path.endswith("kiosk.js")).removesuffix("kiosk.js")
    queue, seen = [path for path in paths if path.startswith(folder)], set()
    while queue:
        path = queue.pop()
        if path not in seen:
            seen.add(path)
            queue += [folder + name for name in re.findall(r"'\./(.+?)'", client.get(path).text)]
    loaded = [client.get(path).data for path in {*seen, *paths}] + [page.encode()]
    assert len(seen) > 12
    assert sum(len(gzip.compress(content)) for content in loaded) < 40_000
