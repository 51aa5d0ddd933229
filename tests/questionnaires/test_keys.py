"""Which names are the same, which look the same, and how a message quotes them."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.keys import (
    _INVISIBLE,
    appearance,
    difference,
    folded,
    look_alikes,
    masked,
    normal,
    quoted,
)


@pytest.mark.parametrize(
    "written",
    [
        unicodedata.normalize("NFD", "Đất đai"),
        "Đất\u200b đai",
        "\ufeffĐất đai",
        "Đất\u00a0đai",
        " Đất \t đai\u2003",
        "Đất\u00ad đai",
        "Đ\u034fất đai",
        "Đất\u2800đai",
        "Đất đ\u200cai\u200d",
    ],
)
def test_what_differs_in_what_nobody_sees_is_one_name(written: str) -> None:
    assert normal(written) == "Đất đai"
    assert folded(written) == folded("ĐẤT ĐAI")


@given(st.text(max_size=60))
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert folded(folded(text)) == folded(text)


def test_every_character_without_a_glyph_is_known_as_invisible() -> None:
    for number in range(sys.maxunicode + 1):
        letter = chr(number)
        category = unicodedata.category(letter)
        control = category == "Cc" and not letter.isspace()
        if control or category in ("Cf", "Cs"):
            assert _INVISIBLE.fullmatch(letter), hex(number)
        if category[0] in "LNPS" and _INVISIBLE.fullmatch(letter):
            assert letter in "\u115f\u1160\u3164\uffa0", hex(number)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đất đai", "Ðất đai"),  # the Icelandic letter
        ("land", "lаnd"),  # a Cyrillic a
        ("Hoà Bình", "Hòa Bình"),
        ("quay-1", "quay‑1"),
        ("Hộ tịch", "HỘ TỊCH"),
        ("xa a", "xａ a"),
    ],
)
def test_spellings_that_look_the_same_are_named(one: str, other: str) -> None:
    assert normal(one) != normal(other)
    assert appearance(one) == appearance(other)
    assert look_alikes([one, other, "other"]) == (tuple(sorted([one, other])),)
    assert difference(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Hộ tịch", "Hồ tịch"), ("a1", "al"), ("Đất", "Dất"), ("má", "mà")]
)
def test_names_that_a_reader_tells_apart_do_not_look_the_same(one: str, other: str) -> None:
    assert appearance(one) != appearance(other)


def test_a_difference_is_told_with_the_codes_of_the_letters() -> None:
    assert difference("Đất", "Ðất") == "Đ U+0110 is not Ð U+00D0"
    assert difference("a\u2060", "a") == "one has U+2060 more"


def test_a_quoted_value_is_whole_and_shows_what_is_invisible() -> None:
    long = "Lĩnh vực " * 30
    assert quoted(long) == f"'{long}'"
    assert quoted("Đất\u200b\u00a0đai") == "'Đất⟨U+200B⟩⟨U+00A0⟩đai'"
    assert quoted("x" * 5000).endswith("… (5,000 characters)'")


def test_numbers_of_people_are_masked_and_names_are_not() -> None:
    assert masked("H26.12-261005-0007") == "'H##.##-######-####'"
    assert masked("Nguyễn Văn An 0912345678") == "'Nguyễn Văn An ##########'"
    assert masked("Đất đai theo Nghị định 61") == "'Đất đai theo Nghị định 61'"
