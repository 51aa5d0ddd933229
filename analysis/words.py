"""Words about figures, in every language: what tables, verdicts, charts and reports say.

Owns finding a text by its key and filling it in. Wordings are data: `data/words.toml`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from questionnaires import Sentences, load_sentences


@cache
def words() -> Sentences:
    """All words; a test fills each of them in every language."""
    return load_sentences(files("analysis") / "data" / "words.toml")


def say(key: str, lang: str, /, **values: object) -> str:
    """The text of this key in this language; KeyError where key or a value is missing."""
    return words().get(key, lang, **values)


def number(value: float, lang: str = "vi", decimals: int = 0) -> str:
    """A number as it is written: 1.234,5 in Vietnamese, 1,234.5 in English."""
    return localized(f"{value:,.{decimals}f}", lang)


def localized(figures: str, lang: str) -> str:
    """Figures such as 1,234.5 with the marks of this language."""
    return figures.translate(str.maketrans(",.", say("number.marks", lang)))
