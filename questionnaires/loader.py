"""Reads questionnaire files. Reports every problem of every file at once.

Owns reading, translating what is wrong into problems, and the example of a right value that each
message shows. Must not decide what a questionnaire is.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from questionnaires.bilingual import Told, joined
from questionnaires.keys import LONGEST
from questionnaires.model import Questionnaire, broken_rules, json_schema
from questionnaires.problems import Problem, QuestionnaireError
from questionnaires.sentences import known, said
from questionnaires.toml import NotTOML, read_toml

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
    "source": 'source = { text = "Câu chữ của cơ quan", trust = "own" }',
    "source.text": 'text = "Câu chữ của cơ quan"',
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
    "not_applicable_text": f"not_applicable_text = {_TEXT}",
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


SENTENCE_FILES: Final = frozenset({"sentences.toml", "problems.toml"})
"""The TOML files of a folder of questionnaires that are none."""


def load_file(path: Path) -> Questionnaire:
    """The questionnaire in this file; QuestionnaireError holds every problem, OSError passes."""
    return _read(path)


def load_folder(path: Path) -> dict[str, Questionnaire]:
    """Key -> questionnaire for every `*.toml` of the folder, in the order of names and versions.

    A file must be named after what it holds (`desk.v1.toml`), so that two versions can never
    overwrite each other. QuestionnaireError holds the problems of all files together.
    """
    if not path.is_dir():
        what, remedy = said("file.no_folder"), said("file.name_folder")
        raise QuestionnaireError([Problem(str(path), said("place.folder"), what, remedy)])
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
        if not entry.name.endswith(".toml") or entry.name in SENTENCE_FILES:
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
        what = said("file.misnamed", key=questionnaire.key)
        yield Problem(file, said("place.file_name"), what, said("file.name_it", expected=expected))


def _read(entry: Traversable) -> Questionnaire:
    return read_content(entry.name, _parsed(entry.name, entry.read_bytes()))


def read_content(file: str, data: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire that these tables make; `file` is named in problems.

    QuestionnaireError holds every problem.
    """
    try:
        return Questionnaire.model_validate(data)
    except ValidationError as error:
        problems = [*_of_values(file, data, error), *_of_rules(file, data)]
        raise QuestionnaireError(problems) from None


def find_problems(file: str, data: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Everything that keeps these tables from being a questionnaire."""
    try:
        read_content(file, data)
    except QuestionnaireError as error:
        return error.problems
    return ()


def _parsed(file: str, content: bytes) -> dict[str, Any]:
    try:
        return read_toml(content)
    except NotTOML as error:
        raise QuestionnaireError([error.problem(file)]) from error


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


def _place(loc: tuple[int | str, ...], data: Any) -> tuple[Told, str]:
    """Where an error is, in the words of the file, and the key that it is about."""
    parts: list[Told | str] = []
    here, key = data, str(loc[-1])
    for step in loc[:-1]:
        here = _inside(here, step)
        name = here.get("id") if isinstance(here, Mapping) else None
        if isinstance(step, int):
            kind = parts.pop()
            called = said("place.named", kind=kind, name=name)
            counted = said("place.numbered", kind=kind, number=step + 1)
            parts.append(called if isinstance(name, str) else counted)
        else:
            parts.append(said(f"place.{_KINDS[step]}") if step in _KINDS else step)
    if isinstance(loc[-1], int) and parts:
        key = str(loc[-2])
        parts[-1] = said("place.numbered", kind=parts[-1], number=loc[-1] + 1)
    return joined(parts, ", ") if parts else said("place.top"), key


def _inside(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _said(found: Any, key: str, example: Told) -> tuple[Told, Told]:
    """What is wrong with the value of `key`, and what to write instead."""
    kind, context = found["type"], dict(found.get("ctx", {}))
    if "expected" in context:
        context["expected"] = Told(
            context["expected"], context["expected"].replace(" or ", " hoặc ")
        )
    if kind == "missing":
        return said("value.missing", key=key), said("value.add", example=example)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, KEYS, n=1)
        remedy = said("value.write", name=near[0]) if near else said("value.remove")
        return said("value.stray", key=key), remedy
    what = said("value.is", key=key, value=_shown(found["input"]))
    if kind in {"greater_than_equal", "less_than_equal"}:
        return what, said("value.use", allowed=_range(key), example=example)
    allowed, reason = f"allowed.{kind}", f"reason.{kind}"
    why = said(reason) if known(reason) else said("reason.other", why=found["msg"].lower())
    told = said("value.why", what=what, reason=why)
    if not known(allowed):
        return told, example
    return told, said("value.use", allowed=said(allowed, **context), example=example)


def _range(key: str) -> Told:
    """Both bounds of a number, as the schema has them."""
    schema = json_schema()
    tables = (schema, *schema["$defs"].values())
    bounds = next(table["properties"][key] for table in tables if key in table["properties"])
    return said("value.range", low=bounds["minimum"], high=bounds["maximum"])


def _shown(value: object) -> Told | str:
    if isinstance(value, Mapping):
        return said("value.table")
    if isinstance(value, list):
        return said("value.list", count=len(value))
    return repr(value)[:LONGEST]  # whole, and what is invisible by its code


_KINDS: Final = {
    "item": "question",
    "choices": "question",
    "element": "element",
    "option": "option",
    "scale": "scale",
}
"""What a part of a file is called."""
