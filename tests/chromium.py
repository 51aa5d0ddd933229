"""Chromium of this machine under Playwright: one for a whole run. Knows no page of ours.

A test of pages takes Chromium without the parts of a desktop where it is installed: the same
engine, and a new context costs a quarter of the processor time. Tests of a tablet's profile on
disk take the whole program.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, sync_playwright

NewContext = Callable[..., BrowserContext]
"""Opens a browser that knows nothing of others; takes the options of Playwright."""

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
LEAN_PROGRAMS = ("chromium-headless-shell", "chrome-headless-shell")
PLAIN_HTTP_HOST = "office.test"
"""A name of this machine that browsers do not take for loopback: no secure context."""

ARGUMENTS = (
    "--no-sandbox",  # CI is root, where the sandbox cannot start; only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {PLAIN_HTTP_HOST} 127.0.0.1",
)


class NoChromium(Exception):
    """This machine has no Chromium."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium without a window. Raises NoChromium.

    Playwright allows one at a time in a process; share it and open a context for every test.
    """
    program = next(filter(None, map(shutil.which, LEAN_PROGRAMS + PROGRAMS)), None)
    if program is None:
        raise NoChromium("no Chromium on this machine; install it with: make test, as root")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
