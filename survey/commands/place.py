"""`hailong place`: offices, counters, sectors, procedures, and the addresses on the posters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.installation import data_option, open_installation

if TYPE_CHECKING:
    from survey.places import Counter
    from survey.store.places import Link


@click.group(epilog="Example: hailong place list")
def command() -> None:
    """Load, list and change offices, counters, sectors and procedures."""


@command.command(epilog="Example: hailong place load places.toml")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def load(file: Path, data: Path | None) -> None:
    """Make the stored places equal to FILE, whole or not at all.

    A new counter gets a poster address. A counter that is no longer in FILE is closed and its
    addresses and tablets are revoked; answers that were given there stay.
    """
    from survey.installed import check_counters, installed_questionnaires
    from survey.places import load_places
    from survey.store import places as store
    from survey.store.views import publish

    places = load_places(file)
    with open_installation(data) as installation:
        questionnaires = installed_questionnaires(installation.config)
        check_counters(places, questionnaires)
        # A counter may be the first to ask a version that came after the set-up.
        publish(installation.engine, questionnaires.values())
        before = {counter.id for counter in store.load_places(installation.engine).counter}
        store.save_places(installation.engine, places, installation.today)
    after = {counter.id for counter in places.counter}
    click.echo(
        f"{len(places.office)} offices, {len(places.counter)} counters, {len(places.sector)} "
        f"sectors, {len(places.procedure)} procedures"
    )
    _tell("new counters, print their posters (hailong poster)", after - before)
    _tell("closed counters, take their posters down", before - after)


def _tell(what: str, counters: set[str]) -> None:
    if counters:
        click.echo(f"{what}: {', '.join(sorted(counters))}")


@command.command("list", epilog="Example: hailong place list")
@data_option
def list_(data: Path | None) -> None:
    """Show every counter with its office, questionnaire, sectors and addresses in use."""
    from survey.links import respond_url
    from survey.store.places import load_places, open_desks

    with open_installation(data) as installation:
        places = load_places(installation.engine)
        posters = open_desks(installation.engine, "poster")
        base_url = installation.config.base_url
    for counter in places.counter:
        click.echo(_line(counter))
        for desk in posters:
            if desk.counter.id == counter.id:
                _show_link(desk.link, respond_url(base_url, desk.link.code))


def _line(counter: Counter) -> str:
    sectors = ", ".join(counter.sectors) or "no sector"
    return f"{counter.id}\t{counter.name.vi}\t{counter.office}\t{counter.questionnaire}\t{sectors}"


def _show_link(link: Link, url: str) -> None:
    click.echo(f"  {link.channel}\t{link.code}\tsince {link.created_on}\t{url}")


@command.command(epilog="Example: hailong place show > places.toml")
@data_option
def show(data: Path | None) -> None:
    """Print the stored places as a file that can be edited and loaded again."""
    from survey.places_file import write_places
    from survey.store.places import load_places

    with open_installation(data) as installation:
        click.echo(write_places(load_places(installation.engine)), nl=False)


@command.command("add-link", epilog="Example: hailong place add-link quay-1")
@click.argument("counter")
@data_option
def add_link(counter: str, data: Path | None) -> None:
    """Make another poster address of COUNTER; the old one keeps working until it is revoked."""
    from survey.links import respond_url
    from survey.store import places as store

    with open_installation(data) as installation:
        link = store.add_link(installation.engine, counter, "poster", installation.today)
        click.echo(f"{link.code}\t{respond_url(installation.config.base_url, link.code)}")


@command.command(epilog="Example: hailong place revoke k7m49qxp")
@click.argument("code")
@data_option
def revoke(code: str, data: Path | None) -> None:
    """Take the address with this CODE out of use: who scans it is told to ask at the counter."""
    from survey.links import typed_code
    from survey.store.places import revoke_link

    with open_installation(data) as installation:
        revoke_link(installation.engine, typed_code(code), installation.today)
    click.echo(f"{typed_code(code)} is out of use")
