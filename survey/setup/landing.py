"""An office that lands in its data folder whole or not at all, also where the process is killed.

It is made beside, on a stage inside the folder. What is whole there is put in place, the database
last: an office is there once its database is. Where that was cut, the next start goes on.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from survey.backups import DATABASE, FILES, READ, Backup, check_backup
from survey.config import (
    SECRET_FILE,
    Config,
    file_settings,
    forget_setting,
    sqlite_url,
    without_password,
    write_settings,
)
from survey.errors import NotSetUp
from survey.files import make_folder, make_private, whole, write_whole
from survey.places import check_counters, installed_questionnaires, write_places
from survey.setup.filled import Filled
from survey.setup.folder import PLACES_FILE, prepare_folder
from survey.store import open_engine, refusals
from survey.store.copies import load_database, opened
from survey.store.migrate import current_revision, upgrade
from survey.store.places import save_places
from survey.store.staff import add_staff
from survey.store.staff_actions import By
from survey.store.views import publish
from survey.told import sentence
from survey.turns import turn

_STAGE: Final = ".setup-"
_WHOLE: Final = "whole"
_TURN: Final = "setup.turn"


def is_new(config: Config) -> bool:
    """Whether nothing of an office is there: neither its database, nor its key, nor its places.

    A folder that has lost its database alone is not new: it wants its backup. Raises StoreError
    where the database cannot be asked.
    """
    names = (SECRET_FILE, PLACES_FILE)
    return not any((config.data / name).exists() for name in names) and not _has_database(config)


def _has_database(config: Config) -> bool:
    file = config.database_file
    if file is not None:
        return file.exists()
    engine = open_engine(config.database_url)
    try:
        with refusals(engine):
            return current_revision(engine) is not None
    finally:
        engine.dispose()


def land_what_is_whole(config: Config) -> None:
    """Finish what an earlier set-up had made whole when it was cut; forget what it had not."""
    stages = list(config.data.glob(f"{_STAGE}*"))
    if not stages:
        return
    with turn(config.data / _TURN) as mine:
        for stage in stages if mine else ():
            if (stage / _WHOLE).exists() and not _has_database(config):
                _land(config, stage)
            shutil.rmtree(stage, ignore_errors=True)


def found_office(config: Config, filled: Filled, now: datetime) -> None:
    """Make the office that was filled in, with its administrator, in a folder that is new.

    Raises HailongError, and leaves everything as it was, where an office is there already or
    something of this one is refused.
    """
    with _stage(config) as stage:
        _make_folder(config, stage / READ / FILES, filled)
        _make_database(config, stage / READ / DATABASE, filled, now)


def _make_folder(config: Config, folder: Path, filled: Filled) -> None:
    prepare_folder(folder)
    write_settings(folder, **file_settings(config.data), **_database_setting(config))
    write_settings(folder, **filled.settings(config.trusted_proxies))
    write_whole(folder / PLACES_FILE, write_places(filled.places()))


def _database_setting(config: Config) -> dict[str, str]:
    """What the settings must say of a database that was named outside; no password."""
    if config.database_url == sqlite_url(config.data):
        return {}
    return {"database_url": without_password(config.database_url)[0]}


def _make_database(config: Config, file: Path, filled: Filled, now: datetime) -> None:
    places, questionnaires = filled.places(), installed_questionnaires(config)
    check_counters(places, questionnaires)
    with opened(file) as engine, refusals(engine):
        upgrade(engine)
        publish(engine, questionnaires.values())
        save_places(engine, places, now.date())
        by = By(filled.account.name, now)
        add_staff(engine, filled.account.name, filled.account.password, now.date(), by=by)


@dataclass(frozen=True, slots=True)
class Found:
    """A backup that was read whole, and the address on the posters of its office."""

    backup: Backup
    base_url: str | None


def look_at_backup(config: Config, file: Path) -> Found:
    """Read a backup whole, without keeping anything of it. Raises HailongError for no sound one."""
    make_folder(config.data)
    with tempfile.TemporaryDirectory(prefix=".look-", dir=config.data) as place:
        found = check_backup(file, Path(place))
        settings = file_settings(Path(place) / READ / FILES)
    return Found(found, settings.get("base_url"))


def restore_office(config: Config, file: Path) -> Backup:
    """Make a new folder the office that a backup holds, for the database of these settings.

    Raises HailongError, and leaves everything as it was, where an office is there already or the
    backup is not sound.
    """
    with _stage(config) as stage:
        found = check_backup(file, stage)
        folder = stage / READ / FILES
        prepare_folder(folder)  # with what an older backup had not
        forget_setting(folder, "database_url")
        own = file_settings(config.data) | _database_setting(config)
        if own:
            write_settings(folder, **own)
        restored = installed_questionnaires(replace(config, data=folder))
        with opened(stage / READ / DATABASE) as engine, refusals(engine):
            upgrade(engine)
            publish(engine, restored.values())
    return found


@contextmanager
def _stage(config: Config) -> Iterator[Path]:
    """An empty folder; what is made in it lands when that is done. One set-up at a time."""
    make_folder(config.data)
    with turn(config.data / _TURN) as mine:
        if not mine or not is_new(config):
            raise NotSetUp(sentence("setup.occupied", folder=config.data.absolute()))
        stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=config.data))
        try:
            yield stage
            write_whole(stage / _WHOLE, "")
            _land_or_leave(config, stage)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _land_or_leave(config: Config, stage: Path) -> None:
    """Put everything in place; where something is refused, put the folder back as it was."""
    before = {
        path: path.read_bytes() if path.exists() else None for path, _ in _moves(config, stage)
    }
    try:
        _land(config, stage)
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, content)
        raise


def _moves(config: Config, stage: Path) -> list[tuple[Path, Path]]:
    """Each file of the office: where it shall be, and where it is."""
    made = stage / READ / FILES
    found = sorted(path for path in made.rglob("*") if path.is_file())
    return [(config.data / path.relative_to(made), path) for path in found]


def _land(config: Config, stage: Path) -> None:
    """Put everything in place, the database last. Done twice, it changes nothing."""
    for to, made in _moves(config, stage):
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(to, made.read_bytes())
    (config.data / "questionnaires").mkdir(exist_ok=True)
    make_private(config.data)
    _put_database(config, stage / READ / DATABASE)


def _put_database(config: Config, made: Path) -> None:
    file = config.database_file
    if file is not None:
        with whole(file) as part:
            shutil.copyfile(made, part)
        return
    engine = open_engine(config.database_url)
    try:
        with refusals(engine):
            load_database(made, engine, replace=False)
    finally:
        engine.dispose()
