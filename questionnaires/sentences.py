"""Sentences in every language: those citizens read, and what is wrong with a file, for its owner.

Owns finding a sentence and filling in its values. Wordings are data:
`data/sentences.toml` and `data/problems.toml`.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from questionnaires.bilingual import Told, both, joined
from questionnaires.problems import Problem, QuestionnaireError
from questionnaires.toml import NotTOML, read_toml
from questionnaires.wording import LANGUAGES, LONGEST_LINE, Text


def filled(sentences: Sentences, key: str, /, **values: object) -> Told:
    """Return a sentence in both languages; values that are told are in its language too.

    KeyError names an unknown key or a value that is missing.
    """

    def spoken(lang: str) -> str:
        in_it = {name: _filling(value, lang) for name, value in values.items()}
        return sentences.get(key, lang, **in_it)

    return both(spoken)


def _filling(value: object, lang: str) -> object:
    """A value as it stands in a sentence: a day as people write it there."""
    if lang != "vi":
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    return value.vi if isinstance(value, Told) else value


@dataclass(frozen=True, slots=True)
class Sentences:
    """Key such as "form.send" -> its text in every language."""

    texts: Mapping[str, Text]

    def get(self, key: str, lang: str, /, **values: object) -> str:
        """The sentence in `lang`, its `{places}` filled with `values`.

        KeyError names an unknown key, or the value that the sentence needs and was not given;
        ValueError names the languages there are.
        """
        if key not in self.texts:
            msg = f"no sentence has the key {key!r}"
            raise KeyError(msg)
        try:
            return self.texts[key].get(lang).format_map(values)
        except KeyError as missing:
            msg = f"sentence {key!r} needs the value {missing}"
            raise KeyError(msg) from None

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def group(self, prefix: str, lang: str) -> dict[str, str]:
        """The sentences whose key begins with `prefix.`, by the rest of their key, unfilled.

        For scripts that fill the places themselves: `group("kiosk", "vi")`.
        """
        start = f"{prefix}."
        return {
            key.removeprefix(start): text.get(lang)
            for key, text in self.texts.items()
            if key.startswith(start)
        }


@functools.cache
def sentences() -> Sentences:
    """The sentences that come with the package."""
    return load_sentences(resources.files("questionnaires").joinpath("data", "sentences.toml"))


def load_sentences(entry: Traversable) -> Sentences:
    """The sentences of a file; QuestionnaireError holds every problem."""
    return read_sentences(entry.read_bytes(), entry.name)


def read_sentences(content: bytes, name: str) -> Sentences:
    """The sentences of a file's content, in TOML; QuestionnaireError holds every problem."""
    found, problems = find_sentences(content, name)
    if problems:
        raise QuestionnaireError(problems)
    return found


def find_sentences(content: bytes, name: str) -> tuple[Sentences, tuple[Problem, ...]]:
    """The sentences of a file's content that can be read, and what is wrong with the others.

    Each needs every language, with the same `{places}` in each. Raises QuestionnaireError where it
    is no TOML.
    """
    try:
        data = read_toml(content)
    except NotTOML as error:
        raise QuestionnaireError([error.problem(name)]) from None
    text = content.decode("utf-8-sig")
    texts: dict[str, Text] = {}
    problems: list[Problem] = []
    for key, leaf in _leaves(data):
        if wrong := tuple(_wrong(leaf)):
            place = place_of(text, key)  # which reads the whole file
            problems.extend(Problem(name, place, what, remedy) for what, remedy in wrong)
        else:
            texts[key] = Text.model_validate(leaf)
    return Sentences(MappingProxyType(texts)), tuple(problems)


_TABLE: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_NAME: Final = re.compile(r"\s*([\w.-]+|\"[^\"]+\")\s*=")


def place_of(text: str, key: str) -> Told:
    """Where a sentence stands in a TOML file, for people: its line, where it is found, its key."""
    named = Told(f"sentence '{key}'", f"câu '{key}'")
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        begins, entry = _TABLE.match(line), _NAME.match(line)
        if begins:
            table = found = begins[1]
        elif entry:
            own = entry[1].strip('"')
            found = f"{table}.{own}" if table else own
        else:
            continue
        if found == key or found.startswith(f"{key}."):
            return joined((Told(f"line {number}", f"dòng {number}"), named), ", ")
    return named


def _wrong(leaf: object) -> Iterator[tuple[Told, Told]]:
    """What is wrong with a sentence, and what to write."""
    try:
        text = Text.model_validate(leaf)
    except ValidationError:
        yield _unfit(leaf) or _not_each_language(leaf)
    else:
        yield from _uneven(text)


def _not_each_language(leaf: object) -> tuple[Told, Told]:
    have = ", ".join(leaf) if isinstance(leaf, Mapping) else repr(leaf)
    return (
        Told(f"it has {have}", f"câu này có {have}"),
        Told(
            f"write a text for {' and '.join(LANGUAGES)}, and nothing else",
            f"hãy viết câu cho {' và '.join(LANGUAGES)}, không gì khác",
        ),
    )


def _unfit(leaf: object) -> tuple[Told, Told] | None:
    """What is wrong with a sentence that has its languages, and what to write; None of others."""
    if not isinstance(leaf, Mapping) or set(leaf) != set(LANGUAGES):
        return None
    for lang in LANGUAGES:
        text = leaf[lang].strip() if isinstance(leaf[lang], str) else None
        if text is None:
            continue
        if not text:
            return (
                Told(f"the text ({lang}) is empty", f"câu ({lang}) để trống"),
                Told("write it, or take the sentence out", "hãy viết câu, hoặc bỏ câu này"),
            )
        if len(text) > LONGEST_LINE:
            return (
                Told(
                    f"the text ({lang}) has {len(text)} letters",
                    f"câu ({lang}) dài {len(text)} ký tự",
                ),
                Told(f"use at most {LONGEST_LINE}", f"hãy viết nhiều nhất {LONGEST_LINE} ký tự"),
            )
    return None


def _leaves(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every innermost table with its dotted key, in the order of the file, however deep it lies."""
    waiting = list(reversed(data.items()))
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict) and any(isinstance(v, dict) for v in value.values()):
            waiting += [(f"{key}.{name}", inner) for name, inner in reversed(value.items())]
        else:
            yield key, value


def _uneven(text: Text) -> Iterator[tuple[Told, Told]]:
    remedy = Told(
        "use the same {places} in each language, plain names only",
        "hãy dùng cùng những {chỗ} trong mỗi ngôn ngữ, chỉ tên đơn giản",
    )
    try:
        found = [_places(text.get(lang)) for lang in LANGUAGES]
    except ValueError as error:
        what = Told(str(error), f"có tên không dùng được ({error})")
        yield what, remedy
        return
    if any(places != found[0] for places in found):
        odd = {name for names in found for name in names if any(name not in o for o in found)}
        listed = ", ".join(f"{{{one}}}" for one in sorted(odd))
        differ = Told(f"not every language has {listed}", f"không phải tiếng nào cũng có {listed}")
        yield differ, remedy


def _places(text: str) -> set[str]:
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    odd = sorted(name for name in names if not name.isidentifier())
    if odd:
        msg = f"{{{odd[0]}}} is no plain name"
        raise ValueError(msg)
    return names


@cache
def _sentences() -> Sentences:
    return load_sentences(files("questionnaires").joinpath("data", "problems.toml"))


def said(key: str, /, **values: object) -> Told:
    """Return a sentence about something wrong, or what to write instead, in both languages."""
    return filled(_sentences(), key, **values)


def known(key: str) -> bool:
    """Whether there is a sentence of this key."""
    return key in _sentences()
