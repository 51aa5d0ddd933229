"""The pictures of README and of the officer's handbook, taken anew from a demonstration office.

Two servers on loopback, in folders that are gone afterwards: one on an empty folder, for the
set-up, and a demonstration. A test looks whether each picture is shown somewhere, and small.
Run:  python -m benchmarks.pictures [NAME …]
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, Error, Page

from benchmarks.office import answers
from benchmarks.officer import serving
from tests.chromium import chromium
from tests.first_start import PASSWORD
from tests.officer import HEAD, Officer
from tests.postgres import free_port
from tests.waiting import PATIENCE, SEEING, wait_until

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs" / "images"
WIDE: Final = {"width": 1000, "height": 720}
PHONE: Final = {"width": 360, "height": 640}
LARGEST: Final = 60_000  # bytes
COLOURS: Final = (128, 64, 32, 16)  # fewer until a picture is small enough
TALLEST: Final = 680  # pixels of a page that a picture shows
FIGURES: Final = 240_000  # milliseconds for a page to be computed


_TIDY: Final = """([folder, usual]) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode())
    texts.currentNode.data = texts.currentNode.data.replace(new RegExp(folder, "g"), usual);
  scrollTo(0, 0);
}"""
"""Shows the page from its top, and a folder of any office in the place of one for a minute."""


@dataclass(frozen=True, slots=True)
class Album:
    """Keeps pictures; those that were named, where some were."""

    wanted: frozenset[str]

    def keep(self, page: Page, name: str, tallest: int = TALLEST, *, head: bool = False) -> None:
        """Keep what a page shows in its main part, with the navigation above it where asked."""
        if self.wanted and name not in self.wanted:
            return
        page.evaluate(_TIDY, [f"{tempfile.gettempdir()}/hailong-\\w+-\\w+/\\w+", "D:/HaiLong"])
        box = page.locator("main").bounding_box()
        assert box is not None, name
        top = 0 if head else box["y"]
        height = min(box["y"] + box["height"] - top, tallest)
        clip = {"x": box["x"], "y": top, "width": box["width"], "height": height}
        taken = page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]  # as it wants it
        _write(FOLDER / f"{name}.png", taken)


def _write(file: Path, taken: bytes) -> None:
    """Write a picture with as many colours as it may have."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for colours in COLOURS:
        small = io.BytesIO()
        Image.open(io.BytesIO(taken)).convert("RGB").quantize(colours).save(
            small, "PNG", optimize=True
        )
        if small.tell() <= LARGEST:
            break
    file.write_bytes(small.getvalue())
    print(f"{file.relative_to(ROOT)}  {small.tell()} bytes, {colours} colours", flush=True)


def main() -> None:
    """Take every picture, or those named."""
    album = Album(frozenset(sys.argv[1:]))
    with chromium() as browser:
        with serving() as url:
            _first_day(album, Officer(_page(browser, url), url))
        with demonstration() as (url, password, poster):
            officer = Officer(_page(browser, url), url)
            _phone(album, browser, poster)
            officer.page.goto(f"{url}/sign-in?lang=vi")
            officer.page.locator("#name").fill("demo")
            officer.page.locator("#password").fill(password)
            officer.page.locator("main button").click()
            officer.page.locator("nav.menu").wait_for()
            for part in (_each_month, _trouble, _handing_over):
                part(album, officer)


def _page(browser: Browser, url: str) -> Page:
    options: dict[str, object] = {"viewport": WIDE, "base_url": url, "locale": "vi-VN"}
    page = browser.new_context(accept_downloads=True, **options).new_page()  # type: ignore[arg-type]  # as it wants them
    page.set_default_timeout(PATIENCE * 1000)
    return page


def _open(page: Page, path: str) -> None:
    """Open a page, also from one that is about to load itself again."""
    try:
        page.goto(path)
    except Error as error:
        if "ERR_ABORTED" not in error.message:
            raise
        page.goto(path)


