"""Prints the command line's sentences in the language that was chosen for this run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import click

from survey.told import in_language, sentence

_YES = ("y", "yes", "c", "co", "có")
_language: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak this language meanwhile."""
    before = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(before)


def language() -> str:
    """The language of this run: 'vi' or 'en'."""
    return _language.get()


def words(key: str, /, **values: object) -> str:
    """Return a sentence in the language of this run."""
    return in_language(sentence(key, **values), language())


def say(key: str, /, *, err: bool = False, **values: object) -> None:
    """Print a sentence; `err` on the stream for warnings and progress."""
    click.echo(words(key, **values), err=err)


def echo(text: object, *, err: bool = False, indent: int = 0) -> None:
    """Print a text that may know both languages, so many spaces from the edge."""
    click.echo(" " * indent + in_language(text, language()), err=err)


def agree(key: str, /, *, err: bool = False, **values: object) -> bool:
    """Ask a question that is answered by yes or no; no answer at all is no."""
    try:
        answer = click.prompt(words(key, **values), default="", show_default=False, err=err)
    except click.Abort:
        return False
    return str(answer).strip().casefold() in _YES
