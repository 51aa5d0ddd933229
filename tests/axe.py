"""axe, the checker of accessibility, in an open page: injected once, asked many times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.waiting import PATIENCE

PROGRAM = Axe().axe_script
COLOURS = ("light", "dark")

_ASK = """options => {
  window.axeFound = null;
  axe.run(options).then(
    (found) => { window.axeFound = found.violations; },
    (error) => { window.axeFound = String(error); },
  );
}"""


def violations(
    page: Page, options: dict[str, Any], tick: Callable[[], object] = lambda: None
) -> list[str]:
    """What axe finds with its own options: rule, place and remedy of each, in one line.

    It has timers of its own: ``tick`` lets time pass where the clock of the page stands.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(PROGRAM)
    page.evaluate(_ASK, options)
    over = time.monotonic() + PATIENCE
    while (found := page.evaluate("window.axeFound")) is None:
        assert time.monotonic() < over, "axe does not come to an end"
        tick()
    assert not isinstance(found, str), found
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found
        for node in one["nodes"]
    ]


def in_both_colours(
    page: Page, options: dict[str, Any], tick: Callable[[], object] = lambda: None
) -> list[str]:
    """The same, in light colours and in dark ones."""
    return _in_colours(COLOURS, page, options, tick)


def in_both_languages(page: Page, options: dict[str, Any]) -> list[str]:
    """For a page that a test shows in Vietnamese, in both colours, and in English, in light ones.

    A page has the same colours in every language.
    """
    vietnamese = page.evaluate("document.documentElement.lang") == "vi"
    return _in_colours(COLOURS if vietnamese else COLOURS[:1], page, options)


def _in_colours(
    chosen: Iterable[str],
    page: Page,
    options: dict[str, Any],
    tick: Callable[[], object] = lambda: None,
) -> list[str]:
    found = []
    for colours in chosen:
        page.emulate_media(color_scheme=colours)
        found += [f"{colours}, {line}" for line in violations(page, options, tick)]
    return found
