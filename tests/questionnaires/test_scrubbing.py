"""Scrubbing measured on a corpus of our own: what it finds, and what it takes that is harmless."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from questionnaires import scrub

CORPUS = Path(__file__).with_name("scrubbing.txt")
ESCAPE = re.compile(r"\\n|\\u[0-9a-f]{4}")
MARKS = re.compile("[«»]")


def comments() -> list[str]:
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    return [
        ESCAPE.sub(lambda found: found[0].encode().decode("unicode_escape"), line)
        for line in lines
        if not line.startswith("#")
    ]


def digits(text: str) -> int:
    return sum(sign.isdecimal() for sign in text)


def kept(marked: str) -> tuple[int, int]:
    """Digits of marked numbers and of the rest that are still there after scrubbing."""
    words = re.split(r"\[(?:email|mã hồ sơ|CCCD|SĐT|CMND|hộ chiếu|số)\]", scrub(plain(marked)))
    harmless = [MARKS.split(marked)[place] for place in range(0, marked.count("«") * 2 + 1, 2)]
    left, rest = sum(map(digits, words)), sum(map(digits, harmless))
    return max(0, left - rest), max(0, rest - left)


def plain(marked: str) -> str:
    return MARKS.sub("", marked)


def hidden(marked: str) -> int:
    return digits(marked) - sum(map(digits, MARKS.split(marked)[::2]))


def test_the_corpus_is_large_enough_to_tell():
    found = comments()
    assert sum("«" in one for one in found) >= 80
    assert sum("«" not in one for one in found) >= 40


@pytest.mark.parametrize("marked", [one for one in comments() if "«" in one])
def test_every_number_of_a_person_is_gone(marked):
    missed, _ = kept(marked)
    assert missed == 0, scrub(plain(marked))


@pytest.mark.parametrize("marked", [one for one in comments() if "«" not in one])
def test_what_is_no_number_of_a_person_is_left_alone(marked):
    assert scrub(marked) == marked


def test_precision_and_recall_over_the_corpus(capsys):
    """By digits: of those to go how many went, of those that went how many were to go."""
    to_go = sum(map(hidden, comments()))
    missed, harmed = (sum(column) for column in zip(*map(kept, comments()), strict=True))
    recall, precision = 1 - missed / to_go, (to_go - missed) / (to_go - missed + harmed)
    with capsys.disabled():
        sys.stdout.write(f"\nscrubbing: recall {recall:.4f}, precision {precision:.4f}\n")
    assert recall == 1
    assert precision >= 0.995
