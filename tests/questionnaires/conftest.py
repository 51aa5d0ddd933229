"""A small questionnaire to bend and break, and a way to write it to a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from questionnaires import Questionnaire


def _text(words: str) -> dict[str, str]:
    return {"vi": f"{words} (vi)", "en": f"{words} (en)"}


OWN = {"text": "ours", "trust": "own"}

SMALL: dict[str, Any] = {
    "id": "small",
    "version": 1,
    "about_sector": True,
    "source": OWN,
    "title": _text("Title"),
    "intro": _text("Intro"),
    "scale": {
        "labels": [_text(f"Level {level}") for level in range(1, 6)],
        "not_applicable": _text("Not applicable"),
        "source": OWN,
    },
    "element": [{"id": "staff", "title": _text("Staff"), "source": OWN}],
    "item": [
        {"id": "overall", "text": _text("Overall?"), "source": OWN},
        {"id": "polite", "element": "staff", "text": _text("Polite?"), "source": OWN},
        {
            "id": "expert",
            "element": "staff",
            "text": _text("Expert?"),
            "source": OWN,
            "not_applicable": True,
            "required": True,
        },
    ],
    "choices": [
        {
            "id": "why",
            "text": _text("Why?"),
            "source": OWN,
            "multiple": True,
            "show_when": {"item": "overall", "at_most": 2},
            "option": [
                {"id": "slow", "text": _text("Slow")},
                {"id": "rude", "text": _text("Rude")},
                {"id": "other", "text": _text("Other")},
            ],
        },
        {
            "id": "visits",
            "text": _text("Visits?"),
            "source": OWN,
            "option": [
                {"id": "one", "text": _text("One")},
                {"id": "more", "text": _text("More")},
            ],
        },
    ],
    "comment": {"text": _text("Anything else?"), "source": OWN, "max_length": 100},
}


@pytest.fixture
def raw() -> dict[str, Any]:
    """A right questionnaire as plain data, to be changed freely."""
    data: dict[str, Any] = json.loads(json.dumps(SMALL))  # nothing shared between its parts
    return data


@pytest.fixture(scope="session")
def small() -> Questionnaire:
    """The same, loaded: overall; polite; expert (required, may be not applicable); why; visits."""
    return Questionnaire.model_validate(SMALL)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, Any], str], Path]:
    """Writes plain data as a TOML file and returns its path."""

    def _write(data: dict[str, Any], name: str = "small.v1.toml") -> Path:
        path = tmp_path / name
        lines = "\n".join(f"{key} = {_inline(value)}" for key, value in data.items())
        path.write_text(lines, encoding="utf-8")
        return path

    return _write


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)
