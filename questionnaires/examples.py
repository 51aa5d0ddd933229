"""What a right value looks like, for every key of a questionnaire file.

Owns the examples that error messages show. A test holds each of them to the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_TEXT: Final = '{ vi = "…", en = "…" }'

EXAMPLES: Final = {
    "id": 'id = "desk"',
    "version": "version = 1",
    "title": f"title = {_TEXT}",
    "intro": f"intro = {_TEXT}",
    "stem": f"stem = {_TEXT}",
    "text": f"text = {_TEXT}",
    "vi": 'vi = "Nơi đón tiếp"',
    "en": 'en = "Reception area"',
    "source": 'source = { text = "Câu chữ của đơn vị", trust = "own" }',
    "source.text": 'text = "Câu chữ của đơn vị"',
    "trust": 'trust = "own"',
    "about_sector": "about_sector = true",
    "scale": "a [scale] table with labels, not_applicable and source",
    "size": "size = 5",
    "satisfied_from": "satisfied_from = 4",
    "labels": f"labels = [{_TEXT}, …]",
    "scale.not_applicable": f"not_applicable = {_TEXT}",
    "element": "an [[element]] table with id, title and source",
    "element.id": 'id = "access"',
    "item": "an [[item]] table with id, text and source",
    "item.id": 'id = "overall"',
    "item.element": 'element = "access"',
    "item.not_applicable": "not_applicable = true",
    "same_as": 'same_as = ["desk@1"]',
    "required": "required = true",
    "choices": "a [[choices]] table with id, text, source and options",
    "choices.id": 'id = "went_wrong"',
    "multiple": "multiple = true",
    "option": "a [[choices.option]] table with id and text",
    "choices.option.id": 'id = "waiting"',
    "show_when": 'show_when = { item = "overall", at_most = 2 }',
    "show_when.item": 'item = "overall"',
    "at_most": "at_most = 2",
    "at_least": "at_least = 4",
    "comment": "a [comment] table with text and source",
    "max_length": "max_length = 1000",
    "kiosk_partial": 'kiosk_partial = "keep"',
}
"""Path of a key, or the end of it -> what to write."""

KEYS: Final = frozenset(path.rpartition(".")[2] for path in EXAMPLES)
"""Every key that a file may hold, at whatever place."""


def example_of(loc: Iterable[int | str]) -> str:
    """The example for a place such as ("item", 0, "id"): that of its longest known ending."""
    steps = [step for step in loc if isinstance(step, str)]
    endings = (".".join(steps[start:]) for start in range(len(steps)))
    return next((EXAMPLES[end] for end in endings if end in EXAMPLES), "in docs/questionnaires.md")
