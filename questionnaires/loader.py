"""Reads questionnaire files. Reports every problem of every file at once.

Owns reading and translating what is wrong into problems. Must not decide what a questionnaire is.
"""

from __future__ import annotations

import difflib
import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from questionnaires.examples import KEYS, example_of
from questionnaires.keys import LONGEST
from questionnaires.model import Questionnaire, json_schema
from questionnaires.problems import Problem, QuestionnaireError
from questionnaires.rules import broken_rules

SENTENCES_FILE: Final = "sentences.toml"
"""The one TOML file of a folder of questionnaires that is not a questionnaire."""


def load_file(path: Path) -> Questionnaire:
    """The questionnaire in this file; QuestionnaireError holds every problem, OSError passes."""
    return _read(path)


def load_folder(path: Path) -> dict[str, Questionnaire]:
    """Key -> questionnaire for every `*.toml` of the folder, in the order of names and versions.

    A file must be named after what it holds (`desk.v1.toml`), so that two versions can never
    overwrite each other. QuestionnaireError holds the problems of all files together.
    """
    if not path.is_dir():
        remedy = "name the folder that holds the questionnaire files"
        raise QuestionnaireError([Problem(str(path), "folder", "it is not a folder", remedy)])
    return _load_all(path.iterdir())


def shipped() -> dict[str, Questionnaire]:
    """Key -> questionnaire for the versions that come with the package."""
    return dict(_shipped())


@functools.cache
def _shipped() -> Mapping[str, Questionnaire]:
    return _load_all(resources.files("questionnaires").joinpath("data").iterdir())


def _load_all(entries: Iterable[Traversable]) -> dict[str, Questionnaire]:
    problems: list[Problem] = []
    found: list[Questionnaire] = []
    for entry in sorted(entries, key=lambda entry: entry.name):
        if not entry.name.endswith(".toml") or entry.name == SENTENCES_FILE:
            continue
        try:
            questionnaire = _read(entry)
        except QuestionnaireError as error:
            problems.extend(error.problems)
            continue
        found.append(questionnaire)
        problems.extend(_misnamed(entry.name, questionnaire))
    if problems:
        raise QuestionnaireError(problems)
    found.sort(key=lambda questionnaire: (questionnaire.id, questionnaire.version))
    return {questionnaire.key: questionnaire for questionnaire in found}


def _misnamed(file: str, questionnaire: Questionnaire) -> Iterator[Problem]:
    expected = f"{questionnaire.id}.v{questionnaire.version}.toml"
    if file != expected:
        what = f"it holds {questionnaire.key}"
        yield Problem(file, "file name", what, f"name it {expected}, or correct id and version")


def _read(entry: Traversable) -> Questionnaire:
    data = _parsed(entry.name, entry.read_bytes())
    try:
        return Questionnaire.model_validate(data)
    except ValidationError as error:
        problems = [*_of_values(entry.name, data, error), *_of_rules(entry.name, data)]
        raise QuestionnaireError(problems) from None


def _parsed(file: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        problem = Problem(file, f"byte {error.start}", "it is not UTF-8", "save it as UTF-8")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = Problem(file, "TOML", str(error), "correct the line; see the example in docs")
    raise QuestionnaireError([problem])


def _of_rules(file: str, data: Mapping[str, Any]) -> Iterator[Problem]:
    for fault in broken_rules(data):
        yield Problem(file, fault.place, fault.what, fault.remedy)


def _of_values(file: str, data: Mapping[str, Any], error: ValidationError) -> Iterator[Problem]:
    for found in error.errors(include_url=False):
        if not found["loc"]:
            continue  # the rules between parts: reported by _of_rules with their remedies
        place, key = _place(found["loc"], data)
        what, remedy = _said(found, key, example_of(found["loc"]))
        yield Problem(file, place, what, remedy)


def _place(loc: tuple[int | str, ...], data: Any) -> tuple[str, str]:
    """Where an error is, in the words of the file, and the key that it is about."""
    parts: list[str] = []
    here, key = data, str(loc[-1])
    for step in loc[:-1]:
        here = _inside(here, step)
        name = here.get("id") if isinstance(here, Mapping) else None
        if isinstance(step, int):
            kind = parts.pop()
            parts.append(f"{kind} '{name}'" if isinstance(name, str) else f"{kind} {step + 1}")
        else:
            parts.append(_KINDS.get(step, step))
    if isinstance(loc[-1], int) and parts:
        key = str(loc[-2])
        parts[-1] = f"{parts[-1]} {loc[-1] + 1}"
    return ", ".join(parts) or "top of the file", key


def _inside(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _said(found: Any, key: str, example: str) -> tuple[str, str]:
    """What is wrong with the value of `key`, and what to write instead."""
    kind, context = found["type"], found.get("ctx", {})
    remedy = f"for example {example}"
    if kind == "missing":
        return f"{key} is missing", f"add it, {remedy}"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, KEYS, n=1)
        return f"key '{key}' is not known", f"write {near[0]}" if near else "remove it"
    what = f"{key} is {_shown(found['input'])}"
    if kind in {"greater_than_equal", "less_than_equal"}:
        return what, f"use {_range(key)}, {remedy}"
    if kind in _ALLOWED:
        remedy = f"use {_ALLOWED[kind].format(**context)}, {remedy}"
    reason = _REASONS[kind].format(**context) if kind in _REASONS else found["msg"].lower()
    return f"{what}, {reason}", remedy


def _range(key: str) -> str:
    """Both bounds of a number, as the schema has them."""
    schema = json_schema()
    tables = (schema, *schema["$defs"].values())
    bounds = next(table["properties"][key] for table in tables if key in table["properties"])
    return f"{bounds['minimum']} to {bounds['maximum']}"


def _shown(value: object) -> str:
    if isinstance(value, Mapping | list):
        return "a table" if isinstance(value, Mapping) else f"a list of {len(value)}"
    return repr(value)[:LONGEST]  # whole, and what is invisible by its code


_KINDS: Final = {"item": "question", "choices": "question"}

_REASONS: Final = {
    "string_type": "which is no text",
    "int_type": "which is no whole number",
    "bool_type": "which is neither true nor false",
    "tuple_type": "which is no list",
    "model_type": "which is no table",
    "model_attributes_type": "which is no table",
    "string_too_short": "which is empty",
    "string_too_long": "which is too long",
    "string_pattern_mismatch": "which is no plain id",
    "literal_error": "which is not among the choices",
    "too_short": "which is too few",
    "too_long": "which is too many",
    "value_error": "which {error}",
}

_ALLOWED: Final = {
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "small letters a-z and digits, a letter first, words joined by '_'"
    " ('-' in a questionnaire's own id)",
    "literal_error": "{expected}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
}
