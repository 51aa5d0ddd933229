"""Words about figures: each is asked for with what it needs, and none is idle."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from analysis.words import localized, number, words
from questionnaires import LANGUAGES

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "analysis").rglob("*.py"), *(ROOT / "survey" / "figures").glob("*.py")])
TREES = {file: ast.parse(file.read_text(encoding="utf-8")) for file in FILES}


def asked() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call of `say` with a key as it stands."""
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if name == "say":
                    yield file, node, node.args[0].value


def needed(key: str) -> set[str]:
    text = words().texts[key].get("vi")
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_word_that_is_asked_for_is_there_and_gets_what_it_needs() -> None:
    wrong = []
    for file, call, key in asked():
        given = {keyword.arg for keyword in call.keywords}
        if key not in words():
            wrong.append(f"{file.name}:{call.lineno}: no {key}")
        elif None not in given and needed(key) - given:
            wrong.append(f"{file.name}:{call.lineno}: {key} needs {needed(key) - given}")
    assert wrong == []


def test_no_word_is_idle() -> None:
    whole, begun = set(), set()
    reports = (ROOT / "survey" / "reports").glob("*.py")  # they have words of their own, and these
    others = [ast.parse(file.read_text(encoding="utf-8")) for file in reports]
    for tree in (*TREES.values(), *others):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
    starts = tuple(start for start in begun if "." in start)
    idle = [key for key in words().texts if key not in whole and not key.startswith(starts)]
    assert idle == []


def test_no_word_begins_or_ends_with_a_space() -> None:
    """The loader would take it away."""
    texts = [text.get(lang) for text in words().texts.values() for lang in LANGUAGES]
    assert [text for text in texts if text != text.strip()] == []


def test_only_the_loader_of_sentences_asks_which_language_it_is() -> None:
    asks = [
        f"{file.name}:{node.lineno}"
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(
            isinstance(side, ast.Constant) and side.value in LANGUAGES for side in node.comparators
        )
    ]
    assert asks == []


def test_numbers_are_written_as_each_language_does() -> None:
    assert [number(1234.5, lang, 1) for lang in LANGUAGES] == ["1.234,5", "1,234.5"]
    assert localized("90.5", "vi") == "90,5"
