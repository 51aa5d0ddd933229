"""A phone in Chromium and the hands of the person who holds it, before a really served office."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, Response

from tests.chromium import NewContext
from tests.served import ServedOffice
from tests.waiting import SEEING

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
}


@dataclass
class Phone:
    """One tab. Everything is done by touch, and waits until it can be done."""

    page: Page
    office: ServedOffice
    sent: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "POST":
            self.sent.append(request)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def open(self, counter: str = "quay-1", query: str = "", **where: str) -> Response:
        """Scan the poster of a counter."""
        reply = self.page.goto(self.office.address(counter, **where) + query)
        assert reply is not None
        return reply

    def other_tab(self) -> Phone:
        return Phone(self.page.context.new_page(), self.office)

    def option(self, question: str, value: str | int) -> Locator:
        """The input of an answer."""
        return self.page.locator(f'input[name="{question}"][value="{value}"]')

    def row(self, question: str, value: str | int) -> Locator:
        """What a finger touches: the whole row."""
        return self.page.locator("label", has=self.option(question, value))

    def choose(self, **answers: str | int) -> None:
        for question, value in answers.items():
            self._open(question, value)
            self.row(question, value).tap()
            if not self.option(question, value).is_checked():  # taken for half of a double tap
                self.page.wait_for_timeout(500)
                self.row(question, value).tap()

    def _open(self, question: str, value: str | int) -> None:
        """Have the question open: it folds a moment after a touch, and a second one may come too
        soon after the first."""
        self.page.wait_for_timeout(50)  # the page's own clock needs script
        for _ in range(3):
            if not self.folded(question).count():
                break
            self.folded(question).tap()
            if self.row(question, value).is_visible():
                break
            self.page.wait_for_timeout(500)

    def folded(self, question: str) -> Locator:
        """The line that a question folds to once it is answered by touch."""
        return self.page.locator(f"#{question} > button.fold")

    def write(self, text: str) -> None:
        self.page.locator("textarea").fill(text)

    @property
    def button(self) -> Locator:
        return self.page.locator("button.send")

    @property
    def message(self) -> Locator:
        """The line below the button, while sending and when it did not work."""
        return self.page.get_by_role("status")

    def send(self) -> None:
        """Tap Send as a person does, who first sees where the page has moved to."""
        time.sleep(SEEING)
        self.button.tap()

    def says(self, words: str) -> None:
        """Wait for a message; its words are on the screen without scrolling."""
        shown = self.page.wait_for_function(
            """words => { const line = document.querySelector("[role=status]");
              if (!line || !line.textContent.includes(words)) return null;
              const { top, bottom } = line.getBoundingClientRect();
              return { top, bottom, height: innerHeight }; }""",
            arg=words,
        ).json_value()
        assert 0 <= shown["top"] < shown["bottom"] <= shown["height"]

    def heading(self, words: str) -> None:
        self.page.get_by_role("heading", name=words, level=1).wait_for()

    def thanked(self) -> None:
        self.heading("Cảm ơn Ông/Bà. Ý kiến đã được ghi nhận.")
        assert "/thanks?" in self.page.url

    def first_counted(self) -> None:
        self.heading("Phiếu này đã được gửi rồi")

    def sent_already(self) -> None:
        """What is found on the way back from thanks: no form to fill in, and how to get one."""
        self.page.get_by_text("Đã gửi lúc nãy").wait_for()
        assert self.button.is_hidden()

    @property
    def another(self) -> Locator:
        """What leads to a form for another visit or person."""
        words = "Trả lời cho lần khác / người khác"
        return self.page.locator("main a:visible, main button:visible", has_text=words)

    def chosen(self) -> list[tuple[str, str]]:
        """Every answer that is selected on the page."""
        found = self.page.locator("input:checked").evaluate_all(
            "inputs => inputs.map((input) => [input.name, input.value])"
        )
        return [(name, value) for name, value in found]


@pytest.fixture
def new_phone(new_context: NewContext, served: ServedOffice) -> Callable[..., Phone]:
    """Phones that know nothing of each other; options are those of a Playwright context."""

    def make(office: ServedOffice = served, **options: Any) -> Phone:
        return Phone(new_context(**PHONE | options).new_page(), office)

    return make


@pytest.fixture
def phone(new_phone: Callable[..., Phone]) -> Phone:
    return new_phone()


@pytest.fixture
def plain_phone(new_phone: Callable[..., Phone]) -> Phone:
    """A phone without JavaScript."""
    return new_phone(java_script_enabled=False)


@pytest.fixture
def new_rows(served: ServedOffice) -> Callable[[], list[dict[str, object]]]:
    """The responses stored since this test began."""
    before = {row["response_id"] for row in served.responses()}

    def rows() -> list[dict[str, object]]:
        return [row for row in served.responses() if row["response_id"] not in before]

    return rows
