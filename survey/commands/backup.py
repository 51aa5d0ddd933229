"""`hailong backup`: the whole office in one file, read back before it is told."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import say


@click.command(epilog="Example: hailong backup office-2026-11-28.zip --data office")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(file: Path, data: Path | None, force: bool) -> None:
    """Write database, settings, key, places, targets and questionnaires into one FILE.

    The server may be running. The file is opened and counted before this says that it is there; it
    holds the signing key and every comment, so keep it where only the office can read it. Where the
    office has a key for its backups (hailong key), it is encrypted.
    """
    from survey.backups import write_backup
    from survey.store import refusals

    with open_installation(data) as office, refusals(office.engine):
        made = write_backup(office.config, office.engine, file, office.now, force=force)
    size = f"{file.stat().st_size / 1024**2:.1f}"
    done = "backup.locked" if office.config.backup_recipient else "backup.done"
    say(done, file=file.absolute(), count=made.responses, size=size)
