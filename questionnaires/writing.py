"""Writes a questionnaire as the TOML text that `loader` reads.

Owns the layout of such a file. Must not write files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from questionnaires.model import Questionnaire

_TABLES: Final = ("scale", "element", "item", "choices", "option", "comment")


def questionnaire_text(questionnaire: Questionnaire) -> str:
    """Return the text of a file that reads back as this questionnaire."""
    content = questionnaire.model_dump(mode="json", by_alias=True, exclude_none=True)
    return "\n".join([*_lines(content, ""), ""])


def _lines(table: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in table.items():
        if not _is_table(key, value) and value != []:
            yield f"{key} = {_value(value)}"
    for key in _TABLES:
        name, value = f"{path}{key}", table.get(key)
        if not _is_table(key, value):
            continue
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *_lines(value, f"{name}."))
        else:
            for one in value or ():
                yield from ("", f"[[{name}]]", *_lines(one, f"{name}."))


def _is_table(key: str, value: object) -> bool:
    """Whether it stands under a heading of its own; an item's `element` is a name."""
    return key in _TABLES and isinstance(value, Mapping | list)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_value(one)}' for key, one in value.items())} }}"
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return "\n".join(["[", *(f"  {_value(one)}," for one in value), "]"])
    # A text without control characters (which no text of a questionnaire holds), a number and a
    # truth value are written alike in JSON and in TOML.
    return json.dumps(value, ensure_ascii=False)
