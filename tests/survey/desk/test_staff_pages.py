"""The demonstration office in real Chromium, as the officer sees it."""

from __future__ import annotations

import io
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Page

from survey.intake import Response
from survey.store import open_engine
from survey.store.responses import add_many
from survey.store.seals import last_sealed_day
from survey.web.desk.frame import NAVIGATION
from tests.axe import in_both_languages, violations
from tests.chromium import NewContext
from tests.survey.desk.seen import pressed
from tests.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}
MONTHS = {"vi": "Từng tháng của mỗi lĩnh vực", "en": "Month by month, for every sector"}
COMMENTS = {"vi": "Góp ý của người dân", "en": "What citizens wrote"}
LONG_WORD = "nhiệttình" * 20
OPENED = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
SIZES = [(360, 640), (800, 1280), (1280, 800)]


@dataclass(frozen=True)
class Demo:
    """The four lines that `hailong demo` prints."""

    poster: str
    kiosk: str
    results: str
    name: str
    password: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    folder = str(tmp_path_factory.mktemp("demo") / "office")
    server = subprocess.Popen(
        [sys.executable, "-m", "survey", "demo", "--data", folder, "--port", port,
         "--responses", "900"],
        stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        lines = dict(server.stdout.readline().strip().split(": ", 1) for _ in range(4))
        wait_until(lambda: answers(int(port)))
        write_comments(Path(folder))
        wait_for_seals(Path(folder))
        name, password = lines["sign-in"].split()
        yield Demo(lines["poster"], lines["kiosk"], lines["results"], name, password)
    finally:
        server.terminate()
        server.wait(PATIENCE)
        server.stdout.close()


def write_comments(folder: Path) -> None:
    """Comments over two pages; one holds a word without end."""
    engine = open_engine(f"sqlite:///{(folder / 'hailong.sqlite3').as_posix()}")
    sheet = ("desk@1", "trieu-son", "land", "poster", date(2026, 10, 5), "2-----")
    texts = [LONG_WORD, *["Chờ lâu"] * 59]
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(len(texts))]
    add_many(
        engine, [Response(id_, *sheet, comment=text) for id_, text in zip(ids, texts, strict=True)]
    )
    engine.dispose()


def wait_for_seals(folder: Path) -> None:
    """A year is sealed at once after the first start: meanwhile the server may say it is busy."""
    engine = open_engine(f"sqlite:///{(folder / 'hailong.sqlite3').as_posix()}")
    wait_until(lambda: last_sealed_day(engine) is not None, "the first seals")
    engine.dispose()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sign_in(page: Page, demo: Demo, lang: str = "vi") -> None:
    page.goto(f"{demo.results}?lang={lang}")
    page.locator("#name").fill(demo.name)
    page.locator("#password").fill(demo.password)
    page.locator("main button").click()
    page.locator("table >> visible=true").first.wait_for()  # a first view is computed before


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_axe_finds_nothing_on_the_staff_pages(new_context: NewContext, demo: Demo, lang):
    page = new_context().new_page()
    page.goto(f"{demo.results}?lang={lang}")
    assert in_both_languages(page, RULES) == []
    sign_in(page, demo, lang)
    assert in_both_languages(page, RULES) == []
    page.evaluate(OPENED)
    assert in_both_languages(page, RULES) == []
    pressed(page, page.get_by_role("link", name=MONTHS[lang]))
    assert in_both_languages(page, RULES) == []
    page.go_back()
    pressed(page, page.get_by_role("link", name=COMMENTS[lang]))
    assert in_both_languages(page, RULES) == []
    pressed(page, page.locator(".comments button").first)
    assert in_both_languages(page, RULES) == []
    for address in ("1999-01", "none"):
        page.goto(f"{demo.results}/{address}?lang={lang}")
        assert in_both_languages(page, RULES) == []


DRAWN = "document.querySelector('img').naturalWidth > 0"
PRINT = {"vi": "Bản in, một trang A4", "en": "Print version, one A4 page"}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_results_of_a_period_are_printed_on_one_sheet(
    new_context: NewContext, demo: Demo, lang
):
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    sign_in(page, demo, lang)
    page.get_by_role("link", name=PRINT[lang]).click()
    wait_until(lambda: page.reload() and page.evaluate(DRAWN))  # a first chart is computed before
    sectors = page.locator("tbody th").all_inner_texts()
    sheet = pdfium.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(sheet) == 1
    assert [round(side / 72 * 25.4) for side in sheet[0].get_size()] == [210, 297]
    printed = re.sub(r"\s+", " ", sheet[0].get_textpage().get_text_range())
    assert len(sectors) > 8
    assert all(sector in printed for sector in sectors)
    assert "Ctrl" not in printed  # what is said for the screen alone
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert in_both_languages(page, RULES) == []


LINES = "[...document.querySelectorAll('.lines tbody tr')]"


