"""A text in English that knows its Vietnamese: what is said of files to their owner.

Owns joining and filling such texts. Which language is shown is decided where they are printed;
logs, programs and tests read the English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from questionnaires.sentences import Sentences


class Told(str):
    """A text in English that knows its Vietnamese too."""

    __slots__ = ("vi",)
    vi: str

    def __new__(cls, en: str, vi: str) -> Told:
        """Join a text in both languages."""
        told = super().__new__(cls, en)
        told.vi = vi
        return told

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """Both languages travel to another process."""
        return str(self), self.vi


def in_language(text: object, lang: str) -> str:
    """Return a text in this language, where it knows it; any other text as it is."""
    return text.vi if lang == "vi" and isinstance(text, Told) else str(text)


def both(make: Callable[[str], str]) -> Told:
    """Return what `make` gives for each language, as one text."""
    return Told(make("en"), make("vi"))


def number_of(number: int) -> Told:
    """Return a whole number with the marks between its thousands: 1,024 and 1.024."""
    written = f"{number:,}"
    return Told(written, written.replace(",", "."))


def joined(parts: Iterable[object], between: str = "\n") -> Told:
    """Join texts, each in its language; a word between them stands between spaces."""
    listed = list(parts)

    def spoken(lang: str) -> str:
        mark = in_language(between, lang)
        mark = f" {mark} " if mark.isalpha() else mark
        return mark.join(in_language(part, lang) for part in listed)

    return both(spoken)


def filled(sentences: Sentences, key: str, /, **values: object) -> Told:
    """Return a sentence in both languages; values that are told are in its language too.

    KeyError names an unknown key or a value that is missing.
    """

    def spoken(lang: str) -> str:
        in_it = {name: _filling(value, lang) for name, value in values.items()}
        return sentences.get(key, lang, **in_it)

    return both(spoken)


def _filling(value: object, lang: str) -> object:
    return value.vi if lang == "vi" and isinstance(value, Told) else value
