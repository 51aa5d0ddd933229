"""`hailong indicators`: the one-stop desk's nine indicators, entered a month at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import (
    data_option,
    open_installation,
    period_option,
    read_period,
)
from survey.commands.saying import echo, say
from survey.errors import HailongError
from survey.told import sentence, spoken_month

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.commands.options import Installation


@click.group(epilog="Example: hailong indicators enter --period 2026-10 1=412/20/3")
def command() -> None:
    """The one-stop desk's nine indicators: dossiers with 2, 1 and 0 points, a month each.

    They stand beside the survey and are never added to it.
    """


@command.command(epilog="Example: hailong indicators enter --period 2026-10 1=412/20/3 8=-")
@click.argument("pairs", metavar="INDICATOR=TWO/ONE/NONE...", nargs=-1, required=True)
@period_option
@click.option("--office", metavar="ID", help="The office; the only one if left out.")
@data_option
def enter(pairs: tuple[str, ...], period: Period, office: str | None, data: Path | None) -> None:
    """Enter INDICATOR=TWO/ONE/NONE: dossiers with 2, 1 and 0 points of an indicator from 1 to 9.

    8=- where it was not assessed. Those not named stay as they are.
    """
    from survey.indicators import read_pairs, written
    from survey.store.indicators import enter_indicators, load_indicators

    named = read_pairs(pairs)
    if len(period.months) != 1:
        raise HailongError(sentence("indicators.one_month", period=period.text))
    month = period.months[0]
    with open_installation(data) as installation:
        place = _office(installation, office)
        before = load_indicators(installation.engine, place, month)
        found = {**before, **named}
        entered = {one: files for one, files in found.items() if files is not None}
        changed = enter_indicators(
            installation.engine, place, month, entered, before, installation.by
        )
    if not changed:
        say("indicators.unchanged", month=spoken_month(month))
    elif entered:
        say("indicators.entered", month=spoken_month(month), files=written(entered))
    else:
        say("indicators.nothing_left", month=spoken_month(month))


@command.command("list", epilog="Example: hailong indicators list --period 2026-Q4")
@click.option(
    "--period",
    callback=read_period,
    metavar="P",
    help="10/2026, 2026-10, 2026-Q4, 2026-H2, 2026 or 12m:2026-10; every month if left out.",
)
@data_option
def list_(period: Period | None, data: Path | None) -> None:
    """Show the months that are entered: of each indicator the dossiers with 2/1/0 points."""
    from survey.indicators import written
    from survey.store.indicators import list_indicators
    from survey.store.places import load_places

    with open_installation(data) as installation:
        offices = [one.id for one in load_places(installation.engine, gone_too=True).office]
        months = None if period is None else period.months
        found = list_indicators(installation.engine, offices, months)
    for month, office, entered in found:
        say("indicators.line", month=spoken_month(month), office=office, files=written(entered))
    if not found:
        say("indicators.none", err=True)


@command.command(
    epilog="Example: hailong indicators person 1=40/2/0 2=40/2/0 3=42/0/0 4=41/1/0 7=40/2/0"
)
@click.argument("pairs", metavar="INDICATOR=TWO/ONE/NONE...", nargs=-1, required=True)
def person(pairs: tuple[str, ...]) -> None:
    """Work out the points of one official by the indicators 1, 2, 3, 4 and 7.

    Nothing is stored.
    """
    from survey.indicators import OF_A_PERSON, level_of, read_pairs

    entered = {one: files for one, files in read_pairs(pairs).items() if files is not None}
    other = next((one for one in entered if one not in OF_A_PERSON), None)
    if other is not None:
        known = ", ".join(map(str, OF_A_PERSON))
        raise HailongError(sentence("indicators.not_of_person", indicator=other, known=known))
    echo(level_of(entered))


def _office(installation: Installation, asked: str | None) -> str:
    from survey.store.places import list_offices

    known = [one.id for one in list_offices(installation.engine)]
    if asked is None and len(known) == 1:
        return known[0]
    if asked not in known:
        words = {"office": asked or "–", "known": ", ".join(known)}
        raise HailongError(sentence("indicators.no_office", **words))
    return asked
