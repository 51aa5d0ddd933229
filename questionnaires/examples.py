"""What a right value looks like, for every key of a questionnaire file.

Owns the examples that error messages show. A test holds each of them to the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from questionnaires.refusals import said
from questionnaires.told import Told

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
    "size": "size = 5",
    "satisfied_from": "satisfied_from = 4",
    "labels": f"labels = [{_TEXT}, …]",
    "scale.not_applicable": f"not_applicable = {_TEXT}",
    "element.id": 'id = "access"',
    "item.id": 'id = "overall"',
    "item.element": 'element = "access"',
    "item.not_applicable": "not_applicable = true",
    "same_as": 'same_as = ["desk@1"]',
    "required": "required = true",
    "choices.id": 'id = "went_wrong"',
    "multiple": "multiple = true",
    "choices.option.id": 'id = "waiting"',
    "show_when": 'show_when = { item = "overall", at_most = 2 }',
    "show_when.item": 'item = "overall"',
    "at_most": "at_most = 2",
    "at_least": "at_least = 4",
    "max_length": "max_length = 1000",
    "kiosk_partial": 'kiosk_partial = "keep"',
}
"""Path of a key, or the end of it -> what to write."""

_TABLES: Final = ("scale", "element", "item", "choices", "option", "comment")
"""Keys of tables, for which a sentence stands."""

KEYS: Final = frozenset({*_TABLES, *(path.rpartition(".")[2] for path in EXAMPLES)})
"""Every key that a file may hold, at whatever place."""


def example_of(loc: Iterable[int | str]) -> Told:
    """The example for a place such as ("item", 0, "id"): that of its longest known ending."""
    steps = [step for step in loc if isinstance(step, str)]
    for end in (".".join(steps[start:]) for start in range(len(steps))):
        if end in EXAMPLES:
            return said("value.example", example=EXAMPLES[end])
        if end in _TABLES:
            return said("value.example", example=said(f"example.{end}"))
    return said("value.in_docs")
