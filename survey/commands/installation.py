"""Opens the installation that a command works on; here, and in web/, the clock is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.commands.saying import words
from survey.config import Config, load_config
from survey.errors import NotSetUp
from survey.told import sentence

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings, database and the moment at the office."""

    config: Config
    engine: Engine
    now: datetime

    @property
    def today(self) -> date:
        """The date at the office."""
        return self.now.date()


@contextmanager
def open_installation(data: Path | None) -> Iterator[Installation]:
    """Open a data folder that is set up and close its database afterwards.

    Raises ConfigError, NotSetUp or StoreError, each with its remedy.
    """
    from survey.store import open_engine, require_set_up

    config = require_folder(load_config(data))
    engine = open_engine(config.database_url)
    try:
        require_set_up(engine)
        yield Installation(config, engine, datetime.now(config.zone))
    finally:
        engine.dispose()


def require_folder(config: Config) -> Config:
    """Raise NotSetUp where the data folder, or the SQLite file that it should hold, is missing.

    Nothing is made here: a file made by a mistaken command would be taken for an installation.
    """
    if not config.data.is_dir():
        raise NotSetUp(sentence("setup.no_folder", folder=config.data.absolute()))
    file = config.database_file
    if file is not None and not file.exists():
        raise NotSetUp(sentence("setup.no_file", file=file, folder=config.data.absolute()))
    return config


def out_file(_context: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a file in a folder that is not there, before the work and not after it."""
    if value is not None and not value.absolute().parent.is_dir():
        raise click.BadParameter(words("out.no_folder", file=value, folder=value.parent))
    return value


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option that names the data folder."""
    return click.option(
        "--data",
        metavar="DIR",
        type=click.Path(file_okay=False, path_type=Path),
        help="The data folder (default: HAILONG_DATA, or hailong-data here).",
    )(command)
