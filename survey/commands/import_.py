"""`hailong import`: answers that another tool collected, brought into the office."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import echo, say, words
from survey.errors import HailongError
from survey.told import sentence

MOST_REASONS: Final = 40


@click.group(epilog="Example: hailong import responses form.csv --mapping form.toml")
def command() -> None:
    """Bring in answers that another tool collected."""


@command.command(epilog="Example: hailong import responses form.csv --mapping form.toml --dry-run")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What its columns hold (docs/mapping.md).",
)
@click.option("--dry-run", is_flag=True, help="Check and count; keep nothing.")
@data_option
def responses(file: Path, mapping: Path, dry_run: bool, data: Path | None) -> None:
    """Take the past answers of FILE, checked like any other and marked as brought in.

    Taking a file twice changes nothing. They count like all answers; every report says how many
    were brought in. What another tool knows beside scores is not kept. Exit 1 where rows are
    refused; the others are kept.
    """
    from survey.past_answers import bring_in

    with open_installation(data) as installation:
        found = bring_in(installation.engine, file, mapping, installation.by, dry_run=dry_run)
    say(
        "past.would" if dry_run else "past.taken",
        new=found.new,
        repeated=found.repeated,
        refused=len(found.refused),
        skipped=found.skipped,
    )
    for one in found.refused[:MOST_REASONS]:
        told = sentence("past.row", file=file.name, place=one.place, why=one.why)
        echo(told, err=True)
    if len(found.refused) > MOST_REASONS:
        say("past.more", err=True, count=len(found.refused) - MOST_REASONS)
    if found.refused:
        raise HailongError(sentence("past.some_refused", count=len(found.refused)))


@command.command(epilog="Example: hailong import undo 3f9c1d20a4b5e6f7")
@click.argument("batch")
@data_option
def undo(batch: str, data: Path | None) -> None:
    """Take back the import BATCH: exactly its answers are deleted, and no other.

    Possible until they are sealed, which is in the night that follows.
    """
    from survey.store.past import undo_past

    with open_installation(data) as installation:
        found = undo_past(installation.engine, batch, installation.by)
    say("past.undone", count=found.answers, file=found.source.file, day=found.brought_on)


@command.command("list", epilog="Example: hailong import list")
@data_option
def list_(data: Path | None) -> None:
    """Show every import of past answers, and whether it can be taken back.

    A line each: its id, day, account, file and its SHA-256, answers by office and month, state.
    """
    from survey.store.past import list_past

    with open_installation(data) as installation:
        found = list_past(installation.engine)
    for one in found:
        parts = ", ".join(f"{part.office} {part.period}: {part.answers}" for part in one.parts)
        state = words(f"past.state_{one.state}", day=one.undone_on)
        source = one.source
        line = (source.batch, str(one.brought_on), one.name or "-", source.file, source.digest)
        click.echo("\t".join((*line, parts, state)))
    if not found:
        say("past.none", err=True)
