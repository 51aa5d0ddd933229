"""What commands share: the option `--period`, also in words, and the installation they work on.

Here, and in web/, the clock is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey.commands.saying import language, words
from survey.config import Config, load_config
from survey.errors import HailongError, NotSetUp, unwritable
from survey.files import write_whole
from survey.told import in_language, sentence

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from analysis.period import Period
    from survey.store.staff_actions import By


def read_period(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Period | None:
    """Read '2026-10', '10/2026', 'tháng 10/2026', 'Quý IV/2026'; None where nothing is given."""
    from analysis.errors import PeriodError
    from analysis.period import written_period

    try:
        return None if value is None else written_period(value)
    except PeriodError as error:
        raise click.BadParameter(in_language(error.args[0], language())) from error


period_option = click.option(
    "--period",
    required=True,
    callback=read_period,
    metavar="P",
    help="10/2026, 2026-10, 2026-Q4, 2026-H2, 2026 or 12m:2026-10.",
)


def read_day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """Read '2027-12-31'; None where nothing is given."""
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError as error:
        raise click.BadParameter(words("out.no_day", day=value)) from error


def read_months(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> frozenset[str]:
    """Read single months, each as `read_period` does; return them as 'YYYY-MM'."""
    months: set[str] = set()
    for text in given:
        period = read_period(ctx, param, text)
        if period is None or len(period.months) != 1:
            raise click.BadParameter(words("dossiers.not_month", period=text))
        months.update(period.months)
    return frozenset(months)


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

    @property
    def by(self) -> By:
        """Who acts, for the log: the command line."""
        from survey.store.staff_actions import By

        return By(None, self.now)


@contextmanager
def open_installation(data: Path | None) -> Iterator[Installation]:
    """Open a data folder that is set up and close its database afterwards.

    Raises ConfigError, NotSetUp or StoreError, each with its remedy.
    """
    from survey.store import open_engine, require_set_up

    config = require_folder(finished(load_config(data)))
    engine = open_engine(config.database_url)
    try:
        require_set_up(engine)
        yield Installation(config, engine, config.now())
    finally:
        engine.dispose()


def finished(config: Config) -> Config:
    """Finish first what was cut while an office was put in place there."""
    from survey.setup.folder import STAGE

    if not any(config.data.glob(f"{STAGE}*")):
        return config
    from survey.setup.landing import land_what_is_whole

    return load_config(config.data) if land_what_is_whole(config) else config


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


def write_out(file: Path, content: str | bytes) -> None:
    """Write a file that was asked for, whole or not at all. Raises HailongError with the remedy."""
    try:
        write_whole(file, content)
    except OSError as error:
        raise HailongError(unwritable(file, error)) from error


def print_out(text: str, file: Path | None) -> None:
    """Print a text, or write it into the file that was asked for. Raises as `write_out`."""
    if file is None:
        click.echo(text, nl=False)
    else:
        write_out(file, text)
