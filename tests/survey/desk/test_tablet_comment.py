"""From the setting of a counter by its tablet and a citizen's phone to the page of comments."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import Engine, select

from survey.access import Grant
from survey.store import tables
from survey.store.kiosks import add_pairing
from survey.store.staff import add_staff
from tests.chromium import NewContext
from tests.survey.conftest import poster_code
from tests.survey.desk.pages import PASSWORD
from tests.survey.desk.paired import VERIFIER
from tests.survey.desk.seen import sign_in
from tests.survey.desk.test_access import TODAY
from tests.waiting import SEEING

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
TABLET = {"viewport": {"width": 1024, "height": 600}, "has_touch": True}


def rated(page: Page) -> None:
    """One citizen at the tablet, from the first tap to the screen of the comment."""
    page.locator('body[data-screen="start"] .levels .tile').nth(1).tap()
    for pattern in (".list .tile", ".list .tile"):  # the sector, then a reason
        page.locator(f'body[data-screen="form"] {pattern}').first.tap()
        page.wait_for_timeout(600)
    page.get_by_role("button", name="Tiếp theo").tap()
    page.get_by_role("button", name="Trả lời thêm").tap()
    for _ in range(20):  # more questions than any form has
        if page.locator(".qr").count():
            break
        page.get_by_role("button", name="Bỏ qua").tap()
        page.wait_for_timeout(400)  # a double tap answers one question


@pytest.mark.browser
@pytest.mark.sqlite_is_enough  # both: tests/survey/web/test_phone_comment.py
def test_what_is_written_on_the_phone_is_read_as_a_comment_and_counts_as_no_answer(
    new_context: NewContext, address: str, engine: Engine
) -> None:
    add_staff(engine, "lan", PASSWORD, TODAY, grant=Grant("administrator", None))
    desk = new_context().new_page()
    sign_in(desk, address, "lan", PASSWORD)
    desk.goto(f"{address}/places/counter?id=trieu-son/quay-3")
    desk.get_by_label("Góp ý tại máy tính bảng").select_option("phone")
    desk.get_by_role("button", name="Lưu").click()

    code = add_pairing(engine, "quay-3", VERIFIER, datetime.now(UTC), lasting=False)
    tablet = new_context(**TABLET).new_page()
    tablet.goto(f"{address}/kiosk/#{code}")
    rated(tablet)
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(tablet.screenshot())))
    path = urlsplit(read.text).path
    assert path == f"/r/{poster_code(engine, 'quay-3')}/comment"

    phone = new_context(**PHONE).new_page()
    asked: list[str] = []
    phone.on("request", lambda one: asked.append(one.url))
    phone.goto(f"{address}{path}")
    assert [one for one in asked if not one.startswith("data:")] == [f"{address}{path}"]
    phone.get_by_label("Ông/Bà muốn góp ý điều gì?").fill("Ghế chờ ít quá")
    phone.get_by_text("Không rõ").tap()
    time.sleep(SEEING)
    phone.get_by_role("button", name="Gửi ý kiến").tap()
    phone.get_by_role("heading", name="Cảm ơn Ông/Bà").wait_for()

    with tablet.expect_response("**/kiosk/responses"):
        tablet.get_by_role("button", name="Xong").tap()
    with engine.connect() as connection:
        responses = connection.execute(select(tables.response.c.response_id)).scalars().all()
        comments = connection.execute(select(tables.comment.c.id)).scalars().all()
    assert len(responses) == len(comments) == 1
    assert responses[0].replace("-", "") != comments[0]

    desk.goto(f"{address}/comments")
    shown = desk.locator("article, li, section", has_text="Ghế chờ ít quá").last
    assert "Không rõ lĩnh vực" in shown.inner_text()
