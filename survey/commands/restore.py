"""`hailong restore`: makes an office out of a backup, on a new machine or in the place of one."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.options import data_option, finished
from survey.commands.saying import say, words


@click.command(epilog="Example: hailong restore office-2026-11-28.zip --data office")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
@click.option("--force", is_flag=True, help="Put an office that is there aside, and replace it.")
def command(file: Path, data: Path | None, force: bool) -> None:
    """Make the data folder and the database what the backup FILE holds. Stop the server first.

    Posters, tablets and accounts go on working. An office that is there is left alone, unless
    --force puts it aside. For an encrypted backup the key of the emergency sheet is asked.
    """
    from survey.config import load_config
    from survey.encryption import typed_key
    from survey.errors import BackupError
    from survey.setup.landing import occupants, restore_office
    from survey.told import sentence

    before = finished(load_config(data))
    there = occupants(before)
    if there and not force:
        raise BackupError(sentence("backup.occupied", found=", ".join(there)))
    key = typed_key(click.prompt(words("key.ask"), err=True)) if _is_locked(file) else None
    moment = before.now() if there else None
    found = restore_office(before, file, key, aside=moment)
    say("backup.restored", folder=before.data.absolute(), count=found.responses, day=found.made_on)
    say("backup.next", data=before.data)


def _is_locked(file: Path) -> bool:
    """Whether it needs a key; one that is not there is told later."""
    from survey.encryption import is_encrypted

    return file.is_file() and is_encrypted(file)
