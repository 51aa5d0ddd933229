"""`hailong purge`: what goes when its time is over, and with `--yes`, its going."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import Installation, data_option, open_installation
from survey.commands.saying import echo, say
from survey.errors import HailongError
from survey.told import sentence

if TYPE_CHECKING:
    from survey.retention import Going


@click.command(epilog="Example: hailong purge --data office  (shows what goes; --yes does it)")
@click.option("--yes", is_flag=True, help="Delete what is due, for good.")
@data_option
def command(*, yes: bool, data: Path | None) -> None:
    """Show which answers go when their time is over and what is kept of them; --yes deletes them.

    A year's answers and comments go together, so many whole years after it as the setting
    `answer_years` says. What was published of its months, quarters, halves and of itself is sealed
    and stays. The server does this by itself, after the backup of the day.
    """
    from survey.retention import due, going

    with open_installation(data) as office:
        keep = office.config.answer_years
        every = going(office.engine, keep)
        now = due(office.engine, keep, office.today)
        if not keep:
            say("purge.for_ever")
            return
        if yes:
            _purge(office)
            return
        for one in every:
            _show(one, is_due=one in now)
        say("purge.stays" if every else "purge.nothing")
        if now:
            say("purge.how")


def _show(one: Going, *, is_due: bool) -> None:
    held = one.held
    day = f"{one.day:%d/%m/%Y}"
    key = "purge.due" if is_due else "purge.later"
    say(key, day=day, year=held.year, answers=held.answers, comments=held.comments)


def _purge(office: Installation) -> None:
    from survey.retention import purge_due, refused
    from survey.serving.upkeep import rewrite_now

    found = list(purge_due(office.config, office.engine, office.by, office.today))
    gone = [one for one in found if not one.wrong]
    # What was deleted is gone from the files as well.
    if gone and not rewrite_now(office.config, office.engine, office.today):
        raise HailongError(sentence("upkeep.busy"))
    for one in gone:
        held = one.held
        say("purge.done", year=held.year, answers=held.answers, comments=held.comments)
    if not found:
        say("purge.nothing_due")
    for one in found:
        if one.wrong:
            echo(sentence("purge.left", year=one.held.year, why=refused(one.wrong)), err=True)
    if len(gone) < len(found):
        raise HailongError(sentence("purge.some_left"))
