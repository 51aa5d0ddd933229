"""`hailong init`: makes a data folder and its database ready, or brings them up to date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.commands.options import data_option, finished
from survey.commands.saying import say
from survey.config import Config, file_settings, shown_url, sqlite_url, without_password
from survey.errors import ConfigError
from survey.files import write_whole
from survey.setup.folder import PLACES_FILE, prepare_folder
from survey.told import sentence

if TYPE_CHECKING:
    from survey.places import Places


@click.command(epilog="Example: hailong init --data office --places places.toml")
@data_option
@click.option(
    "--places",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Offices, counters, sectors and procedures (default: the shipped commune).",
)
@click.option("--base-url", metavar="URL", help="The address that citizens' phones reach.")
@click.option("--yes", is_flag=True, help="Close what is no longer in --places without asking.")
def command(data: Path | None, places: Path | None, base_url: str | None, yes: bool) -> None:
    """Set up the data folder and the database; run again, it upgrades and keeps everything.

    Where it was stopped, by a full disk for example, run it again: it goes on from there.
    """
    from survey.config import load_config
    from survey.places import load_places

    given = load_places(places) if places is not None else None  # refused before anything is made
    finished(load_config(data))
    config = load_config(data, base_url=base_url)
    prepare_folder(config.data, base_url=base_url, database_url=lasting_address(config))
    config = load_config(data)
    prepare_database(config, given, yes=yes)
    if places is not None:
        write_whole(config.data / PLACES_FILE, places.read_bytes())
    say("setup.ready", folder=config.data.absolute(), database=shown_url(config.database_url))
    say("setup.next")


def lasting_address(config: Config) -> str | None:
    """The address of a database that was named outside, to be kept without its password.

    Without it, a command that misses the variable would look into another database. Raises
    ConfigError where the folder belongs to another one.
    """
    own, address = file_settings(config.data).get("database_url"), without_password
    if own is not None:
        if address(own)[0] == address(config.database_url)[0]:
            return None
        words = {"own": shown_url(own), "given": shown_url(config.database_url)}
        raise ConfigError(sentence("setup.other_database", folder=config.data, **words))
    default = sqlite_url(config.data)
    if config.database_url == default:
        return None
    file = replace(config, database_url=default).database_file
    if file is not None and file.exists():
        words = {"own": str(file), "given": shown_url(config.database_url)}
        raise ConfigError(sentence("setup.other_database", folder=config.data, **words))
    return address(config.database_url)[0]


def prepare_database(config: Config, given: Places | None = None, *, yes: bool = False) -> None:
    """Bring the database to the newest revision, publish questionnaires, load the first places.

    `given` places are loaded into a database that has some, too. Raises StoreError where a
    published questionnaire has changed or the database cannot be written, PlacesError where the
    folder's places file is wrong.
    """
    from survey.commands.place import put_places
    from survey.daily import backup_before_upgrade
    from survey.places import installed_questionnaires, load_places
    from survey.store import open_engine, refusals
    from survey.store.migrate import upgrade
    from survey.store.places import has_places
    from survey.store.views import publish

    questionnaires = installed_questionnaires(config)
    engine, now = open_engine(config.database_url), config.now()
    try:
        with refusals(engine):
            kept = backup_before_upgrade(config, engine, now)
            if kept is not None:
                say("setup.kept", file=kept)
            upgrade(engine)
            publish(engine, questionnaires.values())
            if given is not None or not has_places(engine):
                places = given or load_places(config.data / PLACES_FILE)
                put_places(config, engine, places, now.date(), yes=yes)
    finally:
        engine.dispose()