def test_every_verdict_is_seen_without_scrolling(new_context: NewContext, demo: Demo):
    """On a desk's screen the six of the plan; on a phone those of an office with two or three."""
    page = new_context(viewport={"width": 1366, "height": 768}).new_page()
    sign_in(page, demo)
    # The rest are those of another questionnaire, which this office's comments were given with.
    assert page.locator(".lines tbody tr", has_not_text="desk@1").count() == 6
    assert page.evaluate(f"{LINES}[5].getBoundingClientRect().bottom") <= 768
    page.set_viewport_size({"width": 360, "height": 640})
    # An office of real answers has no such mark, and this one's targets are of one or two scopes.
    page.evaluate(f"document.querySelector('.sim').remove(); {LINES}.slice(2).map(e => e.remove())")
    assert page.locator(".lines .judgement").count() == 4
    assert page.evaluate(f"{LINES}[1].getBoundingClientRect().bottom") <= 640
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_is_folded_opens_by_key_by_link_and_on_paper(new_context: NewContext, demo: Demo):
    page = new_context(viewport={"width": 1366, "height": 768}).new_page()
    sign_in(page, demo)
    opened = "[...document.querySelectorAll('details.question[open]')].map((one) => one.id)"
    assert page.evaluate(opened) == []
    page.goto(f"{page.url}#silence")  # in the first question
    wait_until(lambda: page.evaluate(opened) == ["verdict"])
    assert page.locator("#silence table").is_visible()
    page.locator("#who summary").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(opened) == ["verdict", "who"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    on_paper = page.evaluate(opened)
    assert {"cause", "change", "trust"} <= set(on_paper) and "method" not in on_paper
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(opened) == ["verdict", "who"]


def test_the_results_are_read_in_the_colours_that_the_system_forces(
    new_context: NewContext, demo: Demo
):
    page = new_context(viewport={"width": 360, "height": 640}, forced_colors="active").new_page()
    sign_in(page, demo)
    page.evaluate(OPENED)
    # The system's colours are not the page's, and axe sees the page's.
    assert violations(page, RULES | {"rules": {"color-contrast": {"enabled": False}}}) == []
    all_of = "[...document.querySelectorAll('.slim path')].map((e) => getComputedStyle(e).stroke)"
    strokes = set(page.evaluate(all_of)) - {"none"}
    assert strokes and "rgb(11, 61, 145)" not in strokes  # the page's own blue


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_neither_results_nor_comments_scroll_sideways(
    new_context: NewContext, demo: Demo, width, height
):
    page = new_context(viewport={"width": width, "height": height}).new_page()
    sign_in(page, demo)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(OPENED)
    edges = page.locator("td").evaluate_all(
        "cells => cells.map((cell) => cell.getBoundingClientRect().right)"
    )
    assert edges
    assert max(edges) <= width
    page.get_by_role("link", name=MONTHS["vi"]).click()
    page.locator("td >> visible=true").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.go_back()
    page.get_by_role("link", name=COMMENTS["vi"]).click()
    page.get_by_text(LONG_WORD).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".comments li", has_text=LONG_WORD).locator("button").click()
    page.locator("button[name=sure]").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


ACCOUNTS = (
    *("/accounts", "/accounts/invite", "/accounts/edit?account={name}", "/account"),
    *("/posters", "/log", "/log?month=1999-01", "/accounts/edit?account=nobody", "/password/none"),
)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_pages_of_accounts_and_the_log_fit_and_axe_finds_nothing(
    new_context: NewContext, demo: Demo, lang
):
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    sign_in(page, demo, lang)
    site = demo.results.removesuffix("/results")
    menu = page.locator(".menu a")
    assert menu.count() == sum(not page.several for page in NAVIGATION)
    current = page.locator(".menu a[aria-current=page]")
    assert current.count() == 1
    for path in ("/dossiers", "/tablets", "/slips", "/server"):  # the last of their lines
        page.goto(f"{site}{path}?lang={lang}")
        box = current.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.goto(f"{site}/accounts?lang={lang}")

    def fits() -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        assert in_both_languages(page, RULES) == []

    for path in ACCOUNTS:
        address = f"{site}{path.format(name=demo.name)}"
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
        fits()
    page.goto(f"{site}/accounts/invite?lang={lang}")
    page.locator("#account").fill(f"{LONG_WORD[:50]}-{lang}")
    page.locator("main button").first.click()
    page.locator(".link").wait_for()
    fits()
    page.goto(f"{site}/accounts/edit?account={demo.name}&lang={lang}")
    page.locator("form:has(input[value=stop]) button").click()
    page.locator("button[name=sure]").click()
    page.locator(".err").wait_for()  # the last administrator
    fits()
    page.get_by_role("link", name="English" if lang == "vi" else "Tiếng Việt").wait_for()


def test_changing_the_language_keeps_what_a_page_was_asked_for(new_context: NewContext, demo: Demo):
    page = new_context().new_page()
    sign_in(page, demo)
    page.goto(f"{demo.results.removesuffix('/results')}/accounts/edit?account={demo.name}")
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name=f"Account {demo.name}").wait_for()


def test_every_page_of_a_demonstration_says_that_it_is_one(new_context: NewContext, demo: Demo):
    page = new_context().new_page()
    page.goto(demo.poster)
    assert "mô phỏng" in page.locator("main").inner_text()
    page.goto(demo.kiosk)
    page.get_by_text(re.compile("mô phỏng", re.IGNORECASE)).first.wait_for()
    sign_in(page, demo)
    assert "mô phỏng" in page.locator("main").inner_text()


def test_the_staff_pages_load_nothing_from_outside_and_complain_of_nothing(
    new_context: NewContext, demo: Demo
):
    page = new_context().new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    sign_in(page, demo)
    own = demo.results.removesuffix("/results")
    assert [url for url in asked if not url.startswith((own, "data:"))] == []
    assert said == []
