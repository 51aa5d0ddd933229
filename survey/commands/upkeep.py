"""`hailong upkeep`: does now what the server does once a day is over."""

from __future__ import annotations

from pathlib import Path

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import say


@click.command(epilog="Example: hailong upkeep --data office  (for cron, where the server is off)")
@data_option
def command(data: Path | None) -> None:
    """Write the stored answers anew, so that nothing tells in which order they came.

    Comments that are older than the office keeps them go first, and are erased by it.

    The server does this by itself every night. Answers that come meanwhile wait a moment.
    """
    from survey.errors import HailongError
    from survey.serving.upkeep import delete_comments_if_due, rewrite_now
    from survey.told import sentence

    with open_installation(data) as office:
        delete_comments_if_due(office.config, office.engine, office.today)
        if not rewrite_now(office.config, office.engine, office.today):
            raise HailongError(sentence("upkeep.busy"))
    say("upkeep.done")
