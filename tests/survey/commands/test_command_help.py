"""Every command explains itself with an example that names it as it is typed."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from survey.cli import COMMANDS, cli
from survey.commands.saying import help_sentences

OURS = (
    "dossiers",
    "export",
    "kiosk",
    "place",
    "poster",
    "provider",
    "questionnaire",
    "slips",
    "token",
    "user",
)


def commands(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from commands((*path, name), each)


def every_command() -> Iterator[tuple[str, ...]]:
    context = click.Context(cli)
    for name in OURS:
        command = cli.get_command(context, name)  # type: ignore[attr-defined]
        yield from commands((name,), command)


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_help_ends_with_an_example_of_the_command(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert f"Example: hailong {' '.join(path)}" in " ".join(result.stdout.split())


def every_entry() -> Iterator[tuple[str, str]]:
    """The key and the English help of every command and option that has any."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)  # type: ignore[attr-defined]
        yield from _entries((name,), command)
        yield f"short.{name}", COMMANDS[name]
    yield from _entries(("hailong",), click.Command("hailong", params=cli.params, help=cli.help))


def _entries(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, str]]:
    key = ".".join(path).replace("-", "_")
    yield f"command.{key}", command.help or ""
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            shared = option.name == "data" and path != ("demo",)
            yield f"option.{'data' if shared else f'{key}.{option.name}'}", option.help
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _entries((*path, name), each)


def test_every_command_and_option_is_explained_in_vietnamese_too() -> None:
    known = help_sentences()
    missing = {key for key, _ in every_entry() if key not in known}
    assert not missing
    for key, english in every_entry():
        whole = " ".join(english.split())
        assert whole.startswith(known.get(key, "en")), key  # of a long one the beginning
    told = {key for key in known.texts if not key.startswith("frame.")}
    assert told == {key for key, _ in every_entry()}


@pytest.mark.parametrize(
    "words", [["--lang", "vi", "place", "load"], ["place", "load", "--lang", "vi"]]
)
def test_help_is_vietnamese_where_it_is_asked_for(words: list[str]) -> None:
    shown = CliRunner().invoke(cli, [*words, "--help"]).stdout
    assert "Cách dùng: " in shown
    assert "Tùy chọn:" in shown
    assert "Ví dụ: hailong place load" in shown
    assert "Example" not in shown
    assert "Usage: " in CliRunner().invoke(cli, ["place", "load", "--help"]).stdout


def test_the_environment_chooses_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    assert "Cách dùng: " in CliRunner().invoke(cli, ["--help"]).stdout
    assert "Usage: " in CliRunner().invoke(cli, ["--lang", "en", "--help"]).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["analyze"], "thiếu '--period'"),
        (["doctor", "--dta", "x"], "không có tùy chọn --dta"),
        (["place", "lode"], "không có lệnh này: lode"),
    ],
)
def test_a_mistyped_command_line_is_explained_in_vietnamese(words: list[str], told: str) -> None:
    result = CliRunner().invoke(cli, ["--lang", "vi", *words])
    assert result.exit_code == 2
    assert told in result.stderr
    assert "--help" in result.stderr
