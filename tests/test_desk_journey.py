"""An office's first year at the desk, in the browser: not one command after `hailong serve`."""

from __future__ import annotations

import time
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from survey.setup.machine import own_addresses
from tests.chromium import NewContext
from tests.first_start import PASSWORD, Start
from tests.officer import Officer
from tests.waiting import SEEING, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAN = next(iter(own_addresses()), "")
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}


@pytest.mark.skipif(not LAN, reason="this machine has no address in a network")
def test_from_an_empty_folder_to_a_printed_report_and_a_successor(
    start: Start, database: str | None, new_context: NewContext
) -> None:
    office = start(database=database)
    desk = new_context(accept_downloads=True).new_page()
    officer = Officer(desk, office.url)
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    last = today.replace(day=1) - timedelta(days=1)

    # The first day: set up, a counter, a poster, a tablet.
    officer.set_up("UBND xã Đồng Tâm", "lan.nguyen", f"http://{LAN}")
    officer.add_counter("Quầy 2", "Đất đai")
    poster = officer.print_poster()
    assert poster.startswith(f"http://{LAN}:{office.port}/r/")
    phone = new_context(**PHONE).new_page()
    phone.goto(poster)
    for question, value in (("overall", "2"), ("sector", "land")):
        phone.locator(f"input[name={question}][value='{value}']").tap(force=True)
        phone.locator(f"#{question} > .fold").wait_for()
    phone.locator("textarea").fill("Thiếu ghế ngồi chờ")
    time.sleep(SEEING)
    phone.get_by_role("button", name="Gửi ý kiến").tap()
    phone.get_by_role("heading", name="Cảm ơn Ông/Bà").wait_for()
    tablet = new_context(**PHONE).new_page()
    tablet.goto(f"{office.url}/kiosk/#{officer.pair_tablet().replace(' ', '').replace('-', '')}")
    tablet.get_by_role("button", name="Rất hài lòng").tap()
    tablet.locator(".recorded").wait_for()

    # Each month: paper, dossiers, comments; then the report that is printed.
    officer.type_sheets(last, "555545555545", "land")
    officer.import_dossiers(last, "Đất đai", 40)
    officer.handle_comment("ghế", "đã kê thêm ghế")
    officer.change_target("procedures-2030", "96%", "Kế hoạch 01/KH-UBND")
    printed = officer.print_results(f"{last:%Y-%m}")
    assert "UBND xã Đồng Tâm" in printed
    assert "trên 40 hồ sơ" in printed
    assert "Đất đai" in printed
    assert "96%" in printed
    assert "Đất đai" in officer.make_notebook(f"{last:%Y-%m}")

    # Handing over: a backup, and a successor who chooses a password by a link.
    with zipfile.ZipFile(officer.back_up()) as archive:
        assert archive.testzip() is None
    link = officer.invite("binh.tran")
    other = Officer(new_context().new_page(), office.url)
    other.page.goto(link.replace(f"http://{LAN}", "http://127.0.0.1"))
    other.fill("Mật khẩu mới", PASSWORD)
    other.fill("Nhập lại mật khẩu", PASSWORD)
    other.page.locator("main button").click()
    other.page.goto(f"{office.url}/sign-in")
    other.sign_in("binh.tran")
    other.page.get_by_role("heading", name="Hôm nay").wait_for()
    other.open("Máy tính bảng")
    wait_until(lambda: "Quầy 1" in other.page.locator("main").inner_text(), "the tablet")
    other.open("Góp ý")
    assert "đã kê thêm ghế" in other.page.locator("main").inner_text()
    assert office.process.poll() is None  # one server from the empty folder on
