"""A staff page as people see it, in real Chromium."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.axe import in_both_languages

SIZES = [(360, 640), (800, 1280), (1366, 768)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}


def sign_in(page: Page, address: str, name: str, password: str, lang: str = "vi") -> None:
    """Sign in by the form."""
    page.goto(f"{address}/sign-in?lang={lang}")
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("main button").click()
    page.locator("nav.menu").wait_for()


def pressed(page: Page, button: Locator) -> None:
    """Press what leads to another page, and wait until that one is loaded.

    A click alone returns while the former page still stands, or neither does.
    """
    with page.expect_navigation():
        button.click()


LETTERS = 16  # pixels of a letter where nobody chose others
WIDER = """() => [document.documentElement, ...document.querySelectorAll('.scroll')]
  .filter((one) => one.scrollWidth > one.clientWidth + (one.className ? 1 : 0))  // a heading unseen
  .map((one) => `${one.ariaLabel}: ${one.scrollWidth} > ${one.clientWidth}`)"""


def checked(page: Page) -> None:
    """The page as it is fits every screen and letters twice as large, and axe finds nothing; for
    tests in both languages.
    """
    session = page.context.new_cdp_session(page)
    for letters in (2 * LETTERS, LETTERS):
        session.send("Page.setFontSizes", {"fontSizes": {"standard": letters, "fixed": letters}})
        fits(page)
    session.detach()
    assert in_both_languages(page, RULES) == []


def fits(page: Page) -> None:
    """Neither the page nor a table of it scrolls sideways; what is folded is open."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert not (found := page.evaluate(WIDER)), found
