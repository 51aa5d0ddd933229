"""The command line's sentences, help and usage errors, in the language chosen for this run.

What code says in English has its Vietnamese in help.toml.
"""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import click

from survey.told import in_language, sentence

if TYPE_CHECKING:
    from questionnaires import Sentences

_EXTRAS = {"default: ": "frame.default", "required]": "frame.required"}


@cache
def help_sentences() -> Sentences:
    """The help of every command and option, checked for both languages."""
    from questionnaires import load_sentences  # with pydantic: not for help that shows none

    return load_sentences(files("survey") / "data" / "help.toml")


def _say(key: str, **values: object) -> str:
    return help_sentences().get(key, language(), **values)


class _Formatter(click.HelpFormatter):
    """Writes help with the headings of the language of this run."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, f"{_say('frame.usage')} " if prefix is None else prefix)

    def section(self, name: str) -> Any:
        known = {"Options": "frame.options", "Commands": "frame.commands"}
        return super().section(_say(known[name]) if name in known else name)

    def write_dl(self, rows: Iterable[tuple[str, str]], *more: Any, **options: Any) -> None:
        super().write_dl([(name, _extra(text)) for name, text in rows], *more, **options)


def _extra(text: str) -> str:
    for english, key in _EXTRAS.items():
        text = text.replace(english, _say(key) + english[-1])
    return text.replace("Show this message and exit.", _say("frame.help"))


class _Context(click.Context):
    formatter_class = _Formatter


def translated(command: click.Command, path: tuple[str, ...]) -> click.Command:
    """Return a copy of a command with help in the language of this run; itself stays as it is."""
    spoken = copy.copy(command)
    spoken.context_class = _Context
    spoken.help = _of("command", path, command.help)
    spoken.short_help = None
    if command.epilog:
        spoken.epilog = command.epilog.replace("Example:", _say("frame.example"))
    spoken.params = [_option(param, path) for param in command.params]
    if isinstance(spoken, click.Group):
        spoken.commands = {
            name: translated(each, (*path, name)) for name, each in spoken.commands.items()
        }
    return spoken


def _option(param: click.Parameter, path: tuple[str, ...]) -> click.Parameter:
    spoken = copy.copy(param)
    if isinstance(spoken, click.Option):
        spoken.help = _of("option", (*path, str(param.name)), spoken.help)
    return spoken


def _of(kind: str, path: tuple[str, ...], english: str | None) -> str | None:
    for key in (".".join(path).replace("-", "_"), path[-1] if path else ""):
        if f"{kind}.{key}" in help_sentences():
            return _say(f"{kind}.{key}")
    return english


def explained(error: click.UsageError) -> str:
    """Say in the language of this run what is wrong with a command line, and how to see help."""
    lines = [_say("frame.error", what=_what(error))]
    if error.ctx is not None:
        lines.insert(0, _say("frame.try_help", command=error.ctx.command_path))
    return "\n".join(lines)


def _what(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return _say("frame.no_option", name=error.option_name)
    if isinstance(error, click.BadParameter):
        name = error.param.get_error_hint(error.ctx) if error.param and error.ctx else ""
        if isinstance(error, click.MissingParameter):
            return _say("frame.missing", name=name)
        return _say("frame.bad", name=name, what=_of_click(error.message))
    if error.message.startswith("No such command"):
        return _say("frame.no_command", name=error.message.partition("'")[2].rstrip("'."))
    return _of_click(error.format_message())


# What click itself says of a value; our own messages are in the right language already.
_CLICK = tuple(
    (re.compile(form), key)
    for form, key in (
        (r"'(?P<value>.*)' is not one of (?P<known>.*)\.", "choice"),
        (r"(?P<value>\S+) is not in the range (?P<known>.*)\.", "range"),
        (r"'(?P<value>.*)' is not a valid (?:integer|float)(?: range)?\.", "number"),
        (r"\w+ '(?P<value>.*)' is a directory\.", "a_folder"),
        (r"\w+ '(?P<value>.*)' is a file\.", "a_file"),
        (r"Got unexpected extra arguments? \((?P<value>.*)\)", "extra"),
        (r"Option '(?P<value>.*)' requires an argument\.", "no_value"),
        (r"Option '(?P<value>.*)' does not take a value\.", "takes_none"),
        (r"Missing command\.", "which"),
    )
)


def _of_click(message: str) -> str:
    for form, key in _CLICK:
        found = form.fullmatch(message)
        if found:
            return _say(f"frame.{key}", **found.groupdict())
    return message


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


@contextmanager
def progress_told(key: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar of steps on a terminal, named by a sentence; who runs the command as a job is told."""
    told = click.get_current_context().find_root().obj
    if callable(told):
        yield told
        return
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    shape = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*shape, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words(key), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
