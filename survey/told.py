"""What the command line says, in Vietnamese and English, and which of them it speaks.

Wordings live in `data/commands.toml`; which language is shown is decided when a sentence is
printed. Imports the package `questionnaires` late: help that shows no sentence needs none of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from questionnaires import Sentences
    from questionnaires.bilingual import Told

LANGUAGES = ("vi", "en")
HELP_IN_CODE = "en"
"""What help and usage errors stand in beside the code; their other languages: `data/help.toml`."""


def in_language(text: object, lang: str) -> str:
    """Return a text in this language, where it knows it; any other text as it is."""
    from questionnaires.bilingual import in_language as spoken

    return spoken(text, lang)


def sentence(key: str, /, **values: object) -> Told:
    """Return the sentence with this key; values that are told are in its language too.

    KeyError names an unknown key or a value that is missing.
    """
    from questionnaires.sentences import filled

    return filled(command_sentences(), key, **values)


def percent(share: object, lang: str) -> str:
    """A share as people read it: 90%, 92,5%.

    >>> percent("0.925", "vi")
    '92,5%'
    """
    text = f"{float(str(share)) * 100:.6g}"
    return f"{text.replace('.', ',') if lang == 'vi' else text}%"


Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is and, where it is not well, what a command line advises.

    ``key``: of its sentence, so that a page advises something else; none where the text is from
    elsewhere.
    """

    mark: Severity
    text: str
    remedy: str = ""
    key: str = ""

    @property
    def said(self) -> str:
        """Both as one line, for the command line."""
        from questionnaires.bilingual import joined

        return joined((self.text, self.remedy), "; ") if self.remedy else self.text


def finding(mark: Severity, key: str, /, **values: object) -> Finding:
    """Return the finding of this sentence, with the sentence `remedy.<key>` where there is one."""
    remedy = f"remedy.{key}"
    advice = sentence(remedy, **values) if remedy in command_sentences() else ""
    return Finding(mark, sentence(key, **values), advice, key)


def spoken_month(month: str) -> str:
    """A month as people write it.

    >>> spoken_month("2026-10")
    '10/2026'
    """
    return f"{month[5:]}/{month[:4]}"


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
