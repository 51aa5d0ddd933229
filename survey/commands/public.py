"""`hailong public`: the public page on or off, its files, and what the office did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation, period_option
from survey.commands.saying import language, say
from survey.errors import HailongError
from survey.told import sentence, spoken_month

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.commands.options import Installation
    from survey.improvements import Improvement

_NUMBERS = 2**31 - 1  # what the database counts up to


@click.group(epilog="Example: hailong public on --data office")
def command() -> None:
    """The public page /open: what is published of sealed months, and what the office did."""


@command.command(epilog="Example: hailong public on --data office")
@data_option
def on(data: Path | None) -> None:
    """Open the public page. It holds once the server is started again."""
    _turn(data, on=True)


@command.command(epilog="Example: hailong public off --data office")
@data_option
def off(data: Path | None) -> None:
    """Close the public page: nobody can tell that it was there."""
    _turn(data, on=False)


@command.command(epilog="Example: hailong public minimum 30 --data office")
@click.argument("people", type=int, required=False)
@data_option
def minimum(people: int | None, data: Path | None) -> None:
    """Set how many people a published figure must rest on, 10 to 100; without a number, show it.

    It holds once the server is started again, for what is published from then on. What was
    published stays as it is.
    """
    from survey.config import load_config, write_settings
    from survey.store.staff_actions import noted

    with open_installation(data) as office:
        folder = office.config.data
        stored = load_config(folder).publication_minimum
        if people is not None and people != stored:
            load_config(folder, publication_minimum=people)  # refused before it is written
            with noted(office.engine, office.by, "settings_changed", names="publication_minimum"):
                write_settings(folder, publication_minimum=people)
        say("public.minimum", people=stored if people is None else people)


def _turn(data: Path | None, *, on: bool) -> None:
    from survey.config import load_config, write_settings
    from survey.store.staff_actions import noted

    with open_installation(data) as office:
        if load_config(office.config.data).public_page != on:
            with noted(office.engine, office.by, "settings_changed", names="public_page"):
                write_settings(office.config.data, public_page=on)
        say("public.on" if on else "public.off", address=f"{office.config.base_url}/open")


@command.command(epilog="Example: hailong public make --data office")
@data_option
def make(data: Path | None) -> None:
    """Make the pages and pictures of sealed months now, where something is new.

    The server does this by itself within a minute.
    """
    from analysis.period import parse_period
    from survey.public.making import PUBLIC_TURN, make_due
    from survey.turns import turn

    with open_installation(data) as office, turn(office.config.data / PUBLIC_TURN) as mine:
        if not mine:
            say("public.busy")
            return
        count = make_due(
            office.config,
            office.engine,
            lambda period: say("public.made", period=parse_period(period).inside(language())),
        )
        if not count:
            say("public.nothing")


office_option = click.option("--office", metavar="ID", help="The office; the only one if left out.")


@command.command("list", epilog="Example: hailong public list --period 2026-10")
@period_option
@office_option
@data_option
def list_(period: Period, office: str | None, data: Path | None) -> None:
    """Show what was written of a month under "You said, we did", with its numbers."""
    from survey.store.improvements import list_improvements

    with open_installation(data) as installation:
        place = _office(installation, office)
        found = list_improvements(installation.engine, place, _month(period))
    for entry in found:
        said, did, _lang = entry.texts.in_language(language())
        state = "draft" if entry.published_on is None else "published"
        say(f"improvement.{state}", id=entry.id, said=said, did=did)
    if not found:
        say("improvement.none", err=True, month=spoken_month(_month(period)))


@command.command(
    epilog='Example: hailong public write --period 2026-10 --said "Chờ lâu buổi sáng." '
    '--did "Từ 01/11 thêm một quầy từ 7 giờ 30 đến 9 giờ."'
)
@period_option
@office_option
@click.option("--said", required=True, metavar="TEXT", help="What people said, in Vietnamese.")
@click.option("--did", required=True, metavar="TEXT", help="What was done, in Vietnamese.")
@click.option("--said-en", default="", metavar="TEXT", help="What people said, in English.")
@click.option("--did-en", default="", metavar="TEXT", help="What was done, in English.")
@data_option
def write(
    period: Period,
    office: str | None,
    said: str,
    did: str,
    said_en: str,
    did_en: str,
    data: Path | None,
) -> None:
    """Write a draft of what was done about what people said.

    Nobody sees it until it is published.
    """
    from survey.improvements import Texts, checked
    from survey.store.improvements import add_improvement

    texts = checked(Texts(said, did, said_en, did_en))
    with open_installation(data) as installation:
        place, month = _office(installation, office), _month(period)
        id_ = add_improvement(installation.engine, place, month, texts, installation.by)
        say("improvement.written", id=id_)


@command.command(epilog="Example: hailong public publish 3")
@click.argument("id_", metavar="NUMBER", type=click.IntRange(1, _NUMBERS))
@data_option
def publish(id_: int, data: Path | None) -> None:
    """Put a draft on the public page."""
    from survey.store.improvements import publish_improvement

    with open_installation(data) as installation:
        entry = _entry(installation, id_)
        if not publish_improvement(installation.engine, entry, installation.today, installation.by):
            raise HailongError(sentence("improvement.public_already", id=id_))
        say("improvement.now_public", id=id_)


@command.command(epilog="Example: hailong public withdraw 3")
@click.argument("id_", metavar="NUMBER", type=click.IntRange(1, _NUMBERS))
@data_option
def withdraw(id_: int, data: Path | None) -> None:
    """Take something off the public page; it is a draft again."""
    from survey.store.improvements import withdraw_improvement

    with open_installation(data) as installation:
        entry = _entry(installation, id_)
        if not withdraw_improvement(installation.engine, entry, installation.by):
            raise HailongError(sentence("improvement.not_public", id=id_))
        say("improvement.now_draft", id=id_)


def _entry(installation: Installation, id_: int) -> Improvement:
    from survey.store.improvements import find_improvement

    entry = find_improvement(installation.engine, id_)
    if entry is None:
        raise HailongError(sentence("improvement.unknown", id=id_))
    return entry


def _month(period: Period) -> str:
    if len(period.months) != 1:
        raise HailongError(sentence("improvement.one_month", period=period.text))
    return str(period.months[0])


def _office(installation: Installation, asked: str | None) -> str:
    from survey.store.places import list_offices

    known = [one.id for one in list_offices(installation.engine)]
    if asked is None and len(known) == 1:
        return known[0]
    if asked not in known:
        listed = ", ".join(known)
        raise HailongError(sentence("improvement.no_office", office=asked or "–", known=listed))
    return asked
