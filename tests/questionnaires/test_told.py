"""Texts in two languages."""

from __future__ import annotations

from questionnaires.sentences import number_of


def test_thousands_are_marked_as_each_language_does() -> None:
    told = number_of(1_048_576)
    assert (str(told), told.vi) == ("1,048,576", "1.048.576")
    assert (str(number_of(999)), number_of(999).vi) == ("999", "999")
