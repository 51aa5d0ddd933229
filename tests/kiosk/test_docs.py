"""What docs/kiosk.md promises is what the server does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kiosk import Timing
from kiosk.blueprint import MAX_BYTES, MAX_RECORDS
from kiosk.station import sentences

DOCS = Path(__file__).parents[2] / "docs"
KIOSK = Path(__file__).parents[2] / "kiosk"


@pytest.fixture(scope="module")
def page() -> str:
    """The Vietnamese page, which ends with the part for programmers."""
    return (DOCS / "kiosk.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def english() -> str:
    return (DOCS / "kiosk.en.md").read_text(encoding="utf-8")


def test_the_example_is_taken_and_answered_as_written(page, tablet_at, ledger):
    sent, answered = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.S))
    reply = tablet_at("one").post("responses", sent)
    assert reply.json.keys() == answered.keys()
    assert (reply.status_code, reply.json["results"]) == (200, answered["results"])
    assert ledger.only.answers.scores["access"] is None


def test_every_refusal_of_the_code_is_in_the_table(page):
    code = (KIOSK / "blueprint.py").read_text(encoding="utf-8")
    raised = set(re.findall(r'RequestError\((\d+), "(\w+)"', code))
    told = {
        (row.split("|")[1].strip(), code)
        for row in page.splitlines()
        if re.match(r"\| \d{3} \|", row)
        for code in re.findall(r"`(\w+)`", row.split("|")[2])
    }
    assert told == raised


def test_the_seconds_and_bounds_are_those_of_the_code(page, english):
    seconds = Timing()
    for text, sentence in (
        (english, f"{seconds.reading.idle} s without a touch"),
        (english, f"counts {seconds.reading.countdown} s down"),
        (english, f"{seconds.thanks} s later the start screen"),
        (page, f"{seconds.reading.idle} giây không ai chạm"),
        (page, f"đếm ngược {seconds.reading.countdown} giây"),
        (page, f"{seconds.thanks} giây sau về màn hình đầu"),
        (page, f"at most {MAX_BYTES // 1024} kB and {MAX_RECORDS} records"),
    ):
        assert sentence in text


SCREEN_WORDS = (
    *("staff", "send_now", "export", "print", "pair_anew", "leave", "insecure"),
    *("fact_unsent", "fact_sent", "fact_quarantined", "fact_oldest", "fact_contact", "fact_clock"),
    *("fact_storage", "fact_device", "fact_counter", "fact_questionnaire", "fact_build"),
    *("storage_denied", "storage_missing", "storage_full"),
)


def test_the_guide_calls_things_as_the_staff_screen_does(page, english):
    words = [sentences()[key] for key in SCREEN_WORDS]
    assert [text.vi for text in words if text.vi not in page] == []
    assert [text.en for text in words if text.en not in english] == []


def test_both_languages_tell_the_same_in_the_same_order(page, english):
    """Heading for heading, row for row, command for command."""
    users = page.partition("## For programmers")[0]
    assert shape(users) == shape(english)


def shape(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.startswith(("#", "|", "```"))]
    marks = [re.match(r"#+|\||```\w*", line).group() for line in lines]
    commands = sorted(re.findall(r"`(hailong [a-z]+(?: [a-z]+)?)", text))
    return [*marks, *commands]
