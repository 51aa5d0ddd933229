"""Paper questionnaires as somebody types them: a digit a question, numbers for what was ticked.

Pure: from what was typed to the fields that `questionnaires.check` reads, and how two readings of
one sheet differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from questionnaires import Choices, Questionnaire
from questionnaires.answers import NOT_APPLICABLE

NONE: Final = "0"
"""What is typed for 'not applicable'."""
_FEW: Final = 9  # options that one digit each can name

Typed = Mapping[str, str]
"""What was typed beside each question, by its id; `sector` too."""


def fields_of(questionnaire: Questionnaire, typed: Typed) -> dict[str, list[str]]:
    """The fields of a form that says the same; what names no option stays, and is refused there.

    >>> fields_of(desk, {"overall": "4", "went_wrong": "1 3"})
    {'overall': ['4'], 'went_wrong': ['waiting', 'paperwork']}
    """
    found: dict[str, list[str]] = {}
    for item in questionnaire.items:
        text = typed.get(item.id, "").strip()
        found[item.id] = [NOT_APPLICABLE if text == NONE else text]
    for question in questionnaire.choices:
        found[question.id] = list(_options(question, typed.get(question.id, "")))
    if questionnaire.comment is not None:
        found[questionnaire.comment.id] = [typed.get(questionnaire.comment.id, "")]
    return found


def _options(question: Choices, text: str) -> tuple[str, ...]:
    """The options of the numbers in a text; up to nine options need nothing between digits."""
    ids = question.option_ids
    numbers = re.findall(r"\d" if len(ids) <= _FEW else r"\d+", text)
    strange = re.sub(r"[\d\s,;.+]", "", text)
    named = tuple(
        ids[int(number) - 1] if 0 < int(number) <= len(ids) else number for number in numbers
    )
    return (*named, strange) if strange else named


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that two readings of a sheet differ in."""

    question: str
    first: str
    second: str


def differences(first: Typed, second: Typed) -> tuple[Difference, ...]:
    """In which questions two readings differ; spaces and the order of numbers make none."""
    ids = dict.fromkeys((*first, *second))
    pairs = ((id_, first.get(id_, ""), second.get(id_, "")) for id_ in ids)
    return tuple(Difference(*pair) for pair in pairs if _bare(pair[1]) != _bare(pair[2]))


def _bare(text: str) -> list[str]:
    words = text.casefold().replace(",", " ").split()
    joined = "".join(words)
    return sorted(joined) if joined.isdigit() else words
