"""What the command line says, in Vietnamese and English: sentences that know both languages.

Owns finding and joining them. Wordings live in `data/commands.toml`; which language is shown is
the command line's decision, made when a sentence is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from questionnaires import Sentences

LANGUAGES = ("vi", "en")


class Told(str):
    """A text in English, as logs and tests read it, that knows its Vietnamese too."""

    __slots__ = ("vi",)
    vi: str

    def __new__(cls, en: str, vi: str) -> Told:
        """Join a text in both languages."""
        told = super().__new__(cls, en)
        told.vi = vi
        return told


def in_language(text: object, lang: str) -> str:
    """Return a text in this language, where it knows it; any other text as it is."""
    return text.vi if lang == "vi" and isinstance(text, Told) else str(text)


def sentence(key: str, **values: object) -> Told:
    """Return the sentence with this key; values that are told are in its language too.

    KeyError names an unknown key or a value that is missing.
    """

    def spoken(lang: str) -> str:
        filled = {name: _filling(value, lang) for name, value in values.items()}
        return command_sentences().get(key, lang, **filled)

    return both(spoken)


def _filling(value: object, lang: str) -> object:
    return value.vi if lang == "vi" and isinstance(value, Told) else value


def both(make: Callable[[str], str]) -> Told:
    """Return what `make` gives for each language, as one text."""
    return Told(make("en"), make("vi"))


def joined(parts: Iterable[object], between: str = "\n") -> Told:
    """Join texts, each in its language."""
    listed = list(parts)
    return both(lambda lang: between.join(in_language(part, lang) for part in listed))


@cache
def command_sentences() -> Sentences:
    """Every sentence of the command line, checked for both languages."""
    from questionnaires import load_sentences  # with pydantic: not for help that shows none

    return load_sentences(files("survey") / "data" / "commands.toml")


def choose_language(
    arguments: Sequence[str], environ: Mapping[str, str], system: str | None = None
) -> str:
    """Return the language to speak: of `--lang`, the environment, the system, else English.

    The environment is read as programs do: the first of LC_ALL, LC_MESSAGES and LANG that is set.
    `system` is a language's name where there is no such variable ("vi_VN", of Windows).
    """
    return _asked(arguments) or ("vi" if _named(environ, system).startswith("vi") else "en")


def _asked(arguments: Sequence[str]) -> str | None:
    for place, word in enumerate(arguments):
        if word == "--":
            break
        name, given, value = word.partition("=")
        if name == "--lang":
            value = value if given else next(iter(arguments[place + 1 : place + 2]), "")
            if value in LANGUAGES:
                return value
    return None


def _named(environ: Mapping[str, str], system: str | None) -> str:
    named = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return (next(filter(None, named), None) or system or "").lower()
