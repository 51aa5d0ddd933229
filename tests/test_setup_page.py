"""The first start as an office lives it: `hailong serve` on an empty folder, and a browser."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page

from survey.backups import write_backup
from survey.config import file_settings, load_config
from survey.setup.machine import own_addresses
from survey.store import open_engine
from survey.store.staff import add_staff, list_staff
from survey.web.setup.restoring import LARGEST
from tests.axe import in_both_colours
from tests.chromium import NewContext
from tests.conftest import TODAY
from tests.first_start import PASSWORD, Start, Started, asked, fill_office, sign_in
from tests.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}
LAN = next(iter(own_addresses()), "")
needs_network = pytest.mark.skipif(not LAN, reason="this machine has no address in a network")


def is_fine(page: Page) -> None:
    """Nothing lies beyond the edges, and axe finds nothing."""
    page.wait_for_load_state()  # a page that was clicked for may only have begun
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert in_both_colours(page, RULES) == []


def go_on(page: Page, heading: str) -> None:
    """Continue, and look at the page that comes."""
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("heading", name=heading).wait_for()
    is_fine(page)


@needs_network
@pytest.mark.sqlite_is_enough  # test_desk_journey does so on PostgreSQL too
def test_from_an_empty_folder_to_the_signed_in_page_in_the_browser_alone(
    start: Start, database: str | None, new_context: NewContext
) -> None:
    office = start(database=database)
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    page.goto(office.url)
    is_fine(page)
    page.get_by_role("link", name="Cài đặt cơ quan mới").click()
    fill_office(page)
    is_fine(page)
    go_on(page, "Lĩnh vực")
    page.get_by_label("Dùng lĩnh vực Đầu tư").uncheck()
    page.get_by_label("Tên lĩnh vực Hộ kinh doanh").fill("Kinh doanh")
    page.get_by_label("Lĩnh vực thêm 1").fill("Nông nghiệp")
    go_on(page, "Quầy")
    page.get_by_role("button", name="Thêm quầy").click()
    page.get_by_label("Tên quầy").nth(1).fill("Cổng trụ sở")
    page.get_by_label("Bộ câu hỏi").nth(1).select_option("agency-service@2")
    go_on(page, "Địa chỉ")
    page.get_by_label(f"http://{LAN}").check()
    assert "chỉ trả lời trên chính máy này" in page.locator("main").inner_text()
    go_on(page, "Thử bằng một điện thoại")

    trial = page.locator(".link").inner_text()
    assert asked(LAN, office.port, "/setup") == 404  # the network sees the trial alone
    assert asked(LAN, office.port, trial.removeprefix(f"http://{LAN}:{office.port}")) == 200
    page.get_by_text("Điện thoại đã mở được địa chỉ này").wait_for()
    is_fine(page)
    page.get_by_role("link", name="Tiếp tục").click()
    is_fine(page)
    assert not (office.folder / "secret.key").exists()  # nothing is written before the end
    page.get_by_role("button", name="Hoàn tất cài đặt").click()
    page.get_by_role("heading", name="Đã cài đặt xong").wait_for()
    is_fine(page)
    page.get_by_role("link", name="In áp phích").click()
    sign_in(page)
    page.get_by_role("heading", name="Áp phích").wait_for()
    assert "KHÔNG TREO" not in page.locator("main").inner_text()

    assert office.process.poll() is None  # the same process, and nobody typed a command
    assert office.places() == ["UBND xã Đồng Tâm"]
    assert file_settings(office.folder)["host"] == "0.0.0.0"
    assert asked(LAN, office.port, "/sign-in") == 200  # phones reach it from now on
    for path in ("/setup", "/setup/office", "/setup/restore", "/setup/done", "/thu/x"):
        assert asked("127.0.0.1", office.port, path) == 404
    assert asked("127.0.0.1", office.port, "/setup/finish", "POST") == 404


def test_the_next_start_serves_the_office_and_no_set_up(
    start: Start, database: str | None, new_context: NewContext
) -> None:
    office = start(database=database)
    page = new_context(java_script_enabled=False).new_page()
    set_up_without_address(page, office)
    wait_until(lambda: asked("127.0.0.1", office.port, "/sign-in") == 200)
    office.stop()
    again = subprocess.Popen(
        [sys.executable, "-m", "survey", "serve", "--workers", "1"], env=office.environment
    )
    try:
        wait_until(lambda: answers(office), "the office")
        assert asked("127.0.0.1", office.port, "/setup") == 404
        page.goto(f"{office.url}/sign-in")
        sign_in(page)
    finally:
        again.terminate()
        again.wait(PATIENCE)


@needs_network
@pytest.mark.sqlite_is_enough  # the pages, and who serves them, are the same
def test_whoever_goes_on_from_the_last_page_at_once_comes_to_the_office(
    start: Start, database: str | None, new_context: NewContext
) -> None:
    office = start(database=database)
    page = new_context(java_script_enabled=False).new_page()
    fill_all(page, office, f"http://{LAN}")
    page.get_by_role("button", name="Hoàn tất cài đặt").click()
    page.get_by_role("link", name="In áp phích").click()
    sign_in(page)
    page.get_by_role("heading", name="Áp phích").wait_for()


def set_up_without_address(page: Page, office: Started) -> None:
    """As quickly as it can be done, every word as it stands."""
    fill_all(page, office, "Để sau")
    page.get_by_role("button", name="Hoàn tất cài đặt").click()
    page.get_by_role("heading", name="Đã cài đặt xong").wait_for()
    assert "đừng treo áp phích" in page.locator("main").inner_text()


def fill_all(page: Page, office: Started, address: str) -> None:
    """Everything up to the last button."""
    page.goto(f"{office.url}/setup/office")
    fill_office(page)
    for _ in range(3):
        page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label(address).check()
    page.get_by_role("button", name="Tiếp tục").click()
    page.goto(f"{office.url}/setup/finish")  # without trying a phone


def answers(office: Started) -> bool:
    try:
        return asked("127.0.0.1", office.port, "/sign-in") == 200
    except OSError:
        return False


@needs_network
def test_from_another_address_the_code_of_the_terminal_is_needed_and_works_once(
    start: Start, new_context: NewContext
) -> None:
    office = start("--host", "0.0.0.0")
    page, other = (new_context().new_page() for _ in range(2))
    for one in (page, other):
        one.goto(f"http://{LAN}:{office.port}/setup/office")
        one.get_by_role("heading", name="Nhập mã cài đặt").wait_for()
    is_fine(page)
    code = office.code()
    page.get_by_label("Mã").fill("2222 2222")
    page.get_by_role("button", name="Vào cài đặt").click()
    page.get_by_text("Mã không đúng").wait_for()
    is_fine(page)
    page.get_by_label("Mã").fill(code.upper().replace(" ", ""))
    page.get_by_role("button", name="Vào cài đặt").click()
    page.get_by_role("heading", name="Bắt đầu với Hài Lòng").wait_for()
    assert office.code() != code
    other.get_by_label("Mã").fill(code)
    other.get_by_role("button", name="Vào cài đặt").click()
    other.get_by_text("Mã không đúng").wait_for()


@pytest.mark.sqlite_is_enough  # tests/survey/setup/test_landing.py restores into PostgreSQL too
def test_a_backup_of_another_machine_is_this_office_after_two_pages(
    start: Start, database: str | None, new_context: NewContext, data_folder: Path, tmp_path: Path
) -> None:
    file = backup_of(data_folder, tmp_path / "sao-luu.zip")
    office = start(database=database, folder="new")
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    page.goto(office.url)
    page.get_by_role("link", name="Khôi phục từ tệp sao lưu").click()
    is_fine(page)
    (tmp_path / "anh.zip").write_bytes(b"PK no archive" * 100_000)
    page.get_by_label("Tệp sao lưu").set_input_files(tmp_path / "anh.zip")
    page.get_by_role("button", name="Đọc tệp").click()
    page.get_by_text("không phải bản sao lưu của Hài Lòng").wait_for()
    is_fine(page)
    assert asked("127.0.0.1", office.port, "/setup/restore", "POST", LARGEST * 2) == 413
    page.get_by_label("Tệp sao lưu").set_input_files(file)
    page.get_by_role("button", name="Đọc tệp").click()
    page.get_by_role("heading", name="Trong tệp sao lưu có").wait_for()
    is_fine(page)
    assert "1\ntài khoản" in page.locator(".counts").inner_text().replace("\n\n", "\n")
    assert not (office.folder / "secret.key").exists()
    page.get_by_role("button", name="Khôi phục cơ quan này").click()
    page.get_by_role("heading", name="Đã cài đặt xong").wait_for()
    page.get_by_role("link", name="Đăng nhập").click()
    sign_in(page, "thu.tran")
    key = (data_folder / "secret.key").read_bytes()
    assert (office.folder / "secret.key").read_bytes() == key
    assert list((office.folder / "uploads").iterdir()) == []


def backup_of(folder: Path, file: Path) -> Path:
    """A backup of the shipped commune with one account, made on another machine."""
    from survey.commands.init import prepare_database

    config = load_config(folder, environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    add_staff(engine, "thu.tran", PASSWORD, TODAY)
    assert [one.name for one in list_staff(engine)] == ["thu.tran"]
    write_backup(config, engine, file, datetime.now(config.zone))
    engine.dispose()
    return file
