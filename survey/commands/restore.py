"""`hailong restore`: makes an office out of a backup, on a new machine or in the place of one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from survey.commands.options import data_option
from survey.commands.saying import say


@click.command(epilog="Example: hailong restore office-2026-11-28.zip --data office")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
@click.option("--force", is_flag=True, help="Put an office that is there aside, and replace it.")
def command(file: Path, data: Path | None, force: bool) -> None:
    """Make the data folder and the database what the backup FILE holds. Stop the server first.

    Posters, tablets and accounts go on working. An office that is there is left alone, unless
    --force puts it aside.
    """
    from survey.backups import restore_backup
    from survey.commands.init import prepare_database
    from survey.config import load_config

    before = load_config(data)
    found = restore_backup(file, before.data, datetime.now(before.zone), force=force)
    config = load_config(before.data)
    prepare_database(config)
    say("backup.restored", folder=config.data.absolute(), count=found.responses, day=found.made_on)
    say("backup.next", data=before.data)
