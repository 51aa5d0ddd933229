"""`hailong refresh`: computes the figures of all offices side by side, as the server does."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation, read_period
from survey.commands.saying import language, say

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.figures.overviews import Stale


@click.command(epilog="Example: hailong refresh --period 2026-10 --data office")
@click.option("--period", callback=read_period, metavar="P", help="This period alone.")
@data_option
def command(period: Period | None, data: Path | None) -> None:
    """Compute what has changed in the page of all offices.

    The server does this by itself, some minutes after answers or dossiers have come. Needed only
    where no server runs, or nobody wants to wait.
    """
    from questionnaires.bilingual import both
    from survey.errors import HailongError
    from survey.figures.overviews import refresh
    from survey.told import sentence

    def told(one: Stale) -> None:
        say(f"refresh.{one.view}", period=one.period.called(language()), group=one.group)

    if sys.platform != "win32":
        with suppress(OSError):  # a strict service manager forbids it
            os.nice(5)  # citizens first
    with open_installation(data) as office:
        if period is not None and period.first > office.today:
            raise HailongError(sentence("refresh.future", period=both(period.called)))
        periods = None if period is None else [period]
        done = refresh(office.config, office.engine, office.today, periods, told)
    if done is None:
        raise HailongError(sentence("refresh.busy"))
    if not done:
        say("refresh.nothing")
