"""`hailong seal`: makes the seals that are due now, as the server does at night."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import Installation, data_option, open_installation, read_period
from survey.commands.saying import say, words
from survey.errors import HailongError
from survey.told import sentence

if TYPE_CHECKING:
    from analysis.period import Period

_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@click.command(epilog="Example: hailong seal --data office")
@click.option(
    "--month",
    callback=read_period,
    metavar="P",
    help="Seal this month already, which is over: its dates become coarse at once.",
)
@click.option(
    "--accept",
    "about",
    metavar="DAY",
    help="Seal this day or month (or `targets`) again as it is now, whatever was changed in it.",
)
@click.option(
    "--because",
    metavar="TEXT",
    help="Why: for the log of staff and the public page. With --accept.",
)
@data_option
def command(
    month: Period | None, about: str | None, because: str | None, data: Path | None
) -> None:
    """Seal the days and months that are over, so that a later change of their answers shows.

    The server does this by itself every night; a month ten days after its end. A sealed month keeps
    of its answers' dates the month alone.
    """
    if month is not None and len(month.months) != 1:
        raise click.BadParameter(words("dossiers.not_month", period=month.text))
    if (about is None) != (because is None):
        raise click.UsageError(words("seal.because"))
    with open_installation(data) as office:
        if about is not None and because is not None:
            _accept(office, about, because)
        else:
            _seal(office, None if month is None else month.text)


def _seal(office: Installation, month: str | None) -> None:
    from survey.sealing import SEAL_TURN, about_shown, night_of, seal_due
    from survey.serving.upkeep import rewrite_now
    from survey.turns import turn

    with turn(office.config.data / SEAL_TURN) as mine:
        if not mine:
            raise HailongError(sentence("upkeep.busy"))
        found = seal_due(office.config, office.engine, night_of(office.now), month)
    # What was coarsened and erased is gone from the files as well.
    if not rewrite_now(office.config, office.engine, office.today):
        raise HailongError(sentence("upkeep.busy"))
    if found.day is None:
        say("seal.nothing")
    else:
        say("seal.days", day=about_shown(found.day.isoformat()))
    for one in found.months:
        say("seal.month", month=about_shown(one))
    if found.wrong:
        listed = ", ".join(map(about_shown, found.wrong))
        raise HailongError(sentence("seal.wrong", found=listed))


def _accept(office: Installation, about: str, because: str) -> None:
    from survey.sealing import about_shown
    from survey.store.sealing import accept
    from survey.target_seals import KIND, accept_targets

    if about == KIND:
        if not accept_targets(office.config, office.engine, because, office.by):
            raise HailongError(sentence("seal.targets_no_need"))
        say("seal.targets_accepted")
        return
    if not accept(office.engine, _written(about), because, office.by):
        raise HailongError(sentence("seal.no_need", about=about))
    say("seal.accepted", about=about_shown(_written(about)))


def _written(about: str) -> str:
    """A day or month as it is kept: of 05/10/2026, 2026-10-05, 10/2026 or 2026-10."""
    from datetime import date

    from analysis.errors import PeriodError
    from analysis.period import written_period

    try:
        found = _DAY.fullmatch(about)
        if found:
            day, month, year = map(int, found.groups())
            return date(year, month, day).isoformat()
        if re.fullmatch(r"\d{4}-\d\d-\d\d", about):
            return date.fromisoformat(about).isoformat()
        period = written_period(about)
    except (ValueError, PeriodError) as error:
        raise click.BadParameter(words("seal.no_day", given=about)) from error
    if len(period.months) != 1:
        raise click.BadParameter(words("seal.no_day", given=about))
    return period.text