@contextmanager
def demonstration() -> Iterator[tuple[str, str, str]]:
    """`hailong demo` in a new folder: its address, the password, and a poster's address."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hailong-pictures-") as place:
        data, log = Path(place) / "demo", Path(place) / "log"
        words = ["-m", "survey", "demo", "--data", str(data), "--port", str(port)]
        with log.open("wb") as file:
            process = subprocess.Popen([sys.executable, *words], stdout=file, stderr=file)
        try:
            wait_until(lambda: answers(port, "/healthz"), "the demonstration", 2 * PATIENCE)
            said = log.read_text(encoding="utf-8")
            poster = next(line for line in said.splitlines() if line.startswith("poster: "))
            keys = json.loads((data / "demo.json").read_text(encoding="utf-8"))
            yield f"http://127.0.0.1:{port}", keys["password"], poster.partition(" ")[2]
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _first_day(album: Album, officer: Officer) -> None:
    """The set-up, step by step, to the posters; and where a backup is restored."""
    page = officer.page
    page.goto(f"{officer.url}/?lang=vi")
    album.keep(page, "officer/set-up")
    page.goto(f"{officer.url}/setup/restore?lang=vi")
    album.keep(page, "officer/restore")
    page.goto(f"{officer.url}/setup/office?lang=vi")
    officer.fill("Tên cơ quan", "UBND xã Đồng Tâm")
    officer.fill("Tên đăng nhập", "lan.nguyen")
    officer.fill("Mật khẩu", PASSWORD)
    officer.fill("Nhập lại mật khẩu", PASSWORD, exact=False)
    album.keep(page, "officer/set-up-office", 1050)
    for heading in ("Lĩnh vực", "Quầy", "Địa chỉ"):
        officer.click("Tiếp tục")
        page.get_by_role("heading", name=heading).wait_for()
    album.keep(page, "officer/set-up-address", 900)
    page.locator("main input[type=radio]").first.check()
    officer.click("Tiếp tục")
    page.get_by_role("link", name="Để sau, tiếp tục").wait_for()
    album.keep(page, "officer/set-up-phone")
    officer.click("Để sau, tiếp tục", "link")
    officer.click("Hoàn tất cài đặt")
    page.get_by_role("heading", name="Đã cài đặt xong").wait_for()
    officer.click("In áp phích", "link")
    officer.sign_in("lan.nguyen")
    album.keep(page, "officer/posters")


def _phone(album: Album, browser: Browser, poster: str) -> None:
    """A citizen's form; and two comments, for the officer to read."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=1.5, locale="vi-VN")  # type: ignore[arg-type]  # as it wants it
    page = context.new_page()
    page.goto(poster)
    if not album.wanted or "phone-form" in album.wanted:
        _write(FOLDER / "phone-form.png", page.screenshot())
    for words in ("Phải chờ lâu, ít ghế ngồi.", "Anh chị hướng dẫn rất tận tình."):
        page.goto(f"{poster}/comment?new=1")
        page.locator("textarea").fill(words)
        sector = page.locator("input[name=sector]")
        if sector.count():
            sector.first.check(force=True)
        time.sleep(SEEING)
        page.locator("button.send").click()
        page.get_by_text("Cảm ơn").first.wait_for()
    context.close()


def _each_month(album: Album, officer: Officer) -> None:
    page, last = officer.page, datetime.now(ZONE).date().replace(day=1) - timedelta(days=1)
    _open(page, f"/results/{last:%Y-%m}?lang=vi")
    page.locator("main img, main svg").first.wait_for(timeout=FIGURES)
    album.keep(page, "results", 1150, head=True)
    _open(page, "/today?lang=vi")
    page.locator("ol.tasks").wait_for()
    wait_until(lambda: page.request.get("/today").status == 200, "today", 2 * PATIENCE)
    _open(page, "/today?lang=vi")
    album.keep(page, "officer/today", 1250, head=True)
    _preview(page, last)
    album.keep(page, "officer/dossiers", 900)
    _open(page, "/files/report?lang=vi")
    album.keep(page, "officer/report")
    _open(page, "/comments?lang=vi")
    album.keep(page, "officer/comments", 900)
    _open(page, "/paper?lang=vi")
    officer.click("Bắt đầu gõ")
    page.locator("form[data-sheet]").wait_for()
    album.keep(page, "officer/paper")


def _preview(page: Page, month: date) -> None:
    """A month's dossiers as they are shown before anything is kept."""
    rows = [HEAD]
    sectors = ("Đất đai", "Hộ tịch", "Chứng thực")
    for number in range(60):
        day = f"{1 + number % 28:02}/{month:%m/%Y}"
        rows.append((f"H26.{number:04}", sectors[number % 3], day, day, day))
    text = "\n".join(",".join(row) for row in rows)
    _open(page, "/dossiers?lang=vi")
    file = {"name": "ho-so-thang.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # as it wants it
    page.get_by_role("button", name="Gửi và xem trước").click()
    page.locator("table").first.wait_for()


def _trouble(album: Album, officer: Officer) -> None:
    page = officer.page
    _open(page, "/tablets/pair?lang=vi")
    officer.click("Tạo mã ghép")
    page.locator("#code").wait_for()
    album.keep(page, "officer/pair", 820)
    _open(page, "/server/check?lang=vi")
    album.keep(page, "officer/check", 900)
    _open(page, "/server?lang=vi")
    album.keep(page, "officer/server", 760)
    _open(page, "/server/key?lang=vi")
    album.keep(page, "officer/key")
    _open(page, "/places/counter?id=trieu-son/quay-1&lang=vi")
    album.keep(page, "officer/counter", 900)


def _handing_over(album: Album, officer: Officer) -> None:
    page = officer.page
    _open(page, "/accounts/invite?lang=vi")
    officer.fill("Tên đăng nhập", "binh.tran")
    album.keep(page, "officer/invite")
    officer.click("Tạo liên kết mời")
    page.locator(".link").wait_for()
    album.keep(page, "officer/invite-link")
    _open(page, "/accounts/edit?account=binh.tran&lang=vi")
    album.keep(page, "officer/account", 760)
    _open(page, "/log?lang=vi")
    album.keep(page, "officer/log")


if __name__ == "__main__":
    main()
