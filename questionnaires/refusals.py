"""What a questionnaire file is refused with, in both languages.

Owns finding such a sentence. Wordings live in `data/problems.toml`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from questionnaires.sentences import Sentences, load_sentences
from questionnaires.told import Told, filled


@cache
def _sentences() -> Sentences:
    return load_sentences(files("questionnaires").joinpath("data", "problems.toml"))


def said(key: str, /, **values: object) -> Told:
    """Return a sentence about something wrong, or what to write instead, in both languages."""
    return filled(_sentences(), key, **values)


def known(key: str) -> bool:
    """Whether there is a sentence of this key."""
    return key in _sentences()
