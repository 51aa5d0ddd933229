"""The data folder of an office: its settings, signing key, places and targets."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from survey.config import SETTINGS_FILE, create_secret, write_settings
from survey.files import make_folder, make_private, write_whole

PLACES_FILE: Final = "places.toml"
TARGETS_FILE: Final = "targets.toml"
STAGE: Final = ".setup-"
"""How the folders begin in which an office is made before it lands."""


def prepare_folder(
    folder: Path,
    *,
    base_url: str | None = None,
    database_url: str | None = None,
    simulated: bool = False,
) -> None:
    """Make the folder with its settings, signing key, places and targets; keep what is there.

    A setting that is given replaces the folder's. Each file is there whole or not at all.
    """
    make_folder(folder)
    (folder / "questionnaires").mkdir(exist_ok=True)
    create_secret(folder)
    given = {"base_url": base_url, "database_url": database_url}
    values: dict[str, str | int | bool] = {name: text for name, text in given.items() if text}
    if not (folder / SETTINGS_FILE).exists():
        write_settings(folder, **values, **({"simulated": True} if simulated else {}))
    elif values:
        write_settings(folder, **values)
    for package, name in (("survey", PLACES_FILE), ("analysis", TARGETS_FILE)):
        if not (folder / name).exists():
            write_whole(folder / name, (files(package) / "data" / name).read_bytes())
    make_private(folder)
