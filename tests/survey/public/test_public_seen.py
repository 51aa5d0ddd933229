"""The public page and its desk page in real Chromium: they fit, and axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from survey.access import EVERYTHING
from survey.store.improvements import add_improvement, find_improvement, publish_improvement
from survey.store.staff import add_staff
from tests.chromium import NewContext
from tests.served import behind_the_server
from tests.survey.desk.seen import checked, sign_in
from tests.survey.public.conftest import MONTH, OFFICE, TODAY, Opened
from tests.survey.public.test_open_page import BY, TEXTS
from tests.waiting import PATIENCE

PASSWORD = "bốn từ không dính nhau"

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_is_enough]


@pytest.fixture
def served(opened: Opened) -> Iterator[str]:
    """The office behind the product's own server, with an entry and a draft."""
    for _ in range(2):
        id_ = add_improvement(opened.engine, OFFICE, MONTH, TEXTS, BY)
    entry = find_improvement(opened.engine, id_)
    assert entry is not None
    assert publish_improvement(opened.engine, entry, TODAY, BY)
    with behind_the_server(opened.app) as address:
        yield address


@pytest.mark.slow
def test_the_public_page_fits_and_axe_finds_nothing_also_without_script(
    new_context: NewContext, served: str
) -> None:
    page: Page = new_context(base_url=served).new_page()
    for lang in ("vi", "en"):
        page.goto(f"/open?lang={lang}")
        checked(page)
    plain = new_context(base_url=served, java_script_enabled=False).new_page()
    plain.goto("/open")
    plain.get_by_role("link", name="English").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("How satisfied people are")
    expect(plain.get_by_text("Thêm một quầy <sáng>.")).to_be_visible()


@pytest.mark.slow
def test_the_desk_page_its_form_and_preview_fit_and_axe_finds_nothing(
    new_context: NewContext, served: str, opened: Opened
) -> None:
    add_staff(opened.engine, "chi", PASSWORD, TODAY, grant=EVERYTHING)
    page = new_context(base_url=served).new_page()
    sign_in(page, served, "chi", PASSWORD)
    here = f"/public-page?office={OFFICE}&month={MONTH}"
    for path in (
        here,
        here.replace("page", "page/entry", 1),
        f"/public-page/preview/{OFFICE}/{MONTH}",
    ):
        page.goto(path)
        checked(page)


def test_another_site_shows_the_picture(new_context: NewContext, served: str) -> None:
    page = new_context().new_page()
    page.set_content(f'<img src="{served}/open/{OFFICE}/latest.svg" alt="">')
    page.wait_for_function("document.images[0].complete", timeout=PATIENCE * 1000)
    assert page.evaluate("document.images[0].naturalWidth") > 0
