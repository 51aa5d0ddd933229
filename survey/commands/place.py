"""`hailong place`: offices, counters, sectors, procedures, and the addresses on the posters."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, open_installation
from survey.commands.saying import agree, echo, say, words
from survey.config import Config
from survey.errors import HailongError
from survey.places import KINDS, Places, PlacesChange, compare
from survey.told import sentence

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

    from survey.places import Counter, Office
    from survey.store.places import Link


@click.group(epilog="Example: hailong place list")
def command() -> None:
    """Load, list and change offices, counters, sectors and procedures."""


@command.command(epilog="Example: hailong place load places.toml")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Close what is no longer in FILE without asking.")
@click.option(
    "--new-office", is_flag=True, help="The office that appears is not the one that goes."
)
@data_option
def load(file: Path, yes: bool, new_office: bool, data: Path | None) -> None:
    """Make the stored places equal to FILE, whole or not at all.

    What FILE closes is shown first, and asked about. A new counter gets a poster address. A
    counter that is no longer in FILE is closed: its addresses and tablets are out of use until it
    is in a file again; answers that were given there stay. An id that changes is told by  was.
    Where one office goes and one comes, FILE must tell whether it is the same.
    """
    from survey.places import load_places

    places = load_places(file)
    with open_installation(data) as installation:
        config = installation.config
        meant = {"yes": yes, "new_office": new_office}
        put_places(config, installation.engine, places, installation.today, **meant)
    numbers = {kind: len(getattr(places, kind)) for kind in (*KINDS, "procedure")}
    echo(sentence("places.loaded", **numbers))


def put_places(
    config: Config,
    engine: Engine,
    places: Places,
    today: date,
    *,
    yes: bool,
    new_office: bool = False,
) -> None:
    """Store places after saying what becomes of those before, and asking where any is closed.

    Raises HailongError where the answer is no, and where an office may have got another id without
    its file saying so: its answers would stand under two. Nothing has changed then.
    """
    from survey.places import check_counters, find_worries, installed_questionnaires
    from survey.store.places import load_closed, load_places, save_places
    from survey.store.views import publish

    questionnaires = installed_questionnaires(config)
    check_counters(places, questionnaires)
    before = load_places(engine)
    changes = compare(before, load_closed(engine), places)
    if before.office:  # to a new office nothing has changed
        for change in changes:
            _tell(change)
    if not new_office:
        _refuse_second_office(changes)
    if any(change.gone for change in changes) and not yes and not agree("places.close_them"):
        raise HailongError(sentence("places.unchanged"))
    # A counter may be the first to ask a version that came after the set-up.
    publish(engine, questionnaires.values())
    save_places(engine, places, today)
    for worry in find_worries(config, places, questionnaires):
        echo(sentence("worries.warning", what=worry.said), err=True)


def _refuse_second_office(changes: Iterable[PlacesChange]) -> None:
    """Of one office that goes and one that comes, nobody but the file can tell what they are."""
    for change in changes:
        if change.kind == "office" and len(change.gone) == len(change.new) == 1:
            ids = {"was": change.gone[0], "id": change.new[0]}
            raise HailongError(sentence("places.same_office", **ids))


def _tell(change: PlacesChange) -> None:
    for what in ("new", "gone", "back"):
        ids = getattr(change, what)
        if ids:
            say(f"places.{what}_{change.kind}", ids=", ".join(ids))
    for was, id_ in change.renamed:
        say(f"places.renamed_{change.kind}", was=was, id=id_)
    if change.new and change.gone:
        was, id_ = _likely_same(change)
        say("places.same", kind=change.kind, was=was, id=id_)


def _likely_same(change: PlacesChange) -> tuple[str, str]:
    """Of what goes and what comes two that may be one: first of all a counter that moved."""
    for was, id_ in product(change.gone, change.new):
        if change.kind == "counter" and was.partition("/")[2] == id_.partition("/")[2]:
            return was, id_
    return change.gone[0], change.new[0]


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
            if desk.counter.full_id == counter.full_id:
                _show_link(desk.link, respond_url(base_url, desk.link.code))


def _line(counter: Counter) -> str:
    sectors = ", ".join(counter.sectors) or words("places.no_sector")
    return f"{counter.id}\t{counter.name.vi}\t{counter.office}\t{counter.questionnaire}\t{sectors}"


def _show_link(link: Link, url: str) -> None:
    since = words("places.since", day=link.created_on)
    click.echo(f"  {link.channel}\t{link.code}\t{since}\t{url}")


@command.command(epilog="Example: hailong place show > places.toml")
@data_option
def show(data: Path | None) -> None:
    """Print the stored places as a file that can be edited and loaded again."""
    from survey.places import write_places
    from survey.store.places import load_places

    with open_installation(data) as installation:
        click.echo(write_places(load_places(installation.engine)), nl=False)


@command.command(epilog='Example: hailong place hours trieu-son "Mon-Sat 07:00-11:30 13:30-17:00"')
@click.argument("office")
@click.argument("hours", required=False)
@click.option("--as-above", is_flag=True, help="Take its own hours back.")
@data_option
def hours(office: str, hours: str | None, as_above: bool, data: Path | None) -> None:
    """Show the opening hours of OFFICE and whose they are, or give it HOURS of its own.

    Without hours of its own it has those of the office above it.
    """
    from survey.office_settings import set_hours
    from survey.store.inherited import hours_of

    if hours is not None and as_above:
        raise HailongError(sentence("places.hours_two"))
    with open_installation(data) as installation:
        engine = installation.engine
        found = _office(engine, office)
        if hours is not None or as_above:
            set_hours(engine, found, hours, installation.today, installation.by)
        held = hours_of(engine, [office], installation.config.opening_hours)[office]
    whose = "own" if held.office == office else "above" if held.office else "whole"
    say(f"places.hours_{whose}", office=office, above=held.office or "", hours=held.text)


@command.command(epilog="Example: hailong place logo trieu-son huy-hieu.png")
@click.argument("office")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--as-above", is_flag=True, help="Take its own logo back.")
@data_option
def logo(office: str, file: Path | None, as_above: bool, data: Path | None) -> None:
    """Make the PNG or JPG picture in FILE the logo of OFFICE on its posters.

    Without its own it has that of the office above it.
    """
    from survey.logos import set_logo

    if (file is None) is not as_above:
        raise HailongError(sentence("logo.one_of"))
    try:
        content = None if file is None else file.read_bytes()
    except OSError as error:
        why = error.strerror or error
        raise HailongError(sentence("logo.no_file", file=file, why=why)) from error
    with open_installation(data) as installation:
        engine, folder = installation.engine, installation.config.data
        set_logo(folder, engine, _office(engine, office), content, installation.by)
    say("logo.inherited" if as_above else "logo.set", office=office)


def _office(engine: Engine, office: str) -> Office:
    """The office of this id. Raises HailongError with the ids to choose from."""
    from survey.store.places import load_places

    offices = load_places(engine).office
    found = next((one for one in offices if one.id == office), None)
    if found is None:
        known = ", ".join(one.id for one in offices)
        raise HailongError(sentence("places.no_office", office=office, known=known))
    return found


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
    say("places.revoked", code=typed_code(code))
