"""Every command explains itself with an example that names it as it is typed."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from survey.cli import cli

OURS = ("dossiers", "export", "kiosk", "place", "poster", "questionnaire", "user")


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
