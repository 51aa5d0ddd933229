"""Texts in two languages."""

from __future__ import annotations

from datetime import date

from questionnaires import Sentences, Text
from questionnaires.bilingual import number_of
from questionnaires.sentences import filled


def test_thousands_are_marked_as_each_language_does() -> None:
    told = number_of(1_048_576)
    assert (str(told), told.vi) == ("1,048,576", "1.048.576")
    assert (str(number_of(999)), number_of(999).vi) == ("999", "999")


def test_a_day_stands_in_a_sentence_as_people_write_it_there() -> None:
    sentences = Sentences({"said": Text(vi="ngày {day}", en="on {day}")})
    said = filled(sentences, "said", day=date(2026, 11, 30))
    assert (said.vi, str(said)) == ("ngày 30/11/2026", "on 2026-11-30")
