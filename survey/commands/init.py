"""`hailong init`: makes a data folder and its database ready, or brings them up to date."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from pathlib import Path

import click

from survey.commands.installation import data_option
from survey.config import Config

PLACES_FILE = "places.toml"
TARGETS_FILE = "targets.toml"


@click.command(epilog="Example: hailong init --data office --places places.toml")
@data_option
@click.option(
    "--places",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Offices, counters, sectors and procedures (default: the shipped commune).",
)
@click.option("--base-url", metavar="URL", help="The address that citizens' phones reach.")
def command(data: Path | None, places: Path | None, base_url: str | None) -> None:
    """Set up the data folder and the database; run again, it upgrades and keeps everything."""
    from survey.config import load_config
    from survey.places import load_places

    if places is not None:
        load_places(places)  # refused before anything is written
    folder = load_config(data, base_url=base_url).data  # a wrong address is refused before all
    prepare_folder(folder, places, base_url=base_url)
    config = load_config(data)
    prepare_database(config, replace_places=places is not None)
    click.echo(f"ready: {config.data.absolute()}")
    click.echo("next: hailong user add NAME; hailong poster; hailong serve")


def prepare_folder(
    folder: Path,
    places: Path | None = None,
    *,
    base_url: str | None = None,
    simulated: bool = False,
) -> None:
    """Make the folder with its settings, signing key, places and targets; keep what is there.

    A ``places`` file given replaces the folder's.
    """
    from survey.config import SETTINGS_FILE, create_secret, write_settings

    (folder / "questionnaires").mkdir(parents=True, exist_ok=True)
    create_secret(folder)
    if not (folder / SETTINGS_FILE).exists():
        values: dict[str, str | int | bool] = {"base_url": base_url} if base_url else {}
        write_settings(folder, **values, **({"simulated": True} if simulated else {}))
    for package, name in (("survey", PLACES_FILE), ("analysis", TARGETS_FILE)):
        if not (folder / name).exists():
            (folder / name).write_bytes((files(package) / "data" / name).read_bytes())
    if places is not None:
        (folder / PLACES_FILE).write_bytes(places.read_bytes())


def prepare_database(config: Config, *, replace_places: bool = False) -> None:
    """Bring the database to the newest revision, publish questionnaires, load the first places.

    Raises StoreError where a published questionnaire has changed, PlacesError where the folder's
    places file is wrong.
    """
    from survey.installed import check_counters, installed_questionnaires
    from survey.places import load_places
    from survey.store import open_engine
    from survey.store.migrate import upgrade
    from survey.store.places import has_places, save_places
    from survey.store.views import publish

    questionnaires = installed_questionnaires(config)
    engine = open_engine(config.database_url)
    upgrade(engine)
    publish(engine, questionnaires.values())
    if replace_places or not has_places(engine):
        places = load_places(config.data / PLACES_FILE)
        check_counters(places, questionnaires)
        save_places(engine, places, datetime.now(config.zone).date())
    engine.dispose()
