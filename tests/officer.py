"""An officer at the desk: every task of an office's year as it is done in the browser.

Steps are counted: a click, a field filled in, a choice made. Used by the journey of the tests and
by benchmarks.officer, which times it.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pypdfium2
import zxingcpp
from playwright.sync_api import Download, Error, Page

from tests.first_start import PASSWORD
from tests.waiting import wait_until

HEAD = ("Mã hồ sơ", "Lĩnh vực", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả")


@dataclass
class Officer:
    """Somebody in front of a browser, at an address that is the server's own."""

    page: Page
    url: str
    steps: int = 0

    def click(self, name: str, role: Any = "button", *, exact: bool = False) -> None:
        self.steps += 1
        self.page.get_by_role(role, name=name, exact=exact).first.click()

    def fill(self, label: str, text: str, *, exact: bool = True) -> None:
        self.steps += 1
        self.page.get_by_label(label, exact=exact).fill(text)

    def choose(self, label: str, value: str) -> None:
        self.steps += 1
        self.page.get_by_label(label, exact=True).select_option(value)

    def open(self, name: str) -> None:
        """A page of the navigation."""
        self.steps += 1
        menu = self.page.locator("nav.menu")
        self.page.wait_for_load_state()
        link = menu.locator("a", has_text=re.compile(f"^{re.escape(name)}$"))
        if not link.is_visible():
            self.steps += 1
            menu.locator("summary").click()
        link.click()
        self.page.get_by_role("heading", level=1).wait_for()

    def download(self, name: str, role: Any = "button") -> Path:
        with self.page.expect_download() as coming:
            self.click(name, role)
        return Path(cast(Download, coming.value).path())

    # --- The tasks ----------------------------------------------------------------------------

    def set_up(self, office: str, account: str, address: str) -> None:
        """From an empty folder to the page of posters. `address`: one of this machine's."""
        self.page.goto(self.url)
        self.click("Cài đặt cơ quan mới", "link")
        self.fill("Tên cơ quan", office)
        self.fill("Tên đăng nhập", account)
        self.fill("Mật khẩu", PASSWORD)
        self.fill("Nhập lại mật khẩu", PASSWORD, exact=False)
        for heading in ("Lĩnh vực", "Quầy", "Địa chỉ"):
            self.click("Tiếp tục")
            self.page.get_by_role("heading", name=heading).wait_for()
        self.steps += 1
        self.page.get_by_label(address).check()
        self.click("Tiếp tục")
        self.click("Để sau, tiếp tục", "link")
        self.click("Hoàn tất cài đặt")
        self.page.get_by_role("heading", name="Đã cài đặt xong").wait_for()
        self.click("In áp phích", "link")
        self.sign_in(account)
        self.page.get_by_role("heading", name="Áp phích").wait_for()

    def sign_in(self, account: str) -> None:
        self.fill("Tên đăng nhập", account)
        self.fill("Mật khẩu", PASSWORD)
        self.click("Đăng nhập")
        self.page.locator("nav.menu").wait_for()

    def print_poster(self) -> str:
        """Download the first poster; returns what a phone reads from it."""
        self.open("Áp phích")
        sheet = pypdfium2.PdfDocument(self.download("A4", "link"))[0]
        (found,) = zxingcpp.read_barcodes(sheet.render(scale=150 / 72).to_pil())
        return found.text

    def add_counter(self, name: str, sector: str) -> None:
        self.open("Cơ quan và quầy")
        self.click("Thêm quầy", "link")
        self.fill("Tên", name)
        self.steps += 1
        self.page.get_by_label(sector, exact=True).check()
        self.click("Lưu", exact=True)
        self.page.get_by_text(f"Đã lưu: {name}.").wait_for()

    def pair_tablet(self) -> str:
        """Returns the code that the tablet is told."""
        self.open("Máy tính bảng")
        self.click("Ghép máy mới", "link")
        self.click("Tạo mã ghép")
        return self.page.locator("#code").inner_text()

    def type_sheets(self, day: date, scores: str, sector: str) -> None:
        """A paper sheet for each digit: the overall question alone, by the keyboard."""
        self.open("Nhập phiếu giấy")
        self.fill("Ngày trả lời", day.isoformat())
        self.click("Bắt đầu gõ")
        for number, score in enumerate(scores, start=1):
            self.page.locator("#sector").select_option(sector)
            self.page.locator("#overall").press(score)
            self.page.locator("#comment").press("Enter")
            self.page.keyboard.press("Enter")
            self.steps += 4
            self.page.get_by_text(f"Đã lưu {number} phiếu").wait_for()

    def import_dossiers(self, month: date, sector: str, completed: int) -> None:
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(HEAD)
        days = [f"{1 + n % 28:02}/{month:%m/%Y}" for n in range(completed)]
        rows.writerows([f"H26.{n:04}", sector, day, day, day] for n, day in enumerate(days))
        content = text.getvalue().encode("utf-8-sig")
        self.open("Hồ sơ tháng")
        self.steps += 1
        self.page.get_by_label("Tệp xuất từ phần mềm một cửa").set_input_files(
            {"name": "ho-so.csv", "mimeType": "text/csv", "buffer": content}
        )
        self.click("Gửi và xem trước")
        self.click("Lưu số hồ sơ")
        self.page.get_by_text("Đã lưu.").wait_for()

    def handle_comment(self, words: str, done: str) -> None:
        self.open("Góp ý")
        self.fill("Có chữ", words)
        self.click("Lọc")
        self.click("Xử lý", "link")
        self.choose("Tình trạng", "done")
        self.fill("Đã làm gì", done)
        self.click("Lưu", exact=True)
        self.page.get_by_role("heading", name="Góp ý của người dân").wait_for()

    def change_target(self, id_: str, share: str, source: str) -> None:
        self.open("Mục tiêu")
        self.steps += 1
        self.page.locator(f"a[href*='id={id_}&']").click()
        self.fill("Mức phải đạt", share)
        self.fill("Căn cứ", source)
        self.click("Lưu", exact=True)
        self.page.get_by_role("heading", name="Đã sửa").wait_for()

    def print_results(self, period: str) -> str:
        """The words on the one A4 page of a period."""
        self.open("Kết quả")
        wait_until(lambda: self._pick(period), "the choice of periods")
        self.steps += 1
        self.click("Xem", exact=True)
        self.page.get_by_role("link", name="Bản in, một trang A4").wait_for(timeout=120_000)
        self.click("Bản in, một trang A4", "link")
        self.page.locator("tbody tr").first.wait_for(timeout=120_000)
        sheet = pypdfium2.PdfDocument(io.BytesIO(self.page.pdf(prefer_css_page_size=True)))
        assert len(sheet) == 1
        return " ".join(sheet[0].get_textpage().get_text_range().split())

    def _pick(self, period: str) -> bool:
        """Choose a period: beside figures the choice is folded; without, the page loads again."""
        try:
            if self.page.locator(".chosen details:not([open])").count():
                self.page.locator(".chosen summary").click(timeout=2_000)
            self.page.get_by_label("Kỳ", exact=True).select_option(period, timeout=2_000)
        except Error:
            return False
        return True

    def make_notebook(self, period: str) -> str:
        """The page of the notebook, to be passed on."""
        self.page.goto(f"{self.url}/files")
        self.choose("Tệp", "published")
        self.choose("Kỳ", period)
        self.click("Làm tệp")
        self.page.get_by_text("Tệp đã xong").wait_for(timeout=240_000)
        return self.download("Tải về", "link").read_text(encoding="utf-8")

    def invite(self, account: str) -> str:
        """Returns the link to hand on."""
        self.page.goto(f"{self.url}/accounts")
        self.click("Mời người dùng", "link")
        self.fill("Tên đăng nhập", account)
        self.click("Tạo liên kết mời")
        return self.page.locator(".link").inner_text()

    def back_up(self) -> Path:
        self.open("Máy chủ")
        return self.download("Sao lưu ngay và tải về")
