"""What docs/kiosk.md promises is what the server does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kiosk import Timing
from kiosk.blueprint import MAX_BYTES, MAX_RECORDS

PAGE = Path(__file__).parents[2] / "docs" / "kiosk.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_example_is_taken_and_answered_as_written(page, client, stations):
    sent, answered = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.S))
    stations[sent["code"]] = stations["one"]
    reply = client.post("/kiosk/responses", json=sent)
    assert (reply.status_code, reply.json) == (200, answered)


def test_the_seconds_and_bounds_are_those_of_the_code(page):
    seconds = Timing()
    for sentence in (
        f"{seconds.idle} s without a touch",
        f"counts {seconds.countdown} s down",
        f"{seconds.thanks} s later the start screen",
        f"{seconds.idle} giây không ai chạm",
        f"đếm ngược {seconds.countdown} giây",
        f"at most {MAX_BYTES // 1024} kB and {MAX_RECORDS} records",
    ):
        assert sentence in page
