"""The sentences of the public page and its picture, in both languages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from questionnaires import Sentences, load_sentences


@cache
def public_sentences() -> Sentences:
    """Every sentence that citizens read there, checked for both languages."""
    return load_sentences(files("survey") / "data" / "public.toml")


def public_word(key: str, lang: str, /, **words: object) -> str:
    """One of them."""
    return public_sentences().get(key, lang, **words)
