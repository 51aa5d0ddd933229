"""Texts that carry English and Vietnamese together.

Owns joining them and writing numbers in each. Must not know which sentences there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


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
        """Both languages travel to another process: those of `__new__`, not the text of `str`."""
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
