"""`hailong key`: the key that backups are encrypted with: made, printed, tried, given up."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.options import data_option, open_installation, out_file
from survey.commands.saying import say, words
from survey.errors import BackupError
from survey.told import sentence


@click.group()
def command() -> None:
    """Keep the key that backups are encrypted with. It is on the printed emergency sheet alone."""


@command.command(epilog="Example: hailong key make sheet.pdf --data office")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), callback=out_file)
@data_option
def make(file: Path, data: Path | None) -> None:
    """Make a key, write its emergency sheet into FILE (PDF) and encrypt backups from now on.

    The sheet has to be printed: the last letters are asked from the paper, and nothing is encrypted
    before. FILE holds the key in clear and is deleted in the end. Earlier backups keep their key.
    """
    from survey.daily import encrypt_to
    from survey.emergency import render_emergency_sheet
    from survey.encryption import is_last_group, make_key
    from survey.files import write_whole
    from survey.store.places import list_offices

    if file.exists():
        raise BackupError(sentence("key.there", file=file))
    with open_installation(data) as office:
        key, name = make_key(), list_offices(office.engine)[0].name.vi
        folder = office.config.backups.absolute()
        sheet = render_emergency_sheet(key, name, folder, office.today)
        try:
            write_whole(file, sheet)
            last = click.prompt(words("key.ask_last", file=file), err=True)
        finally:
            file.unlink(missing_ok=True)
        if not is_last_group(key, last):
            raise BackupError(sentence("key.not_last"))
        encrypt_to(office.config, office.engine, key.recipient, office.by)
    say("key.holds", number=key.number)


@command.command("try", epilog="Example: hailong key try --data office")
@data_option
def try_(data: Path | None) -> None:
    """Ask for the key of an emergency sheet, and say whether it opens the backups made now."""
    from survey.encryption import sheet_number, typed_key

    with open_installation(data) as office:
        recipient = office.config.backup_recipient
    if not recipient:
        raise BackupError(sentence("key.none"))
    key = typed_key(click.prompt(words("key.ask"), err=True))
    if key.recipient != recipient:
        found = {"number": key.number, "current": sheet_number(recipient)}
        raise BackupError(sentence("key.wrong", **found))
    say("key.right", number=key.number)


@command.command(epilog="Example: hailong key drop --data office")
@data_option
def drop(data: Path | None) -> None:
    """Encrypt backups no more. Those that are encrypted still need the emergency sheet."""
    from survey.daily import encrypt_to

    with open_installation(data) as office:
        if not office.config.backup_recipient:
            raise BackupError(sentence("key.none"))
        encrypt_to(office.config, office.engine, "", office.by)
    say("key.off")
