"""Tablets through a bad day: what was thanked is stored, once. In full: benchmarks.kiosk_faults."""

from __future__ import annotations

import sys

import pytest
from playwright.sync_api import Browser

from benchmarks.kiosk_faults import go_through
from benchmarks.kiosk_ordeal import Size
from benchmarks.office import temporary_office
from tests.kiosk.fault_proxy import Fault

SEED = 20261126
SMALL = Size(
    tablets=2,
    responses=120,
    taps=2,
    line_faults=len(Fault),
    troubles={
        "line down": 1,
        "browser offline": 1,
        "page reloaded": 1,
        "browser killed": 2,
        "storage closed": 2,
        "clock set wrong": 2,
        "server killed": 1,
        "revoked and handed over": 1,
        "carried by hand": 1,
    },
    chance=0.3,
)


BRIEF = Size(tablets=1, responses=12, taps=0, line_faults=0, troubles={"line down": 2})

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills process groups, as Linux has them"),
]


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def test_what_a_tablet_gave_thanks_for_is_stored_exactly_once_whatever_befell_it(
    database: str, browser: Browser, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    with temporary_office(url) as config:
        outcome = go_through(browser.browser_type, config, SMALL, SEED)
    assert outcome.clean, outcome
    assert outcome.acknowledged >= 90, outcome  # the others' browser was killed before the thanks
    assert outcome.faults.keys() >= SMALL.troubles.keys() | {fault.value for fault in Fault}


def test_a_tablet_that_forgets_what_it_sent_would_be_found_out(browser: Browser) -> None:
    with temporary_office() as config:
        outcome = go_through(browser.browser_type, config, BRIEF, SEED, planted="forgetful")
    assert outcome.lost > 0, outcome
    assert not outcome.clean
